// Installs a published package as users of Pyodide do, in Node. Called as:
//   node install.mjs PYODIDE SITE INDEX CODE
// with Pyodide's folder, the published folder, the address of its index, and what to run at the end.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [pyodide, site, index, code] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const lockFileURL = `${site}/pyodide-lock.json`;
const quiet = { stdout: () => {}, stderr: (text) => console.error(text) };

// What ran, by the way it was installed.
const ran = {};

async function run(name, options, install) {
  const python = await loadPyodide({ ...quiet, ...options });
  await python.runPythonAsync(install);
  ran[name] = python.runPython(code).toString();
}

// By name, at the start.
await run("start", { lockFileURL, packages: ["tinypic"] }, "");
// By micropip, from the lock file.
const micropip = { lockFileURL, packages: ["micropip"] };
await run("lock", micropip, "import micropip; await micropip.install('tinypic')");
// By the import, as notebooks do it.
const imported = `
import pyodide_js
await pyodide_js.loadPackagesFromImports("import tinypic")
`;
await run("import", { lockFileURL }, imported);
// By micropip, from the index: with a lock file that has nothing but micropip.
const { info, packages } = JSON.parse(await readFile(lockFileURL, "utf8"));
const needs = ["micropip", ...packages.micropip.depends];
const own = Object.fromEntries(needs.map((name) => [name, packages[name]]));
await run(
  "index",
  { lockFileContents: JSON.stringify({ info, packages: own }), packageBaseUrl: site, packages: ["micropip"] },
  `import micropip; await micropip.install('tinypic', index_urls='${index}')`,
);
console.log(JSON.stringify(ran));
process.exit(0);
