"""The bookkeeping of benchmarks/plasticity.py, with a profile that is made up."""

import argparse
import importlib.util
import sys
from pathlib import Path

import pytest

from brianmem import plasticity

PATH = Path(__file__).parents[2] / "benchmarks" / "plasticity.py"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(PATH.parent)
    spec = importlib.util.spec_from_file_location("bench_plasticity", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Profiled:
    def __init__(self, slow):
        self.slow = slow

    def get_profiling_info(self):
        return [("plain_pre_codeobject", 1e-6), ("plain_post", 2e-6), ("ideal_pair_pre", 3e-6),
                ("ideal_pair_post", 4e-6 * self.slow), ("ideal_pair_pre_traces_stateupdater", 1e-5),
                ("ideal_pair_post_traces_spike_resetter", 1e-5), ("device_window_pre", 9.0),
                ("device_window_post", 6e-6), ("ideal_pair_nearest_pre_traces_stateupdater", 1.0)]


def test_times_become_costs_of_events_and_ratios_of_rounds(bench):
    args = argparse.Namespace(inputs=10, neurons=5, duration=0.005)
    made = dict.fromkeys(("plain", "ideal_pair", "device_window"))
    rounds = [bench.costs(Profiled(slow), made, [20, 10], args) for slow in (1, 2, 3)]
    rows = bench.summarise(rounds)
    assert rows["plain"]["pre"]["median"] == pytest.approx(10)
    assert rows["ideal_pair"]["pre_ratio"]["median"] == pytest.approx(3)
    assert rows["ideal_pair"]["post_ratio"] == pytest.approx({"median": 4, "min": 2, "max": 6})
    assert rows["ideal_pair"]["step"]["median"] == pytest.approx(2.0)  # us in each of 10 steps
    # The first pathway of a device only reads.
    assert "pre" not in rows["device_window"]
    shown = bench.table({"targets": {"numpy": rows}})
    assert "4.00 (2.00-6.00)" in shown


def test_errors_are_the_events_of_bp_stdp_and_what_goes_on_between_counts_apart(bench):
    class Taught(Profiled):
        def get_profiling_info(self):
            return [("ideal_bp_stdp_first_learn", 4e-6), ("ideal_bp_stdp_first_pre", 9.0),
                    ("ideal_bp_stdp_hidden_error_thresholder", 1e-5),
                    ("ideal_bp_stdp_hidden_spike_thresholder", 9.0),
                    ("device_rewarded_pair_program", 3e-5), ("device_rewarded_pair_change", 2e-6)]

    args = argparse.Namespace(inputs=10, neurons=5, duration=0.005)
    found = bench.costs(Taught(1), ["ideal_bp_stdp", "device_rewarded_pair"], [20, 10, 4], args)
    assert found["ideal_bp_stdp"] == pytest.approx({"post": 100, "step": 1})
    assert found["device_rewarded_pair"] == pytest.approx({"pre": 20, "step": 3})


def test_networks_are_compared_by_rounds(bench):
    networks = sys.modules["plasticity_networks"]
    rounds = {name: [{"ms_per_image": ms, "spikes_per_image": 4} for ms in times]
              for name, times in {"native": (2, 6, 3), "pulse_rule": (2, 4, 1)}.items()}
    found = networks.summarise(rounds)
    assert found["ratio"] == {"median": 1.5, "min": 1.0, "max": 3.0}
    assert "1.50 (1.00-3.00)" in networks.table({"yakopcic": found})


def test_every_rule_runs(bench):
    rules = {rule for rule in vars(plasticity).values() if isinstance(rule, type)
             and issubclass(rule, plasticity.Rule)
             and rule.__module__.endswith((".pairs", ".triplets", ".post_only"))}
    chosen = sys.modules["plasticity_rules"].RULES
    assert {type(rule) for rule in chosen.values()} == rules
    names = {"plain", "device_pulse_rule", "ideal_rewarded_pair", "device_rewarded_pair",
             "ideal_bp_stdp", *(f"{kind}_{name}" for name in chosen for kind in ("ideal", "device"))}
    assert names == set(bench.contenders())
