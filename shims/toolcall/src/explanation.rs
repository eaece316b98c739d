//! What would run, and why, without running it.

use crate::decision::{Action, Decision};
use crate::display;
use crate::job::{self, Job};
use crate::plan::{Plan, Step, StepKind};
use serde::Serialize;
use std::fmt;

/// A planned invocation, for people (`Display`) and machines (`Serialize`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the invocation is for.
    pub job: Job,
    /// What was decided about each argument, in order, additions last.
    pub decisions: Vec<Decision>,
    /// What runs.
    pub steps: Vec<Step>,
    /// Why nothing runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

impl Explanation {
    /// Explains a plan.
    #[must_use]
    pub fn of(plan: Plan) -> Self {
        let Plan {
            job,
            decisions,
            steps,
            refusal,
            ..
        } = plan;
        Self {
            job,
            decisions,
            steps,
            refusal,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "job: {}", job::name(self.job))?;
        for decision in self.decisions.iter().filter(|d| d.is_news()) {
            writeln!(f, "{}", line(decision))?;
        }
        for step in &self.steps {
            let verb = match step.kind {
                StepKind::Run => "run",
                StepKind::Link => "link",
                StepKind::Ask => "ask",
                StepKind::Print => "print",
                StepKind::Say => "say",
                StepKind::BuiltIn => "write",
                StepKind::Show => "show",
            };
            writeln!(f, "{verb}: {}", display::shell(&step.argv))?;
            for change in &step.env {
                match &change.value {
                    Some(value) => {
                        writeln!(f, "     with {}={}", change.name, display::visible(value))?;
                    }
                    None => writeln!(f, "     without {}", change.name)?,
                }
            }
        }
        match &self.refusal {
            Some(why) => writeln!(f, "refused: {}", display::visible_lines(why)),
            None => Ok(()),
        }
    }
}

/// One decision on one line.
#[must_use]
pub fn line(decision: &Decision) -> String {
    let argument = display::visible(decision.argument.as_deref().unwrap_or_default());
    let result = display::visible(decision.result.as_deref().unwrap_or_default());
    let what = match decision.action {
        Action::Keep => format!("keep {argument}"),
        Action::Drop => format!("drop {argument}"),
        Action::Translate => format!("translate {argument}"),
        Action::Replace => format!("replace {argument} -> {result}"),
        Action::Add => format!("add {result}"),
        Action::Refuse => format!("refuse {argument}"),
        Action::Unknown => format!("unknown {argument}"),
    };
    let reason = decision.reason.as_deref().map(display::visible);
    match (reason, decision.rule.is_empty()) {
        (Some(reason), false) => format!("{what}  [{}] {reason}", decision.rule),
        (Some(reason), true) => format!("{what}  {reason}"),
        (None, _) => what,
    }
}
