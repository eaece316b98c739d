//! A folder that is published: written whole, and replaced only where nothing but emshim's own files
//! would be lost.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use wheel_build::error::WheelBuildError;
use wheel_build::files::absolute;

/// The file that says what is in a published folder.
pub const MANIFEST: &str = "emshim-site.json";

/// Tells GitHub Pages to leave the files as they are.
const NO_JEKYLL: &str = ".nojekyll";

/// What the manifest holds.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// The verb that wrote the folder.
    made_by: String,
    /// Every other file, with its SHA-256.
    files: BTreeMap<String, String>,
}

/// A folder in the making.
#[derive(Debug)]
pub struct Draft {
    folder: whole::Folder,
    place: Utf8PathBuf,
    manifest: Manifest,
}

impl Draft {
    /// A draft for a place, which must be free, empty, or a folder that emshim published and nobody
    /// has changed since. `verb` is what it is made by.
    ///
    /// # Errors
    /// Something would be lost at the place, or it cannot be written.
    pub fn of(place: &Utf8Path, verb: &str) -> Result<Self, WheelBuildError> {
        let place = absolute(place)?;
        // A link stays one: what it leads to is replaced.
        let place = place.canonicalize_utf8().unwrap_or(place);
        check(&place)?;
        let folder = whole::Folder::beside(place.as_std_path())
            .map_err(WheelBuildError::io("cannot write beside", place.as_path()))?;
        let manifest = Manifest {
            made_by: format!("emshim {verb}"),
            files: BTreeMap::new(),
        };
        let mut draft = Self {
            folder,
            place,
            manifest,
        };
        draft.add(NO_JEKYLL, b"")?;
        Ok(draft)
    }

    /// Adds a file; `name` is its path in the folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), WheelBuildError> {
        self.write(name, bytes)?;
        self.manifest.files.insert(name.to_owned(), sha256(bytes));
        Ok(())
    }

    /// Adds a copy of a file.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn copy(&mut self, name: &str, from: &Utf8Path) -> Result<(), WheelBuildError> {
        let bytes = fs::read(from).map_err(WheelBuildError::io("cannot read", from))?;
        self.add(name, &bytes)
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        let sizes = self.manifest.files.keys().map(|name| {
            let path = self.folder.path().join(name);
            fs::metadata(path).map_or(0, |m| m.len())
        });
        sizes.sum()
    }

    /// Puts the folder in its place, and gives that.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn place(self) -> Result<Utf8PathBuf, WheelBuildError> {
        let manifest = serde_json::to_string_pretty(&self.manifest)
            .map_err(|e| WheelBuildError::Message(format!("cannot write {MANIFEST}: {e}")))?;
        self.write(MANIFEST, (manifest + "\n").as_bytes())?;
        let Self { folder, place, .. } = self;
        folder
            .place()
            .map_err(WheelBuildError::io("cannot write", place.as_path()))?;
        Ok(place)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WheelBuildError> {
        let path = self.folder.path().join(name);
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(self.folder.path()))?;
            fs::write(&path, bytes)
        };
        write().map_err(WheelBuildError::io(
            "cannot write",
            self.place.join(name).as_path(),
        ))
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Holds that nothing is lost when the folder is replaced.
fn check(place: &Utf8Path) -> Result<(), WheelBuildError> {
    let refuse = |why: String| Err(WheelBuildError::Message(why));
    if !place.exists() {
        return Ok(());
    }
    if !place.is_dir() {
        return refuse(format!("{place} is a file: name a folder with -o"));
    }
    let here = absolute(".".into())?;
    if here.canonicalize_utf8().unwrap_or(here).starts_with(place) {
        return refuse(format!(
            "{place} has the working directory in it, and would be replaced: name another folder with -o"
        ));
    }
    let files = files(place)?;
    if files.is_empty() {
        return Ok(());
    }
    let other = "name another folder with -o, or move it away";
    let manifest = fs::read(place.join(MANIFEST)).ok();
    let manifest = manifest.and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
    let Some(manifest) = manifest else {
        return refuse(format!(
            "{place} was not written by emshim (it has {}): {other}",
            files[0]
        ));
    };
    for name in files.iter().filter(|name| *name != MANIFEST) {
        let path = place.join(name);
        let bytes = fs::read(&path).map_err(WheelBuildError::io("cannot read", path.as_path()))?;
        match manifest.files.get(name) {
            Some(sum) if *sum == sha256(&bytes) => {}
            Some(_) => {
                return refuse(format!(
                    "{path} was changed after emshim had written it: {other}"
                ));
            }
            None => {
                return refuse(format!(
                    "{path} is not emshim's, and would be lost: {other}"
                ));
            }
        }
    }
    Ok(())
}

/// The files below a folder, by their paths in it, sorted; links count as files.
fn files(folder: &Utf8Path) -> Result<Vec<String>, WheelBuildError> {
    let mut found = Vec::new();
    let mut folders = vec![Utf8PathBuf::new()];
    while let Some(below) = folders.pop() {
        let path = folder.join(&below);
        let cannot = |e| WheelBuildError::io("cannot read", path.as_path())(e);
        for entry in path.read_dir_utf8().map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = below.join(entry.file_name());
            match entry.file_type().map_err(cannot)?.is_dir() {
                true => folders.push(name),
                false => found.push(name.into_string()),
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(place: &Utf8Path, text: &str) -> Result<Utf8PathBuf, WheelBuildError> {
        let mut draft = Draft::of(place, "lock")?;
        draft.add("a/b", text.as_bytes())?;
        draft.place()
    }

    #[test]
    fn a_folder_of_ours_is_replaced_and_no_other() {
        let temp = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(temp.path()).unwrap();
        let base = base.canonicalize_utf8().unwrap();
        let place = base.join("site");
        let refusal = || publish(&place, "new").unwrap_err().to_string();
        for text in ["one", "two"] {
            assert_eq!(publish(&place, text).unwrap(), place);
            assert_eq!(fs::read_to_string(place.join("a/b")).unwrap(), text);
        }
        fs::write(place.join("CNAME"), "").unwrap();
        assert!(refusal().contains("site/CNAME is not emshim's"));
        fs::remove_file(place.join("CNAME")).unwrap();
        fs::write(place.join("a/b"), "mine").unwrap();
        assert!(refusal().contains("site/a/b was changed"));
        fs::remove_file(place.join(MANIFEST)).unwrap();
        assert!(refusal().contains("was not written by emshim (it has .nojekyll)"));
        assert_eq!(fs::read_to_string(place.join("a/b")).unwrap(), "mine");
        fs::remove_dir_all(&place).unwrap();
        fs::write(&place, "").unwrap();
        assert!(refusal().contains("is a file"));
        fs::remove_file(&place).unwrap();
        // A link to a folder stays one.
        fs::create_dir(base.join("real")).unwrap();
        std::os::unix::fs::symlink("real", &place).unwrap();
        assert_eq!(publish(&place, "x").unwrap(), base.join("real"));
        assert!(place.is_symlink());
        assert!(check(&Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).is_err());
    }

    #[test]
    fn an_unfinished_one_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(temp.path()).unwrap();
        let mut draft = Draft::of(&base.join("site"), "lock").unwrap();
        draft.add("x", b"12345").unwrap();
        assert_eq!(draft.size(), 5);
        drop(draft);
        assert_eq!(base.read_dir_utf8().unwrap().count(), 0);
    }
}
