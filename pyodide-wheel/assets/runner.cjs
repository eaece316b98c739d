// Runs CPython's own main() inside Pyodide, so that command line, exit status and streams are
// those of a normal `python`. Called as: node -e THIS_FILE REQUEST, with REQUEST as JSON:
//   pyodide     folder of the unpacked npm package
//   args        what a `python` command line has after the program name
//   site        host folder to use as site-packages, or null
//   executable  value of sys.executable
//   install     null, or what is installed first, as users of the release do it:
//     micropip    folder with the release's own micropip
//     wheel       the wheel's file
//     refusal     file to write micropip's reason to, if it refuses the wheel
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const tty = require("node:tty");
const util = require("node:util");

const request = JSON.parse(process.argv[1]);

// As a process that received SIGABRT.
const FATAL = 134;

// Top-level folders whose names mean something else inside the runtime.
const OWN = new Set(["dev", "lib", "proc", "sys"]);

// Variables that describe the host's interpreter, not the user's wishes.
const HOST_ONLY = ["PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__"];

function environment() {
  // Pyodide keeps the interpreter alive after main() unless the first is set, and warns that it
  // cannot have the newer interactive console unless the second is.
  const env = { PYTHONINSPECT: "", PYTHON_BASIC_REPL: "1", ...process.env };
  for (const name of HOST_ONLY) delete env[name];
  for (const name of Object.keys(env)) if (name.startsWith("_PYTHON_")) delete env[name];
  return env;
}

// Shows a folder of the host. What Emscripten's file system throws tells a number alone.
function mount(FS, root, at) {
  try {
    FS.mkdirTree(at);
    FS.mount(FS.filesystems.NODEFS, { root }, at);
  } catch (error) {
    const why = fs.existsSync(root) ? described(error) : "it is not there";
    throw new Error(`cannot show the folder ${root} as ${at}: ${why}`);
  }
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
    try {
      mount(FS, root, root);
    } catch (error) {
      // Others may remove what they have there at any time.
      if (fs.existsSync(root)) throw error;
    }
  }
  if (request.site) mount(FS, request.site, sitePackages);
  enterWorkingDirectory(FS);
}

function enterWorkingDirectory(FS) {
  const root = process.cwd();
  try {
    FS.chdir(root);
  } catch {
    // It lies in a folder that is the runtime's own, such as /dev/shm.
    mount(FS, root, root);
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

// micropip takes an address apart, and a file's path may hold what means something in one. So the
// wheel is shown to it in a folder of this name.
const WHEELS = "/lib/emshim-wheels";
const MICROPIP = "/lib/emshim-micropip";

// Leaves nothing of micropip behind: what is tested is the wheel.
const INSTALL = `
async def install(folder, wheel):
    import sys
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        import micropip
        await micropip.install("emfs:" + wheel, deps=False)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(folder + "/"):
                del sys.modules[name]
install
`;

async function install(pyodide, { micropip, wheel, refusal }) {
  const { FS } = pyodide;
  const folders = [[MICROPIP, micropip], [WHEELS, path.dirname(wheel)]];
  for (const [at, root] of folders) mount(FS, root, at);
  const call = pyodide.runPython(INSTALL, { globals: pyodide.globals.get("dict")() });
  const why = await call(MICROPIP, `${WHEELS}/${path.basename(wheel)}`);
  for (const [at] of folders) FS.unmount(at);
  if (why === undefined) return;
  fs.writeFileSync(refusal, why);
  process.exit(1);
}

// The module that `-m MODULE` names, if the arguments have it.
function moduleOf(args) {
  for (let i = 0; i < args.length; i++) {
    if (args[i].startsWith("-m")) return args[i].slice(2) || args[i + 1];
    if (args[i].startsWith("-c") || !args[i].startsWith("-") || args[i] === "-") return undefined;
    if (args[i] === "-W" || args[i] === "-X") i++;
  }
  return undefined;
}

const FIND = `
def found(name, cwd):
    import importlib.util, sys
    from importlib.machinery import PathFinder
    top = name.partition(".")[0]
    try:
        return bool(PathFinder.find_spec(top, [cwd]) or importlib.util.find_spec(top))
    except Exception:
        return True
found
`;

// Says how a module that is not there is had, after Python has said that it is not.
function adviseOn(pyodide, name) {
  if (!name) return;
  const found = pyodide.runPython(FIND, { globals: pyodide.globals.get("dict")() });
  if (found(name, process.cwd())) return;
  const top = name.split(".")[0];
  process.on("exit", (status) => {
    if (status === 1) {
      fs.writeSync(2, `emshim: \`--with ${top}\` before -m installs it, if the index calls it so\n`);
    }
  });
}

// Pyodide's start leaves an entry for the working directory in sys.path; main() puts its own there.
function tidy(pyodide) {
  const path = pyodide.pyimport("sys").path;
  if (path.get(0) === "") pyodide.pyimport("operator").delitem(path, 0);
}

let runtime;

// Anything can be thrown: an exception of WebAssembly and an object of the runtime's own say nothing
// as strings.
function described(error) {
  if (typeof error === "string") return error;
  if (typeof error?.message === "string" && error.message) return error.message;
  if (error instanceof WebAssembly.Exception) return "an exception that no code caught";
  if (error?.name === "ErrnoError") return `error ${error.errno} of Emscripten's file system`;
  return util.inspect(error, { depth: 1, breakLength: Infinity }).slice(0, 400);
}

// The runtime ends by throwing: an ExitStatus when the program calls exit(), anything else when
// it breaks. node would print whole minified lines of the runtime for the latter.
function finish(error) {
  if (error?.name === "ExitStatus") process.exit(error.status);
  fs.writeSync(2, `emshim: Pyodide stopped with a fatal error: ${described(error)}\n`);
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
    args: [...request.args],
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
  if (request.install) await install(pyodide, request.install);
  tidy(pyodide);
  adviseOn(pyodide, moduleOf(request.args));
  process.exit(runtime._Py_RunMain());
}

process.on("uncaughtException", finish);
process.on("unhandledRejection", finish);
main().catch(finish);
