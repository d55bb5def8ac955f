"""A two-state resistance with a threshold and a holding voltage, as one smooth equation."""

import math

# Sharpness of the sigmoid, in units of its span. The folds of the static curve, where
# the device switches, then lie inside the span by a factor known in closed form.
_SHARPNESS = 0.02
_FOLD = (1 - math.sqrt(1 - 4*_SHARPNESS))/2
_WINDOW = 1 - 2*_FOLD + 2*_SHARPNESS*math.log(_FOLD/(1 - _FOLD))

THRESHOLD = f"""
dx/dt = (x_static - x)/tau_x                    : 1        # 0 off, 1 on
size = sqrt(v**2 + 1e-12*volt**2)               : volt     # abs(v), smooth at 0
span = (V_th - V_hold)/{_WINDOW!r}              : volt
x_static = 0.5 + 0.5*tanh(((2*size - V_th - V_hold)/span + 2*x - 1)/{4*_SHARPNESS!r}) : 1
R = R_off*exp(x**2*(3 - 2*x)*log(R_on/R_off))   : ohm
I = v/R                                         : amp
"""

ABOUT_THRESHOLD = (
    "The resistance is R_off or R_on: a fast bistable state x follows a sigmoid of the voltage "
    "and of itself, whose folds lie exactly at V_th and V_hold, so that the law is smooth. "
    "Switching takes some tau_x, longer the slower the voltage passes a fold.")
