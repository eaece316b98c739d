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
pub mod schema;
mod seal;
mod secrets;
mod store;

use super::capture::Invocation;
use super::config::ShimConfig;
use super::execute::Outcome;
use super::plan::{Plan, StepKind};
use super::settings::Recording;
use super::{Prepared, execute};
pub use seal::{is_whole, seal};
pub use secrets::{ALLOWED, mask};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::Store;

/// Environment variable that names the build which calls are part of.
pub const BUILD: &str = "EMSHIM_BUILD";

/// Environment variable by which a call tells those that come from it its name.
pub const CALLER: &str = "EMSHIM_CALLER";

/// Records one invocation.
#[derive(Debug)]
pub struct Recorder<'a> {
    store: Option<Store>,
    id: String,
    invocation: &'a Invocation,
    plan: &'a Plan,
    lost: bool,
}

impl<'a> Recorder<'a> {
    /// Writes the first line.
    #[must_use]
    pub fn begin(config: &ShimConfig, invocation: &'a Invocation, prepared: &'a Prepared) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let on = prepared.settings.recording != Recording::Off;
        let folder = invocation.cwd.join(&prepared.settings.log);
        let mut recorder = Self {
            store: on.then(|| Store::new(folder)),
            id: id(now),
            invocation,
            plan: &prepared.plan,
            lost: false,
        };
        if let Some(store) = &recorder.store {
            let written = line::begin(config, invocation, prepared, store, &recorder.id, now)
                .and_then(|begin| store.append(&begin));
            recorder.check(written);
        }
        recorder
    }

    /// Writes the second line.
    pub fn end(&mut self, outcome: &Outcome, warnings: &[String], took: Duration) {
        let Some(store) = &self.store else { return };
        // An export list is gone with the work folder; kept by its content, it is found by its hash.
        for step in self
            .plan
            .steps
            .iter()
            .filter(|step| step.kind == StepKind::Own && !step.argv.contains(&"fortran".into()))
        {
            for list in step
                .outputs
                .iter()
                .filter_map(|list| std::fs::read(list).ok())
            {
                let _ = store.blob(&list);
            }
        }
        let (plan, invocation) = (self.plan, self.invocation);
        let end = line::end(&self.id, plan, invocation, store, outcome, warnings, took);
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
        if !self.lost && store.may_warn() {
            let folder = store.folder().display();
            let why = format!(
                "warning: no record in {folder}: {error}; set EMSHIM_LOG to another folder, or EMSHIM_RECORD=off"
            );
            execute::warn(&self.invocation.name, &why);
        }
        self.lost = true;
    }
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

/// Where the records of a log folder are.
#[must_use]
pub fn records_file(folder: &Path) -> PathBuf {
    folder.join(store::RECORDS)
}

/// Where a log folder keeps contents, by their name.
#[must_use]
pub fn blobs_folder(folder: &Path) -> PathBuf {
    folder.join(store::BLOBS)
}
