//! Why a source cannot be had.

use camino::Utf8PathBuf;

use crate::files::FileError;
use crate::python::ScriptError;

/// A source could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The script that asks the index failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A path that is not there.
    #[error("there is no {path}; give a project's folder, an sdist file, or NAME[==VERSION]")]
    NotFound {
        /// The path.
        path: Utf8PathBuf,
    },
    /// An address, which nothing here downloads.
    #[error(
        "{given} is an address, which emshim does not download from; get its source with {with}, \
         then give the folder or the sdist, or give NAME[==VERSION]"
    )]
    Address {
        /// What the user wrote.
        given: String,
        /// What gets it.
        with: &'static str,
    },
    /// A folder without a project in it.
    #[error(
        "{path} is no Python project: it has neither pyproject.toml nor setup.py; if you mean a \
         project on the index, give NAME==VERSION, or NAME where no folder is called so"
    )]
    NoProjectFiles {
        /// The folder.
        path: Utf8PathBuf,
    },
    /// A file of another kind.
    #[error("{path} is no sdist ({why}); give a .tar.gz or .zip source archive")]
    NoArchive {
        /// The file.
        path: Utf8PathBuf,
        /// What it is.
        why: String,
    },
    /// The archive could write outside the folder it is unpacked into.
    #[error("{path} is not safe to unpack: {member:?} {why}")]
    Unsafe {
        /// The archive.
        path: Utf8PathBuf,
        /// The member.
        member: String,
        /// What it would do.
        why: &'static str,
    },
    /// Not a requirement that names one sdist.
    #[error("`{requirement}` names no source: {why}; give NAME or NAME==VERSION")]
    Requirement {
        /// The requirement.
        requirement: String,
        /// What is wrong with it.
        why: String,
    },
    /// The index has no such project.
    #[error(
        "the index pip is configured for has no project `{requirement}`, or no file of it; check the name"
    )]
    NoProject {
        /// The requirement.
        requirement: String,
    },
    /// No version fits.
    #[error("no version fits `{requirement}`; sdists there are: {versions}")]
    NoVersion {
        /// The requirement.
        requirement: String,
        /// The newest versions.
        versions: String,
    },
    /// Versions there are, for other Pythons.
    #[error(
        "no version of `{requirement}` is for this target's Python ({why}); name a version that is, or \
         build for another target"
    )]
    OtherPython {
        /// The requirement.
        requirement: String,
        /// Which versions ask for what.
        why: String,
    },
    /// Only wheels.
    #[error(
        "`{requirement}` has no sdist on the index, only wheels ({versions}); get its source and give its folder"
    )]
    NoSdist {
        /// The requirement.
        requirement: String,
        /// The versions there are.
        versions: String,
    },
    /// The index is down or unreachable.
    #[error(
        "the index does not answer for `{requirement}`: {why}; check the network and pip's configuration (pip config list)"
    )]
    Unanswered {
        /// The requirement.
        requirement: String,
        /// What the connection said.
        why: String,
    },
    /// The download is not what the index announced.
    #[error("{file} has checksum {actual}, but the index announced {expected}; it was not kept")]
    Checksum {
        /// The file.
        file: String,
        /// The announced checksum.
        expected: String,
        /// The checksum of what came.
        actual: String,
    },
    /// The download could not be stored.
    #[error("cannot store the sdist of `{requirement}` in {folder}: {why}")]
    Disk {
        /// The requirement.
        requirement: String,
        /// The download folder.
        folder: Utf8PathBuf,
        /// What the system said.
        why: String,
    },
}
