//! Compiles and links that failed, of a build that went on and has made a wheel all the same: a `setup.py` may do
//! without a module that does not compile, and say so in output that nobody reads.

use std::collections::BTreeSet;
use std::ffi::OsString;

use call_log::read::log::Log;
use call_log::read::reader::Item;
use call_log::read::view::{Brief, BriefCall};
use toolcall::job::Job;

use super::Builder;
use crate::build_log::BuildLog;

/// Jobs that make a part of a wheel. A program that is linked is mostly a question.
const PARTS: &[Job] = &[
    Job::Compile,
    Job::LinkShared,
    Job::LinkRelocatable,
    Job::CompileAndLinkShared,
    Job::Archive,
];

/// How many are named.
const NAMED: usize = 3;

impl Builder<'_> {
    /// Tells of those of a build that has ended well, and gives what they were to make. What nothing can be read
    /// of is not told.
    pub(super) fn note_failed_calls(&self, log: &BuildLog<'_>) -> Vec<String> {
        let failed = failed(&Log::new(&self.log), log.name());
        if failed.is_empty() {
            return failed;
        }
        let named: Vec<&str> = failed.iter().take(NAMED).map(String::as_str).collect();
        let more = match failed.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.progress.note(&format!(
            "warning: {}{more} could not be made, and the build went on: the wheel may lack modules; the output is in \
             {}, and `emshim log failures --build {}` has the calls",
            named.join(", "),
            log.path(),
            log.name()
        ));
        failed
    }
}

/// What calls of a build were to make, and none did.
fn failed(log: &Log, build: &str) -> Vec<String> {
    let mut open: BTreeSet<(OsString, String)> = BTreeSet::new();
    for item in log.calls::<Brief>().into_iter().flatten().flatten() {
        let Item::Call(call) = item else { continue };
        let head = &call.begin;
        if head.build.as_deref() != Some(build) || head.probe || !PARTS.contains(&head.job) {
            continue;
        }
        let (Some(end), Some(made)) = (&call.end, made(&call)) else {
            continue;
        };
        let key = (head.cwd.clone(), made);
        // It may be made another way.
        match end.ended().is_success() {
            true => open.remove(&key),
            false => open.insert(key),
        };
    }
    open.into_iter().map(|(_, made)| made).collect()
}

/// The file that a call is to make, as its command names it.
fn made(call: &BriefCall) -> Option<String> {
    let words: Vec<serde_json::Value> = serde_json::from_str(call.begin.argv.get()).ok()?;
    let words: Vec<&str> = words.iter().filter_map(serde_json::Value::as_str).collect();
    let after = words.iter().position(|word| *word == "-o");
    let named = after.and_then(|at| words.get(at + 1));
    Some((*named.or(words.last())?).to_owned())
}
