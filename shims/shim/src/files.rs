//! The real file system, for planning.

use disk::whole;
use planner::files::Files;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use toolcall::config;

/// A file to read. To open a pipe may take for ever, and to read it uses it up.
fn regular(path: &Path) -> Option<fs::File> {
    let is_file = fs::metadata(path).is_ok_and(|meta| meta.is_file());
    is_file.then(|| fs::File::open(path).ok()).flatten()
}

/// The real file system.
#[derive(Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        regular(path)?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn read_once(&self, path: &Path) -> Option<Vec<u8>> {
        /// What was in pipes, which is there once, for a call that is planned twice.
        static PIPES: Mutex<BTreeMap<PathBuf, Vec<u8>>> = Mutex::new(BTreeMap::new());
        if !fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo()) {
            return self.read(path);
        }
        let mut pipes = PIPES.lock().ok()?;
        if let Some(bytes) = pipes.get(path) {
            return Some(bytes.clone());
        }
        let bytes = fs::read(path).ok()?;
        pipes.insert(path.to_owned(), bytes.clone());
        Some(bytes)
    }

    fn part(&self, path: &Path, from: u64, length: usize) -> Option<Vec<u8>> {
        let mut file = regular(path)?;
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn may_not_end(&self, path: &Path) -> bool {
        let null = fs::metadata("/dev/null").map(|null| null.rdev()).ok();
        fs::metadata(path).is_ok_and(|meta| {
            let device = meta.file_type().is_char_device();
            let has_end = meta.is_file() || meta.is_dir() || device && Some(meta.rdev()) == null;
            !has_end
        })
    }

    fn takes_writes(&self, path: &Path) -> bool {
        whole::takes_writes(path)
    }

    fn is_other_program(&self, path: &Path) -> bool {
        // A program in any shim folder is skipped: two shims that find each other would loop.
        let shim = |real: &Path| real.with_file_name(config::FILE_NAME).exists();
        let runs = |m: fs::Metadata| m.is_file() && m.permissions().mode() & 0o111 != 0;
        fs::canonicalize(path).is_ok_and(|real| !shim(&real)) && fs::metadata(path).is_ok_and(runs)
    }
}
