//! Lines on stderr, in the form of the tools' own.

use crate::display::visible_lines;
use std::io::Write;

/// An error of ours, in the form of the tool's own.
pub fn complain(name: &str, why: &str) {
    warn(name, &format!("error: {why}"));
}

/// A line on stderr, or some; nothing in it that a terminal acts on, whatever the names in it are.
pub fn warn(name: &str, text: &str) {
    let line = visible_lines(&format!("{name}: {text}\n")).into_owned();
    // Ignore EPIPE: stderr may be closed.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
