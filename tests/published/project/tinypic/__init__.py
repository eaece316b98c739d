"""Small pictures, the project that the tests publish: a compiled module and a dependency."""

import struct
import zlib

import six

from tinypic._tinypic import gradient, triple

__all__ = ["Figure", "Picture", "Table", "triple"]


def png(width, height):
    """A picture in shades of grey, as a PNG file."""
    rows = gradient(width, height)
    lines = b"".join(b"\0" + rows[at : at + width] for at in range(0, len(rows), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


class Picture:
    """Shows itself as pictures do in notebooks."""

    def __init__(self, width=240, height=80):
        self.size = width, height

    def _repr_png_(self):
        return png(*self.size)

    def __repr__(self):
        return "a picture of {} by {}".format(*self.size)


class Figure(Picture):
    """Shows itself as plotting libraries' figures do."""

    _repr_png_ = None

    def savefig(self, file, format=None):
        file.write(png(*self.size))


class Table:
    """Shows itself as tables do in notebooks."""

    def _repr_html_(self):
        rows = "".join(f"<tr><th>{n}<td>{triple(n)}" for n in six.moves.range(3))
        return f"<table><tr><th>n<th>triple{rows}</table>"
