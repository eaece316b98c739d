//! What a tool adds to a folder after that was finished, such as the libraries that Emscripten builds into its
//! cache when a link first needs them: noted when it is first seen, and held against that note from then on.
//! One that is not as it was is removed, for its tool makes it again.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::{ErrorKind, Result};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::contents::{self, Entry, Look, SEAL};

/// The file that says what was added.
const LIST: &str = "emshim-later";

/// Notes what has come into some folders of a finished one and was not written to for so long, for its tool may be
/// at it; and removes what was noted and is not as it was: everything, where the note itself is not. Returns what
/// was removed.
///
/// # Errors
/// A file cannot be read or removed, or the note not written.
pub fn follow(folder: &Utf8Path, below: &[&str], settled: Duration) -> Result<Vec<Utf8PathBuf>> {
    let finished = contents::read(&folder.join(SEAL)).unwrap_or_default();
    let mut known: BTreeSet<_> = finished.into_iter().map(|entry| entry.name).collect();
    let there = below.iter().map(|name| folder.join(name));
    let there: Vec<_> = there.filter(|below| below.is_dir()).collect();
    let mut later = contents::files_below(folder, there, &[])?;
    later.retain(|(name, _)| !known.contains(name));

    let list = folder.join(LIST);
    let noted = list
        .symlink_metadata()
        .is_ok()
        .then(|| contents::read(&list));
    let Some(noted) = noted.unwrap_or_else(|| Some(Vec::new())) else {
        let names: Vec<_> = later.into_iter().map(|(name, _)| name).collect();
        remove(folder, &names)?;
        remove(folder, &[LIST.into()])?;
        return Ok(names);
    };
    let (mut entries, mut changed) = (Vec::new(), Vec::new());
    let mut is_new = false;
    for mut entry in noted {
        let before = entry.seconds;
        if entry.holds(folder, Look::Marks) {
            is_new |= entry.seconds != before;
            known.insert(entry.name.clone());
            entries.push(entry);
        } else if folder.join(&entry.name).symlink_metadata().is_ok() {
            known.insert(entry.name.clone());
            changed.push(entry.name);
        } else {
            // Its tool has removed it.
            is_new = true;
        }
    }
    for (name, meta) in later {
        if !known.contains(&name) && rests(&meta, settled) {
            match Entry::of(folder, &name, &meta) {
                Ok(entry) => entries.push(entry),
                // The name under which a tool wrote it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            is_new = true;
        }
    }
    remove(folder, &changed)?;
    if is_new || !changed.is_empty() {
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        contents::write(&list, &entries)?;
    }
    Ok(changed)
}

/// What was noted, is there and is not as it was; each byte of it is read.
#[must_use]
pub fn changes(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let noted = contents::read(&folder.join(LIST)).unwrap_or_default();
    let changed = noted.into_iter().filter_map(|mut entry| {
        let is_there = folder.join(&entry.name).symlink_metadata().is_ok();
        (is_there && !entry.holds(folder, Look::Bytes)).then_some(entry.name)
    });
    changed.collect()
}

/// Whether a file was last written so long ago. One of the future, by a clock that was set back, is left alone.
fn rests(meta: &Metadata, settled: Duration) -> bool {
    let age = meta.modified().ok().and_then(|time| time.elapsed().ok());
    age.is_some_and(|age| age >= settled)
}

fn remove(folder: &Utf8Path, names: &[Utf8PathBuf]) -> Result<()> {
    for name in names {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_is_noted_and_goes_when_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let (first, own, other) = ("lib/first.a", "lib/own.a", "tmp/x");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        let settled = Duration::from_millis;
        let after = |time| follow(folder, &["lib", "not there"], settled(time)).unwrap();
        let follow = || after(0);
        fs::create_dir(folder.join("lib")).unwrap();
        fs::create_dir(folder.join("tmp")).unwrap();
        write(first, "a");
        contents::seal(folder, &[]).unwrap();
        assert!(follow().is_empty());
        write(own, "b");
        write(other, "x");
        // Its tool may still write.
        assert!(after(60_000).is_empty());
        write(own, "bc");
        assert!(follow().is_empty());
        // Another size, and others than the noted folders and files are none of its business.
        write(own, "b");
        write(first, "aa");
        write(other, "xx");
        assert_eq!(changes(folder), [own]);
        assert_eq!(follow(), [own]);
        assert!(!folder.join(own).exists() && folder.join(first).exists());
        // Made again.
        write(own, "bc");
        assert!(follow().is_empty() && changes(folder).is_empty());
        fs::remove_file(folder.join(own)).unwrap();
        assert!(follow().is_empty());
        // A disk that forgets changes neither size nor time: only who reads it all sees that.
        write(own, "bc");
        assert!(follow().is_empty());
        let time = fs::metadata(folder.join(own)).unwrap().modified().unwrap();
        write(own, "bd");
        let file = fs::File::options().write(true).open(folder.join(own));
        file.unwrap().set_modified(time).unwrap();
        assert!(follow().is_empty());
        assert_eq!(changes(folder), [own]);
        // Nobody knows what the note said.
        write(LIST, "x");
        assert_eq!(follow(), [own]);
        assert!(follow().is_empty() && !folder.join(own).exists());
    }
}
