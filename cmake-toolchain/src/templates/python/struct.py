"""`struct` for a build machine's Python that answers for the target: the size of one C type, by
which build systems ask for the width of a pointer, is the target's. What packs data keeps the
layout of the machine it runs on."""

import sys

import _struct
from _struct import *
from _struct import _clearcache

__all__ = [
    "calcsize",
    "pack",
    "pack_into",
    "unpack",
    "unpack_from",
    "iter_unpack",
    "Struct",
    "error",
]

# clang's data layout for wasm32-unknown-emscripten, in bytes: pointers, long, size_t.
_SIZES = dict.fromkeys("PlLnN", 4)

# Packages that call libraries of the build machine, and check its own sizes when imported.
_OF_THE_MACHINE = frozenset(["ctypes"])


def calcsize(format, /):
    """The size in bytes of what `format` describes."""
    text = format.decode("latin-1") if isinstance(format, bytes) else format
    code = text.removeprefix("@") if isinstance(text, str) else ""
    caller = sys._getframe(1).f_globals.get("__name__") or ""
    if caller.partition(".")[0] in _OF_THE_MACHINE:
        return _struct.calcsize(format)
    return _SIZES.get(code) or _struct.calcsize(format)
