"""Which points a study has, and what their ids depend on."""

import importlib.util
import sys

import numpy as np
import pytest
from brian2 import amp, mvolt, volt

from brianmem import Study
from brianmem.errors import StudyError, UnitError
from brianmem.study.table import from_table, to_table
from tests.unit import study_runs

MODULE = '''"""A run."""
from helper_model import gain


def main(a=1, device="", seed=0):
    # a comment
    return gain(a)
'''
DEVICE = '''
from brian2 import kohm, ohm, volt
from brianmem import Device
mine = Device("mine", equations="""dx/dt = RATE*v/(volt*second) : 1
I = v*(x/R_on + (1 - x)/R_off) : amp""", parameters={"R_on": 1*kohm, "R_off": 9*kohm},
bounds={"x": (0, 1)}, initial={"x": 0.5}, description="Positive voltage SETs. A test.")
'''


def ids(**arguments):
    return [p.id for p in Study("s", study_runs.product, **arguments).points]


def load(folder, name="run_of_test"):
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def files(tmp_path):
    (tmp_path / "helper_model.py").write_text("def gain(a):\n    return 2*a\n")
    (tmp_path / "run_of_test.py").write_text(MODULE)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in ("helper_model", "run_of_test"):
        sys.modules.pop(name, None)


def id_of(folder, **fixed):
    return Study("s", load(folder), fixed=fixed).points[0].id


def test_ids_tell_values_units_and_seeds_apart_and_nothing_else():
    assert ids(grid={"v": [1*volt]}) == ids(grid={"v": [1000*mvolt]})
    different = [ids(grid={"v": [1*volt]}), ids(grid={"v": [1*amp]}), ids(grid={"v": [1.0]}),
                 ids(grid={"v": [1.0000000001*volt]}), ids(grid={"v": [1*volt]}, seeds=[0]),
                 ids(grid={"v": [1*volt]}, seeds=[1]), ids(grid={"a": [1]})]
    assert len({i[0] for i in different}) == len(different)
    assert len(set(ids(grid={"a": [1, 2]}, seeds=range(3)))) == 6


def test_ids_do_not_depend_on_order_name_or_neighbours():
    alone = ids(points=[{"a": 2, "v": 1*volt}])[0]
    assert alone in ids(grid={"v": [2*volt, 1*volt], "a": [1, 2, 3]})


def test_comments_and_docstrings_keep_ids(files):
    before = id_of(files, a=1)
    (files / "README.md").write_text("new")
    (files / "run_of_test.py").write_text(MODULE.replace("# a comment", "# another\n").replace(
        "A run.", "The run."))
    assert id_of(files, a=1) == before


@pytest.mark.parametrize(("file", "old", "new"), [("run_of_test.py", "gain(a)", "gain(a) + 0"),
                                                  ("run_of_test.py", "a=1", "a=2"),
                                                  ("helper_model.py", "2*a", "3*a")])
def test_edits_of_the_run_and_of_what_it_imports_change_ids(files, file, old, new):
    before = id_of(files, a=1)
    (files / file).write_text((files / file).read_text().replace(old, new))
    assert id_of(files, a=1) != before


def test_edits_of_equations_change_ids(files):
    path = files / "mine.py"
    path.write_text(DEVICE.replace("RATE", "2"))
    before = id_of(files, device=str(path))
    path.write_text(DEVICE.replace("RATE", "2") + "\n# a comment\n")
    assert id_of(files, device=str(path)) == before
    found = {before}
    for old, new in (("RATE", "3"), ("RATE", "1*2"), ("9*kohm", "8*kohm"), ("0.5", "0.4")):
        path.write_text(DEVICE.replace(old, new).replace("RATE", "2"))
        found.add(id_of(files, device=str(path)))
    assert len(found) == 5


def parameters(**arguments):
    return [p.parameters for p in Study("s", study_runs.product, **arguments).points]


def test_grid_is_a_product_with_seeds_innermost():
    found = parameters(grid={"a": [1, 2], "v": [1, 2]*volt}, seeds=[5, 6])
    assert [(p["a"], p["v"] / volt, p["seed"]) for p in found] == [
        (a, v, s) for a in (1, 2) for v in (1, 2) for s in (5, 6)]


def test_zipped_names_go_together_and_grids_unite():
    assert parameters(grid={("a", "v"): [(1, 1*volt), (2, 3*volt)]}) == [
        {"a": 1, "v": 1*volt}, {"a": 2, "v": 3*volt}]
    assert parameters(grid=[{"a": [1], "v": [1*volt]}, {"a": [2, 3]}]) == [
        {"a": 1, "v": 1*volt}, {"a": 2}, {"a": 3}]


def test_random_points_repeat_and_keep_to_their_range():
    draw = {"a": (1, 10), "v": (1e-3*volt, 10*volt, "log")}
    found = parameters(random=draw, samples=400, random_seed=3)
    assert found == parameters(random=draw, samples=400, random_seed=3)
    a, v = np.array([p["a"] for p in found]), np.array([float(p["v"]) for p in found])
    assert set(a) == set(range(1, 10))
    assert abs(np.log10(v).mean() + 1) < 3 * 4 / np.sqrt(12 * 400)
    assert ((v >= 1e-3) & (v <= 10)).all()


@pytest.mark.parametrize(("arguments", "said"), [
    ({"grid": {"b": [1]}}, "takes no 'b'"), ({"grid": {"a": []}}, "no points"),
    ({"grid": {"a": 1}}, "must be a list"), ({"grid": {"a": [1, 1]}}, "given 2 times"),
    ({"grid": {"a": [1], ("a", "v"): [(1, 2)]}}, "twice"),
    ({"grid": {"a": [1]}, "points": [{}]}, "give one of"),
    ({"grid": {("a", "v"): [(1, 2, 3)]}}, "tuple of 2"), ({"random": {"a": (2, 1)}, "samples": 3},
     "low < high"), ({"random": {"a": (1, 2)}}, "samples"), ({"points": [3]}, "dicts"),
    ({"grid": {"a": [object()]}}, "no lasting description"),
    ({"grid": {"a": range(10**4), "v": range(10**4)}}, "1e+08")])
def test_wrong_definitions_are_refused(arguments, said):
    with pytest.raises(StudyError, match=said.replace("+", r"\+")):
        Study("s", study_runs.product, **arguments).points


def test_units_of_a_random_range_must_agree():
    with pytest.raises(UnitError, match="high must be in volt"):
        Study("s", study_runs.product, random={"v": (1*volt, 2*amp)}, samples=2).points


def test_points_survive_their_table():
    points = Study("s", study_runs.product, points=[
        {"a": 0.1, "v": 0.3*volt}, {"a": 2}, {"a": None, "v": 1.5}], seeds=[1, 2]).points
    again = from_table(to_table(points))
    assert [(p.id, p.parameters) for p in again] == [(p.id, p.parameters) for p in points]
    assert type(again[0].parameters["v"]) is type(0.3*volt)
