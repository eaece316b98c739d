//! Facts about the files a call read and wrote.

use crate::format::schema::FileFact;
use crate::write::store::Store;
use secrets::mask;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use toolcall::sources;

/// Files smaller than this are hashed each time: that costs less than looking up the cache.
const SMALL: u64 = 1 << 20;

/// Longest source of a probe that is kept, in bytes: they are a few lines.
const LONGEST_KEPT: u64 = 64 << 10;

/// Which files' contents are kept besides their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// None.
    Nothing,
    /// Short sources: those of probes, which are removed by the build system before they can be read.
    Sources,
}

/// The facts about these files, relative to `cwd`.
pub(super) fn facts<'p>(
    paths: impl IntoIterator<Item = &'p OsString>,
    cwd: &Path,
    store: &Store,
    keep: Keep,
) -> Vec<FileFact> {
    let paths = paths.into_iter();
    paths
        .map(|path| {
            let keep = keep == Keep::Sources && sources::kind(path).is_source();
            fact(path, &cwd.join(path), store, keep)
        })
        .collect()
}

fn fact(name: &OsString, path: &Path, store: &Store, keep: bool) -> FileFact {
    let nothing = FileFact {
        path: name.clone(),
        size: None,
        blake3: None,
    };
    let Ok(meta) = std::fs::metadata(path) else {
        return nothing;
    };
    if !meta.is_file() {
        return nothing;
    }
    if keep && meta.len() <= LONGEST_KEPT {
        keep_source(path, store);
    }
    // A file that keeps its identity and times keeps its contents.
    let identity = (meta.len() >= SMALL).then(|| {
        let parts = [
            meta.dev(),
            meta.ino(),
            meta.len(),
            meta.mtime().unsigned_abs(),
            meta.mtime_nsec().unsigned_abs(),
            meta.ctime().unsigned_abs(),
            meta.ctime_nsec().unsigned_abs(),
        ];
        parts.map(|part| format!("{part:x}")).join("-")
    });
    let known = identity
        .as_deref()
        .and_then(|identity| store.cached_hash(identity));
    let hash = known.or_else(|| {
        let hash = hash(path, meta.len()).ok()?;
        if let Some(identity) = &identity {
            store.cache_hash(identity, &hash);
        }
        Some(hash)
    });
    FileFact {
        size: Some(meta.len()),
        blake3: hash,
        ..nothing
    }
}

/// Keeps a source, unless it holds what may not be kept. Failing to costs a replay of the probe.
fn keep_source(path: &Path, store: &Store) {
    if let Ok(text) = std::fs::read_to_string(path)
        && mask(&text) == text
    {
        let _ = store.blob(text.as_bytes());
    }
}

fn hash(path: &Path, size: u64) -> std::io::Result<String> {
    if size < SMALL {
        // Read by parts it would take pages of memory for a buffer larger than most files.
        return Ok(blake3::hash(&std::fs::read(path)?).to_hex().to_string());
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// A running process's name, where the system tells it.
pub(super) fn process_name(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}
