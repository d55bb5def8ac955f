"""Circuits as ngspice netlists and by scipy: what is written, closed forms, refusals."""

import shutil

import numpy as np
import pytest
from brian2 import (
    Function,
    TimedArray,
    amp,
    msecond,
    nsecond,
    second,
    usecond,
    volt,
)

from brianmem import Device, find
from brianmem.circuits import Circuit, crossings, ngspice
from brianmem.circuits.spice_expressions import translate
from brianmem.equations import compile_numpy
from brianmem.errors import CircuitError, UnitError

RC = "V1 in 0 1\nR1 in out 1k\nC1 out 0 1n"


def close(found, wanted, **options):
    np.testing.assert_allclose(np.asarray(found), wanted, **options)


def cards(circuit, **options):
    text = circuit.to_ngspice(duration=1*usecond, dt=1*nsecond, **options)
    return text.replace("\n+ ", " ").splitlines()


def test_reference_of_an_rc_follows_the_exponential():
    result = Circuit(RC).reference(5*usecond, n_points=51)
    t = np.asarray(result["t"])
    close(result["v_out"], 1 - np.exp(-t/1e-6), atol=1e-8)
    close(result["i_R1"], 1e-3*np.exp(-t/1e-6), atol=1e-11)
    assert {"v_in", "i_V1", "i_C1"} <= set(result)


def test_reference_takes_times_parameters_initial_and_record():
    result = Circuit(RC).reference(2*usecond, times=[0.5, 2]*usecond, record="i_R1", rtol=1e-6,
                                   parameters={"R1": 2000*volt/amp}, initial={"v_out": 0.5*volt})
    assert set(result) == {"t", "v_out", "i_R1"}
    close(result["v_out"], 1 - 0.5*np.exp([-0.25, -1]), rtol=1e-5)


@pytest.mark.parametrize("source", [
    "pulse(0 1 700u 1n 1n 10n)", "pwl(0 0 700u 0 700.001u 1 700.011u 1 700.012u 0)", "{stim(t)*volt}"])
def test_no_pulse_is_jumped_over(source):
    values = np.zeros(100_000)
    values[70_000] = 1.1
    given = {"stim": TimedArray(values, dt=10*nsecond)} if "stim" in source else {}
    circuit = Circuit(f"V1 in 0 {source}\nR1 in out 1k\nC1 out 0 1n", parameters=given)
    last = circuit.reference(1*msecond, times=[700.02]*usecond, record=[])["v_out"][-1]
    # 1 V for 11 ns (with both edges) into 1 us, then a decay of 3 to 4 ns short of nothing
    assert float(last) == pytest.approx(0.011, rel=0.03)


def test_a_timed_array_switches_at_its_own_steps():
    given = {"stim": TimedArray([0, 1, 0]*volt, dt=1*usecond)}
    circuit = Circuit("V1 in 0 {stim(t)}\nR1 in out 1k\nC1 out 0 1n", parameters=given)
    at_end = circuit.reference(2*usecond, n_points=3)["v_out"]
    close(at_end, [0, 0, 1 - np.exp(-1)], atol=1e-7)


def test_a_bound_holds_and_lets_go():
    ramp = Device("ramp", "dx/dt = v/volt*1e6/second : 1\nI = v*1e-3*siemens : amp", parameters={},
                  initial={"x": 0.5}, bounds={"x": (0, 1)})
    circuit = Circuit("V1 a 0 pulse(1 -1 1u 1n 1n 10u)\nX1 a 0 ramp", devices={"ramp": ramp})
    result = circuit.reference(2*usecond, times=[0.25, 1, 1.25]*usecond, record=[])
    close(result["X1_x"], [0.75, 1, 0.75075], atol=1e-6)  # 0 V at 1.0005 us


def test_a_divider_without_states_is_evaluated():
    found = Circuit("V1 a 0 {t/us*volt}\nR1 a b 1k\nR2 b 0 1k").reference(2*usecond, n_points=3)
    close(found["v_b"], [0, 0.5, 1])


@pytest.mark.parametrize(("options", "message"), [
    ({"method": "RK4"}, "unknown method"), ({"rtol": 0}, "rtol"), ({"n_points": 1}, "n_points"),
    ({"times": [3]*usecond}, "times must grow"), ({"record": "v_nowhere"}, "no 'v_nowhere'"),
    ({"record": "R1"}, "is a value"), ({"initial": {"v_in": 1*volt}}, "no state")])
def test_reference_refuses(options, message):
    with pytest.raises(CircuitError, match=message):
        Circuit(RC).reference(1*usecond, **options)


def test_reference_refuses_endless_pulses():
    circuit = Circuit("V1 a 0 pulse(0 1 0 1n 1n 1n 10n)\nR1 a b 1k\nC1 b 0 1n")
    with pytest.raises(CircuitError, match="too many"):
        circuit.reference(1*second)


def test_a_block_sees_what_an_earlier_block_solved():
    """The triangle's voltage is solved first; the divider at plus once forgot it."""
    circuit = Circuit("E1 top 0 in 0 10\nV1 in 0 1\nR1 top plus 1k\nR2 plus 0 1k")
    assert float(circuit.reference(1*second, n_points=2)["v_plus"][0]) == pytest.approx(5)


def test_a_current_may_feed_back_into_itself():
    circuit = Circuit("V1 in 0 1\nR1 in 0 1k\nC1 in out 1p\nF1 out 0 V1 0.5\nR2 out 0 1k")
    result = circuit.reference(1*usecond, n_points=2)
    balance = result["i_V1"] + result["i_R1"] + result["i_C1"]
    close(balance, 0, atol=1e-15)
    close(result["i_F1"], 0.5*np.asarray(result["i_V1"]))


def test_crossings_are_interpolated():
    close(crossings(np.arange(4.0), np.array([0, 1, 0, 4]), 0.5), [0.5, 2.125])


def test_linear_elements_are_written_natively():
    lines = cards(Circuit("""V1 a 0 sin(0 1 1k)
        R1 a b 1k
        C1 b 0 1n ic=0.5
        L1 b c 1m ic=1m
        R2 c 0 50
        I1 0 b 1m
        E1 e 0 b 0 2
        G1 e 0 b c 1m
        R3 e 0 1k
        F1 b 0 L1 0.1
        H1 h 0 V1 10
        R4 h 0 1k"""))
    assert {"R1 a b 1000.0", "C1 b 0 1e-09 ic=0.5", "L1 bm_to_L1 c 0.001 ic=0.001",
            "V1 bm_to_V1 0 SIN(0.0 1.0 1000.0)", "E1 e 0 b 0 2.0", "G1 e 0 b c 0.001",
            "F1 b 0 Vbm_i_L1 0.1", "H1 h 0 Vbm_i_V1 10.0", "Ibm_I1 0 b 0.001"} <= set(lines)


def test_values_and_start_are_those_of_the_call():
    lines = cards(Circuit(RC), parameters={"R1": 5*volt/amp}, initial={"v_out": 0.25*volt})
    assert "R1 in out 5.0" in lines
    assert "C1 out 0 1e-09 ic=0.25" in lines


def test_an_input_may_have_another_value():
    circuit = Circuit("I1 0 a {drive}\nR1 a 0 1k\nC1 a 0 1n", inputs={"drive": 1e-6*amp})
    found = circuit.reference(10*usecond, n_points=2, parameters={"drive": 2e-6*amp})["v_a"]
    assert float(found[-1]) == pytest.approx(2e-3, rel=1e-4)


SUBCIRCUIT = """.subckt cell p q r=1k
    R1 p m {r}
    C1 m k 1n
    L1 m q 1m
    V1 k h pwl(0 0 1u 0.01)
    C2 h q 1n
    Rh h q 10k
    D1 h q x
    H1 h2 q V1 1
    R2 h2 m 1k
    X1 m q d
    .ends
    .model x d(is=1n)
    V1 in 0 {A*sin(2*pi*t*f)}
    Xa in 0 cell r=2k
    Xb in 0 cell"""


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
@pytest.mark.parametrize("native", [False, True])
def test_subcircuits_reach_ngspice(native):
    circuit = Circuit(SUBCIRCUIT, devices={"d": find("vteam")},
                      parameters={"A": 0.2*volt, "f": 1e5/second})
    names = ["v_Xa_m", "i_Xb_R1", "i_Xb_X1", "i_Xa_L1", "i_Xa_D1"]
    found = ngspice.run(circuit.to_ngspice(duration=10*usecond, dt=10*nsecond, record=names,
                                           native=native))
    times = np.linspace(0.1, 10, 100)*usecond
    wanted = circuit.reference(10*usecond, times=times, record=names)
    for name in names:
        other = np.interp(np.asarray(times), found["t"], found[name])
        close(other, np.asarray(wanted[name]), atol=2e-3*np.ptp(np.asarray(wanted[name])))


def test_native_semiconductors():
    lines = cards(Circuit("V1 a 0 1\nR1 a d 1k\nD1 d 0 x\nM1 d a 0 n w=1u\n.model x d(is=1p n=1.5)\n"
                          ".model n nmos(vto=0.5)"), native=True)
    assert "D1 d 0 bm_D1" in lines
    assert ".model bm_D1 d(is=1e-12 n=1.5)" in lines
    assert "M1 d a 0 0 bm_M1 w=1e-06 l=0.0001" in lines


@pytest.mark.parametrize(("circuit", "message"), [
    (lambda: Circuit("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n\nX1 b 0 d",
                     devices={"d": find("diffusive_langevin")}), "noise"),
    (lambda: Circuit("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n\nX1 b 0 d",
                     devices={"d": find("vanadium_dioxide")}), "events"),
    (lambda: Circuit("V1 a 0 {f(t)}\nR1 a 0 1k", parameters={"f": Function(
        lambda t: np.sin(t/second)*volt, arg_units=[second], return_unit=volt)}), "no function 'f'"),
    (lambda: Circuit("V1 a 0 1\nR1 a b 1k\nC1 b 0 {1e-9*farad*(1 + v(a)/volt)}"), "constant")])
def test_what_cannot_be_written_is_refused(circuit, message):
    with pytest.raises(CircuitError, match=message):
        circuit().to_ngspice(duration=1*usecond, dt=1*nsecond)


def test_bad_requests_are_refused():
    with pytest.raises(CircuitError, match="no 'v_x' to record"):
        cards(Circuit(RC), record=["v_x"])
    with pytest.raises(CircuitError, match="duration must be above"):
        Circuit(RC).to_ngspice(duration=0*second, dt=1*nsecond)
    with pytest.raises(UnitError):
        Circuit(RC).to_ngspice(duration=1*volt, dt=1*nsecond)
    with pytest.raises(CircuitError, match="does not record"):
        ngspice.run(Circuit(RC).to_ngspice(duration=1*usecond, dt=1*nsecond), ["v_x"])


def test_without_ngspice_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(ngspice.shutil, "which", lambda _: None)
    with pytest.raises(CircuitError, match="not installed"):
        ngspice.run("")


EXPRESSIONS = (
    "x**2 + x**3 - x**-1", "-x**5", "clip(x, -1, 0.5) + clip(x, 0, inf)", "exprel(x)",
    "int(x > 0.3)*2 + int(not x > 0.3)*3", "int(x > 0 and y > 1 or x < -1)", "sign(x)*abs(y)",
    "log(y) + log10(y) + log1p(y) + expm1(x)", "sqrt(y) + y**0.3 + y**x + 2**x",
    "(x + 2.01) % 0.7 + (x + 2.01)//0.4",
    "floor(x) + ceil(y) + int(3*x)", "sin(x) + cos(x) + tan(x/2) + tanh(x) + sinh(x) + cosh(x)",
    "arctan(x) + arcsin(x/3) + arccos(x/3)", "0.1*mV/volt + pi*x/e", "(x - y)/(x*x + y)")


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
def test_expressions_mean_the_same_to_ngspice():
    known = {"x": "v(x)", "y": "v(y)"}
    outputs = [f"B{k} o{k} 0 V = {translate(code, known.get)}" for k, code in enumerate(EXPRESSIONS)]
    names = [f"* o{k} = 1.0 * v(o{k})" for k in range(len(outputs))]
    text = "\n".join(["* expressions", "* x = 1.0 * v(x)", "* y = 1.0 * v(y)", *names,
                      "Vx x 0 PWL(0 -2 1 2)", "Vy y 0 PWL(0 1.5 1 0.2)", *outputs,
                      ".options reltol=1e-9 vntol=1e-12", ".tran 0.01 1 0 0.01 uic", ".end\n"])
    found = ngspice.run(text)
    for k, code in enumerate(EXPRESSIONS):
        wanted = compile_numpy(code, ["x", "y"])(found["x"], found["y"])
        wrong = np.abs(found[f"o{k}"] - wanted) > 1e-6*(1 + np.abs(wanted))
        assert not wrong[1:].any(), code


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
def test_a_short_run_is_an_error():
    text = Circuit(RC).to_ngspice(duration=1*usecond, dt=1*nsecond)
    with pytest.raises(CircuitError, match="stopped at"):
        ngspice.run(text.replace(".end", "Bx x 0 V = ln(-1 - v(out))\n.end"))


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
def test_native_models_agree_with_the_written_ones():
    circuit = Circuit("V1 a 0 sin(0 2 1meg)\nR1 a d 1k\nD1 d 0 x\nM1 d a 0 n w=10u l=1u\nC1 d 0 10p\n"
                      ".model x d(is=1p n=1.5)\n.model n nmos(vto=0.5 kp=100u lambda=0.02)")
    one, two = (ngspice.run(circuit.to_ngspice(duration=2*usecond, dt=1*nsecond, native=native))
                for native in (False, True))
    written = np.interp(one["t"], two["t"], two["v_d"])
    close(one["v_d"], written, atol=1e-3)
    assert np.ptp(written) > 1


@pytest.mark.ngspice
@pytest.mark.skipif(not shutil.which("ngspice"), reason="ngspice is not installed")
def test_coupled_inductors_and_waveforms_are_those_of_ngspice():
    circuit = Circuit(".subckt coils p s k=0.9\nL1 p 0 10u\nL2 s 0 40u\nK1 L1 L2 {k}\n.ends\n"
                      "V1 a 0 DC 3 sin(0.5 1 1meg 0.2u 100k 30)\nR1 a b 50\nX1 b c coils k=0.95\n"
                      "R2 c 0 1k\nV2 e 0 exp(0 1 1u 0.1u 3u 0.2u)\nR3 e f 1k\nC3 f c 10p")
    found = ngspice.run(circuit.to_ngspice(duration=5*usecond, dt=2*nsecond))
    assert found.keys() == {"t", "v_a", "v_b", "v_c", "v_e", "v_f", *circuit.states}
    times = np.linspace(0.1, 5, 50)*usecond
    wanted = circuit.reference(5*usecond, times=times)
    for name in ("i_X1_L1", "i_X1_L2", "v_a", "v_c", "v_f"):
        other = np.interp(np.asarray(times), found["t"], found[name])
        close(other, np.asarray(wanted[name]), atol=1e-3*np.ptp(np.asarray(wanted[name])))
