"""The conformance suite passes a good device and catches each way to be wrong."""

import pytest
from brian2 import kohm, msecond, mvolt, second, volt

from brianmem import Device, Evidence, check_device
from brianmem.errors import CheckError

PULSES = {"set": (1*volt, 1*msecond), "reset": (-1*volt, 1*msecond), "read": (1*mvolt, 1*msecond)}
STATED = {"parameters": Evidence("proposed"), "operation": Evidence("proposed")}


def device(rate="k*v*x*(1 - x)", current="v/(R_off + (R_on - R_off)*x)", bounds=(0, 1),
           evidence=STATED, operation=PULSES, references=(), **parameters):
    parameters = {"k": 300/volt/second, "R_on": 1*kohm, "R_off": 10*kohm, **parameters}
    return Device(name="tried", equations=f"dx/dt = {rate} : 1\nI = {current} : amp",
                  parameters=parameters, initial={"x": 0.5},
                  bounds={} if bounds is None else {"x": bounds}, evidence=evidence,
                  operation=operation, references=references)


def failures(tried, **options):
    with pytest.raises(CheckError) as caught:
        check_device(tried, **options)
    return str(caught.value)


def test_a_good_device_passes_with_its_order():
    report = check_device(device())
    assert report.passed["convergence"].startswith("order ")
    assert float(report.passed["convergence"].split()[1]) > 3
    assert "bounds: kept" in str(report)


def test_a_resistor_needs_no_operation():
    resistor = Device(name="resistor", equations="I = v/R : amp", parameters={"R": 1*kohm},
                      evidence={"parameters": Evidence("proposed")})
    assert "passivity" in check_device(resistor).passed


@pytest.mark.parametrize(("tried", "named"), [
    (device(current="v/R_on + 1*uamp*x + 0*v/R_off"), "zero current: I(v=0) = 1e-06 A;"),
    (device(current="-v/R_on*x + 0*v/R_off"), "passivity: v*I = -0.001 W at v = -1 V"),
    (device(current="v/R_off*(1 + 1e-9*log(v/volt)) + 0*v/R_on"), "not finite at v = -1 V"),
    (device(rate="k*v + 1e-9*log(x - 0.5)/second"), "state 'x' of copy 0 became nan"),
    (device(rate="k*v*x*(1 - x) + 100/second*(1 - x)"), "read: a read of 0.001 V"),
    (device(operation={**PULSES, "read": (1*volt, 1*msecond)}), "read: a read of 1 V for 0.001 s"),
    (device(operation={"set": PULSES["set"]}), "operation: operation states no reset, read"),
    (device(bounds=None), "operation: state 'x' has no bounds"),
    (device(evidence={}), "stands behind 'parameters'"),
    (device(evidence={**STATED, "parameters": Evidence("published")}), "no reference is given"),
    (device(references=("Nobody1900",)), "references: 'Nobody1900' is neither a DOI nor"),
])
def test_a_wrong_device_is_named_with_its_fault(tried, named):
    message = failures(tried)
    assert message.startswith("Device 'tried' fails")
    assert named in message


@pytest.mark.long
def test_a_rate_faster_than_any_step_does_not_converge():
    wrong = device(rate="k*v*x*(1 - x)*(1 + 0.9*sin(1e7*x))")
    assert "convergence: halving the step improves x" in failures(wrong)


def test_noise_written_with_xi_passes():
    good = device(rate="k*v*x*(1 - x) + 1*second**-0.5*xi")
    report = check_device(good)
    assert report.passed["convergence"] == "mean and spread do not depend on the time step"


def test_references_may_stand_in_a_given_file(tmp_path):
    bib = tmp_path / "mine.bib"
    bib.write_text("@article{Nobody1900,\n  author = {Nobody, A.},\n  title = {Nothing},\n"
                   "  year = {1900}}\n")
    assert "1 known" in check_device(device(references=("Nobody1900",)), bib).passed["references"]


def test_something_else_is_refused():
    with pytest.raises(CheckError, match="needs a Device, got int"):
        check_device(3)
