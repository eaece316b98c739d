//! What lies in a shim folder besides the binary, its links and its configuration.

/// emcc's answers about its flags, and the toolchain's to fixed questions.
pub const ANSWERS: &str = "answers";

/// The C of Fortran sources that were translated before.
pub const TRANSLATIONS: &str = "translations";

/// What probes of build systems came to.
pub const PROBES: &str = "probes";

/// The JavaScript of programs that were linked before.
pub const PROGRAMS: &str = "programs";
