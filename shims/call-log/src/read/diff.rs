//! Two builds beside each other: which commands changed, which outputs differ, and where the
//! difference begins.

use crate::format::schema::{Begin, FileFact};
use crate::read::error::LogError;
use crate::read::log::Log;
use crate::read::reader::Item;
use crate::read::view::{Full, FullCall};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::variables::{LOG, NOTICES};
use toolcall::{display, probes};

/// One of the two builds.
#[derive(Debug, Clone)]
pub struct Side {
    /// The log it is in.
    pub log: Log,
    /// Its name there; all of the log without one.
    pub build: Option<String>,
}

/// How a call of both builds differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its id in each build.
    pub ids: (String, String),
    /// What it writes.
    pub name: String,
    /// What is not the same of what it was given.
    pub causes: Vec<String>,
    /// Its outputs that are not the same.
    pub outputs: Vec<String>,
}

/// What is not the same in two builds.
#[derive(Debug, Default, Serialize)]
pub struct Diff {
    /// How many calls both have.
    pub both: usize,
    /// Calls of the first alone.
    pub only_a: Vec<String>,
    /// Calls of the second alone.
    pub only_b: Vec<String>,
    /// Calls that differ, in the order of the first build.
    pub changes: Vec<Change>,
    /// The first of them whose outputs differ for a reason of its own: none of its inputs is what
    /// another call made differently.
    pub first_cause: Option<usize>,
}

/// A call as it is compared: everything without the place of the build.
struct Compared {
    id: String,
    name: String,
    command: String,
    env: BTreeMap<String, String>,
    toolchain: String,
    exit: String,
    inputs: Vec<FileFact>,
    outputs: Vec<FileFact>,
}

/// Compares two builds. A call is the same in both if it writes the same files, or, where it writes
/// none, has the same command; the folder that all calls of a build lie in does not count.
///
/// # Errors
/// A log cannot be read.
pub fn diff(a: &Side, b: &Side) -> Result<Diff, LogError> {
    let first = read(a)?;
    let mut second: HashMap<String, Compared> = HashMap::new();
    let mut order = Vec::new();
    for (key, call) in read(b)? {
        order.push(key.clone());
        second.insert(key, call);
    }
    let mut diff = Diff::default();
    let mut changed: HashSet<OsString> = HashSet::new();
    for (key, one) in first {
        let Some(other) = second.remove(&key) else {
            diff.only_a.push(one.name);
            continue;
        };
        diff.both += 1;
        let outputs = unequal(&one.outputs, &other.outputs);
        let inputs = unequal(&one.inputs, &other.inputs);
        let own = inputs.iter().all(|path| !changed.contains(path));
        changed.extend(outputs.iter().cloned());
        let mut causes = given(&one, &other);
        causes.extend(inputs.iter().map(|path| {
            let made = if changed.contains(path) && !own {
                " (made differently before)"
            } else {
                ""
            };
            format!("input {}{made}", path.to_string_lossy())
        }));
        if causes.is_empty() && outputs.is_empty() {
            continue;
        }
        if causes.is_empty() {
            causes.push(
                "nothing recorded: a header changed, or the tool does not make the same twice"
                    .into(),
            );
        }
        if own && !outputs.is_empty() {
            diff.first_cause.get_or_insert(diff.changes.len());
        }
        let outputs = outputs
            .iter()
            .map(|path| path.to_string_lossy().into_owned());
        diff.changes.push(Change {
            ids: (one.id, other.id),
            name: one.name,
            causes,
            outputs: outputs.collect(),
        });
    }
    let rest = order.iter().filter_map(|key| second.remove(key));
    diff.only_b = rest.map(|call| call.name).collect();
    Ok(diff)
}

/// What of the command, the tools and the surroundings is not the same.
fn given(one: &Compared, other: &Compared) -> Vec<String> {
    let mut causes = Vec::new();
    if one.command != other.command {
        causes.push(format!(
            "command: {}",
            words_apart(&one.command, &other.command)
        ));
    }
    if one.toolchain != other.toolchain {
        causes.push("toolchain or configuration".into());
    }
    let names: HashSet<&String> = one.env.keys().chain(other.env.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort();
    let unlike = names
        .into_iter()
        .filter(|name| one.env.get(*name) != other.env.get(*name));
    causes.extend(unlike.map(|name| format!("environment: {name}")));
    if one.exit != other.exit {
        causes.push(format!("ended with {} and with {}", one.exit, other.exit));
    }
    causes
}

/// The words that only one of two commands has.
fn words_apart(one: &str, other: &str) -> String {
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let (one, other) = (words(one), words(other));
    let lost = one.iter().filter(|word| !other.contains(word));
    let new = other.iter().filter(|word| !one.contains(word));
    let lost = lost.map(|word| format!("-[{word}]"));
    let parts: Vec<String> = lost.chain(new.map(|word| format!("+[{word}]"))).collect();
    if parts.is_empty() {
        "the order of its words".into()
    } else {
        parts.join(" ")
    }
}

fn unequal(one: &[FileFact], other: &[FileFact]) -> Vec<OsString> {
    let differs = |fact: &&FileFact| {
        let same = other.iter().find(|o| o.path == fact.path);
        same.is_none_or(|same| same.blake3 != fact.blake3)
    };
    one.iter()
        .filter(differs)
        .map(|fact| fact.path.clone())
        .collect()
}

/// The calls of a build that ended, by what they are known by.
fn read(side: &Side) -> Result<Vec<(String, Compared)>, LogError> {
    let mut calls: Vec<FullCall> = Vec::new();
    for item in side.log.calls::<Full>()? {
        if let Item::Call(call) = item?
            && call.end.is_some()
            && (side.build.is_none() || side.build == call.begin.build)
        {
            calls.push(call);
        }
    }
    if calls.is_empty() {
        let build = side.build.as_deref().unwrap_or("that ended");
        return Err(LogError::NotFound(format!(
            "no call of {build} in {}",
            side.log.file()
        )));
    }
    // Probes may run anywhere.
    let real = calls.iter().filter(|call| !call.begin.probe);
    let root = common(real.map(|call| Path::new(&call.begin.cwd)));
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut compared = Vec::new();
    for call in calls {
        let (key, call) = compare(&side.log, &root, call);
        // The same may be done several times over.
        let times = seen.entry(key.clone()).or_default();
        *times += 1;
        compared.push((format!("{key}\0{times}"), call));
    }
    Ok(compared)
}

/// The longest path that all begin with.
fn common<'p>(mut paths: impl Iterator<Item = &'p Path>) -> PathBuf {
    let first = paths.next().unwrap_or(Path::new("")).to_owned();
    paths.fold(first, |common, path| {
        let ancestors = common.ancestors();
        let mut shared = ancestors.filter(|part| path.starts_with(part));
        shared.next().unwrap_or(Path::new("")).to_owned()
    })
}

fn compare(log: &Log, root: &Path, call: FullCall) -> (String, Compared) {
    let root = root.to_string_lossy();
    let placeless = |text: &str| match &*root {
        "" | "/" => probes::without_random(text),
        root => probes::without_random(&text.replace(root, "{build}")),
    };
    let FullCall { begin, end } = call;
    let steps = begin
        .steps
        .iter()
        .map(|step| placeless(&display::shell(&step.argv)));
    let command = steps.collect::<Vec<_>>().join("\n");
    let (inputs, outputs, exit) = match end {
        Some(end) => (end.inputs, end.outputs, super::view::status(Some(end.exit))),
        None => Default::default(),
    };
    let placeless_facts = |facts: Vec<FileFact>| {
        let fact = |fact: FileFact| FileFact {
            path: placeless(&fact.path.to_string_lossy()).into(),
            ..fact
        };
        // Intermediate files have names of the command's own, which may differ.
        let lasting = |fact: &FileFact| !fact.path.to_string_lossy().contains("/emshim-");
        facts
            .into_iter()
            .filter(lasting)
            .map(fact)
            .collect::<Vec<_>>()
    };
    let (inputs, outputs) = (placeless_facts(inputs), placeless_facts(outputs));
    let written: Vec<_> = outputs
        .iter()
        .map(|fact| fact.path.to_string_lossy())
        .collect();
    let cwd = placeless(&begin.cwd.to_string_lossy());
    let given = placeless(&display::shell(&begin.argv));
    let what = if written.is_empty() {
        given.clone()
    } else {
        written.join(" ")
    };
    let key = format!("{cwd}\0{}\0{what}", begin.tool);
    let compared = Compared {
        id: begin.id.clone(),
        name: if written.is_empty() { given } else { what },
        command,
        env: env(log, &begin, &placeless),
        toolchain: begin.toolchain,
        exit,
        inputs,
        outputs,
    };
    (key, compared)
}

/// Variables of emshim's own say nothing about what a tool makes; the log's folder and the process that
/// began it differ anyway.
fn env(log: &Log, begin: &Begin, placeless: &dyn Fn(&str) -> String) -> BTreeMap<String, String> {
    let env = log.env(begin).unwrap_or_default();
    let env = env
        .into_iter()
        .filter(|(name, _)| name != LOG && name != NOTICES);
    env.map(|(name, value)| (name, placeless(&value))).collect()
}
