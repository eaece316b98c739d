//! What a failed build of Rust says, in one line with a remedy.

use provision::{RUST_TARGET, Rust};

/// What tools print, and what can be done about it. `{}` stands for what follows the text on its
/// line, up to a quote or a space.
const ROWS: &[(&str, &str)] = &[
    // The shim that links build scripts, and the linker behind it, where this machine lacks something.
    (
        "it is for a program that the build runs itself",
        "build scripts and macros are compiled for this machine, which has no C compiler: install one, such as gcc \
         with its binutils and the C library's headers (libc6-dev)",
    ),
    (
        "cannot find Scrt1.o",
        "build scripts and macros are compiled for this machine, whose C library has no files for programs: \
         install them (libc6-dev)",
    ),
    // cargo, of a lock file.
    (
        "does not understand this lock file",
        "Cargo.lock was written by a newer cargo than that of {rust}: put a newer Rust with the standard \
         library of {target} in PATH, or build the source without its Cargo.lock",
    ),
    // cargo, of crates beside the source: the folder of a path, and what a member inherits.
    ("Caused by:\n  failed to read `/", OUTSIDE),
    ("failed to find a workspace root", OUTSIDE),
    // cargo, of an edition that it does not know.
    (
        "supported edition values are",
        "the edition of a crate is newer than {rust}: build a version of the package for an older edition, \
         or put a newer Rust with the standard library of {target} in PATH",
    ),
    // cargo, of `rust-version`.
    (
        " is not supported by the following package",
        "a crate asks for a newer Rust than {rust}: build an older version of the package, or put a \
         newer Rust with the standard library of {target} in PATH",
    ),
    // cargo, of a requirement or a lock file.
    (
        "candidate versions found which didn't match",
        "a crate that the package asks for is not in the registry that cargo uses, or not in that version: \
         build another version of the package, or name a registry that has it in cargo's configuration",
    ),
    ("is not available on the stable release channel", NIGHTLY),
    ("`#![feature]` may not be used on the", NIGHTLY),
    // The crate pkg-config.
    ("The system library `", LIBRARY),
    // cargo, of a crate that rustc refuses: the last, for any other reason.
    (
        "could not compile `",
        "the crate {} does not compile for {target}, which has no threads, sockets or processes (`error` \
         above says what is missing): if it is not the package's own, `cargo tree --edges features --invert {}` names \
         what brings it, where a feature may turn it off",
    ),
];

/// Said of a source that is a part of something larger.
const OUTSIDE: &str = "a crate of the source lies outside of its folder, which is all that a build copies: build \
     the sdist, which holds the crate (`maturin sdist`), or the folder above, if it has a pyproject.toml";

/// Said of a crate for a compiler that may change.
const NIGHTLY: &str = "a crate uses features of nightly Rust, and {rust} is stable: turn the feature of the crate \
     off, or put a nightly with the standard library of {target} in PATH";

/// Said of a library that is not there for the target.
const LIBRARY: &str = "a crate needs the native library {}, which is not there for {target}: name it in `libraries` of \
     [tool.emshim] if `emshim library list` has it or you have a recipe, or turn on the crate's feature that \
     compiles it (`vendored`, `bundled`)";

/// What a module says when it is imported, and what can be done about it.
const AT_IMPORT: &[(&str, &str)] = &[(
    "failed to spawn thread",
    "a crate starts a thread while the module is imported, and Pyodide has none: start it on first use, or \
     turn off the feature of the crate that starts it",
)];

/// What can be done about a module that does not import, for a failure that its text tells.
#[must_use]
pub fn explain_import(failure: &str) -> Option<&'static str> {
    let row = AT_IMPORT.iter().find(|(text, _)| failure.contains(text));
    row.map(|(_, remedy)| *remedy)
}

/// The first row of the table that a failed build's output has, as a line.
#[must_use]
pub fn explain(output: &str, rust: &Rust) -> Option<String> {
    ROWS.iter().find_map(|(text, remedy)| {
        let at = output.find(text)?;
        let rest = &output[at + text.len()..];
        let word = rest.split(['`', ' ', '\n']).next().unwrap_or_default();
        let rust = format!("Rust {} ({})", rust.version, rust.origin);
        let line = remedy.replace("{}", word).replace("{rust}", &rust);
        Some(line.replace("{target}", RUST_TARGET))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use provision::Origin;

    #[test]
    fn the_first_cause_is_named_with_its_remedy() {
        let rust = Rust {
            bin: "/r".into(),
            version: "1.97.1".into(),
            origin: Origin::User { how: "PATH".into() },
        };
        for (output, parts) in [
            (
                "supported edition values are `2021`, or `2024`, but `2099` is unknown",
                ["the edition of a crate", "Rust 1.97.1 (PATH)"],
            ),
            (
                "error: rustc 1.97.1 is not supported by the following package:\n  x@1 requires",
                ["newer Rust", "older version"],
            ),
            (
                "failed to load manifest for dependency `core`\n\nCaused by:\n  failed to read `/s/core/Cargo.toml`",
                ["outside of its folder", "maturin sdist"],
            ),
            (
                "The system library `libssl` required by crate `x` was not found.",
                ["native library libssl,", "libraries"],
            ),
            (
                "build-cc: no cc; it is for a program that the build runs itself: install\n\
                 error: could not compile `x` (build script)",
                ["has no C compiler", "gcc"],
            ),
            (
                "error[E0432]: ...\nerror: could not compile `mio` (lib) due to 3 errors",
                ["crate mio", "--invert mio"],
            ),
        ] {
            let line = explain(output, &rust).unwrap();
            for part in parts {
                assert!(line.contains(part), "{line}");
            }
            assert!(!line.contains('{') && !line.contains('\n'), "{line}");
        }
        assert_eq!(explain("error: linking failed", &rust), None);
        let why = "m: PanicException: failed to spawn thread: Os { code: 138 }";
        assert!(explain_import(why).unwrap().contains("on first use"));
        assert_eq!(explain_import("m: ImportError: x"), None);
    }
}
