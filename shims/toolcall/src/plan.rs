//! What a call comes to: the steps that run, and what was decided on the way to them.

use crate::decision::{Action, Decision};
use crate::job::Job;
use crate::os_json;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

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
    #[serde(with = "os_json::list")]
    pub inputs: Vec<OsString>,
    /// Whether it is a question, or a build system's trial: [`crate::probes`].
    pub probe: bool,
}

/// How a step is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A program runs.
    Run,
    /// A driver links: it runs, or the programs that it would run do.
    Link,
    /// A program's fixed answer is given, from memory once it is known.
    Ask,
    /// Text is printed: the words after the first.
    Print,
    /// The same on stderr, where drivers answer `-v`.
    Say,
    /// emshim itself does it: [`crate::builtin`].
    #[serde(rename = "own")]
    BuiltIn,
    /// The command is shown on stderr and not run: `-###`.
    Show,
}

impl StepKind {
    /// Whether it is a program that runs, whatever runs in its place.
    #[must_use]
    pub fn runs(self) -> bool {
        matches!(self, Self::Run | Self::Link)
    }
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How.
    pub kind: StepKind,
    /// The command, program first, always in full.
    #[serde(with = "os_json::list")]
    pub argv: Vec<OsString>,
    /// Environment variables set, or unset where there is no value, on top of the caller's.
    pub env: Vec<EnvChange>,
    /// The files it is asked to write.
    #[serde(with = "os_json::list")]
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
    /// Sets a variable.
    #[must_use]
    pub fn set(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: Some(value.into()),
        }
    }

    /// Removes a variable.
    #[must_use]
    pub fn unset(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
        }
    }
}

impl Step {
    /// A program, with changes to its environment.
    #[must_use]
    pub fn run(argv: Vec<OsString>, env: Vec<EnvChange>) -> Self {
        Self {
            kind: StepKind::Run,
            argv,
            env,
            outputs: Vec::new(),
        }
    }

    /// A line on stdout.
    #[must_use]
    pub fn print(line: impl Into<OsString>) -> Self {
        let argv = vec!["echo".into(), line.into()];
        Self {
            kind: StepKind::Print,
            argv,
            env: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// A line on stderr.
    #[must_use]
    pub fn say(line: impl Into<OsString>) -> Self {
        Self {
            kind: StepKind::Say,
            ..Self::print(line)
        }
    }

    /// Makes the step's changes to the environment of the process it becomes.
    pub fn change_env(&self, command: &mut Command) {
        for change in &self.env {
            match &change.value {
                Some(value) => command.env(&change.name, value),
                None => command.env_remove(&change.name),
            };
        }
    }

    /// Work of our own, of [`crate::builtin`], that writes files.
    #[must_use]
    pub fn built_in(argv: Vec<OsString>, outputs: Vec<OsString>) -> Self {
        Self {
            kind: StepKind::BuiltIn,
            argv,
            env: Vec::new(),
            outputs,
        }
    }

    /// The same step, with the files it writes.
    #[must_use]
    pub fn writes(mut self, outputs: Vec<OsString>) -> Self {
        self.outputs = outputs;
        self
    }
}

impl Plan {
    /// A plan that runs these steps.
    #[must_use]
    pub fn of(job: Job, steps: Vec<Step>) -> Self {
        Self {
            job,
            decisions: Vec::new(),
            steps,
            refusal: None,
            inputs: Vec::new(),
            probe: false,
        }
    }

    /// A plan that fails with this reason.
    #[must_use]
    pub fn refuse(job: Job, why: impl Into<String>) -> Self {
        Self {
            refusal: Some(why.into()),
            ..Self::of(job, Vec::new())
        }
    }

    /// Adds decisions; the first refusal among them stops the plan, and nothing is added then.
    #[must_use]
    pub fn decide(mut self, decisions: Vec<Decision>) -> Self {
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
