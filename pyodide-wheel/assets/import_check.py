"""Imports modules one by one and says how each went, in a file that survives a crash."""

import importlib
import json
import sys


def outcome(name):
    """None for a module that imports, else what kind of failure it is and its message."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return {"kind": "missing", "missing": error.name, "message": str(error)}
    except ImportError as error:
        # The loader of extension modules names the file.
        kind = "load" if (error.path or "").endswith(".so") else "error"
        return {"kind": kind, "message": str(error)}
    except BaseException as error:
        return {"kind": "error", "message": f"{type(error).__name__}: {error}"}
    return None


report, *names = sys.argv[1:]
with open(report, "w", encoding="utf-8") as file:
    for name in names:
        print(json.dumps({"module": name}), file=file, flush=True)
        failure = outcome(name)
        print(json.dumps({"module": name, "failure": failure, "done": True}), file=file, flush=True)
