//! The `emshim` multicall binary: compiler-tool shims for Emscripten, and the `emshim` verbs.
pub mod cli;
pub mod declarations;
pub mod log;
pub mod replay;
pub mod shim;
