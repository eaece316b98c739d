//! `emshim check-link`: compares the signatures of what is linked before the linker does, which
//! tells less, and bridges on request what is safe to bridge.

use crate::substitute::substitute;
use crate::{link_inputs, provenance};
use call_log::read::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use planner::{expand, rewrite};
use serde::Serialize;
use signatures::check::{Findings, Repair, check};
use signatures::link::{Input, draw};
use signatures::read::{Binary, ReadError, read};
use signatures::repair::{self, Extent, RepairError};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use toolcall::builtin::CheckLink;

/// The step could not be carried out, or what is linked disagrees.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Repaired copies cannot have a name.
    #[error("{}: the folder of repaired copies must be UTF-8; set TMPDIR to one that is", .0.display())]
    Folder(PathBuf),
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Repaired copies cannot be written.
    #[error(transparent)]
    Repair(#[from] RepairError),
    /// The list cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A call would trap.
    #[error(
        "functions are called with other signatures than theirs, which traps (-Wl,--no-fatal-warnings links all the same):\n{0}"
    )]
    Mismatch(String),
}

/// Carries out the step; paths are relative to `cwd`.
///
/// # Errors
/// What is linked disagrees and cannot be bridged, an input is damaged, or a file cannot be
/// written. An input that is not there is left for the linker to name.
pub fn run(step: &CheckLink, cwd: &Path) -> Result<(), CheckError> {
    let drawn = rewrite::drawn_from(&step.words);
    let mut inputs = Vec::new();
    let mut whole = BTreeSet::new();
    for input in link_inputs::find(&drawn, cwd) {
        // The linker's own formats, and names that are not UTF-8, are left to it.
        let Some(path) = Utf8Path::from_path(&input.path) else {
            continue;
        };
        match read(path) {
            Ok(Binary::Archive(members)) if !(input.whole || step.whole) => {
                inputs.push(Input::Archive(members))
            }
            Ok(binary) => {
                whole.insert(path.to_owned());
                inputs.push(Input::Whole(binary.into_units()));
            }
            Err(ReadError::Unknown { .. }) => {}
            Err(error) if step.warn => {
                tell(
                    "warning",
                    &format!("{error}; its signatures are not checked"),
                );
            }
            Err(error) => return Err(error.into()),
        }
    }
    let units = draw(inputs);
    let mut findings = check(&units);
    if let Some(folder) = &step.repair {
        let extent = match step.by_rules {
            true => Extent::ByRules,
            false => Extent::Proved,
        };
        let plan = repair::plan(&findings, extent);
        let utf8 = Utf8PathBuf::from_path_buf(cwd.join(folder));
        let utf8 = utf8.map_err(CheckError::Folder)?;
        let repaired = repair::write(&units, &plan, &|path| whole.contains(path), &utf8)?;
        let mut words: Vec<OsString> = repaired.first.iter().map(OsString::from).collect();
        words.extend(substitute(&step.words, cwd, &|path| {
            let copies = repaired.instead.get(Utf8Path::from_path(path)?)?;
            Some(copies.iter().map(OsString::from).collect())
        }));
        write(&cwd.join(CheckLink::list(folder)), &expand::quote(&words))?;
        let applied = applied(&findings, extent);
        for line in summary(&applied) {
            tell("repaired", &line);
        }
        let json = serde_json::to_vec_pretty(&applied).unwrap_or_default();
        write(&cwd.join(CheckLink::reasons(folder)), &json)?;
        findings = findings.unrepaired(extent);
    }
    if let Some(log) = &step.log
        && !findings.is_empty()
    {
        provenance::trace(&mut findings, &units, &Log::new(log.clone()));
    }
    let certain = findings.mismatches.iter().any(|m| m.is_certain());
    if certain && !step.warn {
        return Err(CheckError::Mismatch(findings.to_string().trim_end().into()));
    }
    if !findings.is_empty() {
        tell("warning", &findings.to_string());
    }
    Ok(())
}

/// A repair that was made, for the record.
#[derive(Debug, Serialize)]
struct Applied {
    symbol: String,
    caller: String,
    reason: String,
}

/// How many names a line of the summary has.
const SHOWN: usize = 3;

/// A line for each reason: the record has every repair.
fn summary(applied: &[Applied]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&Applied>> = BTreeMap::new();
    for repair in applied {
        by_reason.entry(&repair.reason).or_default().push(repair);
    }
    let lines = by_reason.iter().map(|(reason, repairs)| {
        let symbols = repairs.iter().map(|repair| repair.symbol.as_str());
        let callers = repairs.iter().map(|repair| repair.caller.as_str());
        format!("{} as {} calls it: {reason}", some(symbols), some(callers))
    });
    lines.collect()
}

/// The first of some names, each once, and how many more there are.
fn some<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let mut text = shown.join(", ");
    if names.len() > SHOWN {
        text += &format!(" and {} more", names.len() - SHOWN);
    }
    text
}

fn applied(findings: &Findings, extent: Extent) -> Vec<Applied> {
    let mut applied = Vec::new();
    for mismatch in &findings.mismatches {
        let callers = mismatch.callers.iter();
        for caller in callers.filter(|caller| extent.includes(&caller.repair)) {
            if let Repair::Safe { reason, .. } = &caller.repair {
                applied.push(Applied {
                    symbol: mismatch.symbol.clone(),
                    caller: caller.declared.origin.to_string(),
                    reason: reason.clone(),
                });
            }
        }
    }
    for callback in &findings.callbacks {
        if let Repair::Safe { reason, .. } = &callback.repair
            && extent.includes(&callback.repair)
        {
            let callers = callback.callers.iter();
            applied.extend(callers.map(|caller| Applied {
                symbol: callback.name.clone(),
                caller: caller.clone(),
                reason: reason.clone(),
            }));
        }
    }
    applied
}

fn write(path: &Path, content: &[u8]) -> Result<(), CheckError> {
    std::fs::write(path, content).map_err(|source| CheckError::Write {
        path: path.to_owned(),
        source,
    })
}

/// A line on stderr, in the form of the linker's own.
fn tell(kind: &str, what: &str) {
    // Ignore EPIPE: stderr may be closed.
    let _ = writeln!(std::io::stderr(), "emshim: {kind}: {}", what.trim_end());
}
