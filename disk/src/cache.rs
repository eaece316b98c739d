//! Results that are kept on disk by the name of what they depend on, and the bound on their number.
//!
//! A file is replaced by a rename, so calls at once may all keep and all read. What was kept first
//! goes first when a part of the folder is full. Everything in it may be deleted at any time. A file
//! carries the checksum of its name and contents: what an edit or a bad disk changed counts nothing.

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
        read_checked(&self.part(key).join(key), key)
    }

    /// Keeps a result, and makes room for it.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep(&self, key: &str, contents: &[u8]) -> std::io::Result<()> {
        self.keep_at_most(key, contents, MOST)
    }

    fn keep_at_most(&self, key: &str, contents: &[u8], most: u64) -> std::io::Result<()> {
        let size = (contents.len() + SUM) as u64;
        if size > most {
            return Ok(());
        }
        let part = self.part(key);
        fs::create_dir_all(&part)?;
        make_room(&part, most - size)?;
        write_checked(&part, key, contents)
    }
}

/// Length of the checksum at a file's end, in bytes.
const SUM: usize = 32;

/// Of a file's name too: one in another's place is as wrong as an edited one.
fn sum(key: &str, contents: &[u8]) -> [u8; SUM] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes());
    hasher.update(b"\n");
    hasher.update(contents);
    *hasher.finalize().as_bytes()
}

/// Writes `contents` to the file `key` of a folder, whole, with their checksum.
///
/// # Errors
/// The folder cannot be written to.
pub fn write_checked(folder: &Utf8Path, key: &str, contents: &[u8]) -> std::io::Result<()> {
    // Others may use the folder too.
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(contents)?;
    file.write_all(&sum(key, contents))?;
    file.persist(folder.join(key))?;
    Ok(())
}

/// What [`write_checked`] wrote. A file that is not as it was written is removed, and made anew by
/// whoever needs it.
pub fn read_checked(path: &Utf8Path, key: &str) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let length = bytes.len().checked_sub(SUM);
    if let Some(length) = length
        && sum(key, &bytes[..length]) == bytes[length..]
    {
        bytes.truncate(length);
        return Some(bytes);
    }
    let _ = fs::remove_file(path);
    None
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
            kept.keep_at_most(&key, &[number; 10], 85).unwrap();
            assert_eq!(kept.read(&key), Some(vec![number; 10]));
            // File systems tell times that are close together apart by less than this.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let left = |number: &u8| kept.read(&format!("aa0{number}")).is_some();
        assert_eq!((1..=4).filter(left).collect::<Vec<u8>>(), [3, 4]);
        kept.keep_at_most("aa09", &[0; 60], 85).unwrap();
        assert_eq!(kept.read("aa09"), None);
        assert!(left(&4));
    }

    #[test]
    fn what_is_not_as_it_was_kept_counts_nothing_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let kept = DiskCache::new(folder);
        let (key, path) = ("aa01", folder.join("aa/aa01"));
        kept.keep(key, b"contents").unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, flipped).unwrap();
            assert_eq!(kept.read(key), None, "{at}");
            assert!(!path.exists());
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(kept.read(key), None, "{at}");
        }
        kept.keep(key, b"contents").unwrap();
        fs::rename(&path, folder.join("aa/aa02")).unwrap();
        assert_eq!(kept.read("aa02"), None);
    }
}
