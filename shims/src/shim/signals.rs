//! Signals that reach a shim are meant for the tool it runs.

use rustix::process::{Pid, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::{Handle, Signals};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const FORWARDED: [i32; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// How long a signal from the keyboard may take to reach the child by itself, as the terminal
/// sends it to both of us, before it is taken for one sent to us alone.
const KEYBOARD: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
struct State {
    child: Option<Pid>,
    ending: Option<i32>,
}

/// Passes signals on to the running child while it lives.
#[derive(Debug)]
pub struct Forwarder {
    state: Arc<Mutex<State>>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut signals = Signals::new(wanted)?;
        let handle = signals.handle();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            for signal in signals.forever() {
                if matches!(signal, SIGINT | SIGQUIT) {
                    std::thread::sleep(KEYBOARD);
                }
                let mut state = lock(&shared);
                if !matches!(signal, SIGUSR1 | SIGUSR2) {
                    state.ending = Some(signal);
                }
                if let (Some(child), Some(signal)) = (state.child, Signal::from_named_raw(signal)) {
                    // The child may have ended meanwhile; nothing is lost then.
                    let _ = rustix::process::kill_process(child, signal);
                }
            }
        });
        Ok(Self {
            state,
            handle,
            thread: Some(thread),
        })
    }

    /// The child that signals go to from now on. One that came before is passed on at once.
    pub fn set_child(&self, child: Option<Pid>) {
        let mut state = lock(&self.state);
        state.child = child;
        if let (Some(child), Some(signal)) = (child, state.ending.and_then(Signal::from_named_raw))
        {
            let _ = rustix::process::kill_process(child, signal);
        }
    }

    /// The signal that asked us to end, if one did.
    #[must_use]
    pub fn ending(&self) -> Option<i32> {
        lock(&self.state).ending
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The mask of ignored signals, bit 0 for signal 1.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
