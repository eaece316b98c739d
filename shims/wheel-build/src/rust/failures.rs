//! What a failed build of Rust says, in one line with a remedy.

use provision::{RUST_TARGET, Rust};

/// What tools print, and what can be done about it. `{}` stands for what follows the text on its
/// line, up to a quote or a space.
const ROWS: &[(&str, &str)] = &[
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
    (
        "is not available on the stable release channel",
        "a crate uses features of nightly Rust, and {rust} is stable: turn the feature of the crate \
         off, or put a nightly with the standard library of {target} in PATH",
    ),
    (
        "`#![feature]` may not be used on the",
        "a crate uses features of nightly Rust, and {rust} is stable: turn the feature of the crate \
         off, or put a nightly with the standard library of {target} in PATH",
    ),
    // cargo, of a crate that rustc refuses: the last, for any other reason.
    (
        "could not compile `",
        "the crate {} does not compile for {target}, which has no threads, sockets or processes: \
         `cargo tree --invert {}` names what brings it, where a feature may turn it off",
    ),
];

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
                "error[E0432]: ...\nerror: could not compile `mio` (lib) due to 3 errors",
                ["crate mio", "cargo tree --invert mio"],
            ),
        ] {
            let line = explain(output, &rust).unwrap();
            for part in parts {
                assert!(line.contains(part), "{line}");
            }
            assert!(!line.contains('{') && !line.contains('\n'), "{line}");
        }
        assert_eq!(explain("error: linking failed", &rust), None);
    }
}
