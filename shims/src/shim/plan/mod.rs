//! What will run: pure, from the configuration, the arguments and what the file system answers.

mod binutils;
mod cmake;
mod driver;
mod fortran;
mod ld;
mod link;
mod meson;
mod pkg_config;
mod query;

use super::capture::Invocation;
use super::classify::Job;
use super::config::ShimConfig;
use super::expand::Expanded;
use super::files::{self, Files};
use super::rewrite::{Action, Decision};
use super::settings::Settings;
use super::tool::Tool;
use super::{capture, text};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything a plan is made from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The target and toolchain.
    pub config: &'a ShimConfig,
    /// The call's own settings.
    pub settings: &'a Settings,
    /// The call.
    pub invocation: &'a Invocation,
    /// The tool it names.
    pub tool: Tool,
    /// Its arguments, `@file`s expanded.
    pub expanded: &'a Expanded,
    /// The file system.
    pub files: &'a dyn Files,
    /// A folder that intermediate files may use; made only if the plan says so.
    pub work_dir: &'a Path,
}

/// What an invocation comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is for.
    pub job: Job,
    /// What was decided about each argument.
    pub decisions: Vec<Decision>,
    /// What runs, in order, each only if the one before succeeded.
    pub steps: Vec<Step>,
    /// Why nothing runs: the call fails with this message.
    pub refusal: Option<String>,
    /// The files read, as the caller named them.
    #[serde(with = "text::json::list")]
    pub inputs: Vec<OsString>,
}

/// How a step is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A program runs.
    Run,
    /// A program's fixed answer is given, from memory once it is known.
    Ask,
    /// Text is printed: the words after the first.
    Print,
    /// The same on stderr, where drivers answer `-v`.
    Say,
    /// emshim itself does it: [`super::own`].
    Own,
    /// The command is shown on stderr and not run: `-###`.
    Show,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How.
    pub kind: StepKind,
    /// The command, program first, always in full.
    #[serde(with = "text::json::list")]
    pub argv: Vec<OsString>,
    /// Environment variables set, or unset where there is no value, on top of the caller's.
    pub env: Vec<EnvChange>,
    /// The files it is asked to write.
    #[serde(with = "text::json::list")]
    pub outputs: Vec<OsString>,
}

/// One change to a step's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvChange {
    /// The variable.
    pub name: String,
    /// Its value; unset where absent.
    pub value: Option<String>,
}

impl EnvChange {
    fn set(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
        }
    }

    fn unset(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
        }
    }
}

impl Step {
    fn run(argv: Vec<OsString>, env: Vec<EnvChange>) -> Self {
        Self {
            kind: StepKind::Run,
            argv,
            env,
            outputs: Vec::new(),
        }
    }

    fn print(line: impl Into<OsString>) -> Self {
        let argv = vec!["echo".into(), line.into()];
        Self {
            kind: StepKind::Print,
            argv,
            env: Vec::new(),
            outputs: Vec::new(),
        }
    }

    fn say(line: impl Into<OsString>) -> Self {
        Self {
            kind: StepKind::Say,
            ..Self::print(line)
        }
    }

    /// Makes the step's changes to the environment of the process it becomes.
    pub(crate) fn change_env(&self, command: &mut Command) {
        for change in &self.env {
            match &change.value {
                Some(value) => command.env(&change.name, value),
                None => command.env_remove(&change.name),
            };
        }
    }

    /// Work of our own that writes files.
    fn own(argv: Vec<OsString>, outputs: Vec<OsString>) -> Self {
        Self {
            kind: StepKind::Own,
            argv,
            env: Vec::new(),
            outputs,
        }
    }

    fn writes(mut self, outputs: Vec<OsString>) -> Self {
        self.outputs = outputs;
        self
    }
}

impl Plan {
    fn of(job: Job, steps: Vec<Step>) -> Self {
        Self {
            job,
            decisions: Vec::new(),
            steps,
            refusal: None,
            inputs: Vec::new(),
        }
    }

    fn refuse(job: Job, why: impl Into<String>) -> Self {
        Self {
            refusal: Some(why.into()),
            ..Self::of(job, Vec::new())
        }
    }

    /// Adds decisions; the first refusal among them stops the plan, and nothing is added then.
    fn decide(mut self, decisions: Vec<Decision>) -> Self {
        let refusal = decisions.iter().find(|d| d.action == Action::Refuse);
        if let Some((argument, reason)) =
            refusal.and_then(|d| d.argument.as_ref().zip(d.reason.as_ref()))
        {
            self.refusal = Some(format!("{argument}: {reason}"));
            self.steps.clear();
        }
        self.decisions.extend(decisions);
        if self.refusal.is_some() {
            self.decisions.retain(|d| d.action != Action::Add);
        }
        self
    }

    /// Whether steps use the work folder.
    #[must_use]
    pub fn uses(&self, work_dir: &Path) -> bool {
        let prefix = work_dir.as_os_str().as_encoded_bytes();
        let inside = |path: &OsString| path.as_encoded_bytes().starts_with(prefix);
        self.steps
            .iter()
            .any(|step| step.outputs.iter().any(inside))
    }
}

/// Plans an invocation.
#[must_use]
pub fn plan(context: &Context) -> Plan {
    match context.tool {
        Tool::Cc | Tool::Cxx | Tool::Emcc | Tool::Emxx | Tool::Cpp => {
            driver::plan(context, &context.expanded.args)
        }
        Tool::Fortran => fortran::plan(context),
        Tool::Ld => ld::plan(context),
        Tool::Llvm(name) => binutils::plan(context, name),
        Tool::Strip(name) => binutils::plan_strip(context, name),
        Tool::InstallNameTool => binutils::nothing(context),
        Tool::Otool => binutils::otool(context),
        Tool::Cmake => cmake::plan(context),
        Tool::Meson => meson::plan(context),
        Tool::PkgConfig => pkg_config::plan(context),
        Tool::Python => python(context),
    }
}

impl Context<'_> {
    fn emscripten(&self, tool: &str) -> OsString {
        self.config.emscripten.root.join(tool).into_os_string()
    }

    fn llvm(&self, tool: &str) -> OsString {
        self.config.emscripten.llvm_bin.join(tool).into_os_string()
    }

    /// The real program behind one of our names, searched past our own folder; or the refusal.
    fn real(&self, names: &[&str], remedy: &str) -> Result<PathBuf, String> {
        let path = self.invocation.env.get("PATH").unwrap_or_default();
        let find = |name: &&str| files::find_program(self.files, path, &self.invocation.cwd, name);
        names.iter().find_map(find).ok_or_else(|| {
            format!(
                "no {} on PATH besides this shim in {}; {remedy}",
                names[0], self.invocation.shim_dir
            )
        })
    }

    /// What the environment of an Emscripten tool needs: its own variables, and none of those
    /// that lead it or clang to the build machine's files.
    fn emscripten_env(&self) -> Vec<EnvChange> {
        let env = &self.invocation.env;
        let mut changes = Vec::new();
        let own = &self.config.emscripten.env;
        for name in MISLEADING {
            if env.get(name).is_some() && !own.iter().any(|(set, _)| set == name) {
                changes.push(EnvChange::unset(name));
            }
        }
        for name in SEARCH_PATHS {
            let Some(value) = env.text(name) else {
                continue;
            };
            let kept = target_folders(value);
            if kept != value {
                changes.push(if kept.is_empty() {
                    EnvChange::unset(name)
                } else {
                    EnvChange::set(name, kept)
                });
            }
        }
        if let Some(path) = env.get("PATH") {
            let shorter = capture::without(path, self.invocation.shim_dir.as_std_path());
            if shorter != path
                && let Some(shorter) = shorter.to_str()
            {
                changes.push(EnvChange::set("PATH", shorter));
            }
        }
        changes.extend(own.iter().map(|(name, value)| EnvChange::set(name, value)));
        changes
    }
}

/// Variables that change which Python runs emcc or what that Python loads. `PYTHON` goes before
/// `EMSDK_PYTHON` in emcc's launcher.
const MISLEADING: &[&str] = &[
    "PYTHON",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "_PYTHON_HOST_PLATFORM",
    "_PYTHON_SYSCONFIGDATA_NAME",
];

/// Variables by which clang takes further header and library folders.
const SEARCH_PATHS: &[&str] = &[
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "LIBRARY_PATH",
    "OBJC_INCLUDE_PATH",
];

fn target_folders(value: &str) -> String {
    use super::tables::hosts::{INCLUDE_DIRS, LIBRARY_DIRS, is_below};
    let target = |dir: &&str| !is_below(dir, INCLUDE_DIRS) && !is_below(dir, LIBRARY_DIRS);
    let kept: Vec<&str> = value
        .split(':')
        .filter(|dir| !dir.is_empty())
        .filter(target)
        .collect();
    kept.join(":")
}

/// The target's Python for build systems: the host's, whose environment makes it describe the
/// target.
fn python(context: &Context) -> Plan {
    let python = context
        .invocation
        .env
        .text("EMSHIM_BUILD_PYTHON")
        .unwrap_or(context.config.host_python.as_str());
    let mut argv = vec![python.into()];
    argv.extend(context.expanded.args.iter().cloned());
    let given = |name: &str| context.invocation.env.text(name);
    let env = context
        .config
        .cross_env
        .iter()
        .map(|(name, value)| match given(name) {
            // Build systems put a project's own modules on it: NumPy's code generators, for one.
            Some(path) if name == "PYTHONPATH" => EnvChange::set(name, with_folders(path, value)),
            _ => EnvChange::set(name, value),
        });
    Plan::of(Job::Forward, vec![Step::run(argv, env.collect())])
}

/// A search path that ends with `folders`, each once.
fn with_folders(path: &str, folders: &str) -> String {
    let others = path
        .split(':')
        .filter(|part| !folders.split(':').any(|folder| folder == *part));
    others.chain([folders]).collect::<Vec<_>>().join(":")
}

fn os_list<'s>(words: impl IntoIterator<Item = &'s String>) -> Vec<OsString> {
    words.into_iter().map(OsString::from).collect()
}

/// `name` with another suffix, in the working directory.
fn beside(path: &OsStr, suffix: &str) -> OsString {
    let mut name = Path::new(path).file_stem().unwrap_or(path).to_owned();
    name.push(suffix);
    name
}
