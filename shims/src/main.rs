//! The `emshim` binary.
fn main() {}
