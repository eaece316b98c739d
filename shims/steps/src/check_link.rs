//! `emshim check-link`: compares the signatures of what is linked before the linker does, which
//! tells less, and bridges on request what is safe to bridge.

use crate::{link_inputs, provenance};
use call_log::read::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use planner::{expand, rewrite};
use serde::Serialize;
use signatures::check::{Findings, Repair, check};
use signatures::link::{Input, draw};
use signatures::read::{Binary, ReadError, read};
use signatures::repair::{self, RepairError, Repaired};
use std::collections::BTreeSet;
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
        let plan = repair::plan(&findings);
        let utf8 = Utf8PathBuf::from_path_buf(cwd.join(folder));
        let utf8 = utf8.map_err(CheckError::Folder)?;
        let repaired = repair::write(&units, &plan, &|path| whole.contains(path), &utf8)?;
        let words = substituted(&step.words, &repaired, cwd);
        write(&cwd.join(CheckLink::list(folder)), &expand::quote(&words))?;
        let applied = applied(&findings);
        for repair in &applied {
            tell("repaired", &repair.to_string());
        }
        let json = serde_json::to_vec_pretty(&applied).unwrap_or_default();
        write(&cwd.join(CheckLink::reasons(folder)), &json)?;
        findings = findings.unrepaired();
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

impl std::fmt::Display for Applied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} as {} calls it: {}",
            self.symbol, self.caller, self.reason
        )
    }
}

fn applied(findings: &Findings) -> Vec<Applied> {
    let mut applied = Vec::new();
    for mismatch in &findings.mismatches {
        for caller in &mismatch.callers {
            if let Repair::Safe { reason, .. } = &caller.repair {
                applied.push(Applied {
                    symbol: mismatch.symbol.clone(),
                    caller: caller.declared.origin.to_string(),
                    reason: reason.clone(),
                });
            }
        }
    }
    applied
}

/// The words of the link with the repaired copies in them, also inside `-Wl,`.
fn substituted(words: &[OsString], repaired: &Repaired, cwd: &Path) -> Vec<OsString> {
    let copies = |word: &str| {
        let path = Utf8PathBuf::from_path_buf(cwd.join(word)).ok()?;
        repaired.instead.get(&path)
    };
    let mut out: Vec<OsString> = repaired.first.iter().map(OsString::from).collect();
    for word in words {
        let Some(plain) = word.to_str() else {
            out.push(word.clone());
            continue;
        };
        match copies(plain) {
            Some(copies) => out.extend(copies.iter().map(OsString::from)),
            None if plain.starts_with("-Wl,") => {
                let parts = plain.split(',').map(|part| match copies(part) {
                    Some(copies) => copies
                        .iter()
                        .map(|c| c.as_str())
                        .collect::<Vec<_>>()
                        .join(","),
                    None => part.to_owned(),
                });
                out.push(parts.collect::<Vec<_>>().join(",").into());
            }
            None => out.push(word.clone()),
        }
    }
    out
}

fn write(path: &Path, content: &[u8]) -> Result<(), CheckError> {
    std::fs::write(path, content).map_err(|source| CheckError::Write {
        path: path.to_owned(),
        source,
    })
}

/// A line on stderr, in the form of the linker's own.
fn tell(kind: &str, what: &str) {
    // If stderr is gone there is no one left to tell.
    let _ = writeln!(std::io::stderr(), "emshim: {kind}: {}", what.trim_end());
}
