//! A call that is ready to run, and where each of its files is.

use crate::driver;
use crate::relocate::plain;
use crate::select::{Input, Source};
use crate::setting::Room;
use camino::Utf8PathBuf;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use toolcall::plan::Step;

/// A call that is ready to run.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its folder in the sandbox.
    pub folder: Utf8PathBuf,
    /// The steps as recorded.
    pub recorded: Vec<Step>,
    /// The steps that run.
    pub steps: Vec<Step>,
    /// The folder the call ran in.
    pub cwd: PathBuf,
    /// The recorded environment.
    pub env: BTreeMap<String, String>,
    /// What it finds.
    pub room: Room,
    /// Folders that must be there before it runs, absolute.
    pub folders: Vec<PathBuf>,
    /// Files that must not be there, absolute.
    pub absent: Vec<PathBuf>,
    /// The places of what it was given.
    pub given: Vec<PathBuf>,
    /// Takes what the call writes.
    pub(crate) made: PathBuf,
    /// What the log keeps.
    pub(crate) blobs: PathBuf,
    /// What other calls of the replay made.
    pub(crate) shared: Utf8PathBuf,
}

impl Prepared {
    /// The folder that takes what the call writes, each file below it at its own path; none where
    /// it writes in place.
    #[must_use]
    pub fn made(&self) -> Option<&Path> {
        match self.room {
            Room::InPlace => None,
            Room::View | Room::Copies => Some(self.made.as_path()),
        }
    }

    /// Where a file that the call writes or was given is now, by its recorded name.
    #[must_use]
    pub fn place(&self, path: &OsStr) -> PathBuf {
        let path = self.cwd.join(path);
        match self.room {
            Room::InPlace => path,
            Room::View => below(&self.made, &resolved(&path)),
            Room::Copies => below(&self.made, &plain(&path)),
        }
    }

    /// Where an input's recorded contents are.
    #[must_use]
    pub fn contents(&self, input: &Input) -> PathBuf {
        let hash = input.fact.blake3.as_deref().unwrap_or_default();
        match input.source {
            Source::Disk | Source::Changed | Source::Gone => self.cwd.join(&input.fact.path),
            Source::Kept => self.blobs.join(hash),
            Source::Replayed(_) => self.shared.join(hash).into_std_path_buf(),
        }
    }

    /// The folder in which a tool can be asked about the call's files, with nothing written.
    pub(crate) fn asked_in(&self) -> PathBuf {
        match self.cwd.is_dir() {
            true => self.cwd.clone(),
            false => self.place(OsStr::new("")),
        }
    }

    /// A step with the sources that are gone at the places where they were put.
    pub(crate) fn for_questions(&self, step: &Step) -> Step {
        let mut step = step.clone();
        let sources = driver::sources(&step);
        for word in step.argv.iter_mut().filter(|word| sources.contains(word)) {
            if !self.cwd.join(&*word).is_file() {
                *word = self.place(word).into();
            }
        }
        step
    }

    /// A file's contents with the recorded paths in the place of the sandbox's, if it names any.
    #[must_use]
    pub fn undone(&self, file: &Path) -> Option<Vec<u8>> {
        use std::os::unix::ffi::OsStrExt as _;
        if self.room != Room::Copies {
            return None;
        }
        let contents = fs::read(file).ok()?;
        let made = self.made.as_os_str().as_bytes();
        let mut undone = Vec::with_capacity(contents.len());
        let mut from = 0;
        for at in memchr::memmem::find_iter(&contents, made) {
            undone.extend_from_slice(&contents[from..at]);
            from = at + made.len();
        }
        undone.extend_from_slice(&contents[from..]);
        (from > 0).then_some(undone)
    }
}

/// An absolute path below another root.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// A path with the links on the way to it resolved, as far as its folders are there.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let path = plain_tail(path);
    let Some((parent, name)) = path.parent().zip(path.file_name()) else {
        return path;
    };
    let parent = parent.canonicalize().unwrap_or_else(|_| resolved(parent));
    parent.join(name)
}

/// Without `.` and `..` at the end.
fn plain_tail(path: &Path) -> PathBuf {
    match path.file_name() {
        Some(_) => path.components().collect(),
        None => path.canonicalize().unwrap_or_else(|_| plain(path)),
    }
}
