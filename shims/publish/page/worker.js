// Python: Pyodide with the page's packages, told what to run and saying what comes out.

import { loadPyodide } from "../pyodide/pyodide.mjs";

const pyodideFolder = new URL("../pyodide/", import.meta.url).href;
const tell = (what, rest = {}) => self.postMessage({ what, ...rest });

let python;

async function start({ packages }) {
  const session = fetch(new URL("session.py", import.meta.url)).then((answer) => answer.text());
  const pyodide = await loadPyodide({ indexURL: pyodideFolder, packages });
  for (const [name, set] of [["stdout", "setStdout"], ["stderr", "setStderr"]]) {
    const decoder = new TextDecoder();
    pyodide[set]({
      write(bytes) {
        tell("stream", { name, text: decoder.decode(bytes, { stream: true }) });
        return bytes.length;
      },
    });
  }
  pyodide.registerJsModule("_page", {
    shown: (mime, data, text) => tell("shown", { mime, data: data.toJs?.() ?? data, text }),
  });
  python = pyodide.runPython(await session, { globals: pyodide.toPy({ __name__: "session" }) });
  tell("ready", { python: python.version });
}

async function run({ source, file }) {
  await python.run_program(source, file);
  tell("done", { focus: false });
}

async function type({ source }) {
  const complete = await python.run_statement(source);
  if (complete) tell("done", { focus: true });
  else tell("more");
}

const tasks = { start, run, type };
self.onmessage = async ({ data: { what, ...rest } }) => {
  try {
    await tasks[what](rest);
  } catch (error) {
    // What Python raises is shown by Python: this is the runtime's own end.
    tell("failed", { why: error.message ?? String(error) });
  }
};
