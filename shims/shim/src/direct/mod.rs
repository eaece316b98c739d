//! Compiles and links without emcc.
//!
//! For a compile emcc only computes clang's flags, and takes twice clang's time for it. This stage
//! replaces emcc in a planned compile by clang with those flags, which emcc is asked for once for
//! each set of settings; the objects are the same to the byte. What needs more of emcc than flags
//! stays as planned. Either way the reason is among the plan's decisions.

mod answer;
mod answer_cache;
mod compile;
mod link;
pub mod question;
mod reason;
mod split;
mod toolchain;

use crate::files::Disk;
pub use answer::Answer;
use answer_cache::AnswerCache;
use compile::Compile;
pub use link::{Link, Script, Work};
use planner::files;
use planner::settings::Settings;
pub use reason::Reason;
use split::Split;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use toolcall::config::ShimConfig;
use toolcall::decision::{Action, Decision};
use toolcall::invocation::{Env, Invocation};
use toolcall::os_str;
use toolcall::plan::{EnvChange, Plan, Step, StepKind};
use toolchain::{StepEnv, Toolchain};

/// What this stage decides from.
#[derive(Debug, Clone, Copy)]
pub struct Direct<'a> {
    /// The toolchain.
    pub config: &'a ShimConfig,
    /// The call's own settings.
    pub settings: &'a Settings,
    /// The call.
    pub invocation: &'a Invocation,
    /// The folder of its intermediate files.
    pub work_dir: &'a Path,
}

const SWITCHED_OFF: &str = "EMSHIM_DIRECT=0";
const KNOWN: &str = "emcc's flags for these settings are known, and a compile needs no more of it";
const LINK: &str = "the commands that emcc runs for it follow from the settings, and a program's JavaScript \
                    from these and what its code looks like; where they do not, it runs";
const FIXED: &str = "the toolchain alone decides it, so it is asked once";
const REFUSED: &str = "emcc fails on these settings, and says why when it runs";
const ASKED_FOR: &str = "EMSHIM_LAUNCHER, or the installation, asks for it";
const NO_LAUNCHER: &str = "no such program on PATH; install it or leave the launcher out";
/// The rule of this stage's decisions.
pub const RULE: &str = "direct";
/// The variable that names the launcher.
pub const LAUNCHER: &str = "EMSHIM_LAUNCHER";

/// A driver of Emscripten's, and the one of clang's that it runs.
struct Names {
    emcc: &'static str,
    clang: &'static str,
    /// A source of its language: with `-Werror` it takes no other without a word.
    source: &'static str,
}

const DRIVERS: [Names; 2] = [
    Names {
        emcc: "emcc",
        clang: "clang",
        source: "probe.c",
    },
    Names {
        emcc: "em++",
        clang: "clang++",
        source: "probe.cpp",
    },
];

/// What a step becomes that can do without emcc.
enum Replacement {
    /// clang's command.
    Clang(Vec<OsString>),
    /// The answer is fixed.
    Ask,
    /// emcc's own commands, once the link's lists are written.
    Link,
    /// clang's command, and then the link of what it makes.
    CompileAndLink(Vec<OsString>, Split),
}

/// What is kept of an answer: emcc's flags, or why it has to run itself.
type Stored = Result<Answer, String>;

impl Direct<'_> {
    /// Replaces emcc by clang where it can be, and by its own earlier answer.
    #[must_use]
    pub fn apply(&self, plan: Plan) -> Plan {
        let mut plan = plan;
        let mut compiles = false;
        let mut steps = Vec::with_capacity(plan.steps.len() + 1);
        for mut step in std::mem::take(&mut plan.steps) {
            let Some(names) = self.driver(&step) else {
                steps.push(step);
                continue;
            };
            let replacement = self.replacement(&step, names);
            let mut decide = |action, result: &str, reason: Reason| {
                let decision = Decision {
                    argument: Some(names.emcc.to_owned()),
                    action,
                    result: Some(result.to_owned()),
                    rule: RULE.into(),
                    reason: Some(reason),
                };
                if !plan.decisions.contains(&decision) {
                    plan.decisions.push(decision);
                }
            };
            match replacement {
                Ok(Replacement::Clang(argv)) => {
                    step.argv = argv;
                    compiles = true;
                    decide(Action::Replace, names.clang, KNOWN.into());
                }
                Ok(Replacement::Link) => {
                    step.kind = StepKind::Link;
                    decide(Action::Replace, "its commands", LINK.into());
                }
                Ok(Replacement::CompileAndLink(argv, split)) => {
                    compiles = true;
                    let mut compile = Step::run(argv, step.env.clone()).writes(vec![split.object]);
                    compile
                        .env
                        .retain(|change| change.name != toolchain::JUST_CONFIGURE);
                    steps.push(compile);
                    step.kind = StepKind::Link;
                    step.argv.truncate(1);
                    step.argv.extend(split.link);
                    decide(Action::Replace, names.clang, KNOWN.into());
                    decide(Action::Replace, "its commands", LINK.into());
                }
                Ok(Replacement::Ask) => {
                    step.kind = StepKind::Ask;
                    decide(Action::Replace, "its answer", FIXED.into());
                }
                Err(why) => decide(Action::Keep, names.emcc, why),
            }
            steps.push(step);
        }
        plan.steps = steps;
        if compiles {
            self.launch(&mut plan);
        }
        plan
    }

    /// Puts the launcher in front of clang.
    fn launch(&self, plan: &mut Plan) {
        let Some((name, words)) = self.settings.launcher.split_first() else {
            return;
        };
        let Invocation { env, cwd, .. } = self.invocation;
        let path = env.get("PATH").unwrap_or_default();
        let Some(program) = files::find_program(&Disk, path, cwd, Path::new(name)) else {
            let name = name.to_string_lossy();
            plan.steps.clear();
            plan.refusal = Some(format!("{LAUNCHER}={name}: {NO_LAUNCHER}"));
            return;
        };
        let mut launcher = vec![program.into_os_string()];
        launcher.extend(words.iter().cloned());
        plan.decisions
            .push(Decision::add(&launcher, LAUNCHER, ASKED_FOR));
        let llvm = &self.config.emscripten.llvm_bin;
        let runs_clang = |step: &&mut Step| {
            step.kind == StepKind::Run
                && Path::new(&step.argv[0]).parent() == Some(llvm.as_std_path())
        };
        for step in plan.steps.iter_mut().filter(runs_clang) {
            step.argv.splice(..0, launcher.iter().cloned());
        }
    }

    /// The driver of Emscripten's that a step runs.
    fn driver(&self, step: &Step) -> Option<&'static Names> {
        let program = Path::new(step.argv.first()?);
        if step.kind != StepKind::Run || program.parent()? != self.config.emscripten.root {
            return None;
        }
        DRIVERS.iter().find(|names| program.ends_with(names.emcc))
    }

    /// How a step that runs emcc can do without.
    fn replacement(&self, step: &Step, names: &Names) -> Result<Replacement, Reason> {
        let words = &step.argv[1..];
        let env = StepEnv {
            env: &self.invocation.env,
            changes: &step.env,
        };
        let fixed = question::is_fixed(words);
        let module = says(words, "-sSIDE_MODULE");
        let program = env.runs_by_name() && says(words, "-sSINGLE_FILE");
        let link = !fixed && (module || program);
        let split = match program && !module && !fixed {
            true => Split::of(words, self.work_dir).transpose()?,
            false => None,
        };
        let compile = match &split {
            Some(split) => Some(Compile::read(&split.compile, names.source)?),
            None if fixed || link => None,
            None => Some(Compile::read(words, names.source)?),
        };
        if !self.settings.direct {
            return Err(SWITCHED_OFF.into());
        }
        if let Some(name) = env.needs_emcc() {
            return Err(format!("{name} is set, which speaks to emcc").into());
        }
        let Some(compile) = compile else {
            return Ok(match link {
                true => Replacement::Link,
                false => Replacement::Ask,
            });
        };
        let mut answer = self.answer(step, &compile, env)?;
        if !self.settings.launcher.is_empty() {
            answer = answer.for_launcher();
        }
        let clang = compile.for_clang(&answer);
        Ok(match split {
            Some(split) => Replacement::CompileAndLink(clang, split),
            None => Replacement::Clang(clang),
        })
    }

    fn answer(&self, step: &Step, compile: &Compile, env: StepEnv) -> Result<Answer, Reason> {
        let cache = AnswerCache::of(&self.invocation.shim_dir);
        let toolchain = Toolchain::of(self.config, env);
        let mut question = vec![step.argv[0].clone()];
        let asked = answer::question(&compile.settings, compile.probe);
        question.extend(asked.into_iter().map(OsString::from));
        let key = toolchain.key(&question);
        if let Some(kept) = cache.read::<Stored>(&key) {
            return kept.map_err(Into::into);
        }
        let cannot = |what: &str, error: &dyn std::fmt::Display| {
            Reason::from(format!("{what} {}: {error}", cache.folder()))
        };
        // Asked first: where no answer can be kept, every compile would pay for the question.
        let scratch = cache
            .scratch()
            .map_err(|e| cannot("no answer can be kept in", &e))?;
        let before = toolchain.witnesses(Vec::new());
        let mut kept = self.ask(step, compile, scratch.path())?;
        if kept.is_err() {
            // The refusal may be of a passing condition: it is kept only if a second question gives it too.
            kept = self.ask(step, compile, scratch.path())?;
        }
        let sysroot = kept.as_ref().ok().and_then(stamp);
        let mut witnesses = before;
        witnesses.extend(sysroot.map(toolchain::Witness::of));
        let stored = cache.keep(&key, witnesses, &kept);
        stored.map_err(|error| cannot("no answer can be kept in", &error))?;
        kept.map_err(Into::into)
    }

    /// Asks emcc. An error is one of the machine, which no other call need have.
    fn ask(&self, step: &Step, compile: &Compile, scratch: &Path) -> Result<Stored, Reason> {
        let failed = |error: std::io::Error| Reason::from(format!("emcc cannot be asked: {error}"));
        let source = scratch.join(compile.probe);
        std::fs::write(&source, "").map_err(failed)?;
        let source = source
            .to_str()
            .ok_or("the shim folder's path is not UTF-8")?;
        let mut emcc = Command::new(&step.argv[0]);
        emcc.args(answer::question(&compile.settings, source))
            .current_dir(&self.invocation.cwd)
            .stdin(Stdio::null());
        step.change_env(&mut emcc);
        let output = emcc.output().map_err(failed)?;
        if !output.status.success() {
            // Possibly a failure of the machine, such as a full disk: not kept.
            return Err(REFUSED.into());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let read = answer::read(&stderr, compile.settings.len(), source);
        Ok(read.map_err(Reason::into_owned))
    }
}

/// Whether a driver's command has a word that begins so.
fn says(words: &[OsString], start: &str) -> bool {
    words.iter().any(|word| os_str::starts_with(word, start))
}

/// Whether a plan links a program without emcc, which needs a place for its code.
#[must_use]
pub fn links_program(plan: &Plan) -> bool {
    let program = |step: &Step| step.kind == StepKind::Link && !says(&step.argv, "-sSIDE_MODULE");
    plan.steps.iter().any(program)
}

/// Which Emscripten a step with these changes to the environment runs, and how it is configured, as
/// text that differs where they do.
#[must_use]
pub fn toolchain(config: &ShimConfig, env: &Env, changes: &[EnvChange]) -> String {
    let toolchain = Toolchain::of(config, StepEnv { env, changes });
    format!("{toolchain:?} {:?}", toolchain.witnesses(Vec::new()))
}

/// The file that says that emcc's system headers are in place. Source: `ensure_sysroot` of
/// `tools/system_libs.py`.
fn stamp(answer: &Answer) -> Option<String> {
    let cache = camino::Utf8Path::new(answer.sysroot()?).parent()?;
    Some(cache.join("sysroot_install.stamp").into_string())
}
