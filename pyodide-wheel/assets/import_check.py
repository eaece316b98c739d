"""Imports modules one by one and says how each went, in a file that survives a crash."""

import importlib
import json
import sys
import traceback


def outcome(name):
    """None for a module that imports, else what kind of failure it is and its message."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return {"kind": "missing", "missing": error.name, "message": str(error)}
    except ImportError as error:
        # Python names what could not be taken from a module; the loader of extension modules does not.
        if error.name_from is not None:
            if imports_after_others(name, error):
                return None
            kind = "error"
        else:
            kind = "load" if (error.path or "").endswith(".so") else "error"
        return {"kind": kind, "message": str(error)}
    except BaseException as error:
        return {"kind": "error", "message": f"{type(error).__name__}: {error}"}
    return None


def imports_after_others(name, error):
    """Whether a module of a circle imports when another module of the circle comes first.

    Two modules that take names from each other import in one order alone, anywhere.
    """
    others = [
        frame.f_globals.get("__name__")
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_name == "<module>"
    ]
    for other in others:
        try:
            importlib.import_module(other)
            importlib.import_module(name)
        except BaseException:
            continue
        return True
    return False


report, *names = sys.argv[1:]
with open(report, "w", encoding="utf-8") as file:
    for name in names:
        print(json.dumps({"module": name}), file=file, flush=True)
        failure = outcome(name)
        print(json.dumps({"module": name, "failure": failure, "done": True}), file=file, flush=True)
