//! The copy of a source that is built, at a path that depends on its content alone.
//!
//! Paths get into wheels: `__FILE__` in headers, compiler paths in generated configuration,
//! interpreter paths in NumPy's `show_config`. The same source must therefore be built at the same
//! path, wherever the user keeps it; and two different sources may be built at the same time.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use crate::files::{self, Context as _, FileError, FileLock};
use crate::source::{Source, SourceError, copy, unpack};

/// Version control's folders: copied, for back ends that take the version from them, but not part
/// of the content, for two clones differ in them.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn"];

/// Length of the folder name in hexadecimal digits.
const KEY_DIGITS: usize = 16;

/// Added to a folder's name for the file that locks it.
const LOCK: &str = "lock";

/// File beside the source of a work tree whose build failed: it names where the source came from.
pub const FAILED: &str = "failed";

/// What the folder around a source is called in a wheel, whatever its place on this machine.
pub const WORK: &str = "/source";

/// A private copy of a source, locked against other builds of it. Dropping it removes it.
#[derive(Debug)]
pub struct WorkTree {
    source: Utf8PathBuf,
    /// Where it was copied from.
    origin: String,
    dir: LockedDir,
}

/// The right to the folder of a name. Dropping it removes the folder.
#[derive(Debug)]
struct LockedDir {
    path: Utf8PathBuf,
    keep: bool,
    _lock: FileLock,
}

impl LockedDir {
    /// Waits for the right. What was left there is not touched.
    fn acquire(path: Utf8PathBuf, waiting: &mut dyn FnMut()) -> Result<Self, FileError> {
        let lock = FileLock::acquire(&path.with_added_extension(LOCK), waiting)?;
        Ok(Self {
            path,
            keep: false,
            _lock: lock,
        })
    }
}

impl Drop for LockedDir {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed is replaced by the next build of the same source.
            let _ = files::remove(&self.path);
        }
    }
}

/// Removes what killed builds left: folders with a lock that no process holds. A folder that was to be
/// kept has none. This is a courtesy: what cannot be removed is in no build's way.
fn sweep(store: &Utf8Path) {
    for entry in store.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension() != Some(LOCK) {
            continue;
        }
        if let Ok(Some(_lock)) = FileLock::try_acquire(path) {
            let _ = files::remove(&path.with_extension(""));
        }
    }
}

/// Removes what failed builds of a source left, whatever it held then.
fn sweep_failed(store: &Utf8Path, origin: &str) {
    for entry in store.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        let left = fs::read_to_string(path.join(FAILED)).is_ok_and(|from| from == origin);
        let lock = path.with_added_extension(LOCK);
        if left && let Ok(Some(_lock)) = FileLock::try_acquire(&lock) {
            let _ = files::remove(path);
        }
    }
}

/// Where a source comes from, as one that was edited since still does.
fn origin(source: &Source) -> String {
    match source {
        Source::Folder(path) | Source::Archive(path) => {
            let real = path.canonicalize_utf8();
            real.unwrap_or_else(|_| path.clone()).into_string()
        }
        Source::Project(requirement) => requirement.clone(),
    }
}

/// A name for a folder whose content is not known yet. Two processes with the same number, as in
/// two containers, wait for each other.
fn unfinished() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("unfinished-{}-{number}", std::process::id())
}

impl WorkTree {
    /// Copies or unpacks a source below `store`, a folder for work trees. The folders
    /// `left_out` (where wheels go, the store, the log) are not part of the source even when they
    /// lie in its folder, and neither is `store`. `waiting` is called when
    /// another process builds the same source and this one waits for it.
    ///
    /// # Errors
    /// The source cannot be read or is not safe to unpack, or the disk is full. A
    /// [`Source::Project`] has to be fetched first and is refused.
    pub fn create(
        store: &Utf8Path,
        source: &Source,
        left_out: &[&Utf8Path],
        waiting: &mut dyn FnMut(),
    ) -> Result<Self, SourceError> {
        files::create_dir_all(store)?;
        sweep(store);
        let origin = origin(source);
        sweep_failed(store, &origin);
        let staging = LockedDir::acquire(store.join(unfinished()), &mut || {})?;
        files::remove(&staging.path)?;
        files::create_dir_all(&staging.path)?;
        let tree = match source {
            Source::Folder(folder) => {
                // One name for all folders: theirs may differ where their content does not.
                let tree = staging.path.join("source");
                copy::copy(folder, &tree, &[left_out, &[store]].concat())?;
                tree
            }
            Source::Archive(archive) => unpack::unpack(archive, &staging.path)?,
            Source::Project(requirement) => {
                return Err(SourceError::NotFound {
                    path: requirement.into(),
                });
            }
        };
        if !["pyproject.toml", "setup.py"]
            .iter()
            .any(|file| tree.join(file).is_file())
        {
            let path = match source {
                Source::Folder(path) | Source::Archive(path) => path.clone(),
                Source::Project(name) => name.into(),
            };
            return Err(SourceError::NoProjectFiles { path });
        }
        let name = tree.file_name().unwrap_or("source").to_owned();
        let dir = LockedDir::acquire(store.join(content_key(&tree)?), waiting)?;
        files::remove(&dir.path)?;
        fs::rename(&staging.path, &dir.path).context("write", &dir.path)?;
        Ok(Self {
            source: dir.path.join(name),
            origin,
            dir,
        })
    }

    /// The source.
    #[must_use]
    pub fn source(&self) -> &Utf8Path {
        &self.source
    }

    /// The folder around it, for the build's other files.
    #[must_use]
    pub fn dir(&self) -> &Utf8Path {
        &self.dir.path
    }

    /// Leaves the folder in place when the value is dropped.
    pub fn keep(&mut self) {
        self.dir.keep = true;
    }

    /// Leaves the folder in place until the next build of the source, unless [`Self::succeeded`] is
    /// called first: what failed can be looked at, and its calls run again.
    pub fn keep_if_failed(&mut self) {
        if !self.dir.keep {
            self.dir.keep = fs::write(self.dir.path.join(FAILED), &self.origin).is_ok();
        }
    }

    /// Undoes [`Self::keep_if_failed`].
    pub fn succeeded(&mut self) {
        if fs::remove_file(self.dir.path.join(FAILED)).is_ok() {
            self.dir.keep = false;
        }
    }

    /// Where the folder will stay when the value is dropped, if it will.
    #[must_use]
    pub fn stays(&self) -> Option<&Utf8Path> {
        self.dir.keep.then_some(&*self.dir.path)
    }
}

/// Digest of names, kinds, execute bits and contents.
fn content_key(tree: &Utf8Path) -> Result<String, FileError> {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let mut hasher = Sha256::new();
    let mut add = |part: &[u8]| {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(tree.file_name().unwrap_or_default().as_bytes());
    let is_content = |entry: &walkdir::DirEntry| {
        !VERSION_CONTROL
            .iter()
            .any(|name| entry.file_name() == *name)
    };
    for entry in WalkDir::new(tree)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_content)
    {
        let entry = entry.map_err(io::Error::from).context("read", tree)?;
        let path = entry.path();
        let name = path
            .strip_prefix(tree)
            .unwrap_or(path)
            .as_os_str()
            .as_bytes();
        let kind = entry.file_type();
        if kind.is_symlink() {
            add(b"link");
            add(name);
            add(fs::read_link(path)
                .context("read", tree)?
                .as_os_str()
                .as_bytes());
        } else if kind.is_file() {
            let meta = entry
                .metadata()
                .map_err(io::Error::from)
                .context("read", tree)?;
            let executable = meta.permissions().mode() & 0o111 != 0;
            add(if executable { b"program" } else { b"file" });
            add(name);
            let at = Utf8Path::from_path(path).unwrap_or(tree);
            let mut file = fs::File::open(path).context("read", at)?;
            add(&meta.len().to_le_bytes());
            disk::sparse::parts(&mut file, |place, bytes| {
                add(&place.to_le_bytes());
                add(bytes);
                Ok(())
            })
            .context("read", at)?;
        }
    }
    Ok(crate::hex(&hasher.finalize())[..KEY_DIGITS].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Base {
        _dir: tempfile::TempDir,
        path: Utf8PathBuf,
    }

    fn base() -> Base {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        Base { _dir: dir, path }
    }

    impl Base {
        fn project(&self, name: &str, text: &str) -> Source {
            let folder = self.path.join(name);
            fs::create_dir_all(folder.join(".git")).unwrap();
            fs::write(folder.join("setup.py"), text).unwrap();
            fs::write(folder.join(".git/HEAD"), name).unwrap();
            Source::Folder(folder)
        }

        fn create(&self, source: &Source) -> WorkTree {
            let outdir = self.path.join("dist");
            WorkTree::create(&self.path.join("store"), source, &[&outdir], &mut || {}).unwrap()
        }
    }

    #[test]
    fn the_same_content_has_the_same_path_and_other_content_another() {
        let base = base();
        let (a, b, c) = (
            base.project("a", "1"),
            base.project("b", "1"),
            base.project("c", "2"),
        );
        let path = |source: &Source| base.create(source).source().to_owned();
        assert_eq!(path(&a), path(&b));
        assert_ne!(path(&a), path(&c));
    }

    #[test]
    fn the_users_folder_is_not_the_one_that_is_built() {
        let base = base();
        let source = base.project("a", "1");
        let tree = base.create(&source);
        fs::write(tree.source().join("setup.py"), "changed").unwrap();
        assert!(tree.source().join(".git/HEAD").exists());
        assert_eq!(
            fs::read_to_string(base.path.join("a/setup.py")).unwrap(),
            "1"
        );
    }

    #[test]
    fn nothing_is_left_unless_asked_for() {
        let base = base();
        let source = base.project("a", "1");
        drop(base.create(&source));
        assert_eq!(fs::read_dir(base.path.join("store")).unwrap().count(), 0);
        let mut tree = base.create(&source);
        tree.keep();
        let dir = tree.dir().to_owned();
        fs::write(dir.join("stale"), "").unwrap();
        drop(tree);
        assert!(dir.join("source/setup.py").exists());
        assert!(!base.create(&source).dir().join("stale").exists());
    }

    #[test]
    fn what_failed_stays_until_the_next_build_of_the_source() {
        let base = base();
        let mut failed = base.create(&base.project("a", "1"));
        failed.keep_if_failed();
        let dir = failed.dir().to_owned();
        assert_eq!(failed.stays(), Some(&*dir));
        drop(failed);
        assert!(dir.join("source/setup.py").exists());
        let other = base.create(&base.project("b", "other"));
        assert!(dir.exists());
        // The same folder, mended.
        let mut mended = base.create(&base.project("a", "2"));
        assert!(!dir.exists());
        mended.keep_if_failed();
        mended.succeeded();
        drop((mended, other));
        assert_eq!(fs::read_dir(base.path.join("store")).unwrap().count(), 0);
        let mut kept = base.create(&base.project("a", "3"));
        kept.keep();
        kept.keep_if_failed();
        kept.succeeded();
        assert!(kept.stays().is_some());
    }

    #[test]
    fn only_what_nobody_holds_is_swept() {
        let base = base();
        let store = base.path.join("store");
        let mut tree = base.create(&base.project("kept", "1"));
        tree.keep();
        let kept = tree.dir().to_owned();
        drop(tree);
        let used = base.create(&base.project("used", "2"));
        for name in ["left", "unfinished-1-0"] {
            fs::create_dir(store.join(name)).unwrap();
            fs::write(store.join(name).join("file"), "").unwrap();
            fs::write(store.join(format!("{name}.lock")), "").unwrap();
        }
        drop(base.create(&base.project("next", "3")));
        let mut left: Vec<_> = store
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().into_path())
            .collect();
        left.sort();
        let mut wanted = vec![
            kept,
            used.dir().to_owned(),
            used.dir().with_added_extension("lock"),
        ];
        wanted.sort();
        assert_eq!(left, wanted);
    }

    #[test]
    fn a_second_build_of_the_same_source_waits() {
        let base = base();
        let source = base.project("a", "1");
        let first = base.create(&source);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let store = base.path.join("store");
                let mut waiting = || sender.send(()).unwrap();
                let tree = WorkTree::create(&store, &source, &[&base.path], &mut waiting).unwrap();
                tree.source().join("setup.py").exists()
            });
            receiver.recv().unwrap();
            assert!(!second.is_finished());
            drop(first);
            assert!(second.join().unwrap());
        });
    }

    #[test]
    fn folders_without_a_project_are_named() {
        let base = base();
        fs::create_dir(base.path.join("empty")).unwrap();
        let source = Source::Folder(base.path.join("empty"));
        let error = WorkTree::create(&base.path.join("store"), &source, &[&base.path], &mut || {});
        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("empty is no Python project")
        );
    }
}
