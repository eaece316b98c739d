//! Lines on stderr, in the form of the tools' own.

use std::io::Write;

/// An error of ours, in the form of the tool's own.
pub fn complain(name: &str, why: &str) {
    warn(name, &format!("error: {why}"));
}

/// A line on stderr.
pub fn warn(name: &str, text: &str) {
    let line = format!("{name}: {text}\n");
    // If stderr is gone there is no one left to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
