//! Facts about the files a call read and wrote.

use super::store::Store;
use crate::shim::text;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A file as it was at the end of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Its name as the call gave it.
    #[serde(with = "text::json")]
    pub path: OsString,
    /// Bytes; absent where there was no such file.
    pub size: Option<u64>,
    /// BLAKE3 of its contents, in hexadecimal; absent for what is no regular file.
    pub blake3: Option<String>,
}

/// Files smaller than this are hashed each time: that costs less than looking up the cache.
const SMALL: u64 = 1 << 20;

/// The facts about these files, relative to `cwd`.
pub(super) fn facts(
    paths: &mut dyn Iterator<Item = &OsString>,
    cwd: &Path,
    store: &Store,
) -> Vec<FileFact> {
    paths
        .map(|path| fact(path, &cwd.join(path), store))
        .collect()
}

fn fact(name: &OsString, path: &Path, store: &Store) -> FileFact {
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
        let hash = hash(path).ok()?;
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

fn hash(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// A running process's name, where the system tells it.
pub(super) fn process_name(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}
