"""Libraries of the target as ctypes has libraries: setup scripts load one to ask for its version and for which
functions it has. Names are looked up in the library, static or shared; a call becomes a program for the target that makes
it once, and what it wrote where it was given addresses is written back.

Loaded by `emshim_target` when it is needed."""

import ctypes
import os
import re
import subprocess
import tempfile

from emshim_target import prefixes

# How C calls a type of ctypes that is passed or given back by value, where it is the same on both machines.
_TYPES = {
    ctypes.c_bool: "_Bool",
    ctypes.c_byte: "signed char",
    ctypes.c_ubyte: "unsigned char",
    ctypes.c_short: "short",
    ctypes.c_ushort: "unsigned short",
    ctypes.c_int: "int",
    ctypes.c_uint: "unsigned",
    ctypes.c_float: "float",
    ctypes.c_double: "double",
}
# Letters of the types that have another form on the target, or hold an address.
_OTHERS = "lLPzZOg"
_MARK = "emshim-result:"
_LOOKUP = re.compile(r"^[0-9a-f]* *[A-TV-Z] (\w+)$", re.MULTILINE)


def _run(words, **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise OSError(f"{' '.join(words)} failed with {done.returncode}:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def find(name):
    """The library of the target that answers to the file name of a shared one."""
    match = re.fullmatch(r"lib(.+?)\.so[.0-9]*", os.path.basename(name))
    if match is None:
        return None
    files = (os.path.join(prefix, "lib", f"lib{match[1]}.{kind}") for prefix in prefixes() for kind in ("a", "so"))
    return next(filter(os.path.isfile, files), None)


def _same_layout(kind):
    if issubclass(kind, ctypes.Array):
        return _same_layout(kind._type_)
    if issubclass(kind, (ctypes.Structure, ctypes.Union)):
        return all(_same_layout(field[1]) for field in kind._fields_)
    code = getattr(kind, "_type_", None)
    return isinstance(code, str) and code not in _OTHERS


class Function:
    """A function of the target's."""

    def __init__(self, library, name):
        self._library = library
        self.__name__ = name
        self.argtypes = None
        self.restype = ctypes.c_int

    def _refuse(self, what):
        return ctypes.ArgumentError(
            f"emshim: {self.__name__} of {self._library} is of the target, and {what} has another form "
            "there: tell the package by its own settings what it asks the library for"
        )

    def _value(self, given):
        """A value as C has it, with its type."""
        if isinstance(given, int):
            given = ctypes.c_int(given)
        elif isinstance(given, float):
            given = ctypes.c_double(given)
        of = _TYPES.get(type(given))
        if of is None:
            raise self._refuse(f"an argument of type {type(given).__name__}")
        return of, repr(given.value if of in ("float", "double") else int(given.value))

    def __call__(self, *given):
        types, values, buffers = [], [], []
        for number, argument in enumerate(given):
            if self.argtypes is not None and number < len(self.argtypes):
                kind = self.argtypes[number]
                if kind in _TYPES and not isinstance(argument, kind):
                    argument = kind(argument)
            # What byref() and pointer() made.
            pointed = getattr(argument, "_obj", None)
            if pointed is None and hasattr(argument, "contents"):
                pointed = argument.contents
            if pointed is None and isinstance(argument, ctypes.Array):
                pointed = argument
            if argument is None or isinstance(argument, bytes):
                data = None if argument is None else argument + b"\0"
            elif pointed is not None:
                if not _same_layout(type(pointed)):
                    raise self._refuse(f"what a {type(pointed).__name__} holds")
                data = bytes(pointed)
            else:
                of, value = self._value(argument)
                types.append(of)
                values.append(value)
                continue
            types.append("void *")
            values.append("0" if data is None else f"b{len(buffers)}")
            if data is not None:
                buffers.append((data, pointed))
        shown = self._ask(types, values, [data for data, _ in buffers])
        for (data, pointed), text in zip(buffers, shown[1:], strict=True):
            if pointed is not None:
                ctypes.memmove(ctypes.addressof(pointed), bytes.fromhex(text), len(data))
        if self.restype is None:
            return None
        if self.restype is ctypes.c_char_p:
            return None if shown[0] == "none" else bytes.fromhex(shown[0])
        result = bytes.fromhex(shown[0])
        return self.restype.from_buffer_copy(result).value

    def _ask(self, types, values, buffers):
        """Makes the call: the bytes of its result, and of each buffer after it, in hexadecimal."""
        call = f"{self.__name__}({', '.join(values)})"
        if self.restype is None:
            of, keep, tell = "void", call, 'puts("")'
        elif self.restype is ctypes.c_char_p:
            of, keep = "const char *", f"const char *r = {call}"
            tell = 'if (r) show(r, strlen(r)); else puts("none")'
        elif self.restype in _TYPES:
            of = _TYPES[self.restype]
            keep, tell = f"{of} r = {call}", "show(&r, sizeof r)"
        else:
            raise self._refuse(f"its result, a {getattr(self.restype, '__name__', self.restype)},")
        lines = ["#include <stdio.h>", "#include <string.h>"]
        lines += [f"{of} {self.__name__}({', '.join(types) or 'void'});"]
        for number, data in enumerate(buffers):
            listed = ", ".join(map(str, data)) or "0"
            lines.append(f"static _Alignas(16) unsigned char b{number}[] = {{{listed}}};")
        lines += [
            "static void show(const void *from, size_t n) {",
            "  const unsigned char *at = from;",
            '  while (n--) printf("%02x", *at++);',
            '  puts("");',
            "}",
            "int main(void) {",
            f'  {keep}; puts("{_MARK}"); {tell};',
            *(f"  show(b{number}, {len(data)});" for number, data in enumerate(buffers)),
            "}",
        ]
        source = "\n".join(lines)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "ask.c"), "w", encoding="ascii") as file:
                file.write(source + "\n")
            folder_of = os.path.dirname(self._library)
            library = os.path.splitext(os.path.basename(self._library))[0][3:]
            at = [f"-L{folder_of}", f"-Wl,-rpath,{folder_of}"]
            # A builtin of this name has a signature of its own.
            words = ["cc", "-fno-builtin", "ask.c", "-o", "ask", *at, f"-l{library}"]
            _run(words, cwd=folder)
            said = _run([os.path.join(folder, "ask")])
        return said.partition(_MARK)[2].splitlines()[1:]


class Library:
    """A library of the target's, in the place of a `ctypes.CDLL`."""

    def __init__(self, path):
        self._name = path
        # Weak names are functions of it as well; what it needs of others is not.
        self._names = frozenset(_LOOKUP.findall(_run(["nm", "-g", path])))

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        function = self[name]
        setattr(self, name, function)
        return function

    def __getitem__(self, name):
        if name not in self._names:
            raise AttributeError(f"{self._name}: undefined symbol: {name}")
        return Function(self._name, name)

    def __repr__(self):
        return f"<the target's {self._name}>"
