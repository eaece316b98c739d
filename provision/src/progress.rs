//! Where provisioning reports what it does.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Progress sink. The command line shows bars on a terminal and plain lines elsewhere.
pub trait Progress {
    /// A step begins, such as `downloading Emscripten 3.1.69 and Python 3.13`.
    fn begin(&self, step: &str);
    /// How far the step is, such as `213 of 390 MB`. Called a few times a second.
    fn detail(&self, text: &str);
    /// The step is done.
    fn end(&self, step: &str, elapsed: Duration);
    /// The step has failed, which an error will say.
    fn fail(&self) {}
    /// Something the user should know, such as that another process is waited for.
    fn note(&self, text: &str);
}

/// Reports nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str) {}
    fn detail(&self, _text: &str) {}
    fn end(&self, _step: &str, _elapsed: Duration) {}
    fn note(&self, _text: &str) {}
}

/// Keeps what a user should know, and reports nothing.
#[derive(Debug, Default)]
pub struct Notes(Mutex<Vec<String>>);

impl Notes {
    /// What was noted so far.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.clone()
    }
}

impl Progress for Notes {
    fn begin(&self, _step: &str) {}
    fn detail(&self, _text: &str) {}
    fn end(&self, _step: &str, _elapsed: Duration) {}
    fn note(&self, text: &str) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(text.to_owned());
    }
}

impl dyn Progress + '_ {
    /// Runs one step between `begin` and `end`, or `fail`.
    ///
    /// # Errors
    /// Those of the step.
    pub fn step<T, E>(&self, name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let start = Instant::now();
        self.begin(name);
        let result = work();
        match &result {
            Ok(_) => self.end(name, start.elapsed()),
            Err(_) => self.fail(),
        }
        result
    }
}
