//! Signals that reach a shim are meant for the tool it runs.
//!
//! No thread of ours waits for them: what a handler notes wakes the wait for the child.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

const FORWARDED: [i32; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// How long a signal from the keyboard may take to reach the child by itself, as the terminal
/// sends it to both of us, before it is taken for one sent to us alone.
const KEYBOARD_DELAY: Duration = Duration::from_millis(100);

/// How often to look whether the child has ended where the system cannot tell us: Linux before 5.3,
/// and sandboxes. Five milliseconds.
const POLL_INTERVAL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 5_000_000,
};

/// Passes signals on to the running child while it lives.
#[derive(Debug)]
pub struct Forwarder {
    signals: SignalDelivery<UnixStream, SignalOnly>,
    ending: Option<i32>,
}

impl Forwarder {
    /// Starts to listen. Signals that our caller made us ignore (`nohup`) stay ignored.
    ///
    /// # Errors
    /// The system does not let us handle signals.
    pub fn start() -> std::io::Result<Self> {
        let ignored = ignored();
        let wanted = FORWARDED
            .iter()
            .filter(|signal| ignored & (1 << (*signal - 1)) == 0);
        let (read, write) = UnixStream::pair()?;
        Ok(Self {
            signals: SignalDelivery::with_pipe(read, write, SignalOnly, wanted)?,
            ending: None,
        })
    }

    /// Waits for a child to end. Signals go to it until then, those that came before it first; it is
    /// not reaped meanwhile, so that none is ever sent to a process number that is free again.
    ///
    /// # Errors
    /// The system does not let us wait.
    pub fn wait(&mut self, child: &mut Child) -> std::io::Result<ExitStatus> {
        let pid = Pid::from_child(child);
        let ended = pidfd_open(pid, PidfdFlags::empty()).ok();
        loop {
            let come = PollFd::new(self.signals.get_read(), PollFlags::IN);
            let waited = match &ended {
                Some(ended) => poll(&mut [come, PollFd::new(ended, PollFlags::IN)], None),
                None => poll(&mut [come], Some(&POLL_INTERVAL)),
            };
            if let Err(error) = waited
                && error != Errno::INTR
            {
                return Err(error.into());
            }
            self.pass_on(Some(pid));
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
        }
    }

    /// Waits until the other end of `done` is closed, or a signal asks us to end, which it gives.
    ///
    /// # Errors
    /// The system does not let us wait.
    pub fn wait_for(&mut self, done: &impl AsFd) -> std::io::Result<Option<i32>> {
        loop {
            let come = PollFd::new(self.signals.get_read(), PollFlags::IN);
            let mut ready = [come, PollFd::new(done, PollFlags::IN)];
            match poll(&mut ready, None) {
                Err(Errno::INTR) => {}
                other => {
                    other?;
                }
            }
            let is_done = !ready[1].revents().is_empty();
            if let Some(signal) = self.ending() {
                return Ok(Some(signal));
            }
            if is_done {
                return Ok(None);
            }
        }
    }

    /// The signal that asked us to end, if one did.
    #[must_use]
    pub fn ending(&mut self) -> Option<i32> {
        self.pass_on(None);
        self.ending
    }

    /// Notes the signals that have come, and sends them to the child.
    fn pass_on(&mut self, child: Option<Pid>) {
        for signal in self.signals.pending() {
            if !matches!(signal, SIGUSR1 | SIGUSR2) {
                self.ending = Some(signal);
            }
            if let (Some(child), Some(named)) = (child, Signal::from_named_raw(signal)) {
                if matches!(signal, SIGINT | SIGQUIT) {
                    std::thread::sleep(KEYBOARD_DELAY);
                }
                // The child may have ended meanwhile; nothing is lost then.
                let _ = rustix::process::kill_process(child, named);
            }
        }
    }
}

/// The mask of ignored signals, bit 0 for signal 1.
fn ignored() -> u64 {
    // The system does not tell its length: with room for all of it, it is read in one go.
    let mut status = String::with_capacity(4096);
    let file = File::open("/proc/self/status");
    // Where it cannot be read, none counts as ignored.
    let _ = file.and_then(|mut file| file.read_to_string(&mut status));
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// Runs a command to its end, passing on the signals that reach us: they are meant for it, and what
/// was made ready for it is removed only when it has ended.
///
/// # Errors
/// It cannot be started.
pub fn run_to_end(command: &mut Command) -> std::io::Result<ExitStatus> {
    let mut forwarder = Forwarder::start()?;
    let mut child = command.spawn()?;
    forwarder.wait(&mut child)
}
