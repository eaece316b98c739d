//! Provisioning: a working Emscripten, host Python and Pyodide runtime on a bare machine.
