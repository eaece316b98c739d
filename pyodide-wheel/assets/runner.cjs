// Runs CPython's own main() inside Pyodide, so that command line, exit status and streams are
// those of a normal `python`. Called as: node -e THIS_FILE REQUEST, with REQUEST as JSON:
//   pyodide     folder of the unpacked npm package
//   args        what a `python` command line has after the program name
//   site        host folder to use as site-packages, or null
//   executable  value of sys.executable
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const tty = require("node:tty");

const request = JSON.parse(process.argv[1]);

// As a process that received SIGABRT.
const FATAL = 134;

// Top-level folders whose names mean something else inside the runtime.
const OWN = new Set(["dev", "lib", "proc", "sys"]);

// Variables that describe the host's interpreter, not the user's wishes.
const HOST_ONLY = ["PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"];

function environment() {
  // Pyodide keeps the interpreter alive after main() unless this is set.
  const env = { PYTHONINSPECT: "", ...process.env };
  for (const name of HOST_ONLY) delete env[name];
  for (const name of Object.keys(env)) if (name.startsWith("_PYTHON_")) delete env[name];
  return env;
}

// Shows the host's folders at their own paths, so that paths mean the same on both sides.
function mountHost(FS, sitePackages) {
  const NODEFS = FS.filesystems.NODEFS;
  // The runtime's user is 0, whoever runs node. Programs that compare (pytest does, for its
  // temporary folders) must find that the user's files are the user's.
  const ids = { uid: process.getuid(), gid: process.getgid() };
  const getattr = NODEFS.node_ops.getattr;
  NODEFS.node_ops.getattr = (node) => {
    const attributes = getattr(node);
    for (const id of ["uid", "gid"]) if (attributes[id] === ids[id]) attributes[id] = 0;
    return attributes;
  };
  for (const name of fs.readdirSync("/")) {
    const root = `/${name}`;
    if (OWN.has(name) || !fs.statSync(root, { throwIfNoEntry: false })?.isDirectory()) continue;
    FS.mkdirTree(root);
    FS.mount(NODEFS, { root }, root);
  }
  if (request.site) FS.mount(NODEFS, { root: request.site }, sitePackages);
  enterWorkingDirectory(FS);
}

function enterWorkingDirectory(FS) {
  const root = process.cwd();
  try {
    FS.chdir(root);
  } catch {
    // It lies in a folder that is the runtime's own, such as /dev/shm.
    FS.mkdirTree(root);
    FS.mount(FS.filesystems.NODEFS, { root }, root);
    FS.chdir(root);
  }
}

// A pipe may be non-blocking, and then takes less than it is given. A `python` whose streams are
// unbuffered relies on write() taking all.
function writer(fd) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  return (buffer) => {
    let done = 0;
    while (done < buffer.length) {
      try {
        done += fs.writeSync(fd, buffer, done);
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(pause, 0, 0, 5);
      }
    }
    return done;
  };
}

// Pyodide's start leaves an entry for the working directory in sys.path; main() puts its own there.
function tidy(pyodide) {
  const path = pyodide.pyimport("sys").path;
  if (path.get(0) === "") pyodide.pyimport("operator").delitem(path, 0);
}

let runtime;

// The runtime ends by throwing: an ExitStatus when the program calls exit(), anything else when
// it breaks. node would print whole minified lines of the runtime for the latter.
function finish(error) {
  if (error?.name === "ExitStatus") process.exit(error.status);
  const message = error?.message ?? String(error);
  fs.writeSync(2, `emshim: Pyodide stopped with a fatal error: ${message}\n`);
  try {
    runtime?._dump_traceback?.();
  } catch {
    // The interpreter is too broken to say where it was.
  }
  process.exit(FATAL);
}

async function main() {
  let mounted = false;
  // The program name where Pyodide has no option for it.
  process.argv[1] = request.executable;
  const { loadPyodide } = require(path.join(request.pyodide, "pyodide.js"));
  const pyodide = await loadPyodide({
    args: request.args,
    env: environment(),
    fsInit: async (FS, { sitePackages }) => {
      mountHost(FS, sitePackages);
      mounted = true;
    },
    _sysExecutable: request.executable,
  });
  if (!mounted) throw new Error(`Pyodide ${pyodide.version} has no fsInit hook; use 0.27 or later`);
  runtime = pyodide._module;
  pyodide.setStdout({ write: writer(1), isatty: tty.isatty(1) });
  pyodide.setStderr({ write: writer(2), isatty: tty.isatty(2) });
  tidy(pyodide);
  process.exit(runtime._Py_RunMain());
}

process.on("uncaughtException", finish);
process.on("unhandledRejection", finish);
main().catch(finish);
