"""Self-rectifying interface-type device: analogue SET and RESET, almost no reverse current.

Positive voltage SETs, negative voltage RESETs. The rectification is what lets a
crossbar do without selectors: every sneak path runs backwards through one device.
"""

from brian2 import msecond, second, siemens, volt

from brianmem import Device, Evidence

self_rectifying = Device(
    name="self_rectifying",
    equations="""
    dx/dt = (1 - x)*growth - x*decay        : 1   # share of the interface that conducts
    growth = int(v > 0*volt)*sinh(clip(v, 0*volt, 20*volt)/V_s)/tau_s   : 1/second
    decay = int(v < 0*volt)*sinh(clip(-v, 0*volt, 20*volt)/V_r)/tau_r   : 1/second
    G = G_off + (G_on - G_off)*x            : siemens
    I = G*V_t*sinh(v/V_t)*(int(v > 0*volt) + int(v <= 0*volt)/RR) : amp
    """,
    parameters={"G_on": 1e-9*siemens, "G_off": 1e-11*siemens, "V_t": 1*volt, "RR": 1e4,
                "V_s": 0.15*volt, "tau_s": 1e8*second, "V_r": 0.15*volt, "tau_r": 1e8*second},
    initial={"x": 0}, bounds={"x": (0, 1)},
    references=("Jeon2024", "PengGanGuo2024"),
    evidence={
        "parameters": Evidence("proposed", "The form follows the reports of self-rectifying "
                               "interface-type devices; the rectification ratio of 1e4 is taken "
                               "from the middle of 1e3 to 1e5, and no number was confirmed in a "
                               "source."),
        "operation": Evidence("proposed", "A SET of 3 V moves 1 - x by 2.4 %, a RESET of -3 V x by "
                              "the same.")},
    operation={"set": (3*volt, 10*msecond), "reset": (-3*volt, 10*msecond),
               "read": (1*volt, 1*msecond), "sweep": (3*volt, 4*second)},
    suggested_dt=0.2*msecond,
    description="Positive voltage SETs. Current grows as sinh(v/V_t) and is RR times smaller "
                "backwards; the state relaxes to 1 or 0 at a rate exponential in the voltage, "
                "linear in x at constant voltage, so that a third of the write voltage moves it "
                "6e5 times less. x is the conducting share of the interface. Proposed numbers "
                "throughout. The '100 % on MNIST' that the review quotes for such an array is for "
                "a single layer on a restricted task, not for ten classes.")
