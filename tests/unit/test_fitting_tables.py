"""Measured data as a user's instrument or spreadsheet writes them, and one line for each fault."""

import numpy as np
import pytest
from brian2 import amp, kelvin, mamp, second, siemens, volt
from brian2.units.fundamentalunits import get_dimensions

from brianmem import find
from brianmem.errors import DatasetError
from brianmem.fitting import COLUMNS, read_table
from brianmem.fitting.measurements import IVSweepData, PulseTrainData, RelaxationData
from brianmem.fitting.tables import as_table


@pytest.fixture(scope="module")
def memdiode():
    return find("memdiode")


@pytest.fixture
def write(tmp_path):
    def make(text, encoding="utf-8", name="data.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return make


@pytest.mark.parametrize("text", [
    "time (ms), voltage (V), current (mA)\n1,0.5,2\n2,1.0,3\n",
    "t [ms]\tV [V]\tI [mA]\n1\t0,5\t2\n2\t1,0\t3\n",
    "t/ms;U/V;I/mA\n1;0,5;2\n2;1,0;3\n;;\n",
    "# Keithley\n\n\"Time (ms)\",\"Voltage (V)\",\"Current (mA)\",\"note (?)\"\n"
    "1,.5,2,a\n# no\n2,1e0,3,b\n",
])
def test_headers_separators_and_decimal_commas(write, text):
    table = read_table(write(text))
    np.testing.assert_allclose(table.values("time"), [1e-3, 2e-3])
    np.testing.assert_allclose(table.values("voltage"), [0.5, 1])
    np.testing.assert_allclose(table.values("current"), [2e-3, 3e-3])
    assert get_dimensions(table.columns["current"]) is amp.dim
    assert len(table.digest) == 64


def test_micro_signs_of_old_instruments_and_a_byte_order_mark(write):
    for text, encoding in (("V (V),I (µA)\n1,2\n3,4\n", "latin-1"),
                           ("V (V),I (μA)\n1,2\n3,4\n", "utf-8-sig")):
        np.testing.assert_allclose(read_table(write(text, encoding)).values("current"), [2e-6, 4e-6])


@pytest.mark.parametrize("order", ["le", "be"])
def test_unicode_text_of_a_spreadsheet(write, order):
    text = "\ufefftime (s)\tvoltage (V)\n1\t0,5\n2\t0,7\n"
    table = read_table(write(text.encode(f"utf-16-{order}")))
    np.testing.assert_allclose(table.values("voltage"), [0.5, 0.7])


def test_columns_and_units_by_option(write):
    path = write("a,b,c\n1,10,7\n2,20,8\n")
    table = read_table(path, {"time": "1", "voltage": "b"}, {"time": "us", "voltage": "mV"})
    np.testing.assert_allclose(table.values("time"), [1e-6, 2e-6])
    np.testing.assert_allclose(table.values("voltage"), [0.01, 0.02])
    bare = write("1,10\n2,20\n")
    table = read_table(bare, {"time": 1, "voltage": 2}, {"time": "s", "voltage": "V"})
    np.testing.assert_allclose(table.values("voltage"), [10, 20])


def test_an_option_overrides_the_header(write):
    table = read_table(write("I (A),I2 (A)\n1,2\n3,4\n"), {"current": "2"}, {"current": "mA"})
    np.testing.assert_allclose(table.values("current"), [2e-3, 4e-3])


def test_celsius_and_kelvin(write):
    table = read_table(write("t (s),temperature (°C)\n1,85\n2,25\n"))
    np.testing.assert_allclose(table.values("temperature"), [358.15, 298.15])
    assert read_table(write("t (s),T (K)\n1,85\n2,25\n")).values("temperature")[0] == 85


FAULTS = [
    ("time (s),voltage (V)\n1,x\n", r"line 2, column 'voltage \(V\)': 'x' is not a number"),
    ("time (s),voltage (V)\n1,2\n\n3,nan\n", r"line 4, .*nan is no measurement. Delete"),
    ("time (s),voltage (V)\n1,2\n3,\n", r"line 3, column 'voltage \(V\)': empty. Fill"),
    ("time (s),voltage (V)\n1,2\n3\n", r"line 3, column 'voltage \(V\)': empty"),
    ("time (s),voltage (V)\n1,inf\n", r"inf is no measurement"),
    ("time (s),voltage (Vlt)\n1,2\n", r"'Vlt' is not a unit of voltage. Use for example"),
    ("time (s),voltage (s)\n1,2\n", r"'s' is not a unit of voltage"),
    ("time (s),voltage\n1,2\n", r"'voltage' states no unit. Write 'voltage \(volt\)', or say --units"),
    ("time (s),voltage (V)\n", r"a header, but no data"),
    ("", r"the file is empty"),
    ("# only\n", r"the file is empty"),
    ("a,b\n1,2\n", r"no column is understood \(a, b\). Add a header such as"),
    ("1,2\n3,4\n", r"no column is understood"),
    ("voltage (V)\n1\n", r"has one column. Separate columns by comma"),
    ("V (V),U (V)\n1,2\n", r"both are the voltage. Say which"),
    (b"\x00\x01\x02", r"not a text file"),
    (b"\xff\xfet", r"begins as UTF-16 text and does not go on so. Export"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_faults_name_file_place_and_remedy(write, text, message):
    path = write(text)
    with pytest.raises(DatasetError, match=message) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_missing_files_columns_and_options(write, tmp_path):
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_table(tmp_path)
    path = write("time (s),voltage (V)\n1,2\n3,4\n")
    with pytest.raises(DatasetError, match=r"no column 'current' \(found: time, voltage\)"):
        read_table(path).values("current")
    with pytest.raises(DatasetError, match="no column '7' for the current; there are 2"):
        read_table(path, {"current": "7"})
    with pytest.raises(DatasetError, match="no column is called 'curent'. Did you mean 'current'"):
        read_table(path, {"curent": "1"})


def test_arrays_with_units():
    table = as_table({"voltage": [1, 2]*volt, "current": [1, 2]*mamp})
    np.testing.assert_allclose(table.values("current"), [1e-3, 2e-3])
    assert as_table(table) is table
    for data, message in (
            ({}, "no columns"), ({"volt": [1]*volt}, "no column is called 'volt'"),
            ({"voltage": [1, 2]}, "must be in volt"),
            ({"voltage": [1, np.nan]*volt}, "row 2, column 'voltage': nan"),
            ({"voltage": [[1]]*volt}, "one dimension"),
            ({"voltage": [1, 2]*volt, "current": [1]*amp}, "different lengths")):
        with pytest.raises(DatasetError, match=message):
            as_table(data)


def _sweep(**changes):
    v = np.concatenate([np.linspace(0, 1, 10), np.linspace(0.9, 0, 9)])
    data = {"time": np.arange(19.)*second, "voltage": v*volt, "current": v*mamp}
    return as_table({k: q for k, q in {**data, **changes}.items() if q is not None})


def test_a_sweep_needs_a_time_or_its_rate(memdiode):
    with pytest.raises(DatasetError, match="no column 'time'. Say --period"):
        IVSweepData().task(memdiode, _sweep(time=None))
    by_rate = IVSweepData(rate=0.1*volt/second).task(memdiode, _sweep(time=None))
    assert by_rate.t[-1] == pytest.approx(20)
    by_period = IVSweepData(period=5*second).task(memdiode, _sweep(time=None))
    assert by_period.t[-1] == pytest.approx(5)


def test_sweeps_that_cannot_be_fitted(memdiode):
    back = np.arange(19.)
    back[5] = 3
    for table, message in (
            (_sweep(time=back*second), "row 6, column 'time': 3 s does not follow 4 s"),
            (_sweep(voltage=np.ones(19)*volt), "which is no sweep"),
            (_sweep(current=np.zeros(19)*amp), "the current is 0 throughout"),
            (as_table({k: q[:5] for k, q in _sweep().columns.items()}), "5 points are too few")):
        with pytest.raises(DatasetError, match=message):
            IVSweepData().task(memdiode, table)


def test_pulse_data_that_cannot_be_fitted(memdiode):
    g = np.linspace(1e-3, 2e-3, 12)*siemens
    for columns, message in (
            ({"conductance": -g}, "row 1, column 'conductance': -0.001 is not positive"),
            ({"conductance": g, "pulse": np.arange(12.)[::-1]}, "not the next whole number"),
            ({"conductance": g, "pulse": np.arange(12) + 0.5}, "not the next whole number"),
            ({"conductance": g}, "11 pulses cannot be half SET"),
            ({"conductance": g, "pulse": [*range(11), 1e8]}, "row 12, column 'pulse': 1e\\+08 pulses"),
            ({"pulse": np.arange(12)}, "no column 'conductance'"),
            ({"conductance": g, "amplitude": np.ones(12)*volt, "width": np.zeros(12)*second},
             "a pulse of width 0 s")):
        with pytest.raises(DatasetError, match=message):
            PulseTrainData().task(memdiode, as_table(columns))


def test_columns_of_pulses_say_what_was_applied(memdiode):
    g = np.linspace(1e-3, 2e-3, 7)*siemens
    table = as_table({"conductance": g, "amplitude": [0, 1, 1, 1, -2, -2, -2]*volt,
                      "width": [0, 1, 2, 1, 1, 1, 1]*second})
    task = PulseTrainData().task(memdiode, table)
    assert task.pulses == [(1, 1, None), (1, 2, None), (1, 1, None), *[(-2, 1, None)] * 3]


def test_resistance_and_current_become_conductance(memdiode):
    t = np.arange(1., 7)*second
    by_current = RelaxationData(read_voltage=0.2*volt).task(
        memdiode, as_table({"time": t, "current": np.full(6, 1e-3)*amp}))
    assert by_current.y == pytest.approx(np.full(6, 5e-3))
    by_resistance = RelaxationData().task(
        memdiode, as_table({"time": t, "resistance": np.full(6, 200.)*volt/amp}))
    assert by_resistance.y == pytest.approx(np.full(6, 5e-3))


def test_each_column_has_a_unit():
    assert COLUMNS["temperature"][0] is kelvin
    names = [n for _unit, names in COLUMNS.values() for n in names]
    assert len(set(names)) == len(names)


def test_long_records_are_thinned(memdiode):
    n = 100_000
    table = as_table({"time": np.arange(n)*second, "voltage": np.sin(np.arange(n) / 1e4)*volt,
                      "current": np.ones(n)*amp})
    task = IVSweepData(points=500).task(memdiode, table)
    assert len(task.t) == 2000
    assert len(task.y) == 500
