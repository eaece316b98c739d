//! What can go wrong, each naming the thing and the remedy.

use camino::{Utf8Path, Utf8PathBuf};

/// Provisioning or finding a tool failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program or service this machine should offer is not there, or is unfit.
    #[error("{what} {why}; {remedy}")]
    Missing {
        /// The program, package or service, such as `npm`.
        what: String,
        /// What is wrong with it, such as `is not on PATH`.
        why: String,
        /// What the user can do.
        remedy: String,
    },
    /// A program we started failed.
    #[error(
        "{step} failed ({status}); {remedy}\n{}full log: {log}",
        paragraph(tail)
    )]
    Command {
        /// What the program was to do, such as `downloading Debian packages`.
        step: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote to stderr, indented.
        tail: String,
        /// What the user can do.
        remedy: String,
        /// The file with all it wrote.
        log: Utf8PathBuf,
    },
    /// There is not enough room for what is to be written.
    #[error(
        "{folder}: the disk is too full for {what}, which needs about {} MB{}; free some space, or \
         set EMSHIM_HOME to a folder on a larger disk",
        megabytes(*needed),
        available.map(|n| format!(" ({} MB are free)", megabytes(n))).unwrap_or_default()
    )]
    DiskFull {
        /// The folder that was written to.
        folder: Utf8PathBuf,
        /// What was to be written.
        what: String,
        /// Bytes needed.
        needed: u64,
        /// Bytes that were free, if known.
        available: Option<u64>,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or an answer is not what it should be.
    #[error("{path}: {why}; {remedy}")]
    Invalid {
        /// The file, or the command that answered.
        path: String,
        /// What does not fit.
        why: String,
        /// What the user can do.
        remedy: String,
    },
    /// A download is not the file that was asked for.
    #[error(
        "{path}: checksum {actual}, expected {expected}; the file is not used: try again, and if \
         it happens again check the mirror or proxy it came through"
    )]
    Checksum {
        /// The file, already removed.
        path: Utf8PathBuf,
        /// The checksum it should have, with its algorithm.
        expected: String,
        /// The checksum it has.
        actual: String,
    },
}

impl Error {
    /// For `map_err` on file operations: adds the action and the path.
    pub(crate) fn io(
        action: &'static str,
        path: impl AsRef<Utf8Path>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Puts what a missing thing was needed for in front.
    pub(crate) fn explaining(self, lacking: &str) -> Self {
        match self {
            Self::Missing { what, why, remedy } => Self::Missing {
                what: lacking.to_owned(),
                why: format!("cannot be had: {what} {why}"),
                remedy,
            },
            other => other,
        }
    }

    /// The error in one line without a remedy, to stand in another error.
    pub(crate) fn brief(&self) -> String {
        match self {
            Self::Missing { what, why, .. } => format!("{what} {why}"),
            Self::Command {
                step, tail, log, ..
            } => {
                let said = tail.lines().last().unwrap_or_default().trim();
                format!("{step} failed: {said}; full log: {log}")
            }
            other => other.to_string(),
        }
    }

    /// Whether a program we ran failed because a key is unknown that something is signed with.
    pub(crate) fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Command { tail, .. }
            if UNKNOWN_KEY_MESSAGES.iter().any(|saying| tail.contains(saying)))
    }

    /// Turns the failures that a full disk causes into [`Error::DiskFull`], whether the system
    /// told us or told a program we ran; leaves every other error as it is.
    pub(crate) fn or_disk_full(self, folder: &Utf8Path, what: &str, needed: u64) -> Self {
        let full = match &self {
            Self::Io { source, .. } => is_storage_full(source),
            Self::Command { tail, .. } => DISK_FULL_MESSAGES.iter().any(|s| tail.contains(s)),
            _ => false,
        };
        if full {
            Self::DiskFull {
                folder: folder.to_owned(),
                what: what.to_owned(),
                needed,
                available: None,
            }
        } else {
            self
        }
    }
}

/// What apt says of a signature by a key that it does not have, with gpgv and with sqv.
const UNKNOWN_KEY_MESSAGES: &[&str] = &["NO_PUBKEY", "Missing key"];

/// What programs say when the disk is full: the C library, apt, npm.
const DISK_FULL_MESSAGES: &[&str] = &[
    "No space left on device",
    "enough free space",
    "ENOSPC",
    "Disk quota exceeded",
];

/// A full disk, also when the system's error is wrapped in another one.
fn is_storage_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let wrapped = || error.get_ref()?.downcast_ref::<std::io::Error>();
    matches!(error.kind(), StorageFull | QuotaExceeded) || wrapped().is_some_and(is_storage_full)
}

/// The text and a line break, or nothing for no text.
fn paragraph(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\n")
    }
}

/// Whole megabytes (10^6 bytes), rounded up.
pub(crate) fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_other_failures() {
        let full = Error::io("write", "/x/y")(std::io::Error::from_raw_os_error(28));
        let full = full.or_disk_full("/x".into(), "the toolchain", 1_200_000_001);
        assert_eq!(
            full.to_string(),
            "/x: the disk is too full for the toolchain, which needs about 1201 MB; free some \
             space, or set EMSHIM_HOME to a folder on a larger disk"
        );
        let wrapped = std::io::Error::other(std::io::Error::from_raw_os_error(28));
        assert!(is_storage_full(&wrapped));
        let other = Error::io("read", "/x")(std::io::Error::from_raw_os_error(2));
        assert!(matches!(
            other.or_disk_full("/x".into(), "", 0),
            Error::Io { .. }
        ));
    }
}
