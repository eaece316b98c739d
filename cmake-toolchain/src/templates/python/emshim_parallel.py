"""Has setuptools compile as many files at once as the machine has processors, where a build cannot tell.

setuptools builds one extension after the other, and compiles one file after the other. Its option `parallel`
of `build_ext` does only the first, and blindly: two extensions that share a source then write one object
file. Here a build whose steps are all setuptools' own, and that did not say itself what is to be done at once,
is looked at first: what no extension shares, and none has of another one, can be made in any order."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

# Whose methods do what they are known to do, by the first words of their modules' names.
_KNOWN = ("setuptools.", "distutils.", "Cython.Distutils.")
_COMMAND = ("build_extension", "get_ext_fullpath", "get_ext_filename", "get_libraries", "swig_sources")
_COMPILER = ("call", "compile", "_compile", "link", "link_shared_object", "object_filenames", "spawn")
_ARCHIVE = ("build_libraries",)
_COMPILED = (".c", ".cc", ".cpp", ".cxx", ".s", ".S")
# By these a compiler leaves files that are named by their sources alone, where it is called.
_LEAVES_FILES = ("-save-temps", "--save-temps")


def _workers():
    return len(os.sched_getaffinity(0))


def _is_known(thing, methods):
    """Whether these methods are those that setuptools came with, and no other's."""
    own = getattr(thing, "__dict__", {})
    return all(
        (getattr(base.__dict__[name], "__module__", None) or "").startswith(_KNOWN)
        for base in type(thing).__mro__
        for name in methods
        if name in base.__dict__
    ) and not any(name in own for name in methods)


def _leaves_files(compiler, words):
    commands = [getattr(compiler, name, None) or () for name in ("compiler_so", "compiler_so_cxx")]
    further = [os.environ.get(name, "").split() for name in ("EMSHIM_CFLAGS", "EMSHIM_CXXFLAGS")]
    return any(
        str(word).startswith(_LEAVES_FILES) for some in (words, *commands, *further) for word in some
    )


def _objects(compiler, sources, folder):
    """The objects of these sources, or None where compiling them is not all there is to it."""
    if not all(str(source).endswith(_COMPILED) for source in sources):
        return None
    objects = compiler.object_filenames([*sources], output_dir=folder)
    objects = {os.path.abspath(file) for file in objects}
    return objects if len(objects) == len(sources) else None


def _are_apart(command, extensions):
    """Whether no file is made for two of them, and none is made of what another one's build makes."""
    made = set()
    outputs = {os.path.abspath(command.get_ext_fullpath(each.name)) for each in extensions}
    folders = {os.path.dirname(output) for output in outputs}
    folders |= {os.path.abspath(folder) for folder in (command.build_temp, command.build_lib)}
    names = {each.name.rpartition(".")[2] for each in extensions}
    places = (command.build_temp, command.build_lib, *outputs)
    for each in extensions:
        objects = _objects(command.compiler, each.sources or (), command.build_temp)
        if objects is None or not made.isdisjoint(objects):
            return False
        made |= objects
        linked = {os.path.abspath(file) for file in each.extra_objects or ()}
        folders_of_each = (*(each.library_dirs or ()), *(each.runtime_library_dirs or ()))
        searched = {os.path.abspath(folder) for folder in folders_of_each}
        words = [str(word) for word in (*(each.extra_compile_args or ()), *(each.extra_link_args or ()))]
        libraries = {*(each.libraries or ())} | {word[2:] for word in words if word.startswith("-l")}
        if (
            not all(map(os.path.exists, linked))
            or not outputs.isdisjoint(linked)
            or not folders.isdisjoint(searched)
            or not names.isdisjoint(libraries)
            or any(place in word for word in words for place in places)
            or _leaves_files(command.compiler, words)
        ):
            return False
    return len(outputs) == len(extensions)


@contextmanager
def _compiling_at_once(compiler, pool):
    """While it is open, a call of `compile` hands its files to the pool, and ends when all are compiled."""
    real, real_one, here = compiler.compile, compiler._compile, threading.local()

    def compile_one(*args, **named):
        here.begun.append(pool.submit(real_one, *args, **named))

    def compile(*args, **named):
        begun = here.begun = []
        try:
            objects = real(*args, **named)
            for file in begun:
                file.result()
            return objects
        finally:
            # The first failure is the one that is told, and no compile goes on behind its back.
            for file in begun:
                if not file.cancel():
                    file.exception()

    compiler.compile, compiler._compile = compile, compile_one
    try:
        yield
    finally:
        del compiler.compile, compiler._compile


def _pool(count):
    print(f"emshim: up to {count} files are compiled at once", flush=True)
    return ThreadPoolExecutor(count)


def extensions(module):
    """What becomes of `setuptools.command.build_ext`."""
    one_by_one = getattr(module.build_ext, "_build_extensions_serial", None)
    if one_by_one is None:
        return

    def _build_extensions_serial(self):
        count = _workers()
        asked = self.parallel is not None or getattr(self, "shlibs", None)
        known = _is_known(self, _COMMAND) and _is_known(self.compiler, _COMPILER)
        if count < 2 or asked or not known or not _are_apart(self, self.extensions):
            return one_by_one(self)
        builds = ThreadPoolExecutor(count)
        with _pool(count) as files, builds, _compiling_at_once(self.compiler, files):
            begun = [(each, builds.submit(self.build_extension, each)) for each in self.extensions]
            try:
                for each, built in begun:
                    with self._filter_build_errors(each):
                        built.result()
            except BaseException:
                # What has not begun when one fails is not begun any more.
                for pool in (builds, files):
                    pool.shutdown(wait=False, cancel_futures=True)
                raise

    module.build_ext._build_extensions_serial = _build_extensions_serial


def libraries(module):
    """What becomes of `setuptools.command.build_clib`, which makes one archive after the other."""
    one_by_one = module.build_clib.build_libraries

    def build_libraries(self, libraries):
        def is_apart(info):
            objects = _objects(self.compiler, info.get("sources") or (), self.build_temp)
            return objects and not _leaves_files(self.compiler, info.get("cflags") or ())

        count = _workers()
        known = _is_known(self, _ARCHIVE) and _is_known(self.compiler, _COMPILER)
        if count < 2 or not known or not all(is_apart(info) for _, info in libraries):
            return one_by_one(self, libraries)
        with _pool(count) as files, _compiling_at_once(self.compiler, files):
            return one_by_one(self, libraries)

    module.build_clib.build_libraries = build_libraries
