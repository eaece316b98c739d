//! `emshim commons`: Fortran's COMMON blocks at a link. Where objects disagree about a block's
//! size, the link gets a definition of the largest; where BLOCK DATA lies in an archive, the link
//! is told to take it. [`f2c_driver::common`] says how blocks are recognised, and why.

use crate::link_inputs;
use crate::shared_library;
use crate::symbols::{self, ReadError};
use f2c_driver::common::{self, Block};
use planner::expand;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::builtin::SizeCommons;
use wasmparser::{KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommonsError {
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The blocks contradict each other.
    #[error(transparent)]
    Blocks(#[from] common::Error),
    /// A file cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the segments of all blocks have in their names.
const MARK: &[u8] = b".fortran.common.";

/// How an object has a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// Declared in Fortran.
    Declared,
    /// Given initial values by BLOCK DATA.
    Initialised,
    /// A strong definition of its name that no Fortran made: C's.
    Foreign,
}

/// A block as an object has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    symbol: String,
    bytes: u64,
    how: How,
    place: String,
}

/// Carries out the step; paths are relative to `cwd`.
///
/// # Errors
/// An input is damaged, blocks contradict each other, or a file cannot be written. An input that is
/// not there is left for the linker to name.
pub fn run(step: &SizeCommons, cwd: &Path) -> Result<(), CommonsError> {
    let mut inputs = Inputs::default();
    let files = link_inputs::find(&step.words, cwd);
    // Most links have no Fortran in them, and are done with at a glance.
    let mut fortran = false;
    for input in &files {
        symbols::walk(&input.path, &mut |_, bytes| {
            fortran |= memchr::memmem::find(bytes, MARK).is_some();
            Ok(())
        })?;
    }
    for input in files.iter().filter(|_| fortran) {
        let mut found = Vec::new();
        let form = symbols::walk(&input.path, &mut |place, bytes| {
            found.extend(read(place, bytes)?);
            Ok(())
        })?;
        match form {
            symbols::Form::Archive if !input.whole => inputs.offered.extend(found),
            _ => inputs.linked.extend(found),
        }
    }
    // A shared library's block is defined there.
    for library in files.iter().filter(|_| fortran) {
        if let Some(library) = shared_library::at(&library.path)? {
            inputs.linked.retain(|found| !library.has(&found.symbol));
            inputs.offered.retain(|found| !library.has(&found.symbol));
        }
    }
    let blocks = inputs.blocks();
    let mut words: Vec<OsString> = Vec::new();
    let found = blocks.found.iter().map(|found| Block {
        symbol: &found.symbol,
        bytes: found.bytes,
        initialised: found.how != How::Declared,
        place: &found.place,
    });
    let definitions = common::definitions(&found.collect::<Vec<_>>())?;
    if !definitions.is_empty() {
        write(&cwd.join(&step.definitions), definitions.as_bytes())?;
        words.push(step.definitions.clone());
    }
    let mark = |symbol: &&str| format!("-Wl,-u,{}{symbol}", common::DATA_MARK).into();
    words.extend(blocks.waiting.iter().map(mark));
    write(&cwd.join(&step.list), &expand::quote(&words))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommonsError> {
    std::fs::write(path, bytes).map_err(|source| CommonsError::Write {
        path: path.to_owned(),
        source,
    })
}

/// What the inputs of a link hold: what is linked in any case, and what archives offer, of which a
/// linker takes the members it needs.
#[derive(Debug, Default)]
struct Inputs {
    linked: Vec<Found>,
    offered: Vec<Found>,
}

/// The blocks that count.
#[derive(Debug, Default)]
struct Blocks<'i> {
    found: Vec<&'i Found>,
    /// Blocks whose initial values wait in an archive.
    waiting: BTreeSet<&'i str>,
}

impl Inputs {
    /// What an archive offers makes a block larger, but never contradicts what is linked: which of
    /// it is taken, only the linker knows.
    fn blocks(&self) -> Blocks<'_> {
        let all = || self.linked.iter().chain(&self.offered);
        let declared: BTreeSet<&str> = all()
            .filter(|found| found.how == How::Declared)
            .map(|found| found.symbol.as_str())
            .collect();
        let mut blocks = Blocks::default();
        for found in &self.linked {
            if found.how != How::Foreign || declared.contains(found.symbol.as_str()) {
                blocks.found.push(found);
            }
        }
        for offered in self.offered.iter().filter(|f| f.how == How::Initialised) {
            if declared.contains(offered.symbol.as_str()) && !blocks.has_values(&offered.symbol) {
                blocks.waiting.insert(&offered.symbol);
                blocks.found.push(offered);
            }
        }
        for offered in self.offered.iter().filter(|f| f.how == How::Declared) {
            if !blocks.has_values(&offered.symbol) {
                blocks.found.push(offered);
            }
        }
        blocks
    }
}

impl Blocks<'_> {
    /// Whether something gives the block its values.
    fn has_values(&self, symbol: &str) -> bool {
        let there = |found: &&&Found| found.symbol == symbol && found.how != How::Declared;
        self.found.iter().find(there).is_some()
    }
}

/// The blocks of an object, and the strong definitions that may be of one; what is no WebAssembly
/// has none.
fn read(place: &str, bytes: &[u8]) -> Result<Vec<Found>, String> {
    if !bytes.starts_with(b"\0asm") {
        return Ok(Vec::new());
    }
    wasm(place, bytes).map_err(|error| error.to_string())
}

/// The data symbols of an object: those in segments with Fortran's names, and strong ones.
fn wasm(place: &str, bytes: &[u8]) -> wasmparser::Result<Vec<Found>> {
    let mut segments: Vec<&str> = Vec::new();
    let mut symbols = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CustomSection(section) = payload? else {
            continue;
        };
        let KnownCustom::Linking(linking) = section.as_known() else {
            continue;
        };
        for part in linking.subsections() {
            match part? {
                Linking::SegmentInfo(infos) => {
                    for info in infos {
                        segments.push(info?.name);
                    }
                }
                Linking::SymbolTable(table) => {
                    for info in table {
                        if let SymbolInfo::Data {
                            flags,
                            name,
                            symbol: Some(symbol),
                        } = info?
                        {
                            symbols.push((flags, name, symbol));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    let found = symbols.into_iter().filter_map(|(flags, name, symbol)| {
        let segment = segments.get(usize::try_from(symbol.index).ok()?)?;
        let of = |start| segment.strip_prefix(start) == Some(name);
        let how = if of(common::DATA_SEGMENT) {
            How::Initialised
        } else if of(common::SEGMENT) {
            How::Declared
        } else if flags.contains(SymbolFlags::BINDING_WEAK) {
            return None;
        } else {
            How::Foreign
        };
        (!flags.contains(SymbolFlags::BINDING_LOCAL)).then(|| Found {
            symbol: name.to_owned(),
            bytes: symbol.size.into(),
            how,
            place: place.to_owned(),
        })
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(symbol: &str, bytes: u64, how: How, place: &str) -> Found {
        Found {
            symbol: symbol.to_owned(),
            bytes,
            how,
            place: place.to_owned(),
        }
    }

    fn places<'b>(blocks: &'b Blocks) -> Vec<&'b str> {
        blocks
            .found
            .iter()
            .map(|found| found.place.as_str())
            .collect()
    }

    #[test]
    fn every_block_has_the_mark() {
        for segment in [common::SEGMENT, common::DATA_SEGMENT] {
            assert!(memchr::memmem::find(segment.as_bytes(), MARK).is_some());
        }
    }

    #[test]
    fn initial_values_in_an_archive_are_asked_for_once_and_only_if_declared() {
        let inputs = Inputs {
            linked: vec![found("a_", 8, How::Declared, "x.o")],
            offered: vec![
                found("a_", 8, How::Initialised, "l.a(1)"),
                found("a_", 8, How::Initialised, "l.a(2)"),
                found("b_", 8, How::Initialised, "l.a(3)"),
            ],
        };
        let blocks = inputs.blocks();
        assert_eq!(blocks.waiting.iter().collect::<Vec<_>>(), [&"a_"]);
        assert_eq!(places(&blocks), ["x.o", "l.a(1)"]);
    }

    #[test]
    fn what_may_not_be_linked_contradicts_nothing() {
        let inputs = Inputs {
            linked: vec![
                found("a_", 8, How::Initialised, "x.o"),
                found("c_", 8, How::Declared, "x.o"),
            ],
            offered: vec![
                found("a_", 40, How::Declared, "l.a(1)"),
                found("c_", 40, How::Declared, "l.a(1)"),
            ],
        };
        assert_eq!(places(&inputs.blocks()), ["x.o", "x.o", "l.a(1)"]);
    }

    #[test]
    fn a_definition_in_c_counts_where_fortran_declares_the_block() {
        let inputs = Inputs {
            linked: vec![
                found("a_", 8, How::Declared, "x.o"),
                found("a_", 40, How::Foreign, "c.o"),
                found("other", 4, How::Foreign, "c.o"),
            ],
            offered: Vec::new(),
        };
        assert_eq!(places(&inputs.blocks()), ["x.o", "c.o"]);
    }
}
