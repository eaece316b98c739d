//! What this process and its children print, kept for a while and then printed.

use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;

/// Standard output and error, sent into files.
#[derive(Debug)]
pub(super) struct Captured {
    files: [File; 2],
    real: [OwnedFd; 2],
}

impl Captured {
    /// Begins.
    pub(super) fn start() -> std::io::Result<Self> {
        let captured = Self {
            files: [tempfile::tempfile()?, tempfile::tempfile()?],
            real: [
                fcntl_dupfd_cloexec(stdout(), 3)?,
                fcntl_dupfd_cloexec(stderr(), 3)?,
            ],
        };
        dup2_stdout(&captured.files[0])?;
        dup2_stderr(&captured.files[1]).inspect_err(|_| {
            let _ = dup2_stdout(&captured.real[0]);
        })?;
        Ok(captured)
    }

    /// Ends, prints, and gives what was printed.
    pub(super) fn finish(self) -> (Vec<u8>, Vec<u8>) {
        let _ = std::io::stdout().flush();
        let _ = dup2_stdout(&self.real[0]);
        let _ = dup2_stderr(&self.real[1]);
        let [out, err] = self.files.map(|mut file| {
            let mut bytes = Vec::new();
            let _ = file.rewind();
            let _ = file.read_to_end(&mut bytes);
            bytes
        });
        // Ignore EPIPE: a tool's stderr may be closed.
        let _ = std::io::stdout().write_all(&out);
        let _ = std::io::stdout().flush();
        let _ = std::io::stderr().write_all(&err);
        (out, err)
    }
}
