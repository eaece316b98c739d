"""Has this Python, the build machine's, answer for the target, and says of a module of the target's why it
does not find it: builds that import what they have just compiled, to write stubs or documentation, are not
told otherwise."""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

import emshim_target

_TARGETS = "-wasm32-emscripten.so"


class _OfTheTarget:
    """The last finder of all, which finds nothing."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        start = name.rpartition(".")[2] + "."
        for folder in sys.path if path is None else path:
            try:
                files = os.listdir(folder or ".")
            except (OSError, TypeError, ValueError):
                continue
            for file in files:
                if file.startswith(start) and file.endswith(_TARGETS):
                    raise ModuleNotFoundError(
                        f"No module named {name!r} for the build machine: "
                        f"{os.path.join(folder, file)} is for Pyodide, and the Python that runs "
                        "builds cannot import it; switch off what imports it (stubs, "
                        "documentation, tests), or do that with `emshim run --with WHEEL`",
                        name=name,
                    )
        return None


def _go_on():
    """Runs the one that this goes before, as its file would have been without it."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = [folder for folder in sys.path if os.path.abspath(folder) != here]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


emshim_target.install()
sys.meta_path.append(_OfTheTarget)
_go_on()
