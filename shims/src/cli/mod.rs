//! The `emshim <verb>` command line.
