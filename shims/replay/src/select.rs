//! Which calls run again, and where each of their inputs comes from.

use crate::error::ReplayError;
use call_log::format::folder::blobs;
use call_log::format::schema::{End, FileFact};
use call_log::read::log::Log;
use call_log::read::reader::{Item, Problem};
use call_log::read::view::{Full, FullCall};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::job::Job;

/// Where the recorded contents of an input are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// In the file itself.
    Disk,
    /// In the log, which keeps the sources of probes.
    Kept,
    /// In what this call of the selection writes.
    Replayed(usize),
    /// Nowhere, and the file has others.
    Changed,
    /// Nowhere, and the file is gone.
    Gone,
}

/// An input with contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// As recorded.
    pub fact: FileFact,
    /// Where its contents are.
    pub source: Source,
}

/// A call to run again.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The record.
    pub call: FullCall,
    /// What it read, and what it changed in place as that was before.
    pub inputs: Vec<Input>,
    /// Why it does not run again.
    pub skipped: Option<Skip>,
}

/// Why a call does not run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// It writes nothing that could be compared: it answers a question or starts other tools.
    NoOutputs,
    /// It ran a tool of the build machine, of which nothing is known.
    Native,
    /// It was refused, so nothing ran.
    Refused,
    /// It never ended.
    Unfinished,
    /// These inputs are not to be had any more.
    Gone(Vec<OsString>),
}

impl Skip {
    /// The reason in words.
    #[must_use]
    pub fn why(&self) -> &'static str {
        match self {
            Self::NoOutputs => "it writes nothing itself",
            Self::Native => "it is a tool of the build machine",
            Self::Refused => "it was refused",
            Self::Unfinished => "it did not end",
            Self::Gone(_) => "inputs are gone",
        }
    }
}

impl Chosen {
    /// The second line, if it ended.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        self.call.end.as_ref()
    }

    /// Inputs with other contents than recorded.
    pub fn changed(&self) -> impl Iterator<Item = &FileFact> {
        let inputs = self.inputs.iter();
        inputs
            .filter(|input| input.source == Source::Changed)
            .map(|input| &input.fact)
    }
}

/// The calls to run again, each after those it takes inputs from.
#[derive(Debug, Default)]
pub struct Selection {
    /// The calls.
    pub calls: Vec<Chosen>,
    /// Lines of the log that cannot be read.
    pub problems: Vec<Problem>,
}

/// Every call that fits, in the order they ended.
///
/// # Errors
/// The log cannot be read.
pub fn all(log: &Log, fits: impl Fn(&FullCall) -> bool) -> Result<Selection, ReplayError> {
    let mut calls = Vec::new();
    let mut problems = Vec::new();
    for call in log.calls::<Full>()?.apart(&mut problems) {
        let call = call?;
        if fits(&call) {
            calls.push(call);
        }
    }
    Ok(Selection {
        calls: find_inputs(log, calls, false),
        problems,
    })
}

/// One call, and before it the calls that made those of its inputs that are gone.
///
/// # Errors
/// There is no such call.
pub fn one(log: &Log, name: &str) -> Result<Selection, ReplayError> {
    let (call, problems) = log.find(name)?;
    let mut calls = vec![call];
    loop {
        let chosen = find_inputs(log, calls.clone(), true);
        let lost: HashSet<&str> = chosen
            .iter()
            .flat_map(|chosen| &chosen.inputs)
            .filter(|input| matches!(input.source, Source::Changed | Source::Gone))
            .filter_map(|input| input.fact.blake3.as_deref())
            .collect();
        let known: HashSet<&str> = calls.iter().map(|call| call.begin.id.as_str()).collect();
        let producers = if lost.is_empty() {
            Vec::new()
        } else {
            producers(log, &lost, &known)?
        };
        if producers.is_empty() {
            return Ok(Selection {
                calls: chosen,
                problems,
            });
        }
        calls.splice(0..0, producers);
    }
}

/// For each of these contents a call that wrote them.
fn producers(
    log: &Log,
    lost: &HashSet<&str>,
    known: &HashSet<&str>,
) -> Result<Vec<FullCall>, ReplayError> {
    let mut found: HashSet<String> = HashSet::new();
    let mut producers = Vec::new();
    for item in log.calls::<Full>()? {
        let Item::Call(call) = item? else { continue };
        let outputs = call.end.iter().flat_map(|end| &end.outputs);
        let wanted: Vec<String> = outputs
            .filter_map(|fact| fact.blake3.clone())
            .filter(|hash| lost.contains(hash.as_str()) && !found.contains(hash))
            .collect();
        if !wanted.is_empty() && !known.contains(call.begin.id.as_str()) {
            found.extend(wanted);
            producers.push(call);
        }
    }
    Ok(producers)
}

/// Finds the inputs of calls that are in the order they ended. `named` calls run even where there
/// is nothing to compare, or where a changed input takes the place of the recorded one.
fn find_inputs(log: &Log, calls: Vec<FullCall>, named: bool) -> Vec<Chosen> {
    let mut disk = Disk::default();
    let blobs = blobs(log.folder().as_std_path());
    let mut writes: HashMap<String, usize> = HashMap::new();
    let mut chosen = Vec::with_capacity(calls.len());
    for (number, call) in calls.into_iter().enumerate() {
        let skipped = skip(&call, named);
        let read = call.end.iter().flat_map(|end| &end.inputs);
        let facts = read.chain(&call.begin.before);
        let facts = facts.filter(|fact| fact.blake3.is_some());
        let mut inputs: Vec<Input> = Vec::new();
        for fact in facts {
            let path = Path::new(&call.begin.cwd).join(&fact.path);
            let hash = fact.blake3.clone().unwrap_or_default();
            let source = match disk.hash(&path) {
                Some(now) if *now == hash => Source::Disk,
                _ if blobs.join(&hash).is_file() => Source::Kept,
                now => match (writes.get(&hash), now) {
                    (Some(&producer), _) => Source::Replayed(producer),
                    (None, Some(_)) => Source::Changed,
                    (None, None) => Source::Gone,
                },
            };
            inputs.push(Input {
                fact: fact.clone(),
                source,
            });
        }
        let gone = inputs.iter().filter(|input| input.source == Source::Gone);
        let gone: Vec<OsString> = gone.map(|input| input.fact.path.clone()).collect();
        let lost = (!gone.is_empty()).then_some(Skip::Gone(gone));
        let skipped = skipped.or(lost);
        if skipped.is_none() {
            let outputs = call.end.iter().flat_map(|end| &end.outputs);
            for hash in outputs.filter_map(|fact| fact.blake3.clone()) {
                writes.entry(hash).or_insert(number);
            }
        }
        chosen.push(Chosen {
            call,
            inputs,
            skipped,
        });
    }
    chosen
}

fn skip(call: &FullCall, named: bool) -> Option<Skip> {
    let begin = &call.begin;
    if begin.refusal.is_some() {
        return Some(Skip::Refused);
    }
    if begin.job == Job::Native {
        return Some(Skip::Native);
    }
    let Some(end) = &call.end else {
        return (!named).then_some(Skip::Unfinished);
    };
    let builds = begin.job.compiles() || begin.job.links() || begin.job == Job::Archive;
    let writes = end.outputs.iter().any(|fact| fact.blake3.is_some());
    // A compile that failed wrote nothing; that it fails again is what is compared.
    let comparable = builds || writes;
    (!comparable && !named).then_some(Skip::NoOutputs)
}

/// Hashes of files as they are now, each found once.
#[derive(Debug, Default)]
struct Disk {
    known: HashMap<PathBuf, Option<String>>,
}

impl Disk {
    fn hash(&mut self, path: &Path) -> Option<&String> {
        let known = self.known.entry(path.to_owned());
        known.or_insert_with(|| hash(path)).as_ref()
    }
}

/// The BLAKE3 of a regular file.
pub(super) fn hash(path: &Path) -> Option<String> {
    if !path.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path).ok()?).ok()?;
    Some(hasher.finalize().to_hex().to_string())
}
