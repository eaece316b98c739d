// The page: an example and a console. Python runs in a worker, so that the page never hangs, and
// Python that does can be started anew.

const byId = (id) => document.getElementById(id);
const [output, line, source, run, restart, state] =
  ["output", "line", "source", "run", "restart", "status"].map(byId);

const config = await (await fetch(new URL("config.json", import.meta.url))).json();

let worker;
let busy = true;
// Lines that were typed, the newest last, and the one that is shown.
const typed = [];
let shown = 0;

// ---- what Python says

function add(kind, fill) {
  const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
  const last = output.lastElementChild;
  const streams = ["stdout", "stderr"];
  // Pieces of one stream are one text.
  const goesOn = streams.includes(kind) && last?.className === kind;
  const element = goesOn ? last : output.appendChild(document.createElement("div"));
  element.className = kind;
  fill(element);
  if (atEnd) output.scrollTop = output.scrollHeight;
}

const addText = (kind, text) => add(kind, (element) => element.append(text));

// A picture or a table, of the kind that its object chose.
function addShown({ mime, data, text }) {
  add("shown", (element) => {
    if (mime === "text/html") {
      element.innerHTML = data;
      return;
    }
    const image = document.createElement("img");
    // An image of SVG runs no scripts.
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    image.src = URL.createObjectURL(new Blob([bytes], { type: mime }));
    image.alt = text;
    image.onload = () => URL.revokeObjectURL(image.src);
    element.append(image);
  });
}

function say(text, failed = false) {
  state.textContent = text;
  state.classList.toggle("failed", failed);
}

function setBusy(now, text) {
  busy = now;
  run.disabled = line.disabled = now;
  say(text);
}

const told = {
  ready({ python }) {
    restart.disabled = false;
    setBusy(false, `Python ${python} is ready`);
  },
  stream: ({ name, text }) => addText(name, text),
  shown: addShown,
  more() {
    // The statement is not complete: the next line is part of it.
    const text = typed.pop();
    const indent = text.match(/[ \t]*(?=[^\n]*$)/)[0] + (text.endsWith(":") ? "    " : "");
    line.value = `${text}\n${indent}`;
    output.lastElementChild.remove();
    setBusy(false, "The statement goes on");
    focusLine();
  },
  done({ focus }) {
    setBusy(false, "Python is ready");
    if (focus) focusLine();
  },
  failed({ why }) {
    restart.disabled = false;
    say(`Python has stopped: ${why}`, true);
  },
};

// ---- what Python is told

function start() {
  worker?.terminate();
  setBusy(true, "Python is loading …");
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: { what, ...rest } }) => told[what](rest);
  worker.onerror = (event) => told.failed({ why: event.message ?? "the worker did not start" });
  worker.postMessage({ what: "start", packages: config.packages });
}

function tell(message) {
  setBusy(true, "Python is running …");
  worker.postMessage(message);
}

function runExample() {
  if (busy) return;
  addText("typed", `# ${config.example}`);
  tell({ what: "run", source: source.value, file: config.example });
}

function runLine() {
  // A line of the indentation alone ends a block.
  const text = line.value.replace(/\n[ \t]+$/, "\n");
  if (busy || !text.trim()) return;
  typed.push(text.trimEnd());
  shown = typed.length;
  line.value = "";
  addText("typed", `>>> ${text.trimEnd().replaceAll("\n", "\n... ")}`);
  tell({ what: "type", source: text });
}

function focusLine() {
  line.focus();
  line.setSelectionRange(line.value.length, line.value.length);
  fit();
}

// Browsers without `field-sizing`.
function fit() {
  line.rows = line.value.split("\n").length;
}

function recall(step) {
  const next = Math.min(Math.max(shown + step, 0), typed.length);
  if (next === shown) return;
  shown = next;
  line.value = typed[shown] ?? "";
  focusLine();
}

line.addEventListener("keydown", (event) => {
  const several = line.value.includes("\n");
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    runLine();
  } else if (event.key === "ArrowUp" && !several) {
    event.preventDefault();
    recall(-1);
  } else if (event.key === "ArrowDown" && !several) {
    event.preventDefault();
    recall(1);
  }
});
line.addEventListener("input", fit);
source.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    runExample();
  }
});
byId("prompt").addEventListener("submit", (event) => event.preventDefault());
// A click into the console is one into its line, unless text is being marked.
byId("console").addEventListener("click", () => {
  if (getSelection().isCollapsed) line.focus();
});
run.addEventListener("click", runExample);
restart.addEventListener("click", () => {
  addText("typed", "# Python was restarted");
  start();
});
byId("clear").addEventListener("click", () => output.replaceChildren());

async function showExample() {
  const text = await (await fetch(new URL("example.py", import.meta.url))).text();
  const reset = () => {
    source.value = text;
  };
  reset();
  source.rows = Math.min(Math.max(text.split("\n").length, 5), 24);
  byId("example-name").textContent = config.example;
  byId("reset").addEventListener("click", reset);
  byId("example").hidden = false;
}

byId("installed").textContent = `${config.runtime} with ${config.installed.join(", ")}`;
if (config.example) await showExample();
start();
