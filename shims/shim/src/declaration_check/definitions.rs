//! The functions a build has defined so far, in the log's folder: two files of each build, which
//! its calls append to and never change.
//!
//! `NAME.index` has entries of one size, so that a compile can look all of them through; what an
//! entry is about stands in a line of `NAME.objects`, which is read only for entries of interest.
//! Both are written under a lock, the line first. A torn entry is cut off by the next writer.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use signatures::unit::Function;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Folder in a log's folder.
const FOLDER: &str = "definitions";

/// Bytes of an entry: [`Entry`]'s three numbers, little-endian.
const SIZE: usize = 24;

/// How much of the index is read at a time.
const PART: usize = SIZE * 2048;

/// An object whose functions are in the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Object {
    /// Its path, absolute.
    pub path: Utf8PathBuf,
    /// The source it was made of, absolute, where the command has one that fits.
    pub source: Option<Utf8PathBuf>,
}

/// A function and its signature, as numbers that differ where they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    symbol: u64,
    signature: u64,
}

impl Key {
    /// Of a function.
    #[must_use]
    pub fn of(function: &Function) -> Self {
        let number = |text: &str| {
            let hash = blake3::hash(text.as_bytes());
            u64::from_le_bytes(std::array::from_fn(|at| hash.as_bytes()[at]))
        };
        Self {
            symbol: number(&function.name),
            signature: number(&function.signature.to_string()),
        }
    }
}

/// One entry of the index.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: Key,
    /// Where the object's line begins.
    object: u64,
}

impl Entry {
    fn bytes(self) -> [u8; SIZE] {
        let numbers = [self.key.symbol, self.key.signature, self.object].map(u64::to_le_bytes);
        std::array::from_fn(|at| numbers[at / 8][at % 8])
    }

    fn read(bytes: &[u8; SIZE]) -> Self {
        let number = |n: usize| u64::from_le_bytes(std::array::from_fn(|at| bytes[n * 8 + at]));
        Self {
            key: Key {
                symbol: number(0),
                signature: number(1),
            },
            object: number(2),
        }
    }
}

/// The functions that are looked for. An index has many entries for each that is one of them, so
/// that a table of bits by the lowest of a symbol's turns most away.
struct Wanted {
    signatures: BTreeMap<u64, u64>,
    bits: [bool; 4096],
}

impl Wanted {
    fn new(functions: &[Key]) -> Self {
        let mut bits = [false; 4096];
        for key in functions {
            bits[Self::bit(key.symbol)] = true;
        }
        let signatures = functions.iter().map(|key| (key.symbol, key.signature));
        Self {
            signatures: signatures.collect(),
            bits,
        }
    }

    fn bit(symbol: u64) -> usize {
        usize::try_from(symbol & 4095).unwrap_or_default()
    }

    fn signature(&self, symbol: u64) -> Option<u64> {
        let may = self.bits[Self::bit(symbol)];
        may.then(|| self.signatures.get(&symbol).copied()).flatten()
    }
}

/// The definitions of one build.
#[derive(Debug)]
pub struct Definitions {
    index: PathBuf,
    objects: PathBuf,
}

impl Definitions {
    /// Those of a build whose records are in the log's folder `log`. The files are made when first
    /// written to.
    #[must_use]
    pub fn of(log: &Path, build: &str) -> Self {
        // Builds may have any name, file names not.
        let name = blake3::hash(build.as_bytes()).to_hex();
        let file = |kind: &str| log.join(FOLDER).join(format!("{}.{kind}", &name[..16]));
        Self {
            index: file("index"),
            objects: file("objects"),
        }
    }

    /// The objects that define one of these functions otherwise, where none defines it so.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn otherwise(&self, functions: &[Key]) -> io::Result<BTreeSet<Object>> {
        let wanted = Wanted::new(functions);
        let mut index = match File::open(&self.index) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            index => index?,
        };
        let mut agreeing = BTreeSet::new();
        let mut differing: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        let mut part = Vec::with_capacity(PART);
        loop {
            part.clear();
            let mut next = (&mut index).take(u64::try_from(PART).unwrap_or(0));
            if next.read_to_end(&mut part)? == 0 {
                break;
            }
            let (entries, _) = part.as_chunks::<SIZE>();
            for entry in entries.iter().map(Entry::read) {
                let symbol = entry.key.symbol;
                match wanted.signature(symbol) {
                    None => {}
                    Some(signature) if signature == entry.key.signature => {
                        agreeing.insert(symbol);
                    }
                    Some(_) => {
                        differing.entry(symbol).or_default().insert(entry.object);
                    }
                }
            }
        }
        differing.retain(|symbol, _| !agreeing.contains(symbol));
        let lines: BTreeSet<u64> = differing.into_values().flatten().collect();
        if lines.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut file = BufReader::new(File::open(&self.objects)?);
        let mut objects = BTreeSet::new();
        for start in lines {
            let mut line = String::new();
            file.seek(SeekFrom::Start(start))?;
            file.read_line(&mut line)?;
            objects.extend(serde_json::from_str::<Object>(&line).ok());
        }
        Ok(objects)
    }

    /// Adds an object and the functions it defines.
    ///
    /// # Errors
    /// The files cannot be written; what is there stays whole.
    pub fn add(&self, object: &Object, functions: &[Key]) -> io::Result<()> {
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            options.append(true).create(true).open(path)
        };
        let mut index = match open(&self.index) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(self.index.parent().unwrap_or(Path::new(".")))?;
                open(&self.index)?
            }
            index => index?,
        };
        // Released with the process, even a killed one.
        index.lock()?;
        let end = index.seek(SeekFrom::End(0))?;
        let torn = end % u64::try_from(SIZE).unwrap_or(1);
        let end = end - torn;
        if torn > 0 {
            index.set_len(end)?;
        }
        let mut objects = open(&self.objects)?;
        let start = objects.seek(SeekFrom::End(0))?;
        let mut line = serde_json::to_vec(object)?;
        line.push(b'\n');
        objects.write_all(&line)?;
        let entries = functions.iter().map(|&key| Entry { key, object: start });
        let bytes: Vec<u8> = entries.flat_map(Entry::bytes).collect();
        index.write_all(&bytes).inspect_err(|_| {
            // The disk is full: remove the partial entry.
            let _ = index.set_len(end);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(symbol: u64, signature: u64) -> Key {
        Key { symbol, signature }
    }

    fn object(name: &str) -> Object {
        Object {
            path: name.into(),
            source: None,
        }
    }

    #[test]
    fn what_is_defined_otherwise_and_never_so() {
        let log = tempfile::tempdir().unwrap();
        let one = Definitions::of(log.path(), "one");
        assert!(one.otherwise(&[key(1, 1)]).unwrap().is_empty());
        one.add(&object("a.o"), &[key(1, 1), key(2, 2)]).unwrap();
        one.add(&object("b.o"), &[key(2, 9), key(3, 3)]).unwrap();
        let asked = [key(1, 1), key(2, 9), key(3, 4), key(3 + 4096, 4), key(4, 4)];
        let found = one.otherwise(&asked).unwrap();
        assert_eq!(found, BTreeSet::from([object("b.o")]));
        let other = Definitions::of(log.path(), "two");
        assert!(other.otherwise(&asked).unwrap().is_empty());
    }

    #[test]
    fn an_entry_that_was_cut_short_spoils_no_other() {
        let log = tempfile::tempdir().unwrap();
        let build = Definitions::of(log.path(), "b");
        build.add(&object("a.o"), &[key(1, 1), key(2, 2)]).unwrap();
        for file in [&build.index, &build.objects] {
            let cut = OpenOptions::new().write(true).open(file).unwrap();
            cut.set_len(cut.metadata().unwrap().len() - 5).unwrap();
        }
        // The line of `a.o` is gone with its end.
        assert!(build.otherwise(&[key(1, 7)]).unwrap().is_empty());
        build.add(&object("b.o"), &[key(3, 3)]).unwrap();
        let found = build.otherwise(&[key(2, 7), key(3, 7)]).unwrap();
        assert_eq!(found, BTreeSet::from([object("b.o")]));
    }

    #[test]
    fn many_calls_at_once() {
        let log = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let build = Definitions::of(log.path(), "b");
                scope.spawn(move || {
                    for n in 0..50 {
                        let symbol = thread * 1000 + n;
                        let path = object(&symbol.to_string());
                        build.add(&path, &[key(symbol, 1)]).unwrap();
                    }
                });
            }
        });
        let build = Definitions::of(log.path(), "b");
        let asked: Vec<Key> = (0..8000).map(|symbol| key(symbol, 2)).collect();
        assert_eq!(build.otherwise(&asked).unwrap().len(), 400);
    }
}
