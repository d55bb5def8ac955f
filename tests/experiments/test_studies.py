"""Worked examples of studies: a pulse that learns well costs more, spread costs accuracy."""

import shutil

import numpy as np
import pytest
from brian2 import msecond, volt

from brianmem import find
from brianmem.errors import InputError
from brianmem.experiments import device_to_network, variability_grid
from brianmem.protocols import PulseTrain

FITTED = {n: find("memdiode").parameters[n] for n in ("I_max", "V_set", "V_res")}
needs_compiler = pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")


@pytest.mark.long
@pytest.mark.standalone
@needs_compiler
@pytest.mark.parametrize("experiment", [device_to_network, variability_grid])
def test_the_claim_holds_and_the_figures_are_drawn(experiment, tmp_path):
    result = experiment.main(quick=True, out=tmp_path)
    assert result.metrics["claim_holds"]
    assert (tmp_path / "study" / "study.h5").is_file()
    assert experiment.plot(result)


def test_the_front_holds_what_nothing_beats():
    energy, accuracy = np.array([1, 2, 3, 3, 4.0]), np.array([0.2, 0.1, 0.4, 0.5, 0.5])
    assert list(device_to_network.front(energy, accuracy)) == [True, False, False, True, False]


def test_reset_moves_half_as_much_as_set():
    device, step = device_to_network.programmed(1.1*volt, 0.5*msecond, **FITTED)
    pulses = {f"{kind}_{what}": device.operation[kind][k] for kind in ("set", "reset")
              for k, what in enumerate(("amplitude", "width"))}
    up = PulseTrain(count=1, **pulses).run(device, initial={"H": 0.0})
    down = PulseTrain(count=1, **pulses).run(device, initial={"H": 1.0})
    moved = [np.asarray(r["pulse_H"]) for r in (up, down)]
    assert np.isclose(moved[0][1], step, rtol=1e-3)
    assert np.isclose(1 - moved[1][2]/moved[1][1], step/2, rtol=1e-3)


@pytest.mark.parametrize("experiment", [device_to_network, variability_grid])
def test_no_seeds_are_refused(experiment):
    with pytest.raises(InputError, match="--seeds must be at least 1"):
        experiment.main(seeds=0)
