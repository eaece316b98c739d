//! Pyodide targets: cross sysconfig, PEP 517 front end, wheels, tests in Node.
