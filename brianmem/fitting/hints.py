"""What may be wrong with data that a device cannot follow at all."""

import numpy as np

#: A relative residual above which a fit is not worth the name.
HOPELESS = 0.3
#: Share of the points with a current against the voltage that is no accident.
_AGAINST = 0.7
#: Factor between data and the device as it stands that suggests a wrong prefix.
_PREFIX = 200.0


def hints_for(task):
    """Return sentences on sign and unit of the data of `task`; empty where they look right."""
    hints = []
    size = np.abs(task.y)
    seen = size > task.floor
    if task.quantity == "current" and task.x[0] == "voltage":
        against = np.sign(task.y[seen]) * np.sign(np.asarray(task.x[1])[seen])
        if seen.any() and np.mean(against < 0) > _AGAINST:
            hints.append("The current has the opposite sign of the voltage: turn one of them round.")
    if getattr(task, "device", None) is None:
        return tuple(hints)
    with np.errstate(all="ignore"):
        usual = np.abs(task.predict({})[0])
    # Of the largest values: a leakage may differ by orders of magnitude.
    ratio = np.quantile(size, 0.9) / np.quantile(np.where(np.isfinite(usual), usual, 0), 0.9)
    if np.isfinite(ratio) and ratio > 0 and max(ratio, 1 / ratio) > _PREFIX:
        hints.append(f"The {task.quantity} is {ratio:.1g} times that of the device as it stands: check "
                     "its unit, such as mA for A.")
    return tuple(hints)
