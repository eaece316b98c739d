//! What was saved.

use std::fmt;

/// Sizes of some files before and after, as a note has them.
#[derive(Debug, Default)]
pub(super) struct Saved {
    files: usize,
    before: usize,
    after: usize,
}

impl Saved {
    /// Counts one.
    pub(super) fn add(&mut self, before: usize, after: usize) {
        self.files += 1;
        self.before += before;
        self.after += after;
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before, self.after);
        write!(
            f,
            "{} files, {before} bytes before, {after} now",
            self.files
        )
    }
}
