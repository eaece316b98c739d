//! A step of ours that ends when a signal asks for it, wherever it is in its work.
//!
//! The work has a thread of its own, which is left behind: the process ends next.

use crate::signals::Forwarder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use steps::translations::Cached;
use steps::work::{self, StepError};

/// Room for the work's stack, as the process's own first thread has it, in bytes.
const STACK: usize = 8 << 20;

/// How long the work may take to notice that its program is gone: a quarter of a second.
const GRACE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};

/// How a step's work went.
#[derive(Debug)]
pub(super) enum Worked {
    /// To its end.
    Through(Result<Cached, StepError>),
    /// Until this signal came.
    Interrupted(i32),
}

/// Carries out a step of ours while signals are listened to.
///
/// # Errors
/// The system gives no thread, or does not let us wait.
pub(super) fn run(forwarder: &mut Forwarder, argv: &[OsString], cwd: &Path) -> io::Result<Worked> {
    // Nothing is written to it: the worker's end is closed when the work is over.
    let (over, working) = io::pipe()?;
    let (argv, cwd) = (argv.to_vec(), cwd.to_owned());
    let work = thread::Builder::new().stack_size(STACK).spawn(move || {
        let _working = working;
        work::run(&argv, &cwd)
    })?;
    match forwarder.wait_for(&over)? {
        Some(signal) => {
            end_children();
            // With its program gone the work mostly fails at once, and cleans up behind itself.
            let _ = poll(&mut [PollFd::new(&over, PollFlags::IN)], Some(&GRACE));
            Ok(Worked::Interrupted(signal))
        }
        None => match work.join() {
            Ok(result) => Ok(Worked::Through(result)),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Ends the programs that the work runs, such as f2c. Where the system does not name them, they end
/// by SIGPIPE when they next write to us.
fn end_children() {
    let threads = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    for thread in threads {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let pids = children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok());
        for pid in pids.filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
