"""What Python's modules say of the machine, said of the target: projects ask them for the width of a
pointer and for the processor, and setuptools which libraries there are, and compile by the answers. (setuptools
is changed for speed too: `emshim_parallel`.)

What runs on the build machine for its own sake is told the truth: the standard library, which packs data
and calls libraries, and programs that choose tools and packages for this machine. The name of the system
(`sys.platform`, `os.name`, `platform.system()`) stays the build machine's, on which commands are run:
what a project is built for, `sysconfig.get_platform()` and the variable `PYODIDE` tell."""

import os
import re
import sys
from importlib import import_module
from importlib.machinery import PathFinder

# clang's data layout for wasm32-unknown-emscripten, in bytes: pointers, long, size_t.
_SIZES = dict.fromkeys("PlLnN", 4)
_MACHINE = "wasm32"
_BUILD_MACHINE = os.uname().machine

_FOR_THE_MACHINE = frozenset(["mesonbuild", "packaging", "pip"]) | sys.stdlib_module_names


def _for_the_machine(frame):
    name = frame.f_globals.get("__name__") or ""
    return name.partition(".")[0] in _FOR_THE_MACHINE


def _of_a_package(frame):
    file = frame.f_code.co_filename
    return "site-packages" in file or "dist-packages" in file


def _calcsize(real, format, /):
    # What packs data keeps the layout of the machine it runs on: only the size of one type is the target's.
    text = format.decode("latin-1") if isinstance(format, bytes) else format
    code = text.removeprefix("@") if isinstance(text, str) else ""
    return _SIZES.get(code) or real(format)


def _sizeof(real, value, /):
    # Only a project's own code asks for the target: packages call libraries of this machine.
    code = getattr(value, "_type_", None)
    if not isinstance(value, type) or _of_a_package(sys._getframe(2)):
        return real(value)
    if not isinstance(code, str):
        pointer = any(base.__name__ == "_Pointer" for base in value.__mro__)
        return _SIZES["P"] if pointer else real(value)
    if code in "PzZO":
        return _SIZES["P"]
    if code in _SIZES and real(value) != _SIZES[code]:
        print(
            f"emshim: ctypes.sizeof({value.__name__}) is {real(value)}, as on the build machine, where c_long, "
            "c_size_t and c_int64 are one type; the target's long and size_t have 4 bytes, as "
            "struct.calcsize('l') says",
            file=sys.stderr,
        )
    return real(value)


def _library(real):
    """Loads a library of the target for a project that asks it something, the machine's for all others."""

    class CDLL(real):
        def __new__(cls, name=None, *how, **named):
            asker = sys._getframe(1)
            while asker.f_globals.get("__name__") == "ctypes":
                asker = asker.f_back  # of `cdll.LoadLibrary`
            if isinstance(name, str) and not _for_the_machine(asker) and not _of_a_package(asker):
                libraries = import_module("emshim_library")
                found = libraries.find(name)
                if found is not None:
                    return libraries.Library(found)
            return super().__new__(cls)

    return CDLL


def _architecture(real, *which, **named):
    return real(*which, **named) if which or named else ("32bit", "")


def _platform(real, *how, **named):
    return real(*how, **named).replace(_BUILD_MACHINE, _MACHINE)


def _os_uname(real):
    return os.uname_result((*real()[:4], _MACHINE))


def _config_h(real):
    return os.path.join(sys.modules["sysconfig"].get_config_var("INCLUDEPY"), "pyconfig.h")


# By module: what is asked, and the answer, which is given the real function and its arguments.
_ANSWERS = {
    "ctypes": {"sizeof": _sizeof},
    "os": {"uname": _os_uname},
    "platform": {
        "architecture": _architecture,
        "machine": lambda real: _MACHINE,
        "platform": _platform,
        "processor": lambda real: "",
        "uname": lambda real: real()._replace(machine=_MACHINE),
    },
    "struct": {"calcsize": _calcsize},
    "sysconfig": {"get_config_h_filename": _config_h},
}


def _answering(real, answer):
    def asked(*args, **named):
        if _for_the_machine(sys._getframe(1)):
            return real(*args, **named)
        return answer(real, *args, **named)

    asked.__name__ = asked.__qualname__ = real.__name__
    asked.__doc__ = real.__doc__
    asked.__module__ = real.__module__
    return asked


def _answer(module):
    for name, answer in _ANSWERS[module.__name__].items():
        if hasattr(module, name):
            setattr(module, name, _answering(getattr(module, name), answer))


def _in_parallel(function):
    def change(module):
        # Loaded where it is needed: few interpreters build anything with setuptools.
        getattr(import_module("emshim_parallel"), function)(module)

    return change


# The build machine's folders of libraries, and what the C library of every machine has.
_LIBRARY_DIRS = re.compile(r"(/usr|/usr/local)?/lib(32|64|x32)?(/|$)")
_PACKAGE_DIRS = re.compile(r"/(dist|site)-packages(/|$)")
_OF_C = frozenset(["c", "dl", "m", "pthread", "rt", "util"])


def prefixes():
    """The target's prefixes, in the order in which they are searched."""
    listed = os.pathsep.join(os.environ.get(name, "") for name in ("EMSHIM_PREFIX", "EMSHIM_LIBRARIES"))
    return [prefix for prefix in listed.split(os.pathsep) if prefix]


def _where_libraries_are(folders):
    """The folders as the target's compilers search them: its prefixes in the place of the build machine's own."""
    for folder in folders:
        path = os.path.normpath(folder)
        below = any(path.startswith(os.path.join(prefix, "")) for prefix in prefixes())
        if below or _PACKAGE_DIRS.search(path) or not _LIBRARY_DIRS.match(path):
            yield folder
        else:
            yield from (os.path.join(prefix, "lib") for prefix in prefixes())


def _search_for_the_target(module):
    """Setup scripts ask setuptools' compiler which libraries there are."""
    compiler = import_module("distutils.unixccompiler").UnixCCompiler
    real = compiler.find_library_file

    def find_library_file(self, dirs, lib, *more, **named):
        folders = dirs if lib in _OF_C else [*_where_libraries_are(dirs)]
        return real(self, folders, lib, *more, **named)

    compiler.find_library_file = find_library_file


def _change_build_ext(module):
    _in_parallel("extensions")(module)
    _search_for_the_target(module)


def _answer_ctypes(module):
    _answer(module)
    module.CDLL = _library(module.CDLL)
    module.cdll = module.LibraryLoader(module.CDLL)


# By module: what is done to it when it has been loaded.
_CHANGES = dict.fromkeys(_ANSWERS, _answer) | {
    "ctypes": _answer_ctypes,
    "setuptools.command.build_clib": _in_parallel("libraries"),
    "setuptools.command.build_ext": _change_build_ext,
}


class _Loader:
    """Loads a module as its own loader does, and changes it."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        self._loader.exec_module(module)
        _CHANGES[module.__name__](module)


class _Finder:
    """Finds the modules that are changed where they are."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _CHANGES:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


def install():
    """From here on this interpreter answers for the target."""
    if _Finder in sys.meta_path:
        return
    sys.maxsize = (1 << (8 * _SIZES["P"] - 1)) - 1
    for name, change in _CHANGES.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _Finder)
