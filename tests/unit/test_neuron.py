"""The Neuron record: what it refuses, what it returns, and the groups it makes."""

import pickle
from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import (
    Network,
    NeuronGroup,
    SpikeMonitor,
    TimedArray,
    amp,
    msecond,
    mV,
    namp,
    ohm,
    second,
    volt,
    watt,
)
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from brianmem import Evidence, FICurve, IVSweep, Neuron, SpikeResponse, Variation, catalog, cli, find
from brianmem.describe import describe_neuron
from brianmem.errors import (
    CatalogError,
    DeviceError,
    InputError,
    NeuronError,
    ProtocolError,
    VariationError,
)
from brianmem.plotting import figures, neuron_portrait
from brianmem.protocols.portrait import neuron_portrait as measured_portrait

GOOD = {
    "name": "n", "equations": "dv/dt = (-v + R*I_in)/tau : volt (unless refractory)",
    "threshold": "v > v_th", "reset": "v = 0*volt", "refractory": "t_ref",
    "parameters": {"tau": 10*msecond, "R": 1e6*ohm, "v_th": 10*mV, "t_ref": 1*msecond},
    "initial": {"v": 0*volt}, "inputs": {"I_in": 0*amp}, "suggested_dt": 0.1*msecond,
    "operation": {"silent": 5*namp, "fires": 20*namp, "duration": 50*msecond},
    "evidence": {"parameters": Evidence("proposed")}}
FREE = {k: v for k, v in GOOD["parameters"].items() if k != "t_ref"}
MORE = {**GOOD["parameters"], "extra": 1.0}


def made(**changes):
    return Neuron(**{**GOOD, **changes})


@pytest.mark.parametrize(("changes", "fault"), [
    ({"name": "a b"}, "must be an identifier"),
    ({"equations": 3}, "equations must be text"),
    ({"reset": 3}, "reset must be text or None"),
    ({"parameters": []}, "parameters must be a dict"),
    ({"equations": "dv/dt = (-v + R*I_in)/tau : 1 (unless refractory)"}, "'v'|mixes units|must be"),
    ({"equations": "v = R*I_in + tau*volt/second : volt"}, "nothing changes in time"),
    ({"parameters": MORE}, "parameter 'extra' is not used"),
    ({"inputs": {"I_in": 0*amp, "light": 0.0}}, "input 'light' is not used"),
    ({"parameters": {k: v for k, v in MORE.items() if k in ("tau", "R", "v_th")}}, "'t_ref'"),
    ({"parameters": {**GOOD["parameters"], "tau": 10*mV}}, "tau must be in second, got 10 mV"),
    ({"parameters": {**GOOD["parameters"], "tau": [1, 2]*msecond}}, "belongs to a Variation"),
    ({"threshold": "v - v_th"}, "threshold must be a condition"),
    ({"threshold": "v > 3*v_th/mV"}, "threshold.*its units must fit together"),
    ({"threshold": "w > v_th"}, "'w' .*is not defined"),
    ({"reset": "w = 0*volt"}, "the reset sets 'w', which is not a state"),
    ({"reset": "v = 0"}, "reset of 'v'.*must be in volt"),
    ({"reset": "v *= 2*volt"}, "must be a plain number"),
    ({"reset": "v"}, "is not 'state = expression'"),
    ({"refractory": "v_th", "parameters": FREE}, "refractory.*must be in second"),
    ({"refractory": 3*mV, "parameters": FREE}, "refractory must be in second"),
    ({"refractory": -1*msecond, "parameters": FREE}, "must not be negative"),
    ({"refractory": None, "parameters": FREE},
     "rests while refractory, but refractory is not given"),
    ({"drive": "I"}, "the drive 'I' is not defined"),
    ({"voltage": "u"}, "the voltage 'u' is not defined"),
    ({"initial": {}}, "'v' has no initial value"),
    ({"initial": {"v": 1.0}}, "initial value of v must be in volt"),
    ({"operation": {"quiet": 0*amp}}, "operation 'quiet' is none of"),
    ({"operation": {"fires": 1*volt}}, "operation 'fires' must be in amp"),
    ({"suggested_dt": 0*second}, "suggested_dt must be positive"),
    ({"evidence": {"other": Evidence("proposed")}}, "evidence for 'other'"),
    ({"parameter_sets": {"A": {"tau": 1.0}}}, "set 'A': tau must be in second"),
    ({"events": (("v > v_th", "w = 1"),)}, "sets 'w'"),
    ({"equations": GOOD["equations"] + "\npower = v/R : amp"}, "'power' must be in watt"),
    ({"equations": GOOD["equations"] + "\nenergy = v*1 : volt"}, "has a meaning in every group"),
    ({"equations": GOOD["equations"].replace("v", "N")}, "N"),
    ({"references": 3}, "references must be keys"),
    ({"equations": "dv/dt = -v/tau +* R : volt"}, "cannot read the equations")])
def test_faults_are_one_line_that_names_the_neuron(changes, fault):
    with pytest.raises(NeuronError, match=fault) as caught:
        made(**changes)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(("Neuron 'n'", "Neuron name"))
    assert isinstance(caught.value, DeviceError)


def test_no_reset_needs_a_condition_that_says_when_the_next_spike_may_come():
    with pytest.raises(NeuronError, match=r"every step above the threshold is a spike.*'v > v_th'"):
        made(reset=None, refractory=None, equations="dv/dt = (-v + R*I_in)/tau : volt",
             parameters=FREE)


def test_repr_pickle_hash_and_latex():
    neuron = made(bounds={"v": (-1*volt, 1*volt)}, parameter_sets={"A": {"tau": 5*msecond}})
    names = {k: getattr(brian2, k) for k in dir(brian2)} | {"Neuron": Neuron, "Evidence": Evidence}
    assert eval(repr(neuron), names) == neuron == pickle.loads(pickle.dumps(neuron))
    assert hash(neuron) == hash(made(bounds={"v": (-1*volt, 1*volt)},
                                     parameter_sets={"A": {"tau": 5*msecond}}))
    assert neuron != made() != "n"
    assert "frac" in neuron._repr_latex_()
    with pytest.raises(TypeError):
        neuron.parameters["tau"] = 1*second


def test_with_parameters_changes_sets_values_and_initial_states():
    neuron = made(parameter_sets={"A": {"tau": 5*msecond, "v": 1*mV}})
    changed = neuron.with_parameters("A", R=2e6*ohm)
    assert (changed.parameters["tau"], changed.parameters["R"]) == (5*msecond, 2e6*ohm)
    assert changed.initial["v"] == 1*mV
    assert neuron.parameters["tau"] == 10*msecond
    with pytest.raises(NeuronError, match="no parameter set 'B'"):
        neuron.with_parameters("B")
    with pytest.raises(NeuronError, match="no parameter 'taw'. Did you mean 'tau'"):
        neuron.with_parameters(taw=1*second)


def count(group, duration=50*msecond):
    spikes = SpikeMonitor(group, codeobj_class=NumpyCodeObject)
    Network(group, spikes).run(duration, namespace={})
    return np.asarray(spikes.count)


def test_the_parts_serve_a_script_of_ones_own():
    neuron = made()
    group = NeuronGroup(2, neuron.equations, threshold=neuron.threshold, reset=neuron.reset,
                        refractory=neuron.refractory, method="exact", dt=0.1*msecond,
                        namespace={**neuron.namespace, "I_in": 20*namp}, codeobj_class=NumpyCodeObject)
    ours = neuron.group(2, 20*namp, target="numpy")
    assert isinstance(ours, NeuronGroup)
    assert np.array_equal(count(group), count(ours))
    assert count(neuron.group(2, 20*namp, target="numpy"))[0] > 3


def test_every_kind_of_drive_does_the_same():
    neuron, table = made(), TimedArray([20]*namp, dt=1*second)
    two = TimedArray([[20, 20]]*namp, dt=1*second)
    assigned = neuron.group(2, target="numpy")
    assigned.I_in = 20*namp
    groups = [assigned, neuron.group(2, "20*namp", target="numpy"),
              neuron.group(2, [20, 20]*namp, target="numpy"),
              neuron.group(2, "peak", namespace={"peak": 20*namp}, target="numpy"),
              neuron.group(2, "stimulus", namespace={"stimulus": table}, target="numpy"),
              neuron.group(2, "stimulus", namespace={"stimulus": two}, target="numpy")]
    counts = [count(group).tolist() for group in groups]
    assert counts == [counts[0]] * len(groups)
    assert counts[0][0] > 3


@pytest.mark.parametrize(("arguments", "fault"), [
    ({"drive": 1*volt}, "the drive I_in must be in amp"),
    ({"drive": "1*volt"}, "must be in amp"),
    ({"drive": [1, 2, 3]*namp}, "has shape \\(3,\\), but there are 2"),
    ({"drive": "s", "namespace": {"s": TimedArray([1]*mV, dt=1*second)}}, "must be in amp"),
    ({"drive": "2*tau*amp", "namespace": {"tau": 1.0}}, "has that name already"),
    ({"parameters": {"taw": 1*second}}, "no parameter 'taw'"),
    ({"parameters": {"tau": 1*volt}}, "tau must be in second"),
    ({"initial": {"w": 1}}, "'w', which is not a state"),
    ({"method": "magic"}, "unknown method 'magic'"),
    ({"variation": Variation(c2c=0.1)}, "only the spread of a parameter")])
def test_what_does_not_fit_a_group_is_said(arguments, fault):
    with pytest.raises((InputError, VariationError), match=fault):
        made().group(2, **arguments)


def test_arrays_and_variations_differ_between_copies():
    fast_slow = made().group(2, 20*namp, parameters={"tau": [5, 50]*msecond}, target="numpy")
    fast, slow = count(fast_slow)
    assert fast > 2*slow > 0
    spread = [made().group(40, variation=Variation(tau=0.2), seed=s, target="numpy").tau[:]
              for s in (1, 1, 2)]
    assert np.array_equal(spread[0], spread[1])
    assert not np.array_equal(spread[0], spread[2])
    assert 0.1 < np.std(np.log(np.asarray(spread[0]))) < 0.3


def test_events_bounds_and_the_stiff_method_work():
    slow = made(
        equations="dv/dt = (-v + R*I_in)/tau : volt\ndreached/dt = 0/second : 1", refractory="t_ref",
        initial={"v": 0*volt, "reached": 0.0}, bounds={"v": (0*volt, 8*mV)},
        events=(("v >= 8*mV", "reached = reached + 1"),), method="adaptive")
    group = slow.group(1, 20*namp, target="numpy")
    assert count(group)[0] == 0  # the bound is below the threshold
    assert 0.0079 < float(group.v[0]) <= 0.008
    assert float(group.reached[0]) > 10


def test_power_becomes_energy_per_spike():
    neuron = made(equations=GOOD["equations"] + "\npower = R*I_in**2 : watt")
    curve = FICurve(currents=[5*namp, 20*namp]).run(neuron)
    power = 1e6*(20e-9)**2
    assert np.isnan(curve["energy_per_spike"][0])
    # From spike to spike, as the rate is: neither the rise to the first nor the end counts.
    assert float(curve["energy_per_spike"][1]*curve["rate"][1]) == pytest.approx(power, rel=2e-3)
    assert abs(0.05*float(curve["rate"][1])/curve["spikes"][1] - 1) > 0.01
    assert curve.metrics["energy_per_spike_J"] == float(curve["energy_per_spike"][1])
    response = SpikeResponse().run(neuron)
    assert response.metrics["energy_J"] == pytest.approx(power*0.05, rel=1e-6)
    assert response.metrics["energy_per_spike_J"] == pytest.approx(
        curve.metrics["energy_per_spike_J"], rel=1e-6)
    assert FICurve(currents=[5*namp]).run(neuron).metrics["energy_per_spike_J"] is None
    assert (1*watt).dim is neuron.dimension("power")
    assert {"fi_curve"} == set(figures(curve))


def test_a_neuron_without_power_says_that_it_has_no_energy():
    for result in (FICurve(currents=[20*namp]).run(made()), SpikeResponse().run(made())):
        assert result.metrics["energy_per_spike_J"] is None
        assert result.metrics["energy"] == "none: n states no power"
    assert "energy      none, as no line states a power" in describe_neuron(made())


def test_results_and_their_figures():
    curve = FICurve(currents=[5*namp, 15*namp, 20*namp], settle=10*msecond).run(
        made(), n=3, variation=Variation(tau=0.1), seed=1)
    assert curve["rate"].shape == (3, 3)
    assert np.all(np.asarray(curve["rate"])[:, 0] == 0)
    assert np.all(np.asarray(curve["rate"])[:, 2] > np.asarray(curve["rate"])[:, 1])
    assert curve.metrics["onset"] == pytest.approx(15e-9)
    assert curve.metrics["drive_unit"] == "amp"
    response = SpikeResponse(drive="20*namp").run(made(), n=2)
    assert response["v"].shape == (2, len(response["t"]))
    assert set(response["spike_instance"]) == {0, 1}
    for result in (curve, response):
        assert set(figures(result)) == {result.attrs["kind"]}
    assert neuron_portrait("n", measured_portrait(made())).axes


def test_protocols_know_what_they_measure():
    with pytest.raises(ProtocolError, match="IVSweep measures a Device, got Neuron 'n'"):
        IVSweep().run(made())
    with pytest.raises(ProtocolError, match="FICurve measures a Neuron, got Device 'vteam'"):
        FICurve().run(find("vteam"))
    with pytest.raises(ProtocolError, match="states no operation 'silent'"):
        FICurve(duration=1*msecond).run(replace(made(), operation={}))
    with pytest.raises(ProtocolError, match="the drive of Neuron 'n' must be in amp"):
        FICurve(currents=[1*volt]).run(made())


def test_catalogue_and_command_line_know_neurons(capsys, tmp_path):
    assert find("lif").name == "lif"
    assert "lif" in {entry.name for entry in catalog.entries("neurons")[0]}
    assert "lif" not in {entry.name for entry in catalog.entries("devices")[0]}
    with pytest.raises(CatalogError, match="'lif' is one of the neurons"):
        find("lif", "devices")
    with pytest.raises(CatalogError, match="no neuron 'lyf'. Did you mean 'lif'"):
        find("lyf", "neurons")
    assert cli.main(["show", "lif"]) == 0
    assert "threshold   v > v_th" in capsys.readouterr().out
    assert cli.main(["measure", "lif", "fi_curve", "--currents", "0.4nA:1nA:3", "--duration", "60ms",
                     "--out", str(tmp_path / "out")]) == 0
    assert '"rate_max_Hz"' in capsys.readouterr().out
    assert cli.main(["measure", "lif", "fi_curve", "--currents", "1V", "--out",
                     str(tmp_path / "no")]) == 2
    assert "must be in amp" in capsys.readouterr().err
    assert cli.main(["measure", "lif", "iv_sweep", "--out", str(tmp_path / "no")]) == 2
    assert "measures a Device" in capsys.readouterr().err


@pytest.mark.parametrize(("dt", "fault"), [
    (-1*msecond, "dt must be positive, got -1 ms"), (0*msecond, "dt must be positive, got 0 s"),
    (1*namp, "dt must be in second, got 1 nA")])
def test_a_step_that_is_no_time_is_refused(dt, fault):
    with pytest.raises(InputError, match=f"Neuron 'lif': {fault}"):
        find("lif").group(2, dt=dt)
