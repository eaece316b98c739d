//! The real file system, for planning.

use planner::files::Files;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use toolcall::config;

/// The real file system.
#[derive(Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        // A pipe or a device would block or be used up by looking.
        let regular = fs::metadata(path).is_ok_and(|m| m.is_file());
        regular.then(|| fs::read(path).ok()).flatten()
    }

    fn part(&self, path: &Path, from: u64, length: usize) -> Option<Vec<u8>> {
        let regular = fs::metadata(path).is_ok_and(|m| m.is_file());
        let mut file = fs::File::open(path).ok().filter(|_| regular)?;
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_other_program(&self, path: &Path) -> bool {
        // A program in any shim folder is skipped: two shims that find each other would loop.
        let shim = |real: &Path| real.with_file_name(config::FILE_NAME).exists();
        let runs = |m: fs::Metadata| m.is_file() && m.permissions().mode() & 0o111 != 0;
        fs::canonicalize(path).is_ok_and(|real| !shim(&real)) && fs::metadata(path).is_ok_and(runs)
    }
}
