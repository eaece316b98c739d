//! The C of Fortran sources that were translated before, for builds with a compiler cache: a
//! second build tree then runs neither our front end nor f2c.
//!
//! A translation counts again where everything it follows from is the same: the source, its options,
//! f2c and emshim themselves, and each lookup for an included file or a module, which is repeated.

use camino::{Utf8Path, Utf8PathBuf};
use disk::DiskCache;
use f2c_driver::lookup::{Lookup, Place};
use f2c_driver::{Options, Translation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Version of the files' layout.
const SCHEMA: u32 = 1;

/// Whether what a step gives was kept from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cached {
    /// It comes from the cache.
    Hit,
    /// The step did its work.
    Miss,
}

/// What a translation gives its step.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// The C.
    pub c: Vec<u8>,
    /// Every file read, the source first.
    pub files: Vec<Utf8PathBuf>,
    /// Modules, by name.
    pub modules: BTreeMap<String, String>,
}

impl From<Translation> for Made {
    fn from(translation: Translation) -> Self {
        Self {
            c: translation.c,
            files: translation.files,
            modules: translation.modules,
        }
    }
}

/// The first line of a file; the C follows it.
#[derive(Serialize, Deserialize)]
struct Head {
    lookups: Vec<Lookup>,
    /// The files read besides the source.
    files: Vec<Place>,
    modules: BTreeMap<String, String>,
}

/// A source that CMake had preprocessed names its tree in line markers (`# 12 "file"`), which decide
/// no more than what line directives and `__FILE__` say.
fn hash_without_paths(bytes: &[u8], hasher: &mut blake3::Hasher) {
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let is_marker = line.starts_with(b"# ") && line.get(2).is_some_and(u8::is_ascii_digit);
        let path = memchr::memchr(b'"', line).filter(|_| is_marker);
        hasher.update(&line[..path.unwrap_or(line.len())]);
    }
}

/// Which emshim this is: its size and time. Its links may come and go, and another may lie in its place by now.
pub fn build() -> Option<(u64, SystemTime)> {
    let meta = std::fs::metadata("/proc/self/exe").ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

/// A translation that may have been made before.
#[derive(Debug)]
pub struct Entry<'a> {
    cache: DiskCache,
    key: String,
    source: &'a Utf8Path,
    include_dirs: &'a [Utf8PathBuf],
}

impl<'a> Entry<'a> {
    /// The translation of `bytes`, the contents of `source`, by `f2c`; `warnings` says whether its
    /// warnings are shown.
    #[must_use]
    pub fn new(
        folder: &Utf8Path,
        f2c: &Utf8Path,
        (source, bytes): (&'a Utf8Path, &[u8]),
        options: &'a Options,
        warnings: bool,
    ) -> Self {
        let identity = (SCHEMA, f2c, disk::identity(f2c.as_std_path()), build());
        // Trees differ in the paths of their folders; what is found in those, the lookups tell. With
        // line directives the C names them.
        let folders = options.include_dirs.len();
        let mut plain = options.clone();
        let name = if options.line_directives {
            source.as_str()
        } else {
            plain.include_dirs.clear();
            source.file_name().unwrap_or_default()
        };
        let mut hasher = blake3::Hasher::new();
        let words = format!("{identity:?} {folders} {plain:?} {name:?} {warnings}\n");
        hasher.update(words.as_bytes());
        if options.line_directives || memchr::memmem::find(bytes, b"__FILE__").is_some() {
            hasher.update(bytes);
        } else {
            hash_without_paths(bytes, &mut hasher);
        }
        Self {
            cache: DiskCache::new(folder),
            key: hasher.finalize().to_hex()[..40].to_owned(),
            source,
            include_dirs: &options.include_dirs,
        }
    }

    fn resolve(&self, place: &Place) -> Option<Utf8PathBuf> {
        place.resolve(self.source, self.include_dirs)
    }

    /// What it came to before.
    #[must_use]
    pub fn read(&self) -> Option<Made> {
        let bytes = self.cache.read(&self.key)?;
        let end = memchr::memchr(b'\n', &bytes)?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let holds = |lookup: &Lookup| {
            let path = self.resolve(&lookup.place);
            path.is_some_and(|path| lookup.holds(&path))
        };
        if !head.lookups.iter().all(holds) {
            return None;
        }
        let included = head.files.iter().map(|place| self.resolve(place));
        let files = std::iter::once(Some(self.source.to_owned())).chain(included);
        Some(Made {
            c: bytes[end + 1..].to_owned(),
            files: files.collect::<Option<_>>()?,
            modules: head.modules,
        })
    }

    /// Keeps what it came to now. Failing to costs time later and nothing else.
    pub fn keep(&self, translation: &Translation) {
        let Some(bytes) = self.file(translation) else {
            return;
        };
        let _ = self.cache.keep(&self.key, &bytes);
    }

    fn file(&self, translation: &Translation) -> Option<Vec<u8>> {
        let lookups = translation.lookups.as_ref()?;
        let place = |path: &Utf8PathBuf| {
            let named = |lookup: &&Lookup| self.resolve(&lookup.place).as_ref() == Some(path);
            let lookup = lookups.iter().find(named)?;
            Some(lookup.place.clone())
        };
        let head = Head {
            lookups: lookups.clone(),
            files: translation.files[1..]
                .iter()
                .map(place)
                .collect::<Option<_>>()?,
            modules: translation.modules.clone(),
        };
        let mut bytes = serde_json::to_vec(&head).ok()?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&translation.c);
        Some(bytes)
    }
}
