//! Sources that clear a floating-point flag and read none. WebAssembly has no such flags, and Emscripten's
//! `fenv.h` no names for them, as C has it of what a machine lacks (C17, 7.6): so such a source does not
//! compile, though there is nothing to clear. With names that stand for no flag at all it does what it means,
//! also where it puts the whole environment aside and back, in which no operation leaves a trace. A source that
//! reads, sets or traps flags, or keeps single ones, is left alone: no name would make that work.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

/// The flags that C names.
const FLAGS: [&str; 5] = [
    "FE_DIVBYZERO",
    "FE_INEXACT",
    "FE_INVALID",
    "FE_OVERFLOW",
    "FE_UNDERFLOW",
];

/// Clears flags.
const CLEAR: &str = "feclearexcept";

/// The header, and functions of which no caller learns a flag.
const HARMLESS: [&str; 6] = [
    CLEAR,
    "fegetenv",
    "feholdexcept",
    "fenv",
    "fesetenv",
    "feupdateenv",
];

/// The definitions by which a compile of C or C++ may work, by what its sources say.
pub(crate) fn definitions(argv: &[OsString], cwd: &Path) -> Vec<String> {
    let sources = argv[1..].iter().map(|word| cwd.join(word));
    let sources = sources.filter(|path| is_source(path));
    let texts: Vec<Vec<u8>> = sources
        .filter_map(|path| std::fs::read(path).ok())
        .collect();
    flags_only_cleared(&texts.concat())
        .iter()
        .map(|flag| format!("-D{flag}=0"))
        .collect()
}

fn is_source(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ["c", "cc", "cpp", "cxx", "c++", "C"].contains(&ending))
}

/// The flags that a text names, if it does nothing with flags but clear them.
fn flags_only_cleared(text: &[u8]) -> Vec<&'static str> {
    let words = text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let names: BTreeSet<&str> = words
        .filter_map(|word| std::str::from_utf8(word).ok())
        .collect();
    let other = |name: &&str| {
        let flags = name.starts_with("fe") && (name.contains("except") || name.ends_with("env"));
        flags && !HARMLESS.contains(name)
    };
    let clears = names.contains(CLEAR) && !names.iter().any(other);
    let flags = FLAGS
        .into_iter()
        .filter(|flag| clears && names.contains(flag));
    flags.collect()
}

#[cfg(test)]
mod tests {
    use super::flags_only_cleared;

    #[test]
    fn only_a_source_that_clears_flags_and_reads_none_gets_names() {
        let cleared = b"#include <fenv.h>\nif (feclearexcept(FE_INVALID | FE_OVERFLOW)) fail();";
        assert_eq!(flags_only_cleared(cleared), ["FE_INVALID", "FE_OVERFLOW"]);
        let aside = b"feholdexcept(&env); x = f(); feclearexcept(FE_INVALID); feupdateenv(&env);";
        assert_eq!(flags_only_cleared(aside), ["FE_INVALID"]);
        for text in [
            "feclearexcept(FE_INVALID); y = f(x); return fetestexcept(FE_INVALID);",
            "feclearexcept(FE_INVALID); feraiseexcept(FE_INVALID);",
            "feholdexcept(&env); feclearexcept(FE_INVALID); return fetestexcept(FE_INVALID);",
            "fegetexceptflag(&kept, FE_INVALID); feclearexcept(FE_INVALID);",
            "feclearexcept(FE_INVALID); feenableexcept(FE_INVALID);",
            "int FE_INVALID_COUNT, FE_INVALID;",
            "feclearexcept(FE_ALL_EXCEPT);",
        ] {
            assert!(flags_only_cleared(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
