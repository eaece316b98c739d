//! `emshim check-link`: compares the signatures of what is linked before the linker does, which
//! tells less, and bridges on request what is safe to bridge.

use super::exports;
use super::{expand, rewrite, text};
use crate::declarations;
use crate::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use signatures::check::{Findings, Repair, check};
use signatures::link::{Input, draw};
use signatures::read::{Binary, ReadError, read};
use signatures::repair::{self, RepairError, Repaired};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The step could not be carried out, or what is linked disagrees.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Not what [`Request::argv`] writes.
    #[error("emshim check-link: not understood: {0}")]
    Usage(String),
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
    #[error("functions are called with other signatures than theirs, which traps:\n{0}")]
    Mismatch(String),
}

/// `emshim check-link [--warn] [--whole] [--log FOLDER] [--repair FOLDER] -- WORD...`: the words are those of the link that
/// name what it draws from, as they stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whether what disagrees is a warning, as the caller told the linker.
    pub warn: bool,
    /// Whether every archive is linked whole, as `-sSIDE_MODULE=1` does.
    pub whole: bool,
    /// The log that knows how objects were made.
    pub log: Option<Utf8PathBuf>,
    /// Where repaired copies go, and [`list`] with what is to be linked.
    pub repair: Option<PathBuf>,
    /// The words.
    pub words: Vec<OsString>,
}

/// The response file that stands in a link for the words, in the folder of a repair.
#[must_use]
pub fn list(folder: &Path) -> PathBuf {
    folder.join("link")
}

/// The repairs and their reasons as JSON, in the folder of a repair.
#[must_use]
pub fn reasons(folder: &Path) -> PathBuf {
    folder.join("repairs.json")
}

impl Request {
    /// The command.
    #[must_use]
    pub fn argv(&self) -> Vec<OsString> {
        let mut argv: Vec<OsString> = vec!["emshim".into(), "check-link".into()];
        if self.warn {
            argv.push("--warn".into());
        }
        if self.whole {
            argv.push("--whole".into());
        }
        if let Some(folder) = &self.log {
            argv.extend(["--log".into(), folder.as_str().into()]);
        }
        if let Some(folder) = &self.repair {
            argv.extend(["--repair".into(), folder.clone().into()]);
        }
        argv.push("--".into());
        argv.extend(self.words.iter().cloned());
        argv
    }

    /// The request a command states.
    ///
    /// # Errors
    /// It is not one that [`Self::argv`] writes.
    pub fn parse(argv: &[OsString]) -> Result<Self, CheckError> {
        let usage = || CheckError::Usage(text::shell(argv));
        let mut rest = argv.get(2..).ok_or_else(usage)?;
        let mut request = Self {
            warn: false,
            whole: false,
            log: None,
            repair: None,
            words: Vec::new(),
        };
        loop {
            rest = match rest {
                [warn, rest @ ..] if warn == "--warn" => {
                    request.warn = true;
                    rest
                }
                [whole, rest @ ..] if whole == "--whole" => {
                    request.whole = true;
                    rest
                }
                [log, folder, rest @ ..] if log == "--log" => {
                    request.log = folder.to_str().map(Into::into);
                    rest
                }
                [repair, folder, rest @ ..] if repair == "--repair" => {
                    request.repair = Some(folder.into());
                    rest
                }
                [end, words @ ..] if end == "--" => {
                    request.words = words.to_vec();
                    return Ok(request);
                }
                _ => return Err(usage()),
            };
        }
    }
}

/// Carries out the command; paths are relative to `cwd`.
///
/// # Errors
/// What is linked disagrees and cannot be bridged, an input is damaged, or a file cannot be
/// written. An input that is not there is left for the linker to name.
pub fn run(argv: &[OsString], cwd: &Path) -> Result<(), CheckError> {
    let request = Request::parse(argv)?;
    let drawn = rewrite::drawn_from(&request.words);
    let mut inputs = Vec::new();
    let mut whole = BTreeSet::new();
    for input in exports::find_inputs(&drawn, cwd) {
        // The linker's own formats, and names that are not UTF-8, are left to it.
        let Some(path) = Utf8Path::from_path(&input.path) else {
            continue;
        };
        match read(path) {
            Ok(Binary::Archive(members)) if !(input.whole || request.whole) => {
                inputs.push(Input::Archive(members))
            }
            Ok(binary) => {
                whole.insert(path.to_owned());
                inputs.push(Input::Whole(binary.into_units()));
            }
            Err(ReadError::Unknown { .. }) => {}
            Err(error) if request.warn => {
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
    if let Some(folder) = &request.repair {
        let plan = repair::plan(&findings);
        let utf8 = Utf8PathBuf::from_path_buf(cwd.join(folder));
        let utf8 = utf8.map_err(|_| CheckError::Usage(text::shell(argv)))?;
        let repaired = repair::write(&units, &plan, &|path| whole.contains(path), &utf8)?;
        let words = substituted(&request.words, &repaired, cwd);
        write(&cwd.join(list(folder)), &expand::quote(&words))?;
        let applied = applied(&findings);
        for repair in &applied {
            tell("repaired", &repair.to_string());
        }
        let json = serde_json::to_vec_pretty(&applied).unwrap_or_default();
        write(&cwd.join(reasons(folder)), &json)?;
        findings = findings.unrepaired();
    }
    if let Some(log) = &request.log
        && !findings.is_empty()
    {
        declarations::trace(&mut findings, &units, &Log::new(log.clone()));
    }
    let certain = findings.mismatches.iter().any(|m| m.is_certain());
    if certain && !request.warn {
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
