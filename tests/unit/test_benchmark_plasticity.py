"""The bookkeeping of benchmarks/plasticity.py, with a profile that is made up."""

import argparse
import importlib.util
from pathlib import Path

import pytest

from brianmem import plasticity

PATH = Path(__file__).parents[2] / "benchmarks" / "plasticity.py"


@pytest.fixture
def bench():
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
    assert rows["ideal_pair"]["traces"]["median"] == pytest.approx(2.0)  # us in each of 10 steps
    # The first pathway of a device only reads.
    assert "pre" not in rows["device_window"]
    shown = bench.table({"targets": {"numpy": rows}})
    assert "4.00 (2.00-6.00)" in shown


def test_every_rule_runs(bench):
    rules = {rule for rule in vars(plasticity).values() if isinstance(rule, type)
             and issubclass(rule, plasticity.Rule)
             and rule.__module__.endswith((".pairs", ".triplets", ".post_only"))}
    assert {type(rule) for rule in bench.RULES.values()} == rules
    names = {"plain", "device_pulse_rule", *(f"ideal_{name}" for name in bench.RULES)}
    assert names <= set(bench.contenders())
