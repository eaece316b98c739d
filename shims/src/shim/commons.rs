//! `emshim commons`: Fortran's COMMON blocks at a link. Where objects disagree about a block's
//! size, the link gets a definition of the largest; where BLOCK DATA lies in an archive, the link
//! is told to take it. [`f2c_driver::common`] says how blocks are recognised, and why.

use super::exports::{self, ReadError};
use super::{expand, text};
use f2c_driver::common::{self, Block};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use wasmparser::{KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommonsError {
    /// Not what [`Request::argv`] writes.
    #[error("emshim commons: not understood: {0}")]
    Usage(String),
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

/// `emshim commons -o LIST --definitions FILE -- WORD...`: the words are those of the link that say
/// what it draws from, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The response file for the link; empty where there is nothing to say.
    pub list: OsString,
    /// The C that the list names where blocks have to be defined.
    pub definitions: OsString,
    /// Files, `-lNAME`, `-LDIR`, `--whole-archive` and its end.
    pub words: Vec<OsString>,
}

impl Request {
    /// The command.
    #[must_use]
    pub fn argv(&self) -> Vec<OsString> {
        let mut argv: Vec<OsString> = ["emshim", "commons", "-o"].map(Into::into).to_vec();
        argv.extend([
            self.list.clone(),
            "--definitions".into(),
            self.definitions.clone(),
            "--".into(),
        ]);
        argv.extend(self.words.iter().cloned());
        argv
    }

    /// The request a command states.
    ///
    /// # Errors
    /// It is not one that [`Self::argv`] writes.
    pub fn parse(argv: &[OsString]) -> Result<Self, CommonsError> {
        match argv {
            [_, _, o, list, d, definitions, end, words @ ..]
                if o == "-o" && d == "--definitions" && end == "--" =>
            {
                Ok(Self {
                    list: list.clone(),
                    definitions: definitions.clone(),
                    words: words.to_vec(),
                })
            }
            _ => Err(CommonsError::Usage(text::shell(argv))),
        }
    }
}

/// A block as an object has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    symbol: String,
    bytes: u64,
    initialised: bool,
    place: String,
}

/// Carries out the command; paths are relative to `cwd`.
///
/// # Errors
/// An input is damaged, blocks contradict each other, or a file cannot be written. An input that is
/// not there is left for the linker to name.
pub fn run(argv: &[OsString], cwd: &Path) -> Result<(), CommonsError> {
    let request = Request::parse(argv)?;
    let mut blocks = Blocks::default();
    for input in exports::find_inputs(&request.words, cwd) {
        let mut own = Blocks::default();
        let form = exports::walk(&input.path, &mut |place, bytes| own.read(place, bytes))?;
        blocks.add(own, form == exports::Form::Archive && !input.whole);
    }
    let mut words: Vec<OsString> = Vec::new();
    let found = blocks.found.iter().map(|found| Block {
        symbol: &found.symbol,
        bytes: found.bytes,
        initialised: found.initialised,
        place: &found.place,
    });
    let definitions = common::definitions(&found.collect::<Vec<_>>())?;
    if !definitions.is_empty() {
        write(&cwd.join(&request.definitions), definitions.as_bytes())?;
        words.push(request.definitions.clone());
    }
    let mark = |symbol: &String| format!("-Wl,-u,{}{symbol}", common::DATA_MARK).into();
    words.extend(blocks.waiting.iter().map(mark));
    write(&cwd.join(&request.list), &expand::quote(&words))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommonsError> {
    std::fs::write(path, bytes).map_err(|source| CommonsError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The blocks of what is linked.
#[derive(Debug, Default)]
struct Blocks {
    found: Vec<Found>,
    /// Blocks whose initial values wait in an archive.
    waiting: BTreeSet<String>,
}

impl Blocks {
    /// Adds an input's blocks. Of an archive, a linker takes the first member that has what it
    /// looks for: initial values that are there already are not taken from it.
    fn add(&mut self, other: Self, archive: bool) {
        for found in other.found {
            if archive && found.initialised {
                let there = |known: &Found| known.initialised && known.symbol == found.symbol;
                if self.found.iter().any(there) {
                    continue;
                }
                self.waiting.insert(found.symbol.clone());
            }
            self.found.push(found);
        }
    }

    /// Reads an object; what is no WebAssembly has no blocks.
    fn read(&mut self, place: &str, bytes: &[u8]) -> Result<(), String> {
        if bytes.starts_with(b"\0asm") {
            self.found
                .extend(wasm(place, bytes).map_err(|error| error.to_string())?);
        }
        Ok(())
    }
}

/// The blocks of an object: data symbols in segments with Fortran's names.
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
        let initialised = of(common::DATA_SEGMENT);
        let block = initialised || of(common::SEGMENT);
        (block && !flags.contains(SymbolFlags::BINDING_LOCAL)).then(|| Found {
            symbol: name.to_owned(),
            bytes: symbol.size.into(),
            initialised,
            place: place.to_owned(),
        })
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(symbol: &str, initialised: bool, place: &str) -> Found {
        Found {
            symbol: symbol.to_owned(),
            bytes: 8,
            initialised,
            place: place.to_owned(),
        }
    }

    #[test]
    fn a_command_states_its_request() {
        let request = Request {
            list: "w/commons".into(),
            definitions: "w/commons.c".into(),
            words: vec!["a.o".into(), "--".into(), "-lx".into()],
        };
        assert_eq!(Request::parse(&request.argv()).unwrap(), request);
        assert!(Request::parse(&request.argv()[..6]).is_err());
    }

    #[test]
    fn initial_values_in_an_archive_are_asked_for_once() {
        let mut blocks = Blocks::default();
        let of = |found| Blocks {
            found,
            ..Blocks::default()
        };
        blocks.add(of(vec![found("a_", false, "x.o")]), false);
        let archive = || {
            of(vec![
                found("a_", true, "l.a(1)"),
                found("a_", true, "l.a(2)"),
            ])
        };
        blocks.add(archive(), true);
        assert_eq!(blocks.waiting.iter().collect::<Vec<_>>(), ["a_"]);
        assert_eq!(blocks.found.len(), 2);
        blocks.add(archive(), false);
        assert_eq!(blocks.found.len(), 4);
    }
}
