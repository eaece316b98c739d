"""Reads a `_sysconfigdata` module, which is Python and no data format."""


def main(request):
    # Paths in the module hang off this variable.
    os.environ["PYODIDE_ROOT"] = request["root"]
    namespace = {}
    with open(request["module"], encoding="utf-8") as file:
        exec(compile(file.read(), request["module"], "exec"), namespace)
    return namespace["build_time_vars"]


serve(main)
