//! Results that are kept on disk by the name of what they depend on, and the bound on their number.
//!
//! A file is replaced by a rename, so calls at once may all keep and all read. What was kept first
//! goes first when a part of the folder is full. Everything in it may be deleted at any time.

use camino::{Utf8Path, Utf8PathBuf};
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

/// How many parts the folder has: one for each beginning of a name, of two digits.
const PARTS: u64 = 256;

/// The most that a part holds, in bytes: 512 MiB in all.
const MOST: u64 = 512 * 1024 * 1024 / PARTS;

/// A folder of results.
#[derive(Debug)]
pub struct DiskCache {
    folder: Utf8PathBuf,
}

impl DiskCache {
    /// In this folder, which is made when something is kept.
    #[must_use]
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn part(&self, key: &str) -> Utf8PathBuf {
        self.folder.join(&key[..2])
    }

    /// What is kept by a name of hexadecimal digits.
    #[must_use]
    pub fn read(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.part(key).join(key)).ok()
    }

    /// Keeps a result, and makes room for it.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep(&self, key: &str, contents: &[u8]) -> std::io::Result<()> {
        self.keep_at_most(key, contents, MOST)
    }

    fn keep_at_most(&self, key: &str, contents: &[u8], most: u64) -> std::io::Result<()> {
        let size = contents.len() as u64;
        if size > most {
            return Ok(());
        }
        let part = self.part(key);
        fs::create_dir_all(&part)?;
        make_room(&part, most - size)?;
        // Others may use the folder too.
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(&part)?;
        file.write_all(contents)?;
        file.persist(part.join(key))?;
        Ok(())
    }
}

/// Removes what is oldest until no more than `most` bytes are left.
fn make_room(part: &Utf8Path, most: u64) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(part)? {
        let entry = entry?;
        // Another call may be removing it too.
        let Ok(meta) = entry.metadata() else { continue };
        let time = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        files.push((time, meta.len(), entry.path()));
    }
    let mut sum: u64 = files.iter().map(|file| file.1).sum();
    files.sort();
    for (_, size, path) in files {
        if sum <= most {
            break;
        }
        let _ = fs::remove_file(path);
        sum -= size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_until_it_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let kept = DiskCache::new(Utf8Path::from_path(folder.path()).unwrap().join("k"));
        assert_eq!(kept.read("aa01"), None);
        for number in 1..=4 {
            let key = format!("aa0{number}");
            kept.keep_at_most(&key, &[number; 10], 25).unwrap();
            assert_eq!(kept.read(&key), Some(vec![number; 10]));
            // File systems tell times that are close together apart by less than this.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let left = |number: &u8| kept.read(&format!("aa0{number}")).is_some();
        assert_eq!((1..=4).filter(left).collect::<Vec<u8>>(), [3, 4]);
        kept.keep_at_most("aa09", &[0; 30], 25).unwrap();
        assert_eq!(kept.read("aa09"), None);
        assert!(left(&4));
    }
}
