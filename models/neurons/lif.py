"""The leaky integrate-and-fire neuron, with an absolute refractory period."""

from brian2 import Mohm, amp, msecond, mvolt, namp, usecond, volt

from brianmem import Evidence, Neuron

lif = Neuron(
    name="lif",
    equations="dv/dt = (-v + R*I_in)/tau : volt (unless refractory)",
    threshold="v > v_th", reset="v = v_reset", refractory="t_ref",
    parameters={"tau": 20*msecond, "R": 40*Mohm, "v_th": 20*mvolt, "v_reset": 0*volt,
                "t_ref": 2*msecond},
    initial={"v": 0*volt}, inputs={"I_in": 0*amp},
    references=("Lapicque1907", "Gerstner2014", "PengGanGuo2024"),
    evidence={"parameters": Evidence("proposed", "Round numbers of a cortical pyramidal cell; the "
                                     "equation is the cited one.")},
    operation={"silent": 0.4*namp, "fires": 1*namp, "duration": 500*msecond},
    suggested_dt=100*usecond, method="exact",
    description="The potential v, relative to rest, leaks with the time constant tau and fires at "
                "v_th; it rests at v_reset for t_ref. At constant drive "
                "f = 1/(t_ref + tau ln(R I/(R I - v_th))) from v_reset = 0, and no spike up to "
                "I = v_th/R. The step is exact between spikes, but a reset comes at the clock and the "
                "refractory period counts whole steps from the start of the step of the spike: an "
                "interval is off by less than dt.")
