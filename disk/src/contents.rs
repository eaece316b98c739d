//! Whether the files of a folder are those it was made with: a disk's fault or somebody's edit in what is
//! used for others' outputs would be in those without a word.
//!
//! A folder's list has an entry for each of its files: the digest of its contents, its size, the time of its last
//! change in whole seconds, which archives keep, and its name. What Python keeps compiled is left out.

use std::fs::{self, File, Metadata};
use std::io::Result;
use std::os::unix::fs::MetadataExt as _;

use camino::{Utf8Path, Utf8PathBuf};

/// The file that says what a folder holds.
pub const SEAL: &str = "emshim-files";

/// Ends an entry: names have every other character.
const END: char = '\0';

/// Folders of what Python has compiled, which it makes and checks itself.
const COMPILED: &str = "__pycache__";

/// How closely a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It is read only where its size or time is another.
    Marks,
    /// It is read.
    Bytes,
}

/// A file of a folder.
pub(crate) struct Entry {
    digest: String,
    size: u64,
    pub(crate) seconds: i64,
    pub(crate) name: Utf8PathBuf,
}

impl Entry {
    pub(crate) fn of(folder: &Utf8Path, name: &Utf8Path, meta: &Metadata) -> Result<Self> {
        Ok(Self {
            digest: digest(&folder.join(name), meta)?,
            size: meta.len(),
            seconds: meta.mtime(),
            name: name.to_owned(),
        })
    }

    fn line(&self) -> String {
        let Self {
            digest,
            size,
            seconds,
            name,
        } = self;
        format!("{digest} {size} {seconds} {name}{END}")
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        Some(Self {
            digest: words.next()?.to_owned(),
            size: words.next()?.parse().ok()?,
            seconds: words.next()?.parse().ok()?,
            name: words.next()?.into(),
        })
    }

    /// Whether the file is as it was; the mark, where that alone is another, is noted.
    pub(crate) fn holds(&mut self, folder: &Utf8Path, look: Look) -> bool {
        let path = folder.join(&self.name);
        let Ok(meta) = path.symlink_metadata() else {
            return false;
        };
        let marks = meta.len() == self.size && (meta.mtime() == self.seconds || meta.is_symlink());
        if marks && look == Look::Marks && !meta.is_symlink() {
            return true;
        }
        self.seconds = meta.mtime();
        meta.len() == self.size && digest(&path, &meta).is_ok_and(|now| now == self.digest)
    }
}

/// Notes what a folder holds, but for the files `except`.
///
/// # Errors
/// The folder cannot be read, or the note not written.
pub fn seal(folder: &Utf8Path, except: &[&str]) -> Result<()> {
    let files = files(folder, except)?;
    let entries = files
        .iter()
        .map(|(name, meta)| Entry::of(folder, name, meta));
    write(&folder.join(SEAL), &entries.collect::<Result<Vec<_>>>()?)
}

/// Whether a folder has a note of what it holds.
#[must_use]
pub fn is_sealed(folder: &Utf8Path) -> bool {
    folder.join(SEAL).symlink_metadata().is_ok()
}

/// Whether a folder holds what was noted and nothing else.
#[must_use]
pub fn holds(folder: &Utf8Path, except: &[&str]) -> bool {
    let (Some(noted), Ok(there)) = (read(&folder.join(SEAL)), files(folder, except)) else {
        return false;
    };
    noted.len() == there.len() && first_change(folder, Look::Bytes).is_none()
}

/// The first file that was noted and is not there as it was: the note itself where that cannot be read.
/// Other files may have come.
#[must_use]
pub fn first_change(folder: &Utf8Path, look: Look) -> Option<Utf8PathBuf> {
    let Some(mut entries) = read(&folder.join(SEAL)) else {
        return Some(SEAL.into());
    };
    let before: Vec<i64> = entries.iter().map(|entry| entry.seconds).collect();
    let changed = entries
        .iter_mut()
        .find_map(|entry| (!entry.holds(folder, look)).then(|| entry.name.clone()));
    // A copy of the folder is read once. Where that cannot be noted, it is read again.
    if changed.is_none() && entries.iter().map(|entry| entry.seconds).ne(before) {
        let _ = write(&folder.join(SEAL), &entries);
    }
    changed
}

/// A list, whose first line is the digest of the rest.
pub(crate) fn write(list: &Utf8Path, entries: &[Entry]) -> Result<()> {
    let lines: String = entries.iter().map(Entry::line).collect();
    let text = format!("{}\n{lines}", blake3::hash(lines.as_bytes()).to_hex());
    crate::whole::replace(list.as_std_path(), 0o644, text.as_bytes())
}

/// `None`: it cannot be read, or is not what was written.
pub(crate) fn read(list: &Utf8Path) -> Option<Vec<Entry>> {
    let text = fs::read_to_string(list).ok()?;
    let (sum, lines) = text.split_once('\n')?;
    if blake3::hash(lines.as_bytes()).to_hex().as_str() != sum {
        return None;
    }
    lines.split_terminator(END).map(Entry::read).collect()
}

/// A folder's files and links with their names in it, in the order of these.
fn files(folder: &Utf8Path, except: &[&str]) -> Result<Vec<(Utf8PathBuf, Metadata)>> {
    files_below(folder, vec![folder.to_owned()], except)
}

/// The same of some folders in it.
pub(crate) fn files_below(
    folder: &Utf8Path,
    mut folders: Vec<Utf8PathBuf>,
    except: &[&str],
) -> Result<Vec<(Utf8PathBuf, Metadata)>> {
    let mut files = Vec::new();
    while let Some(next) = folders.pop() {
        for entry in next.read_dir_utf8()? {
            let path = entry?.into_path();
            let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            let meta = path.symlink_metadata()?;
            if meta.is_dir() {
                if path.file_name() != Some(COMPILED) {
                    folders.push(path);
                }
            } else if name != SEAL && !except.iter().any(|other| name == *other) {
                files.push((name, meta));
            }
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

/// Of a file's contents, or of what a link says.
fn digest(path: &Utf8Path, meta: &Metadata) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    if meta.is_symlink() {
        let target = path.read_link_utf8()?;
        let _ = hasher.update(b"link ").update(target.as_str().as_bytes());
    } else {
        let _ = hasher.update_reader(File::open(path)?)?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn every_change_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let except = ["stamp"];
        fs::create_dir(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/a"), "abc").unwrap();
        std::os::unix::fs::symlink("a", folder.join("lib/b")).unwrap();
        assert!(!holds(folder, &except), "nothing is noted yet");
        seal(folder, &except).unwrap();
        fs::write(folder.join("stamp"), "new").unwrap();
        assert!(holds(folder, &except));
        fs::write(folder.join("lib/a"), "abb").unwrap();
        assert!(!holds(folder, &except), "a changed bit");
        fs::write(folder.join("lib/a"), "abc").unwrap();
        assert!(holds(folder, &except));
        fs::write(folder.join("lib/c"), "").unwrap();
        assert!(!holds(folder, &except), "one more file");
        fs::remove_file(folder.join("lib/c")).unwrap();
        fs::remove_file(folder.join("lib/b")).unwrap();
        assert!(!holds(folder, &except), "one less");
    }

    #[test]
    fn a_file_is_read_where_its_mark_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let (a, odd) = (folder.join("a"), folder.join("odd\n \"name"));
        let at = |path: &Utf8Path, seconds: u64| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        fs::write(&odd, "x").unwrap();
        fs::write(&a, "abc").unwrap();
        at(&a, 7);
        assert_eq!(first_change(folder, Look::Marks).unwrap(), SEAL);
        seal(folder, &[]).unwrap();
        let list = || fs::read_to_string(folder.join(SEAL)).unwrap();
        let before = list();
        // What came later is no change.
        fs::create_dir(folder.join("__pycache__")).unwrap();
        fs::write(folder.join("later"), "").unwrap();
        assert_eq!(first_change(folder, Look::Bytes), None);
        assert_eq!(list(), before);
        // A copy has other times, which are noted.
        at(&a, 8);
        assert_eq!(first_change(folder, Look::Marks), None);
        assert_ne!(list(), before);
        fs::write(&a, "abb").unwrap();
        assert_eq!(first_change(folder, Look::Marks).unwrap(), "a");
        // A disk's own fault leaves the marks as they are.
        at(&a, 8);
        assert_eq!(first_change(folder, Look::Marks), None);
        assert_eq!(first_change(folder, Look::Bytes).unwrap(), "a");
        fs::write(&a, "abc").unwrap();
        fs::remove_file(&odd).unwrap();
        assert_eq!(first_change(folder, Look::Marks).unwrap(), "odd\n \"name");
        fs::write(&odd, "x").unwrap();
        assert_eq!(first_change(folder, Look::Marks), None);
        let text = list();
        for damaged in [
            text.replace(" a\0", " b\0"),
            text[..text.len() / 2].into(),
            String::new(),
        ] {
            fs::write(folder.join(SEAL), damaged).unwrap();
            assert_eq!(first_change(folder, Look::Marks).unwrap(), SEAL);
        }
    }
}
