//! What a file is by its suffix, as gcc and clang see it.

use crate::os_str;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What an input of the compiler driver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// C: a C++ driver takes it for C++.
    C,
    /// C++, Objective-C++ or preprocessed C++.
    Cxx,
    /// What is the same to every driver: Objective-C, assembly to preprocess, LLVM's own forms.
    Neutral,
    /// Assembly as it is: it takes no flags for a language.
    Assembly,
    /// A header: given alone it becomes a precompiled header.
    Header,
    /// Fortran.
    Fortran,
    /// Whatever the linker reads: objects, archives, modules.
    Linkable,
}

impl Kind {
    /// Whether the compiler reads it.
    #[must_use]
    pub fn is_source(self) -> bool {
        self != Self::Linkable
    }
}

/// Suffixes after the last dot, sorted. Sources: gcc's "Overall Options", `emcc.py`.
#[rustfmt::skip]
pub static SUFFIXES: &[(&str, Kind)] = &[
    ("C", Kind::Cxx), ("CC", Kind::Cxx), ("CPP", Kind::Cxx), ("CXX", Kind::Cxx),
    ("F", Kind::Fortran), ("F03", Kind::Fortran), ("F08", Kind::Fortran), ("F77", Kind::Fortran),
    ("F90", Kind::Fortran), ("F95", Kind::Fortran), ("FOR", Kind::Fortran), ("FPP", Kind::Fortran),
    ("FTN", Kind::Fortran),
    ("H", Kind::Header), ("HH", Kind::Header), ("HPP", Kind::Header), ("HXX", Kind::Header),
    ("M", Kind::Cxx), ("S", Kind::Neutral),
    ("bc", Kind::Neutral), ("c", Kind::C), ("c++", Kind::Cxx), ("cc", Kind::Cxx), ("cp", Kind::Cxx),
    ("cpp", Kind::Cxx), ("cppm", Kind::Cxx), ("cxx", Kind::Cxx),
    ("f", Kind::Fortran), ("f03", Kind::Fortran), ("f08", Kind::Fortran), ("f77", Kind::Fortran),
    ("f90", Kind::Fortran), ("f95", Kind::Fortran), ("for", Kind::Fortran), ("fpp", Kind::Fortran),
    ("ftn", Kind::Fortran),
    ("h", Kind::Header), ("h++", Kind::Header), ("hh", Kind::Header), ("hp", Kind::Header),
    ("hpp", Kind::Header), ("hxx", Kind::Header),
    ("i", Kind::C), ("ii", Kind::Cxx), ("ll", Kind::Neutral), ("m", Kind::Neutral), ("mi", Kind::Neutral),
    ("mii", Kind::Cxx), ("mm", Kind::Cxx), ("s", Kind::Assembly), ("sx", Kind::Neutral),
];

/// The part of a file name after its last dot; empty where there is none.
#[must_use]
pub fn suffix(path: &OsStr) -> &OsStr {
    let bytes = path.as_bytes();
    let name = bytes.rsplit(|&b| b == b'/').next().unwrap_or_default();
    match name.iter().rposition(|&b| b == b'.') {
        Some(dot) if dot > 0 => OsStr::from_bytes(&name[dot + 1..]),
        _ => OsStr::new(""),
    }
}

/// What `path` is by its suffix. `/dev/null` is a C source, as it is for emcc.
#[must_use]
pub fn kind(path: &OsStr) -> Kind {
    if path == "/dev/null" {
        return Kind::C;
    }
    let by_suffix = suffix(path)
        .to_str()
        .and_then(|s| SUFFIXES.binary_search_by_key(&s, |row| row.0).ok());
    by_suffix.map_or(Kind::Linkable, |at| SUFFIXES[at].1)
}

/// What `-x LANGUAGE` makes of the inputs after it; `None` for `-x none`, back to the suffix.
#[must_use]
pub fn language(name: &str) -> Option<Kind> {
    match name {
        "none" => None,
        "assembler" => Some(Kind::Assembly),
        "assembler-with-cpp" | "ir" => Some(Kind::Neutral),
        _ if name.starts_with('f') => Some(Kind::Fortran),
        _ if name.ends_with("header") => Some(Kind::Header),
        _ if name.contains("c++") => Some(Kind::Cxx),
        _ => Some(Kind::C),
    }
}

/// Whether a link to this output is one of a shared library, by the name alone: `x.so`,
/// `x.so.1.2`, `x.dylib`.
#[must_use]
pub fn names_shared_library(output: &OsStr) -> bool {
    let Some(mut name) = output.to_str() else {
        return false;
    };
    while let Some((rest, version)) = name.rsplit_once('.')
        && !version.is_empty()
        && version.bytes().all(|b| b.is_ascii_digit())
    {
        name = rest;
    }
    name.ends_with(".so") || name.ends_with(".dylib") && name.len() == output.len()
}

/// The source among a command's words that an output of it was made of: the only one, or that
/// which the output is named after, as in `a.o` or, made in passing, `a-0.o`.
#[must_use]
pub fn source_of<'w>(output: &OsStr, words: &'w [OsString]) -> Option<&'w OsString> {
    let sources: Vec<&OsString> = words.iter().filter(|word| kind(word).is_source()).collect();
    if let [one] = *sources {
        return Some(one);
    }
    let stem = |path: &OsStr| Path::new(path).file_stem().map(OsStr::to_owned);
    let object = stem(output)?;
    sources.into_iter().find(|source| {
        let rest = stem(source)
            .and_then(|source| os_str::strip_prefix(&object, &source.to_string_lossy()));
        rest.is_some_and(|rest| rest.is_empty() || os_str::starts_with(rest, "-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_sorted() {
        assert!(SUFFIXES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn cxx_by_every_suffix_its_users_write() {
        for name in [
            "a.cpp", "a.cxx", "a.C", "a.c++", "a.cc", "a.CPP", "a.mm", "d.x/a.ii",
        ] {
            assert_eq!(kind(name.as_ref()), Kind::Cxx, "{name}");
        }
        for name in ["a.c", "a.i", "/dev/null", "a.b.c"] {
            assert_eq!(kind(name.as_ref()), Kind::C, "{name}");
        }
        for name in ["a.o", "a", "liba.a", "x.so.1.2", "d.c/a", ".c"] {
            assert_eq!(kind(name.as_ref()), Kind::Linkable, "{name}");
        }
    }

    #[test]
    fn shared_libraries_by_name() {
        for name in [
            "x.so",
            "x.so.1",
            "libx.so.1.2.3",
            "x.cpython-313-wasm32.so",
            "x.dylib",
        ] {
            assert!(names_shared_library(name.as_ref()), "{name}");
        }
        for name in [
            "x",
            "x.so.o",
            "x.so.1a",
            "so",
            "x.1.2",
            "x.dylib.1",
            "x.soo",
        ] {
            assert!(!names_shared_library(name.as_ref()), "{name}");
        }
    }
}
