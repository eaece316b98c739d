//! Whether the files of a folder are those it was made with: a disk's fault or somebody's edit in what is
//! linked into others' outputs would be in those without a word.

use std::fs::{self, File};
use std::io::Result;

use camino::{Utf8Path, Utf8PathBuf};

/// The file that says what a folder holds.
pub const SEAL: &str = "emshim-contents";

/// Notes what a folder holds, but for the files `except`.
///
/// # Errors
/// The folder cannot be read, or the note not written.
pub fn seal(folder: &Utf8Path, except: &[&str]) -> Result<()> {
    let digest = digest(folder, except)?;
    crate::whole::replace(folder.join(SEAL).as_std_path(), 0o644, digest.as_bytes())
}

/// Whether a folder holds what was noted.
#[must_use]
pub fn holds(folder: &Utf8Path, except: &[&str]) -> bool {
    let noted = fs::read_to_string(folder.join(SEAL));
    noted.is_ok_and(|noted| digest(folder, except).is_ok_and(|digest| digest == noted))
}

fn digest(folder: &Utf8Path, except: &[&str]) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        let _ = hasher
            .update(&(bytes.len() as u64).to_le_bytes())
            .update(bytes);
    };
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = next.read_dir_utf8()?.map(|entry| Ok(entry?.into_path()));
        let mut paths = entries.collect::<Result<Vec<Utf8PathBuf>>>()?;
        paths.sort();
        for path in paths {
            let name = path.strip_prefix(folder).unwrap_or(&path);
            if name == SEAL || except.iter().any(|other| name == *other) {
                continue;
            }
            part(name.as_str().as_bytes());
            let kind = path.symlink_metadata()?.file_type();
            if kind.is_symlink() {
                part(path.read_link_utf8()?.as_str().as_bytes());
            } else if kind.is_dir() {
                folders.push(path);
            } else {
                let mut file = blake3::Hasher::new();
                let _ = file.update_reader(File::open(&path)?)?;
                part(file.finalize().as_bytes());
            }
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
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
}
