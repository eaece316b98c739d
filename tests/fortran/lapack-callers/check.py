"""Runs in Pyodide: each caller of LAPACK gets the right numbers."""

import numpy as np

import _f2py
import _lengths
import _none


def columns(*rows):
    return np.array(rows, dtype=float, order="F")


lu, pivots = columns([2, 1], [0.5, 2.5]), np.array([1, 2], dtype=np.int32)
upper = columns([2, 1], [0, 4])

x, info = _f2py.dgetrs("N", lu, pivots, columns([3], [5]))
assert info == 0 and np.allclose(x, [[0.8], [1.4]]), x
x, info = _f2py.dtrtrs("U", "N", "N", upper, columns([5], [8]))
assert info == 0 and np.allclose(x, [[1.5], [2]]), x

x = columns([3], [5])
assert _none.dgetrs(lu, pivots, x) == 0 and np.allclose(x, [[0.8], [1.4]]), x
assert _none.sdot(np.float32([1, 2, 3]), np.float32([4, 5, 6])) == 32

x = columns([5], [8])
assert _lengths.dtrtrs(upper, x) == 0 and np.allclose(x, [[1.5], [2]]), x
print("all right")
