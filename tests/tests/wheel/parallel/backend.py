"""A back end that runs setuptools on projects of one kind each, and says which files were compiled at once."""

import os
import subprocess
import sys
import sysconfig

from setuptools.build_meta import *
from setuptools.build_meta import build_wheel as _build_wheel

EXT = sysconfig.get_config_var("EXT_SUFFIX")

MODULE = """#include <Python.h>
#ifndef MARK
#define MARK "plain"
#endif
extern int further(void);
static PyModuleDef def = {PyModuleDef_HEAD_INIT, MARK "-mark", 0, -1, 0};
PyMODINIT_FUNC PyInit_NAME(void) { return further() ? PyModule_Create(&def) : 0; }
"""

START = """
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
def ext(name, *more, **named):
    with open(name + ".c", "w") as file:
        file.write(open("module.in").read().replace("NAME", name))
    return Extension(name, [name + ".c", *(more or ["further.c"])], **named)
apart = [ext("a", "a2.c"), ext("b", "b2.cpp", language="c++"), ext("c", "c2.c")]
"""

# What a setup.py has behind START, whether files are compiled at once, and the modules with their marks.
# A status other than 0 is the last field.
CASES = {
    "apart": ("setup(ext_modules=apart)", True, {"a": "plain", "b": "plain", "c": "plain"}),
    "one": ("setup(ext_modules=apart[:1])", True, {"a": "plain"}),
    "flags for all": (
        """
class Build(build_ext):
    def build_extensions(self):
        for each in self.extensions:
            each.define_macros.append(("MARK", '"theirs"'))
        super().build_extensions()
setup(ext_modules=apart, cmdclass={"build_ext": Build})
""",
        True,
        {"a": "theirs", "b": "theirs", "c": "theirs"},
    ),
    "a source of two": (
        """
shared = lambda name, mark: Extension(name, ["a.c", "further.c"], define_macros=[("MARK", f'"{mark}"')],
                                      export_symbols=["PyInit_a"])
setup(ext_modules=[shared("a", "first"), shared("p.a", "second"), shared("q.a", "third")])
""",
        False,
        {"a": "first", "p/a": "second", "q/a": "third"},
    ),
    "flags for one": (
        """
class Build(build_ext):
    def build_extension(self, each):
        self.compiler.define_macro("MARK", f'"{each.name}s"')
        super().build_extension(each)
setup(ext_modules=apart, cmdclass={"build_ext": Build})
""",
        False,
        {"a": "as", "b": "bs", "c": "cs"},
    ),
    "a compiler of its own": (
        """
class Build(build_ext):
    def build_extensions(self):
        real = self.compiler._compile
        self.compiler._compile = lambda *args: real(*args)
        super().build_extensions()
setup(ext_modules=apart, cmdclass={"build_ext": Build})
""",
        False,
        {"a": "plain"},
    ),
    "what another one leaves": (
        """
class Build(build_ext):
    def finalize_options(self):
        super().finalize_options()
        self.extensions[1].extra_objects = [self.build_temp + "/a2.o"]
setup(ext_modules=[apart[0], Extension("b", ["b.c"])], cmdclass={"build_ext": Build})
""",
        False,
        {"a": "plain", "b": "plain"},
    ),
    "temporary files": ("apart[0].extra_compile_args = ['-save-temps']\nsetup(ext_modules=apart)", False, {"a": "plain"}),
    "said otherwise": (
        "setup(ext_modules=apart, options={'build_ext': {'parallel': 1}})",
        False,
        {"a": "plain", "c": "plain"},
    ),
    "an archive": (
        """
setup(ext_modules=[ext("a", "a2.c"), Extension("b", ["b.c"])],
      libraries=[("further", {"sources": ["further.c", "other.c"]})])
""",
        True,
        {"a": "plain", "b": "plain"},
    ),
    "optional": (
        "setup(ext_modules=[Extension('broken', ['broken.c'], optional=True), *apart])",
        True,
        {"a": "plain", "c": "plain"},
    ),
    "broken": ("setup(ext_modules=[apart[0], Extension('broken', ['broken.c']), *apart[1:]])", True, {}, 1),
}


def _try(case):
    text, at_once, modules, *status = CASES[case]
    os.makedirs(case)
    for name in "a2.c", "b2.c", "c2.c", "further.c":
        with open(os.path.join(case, name), "w") as file:
            file.write("int further(void) { return 1; }\n")
    files = {
        "b2.cpp": 'extern "C" int further() { return 1; }\n',
        "other.c": "int other(void) { return 1; }\n",
        "broken.c": "int broken( {\n",
        "module.in": MODULE,
        "setup.py": START + text,
    }
    for name, content in files.items():
        with open(os.path.join(case, name), "w") as file:
            file.write(content)
    done = subprocess.run(
        [sys.executable, "setup.py", "build", "--build-lib=lib"], cwd=case, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert bool(done.returncode) == bool(status), (case, done.returncode, done.stdout)
    assert ("compiled at once" in done.stdout) == at_once, (case, done.stdout)
    assert not status or "broken.c:1" in done.stdout, (case, done.stdout)
    for name, mark in modules.items():
        with open(os.path.join(case, "lib", name + EXT), "rb") as file:
            assert f"{mark}-mark".encode() in file.read(), (case, name)


def build_wheel(*args, **named):
    for case in CASES:
        _try(case)
    return _build_wheel(*args, **named)
