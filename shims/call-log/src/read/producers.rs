//! Which call made an object, and from which source: for messages about what is in it.

use crate::read::error::LogError;
use crate::read::log::Log;
use crate::read::reader::Item;
use crate::read::view::{Full, FullCall};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use toolcall::{display, sources};

/// An object in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// BLAKE3 of its contents, in hexadecimal: it is found by that wherever it lies now, in an
    /// archive for one.
    pub hash: String,
    /// Its path: an object of a call that has not ended is known by that alone.
    pub path: PathBuf,
}

/// The call that made an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// The command as given, for people.
    pub command: String,
    /// The working directory.
    pub cwd: PathBuf,
    /// The source, where the command has one that fits.
    pub source: Option<PathBuf>,
}

impl Log {
    /// The last call that made each object; nothing for one that no call of the log did.
    ///
    /// # Errors
    /// There is no log, or it cannot be read.
    pub fn producers(&self, objects: &[Object]) -> Result<Vec<Option<Producer>>, LogError> {
        let mut hashes: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut paths: HashMap<&Path, Vec<usize>> = HashMap::new();
        for (at, object) in objects.iter().enumerate() {
            hashes.entry(&object.hash).or_default().push(at);
            paths.entry(&object.path).or_default().push(at);
        }
        let mut producers = vec![None; objects.len()];
        for item in self.calls::<Full>()? {
            let Item::Call(call) = item? else { continue };
            let cwd = Path::new(&call.begin.cwd);
            match &call.end {
                Some(end) => {
                    for output in &end.outputs {
                        let found = output.blake3.as_deref().and_then(|hash| hashes.get(hash));
                        for &at in found.into_iter().flatten() {
                            producers[at] = Some(producer(&call, &output.path));
                        }
                    }
                }
                None => {
                    for output in call.begin.steps.iter().flat_map(|step| &step.outputs) {
                        for &at in paths.get(&*cwd.join(output)).into_iter().flatten() {
                            producers[at] = Some(producer(&call, output));
                        }
                    }
                }
            }
        }
        Ok(producers)
    }
}

fn producer(call: &FullCall, output: &OsStr) -> Producer {
    let begin = &call.begin;
    let cwd = PathBuf::from(&begin.cwd);
    let words = &begin.argv[1.min(begin.argv.len())..];
    let source = sources::source_of(output, words);
    Producer {
        command: display::shell(&begin.argv),
        source: source.map(|source| cwd.join(source)),
        cwd,
    }
}
