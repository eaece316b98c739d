//! Where provisioning reports what it does.

use std::time::{Duration, Instant};

/// Progress sink. The command line shows bars on a terminal and plain lines elsewhere.
pub trait Progress {
    /// A step begins, such as `downloading Emscripten 3.1.69 and Python 3.13`.
    fn begin(&self, step: &str);
    /// How far the step is, such as `213 of 390 MB`. Called a few times a second.
    fn detail(&self, text: &str);
    /// The step is done.
    fn end(&self, step: &str, elapsed: Duration);
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

/// Runs one step between `begin` and `end`; a step that fails has no `end`.
pub(crate) fn step<T, E>(
    progress: &dyn Progress,
    name: &str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let start = Instant::now();
    progress.begin(name);
    let value = work()?;
    progress.end(name, start.elapsed());
    Ok(value)
}
