//! Files and folders that are there whole or not at all, and locks that are waited for.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Result, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// The mode of a file for whoever the user's umask allows.
pub const FOR_ALL: u32 = 0o666;

/// The mode of a file for its owner alone.
pub const FOR_OWNER: u32 = 0o600;

/// Puts a file in a place, or in that of another: what `fill` writes goes into a hidden sibling, which
/// is renamed when it is complete. The umask takes its part of `mode`.
///
/// # Errors
/// The folder cannot be written, or `fill` fails; then the place is as it was.
pub fn replace_with(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> Result<()>,
) -> Result<()> {
    if takes_writes(path) {
        return fill(&mut write_into(path)?);
    }
    let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    fill(file.as_file_mut())?;
    // Closed first: a program that is open for writing cannot be started.
    file.into_temp_path()
        .persist(path)
        .map_err(|error| error.error)
}

/// How many links a name may lead over: Linux's own limit.
const LINKS: u32 = 40;

/// Folders of names that stand for devices and open files; what lies in folders below `/dev`, such as
/// `/dev/shm`, are files and devices as anywhere.
const DEVICES: &str = "/dev";
const OPEN_FILES: &str = "/proc";

/// Whether a name is for what takes what is written, and is nothing to put a file in the place of, which
/// root could: a device, a pipe, or a link such as `/dev/stdout`, wherever that leads.
#[must_use]
pub fn takes_writes(path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(there) = fs::symlink_metadata(&path) else {
            return false;
        };
        if !there.is_symlink() {
            return !there.is_file() && !there.is_dir();
        }
        let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let Ok(folder) = folder.unwrap_or(Path::new(".")).canonicalize() else {
            return false;
        };
        if folder == Path::new(DEVICES) || folder.starts_with(OPEN_FILES) {
            return true;
        }
        let Ok(next) = fs::read_link(&path) else {
            return false;
        };
        path = folder.join(next);
    }
    false
}

/// Opens what [`takes_writes`], to be written from its beginning.
///
/// # Errors
/// It cannot be opened.
pub fn write_into(path: &Path) -> Result<File> {
    let mut how = File::options();
    how.write(true).create(true).truncate(true).open(path)
}

/// As [`replace_with`], of contents that are there.
///
/// # Errors
/// As [`replace_with`].
pub fn replace(path: &Path, mode: u32, contents: &[u8]) -> Result<()> {
    replace_with(path, mode, |file| file.write_all(contents))
}

/// A folder in the making, beside the place it is for; dropped unfinished, it is gone.
#[derive(Debug)]
pub struct Folder {
    temp: tempfile::TempDir,
    place: PathBuf,
}

impl Folder {
    /// An empty folder for a place. The folders above it are made.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn beside(place: &Path) -> Result<Self> {
        let parent = place.parent().filter(|dir| !dir.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let temp = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(parent)?;
        Ok(Self {
            temp,
            place: place.to_owned(),
        })
    }

    /// Where it is made.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temp.path()
    }

    /// Puts the folder in its place, and removes what was there before. Where the file system can
    /// exchange two names, there is always one of the two.
    ///
    /// # Errors
    /// The place cannot be written.
    pub fn place(self) -> Result<()> {
        // Temporary folders are private; the finished one is like any other.
        fs::set_permissions(self.temp.path(), Permissions::from_mode(0o755))?;
        match renameat_with(
            CWD,
            self.temp.path(),
            CWD,
            &self.place,
            RenameFlags::EXCHANGE,
        ) {
            // What was there has the temporary name now, and goes with it.
            Ok(()) => match fs::symlink_metadata(self.temp.path())?.is_dir() {
                true => self.temp.close(),
                false => fs::remove_file(self.temp.keep()),
            },
            Err(Errno::NOENT) => fs::rename(self.temp.keep(), &self.place),
            Err(Errno::INVAL | Errno::NOSYS) => self.replace(),
            Err(error) => Err(error.into()),
        }
    }

    /// As [`place`](Self::place), in two steps.
    fn replace(self) -> Result<()> {
        let mut aside = self.place.clone().into_os_string();
        aside.push(format!(".old-{}", std::process::id()));
        let aside = PathBuf::from(aside);
        match fs::rename(&self.place, &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::rename(self.temp.keep(), &self.place)?;
        match fs::symlink_metadata(&aside) {
            Ok(old) if old.is_dir() => fs::remove_dir_all(&aside),
            Ok(_) => fs::remove_file(&aside),
            Err(_) => Ok(()),
        }
    }
}

/// Takes a file's lock; calls `waiting` first where another process holds it.
///
/// # Errors
/// The file system has no locks.
pub fn lock(file: &File, waiting: impl FnOnce()) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            waiting();
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Error;

    #[test]
    fn what_is_no_file_is_written_into() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_bits_truncate(0o600);
        rustix::fs::mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        assert!(takes_writes(&pipe));
        replace(&pipe, FOR_ALL, b"one").unwrap();
        assert_eq!(reader.join().unwrap(), b"one");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn devices_and_open_files_are_told_from_files_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        for (name, to) in [
            ("device", "/dev/null"),
            ("twice", "device"),
            ("out", "/dev/stdout"),
            ("open", "/proc/self/fd/1"),
            ("link", "file"),
            ("gone", "nothing"),
            ("round", "round"),
        ] {
            std::os::unix::fs::symlink(to, at(name)).unwrap();
        }
        for name in ["/dev/null", "/dev/stdout", "/dev/../dev/null"] {
            assert!(takes_writes(Path::new(name)), "{name}");
        }
        for name in ["device", "twice", "out", "open"] {
            assert!(takes_writes(&at(name)), "{name}");
        }
        for name in ["file", "link", "gone", "round", "new", "."] {
            assert!(!takes_writes(&at(name)), "{name}");
        }
    }

    #[test]
    fn a_file_is_replaced_whole_or_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, FOR_OWNER, b"one").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let failed = replace_with(&path, FOR_ALL, |file| {
            file.write_all(b"tw")?;
            Err(Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_folder_takes_its_place_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new/site");
        for text in ["one", "two"] {
            let draft = Folder::beside(&place).unwrap();
            fs::write(draft.path().join(text), text).unwrap();
            draft.place().unwrap();
            let names = place.read_dir().unwrap();
            let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(names, [text]);
        }
        let mode = fs::metadata(&place).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
        let draft = Folder::beside(&place).unwrap();
        fs::write(draft.path().join("three"), "").unwrap();
        drop(draft);
        // A place that is a file is replaced too, in one step or in two.
        for replace in [Folder::place, Folder::replace] {
            fs::remove_dir_all(&place).unwrap();
            fs::write(&place, "").unwrap();
            replace(Folder::beside(&place).unwrap()).unwrap();
            assert!(place.is_dir());
            replace(Folder::beside(&place).unwrap()).unwrap();
        }
        assert!(place.is_dir());
        assert_eq!(place.parent().unwrap().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn who_waits_for_a_lock_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let ours = File::create(&path).unwrap();
        lock(&ours, || panic!("nobody has it")).unwrap();
        let theirs = File::open(&path).unwrap();
        // The lock is let go when it is waited for.
        let mut ours = Some(ours);
        let mut told = false;
        lock(&theirs, || {
            told = true;
            drop(ours.take());
        })
        .unwrap();
        assert!(told);
    }
}
