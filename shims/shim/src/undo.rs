//! Whether it was a flag of ours that made a call fail: then the message says so, and how to undo it.
//!
//! The tool's own message was streamed as it came. So a failed step is tried again, silently, with the
//! flag undone and nothing written where it would be seen.

use planner::prepare::Prepared;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use toolcall::decision::Action;
use toolcall::invocation::Invocation;
use toolcall::outcome::{Exit, Outcome};
use toolcall::plan::Step;

/// Flags of ours that make an error of what is a warning to others, and what undoes each.
const STRICT: &[(&str, &str)] = &[
    ("-Werror=return-type", "-Wno-error=return-type"),
    ("-Wl,--fatal-warnings", "-Wl,--no-fatal-warnings"),
];

/// What to say of a call that failed by a flag of ours alone.
#[must_use]
pub fn reason(invocation: &Invocation, prepared: &Prepared, outcome: &Outcome) -> Option<String> {
    // What stood on standard input is gone.
    let piped = prepared.plan.inputs.iter().any(|input| input == "-");
    if !matches!(outcome.exit, Exit::Exit(1)) || prepared.plan.probe || piped {
        return None;
    }
    let failed = prepared
        .plan
        .steps
        .get(outcome.steps.len().checked_sub(1)?)?;
    let decisions = prepared.plan.decisions.iter();
    let added = decisions.filter(|decision| decision.action == Action::Add);
    for decision in added {
        let strict = STRICT
            .iter()
            .find(|(flag, _)| decision.result.as_deref() == Some(flag));
        let Some((flag, undo)) = strict else { continue };
        if failed.kind.runs()
            && failed.argv.iter().any(|word| word == flag)
            // Where both are tried alike: a full disk is nobody's flag.
            && succeeds(invocation, prepared, failed, &[undo.into()])
            && !succeeds(invocation, prepared, failed, &[])
        {
            let why = decision.reason.as_deref().unwrap_or_default();
            return Some(format!(
                "the error comes of {flag}, which is emshim's: {why}"
            ));
        }
    }
    None
}

/// Whether a step succeeds with further flags.
fn succeeds(invocation: &Invocation, prepared: &Prepared, step: &Step, undo: &[OsString]) -> bool {
    let mut words: Vec<OsString> = step.argv[1..].to_vec();
    words.extend_from_slice(undo);
    if prepared.plan.job.links() {
        words.extend(["-o".into(), prepared.work_dir.join("undone.so").into()]);
    } else {
        words.push("-fsyntax-only".into());
        if words.iter().any(|word| word == "-MD" || word == "-MMD") {
            words.extend(["-MF".into(), "/dev/null".into()]);
        }
    }
    let mut command = Command::new(&step.argv[0]);
    command.args(words).current_dir(&invocation.cwd);
    step.change_env(&mut command);
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
