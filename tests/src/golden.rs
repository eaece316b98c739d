//! Plan goldens: text files of command lines, each with the job, decisions and steps it comes to.
//!
//! ```text
//! # What the case shows.
//! $ gcc -c x.c -pthread
//! @ env EMSHIM_EXPORTS=all
//! @ file flags.rsp = -DX
//! job: compile
//! drop -pthread  [-pthread] Pyodide 0.29 and 314 have no threads: ...
//! run: /em/emcc x.c ...
//! ```
//!
//! Lines that begin with `#`, `$` or `@` are written by people; the rest is what planning answers,
//! and `BLESS=1 cargo test` writes it anew. Every path is made up, so nothing of the machine shows.

use crate::fake::Machine;
use planner::prepare::PlanError;
use std::fmt::Write as _;
use std::path::Path;
use toolcall::decision::Action;
use toolcall::display;
use toolcall::explanation::{Explanation, line};
use toolcall::job::name;
use toolcall::plan::StepKind;

/// Where the goldens are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/goldens/plan"))
}

/// One command line of a golden file with what stands around it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Case {
    /// The lines before the command, as written.
    pub comment: Vec<String>,
    /// The command, without `$ `.
    pub command: String,
    /// State lines, without `@ `.
    pub state: Vec<String>,
    /// The expected answer.
    pub answer: String,
}

/// Reads a golden file.
#[must_use]
pub fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut comment = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let comment = std::mem::take(&mut comment);
            cases.push(Case {
                comment,
                command: command.to_owned(),
                ..Case::default()
            });
        } else if line.is_empty() || line.starts_with('#') {
            comment.push(line.to_owned());
        } else if let Some(case) = cases.last_mut() {
            match line.strip_prefix("@ ") {
                Some(state) => case.state.push(state.to_owned()),
                None => {
                    case.answer.push_str(line);
                    case.answer.push('\n');
                }
            }
        }
    }
    cases
}

/// Writes a golden file back.
#[must_use]
pub fn render(cases: &[Case]) -> String {
    let mut text = String::new();
    for (number, case) in cases.iter().enumerate() {
        let blank = case.comment.iter().all(|line| line.starts_with('#')) && number > 0;
        if blank {
            text.push('\n');
        }
        for line in &case.comment {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "$ {}", case.command);
        for state in &case.state {
            let _ = writeln!(text, "@ {state}");
        }
        text.push_str(&case.answer);
    }
    text
}

/// What planning answers to a case.
///
/// # Panics
/// The case itself is no good: an open quote, an unknown state line.
#[must_use]
pub fn answer(case: &Case) -> String {
    let mut machine = Machine::default();
    for line in &case.state {
        machine.apply(line);
    }
    let words = shell_words::split(&case.command).expect("a command a shell can split");
    match machine.plan(&words) {
        Ok(explanation) => compact(&explanation),
        Err(error) => format!("error: {error}\n"),
    }
}

fn compact(explanation: &Explanation) -> String {
    let mut out = format!("job: {}\n", name(explanation.job));
    // The words and reasons of additions are the same everywhere: their rules are enough here.
    let added = explanation
        .decisions
        .iter()
        .filter(|d| d.action == Action::Add);
    let added: Vec<&str> = added.map(|decision| &*decision.rule).collect();
    for decision in &explanation.decisions {
        if !matches!(decision.action, Action::Keep | Action::Add) {
            let _ = writeln!(out, "{}", line(decision));
        }
    }
    if !added.is_empty() {
        let _ = writeln!(out, "add: {}", added.join(" "));
    }
    for step in &explanation.steps {
        let verb = match step.kind {
            StepKind::Run => "run",
            StepKind::Link => "link",
            StepKind::Ask => "ask",
            StepKind::Print => "print",
            StepKind::Say => "say",
            StepKind::BuiltIn => "write",
            StepKind::Show => "show",
        };
        let _ = writeln!(out, "{verb}: {}", display::shell(&step.argv));
        for change in &step.env {
            let _ = match &change.value {
                Some(value) => writeln!(out, "  with {}={value}", change.name),
                None => writeln!(out, "  without {}", change.name),
            };
        }
        if !step.outputs.is_empty() {
            let _ = writeln!(out, "  makes {}", display::shell(&step.outputs));
        }
    }
    if let Some(why) = &explanation.refusal {
        let _ = writeln!(out, "refused: {why}");
    }
    out
}

/// A planning error, so that suites need not name the crate's type.
pub type Error = PlanError;
