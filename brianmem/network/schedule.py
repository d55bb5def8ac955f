"""The schedule that runs inside a simulation: images, re-presentation, end of the run.

A group of one neuron named ``schedule`` holds the index of the image. An image that
drew fewer than `min_spikes` output spikes is shown again, more brightly; after the
last one, or at the highest intensity, the schedule goes on, and it ends the run
after the last image.
"""

import numpy as np
from brian2 import Function, stop

SCHEDULE = """
image : integer                       # index within this run, -1 before the first
n_images : integer
presented : integer                   # presentations so far
fired : 1                             # output spikes so far
fired_before : 1                      # ... when this presentation began
min_spikes : 1
intensity_start : 1
intensity : 1                         # of the present presentation
intensity_step : 1
intensity_cap : 1
silent : 1                            # images given up without any output spike
learning : 1
done : 1
seed : 1
"""

# To run at the start of each presentation, first of all.
NEXT_IMAGE = """
n_out = fired - fired_before
again = int(presented > 0)*int(n_out < min_spikes)*int(intensity + intensity_step <= intensity_cap)
silent = silent + int(presented > 0)*(1 - again)*int(n_out < 0.5)
intensity = intensity_start + again*(intensity + intensity_step - intensity_start)
image = image + 1 - again
fired_before = fired
presented = presented + 1
done = finish(int(image >= n_images))
"""


def finish_function():
    """Return the function that ends the run when its argument is not 0."""
    def finish(done):
        if np.any(done):
            stop()
        return done

    function = Function(finish, arg_units=[1], return_unit=1, stateless=False)
    function.implementations.add_implementation("cpp", """
    static inline double finish(const double done) {
        if (done > 0) Network::_globally_stopped = true;
        return done;
    }""", name="finish", compiler_kwds={"headers": ['"network.h"']})
    return function
