"""One C++ program against numpy: cell voltages, tables that are data, synapses.

The program runs in a process of its own, so that this one keeps its Brian2 device.
"""

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
from brianmem.device import Device
from brianmem.ode import ode_group
from brianmem.synapse import PulseRule, Synapse

target, folder = sys.argv[1:]
standalone = target == "standalone"
if standalone:
    set_device("cpp_standalone", directory=folder, build_on_run=False)
else:
    prefs.codegen.target = target
device_text = Device(name="tunnel", equations="""
    dx/dt = I*(1 - x)/q : 1
    I = I0*(0.1 + x)*sinh(v/b) : amp""",
    parameters={"I0": 10*uA, "b": 0.25*volt, "q": 1*uA*second}, initial={"x": 0.2},
    bounds={"x": (0, 1)}, operation={"set": (0.5*volt, 10*ms), "reset": (-0.5*volt, 5*ms),
                                     "read": (0.1*volt, 1*ms)})
made = ode_group(device_text, 20, "height*sin(2*pi*t/(20*ms))", dt=1*ms, series_resistance=50*kohm,
                 compliance=5*uA, namespace={"height": np.linspace(0.2, 2, 20)*volt})
source = SpikeGeneratorGroup(3, [0, 1], [5, 9]*ms)
neurons = NeuronGroup(4, "v : volt\\nt_fire : second", threshold="abs(t - t_fire) < dt/2", reset="",
                      namespace={})
neurons.t_fire = [8, 11, 14, 29]*ms
synapse = Synapse(device_text, write=PulseRule(window=4*ms), read=1*mV/uA)
synapses = synapse.connect(source, neurons, x=np.linspace(0, 1, 12))
Network(*made.objects, source, neurons, synapses).run(20*ms, namespace={})

def results():
    return {"x": list(made.group.x[:]), "energy": list(np.asarray(made.group.energy[:])),
            "hits": [int(h) for h in made.hits("x")], "state": list(synapses.x[:]),
            "I_read": list(np.asarray(synapses.I_read[:])), "v": list(np.asarray(neurons.v[:])),
            "write": list(np.asarray(synapses.write_energy[:]))}

found = {}
if standalone:
    device.build(run=False, directory=folder)
    tables = synapses.namespace["pulse_tables"]
    still = tables.values.copy()
    still[:, 0] = still[:, 1] = np.linspace(0, 1, len(still))
    device.run(run_args={tables: still})
    found["still"] = results()
    device.run(run_args=[])
found["moving"] = results()
made.check()
print("RESULT" + json.dumps(found))
'''


def run(target, folder):
    done = subprocess.run([sys.executable, "-c", SCRIPT, target, str(folder)], text=True,
                          capture_output=True, cwd=Path(__file__).parents[2], timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("RESULT"))


@pytest.mark.standalone
@pytest.mark.long
def test_one_program_gives_numpys_numbers_and_takes_other_tables(tmp_path):
    program, expected = run("standalone", tmp_path / "program"), run("numpy", tmp_path)["moving"]
    for name, values in expected.items():
        np.testing.assert_allclose(program["moving"][name], values, rtol=1e-12, atol=1e-20,
                                   err_msg=name)
    start = np.linspace(0, 1, 12)
    np.testing.assert_allclose(program["still"]["state"], start, atol=1e-14)
    # One neuron fires after the end.
    fired = np.arange(12) % 4 != 3
    assert np.all(np.asarray(expected["state"])[fired][1:-1] != start[fired][1:-1])
