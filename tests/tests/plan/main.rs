//! What becomes of a command line: pure, no tool runs.

mod goldens;
mod properties;
