"""Whatever is thrown at devices and protocols: a finite result, or one line that says why not."""

import numpy as np
import pytest
from brian2 import second, volt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brianmem import Device, Evidence, PulseTrain, Transient, check_device, find
from brianmem.errors import BrianmemError, CheckError
from brianmem.protocols import simulation

NAMES = ("memdiode", "vteam", "stanford_pku", "linear_ion_drift_biolek")
FEW = settings(deadline=None, max_examples=12, derandomize=True,
               suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = settings(FEW, max_examples=150)
TOKENS = ("*", "/", "**", "(", ")", "+", "-", " ", "\n", ":", ": amp", ": 1", "volt", "xi", "v", "I",
          "0", "1e400", "exp(", "log(v)", "nan", "inf", "dx/dt", "=", "#", "int(", "rand()", "t",
          "\x00", "µ", "lambda:", "__import__('os')", "if", "[0]", "R_on", "%", "i", "N")


@pytest.fixture(autouse=True, scope="module")
def few_steps():
    """Give up on hopeless inputs soon: it is the verdict that counts here."""
    before, simulation.MAX_STEPS = simulation.MAX_STEPS, 2**12
    yield
    simulation.MAX_STEPS = before


def one_line_or_right(action):
    """Return what `action` returns, or None where it raises a one-line error of ours."""
    try:
        return action()
    except CheckError:
        return None
    except BrianmemError as error:
        message = str(error)
    assert message
    assert len(message.splitlines()) == 1, message
    return None


def sound(device, result):
    """Assert that every array is finite and every state within its bounds."""
    for name in result:
        assert np.all(np.isfinite(np.asarray(result[name], dtype=float))), name
    for state, (low, high) in device.bounds.items():
        values, slack = np.asarray(result[state]), 1e-9 * (float(high) - float(low))
        assert np.all((values >= float(low) - slack) & (values <= float(high) + slack)), state


@MANY
@given(name=st.sampled_from(NAMES), data=st.data())
def test_malformed_texts_never_reach_brian(name, data):
    device, text = find(name), find(name).equations
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 6))
        text = text[:at] + data.draw(st.sampled_from(TOKENS)) + text[at + gone:]

    def make():
        return Device(name="tried", equations=text, parameters=dict(device.parameters),
                      initial=dict(device.initial), bounds=dict(device.bounds))

    made = one_line_or_right(make)
    if made is not None:
        with np.errstate(all="ignore"):
            one_line_or_right(lambda: made.evaluate("I", v=0.1 * volt))


@FEW
@given(name=st.sampled_from(NAMES), data=st.data())
def test_random_waveforms_give_finite_traces_or_a_reason(name, data):
    device = find(name)
    unit = abs(float(device.operation["set"][0]))
    samples = data.draw(st.lists(st.floats(-3, 3).map(lambda x: x * unit), min_size=2, max_size=12))
    width = float(device.operation["set"][1]) * 10**data.draw(st.floats(-3, 2))
    protocol = Transient(np.array(samples) * volt, duration=width * second)
    result = one_line_or_right(lambda: protocol.run(device, seed=1))
    if result is not None:
        sound(device, result)


@FEW
@given(name=st.sampled_from(NAMES), data=st.data())
def test_extreme_parameters_give_finite_traces_or_a_reason(name, data):
    device = find(name)
    parameter = data.draw(st.sampled_from(sorted(device.parameters)))
    factor = data.draw(st.sampled_from((-1.0, 0.0, 1e-9, 1e-3, 1e3, 1e9, 1e150)))
    changed = one_line_or_right(
        lambda: device.with_parameters(**{parameter: factor * device.parameters[parameter]}))
    if changed is not None:
        with np.errstate(all="ignore"):
            result = one_line_or_right(lambda: PulseTrain(count=2).run(changed, seed=1))
        if result is not None:
            sound(changed, result)


LAWS = st.sampled_from((
    "k*v*x*(1 - x)", "k*v", "k*v*(1 - x)**0.5", "k*v/x", "k*v*exp(50*x)", "-k*v*log(x)", "k*v*x**-3",
    "k*abs(v)", "k*v*x + 1e3*xi*second**-0.5", "k*volt*sqrt(v/volt)", "k*v*1e200*x*1e200"))
CURRENTS = st.sampled_from((
    "g*v*x", "g*v*(x - 0.5)", "g*volt*sinh(v/volt)", "g*v/x", "g*(v + 1*mV)", "g*volt*log(v/volt)",
    "g*volt*sinh(900*v/volt)"))


@settings(FEW, max_examples=8)
@given(law=LAWS, current=CURRENTS, low=st.sampled_from((0.0, 1e-3)))
def test_check_device_ends_with_a_verdict(law, current, low):
    from brian2 import msecond, mvolt, siemens

    stated = {"parameters": Evidence("proposed"), "operation": Evidence("proposed")}
    device = one_line_or_right(lambda: Device(
        name="tried", equations=f"dx/dt = {law} : 1\nI = {current} : amp",
        parameters={"k": 100 / volt / second, "g": 1e-3 * siemens}, initial={"x": 0.5},
        bounds={"x": (low, 1)}, evidence=stated,
        operation={"set": (1 * volt, 1 * msecond), "reset": (-1 * volt, 1 * msecond),
                   "read": (1 * mvolt, 1 * msecond)}))
    if device is not None:
        one_line_or_right(lambda: check_device(device))


def test_a_nan_would_be_seen():
    class Broken(dict):
        pass

    with pytest.raises(AssertionError, match="I"):
        sound(find("memdiode"), Broken(I=np.array([np.nan])))
