// Uses published folders as people do, in headless Chromium. Called as:
//   node browser.mjs WHAT ADDRESS CHROMIUM PICTURES
// where WHAT is a key of `tasks` below, and PICTURES is a folder for screenshots. Its working directory
// has playwright-core in node_modules.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [what, address, chromiumPath, pictures] = process.argv.slice(2);
const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");

const home = new URL(address).hostname;
const LONG = { timeout: 180_000 };

const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${home}`],
});
const context = await browser.newContext({ viewport: { width: 900, height: 1000 } });

// Every request, those of workers too, and what the pages complain of.
const requests = [];
const complaints = [];
context.on("request", (request) => requests.push(request));
context.on("console", (message) => {
  if (message.type() === "error") complaints.push(message.text());
});
context.on("weberror", (error) => complaints.push(String(error.error())));

const shot = (page, name) => page.screenshot({ path: `${pictures}/${what}-${name}.png`, fullPage: true });

const tasks = {
  // A page of `emshim page` with the example and the package of this folder.
  async page() {
    const page = await context.newPage();
    await page.goto(address);
    const status = page.getByRole("status");
    const ready = () => status.filter({ hasText: /ready$/ }).waitFor(LONG);
    const output = page.getByRole("log", { name: "Output" });
    const line = page.getByRole("textbox", { name: ">>> Python" });
    const says = (text) => output.getByText(text, { exact: true }).waitFor();
    const type = async (text) => {
      await line.fill(text);
      await line.press("Enter");
      await ready();
    };
    await ready();
    assert.match(await page.title(), /^tinypic 1\.0$/);

    const source = page.getByRole("textbox", { name: "example.py" });
    assert.match(await source.inputValue(), /from tinypic import/);
    await page.getByRole("button", { name: "Run" }).click();
    await says("three times fourteen is 42");
    const picture = output.getByRole("img", { name: "a picture of 240 by 80" });
    await picture.waitFor();
    assert.equal(await picture.evaluate((image) => image.naturalWidth), 240);
    await ready();
    await source.fill("print('changed')");
    await source.press("Control+Enter");
    await says("changed");
    await ready();
    await page.getByRole("button", { name: "Reset" }).click();
    assert.match(await source.inputValue(), /from tinypic import/);

    // What the example defined is there; a value is shown; a block goes on until an empty line.
    await type("triple(5)");
    await says("15");
    await line.fill("for n in range(3):");
    const goesOn = () => status.filter({ hasText: "goes on" }).waitFor();
    await line.press("Enter");
    await goesOn();
    await line.pressSequentially("print('n is', triple(n))");
    await line.press("Enter");
    await goesOn();
    await line.press("Enter");
    await ready();
    await says("n is 0\nn is 3\nn is 6");
    await type("import asyncio; await asyncio.sleep(0.01, 'waited')");
    await says("'waited'");
    await line.press("ArrowUp");
    assert.match(await line.inputValue(), /^import asyncio/);
    await type("import tinypic; tinypic.Table()");
    await output.getByRole("cell", { name: "6", exact: true }).waitFor();
    await type("tinypic.Figure(60, 30)");
    const figure = output.getByRole("img", { name: "a picture of 60 by 30" });
    await figure.waitFor();
    assert.equal(await figure.evaluate((image) => image.naturalHeight), 30);
    await type("1 / 0");
    await output.getByText(/^Traceback[^]*console \d+[^]*ZeroDivisionError: division by zero\s*$/).waitFor();
    await type("display(1, 2)");
    await says("1\n2");
    await shot(page, "light");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 380, height: 800 });
    await shot(page, "dark-narrow");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "the page is wider than the screen");

    // Python that never ends can be ended.
    await line.fill("while True: pass");
    await line.press("Enter");
    await goesOn();
    await line.press("Enter");
    await status.filter({ hasText: "running" }).waitFor();
    await page.getByRole("button", { name: "Restart Python" }).click();
    await ready();
    await type("'triple' in dir()");
    await says("False");
  },

  // A folder of `emshim lock`, used by a page that has Pyodide: ADDRESS is that page.
  async lock() {
    const page = await context.newPage();
    await page.goto(address);
    const ran = await page.evaluate(async () => {
      const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", location.href));
      const site = new URL("lock/", location.href).href;
      const lockFileURL = `${site}pyodide-lock.json`;
      const ran = {};
      const run = async (name, options, install) => {
        const python = await loadPyodide(options);
        await python.runPythonAsync(install);
        ran[name] = python.runPython("import tinypic; tinypic.triple(14)");
      };
      await run("start", { lockFileURL, packages: ["tinypic"] }, "");
      const { info, packages } = await (await fetch(lockFileURL)).json();
      const needs = ["micropip", ...packages.micropip.depends];
      const own = Object.fromEntries(needs.map((name) => [name, packages[name]]));
      const lockFileContents = JSON.stringify({ info, packages: own });
      await run("index", { lockFileContents, packageBaseUrl: site, packages: ["micropip"] },
        `import micropip; await micropip.install("tinypic", index_urls="${site}simple")`);
      return ran;
    });
    assert.deepEqual(ran, { start: 42, index: 42 });
  },

  // Documentation by Sphinx over a folder of `emshim docs`: a button, and a notebook.
  async docs() {
    const page = await context.newPage();
    await page.goto(address);
    const frame = page.frameLocator("iframe");
    // A cell that is run when the kernel's Python is on its way waits for it.
    const run = async (within, says) => {
      const cell = within.locator(".jp-CodeCell").filter({ hasText: "tinypic" }).first();
      await cell.locator(".cm-content").focus(LONG);
      await started;
      await page.keyboard.press("Shift+Enter");
      // What documentation expects stands there before: the number says that it was run.
      await within.getByText("[1]:", { exact: true }).first().waitFor(LONG);
      await within.locator(".jp-OutputArea-output").filter({ hasText: says }).first().waitFor(LONG);
    };
    const kernel = () => context.waitForEvent("request",
      { predicate: (request) => request.url().endsWith("/pyodide.mjs"), ...LONG });
    let started = kernel();
    await page.getByRole("button", { name: "Try it" }).click();
    await run(frame, "42");
    await shot(page, "button");
    started = kernel();
    await page.goto(new URL("lite/notebooks/index.html?path=demo.ipynb", address).href);
    await run(page, "three times fourteen is 42");
    const picture = page.locator(".jp-OutputArea-output img");
    await picture.waitFor();
    assert.equal(await picture.evaluate((image) => image.naturalWidth), 240);
    await shot(page, "notebook");
  },
};

try {
  await tasks[what]();
  // jupyterlite-sphinx's own style asks for a font of the web, for the sign that it is loading.
  const isTheirs = (request) => what === "docs" && request.resourceType() === "stylesheet";
  const leaves = (url) => !["blob:", "data:"].includes(url.protocol) && url.hostname !== home;
  const away = requests.filter((request) => leaves(new URL(request.url())) && !isTheirs(request))
    .map((request) => request.url());
  assert.deepEqual(away, [], "requests that leave the machine");
  // What others' pages complain of is theirs.
  if (what !== "docs") assert.deepEqual(complaints, []);
  console.log(`${what}: ${requests.length} requests, all to ${home}`);
} catch (error) {
  for (const page of context.pages()) await shot(page, "failed");
  console.error(complaints.join("\n"));
  throw error;
} finally {
  await browser.close();
}
