"""Runs in Pyodide: what each routine does through numpy.f2py."""

import math

import numpy as np

import _f77wrap as f77

assert list(f77.scale(2.0, [1.0, 2.0, 3.0])) == [2.0, 4.0, 6.0]
a = np.arange(6.0).reshape(2, 3)
assert np.allclose(f77.matvec(a, [1, 2, 3]), a @ [1, 2, 3])
assert f77.greet("Wasm").rstrip() == b"Hello, Wasm!"
assert abs(f77.simps(math.sin, 0.0, math.pi, 100) - 2) < 1e-6
assert f77.half(3.0) == 1.5
assert f77.turn(1 + 2j) == -2 + 1j
assert f77.pick(True, np.array(["abcd", "bcde", "bxyz"], dtype="S4")) == 2
f77.tally.k = 5
f77.count()
f77.count()
assert f77.tally.k == 7
try:
    f77.simps(lambda x: 1 / 0, 0.0, 1.0, 10)
except ZeroDivisionError:
    print("all right")
