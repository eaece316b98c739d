"""Compiles sources to bytecode that says nothing of times and folders, and answers which it cannot compile."""

import json
import py_compile
import sys
import warnings

warnings.simplefilter("ignore")
refused = {}
with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
for one in request:
    try:
        py_compile.compile(
            one["source"],
            cfile=one["made"],
            dfile=one["name"],
            doraise=True,
            optimize=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        refused[one["name"]] = f"{error.exc_type_name}: {error.exc_value}"
    except (RecursionError, MemoryError) as error:
        refused[one["name"]] = f"{type(error).__name__}: {error}"
print(json.dumps(refused))
