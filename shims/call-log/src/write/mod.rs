//! One record per invocation, in two lines of JSON: one before anything runs, one after.
//!
//! All invocations append to one file, `records.jsonl`, in the log's folder. A line is written
//! under a lock, by one `write`, and begins on a fresh line whatever an interrupted writer left; so
//! lines of many processes do not mix, a call that was killed has a `begin` without an `end`, and
//! a torn line spoils no other. What many records share, the environment and long response files,
//! is kept once, by content, in `blobs/`; so are the sources of probes, which nobody could see
//! otherwise. Each line ends with a checksum. Recording never fails a build unless asked to: it warns,
//! once in a while, and the build goes on.

mod content;
mod line;
mod store;
pub mod variables;

pub use line::Planned;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::Store;
use toolcall::builtin::{CheckLink, ListExports, SizeCommons};
use toolcall::message;
use toolcall::outcome::Outcome;
use toolcall::plan::{Step, StepKind};

/// The steps of ours that write lists for a link.
const LISTS: [&str; 3] = [CheckLink::NAME, ListExports::NAME, SizeCommons::NAME];

/// Records one invocation.
#[derive(Debug)]
pub struct Recorder<'a> {
    store: Option<Store>,
    id: String,
    call: Planned<'a>,
    lost: bool,
}

impl<'a> Recorder<'a> {
    /// Writes the first line of a call to the log in `folder`; without one nothing is recorded.
    #[must_use]
    pub fn begin(call: Planned<'a>, folder: Option<PathBuf>) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut recorder = Self {
            store: folder.map(Store::new),
            id: id(now),
            call,
            lost: false,
        };
        if let Some(store) = &recorder.store {
            let written = line::begin(&recorder.call, store, &recorder.id, now)
                .and_then(|begin| store.append(&begin));
            recorder.check(written);
        }
        recorder
    }

    /// Writes the second line.
    pub fn end(&mut self, outcome: &Outcome, warnings: &[String], took: Duration) {
        let Some(store) = &self.store else { return };
        // An export list is gone with the work folder; kept by its content, it is found by its hash.
        for step in self.call.plan.steps.iter().filter(|step| makes_list(step)) {
            for list in step
                .outputs
                .iter()
                .filter_map(|list| std::fs::read(list).ok())
            {
                let _ = store.blob(&list);
            }
        }
        let end = line::end(&self.call, store, &self.id, outcome, warnings, took);
        let written = store.append(&end);
        self.check(written);
    }

    /// The call's name in the log.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether any of it could not be written.
    #[must_use]
    pub fn lost(&self) -> bool {
        self.lost
    }

    fn check(&mut self, written: std::io::Result<()>) {
        let (Err(error), Some(store)) = (written, &self.store) else {
            return;
        };
        if !self.lost && store.may_warn(self.call.invocation.env.get("TMPDIR")) {
            let folder = store.folder().display();
            let why = format!(
                "warning: no record in {folder}: {error}; set EMSHIM_LOG to another folder, or EMSHIM_RECORD=off"
            );
            message::warn(&self.call.invocation.name, &why);
        }
        self.lost = true;
    }
}

/// Whether a step writes a temporary file that only a later step of the call reads.
fn makes_list(step: &Step) -> bool {
    let name = step.argv.get(1);
    step.kind == StepKind::BuiltIn && name.is_some_and(|name| LISTS.iter().any(|step| name == step))
}

/// Sorts by time; unique by process and by a number of this process's own.
fn id(now: Duration) -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::process::id()) & 0xffff;
    format!(
        "{:013x}-{:x}-{random:04x}",
        now.as_micros(),
        std::process::id()
    )
}
