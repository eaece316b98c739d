//! What a link makes.

/// What a link makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Makes {
    /// A side module.
    Module,
    /// A program in one file, which is JavaScript with the code in it.
    Program,
}

/// emcc's setting by which a link is known for one of a program in one file.
pub(super) const ONE_FILE: &str = "SINGLE_FILE";

/// emcc's settings of a program alone, whose effect is in its JavaScript too.
pub const OF_PROGRAMS: &[&str] = &["ALLOW_MEMORY_GROWTH", ONE_FILE, "STACK_SIZE"];
