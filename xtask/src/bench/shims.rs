//! `cargo xtask bench shims`: what the shims cost, each against what it is measured by, in one run.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::progress::Lines;
use provision::{Env, SUITES, Store, provision_python, provision_workshop, unpack_source};
use serde_json::{Value, json};

use super::median;
use crate::{Result, build_emshim, target};

/// How to measure.
#[derive(Debug, Args)]
pub struct ShimsArgs {
    /// Runs of each command, in turn with the one it is measured by; the medians count
    #[arg(long, default_value_t = 41)]
    rounds: usize,
    /// How many of LAPACK's sources to build; none leaves its rows out
    #[arg(long, value_name = "FILES", default_value_t = usize::MAX)]
    lapack: usize,
}

/// One line of the table.
struct Row {
    work: &'static str,
    against: &'static str,
    /// The most that the ratio may be.
    aim: f64,
    ratio: f64,
    /// Milliseconds of one run, ours and the other's.
    times: [f64; 2],
}

/// A command with its environment.
#[derive(Clone)]
struct Call {
    argv: Vec<String>,
    env: Vec<(String, String)>,
}

impl Call {
    fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self {
            argv: words.into_iter().map(Into::into).collect(),
            env: Vec::new(),
        }
    }

    fn with(mut self, env: &[(String, String)]) -> Self {
        self.env.extend(env.iter().cloned());
        self
    }

    /// Runs it; milliseconds.
    fn time(&self, dir: &Utf8Path) -> Result<f64> {
        let mut command = Command::new(&self.argv[0]);
        command
            .args(&self.argv[1..])
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let began = Instant::now();
        let status = command.status()?;
        let took = began.elapsed().as_secs_f64() * 1e3;
        if status.success() {
            Ok(took)
        } else {
            Err(format!("{}: {status}", self.argv.join(" ")).into())
        }
    }
}

/// Where measuring takes place.
struct Bench {
    work: Utf8PathBuf,
    shims: Utf8PathBuf,
    store: Store,
    rounds: usize,
}

/// Measures, prints the table and writes it with the figures below cargo's folder for temporary
/// files.
pub fn run(args: &ShimsArgs) -> Result {
    let work = target().join("tmp/bench-shims");
    fs::create_dir_all(&work)?;
    let shims = work.join("shims");
    let emshim = build_emshim()?;
    duct::cmd!(emshim.as_str(), "install", shims.as_str())
        .stdout_null()
        .run()?;
    let bench = Bench {
        work,
        shims,
        store: Store::from_env()?,
        rounds: args.rounds.max(1),
    };
    let mut rows = bench.small()?;
    if args.lapack > 0 {
        rows.extend(bench.lapack(args.lapack)?);
    }
    let peak = bench.peak_memory()?;
    let text = markdown(&rows, peak);
    fs::write(bench.work.join("report.md"), &text)?;
    let report = format!("{:#}\n", json_report(&rows, peak));
    fs::write(bench.work.join("report.json"), report)?;
    print!("{text}");
    Ok(())
}

impl Bench {
    /// The step of a shim's plan that runs `program`, and the variables set for it.
    fn step(&self, words: &[&str], program: &str) -> Result<Call> {
        let emshim = self.shims.join("emshim");
        let words = [&["explain", "--json", "--"], words].concat();
        let text = duct::cmd(emshim.as_str(), words).dir(&self.work).read()?;
        let explanation: Value = serde_json::from_str(&text)?;
        let runs = |step: &&Value| {
            let path = step["argv"][0].as_str();
            path.is_some_and(|path| Utf8Path::new(path).file_name() == Some(program))
        };
        let mut steps = explanation["steps"].as_array().into_iter().flatten();
        let step = steps
            .find(runs)
            .ok_or_else(|| format!("{program} is not in the plan: {text}"))?;
        let strings = |list: &Value| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned))
                .collect()
        };
        let changes = step["env"].as_array().into_iter().flatten();
        let pair = |change: &Value| {
            let value = change["value"].as_str()?;
            Some((change["name"].as_str()?.to_owned(), value.to_owned()))
        };
        Ok(Call {
            argv: strings(&step["argv"]),
            env: changes.filter_map(pair).collect(),
        })
    }

    fn shim(&self, words: &[&str]) -> Call {
        let log = ("EMSHIM_LOG".to_owned(), self.work.join("log").into_string());
        let mut call = Call::new(words.iter().copied()).with(&[log]);
        call.argv[0] = self.shims.join(words[0]).into_string();
        call
    }

    /// Runs both in turn; the ratio is the median of each round's.
    fn compare(
        &self,
        row: (&'static str, &'static str, f64),
        own: &Call,
        other: &Call,
    ) -> Result<Row> {
        let (work, against, aim) = row;
        eprintln!("{work}, against {against}");
        let (mut times, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // The first round only fills caches.
        for round in 0..=self.rounds {
            let (time, reference) = (own.time(&self.work)?, other.time(&self.work)?);
            if round > 0 {
                times.push(time);
                others.push(reference);
                ratios.push(time / reference);
            }
        }
        Ok(Row {
            work,
            against,
            aim,
            ratio: median(ratios),
            times: [median(times), median(others)],
        })
    }

    /// A tiny compile, a link, a question.
    fn small(&self) -> Result<Vec<Row>> {
        fs::write(
            self.work.join("t.c"),
            "int add(int a, int b) { return a + b; }\n",
        )?;
        let compile = ["gcc", "-O2", "-c", "t.c", "-o", "t.o"];
        let own = self.shim(&compile);
        let clang = self.step(&compile, "clang")?;
        let mut rows =
            vec![self.compare(("tiny C compile", "clang by hand", 1.05), &own, &clang)?];
        let peer = self.peer(&compile[1..])?;
        let row = ("tiny C compile", "pyodide-build's wrapper, with emcc", 0.22);
        rows.push(self.compare(row, &own, &peer)?);

        let link = ["gcc", "-shared", "t.o", "-o", "t.so"];
        let mut emcc = self.step(&link, "emcc")?;
        for word in &mut emcc.argv {
            if word.starts_with("-sEXPORTED_FUNCTIONS=@") {
                *word = "-sEXPORTED_FUNCTIONS=_add".to_owned();
            }
        }
        let row = ("side-module link", "emcc by hand", 1.02);
        rows.push(self.compare(row, &self.shim(&link), &emcc)?);
        for words in [["gcc", "--version"], ["gcc", "-dumpmachine"]] {
            let emcc = self.step(&words, "emcc")?;
            let row = (
                if words[1] == "--version" {
                    "--version"
                } else {
                    "-dumpmachine"
                },
                "emcc",
                0.02,
            );
            rows.push(self.compare(row, &self.shim(&words), &emcc)?);
        }
        Ok(rows)
    }

    /// The wrapper of pyodide-build, from PyPI, in an environment of the target's Python, set up as
    /// pyodide-build does it for a build.
    fn peer(&self, words: &[&str]) -> Result<Call> {
        let host = provision_python(&self.store, &SUITES[0], &Lines)?;
        let venv = self.work.join("peer");
        let python = venv.join("bin/python");
        if !venv.join("bin/pyodide").exists() {
            let tools = provision::provision_tools(&self.store, &host, &Lines)?;
            duct::cmd!(
                host.exe.as_str(),
                "-m",
                "venv",
                "--without-pip",
                venv.as_str()
            )
            .run()?;
            let pip = [
                "-m",
                "pip",
                "--python",
                python.as_str(),
                "install",
                "--quiet",
                "pyodide-build",
            ];
            duct::cmd(tools.python.as_str(), pip).run()?;
        }
        let find = "import pyodide_build, sys, json; \
                    print(json.dumps([pyodide_build.__path__[0], sys.path]))";
        let found = duct::cmd!(python.as_str(), "-c", find).read()?;
        let (package, path): (String, Vec<String>) = serde_json::from_str(&found)?;
        let folder = self.work.join("peer-wrapper");
        fs::create_dir_all(&folder)?;
        for name in ["pywasmcross.py", "_f2c_fixes.py"] {
            fs::copy(Utf8Path::new(&package).join(name), folder.join(name))?;
        }
        let cc = folder.join("cc");
        if fs::symlink_metadata(&cc).is_err() {
            std::os::unix::fs::symlink("pywasmcross.py", &cc)?;
        }
        duct::cmd!("chmod", "+x", folder.join("pywasmcross.py").as_str()).run()?;
        let emcc = self.step(&["gcc", "t.o", "-o", "t"], "emcc")?;
        let emscripten = Utf8Path::new(&emcc.argv[0])
            .parent()
            .unwrap_or(Utf8Path::new("/"));
        let search = format!("{emscripten}:{}/bin:/usr/bin:/bin", venv);
        let mut python_path = path;
        python_path.push(folder.to_string());
        let settings = json!({
            "pkgname": "bench", "cflags": "-fPIC -fwasm-exceptions -sSUPPORT_LONGJMP=wasm",
            "cxxflags": "", "ldflags": "", "target_install_dir": "", "exports": "pyinit",
            "pythoninclude": host.include.as_str(), "abi": "2025_0", "PYTHONPATH": python_path,
            "PATH": search, "orig__name__": "pyodide_build.pypabuild",
        });
        let env = [
            ("PYWASMCROSS_ARGS", settings.to_string()),
            ("BUILD_ENV_SCRIPTS_DIR", venv.join("bin").into_string()),
            ("PATH", format!("{}/bin:{search}", venv)),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value));
        let set: Vec<_> = emcc
            .env
            .iter()
            .filter(|(name, _)| name.starts_with("EM"))
            .cloned()
            .collect();
        Ok(
            Call::new([cc.as_str()].into_iter().chain(words.iter().copied()))
                .with(&set)
                .with(&env),
        )
    }

    /// The library of LAPACK, two compiles at a time: by the shim, by a script that runs f2c and
    /// clang, and a second tree whose objects are in a cache.
    fn lapack(&self, files: usize) -> Result<Vec<Row>> {
        let source = target().join("tmp/lapack/source");
        if !source.exists() {
            unpack_source(&self.store, "lapack", &source, &Lines)?;
        }
        let trees = ["first", "second"].map(|name| self.work.join(name));
        let step = self.step(&["gfortran", "-O2", "-c", "x.f", "-o", "x.o"], "clang")?;
        let f2c = self.step(&["gfortran", "-O2", "-c", "x.f", "-o", "x.o"], "emshim")?;
        let at = f2c
            .argv
            .iter()
            .position(|word| word == "--f2c")
            .ok_or("no f2c in the plan")?;
        let f2c = &f2c.argv[at + 1];
        let accepted = self.prepare(&source, &trees, files, f2c)?;
        let generated = step
            .argv
            .iter()
            .position(|w| w.ends_with(".c"))
            .ok_or("no C in the plan")?;
        let mut clang = step.argv.clone();
        clang[generated] = "$1.c".to_owned();
        *clang.last_mut().ok_or("an empty plan")? = "$1.o".to_owned();
        let quoted: Vec<_> = clang.iter().map(|word| format!("\"{word}\"")).collect();
        let script = format!(
            "\"{f2c}\" < \"$1\" > \"$1.c\" 2> /dev/null && {}",
            quoted.join(" ")
        );
        let gfortran = format!(
            "\"{}\" -O2 -c \"$1\" -o \"$1.o\"",
            self.shims.join("gfortran")
        );
        let each = |script: &str| {
            let run = format!("exec xargs -a '{accepted}' -P2 -I@ sh -c '{script}' - @");
            let log = ("EMSHIM_LOG".to_owned(), self.work.join("log").into_string());
            Call::new(["sh", "-c", &run]).with(&[log])
        };
        eprintln!("LAPACK, by a script");
        let reference = each(&script).time(&trees[0])?;
        eprintln!("LAPACK, by the shim");
        let clean = each(&gfortran).time(&trees[0])?;
        let workshop = provision_workshop(&Env::capture(), &self.store, &Lines)?;
        let cache = self.work.join("ccache");
        let _ = fs::remove_dir_all(&cache);
        let env = [
            ("EMSHIM_LAUNCHER", workshop.ccache.as_str()),
            ("CCACHE_DIR", cache.as_str()),
        ];
        let cached = each(&gfortran).with(&env.map(|(n, v)| (n.to_owned(), v.to_owned())));
        eprintln!("LAPACK, with a cache");
        cached.time(&trees[0])?;
        let second = cached.time(&trees[1])?;
        let row = |work, against, aim, time: f64, other: f64| Row {
            work,
            against,
            aim,
            ratio: time / other,
            times: [time, other],
        };
        let by_hand = "f2c and clang by a bare script";
        Ok(vec![
            row(
                "LAPACK's library, clean, -j2",
                by_hand,
                1.15,
                clean,
                reference,
            ),
            row(
                "LAPACK's library, second tree, shared cache",
                "its clean build",
                0.15,
                second,
                clean,
            ),
        ])
    }

    /// Copies sources into the trees, and lists those that f2c takes as they are.
    fn prepare(
        &self,
        source: &Utf8Path,
        trees: &[Utf8PathBuf; 2],
        files: usize,
        f2c: &str,
    ) -> Result<Utf8PathBuf> {
        let mut names = Vec::new();
        for folder in ["BLAS/SRC", "SRC"] {
            for entry in source.join(folder).read_dir_utf8()? {
                let path = entry?.into_path();
                if path.extension() == Some("f") {
                    names.push(path);
                }
            }
        }
        names.sort();
        let step = names.len().div_ceil(files.min(names.len()).max(1));
        for tree in trees {
            let _ = fs::remove_dir_all(tree);
            fs::create_dir_all(tree)?;
        }
        let mut list = String::new();
        for path in names.iter().step_by(step.max(1)) {
            let name = path.file_name().unwrap_or_default();
            let translates = duct::cmd!(f2c)
                .stdin_path(path)
                .stdout_null()
                .stderr_null()
                .unchecked()
                .run()?;
            if !translates.status.success() {
                continue;
            }
            for tree in trees {
                fs::copy(path, tree.join(name))?;
            }
            let _ = writeln!(list, "{name}");
        }
        let file = self.work.join("files");
        fs::write(&file, list)?;
        Ok(file)
    }

    /// The most memory a shim has while its compiler runs, in kilobytes.
    fn peak_memory(&self) -> Result<u64> {
        let call = self.shim(&["gcc", "-x", "c", "-c", "-", "-o", "p.o"]);
        let mut child = Command::new(&call.argv[0])
            .args(&call.argv[1..])
            .envs(call.env)
            .current_dir(&self.work)
            .stdin(Stdio::piped())
            .spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = None;
        for _ in 0..50 {
            // clang waits for its source; by now the shim does nothing but wait for clang.
            std::thread::sleep(std::time::Duration::from_millis(20));
            let text = fs::read_to_string(&status)?;
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let value = line.and_then(|line| line.split_whitespace().next());
            peak = value.and_then(|value| value.parse().ok()).or(peak);
        }
        drop(child.stdin.take());
        child.wait()?;
        peak.ok_or_else(|| "the system does not tell a process's memory".into())
    }
}

fn markdown(rows: &[Row], peak: u64) -> String {
    let mut text = "| work | against | ratio | aim | ours, ms | other, ms |\n".to_owned();
    text += "| --- | --- | --- | --- | --- | --- |\n";
    for Row {
        work,
        against,
        aim,
        ratio,
        times: [own, other],
    } in rows
    {
        let missed = if ratio > aim { " (missed)" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {work} | {against} | {ratio:.3}{missed} | {aim} | {own:.1} | {other:.1} |"
        );
    }
    let _ = writeln!(
        text,
        "| peak memory of a shim | - | {:.1} MB | - | - | - |",
        peak as f64 / 1e3
    );
    text
}

fn json_report(rows: &[Row], peak: u64) -> Value {
    let row = |row: &Row| {
        json!({
            "work": row.work, "against": row.against, "aim": row.aim, "ratio": row.ratio,
            "milliseconds": row.times[0], "reference_milliseconds": row.times[1],
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    json!({ "schema": 1, "bench": "shims", "rows": rows, "peak_kilobytes": peak })
}
