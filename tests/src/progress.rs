//! Progress as lines on stderr, for what runs without a terminal.

use std::time::{Duration, Instant};

use provision::Progress;

/// A line for each step that is done, and for each note.
#[derive(Debug, Clone, Copy)]
pub struct Lines;

impl Progress for Lines {
    fn begin(&self, step: &str) {
        eprintln!("{step} ...");
    }

    fn detail(&self, _text: &str) {}

    fn end(&self, step: &str, elapsed: Duration) {
        eprintln!("{step}: {:.1} s", elapsed.as_secs_f64());
    }

    fn note(&self, text: &str) {
        eprintln!("{text}");
    }
}

/// Does a piece of work between the two lines.
pub(crate) fn step<T>(progress: &dyn Progress, what: &str, work: impl FnOnce() -> T) -> T {
    progress.begin(what);
    let begun = Instant::now();
    let done = work();
    progress.end(what, begun.elapsed());
    done
}
