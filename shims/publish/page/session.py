"""The page's Python: runs what it is given, and shows what comes out.

Its last value is what the worker calls: an object with `run_program`, `run_statement` and `version`.
"""

import ast
import builtins
import codeop
import io
import linecache
import platform
import sys
import traceback

import _page
from pyodide.code import eval_code_async
from pyodide.ffi import to_js

# The ways an object may know to show itself, the richest first, as notebooks ask for them.
WAYS = [
    ("_repr_html_", "text/html"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
]


def rich(value):
    """How a value shows itself, as a media type and what is of it; None for plain text."""
    if isinstance(value, type):
        return None
    for name, mime in WAYS:
        way = getattr(value, name, None)
        data = way() if callable(way) else None
        # Some give what they know about it as well.
        data = data[0] if isinstance(data, tuple) else data
        if data is not None:
            return mime, data
    if callable(getattr(value, "savefig", None)):
        picture = io.BytesIO()
        value.savefig(picture, format="png")
        return "image/png", picture.getvalue()
    return None


def display(*values):
    """Shows values: pictures and tables as such, the rest as text."""
    for value in values:
        sys.stdout.flush()
        found = rich(value)
        if found is None:
            print(repr(value))
        else:
            mime, data = found
            _page.shown(mime, data if isinstance(data, str) else to_js(data), repr(value))


class Session:
    """One conversation: what is defined stays."""

    version = platform.python_version()

    def __init__(self):
        self.globals = {"__name__": "__main__", "__builtins__": builtins}
        self.count = 0
        self.compile = codeop.CommandCompiler()
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    async def run_program(self, source, file):
        """Runs a program and shows the value of its last expression."""
        lines = source.splitlines(keepends=True)
        # Tracebacks quote it.
        linecache.cache[file] = len(source), None, lines, file
        try:
            value = await eval_code_async(source, self.globals, filename=file)
            if value is not None:
                self.globals["_"] = value
                display(value)
        except BaseException as error:
            self.tell(error, file)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()

    async def run_statement(self, source):
        """Runs what was typed, unless it is only the beginning of a statement."""
        if self.goes_on(source):
            return False
        self.count += 1
        await self.run_program(source, f"<console {self.count}>")
        return True

    def goes_on(self, source):
        """Whether more lines are needed: a block goes on until an empty line ends it."""
        try:
            return self.compile(source, "<console>", "single") is None
        except (SyntaxError, OverflowError, ValueError):
            return False

    def tell(self, error, file):
        """Prints a traceback that begins in the program, not in what runs it."""
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename != file:
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)


builtins.display = display
Session()
