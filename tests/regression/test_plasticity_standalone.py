"""Plasticity rules in one C++ program against numpy, traces in neurons and beside them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = '''
import json, sys
import numpy as np
from brian2 import *
from brianmem import Device, Synapse
from brianmem.plasticity import IdealSynapse, PowerLawSTDP, Pulsed, TripletSTDP, WindowRule

target, folder = sys.argv[1:]
if target == "standalone":
    set_device("cpp_standalone", directory=folder)
    prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
else:
    prefs.codegen.target = target
bend = Device(name="bend", equations="""
    dx/dt = int(v > 0*volt)*(1 - x)/tau - int(v < 0*volt)*x/tau : 1
    I = G*v*(0.1 + x) : amp""",
    parameters={"tau": 30*ms, "G": 1*msiemens}, initial={"x": 0.5}, bounds={"x": (0, 1)},
    operation={"set": (1*volt, 1*ms), "reset": (-1*volt, 0.5*ms), "read": (0.1*volt, 1*ms)})
triplet = TripletSTDP.published("hippocampus", "full")
times = np.random.default_rng(0).permutation(200)[:60]
source = SpikeGeneratorGroup(2, np.repeat([0, 1], 20), times[:40]*ms, dt=1*ms)
target = NeuronGroup(3, f"v : volt\\n{triplet.target_equations}", threshold="late(t, i) > 0",
                     reset=triplet.target_reset, method="exact", dt=1*ms)
late = np.zeros((210, 3))
late[times[40:], np.arange(20) % 3] = 1
target.namespace["late"] = TimedArray(late, dt=1*ms)
on_device = Synapse(bend, write=Pulsed(triplet, mode="scaled"), read=1*mV/uA).connect(
    source, target, delay=2*ms)
ideal = [IdealSynapse(write=rule).connect(source, target) for rule in (
    triplet, PowerLawSTDP(), WindowRule())]
Network(source, target, on_device, *ideal).run(200*ms, namespace={})
found = {"device": list(on_device.x[:]), "energy": list(np.asarray(on_device.write_energy[:])),
         **{str(k): list(made.w[:]) for k, made in enumerate(ideal)}}
print("RESULT" + json.dumps(found))
'''


def run(target, folder):
    done = subprocess.run([sys.executable, "-c", SCRIPT, target, str(folder)], text=True,
                          capture_output=True, cwd=Path(__file__).parents[2], timeout=500)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("RESULT"))


@pytest.mark.standalone
@pytest.mark.long
def test_program_learns_what_numpy_learns(tmp_path):
    program, expected = run("standalone", tmp_path / "program"), run("numpy", tmp_path)
    for name, values in expected.items():
        np.testing.assert_allclose(program[name], values, rtol=1e-10, err_msg=name)
        assert name == "energy" or np.all(np.asarray(values) != 0.5)
