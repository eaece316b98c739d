//! The store: the folder all provisioned things live in.
//!
//! A finished folder carries a [`Stamp`] and a list of its files, and is trusted by these alone. It is
//! made as a hidden sibling under an advisory lock and renamed when complete, so a run that is killed
//! leaves nothing but siblings that the next run removes. Its name carries the recipe it was made from:
//! two versions of emshim with two recipes use two folders, and neither replaces what the other
//! has in use. For the same reason none removes a finished folder, but one whose files have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use disk::contents::{self, Look};
use disk::whole;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::machine::Env;
use crate::{Error, Progress};

/// Where provisioned things live; all of it can be deleted at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    root: Utf8PathBuf,
}

impl Store {
    /// `$EMSHIM_HOME`, else `$XDG_CACHE_HOME/emshim`, else `~/.cache/emshim`.
    ///
    /// # Errors
    /// None of the three variables (`HOME` for the last) is set, or the one set is relative.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(&Env::capture())
    }

    pub(crate) fn from_variables(env: &Env) -> Result<Self, Error> {
        let choices = [
            ("EMSHIM_HOME", ""),
            ("XDG_CACHE_HOME", "emshim"),
            ("HOME", ".cache/emshim"),
        ];
        for (variable, below) in choices {
            let Some(folder) = env.path(variable) else {
                continue;
            };
            if folder.is_absolute() {
                return Ok(Self::at(folder.join(below)));
            }
            return Err(Error::Invalid {
                path: format!("{variable}={folder}"),
                why: "is not an absolute path".to_owned(),
                remedy: "set EMSHIM_HOME to an absolute path".to_owned(),
            });
        }
        Err(Error::Missing {
            what: "a folder for emshim's store".to_owned(),
            why: "cannot be chosen: EMSHIM_HOME, XDG_CACHE_HOME and HOME are unset".to_owned(),
            remedy: "set EMSHIM_HOME to a folder".to_owned(),
        })
    }

    /// A store in this folder, which need not exist yet.
    #[must_use]
    pub fn at(root: Utf8PathBuf) -> Self {
        // Without a slash at its end, so that paths below it are spelled in one way.
        let root = root.components().collect();
        Self { root }
    }

    /// The store's folder.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Marks the store as a cache, for everybody who copies or backs up the folder it may lie in.
    /// Failing to is ignored.
    pub fn mark(&self) {
        let tag = self.root.join(CACHE_TAG);
        if !tag.exists() && fs::create_dir_all(&self.root).is_ok() {
            let _ = write_whole(&tag, CACHE_TAG_TEXT.as_bytes());
        }
    }

    /// Bytes the store takes on disk, links not followed; files that vanish meanwhile count
    /// nothing.
    #[must_use]
    pub fn size(&self) -> u64 {
        disk_usage(&self.root)
    }
}

/// Bytes of disk a folder or file takes. What cannot be read counts nothing: the number is for
/// display and progress only.
#[must_use]
pub fn disk_usage(path: &Utf8Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => {
            let entries = path.read_dir_utf8().into_iter().flatten().flatten();
            entries.map(|entry| disk_usage(entry.path())).sum()
        }
        Ok(meta) => meta.blocks() * 512,
        Err(_) => 0,
    }
}

/// The file that marks a cache by the Cache Directory Tagging convention.
/// Source: <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// What it begins with, and for whom it is.
const CACHE_TAG_TEXT: &str = "Signature: 8a477f597d28d172789f06886806bc55
# emshim's store; all of it can be deleted at any time.
";

/// Name of the stamp in a finished folder.
const STAMP: &str = "emshim-stamp.json";

/// Layout version of the stamp and of what provisioning puts into a folder; a part of every
/// recipe.
const STAMP_SCHEMA: u32 = 3;

/// What a finished folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// How the folder is called in messages, such as `Pyodide 0.29.5`.
    what: String,
    /// Digest of everything that decides the folder's content (see [`recipe`]).
    recipe: String,
    /// The folder's absolute path when it was finished: unpacked programs contain it.
    place: Utf8PathBuf,
    /// Versions found in it, by component.
    pub versions: BTreeMap<String, String>,
    /// Digest of the rest; older stamps have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
}

impl Stamp {
    /// The stamp in a folder, if it is finished.
    pub(crate) fn read(folder: &Utf8Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(STAMP)).ok()?;
        let stamp: Self = serde_json::from_str(&text).ok()?;
        (stamp.sum.is_none() || stamp.sum == Some(stamp.digest())).then_some(stamp)
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let versions = self
            .versions
            .iter()
            .flat_map(|(name, version)| [name, version]);
        let own = [&self.what, &self.recipe].into_iter();
        for part in own
            .chain(versions)
            .map(String::as_str)
            .chain([self.place.as_str()])
        {
            hash.update(part);
            hash.update([0]);
        }
        hex(&hash.finalize()[..8])
    }
}

/// A short digest of the data that decides what a folder holds: a table that changes between
/// versions of emshim must not leave an older folder trusted.
fn recipe<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    hash.update(STAMP_SCHEMA.to_le_bytes());
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hex(&hash.finalize()[..8])
}

/// Digits of a recipe in a folder's name.
const RECIPE: usize = 16;

/// A folder's name without the recipe, and the recipe.
pub(crate) fn split(folder: &Utf8Path) -> Option<(&str, &str)> {
    let name = folder.file_name()?;
    let (name, recipe) = name.rsplit_once('-')?;
    let digits = recipe.len() == RECIPE && recipe.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then_some((name, recipe))
}

/// The name of a provisioned folder without its recipe.
#[must_use]
pub fn without_recipe(folder: &Utf8Path) -> Option<&str> {
    split(folder).map(|(name, _)| name)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One folder of the store and what it is to hold.
#[derive(Debug)]
pub struct Slot {
    folder: Utf8PathBuf,
    what: String,
    recipe: String,
    rewritten: &'static [&'static str],
}

/// Folders whose files this process has looked at and found unchanged.
static UNCHANGED: Mutex<BTreeSet<Utf8PathBuf>> = Mutex::new(BTreeSet::new());

/// How far a slot's folder can be trusted.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// Finished.
    Ready(Stamp),
    /// Finished, then moved: programs in it still name this older place.
    Moved(Stamp),
    /// Missing or unfinished, or not what it was.
    Absent,
}

impl Slot {
    /// The folder `<name>-<recipe>` in `parent`; `parts` is all that decides what it holds.
    #[must_use]
    pub fn new<'a>(
        parent: &Utf8Path,
        name: &'a str,
        what: impl Into<String>,
        parts: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let recipe = recipe(std::iter::once(name).chain(parts));
        Self {
            folder: parent.join(format!("{name}-{recipe}")),
            what: what.into(),
            recipe,
            rewritten: &[],
        }
    }

    /// The same, with files that may become others after the folder is finished.
    #[must_use]
    pub fn rewrites(self, rewritten: &'static [&'static str]) -> Self {
        Self { rewritten, ..self }
    }

    /// The folder, there or not.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Reads the stamp, and holds sizes and times of the files against the list. Needs no lock: stamps and
    /// folders appear whole.
    #[must_use]
    pub fn state(&self) -> State {
        match Stamp::read(&self.folder) {
            Some(s) if s.recipe != self.recipe => State::Absent,
            Some(_) if !self.looks_unchanged() => State::Absent,
            Some(s) if s.place == self.folder => State::Ready(s),
            Some(s) => State::Moved(s),
            None => State::Absent,
        }
    }

    /// Whether the folder is finished, and each byte in it is what it was then.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.state() != State::Absent && contents::holds(&self.folder, &self.unlisted())
    }

    /// The files that are not in the list.
    fn unlisted(&self) -> Vec<&'static str> {
        [&[STAMP], self.rewritten].concat()
    }

    /// Asked of every command, so only the first in a process looks.
    fn looks_unchanged(&self) -> bool {
        let mut unchanged = UNCHANGED.lock().unwrap_or_else(PoisonError::into_inner);
        unchanged.contains(&self.folder)
            || self.change(Look::Marks).is_none() && unchanged.insert(self.folder.clone())
    }

    /// The first file of a finished folder that is not what it was; folders of older emshims have no list.
    fn change(&self, look: Look) -> Option<Utf8PathBuf> {
        let known = contents::is_sealed(&self.folder);
        known.then(|| contents::first_change(&self.folder, look))?
    }

    /// A hidden sibling of the folder, for unfinished and auxiliary things.
    pub(crate) fn sibling(&self, kind: &str) -> Utf8PathBuf {
        let name = self.folder.file_name().unwrap_or_default();
        self.folder.with_file_name(format!(".{name}.{kind}"))
    }

    /// Takes the slot's lock, waiting for another process that holds it, and removes what killed
    /// runs left behind. Look at [`state`](Self::state) again afterwards.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn lock(&self, progress: &dyn Progress) -> Result<Work<'_>, Error> {
        let path = self.sibling("lock");
        let parent = path.parent().unwrap_or(Utf8Path::new("/"));
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let file = loop {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(Error::io("open", &path))?;
            whole::lock(&file, || {
                progress.note(&format!(
                    "waiting for another emshim, or a download one left running, that is \
                     preparing {}",
                    self.what
                ));
            })
            .map_err(Error::io("lock", &path))?;
            // One that was removed while we waited locks nothing.
            if is_at(&file, &path) {
                break file;
            }
        };
        // Programs we start inherit the lock: when this process is killed, a download it leaves
        // running keeps a second one from writing the same files.
        rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty())
            .map_err(|e| Error::io("lock", &path)(e.into()))?;
        let work = Work {
            slot: self,
            staging: self.sibling("new"),
            _lock: file,
        };
        remove_tree(&work.staging)?;
        if Stamp::read(&self.folder).is_some()
            && let Some(file) = self.change(Look::Bytes)
        {
            let (file, what) = (self.folder.join(file), &self.what);
            progress.note(&format!(
                "warning: {file} is not what emshim put there: getting {what} again"
            ));
        }
        Ok(work)
    }

    fn stamp(&self, versions: BTreeMap<String, String>) -> Stamp {
        let stamp = Stamp {
            what: self.what.clone(),
            recipe: self.recipe.clone(),
            place: self.folder.clone(),
            versions,
            sum: None,
        };
        let sum = Some(stamp.digest());
        Stamp { sum, ..stamp }
    }
}

/// The right to make a slot's folder. Dropping it removes what is unfinished and lets the next
/// process go on.
#[derive(Debug)]
pub struct Work<'a> {
    slot: &'a Slot,
    staging: Utf8PathBuf,
    _lock: File,
}

impl Work<'_> {
    /// A new empty folder to fill, beside the final one.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn staging(&self) -> Result<&Utf8Path, Error> {
        remove_tree(&self.staging)?;
        fs::create_dir_all(&self.staging).map_err(Error::io("create", &self.staging))?;
        Ok(&self.staging)
    }

    /// Puts the filled staging folder in its final place, still without a stamp. A folder that is
    /// there is unfinished or of a store that was moved: nobody uses it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn place(&self) -> Result<(), Error> {
        self.place_part(Utf8Path::new(""))
    }

    /// As [`place`](Self::place), of a folder in the staging folder alone; the rest is removed.
    ///
    /// # Errors
    /// The folder is not there, or the store cannot be written.
    pub fn place_part(&self, part: &Utf8Path) -> Result<(), Error> {
        let folder = &self.slot.folder;
        // Without the slash that joining nothing leaves at its end.
        let from: Utf8PathBuf = self.staging.join(part).components().collect();
        remove_tree(folder)?;
        fs::rename(&from, folder).map_err(Error::io("rename", &from))
    }

    /// Lists the files of the folder in its final place, and stamps it as finished.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn finish(&self, versions: BTreeMap<String, String>) -> Result<Stamp, Error> {
        let folder = &self.slot.folder;
        contents::seal(folder, &self.slot.unlisted()).map_err(Error::io("read", folder))?;
        let stamp = self.slot.stamp(versions);
        let mut text = serde_json::to_string_pretty(&stamp).map_err(|e| Error::Invalid {
            path: self.slot.folder.to_string(),
            why: e.to_string(),
            remedy: "report it as a defect of emshim".to_owned(),
        })?;
        text.push('\n');
        write_whole(&self.slot.folder.join(STAMP), text.as_bytes())?;
        Ok(stamp)
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        // The next run removes whatever cannot be removed now.
        let _ = remove_tree(&self.staging);
    }
}

/// Whether an open file is the one that a path names now.
fn is_at(file: &File, path: &Utf8Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let ours = file.metadata().map(id);
    ours.is_ok_and(|ours| fs::metadata(path).map(id).is_ok_and(|there| there == ours))
}

/// Removes a file or folder; one that is not there is fine.
pub(crate) fn remove_tree(path: &Utf8Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(m) if m.is_dir() => fs::remove_dir_all(path).map_err(Error::io("remove", path)),
        Ok(_) => fs::remove_file(path).map_err(Error::io("remove", path)),
    }
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Utf8Path, content: &[u8]) -> Result<(), Error> {
    whole::replace_with(path.as_std_path(), whole::FOR_OWNER, |file| {
        file.write_all(content)?;
        file.sync_all()
    })
    .map_err(Error::io("write", path))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Notes, Silent};

    fn temporary() -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(dir.path().to_owned()).unwrap();
        (dir, path)
    }

    fn make(slot: &Slot) -> Stamp {
        let work = slot.lock(&Silent).unwrap();
        let staging = work.staging().unwrap();
        fs::write(staging.join("file"), "content").unwrap();
        work.place().unwrap();
        work.finish(BTreeMap::from([("a".to_owned(), "1".to_owned())]))
            .unwrap()
    }

    #[test]
    fn the_store_is_the_first_of_three_variables() {
        let store = |vars: &[(&str, &str)]| Store::from_variables(&vars.iter().copied().collect());
        let all = [
            ("EMSHIM_HOME", "/e"),
            ("XDG_CACHE_HOME", "/x"),
            ("HOME", "/h"),
        ];
        assert_eq!(store(&all).unwrap().root(), "/e");
        assert_eq!(
            store(&[("EMSHIM_HOME", "/e//f/")]).unwrap().root().as_str(),
            "/e/f"
        );
        assert_eq!(store(&all[1..]).unwrap().root(), "/x/emshim");
        assert_eq!(store(&all[2..]).unwrap().root(), "/h/.cache/emshim");
        assert!(store(&[]).unwrap_err().to_string().contains("EMSHIM_HOME"));
        let relative = store(&[("EMSHIM_HOME", "here")]).unwrap_err();
        assert!(relative.to_string().contains("EMSHIM_HOME=here"));
    }

    #[test]
    fn a_folder_is_trusted_by_its_stamp_alone() {
        let (_dir, root) = temporary();
        let slot = Slot::new(&root.join("debian"), "trixie", "Debian trixie", ["a"]);
        assert_eq!(slot.state(), State::Absent);
        let stamp = make(&slot);
        assert_eq!(slot.state(), State::Ready(stamp.clone()));

        fs::rename(root.join("debian"), root.join("elsewhere")).unwrap();
        let moved = Slot::new(&root.join("elsewhere"), "trixie", "Debian trixie", ["a"]);
        assert_eq!(moved.state(), State::Moved(stamp));
        fs::write(moved.folder.join(STAMP), "{ half").unwrap();
        assert_eq!(moved.state(), State::Absent, "a broken stamp");
    }

    /// Another process looks anew.
    fn look_again() {
        UNCHANGED.lock().unwrap().clear();
    }

    #[test]
    fn a_folder_whose_files_have_changed_is_made_again() {
        let (_dir, root) = temporary();
        let slot = Slot::new(&root, "thing", "a thing", ["a"]).rewrites(&["settings"]);
        let stamp = make(&slot);
        let file = slot.folder.join("file");
        fs::write(slot.folder.join("settings"), "new").unwrap();
        fs::write(slot.folder.join("later"), "").unwrap();
        look_again();
        assert_eq!(slot.state(), State::Ready(stamp.clone()));
        for damage in ["", "Content"] {
            fs::write(&file, damage).unwrap();
            let later = std::time::SystemTime::now() + Duration::from_secs(2);
            File::options()
                .write(true)
                .open(&file)
                .unwrap()
                .set_modified(later)
                .unwrap();
            look_again();
            assert_eq!(slot.state(), State::Absent, "{damage}");
            let notes = Notes::default();
            drop(slot.lock(&notes).unwrap());
            let notes = notes.told();
            assert!(notes[0].contains(file.as_str()), "{notes:?}");
            assert_eq!(make(&slot), stamp);
        }
        // What its own faults have changed of a disk is seen by who reads all.
        let meta = fs::metadata(&file).unwrap();
        fs::write(&file, "Content").unwrap();
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(meta.modified().unwrap())
            .unwrap();
        look_again();
        assert_eq!(slot.state(), State::Ready(stamp.clone()));
        assert!(!slot.is_intact());
        // A stamp says what it said, or nothing.
        let text = fs::read_to_string(slot.folder.join(STAMP)).unwrap();
        fs::write(slot.folder.join(STAMP), text.replace("\"1\"", "\"2\"")).unwrap();
        assert_eq!(slot.state(), State::Absent);
    }

    #[test]
    fn a_folder_in_use_is_not_replaced_for_another_recipe() {
        let (_dir, root) = temporary();
        let old = Slot::new(&root, "trixie", "Debian trixie", ["a"]);
        let new = Slot::new(&root, "trixie", "Debian trixie", ["b"]);
        let in_use = make(&old);
        let file = File::open(old.folder.join("file")).unwrap();
        assert_eq!(new.state(), State::Absent);
        let stamp = make(&new);
        assert_eq!(new.state(), State::Ready(stamp));
        assert_eq!(old.state(), State::Ready(in_use));
        let links = std::os::unix::fs::MetadataExt::nlink(&file.metadata().unwrap());
        assert_eq!(links, 1, "the file in use was removed");

        // A folder that a user has given another recipe's name.
        fs::remove_dir_all(&new.folder).unwrap();
        fs::rename(&old.folder, &new.folder).unwrap();
        assert_eq!(new.state(), State::Absent);
    }

    #[test]
    fn what_a_failed_or_killed_run_leaves_is_removed() {
        let (_dir, root) = temporary();
        let slot = Slot::new(&root, "thing", "a thing", ["a"]);
        let killed = slot.sibling("new").join("half/unpacked");
        fs::create_dir_all(&killed).unwrap();
        {
            let work = slot.lock(&Silent).unwrap();
            assert!(!killed.exists());
            fs::write(work.staging().unwrap().join("file"), "x").unwrap();
        }
        assert!(
            !slot.sibling("new").exists(),
            "the run failed: no leftovers"
        );
        assert_eq!(slot.state(), State::Absent);
        // Killed between placing and stamping.
        fs::create_dir_all(slot.folder.join("old")).unwrap();
        make(&slot);
        assert!(!slot.folder.join("old").exists());
        assert!(slot.folder.join("file").exists());
    }

    #[test]
    fn a_second_process_says_that_it_waits() {
        let (_dir, root) = temporary();
        let slot = Slot::new(&root, "thing", "a thing", ["a"]);
        let notes = Notes::default();
        std::thread::scope(|scope| {
            let first = slot.lock(&Silent).unwrap();
            let second = scope.spawn(|| slot.lock(&notes).map(drop));
            while notes.told().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(first);
            second.join().unwrap().unwrap();
        });
        let notes = notes.told();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("waiting for another emshim"), "{notes:?}");
    }
}
