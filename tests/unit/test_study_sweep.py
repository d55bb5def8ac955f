"""brianmem sweep and the figures of studies."""

import json
import sys

import numpy as np
import pytest
import xarray as xr

import brianmem.experiments
from brianmem import cli
from brianmem.errors import StudyError
from brianmem.plotting import studies
from brianmem.study.pool import Outcome
from brianmem.study.sensitivity import main_effects, sobol_indices, sobol_points

TOY = '''"""Claim: numbers add up."""
from typing import Literal
from brian2 import volt
from brianmem import Result

def main(a: int = 1, gain: float = 0.5, v=2*volt, mode: Literal["ok", "bad"] = "ok", seed: int = 0,
         resume: bool = False, out=None):
    if mode == "bad" and a == 2:
        raise ZeroDivisionError("no")
    if a == 99:
        raise KeyboardInterrupt
    return Result({}, metrics={"score": a*gain*float(v) + 0.1*seed, "a_again": a})
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """An experiment called toy, run in this process."""
    def inline(function, tasks, _jobs, _limit=None):
        for task in tasks:
            yield Outcome(task, function(task))

    monkeypatch.setattr("brianmem.study.execute.run_tasks", inline)
    folder = tmp_path / "experiments"
    folder.mkdir()
    (folder / "toy.py").write_text(TOY)
    monkeypatch.setattr(brianmem.experiments, "__path__", [str(folder)])
    monkeypatch.chdir(tmp_path)
    yield folder
    sys.modules.pop("brianmem.experiments.toy", None)


def call(capsys, *words):
    status = cli.main(list(words))
    out, err = capsys.readouterr()
    return status, out.splitlines(), err


def last(lines):
    return json.loads(lines[-1])


def test_sweep_runs_collects_and_says_so(toy, capsys):
    status, out, _ = call(capsys, "sweep", "toy", "--grid", "a=1,2", "--grid", "v=100mV,1 V",
                          "--seeds", "3", "--set", "gain=2", "--out", "s")
    assert (status, last(out)) == (0, {"folder": "s", "points": 12, "done": 12, "failed": 0, "left": 0})
    with xr.open_dataset("s/study.h5") as found:
        assert found.score.dims == ("a", "v", "seed")
        assert np.isclose(found.score.sel(a=2, v=0.1, seed=2), 2 * 2 * 0.1 + 0.2)


def test_ranges_are_spelt_as_in_measure(toy, capsys):
    assert call(capsys, "sweep", "toy", "--grid", "v=1mV:1V:4:log", "--grid", "a=1:3:3",
                "--out", "s")[0] == 0
    with xr.open_dataset("s/study.h5") as found:
        np.testing.assert_allclose(found.v, [1e-3, 1e-2, 1e-1, 1])
        assert list(found.a) == [1, 2, 3]


def test_failed_points_give_status_1_and_status_names_them(toy, capsys):
    words = ("sweep", "toy", "--grid", "a=1,2,3", "--set", "mode=bad", "--out", "s")
    status, out, err = call(capsys, *words)
    assert status == 1
    assert last(out)["failed"] == 1
    assert "failed: mode=bad, a=2: ZeroDivisionError: no" in err
    status, out, _ = call(capsys, "sweep", "status", "s")
    assert (status, last(out)["done"]) == (0, 2)
    assert "toy: 2 of 3 points done, 1 failed, 1 left" in out
    (toy / "toy.py").write_text("broken(")  # the folder alone is enough
    status, out, _ = call(capsys, "sweep", "collect", "s")
    assert (status, last(out)["dimensions"], last(out)["missing"]) == (0, {"a": 3}, 1)


@pytest.mark.parametrize("again", [("sweep", "resume", "s"), ("sweep", "--out", "s")])
def test_ctrl_c_says_how_to_go_on_and_the_folder_remembers(toy, capsys, again):
    status, _, err = call(capsys, "sweep", "toy", "--grid", "a=1,99,3", "--out", "s")
    assert (status, "continue with: brianmem sweep resume s" in err) == (130, True)
    (toy / "toy.py").write_text(TOY.replace("a == 99", "a == 98"))
    sys.modules.pop("brianmem.experiments.toy")
    status, out, _ = call(capsys, *again)
    assert (status, last(out)["done"]) == (0, 3)


@pytest.mark.parametrize(("words", "said"), [
    (["toy", "--grid", "b=1"], "no option 'b'"), (["toy", "--grid", "v=1A"], "--v must be in volt"),
    (["toy", "--grid", "a=1.5"], "whole number"), (["toy"], "--out DIR"),
    (["toi", "--grid", "a=1"], "Did you mean 'toy'"), (["toy", "--grid", "a"], "NAME=VALUE"),
    (["toy", "--grid", "mode=ok,worse"], "must be one of"), (["toy", "--seeds", "0"], "at least 1"),
    (["toy", "--random", "a=3"], "low:high"), (["toy", "--random", "a=1:5"], "samples"),
    (["toy", "--random", "mode=1:2"], "only numbers"), (["vteam"], "name a protocol"),
    (["vteam", "iv_swep", "--grid", "R_on=1ohm"], "Did you mean 'iv_sweep'"),
    (["vteam", "iv_sweep", "--grid", "R_on=1V"], "in ohm"), (["toy", "--jobs", "0"], "jobs"),
    (["toy", "--grid", "a=1", "--grid", "a=2"], "twice"), (["toy", "--search", "score"], "--trials"),
    (["--grid", "a=1"], "name the experiment too"), (["resume"], "name the folder")])
def test_bad_input_is_one_line_and_status_2(toy, capsys, words, said):
    status, out, err = call(capsys, "sweep", *words, *(["--out", "s"] * (words != ["toy"])))
    assert (status, out, err.count("\n")) == (2, [], 1)
    assert said in err


def test_a_protocol_is_swept_over_its_options_and_the_parameters_of_the_device(toy, capsys):
    status, out, _ = call(capsys, "sweep", "vteam", "iv_sweep", "--grid", "R_on=50ohm,100ohm",
                          "--grid", "cycles=1,2", "--out", "s")
    assert (status, last(out)["done"]) == (0, 4)
    with xr.open_dataset("s/study.h5") as found:
        assert found.maximum_current_A.dims == ("R_on", "cycles")


def test_figures_of_a_study(toy, capsys):
    call(capsys, "sweep", "toy", "--grid", "a=1,2", "--grid", "v=1V,2V", "--seeds", "2", "--out", "s")
    status, out, _ = call(capsys, "plot", "s", "--x", "v", "--y", "score", "--hue", "a")
    assert (status, out) == (0, ["s/score_v_a.png"])
    status, out, _ = call(capsys, "plot", "s", "--sensitivity", "score")
    assert (status, out) == (0, ["s/sensitivity_score.png"])
    for words, said in ((["--x", "w"], "no 'w'"), (["--y", "w"], "no 'w'"),
                        (["--x", "a", "--hue", "a"], "two parameters")):
        status, _, err = call(capsys, "plot", "s", *words)
        assert (status, said in err) == (2, True)


def test_a_line_is_the_mean_and_its_band_the_spread_over_seeds():
    values = np.array([[[1.0, 3.0], [5.0, 5.0]], [[2.0, 2.0], [0.0, 4.0]]])
    data = xr.Dataset({"y": (("h", "x", "seed"), values)},
                      coords={"h": [1, 2], "x": [10.0, 20.0], "seed": [0, 1]})
    axis = studies.sweep(data, x="x", y="y", hue="h").axes[0]
    assert [list(line.get_ydata()) for line in axis.lines] == [[2, 5], [2, 2]]
    band = axis.collections[1].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0, 4)


def test_main_effects_of_a_grid_are_those_of_the_analysis_of_variance():
    a, b = np.meshgrid([-1.0, 1.0], [-1.0, 0.0, 1.0], indexing="ij")
    data = xr.Dataset({"y": (("a", "b"), 3 * a + a * b)}, coords={"a": [-1, 1], "b": [-1, 0, 1]})
    found = main_effects(data, "y")
    within = 2 / 3  # variance of a*b, part of which the levels of a chance to explain
    expected = (9 - within * 6 / 4 * 1 / 6) / (9 + within)
    assert np.isclose(found["a"]["first"], expected)
    assert found["b"]["first"] == 0
    with pytest.raises(StudyError, match="nothing explains"):
        main_effects(data * 0, "y")


def test_sobol_indices_of_the_ishigami_function():
    pytest.importorskip("SALib")
    ranges = dict.fromkeys("abc", (-np.pi, np.pi))
    points = sobol_points(ranges, 1024, seed=1)
    a, b, c = (np.array([p[n] for p in points]) for n in "abc")
    y = np.sin(a) + 7 * np.sin(b)**2 + 0.1 * c**4 * np.sin(a)
    found = sobol_indices(xr.Dataset({"y": ("point", y)}), "y", list("abc"))
    for name, first, total in (("a", 0.3139, 0.5576), ("b", 0.4424, 0.4424), ("c", 0, 0.2437)):
        assert abs(found[name]["first"] - first) < 0.06
        assert abs(found[name]["total"] - total) < 0.06


def test_sobol_sweep_draws_and_draws_its_figure(toy, capsys):
    pytest.importorskip("SALib")
    status, out, _ = call(capsys, "sweep", "toy", "--random", "gain=0:1", "--random", "v=1V:2V:log",
                          "--samples", "8", "--sobol", "--out", "s")
    assert (status, last(out)["points"]) == (0, 32)
    assert call(capsys, "plot", "s", "--sensitivity", "score")[0] == 0
