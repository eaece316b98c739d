//! Many calls run again, several at once, each after those whose outputs it reads.

use crate::error::ReplayError;
use crate::run::run;
use crate::select::{Chosen, Selection, Skip, Source};
use crate::setting::{Room, Setting};
use crate::verdict::{Sameness, Verdict};
use call_log::read::log::Log;
use std::collections::HashSet;
use std::fs;
use std::sync::{Condvar, Mutex, PoisonError};

/// What became of a call of a selection.
#[derive(Debug)]
pub enum Done {
    /// It ran.
    Ran(Verdict),
    /// It was not to run.
    Skipped(Skip),
    /// It could not be run.
    Failed(ReplayError),
}

impl Done {
    /// Whether it makes `--verify` fail.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        match self {
            Self::Ran(verdict) => !verdict.is_identical(),
            Self::Skipped(skip) => matches!(skip, Skip::Gone(_)),
            Self::Failed(_) => true,
        }
    }
}

struct Shared {
    next: usize,
    finished: Vec<bool>,
    stopped: bool,
}

/// Runs the calls, `jobs` at once, and hands on what became of each as soon as that is known. Ends
/// early, the calls under way aside, once `each` says so.
pub fn run_all(
    log: &Log,
    selection: &Selection,
    setting: &Setting,
    jobs: usize,
    each: &(dyn Fn(usize, &Chosen, Done) -> bool + Sync),
) {
    let wanted = wanted(selection);
    let shared = Mutex::new(Shared {
        next: 0,
        finished: vec![false; selection.calls.len()],
        stopped: false,
    });
    let changed = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, selection.calls.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let number = {
                        let mut state = lock();
                        if state.stopped || state.next == selection.calls.len() {
                            return;
                        }
                        state.next += 1;
                        state.next - 1
                    };
                    let chosen = &selection.calls[number];
                    // A call takes inputs only from calls before it, which have begun by now.
                    let mut state = lock();
                    while !ready(chosen, &state.finished) {
                        state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                    drop(state);
                    let done = one(log, chosen, setting, &wanted);
                    let go_on = each(number, chosen, done);
                    let mut state = lock();
                    state.finished[number] = true;
                    state.stopped |= !go_on;
                    changed.notify_all();
                }
            });
        }
    });
}

fn ready(chosen: &Chosen, finished: &[bool]) -> bool {
    chosen.inputs.iter().all(|input| match input.source {
        Source::Replayed(maker) => finished[maker],
        _ => true,
    })
}

/// Contents that later calls take from earlier ones.
fn wanted(selection: &Selection) -> HashSet<&str> {
    let inputs = selection.calls.iter().flat_map(|chosen| &chosen.inputs);
    let replayed = inputs.filter(|input| matches!(input.source, Source::Replayed(_)));
    replayed
        .filter_map(|input| input.fact.blake3.as_deref())
        .collect()
}

fn one(log: &Log, chosen: &Chosen, setting: &Setting, wanted: &HashSet<&str>) -> Done {
    if let Some(skip) = &chosen.skipped {
        return Done::Skipped(skip.clone());
    }
    let lost = chosen.inputs.iter().find(|input| {
        let hash = input.fact.blake3.as_deref().unwrap_or_default();
        matches!(input.source, Source::Replayed(_)) && !setting.shared(hash).exists()
    });
    if let Some(lost) = lost {
        return Done::Failed(ReplayError::Not(format!(
            "{} comes from a call that did not make the same again",
            lost.fact.path.to_string_lossy()
        )));
    }
    let result = run(log, chosen, setting).and_then(|mut verdict| {
        share(chosen, setting, wanted, &verdict)?;
        if verdict.is_identical() && setting.room != Room::InPlace {
            // Nothing is left to look at.
            let folder = setting.folder(&chosen.call.begin.id);
            fs::remove_dir_all(&folder).map_err(ReplayError::io("cannot remove", folder))?;
            verdict.printed = None;
            verdict
                .outputs
                .iter_mut()
                .for_each(|output| output.now = None);
        }
        Ok(verdict)
    });
    match result {
        Ok(verdict) => Done::Ran(verdict),
        Err(error) => Done::Failed(error),
    }
}

/// Keeps the outputs that later calls read.
fn share(
    chosen: &Chosen,
    setting: &Setting,
    wanted: &HashSet<&str>,
    verdict: &Verdict,
) -> Result<(), ReplayError> {
    let recorded = chosen.end().map_or(&[][..], |end| &end.outputs);
    for output in &verdict.outputs {
        let fact = recorded.iter().find(|fact| fact.path == output.path);
        let hash = fact.and_then(|fact| fact.blake3.as_deref());
        let (Some(hash), Some(now)) = (hash.filter(|hash| wanted.contains(hash)), &output.now)
        else {
            continue;
        };
        let place = setting.shared(hash);
        if output.verdict != Sameness::Identical || place.exists() {
            continue;
        }
        let folder = setting.root.join("contents");
        fs::create_dir_all(&folder).map_err(ReplayError::io("cannot make", &*folder))?;
        let temporary = tempfile::NamedTempFile::new_in(&folder)
            .map_err(ReplayError::io("cannot write in", &*folder))?;
        fs::copy(now, temporary.path()).map_err(ReplayError::io("cannot write in", &*folder))?;
        temporary
            .persist(&place)
            .map_err(|error| ReplayError::io("cannot write", place)(error.error))?;
    }
    Ok(())
}
