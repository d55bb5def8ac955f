"""The text of a synapse whose state moves only through pulse maps.

One text serves a single `brian2.Synapses` in a user's script and the compiled
training program. ``pulse(x, column)`` reads the device's table, whose columns are
`brianmem.reduction.COLUMNS`: next state by SET and by RESET, their energies in
joule, and the read current in ampere, over the normalised state x in 0..1.
A device of two states has ``pulse(x, y, column)``, and y's columns after those of x.
"""

PULSE_MODEL = """
x : 1                                 # state, 0..1 between its bounds
I_read : amp                          # I(V_read, x), renewed at each write
f_min : 1                             # device-to-device factors of G_min,
f_max : 1                             # ... G_max,
f_set : 1                             # ... the SET step
f_reset : 1                           # ... and the RESET step
mobile : 1                            # 0 where the device is stuck
gain : volt/amp (shared, constant)    # lift of the membrane per read current
window : second (shared, constant)    # an input counts as active this long
c2c : 1 (shared, constant)            # noise of each change of state
I_low : amp (shared, constant)        # nominal read current at x = 0
I_high : amp (shared, constant)       # ... and at x = 1
plastic : 1 (shared)                  # 0 in labelling and testing
"""

PULSE_WRITE = """
idle = 1 - int(t - last_spike_pre <= window)
write_energy += plastic*joule*pulse(x, 2 + idle)
change = (pulse(x, idle) - x)*(f_set + idle*(f_reset - f_set))*(1 + c2c*randn())
x = clip(x + plastic*mobile*change, 0, 1)
nominal = amp*pulse(x, 4)
I_read = f_min*I_low + (nominal - I_low)*(f_max*I_high - f_min*I_low)/(I_high - I_low)
"""

SECOND_STATE = """
y : 1                                 # the second state, likewise
"""

PULSE_WRITE_2 = """
idle = 1 - int(t - last_spike_pre <= window)
write_energy += plastic*joule*pulse(x, y, 4 + idle)
strength = (f_set + idle*(f_reset - f_set))*(1 + c2c*randn())
change = (pulse(x, y, idle) - x)*strength
change_y = (pulse(x, y, 2 + idle) - y)*strength
x = clip(x + plastic*mobile*change, 0, 1)
y = clip(y + plastic*mobile*change_y, 0, 1)
nominal = amp*pulse(x, y, 6)
I_read = f_min*I_low + (nominal - I_low)*(f_max*I_high - f_min*I_low)/(I_high - I_low)
"""

# Native STDP: one map of (delay, state), see `brianmem.pairing`, instead of two pulses.
PAIR_MODEL = """
half_lag : second (shared, constant)  # delay in the middle of the table
"""

PAIR_WRITE = """
lag = t - last_spike_pre
near = lag/(lag + half_lag)
idle = 1 - int(lag <= window)
write_energy += plastic*joule*pair(near, x, 1)
change = pair(near, x, 0)*(f_set + idle*(f_reset - f_set))*(1 + c2c*randn())
x = clip(x + plastic*mobile*change, 0, 1)
nominal = amp*pulse(x, 4)
I_read = f_min*I_low + (nominal - I_low)*(f_max*I_high - f_min*I_low)/(I_high - I_low)
"""


def pulse_text(states=1):
    """Return equations and write statements for a device of one or two states."""
    if states == 1:
        return PULSE_MODEL, PULSE_WRITE
    return PULSE_MODEL + SECOND_STATE, PULSE_WRITE_2
