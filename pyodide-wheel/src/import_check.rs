//! Installing a wheel in Pyodide and importing what it holds: the proof that it links, and that
//! users of the release can have it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Stdio;

use camino::Utf8Path;
use serde::Deserialize;

use crate::files::{self, Context as _, FileError};
use crate::python::Env;
use crate::runner::{Install, Run, RunError, Runner};
use crate::wheel::{self, ArchiveError, Entries, ModuleFile};

const SCRIPT: &str = include_str!("../assets/import_check.py");

/// How many lines of a crashed runtime's messages a verdict shows.
const CRASH_LINES: usize = 12;

/// How one module fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Dotted name.
    pub module: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// What importing a module says about the wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It imports.
    Imported,
    /// It does not import, for a reason that need not be the wheel's: a module of another project
    /// is missing, or an extension module refuses to be imported by itself.
    Doubtful(String),
    /// The wheel is broken: an extension module does not load, a top-level module does not import,
    /// or the runtime crashes.
    Broken(String),
}

/// The check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The wheel is damaged.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Node could not be started.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The release's own micropip does not install the wheel, for this reason.
    #[error("{0}")]
    Refused(String),
    /// Pyodide did not get as far as the first module.
    #[error("Pyodide did not start, or broke while it installed the wheel:\n{output}")]
    NotStarted {
        /// What it printed.
        output: String,
    },
}

/// What an import check works on.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// Node and Pyodide.
    pub runner: &'a Runner,
    /// The wheel.
    pub wheel: &'a Utf8Path,
    /// Folder with what the wheel depends on installed, and the wheel itself unless `micropip` is
    /// to do that.
    pub site: &'a Utf8Path,
    /// Folder with the release's own micropip.
    pub micropip: Option<&'a Utf8Path>,
    /// The environment to run in.
    pub env: &'a Env,
}

/// Installs a wheel with the release's micropip and imports every top-level module and every
/// extension module of it.
///
/// # Errors
/// The wheel cannot be read, Pyodide does not start, or micropip refuses the wheel. Modules that do
/// not import are no error but a [`Verdict`].
pub fn import_check(check: Check<'_>) -> Result<Vec<Checked>, CheckError> {
    let Check {
        runner,
        wheel,
        site,
        micropip,
        env,
    } = check;
    let modules = Modules::of(&wheel::read(wheel)?);
    // Beside the site, where Python in Pyodide can write if it can read that.
    let parent = site.parent().unwrap_or(site);
    let temp = tempfile::tempdir_in(parent).context("create a folder in", parent)?;
    let cwd = Utf8Path::from_path(temp.path()).expect("a UTF-8 folder and an ASCII name");
    let (report, refusal) = (cwd.join("report"), cwd.join("refusal"));
    let install = micropip.map(|micropip| Install {
        micropip,
        wheel,
        refusal: &refusal,
    });
    let names = modules.top.iter().chain(&modules.extensions);
    let mut args = vec!["-c", SCRIPT, report.as_str()];
    args.extend(names.map(String::as_str));
    let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
    let mut command = runner.command(&Run {
        args: &args,
        site: Some(site),
        cwd,
        env,
        install,
    })?;
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| RunError::Start {
            node: runner.node.clone(),
            source,
        })?;
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if refusal.exists() {
        return Err(CheckError::Refused(files::read_to_string(&refusal)?));
    }
    if !report.exists() {
        return Err(CheckError::NotStarted {
            output: said.concat(),
        });
    }
    Ok(modules.verdicts(&files::read_to_string(&report)?, &said.concat()))
}

/// The top-level modules of a wheel, sorted.
pub(crate) fn top_level(entries: &Entries) -> Vec<String> {
    Modules::of(entries).top.into_iter().collect()
}

/// The names in a wheel that can be imported.
#[derive(Debug, PartialEq, Eq)]
struct Modules {
    top: BTreeSet<String>,
    extensions: BTreeSet<String>,
}

/// One line of the script's report: a module begun, or done.
#[derive(Deserialize)]
struct Line {
    module: String,
    #[serde(default)]
    done: bool,
    failure: Option<Failure>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Failure {
    Missing {
        missing: Option<String>,
        message: String,
    },
    Load {
        message: String,
    },
    Error {
        message: String,
    },
}

impl Modules {
    fn of(entries: &Entries) -> Self {
        let mut modules = Self {
            top: BTreeSet::new(),
            extensions: BTreeSet::new(),
        };
        for (member, entry) in entries {
            let Some(file) = ModuleFile::of(member) else {
                continue;
            };
            let is_extension =
                file.suffix.ends_with(".so") && exports_init(&entry.bytes, &file.stem);
            if !is_extension && ![".py", ".pyc"].contains(&file.suffix.as_str()) {
                continue;
            }
            let mut parts = file.packages;
            parts.push(file.stem);
            modules.top.insert(parts[0].clone());
            if is_extension && parts.len() > 1 {
                modules.extensions.insert(parts.join("."));
            }
        }
        modules
    }

    fn verdicts(&self, report: &str, output: &str) -> Vec<Checked> {
        let mut checked: Vec<Checked> = Vec::new();
        for line in report
            .lines()
            .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        {
            if line.done {
                // Replaces what the line before it said for the case of a crash.
                checked.pop();
                checked.push(self.verdict(line));
            } else {
                let lines: Vec<&str> = output.trim().lines().collect();
                let shown = &lines[lines.len().saturating_sub(CRASH_LINES)..];
                let crash = format!("importing it crashes the runtime:\n{}", shown.join("\n"));
                checked.push(Checked {
                    module: line.module,
                    verdict: Verdict::Broken(crash),
                });
            }
        }
        checked
    }

    fn verdict(&self, line: Line) -> Checked {
        let is_top = self.top.contains(&line.module);
        let verdict = match line.failure {
            None => Verdict::Imported,
            Some(Failure::Load { message }) => Verdict::Broken(message),
            Some(Failure::Missing { missing, message }) => {
                let top = missing.as_deref().and_then(|name| name.split('.').next());
                if top.is_some_and(|top| self.top.contains(top)) {
                    Verdict::Broken(message)
                } else {
                    Verdict::Doubtful(message)
                }
            }
            Some(Failure::Error { message }) if is_top => Verdict::Broken(message),
            Some(Failure::Error { message }) => Verdict::Doubtful(message),
        };
        Checked {
            module: line.module,
            verdict,
        }
    }
}

/// Whether a library is an extension module of that name and no plain shared library: it exports
/// the function the import system calls. Names are stored as they are in WebAssembly's exports.
fn exports_init(library: &[u8], name: &str) -> bool {
    let symbol = format!("PyInit_{name}");
    library
        .windows(symbol.len())
        .any(|window| window == symbol.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::Entry;

    fn modules(members: &[(&str, &[u8])]) -> Modules {
        let entry = |bytes: &[u8]| Entry {
            bytes: bytes.to_vec(),
            executable: false,
        };
        Modules::of(
            &members
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), entry(bytes)))
                .collect(),
        )
    }

    fn numpy() -> Modules {
        modules(&[
            ("np/__init__.py", b""),
            (
                "np/core/_multi.cpython-313-wasm32-emscripten.so",
                b"\0PyInit__multi\0",
            ),
            ("np/lib/libblas.so", b"\0dgemm\0"),
            ("np/my-data/x.py", b""),
            ("np-1.dist-info/METADATA", b""),
            ("np-1.data/platlib/_fast.abi3.so", b"PyInit__fast"),
            ("np-1.data/scripts/run.py", b""),
            ("compiled.pyc", b""),
            ("np/__pycache__/__init__.cpython-313.pyc", b""),
        ])
    }

    #[test]
    fn modules_are_what_can_be_imported() {
        let found = numpy();
        assert_eq!(
            found.top.iter().collect::<Vec<_>>(),
            ["_fast", "compiled", "np"]
        );
        assert_eq!(
            found.extensions.iter().collect::<Vec<_>>(),
            ["np.core._multi"]
        );
    }

    #[test]
    fn verdicts_tell_broken_from_doubtful() {
        let done = [
            ("np", "null"),
            ("_fast", r#"{"kind": "error", "message": "no"}"#),
            ("np.core._multi", r#"{"kind": "error", "message": "alone"}"#),
            (
                "np.a",
                r#"{"kind": "missing", "missing": "scipy.x", "message": "no scipy"}"#,
            ),
            (
                "np.b",
                r#"{"kind": "missing", "missing": "np.c", "message": "no np.c"}"#,
            ),
            ("np.d", r#"{"kind": "load", "message": "import #418"}"#),
        ];
        let begun = |module: &str| format!("{{\"module\": \"{module}\"}}\n");
        let mut report = String::new();
        for (module, failure) in done {
            report += &begun(module);
            report +=
                &format!("{{\"module\": \"{module}\", \"done\": true, \"failure\": {failure}}}\n");
        }
        report += &begun("np.e");
        let verdicts: Vec<(String, Verdict)> = numpy()
            .verdicts(&report, "Stack\nfatal error: unreachable\n")
            .into_iter()
            .map(|checked| (checked.module, checked.verdict))
            .collect();
        let broken = |m: &str| Verdict::Broken(m.to_owned());
        let doubtful = |m: &str| Verdict::Doubtful(m.to_owned());
        let crash = "importing it crashes the runtime:\nStack\nfatal error: unreachable";
        let expected = [
            ("np", Verdict::Imported),
            ("_fast", broken("no")),
            ("np.core._multi", doubtful("alone")),
            ("np.a", doubtful("no scipy")),
            ("np.b", broken("no np.c")),
            ("np.d", broken("import #418")),
            ("np.e", broken(crash)),
        ];
        assert_eq!(
            verdicts,
            expected.map(|(module, verdict)| (module.to_owned(), verdict))
        );
    }
}
