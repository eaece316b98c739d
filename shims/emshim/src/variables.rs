//! Every environment variable that emshim reads, in the order of the reference.

/// Who a variable is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A setting of emshim's.
    Setting,
    /// Known elsewhere too, and heeded as there.
    Common,
    /// Set by emshim for the processes it starts: not to be set by users.
    Internal,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Who it is for.
    pub audience: Audience,
    /// What its value says.
    pub says: &'static str,
}

const fn row(name: &'static str, audience: Audience, says: &'static str) -> Variable {
    Variable {
        name,
        audience,
        says,
    }
}

use Audience::{Common, Internal, Setting};

/// The table. Tests hold that each is read, and that nothing else of emshim's is.
#[rustfmt::skip]
pub const VARIABLES: &[Variable] = &[
    row("EMSHIM_HOME", Setting, "where the store is"),
    row("EMSHIM_TARGET", Setting, "the target, as `--target`; `build` and `setup` take several, with commas"),
    row("EMSHIM_EMCC", Setting, "an `emcc` to use before any other"),
    row("EMSHIM_DEBIAN_MIRROR", Setting, "the Debian mirror to provision from, before any that the system knows"),
    row("F2C", Setting, "an f2c to use before any other"),
    row("EMSHIM_SOURCES", Setting, "a folder with the source archives of f2c and libf2c, where apt cannot get them"),
    row("EMSHIM_EXPORTS", Setting, "the symbols a side module exports, as `--exports`"),
    row("EMSHIM_CFLAGS", Setting, "further flags for every compile of a shim"),
    row("EMSHIM_CXXFLAGS", Setting, "further flags for every compile of C++ of a shim, after those"),
    row("EMSHIM_LDFLAGS", Setting, "further flags for every link of a shim"),
    row("EMSHIM_PREFIX", Setting, "prefixes of your own with libraries for the target, with `:` between them; they come before emshim's"),
    row("EMSHIM_DIRECT", Setting, "`0`: run emcc for every compile and link, not clang with emcc's flags nor the commands emcc would run"),
    row("EMSHIM_REPAIR", Setting, "which mismatches of function signatures a link bridges: those proved to be safe; `1`: also those safe by rules of Fortran and C; `0`: none"),
    row("EMSHIM_SIGNATURES", Setting, "`quiet`: compiles note contradicting declarations in the record alone; `warn`, the default, also on stderr"),
    row("EMSHIM_PATCHES", Setting, "which known mistakes of Fortran libraries are corrected: `auto` (those of exactly this file), `off`, or names of sets such as `lapack-3.12.1`, whose files must then be that version's"),
    row("EMSHIM_PROBE_CACHE", Setting, "`1`: configure's probes are answered as before: see [compiler caches](docs/compiler-caches.md)"),
    row("EMSHIM_LAUNCHER", Setting, "what goes in front of clang, as `--launcher`: see [compiler caches](docs/compiler-caches.md)"),
    row("EMSHIM_LOG", Setting, "folder of the records, and of the output of builds"),
    row("EMSHIM_RECORD", Setting, "`off`, `on`, or `required`: fail when a record cannot be written"),
    row("SOURCE_DATE_EPOCH", Common, "the times inside a wheel, in seconds since 1970"),
    row("EMSDK", Common, "an emsdk whose Emscripten is used where it fits, when no `emcc` is in PATH"),
    row("VIRTUAL_ENV", Common, "the environment that `build --no-isolation` means, before a Python in PATH"),
    row("TMPDIR", Common, "where temporary folders are made"),
    row("XDG_CACHE_HOME", Common, "the folder that holds the store where `EMSHIM_HOME` is not set; else `~/.cache`"),
    row("EMSHIM_BUILD", Internal, "names the build that calls are part of"),
    row("EMSHIM_BUILD_PYTHON", Internal, "the interpreter of the build's environment, which `emshim-python` and CMake get"),
    row("EMSHIM_CONFIG_SITE", Internal, "the user's `CONFIG_SITE`, which emshim's site file for configure reads after its own answers"),
    row("EMSHIM_LIBRARIES", Internal, "the prefix of emshim's own libraries that a build finds"),
    row("EMSHIM_NOTICES", Internal, "the stderr of `emshim exec` and `emshim build`, for what must be seen while CMake or configure keeps the output of its trials"),
    row("EMSHIM_CALLER", Internal, "the name, in the log, of the call that a call comes from"),
];
