"""Tables that are data, read with linear interpolation inside Brian2 code.

The rows of a two-dimensional `TimedArray` are grid points of x = 0..1 and its columns
are quantities. Generated code holds its shape and its name alone: in C++ standalone
another table goes in through ``run_args={array: values}``, without a build.
"""

import numpy as np
from brian2 import Function

from brianmem.errors import InputError

_CPP_1 = """
static inline double NAME(const double x, const int column)
{
    const double p = (x > 0 ? (x < 1 ? x : 1) : 0)*LAST;
    const int k = p < LAST ? (int)p : LAST - 1;
    const double* row = _namespaceDATA_values + k*COLUMNS + column;
    return row[0] + (p - k)*(row[COLUMNS] - row[0]);
}
"""
_CPP_2 = """
static inline double NAME(const double x, const double y, const int column)
{
    const double p = (x > 0 ? (x < 1 ? x : 1) : 0)*LAST, q = (y > 0 ? (y < 1 ? y : 1) : 0)*LAST;
    const int k = p < LAST ? (int)p : LAST - 1, l = q < LAST ? (int)q : LAST - 1;
    const double* row = _namespaceDATA_values + (k*(LAST + 1) + l)*COLUMNS + column;
    const double a = row[0] + (q - l)*(row[COLUMNS] - row[0]);
    const double* next = row + (LAST + 1)*COLUMNS;
    return a + (p - k)*(next[0] + (q - l)*(next[COLUMNS] - next[0]) - a);
}
"""
_CYTHON_1 = """
cdef double NAME(double x, int column):
    global _namespaceDATA_values
    cdef double p = min(max(x, 0.0), 1.0)*LAST
    cdef int k = min(<int>p, LAST - 1)
    cdef int at = k*COLUMNS + column
    cdef double a = _namespaceDATA_values[at]
    return a + (p - k)*(_namespaceDATA_values[at + COLUMNS] - a)
"""
_CYTHON_2 = """
cdef double NAME(double x, double y, int column):
    global _namespaceDATA_values
    cdef double p = min(max(x, 0.0), 1.0)*LAST
    cdef double q = min(max(y, 0.0), 1.0)*LAST
    cdef int k = min(<int>p, LAST - 1)
    cdef int l = min(<int>q, LAST - 1)
    cdef int at = (k*(LAST + 1) + l)*COLUMNS + column
    cdef int up = at + (LAST + 1)*COLUMNS
    cdef double a = _namespaceDATA_values[at]
    a += (q - l)*(_namespaceDATA_values[at + COLUMNS] - a)
    cdef double b = _namespaceDATA_values[up]
    b += (q - l)*(_namespaceDATA_values[up + COLUMNS] - b)
    return a + (p - k)*(b - a)
"""


def interpolate(table, *x):
    """Read `table`, one axis per x in 0..1 (clipped), linearly; x broadcast."""
    places = []
    for value, length in zip(x, np.shape(table), strict=True):
        p = np.clip(np.asarray(value, dtype=float), 0, 1) * (length - 1)
        # fmin: a NaN must not become an index; it stays in the fraction.
        k = np.fmin(np.nan_to_num(p), length - 2).astype(int)
        places.append((k, p - k))
    if len(places) == 1:
        ((k, f),) = places
        return table[k] + f * (table[k + 1] - table[k])
    (k, f), (m, g) = places
    low = table[k, m] + g * (table[k, m + 1] - table[k, m])
    high = table[k + 1, m] + g * (table[k + 1, m + 1] - table[k + 1, m])
    return low + f * (high - low)


def table_function(data, states=1):
    """Return a Brian2 `Function` of (x, column), or (x, y, column) for two states.

    `data` is a `TimedArray` of shape (points, columns), for two states
    (points*points, columns) with y running fastest. Works in numpy, Cython and C++.
    """
    rows, columns = data.values.shape
    points = round(rows ** (1 / states))
    if states not in (1, 2) or points**states != rows:
        raise InputError(f"A table of {rows} rows is no square grid of {states} states; give "
                         "points**states rows, for one or two states.")

    def look_up(*arguments):
        *x, column = arguments
        grid = data.values.reshape(*(points,) * states, columns)
        column = np.asarray(column, dtype=int)
        if column.ndim == 0:
            return interpolate(grid[..., int(column)], *x)
        found = np.empty(np.broadcast_shapes(column.shape, *(np.shape(v) for v in x)))
        column, *x = (np.broadcast_to(v, found.shape) for v in (column, *x))
        for c in np.unique(column):
            here = column == c
            found[here] = interpolate(grid[..., c], *(v[here] for v in x))
        return found

    function = Function(look_up, arg_units=[1] * (states + 1), return_unit=1,
                        arg_types=["float"] * states + ["integer"])
    function.implementations.add_implementation("numpy", look_up)
    for target, text in (("cpp", (_CPP_1, _CPP_2)), ("cython", (_CYTHON_1, _CYTHON_2))):
        name = f"_look_up_{data.name}"
        code = text[states - 1].replace("NAME", name).replace("DATA", data.name)
        code = code.replace("LAST", str(points - 1)).replace("COLUMNS", str(columns))
        function.implementations.add_implementation(
            target, code, dependencies={data.name: data}, name=name)
    return function
