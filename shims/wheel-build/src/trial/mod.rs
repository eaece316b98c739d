//! The checks of a toolchain: what must work before a wheel made with it can be trusted, run against
//! the target's own Pyodide. An Emscripten of a suite that has gone on past the table of tested
//! pairs is used when it passes them; `emshim setup --check` runs them for any.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;
use provision::{Origin, Progress, STABLE, SUITES};
use pyodide_wheel::target::EmscriptenFit;
use serde::{Deserialize, Serialize};

use crate::error::WheelBuildError;
use crate::session::Session;
use crate::toolchain::{Alternatives, Policy};

/// One thing that must work.
struct Check {
    name: &'static str,
    /// Files, by name and text.
    sources: &'static [(&'static str, &'static str)],
    /// Commands that make it of the sources, the first word a shim. `@` stands for the suffix of
    /// extension modules, `%` for the folder of Python's headers.
    build: &'static [&'static [&'static str]],
    /// How it is tried.
    run: Run,
}

enum Run {
    /// Python code, in the target's Pyodide; it raises when something is wrong.
    Python(&'static str),
    /// A program, and what it prints.
    Program(&'static str, &'static str),
}

/// The checks: each stands for an agreement between modules and the runtime that can be broken
/// without any tool saying so.
const CHECKS: &[Check] = &[
    Check {
        name: "setjmp and 64-bit integers",
        sources: &[("jump.c", include_str!("jump.c"))],
        build: &[&["cc", "-I%", "-O2", "-shared", "jump.c", "-o", "jump@"]],
        run: Run::Python("import jump; assert jump.deep(7) == 7 << 40, jump.deep(7)"),
    },
    Check {
        name: "a C++ exception across two modules",
        sources: &[
            ("thrower.cpp", include_str!("thrower.cpp")),
            ("catcher.cpp", include_str!("catcher.cpp")),
        ],
        build: &[
            &[
                "c++",
                "-I%",
                "-O2",
                "-shared",
                "thrower.cpp",
                "-o",
                "thrower@",
            ],
            &[
                "c++",
                "-I%",
                "-O2",
                "-shared",
                "catcher.cpp",
                "-o",
                "catcher@",
            ],
        ],
        run: Run::Python(
            "import thrower, catcher; got = [catcher.kind(thrower.function(), n) for n in range(3)]; \
             assert got == ['none', 'out_of_range', 'exception'], got",
        ),
    },
    Check {
        name: "a Fortran module with a callback",
        sources: &[
            ("total.f", include_str!("total.f")),
            ("callback.c", include_str!("callback.c")),
        ],
        build: &[
            &["gfortran", "-O2", "-c", "total.f", "-o", "total.o"],
            &["cc", "-I%", "-O2", "-c", "callback.c", "-o", "callback.o"],
            &[
                "gfortran",
                "-shared",
                "callback.o",
                "total.o",
                "-o",
                "callback@",
            ],
        ],
        run: Run::Python(
            "import callback; got = callback.total(lambda n: n / 2.0, 4); assert got == 5.0, got",
        ),
    },
    Check {
        name: "a program",
        sources: &[("program.cpp", include_str!("program.cpp"))],
        build: &[&["c++", "-O2", "program.cpp", "-o", "program"]],
        run: Run::Program("./program", "caught 3\n"),
    },
];

/// What came out of the checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The emshim and the checks it ran: others are run again.
    made_by: String,
    /// What went wrong, by the name of the check; nothing where it passed.
    results: BTreeMap<String, Option<String>>,
}

impl Trial {
    /// Whether all checks passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.results.values().all(Option::is_none)
    }

    /// A line a check.
    #[must_use]
    pub fn report(&self) -> String {
        let line = |(name, problem): (&String, &Option<String>)| match problem {
            None => format!("ok      {name}\n"),
            Some(problem) => {
                let problem = problem.trim_end().replace('\n', "\n        ");
                format!("FAILED  {name}\n        {problem}\n")
            }
        };
        self.results.iter().map(line).collect()
    }

    /// Runs the checks with a session's toolchain, in a folder of their own that is removed again.
    ///
    /// # Errors
    /// The shim folder or the folder of the checks cannot be written.
    pub fn run(session: &Session, progress: &dyn Progress) -> Result<Self, WheelBuildError> {
        let (shims, _) = session.shims()?;
        let folder = tempfile::Builder::new()
            .prefix("emshim-trial-")
            .tempdir()
            .map_err(WheelBuildError::io(
                "cannot write to",
                Utf8Path::new("the temporary folder"),
            ))?;
        let folder = Utf8Path::from_path(folder.path()).ok_or_else(|| {
            WheelBuildError::Message("the temporary folder is not UTF-8".to_owned())
        })?;
        let results = CHECKS.iter().enumerate().map(|(number, check)| {
            let place = folder.join(number.to_string());
            let result = progress.step(&format!("checking: {}", check.name), || {
                check.run(session, &shims, &place)
            });
            (check.name.to_owned(), result.err())
        });
        Ok(Self {
            made_by: maker(),
            results: results.collect(),
        })
    }
}

/// Which checks these are.
fn maker() -> String {
    let mut hash = blake3::Hasher::new();
    for check in CHECKS {
        for (name, text) in check.sources {
            hash.update(name.as_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(format!("{:?}", check.build).as_bytes());
    }
    let digest = hash.finalize().to_hex();
    format!("emshim {} {}", env!("CARGO_PKG_VERSION"), &digest[..16])
}

impl Check {
    /// Runs the check in a new folder; the error says what went wrong.
    fn run(&self, session: &Session, shims: &Utf8Path, folder: &Utf8Path) -> Result<(), String> {
        let text = |e: std::io::Error| format!("{folder}: {e}");
        fs::create_dir_all(folder).map_err(text)?;
        for (name, source) in self.sources {
            fs::write(folder.join(name), source).map_err(text)?;
        }
        let cross = &session.cross;
        for words in self.build {
            let mut words = words.iter().map(|word| {
                word.replace('@', &cross.ext_suffix)
                    .replace('%', cross.include.as_str())
            });
            let tool = shims.join(words.next().unwrap_or_default());
            let mut command = plain(Command::new(tool));
            command.args(words).current_dir(folder);
            output_of(&mut command)?;
        }
        match self.run {
            Run::Python(code) => {
                let words = [OsStr::new("-c"), OsStr::new(code)];
                let mut command = session
                    .python_command(None, &words, folder)
                    .map_err(|e| e.to_string())?;
                output_of(&mut command).map(drop)
            }
            Run::Program(program, expected) => {
                let mut command = plain(Command::new(folder.join(program)));
                let found = output_of(command.current_dir(folder))?;
                if found == expected {
                    return Ok(());
                }
                Err(format!("it printed {found:?}, not {expected:?}"))
            }
        }
    }
}

/// Settings of the user's for other builds are not part of a check.
fn plain(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let settings = name.to_str().is_some_and(|n| n.starts_with("EMSHIM_"));
        if settings && name != "EMSHIM_HOME" {
            command.env_remove(name);
        }
    }
    command
}

/// Standard output of a command that must succeed; the error is what it said.
pub(crate) fn output_of(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|e| format!("{program}: {e}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{program}: {}\n{}", done.status, said.trim_end()))
}

/// Where the result for a session's target is kept: with the toolchain.
fn place(session: &Session) -> Utf8PathBuf {
    let name = session.target.name.to_string().replace('@', "-");
    let root = &session.emscripten.root;
    root.join(format!("emshim-trial-{name}.json"))
}

/// How an Emscripten that the table does not know fits: one that a suite has brought is tried, once.
///
/// # Errors
/// It is of a suite and does not pass; the message says what still works.
pub fn judge(
    session: &Session,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<EmscriptenFit, WheelBuildError> {
    let Origin::Debian { suite } = &session.emscripten.origin else {
        progress.note(&format!(
            "warning: Emscripten {} is untested with ABI {} (--allow-emscripten)",
            session.emscripten.version, session.target.abi.name
        ));
        return Ok(EmscriptenFit::Untested);
    };
    let place = place(session);
    let kept = fs::read_to_string(&place).ok();
    let kept = kept.and_then(|text| serde_json::from_str::<Trial>(&text).ok());
    let trial = match kept.filter(|trial| trial.made_by == maker()) {
        Some(trial) => trial,
        None => {
            progress.note(&format!(
                "Debian {suite} has gone on to Emscripten {}, which is not a tested pair with {}: \
                 trying it, once",
                session.emscripten.version, session.target
            ));
            let trial = Trial::run(session, progress)?;
            keep(&place, &trial)?;
            trial
        }
    };
    if trial.passed() {
        return Ok(EmscriptenFit::OnTrial);
    }
    if policy == Policy::Any {
        progress.note(&format!("warning: these checks fail:\n{}", trial.report()));
        return Ok(EmscriptenFit::Untested);
    }
    let own = session.target.abi.emscripten;
    let suite = SUITES.iter().find(|s| s.name == suite).unwrap_or(STABLE);
    Err(WheelBuildError::Message(format!(
        "Emscripten {} of Debian {} does not serve {}:\n{}\
         install {own} with `emsdk install {own}` and `emsdk activate {own}`, or choose {}, or go \
         on at your own risk with --allow-emscripten",
        session.emscripten.version,
        suite.name,
        session.target,
        trial.report(),
        Alternatives {
            to: &session.target,
            but: Some(suite)
        },
    )))
}

fn keep(place: &Utf8Path, trial: &Trial) -> Result<(), WheelBuildError> {
    let text = serde_json::to_string_pretty(trial)
        .map_err(|e| WheelBuildError::Message(format!("cannot write {place}: {e}")))?;
    let text = text + "\n";
    whole::replace(place.as_std_path(), whole::FOR_OWNER, text.as_bytes())
        .map_err(WheelBuildError::io("cannot write", place))
}
