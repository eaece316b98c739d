//! Compiles without emcc.
//!
//! For a compile emcc only computes clang's flags, and takes twice clang's time for it. This stage
//! replaces emcc in a planned compile by clang with those flags, which emcc is asked for once for
//! each set of settings; the objects are the same to the byte. What needs more of emcc than flags
//! stays as planned. Either way the reason is among the plan's decisions.

mod answer;
mod compile;
mod memory;
mod toolchain;

use super::capture::Invocation;
use super::config::ShimConfig;
use super::plan::{Plan, Step, StepKind};
use super::rewrite::{Action, Decision};
use super::settings::Settings;
pub use answer::Answer;
use compile::Compile;
pub use compile::Reason;
use memory::Memory;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
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
}

const SWITCHED_OFF: &str = "EMSHIM_DIRECT=0";
const KNOWN: &str = "emcc's flags for these settings are known, and a compile needs no more of it";
const RULE: &str = "direct";

/// What is kept of an answer: emcc's flags, or why it has to run itself.
type Kept = Result<Answer, String>;

impl Direct<'_> {
    /// Replaces emcc by clang where it can be.
    #[must_use]
    pub fn apply(&self, plan: Plan) -> Plan {
        let mut plan = plan;
        for step in &mut plan.steps {
            let Some(cxx) = self.driver(step) else {
                continue;
            };
            let (action, reason) = match self.for_clang(step) {
                Ok(argv) => {
                    step.argv = argv;
                    (Action::Replace, KNOWN.into())
                }
                Err(why) => (Action::Keep, why),
            };
            let (emcc, clang) = if cxx {
                ("em++", "clang++")
            } else {
                ("emcc", "clang")
            };
            let result = if action == Action::Keep { emcc } else { clang };
            let decision = Decision {
                argument: Some(emcc.to_owned()),
                action,
                result: Some(result.to_owned()),
                rule: RULE.into(),
                reason: Some(reason),
            };
            if !plan.decisions.contains(&decision) {
                plan.decisions.push(decision);
            }
        }
        plan
    }

    /// Whether a step runs emcc, and then whether as em++.
    fn driver(&self, step: &Step) -> Option<bool> {
        let program = Path::new(step.argv.first()?);
        if step.kind != StepKind::Run || program.parent()? != self.config.emscripten.root {
            return None;
        }
        match program.file_name()?.to_str()? {
            "emcc" => Some(false),
            "em++" => Some(true),
            _ => None,
        }
    }

    fn for_clang(&self, step: &Step) -> Result<Vec<OsString>, Reason> {
        let compile = Compile::read(&step.argv[1..])?;
        if !self.settings.direct {
            return Err(SWITCHED_OFF.into());
        }
        let env = StepEnv {
            env: &self.invocation.env,
            changes: &step.env,
        };
        if let Some(name) = env.speaks_to_emcc() {
            return Err(format!("{name} is set, which speaks to emcc").into());
        }
        let answer = self.answer(step, &compile, env)?;
        Ok(compile.for_clang(&answer))
    }

    fn answer(&self, step: &Step, compile: &Compile, env: StepEnv) -> Result<Answer, Reason> {
        let memory = Memory::of(&self.invocation.shim_dir);
        let toolchain = Toolchain::of(self.config, env);
        let mut question = vec![step.argv[0].clone()];
        let asked = answer::question(&compile.settings, compile.probe);
        question.extend(asked.into_iter().map(OsString::from));
        let key = toolchain.key(&question);
        if let Some(kept) = memory.recall::<Kept>(&key) {
            return kept.map_err(Into::into);
        }
        let cannot = |what: &str, error: &dyn std::fmt::Display| {
            Reason::from(format!("{what} {}: {error}", memory.folder()))
        };
        // Asked first: where no answer can be kept, every compile would pay for the question.
        let scratch = memory
            .scratch()
            .map_err(|e| cannot("no answer can be kept in", &e))?;
        let before = toolchain.witnesses(Vec::new());
        let kept = self.ask(step, compile, scratch.path())?;
        let sysroot = kept.as_ref().ok().and_then(stamp);
        let mut witnesses = before;
        witnesses.extend(sysroot.map(toolchain::Witness::of));
        let stored = memory.keep(&key, witnesses, &kept);
        stored.map_err(|error| cannot("no answer can be kept in", &error))?;
        kept.map_err(Into::into)
    }

    /// Asks emcc. An error is one of the machine, which no other call need have.
    fn ask(&self, step: &Step, compile: &Compile, scratch: &Path) -> Result<Kept, Reason> {
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
        let stderr = String::from_utf8_lossy(&output.stderr);
        let read = answer::read(&stderr, compile.settings.len(), source);
        Ok(read.map_err(Reason::into_owned))
    }
}

/// The file that says that emcc's system headers are in place. Source: `ensure_sysroot` of
/// `tools/system_libs.py`.
fn stamp(answer: &Answer) -> Option<String> {
    let words = answer.before.iter();
    let sysroot = words
        .filter_map(|word| word.strip_prefix("--sysroot="))
        .next()?;
    let cache = camino::Utf8Path::new(sysroot).parent()?;
    Some(cache.join("sysroot_install.stamp").into_string())
}
