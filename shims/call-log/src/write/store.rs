//! The log's folder: one file that every call appends to, and contents kept once.

use crate::format::checksum::checksummed;
use crate::format::folder;
use disk::whole::{FOR_OWNER, replace};
use serde::Serialize;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const HASHES: &str = "hashes";
/// How often a folder that cannot be written to is worth a warning.
const WARN_EVERY: Duration = Duration::from_secs(3600);

/// A log folder. It is made when first written to.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends one line, whole or not at all as far as any reader sees.
    pub(super) fn append(&self, line: &impl Serialize) -> std::io::Result<()> {
        let mut bytes = checksummed(serde_json::to_vec(line)?);
        bytes.push(b'\n');
        let mut file = self.open()?;
        // Released with the process, even a killed one.
        file.lock()?;
        let end = file.seek(SeekFrom::End(0))?;
        if end > 0 && !ends_line(&file, end)? {
            bytes.insert(0, b'\n');
        }
        match file.write(&bytes) {
            Ok(written) if written == bytes.len() => Ok(()),
            Ok(_) => {
                // The disk is full: what did fit is no line.
                let _ = file.set_len(end);
                Err(std::io::ErrorKind::StorageFull.into())
            }
            Err(error) => Err(error),
        }
    }

    fn open(&self) -> std::io::Result<File> {
        let open = || {
            let path = folder::records(&self.folder);
            OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                // What a build does is its user's own.
                .mode(0o600)
                .open(path)
        };
        match open() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.folder)?;
                open()
            }
            other => other,
        }
    }

    /// Keeps contents once and gives their name: the BLAKE3 of the contents.
    pub(super) fn blob(&self, contents: &[u8]) -> std::io::Result<String> {
        let name = blake3::hash(contents).to_hex().to_string();
        let folder = folder::blobs(&self.folder);
        let path = folder.join(&name);
        if !path.exists() {
            fs::create_dir_all(&folder)?;
            replace(&path, FOR_OWNER, contents)?;
        }
        Ok(name)
    }

    /// The hash a file had when it had this identity.
    pub(super) fn cached_hash(&self, identity: &str) -> Option<String> {
        let line = fs::read_to_string(self.folder.join(HASHES).join(identity)).ok()?;
        let (hash, sum) = line.split_once(' ')?;
        (sum == check(identity, hash)).then(|| hash.to_owned())
    }

    /// Remembers it. Failing to costs time later and nothing else.
    pub(super) fn cache_hash(&self, identity: &str, hash: &str) {
        let folder = self.folder.join(HASHES);
        let _ = fs::create_dir_all(&folder).and_then(|()| {
            let line = format!("{hash} {}", check(identity, hash));
            replace(&folder.join(identity), FOR_OWNER, line.as_bytes())
        });
    }

    /// Whether a warning about this folder is due. A build makes thousands of calls, and probes
    /// look at what stands on stderr: one an hour is enough, noted in the system's folder for
    /// temporary files.
    ///
    /// `tmp` is the call's `TMPDIR`.
    pub(super) fn may_warn(&self, tmp: Option<&OsStr>) -> bool {
        let mut key = blake3::Hasher::new();
        key.update(self.folder.as_os_str().as_encoded_bytes());
        let uid = rustix::process::getuid().as_raw();
        let name = format!("emshim-warned-{uid}-{}", &key.finalize().to_hex()[..16]);
        let note = Path::new(tmp.unwrap_or("/tmp".as_ref())).join(name);
        let fresh = fs::symlink_metadata(&note)
            .and_then(|meta| meta.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age < WARN_EVERY));
        if fresh {
            return false;
        }
        let _ = fs::remove_file(&note);
        // Of two calls at once, the one that makes the note warns; with no room for a note, all.
        match OpenOptions::new().write(true).create_new(true).open(&note) {
            Err(error) => error.kind() != std::io::ErrorKind::AlreadyExists,
            Ok(_) => true,
        }
    }
}

/// What tells a remembered hash from one that an edit or a bad disk changed.
fn check(identity: &str, hash: &str) -> String {
    let sum = blake3::hash(format!("{identity} {hash}").as_bytes());
    sum.to_hex()[..16].to_owned()
}

/// Whether the last byte of a file that ends there ends a line.
fn ends_line(file: &File, end: u64) -> std::io::Result<bool> {
    let mut last = [0];
    file.read_exact_at(&mut last, end - 1)?;
    Ok(last == *b"\n")
}
