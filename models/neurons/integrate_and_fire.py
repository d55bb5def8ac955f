"""The integrate-and-fire neuron without leak: it counts charge."""

from brian2 import amp, msecond, mvolt, namp, nfarad, usecond, volt

from brianmem import Evidence, Neuron

integrate_and_fire = Neuron(
    name="integrate_and_fire",
    equations="dv/dt = I_in/C : volt",
    threshold="v >= v_th", reset="v -= v_th",
    parameters={"C": 0.5*nfarad, "v_th": 20*mvolt},
    initial={"v": 0*volt}, inputs={"I_in": 0*amp},
    references=("Gerstner2014", "PengGanGuo2024"),
    evidence={"parameters": Evidence("proposed", "The time constant over the resistance of lif.")},
    operation={"silent": 0*amp, "fires": 1*namp, "duration": 500*msecond},
    suggested_dt=100*usecond, method="euler",
    description="A capacitor that loses the charge C v_th at every spike: f = I/(C v_th) at any "
                "constant drive. The reset subtracts, so that no charge is lost to the clock and the "
                "mean rate is exact at any step that resolves the spikes.")
