//! The parts of LAPACK.

/// A part of LAPACK that is configured, built and tested in one go.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its name, that of its folders.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Options for CMake.
    pub(super) options: &'static [&'static str],
    /// Targets, all by default.
    pub(super) targets: &'static [&'static str],
    /// Which of the tests, a regular expression for ctest.
    pub(super) tests: &'static str,
}

/// The parts. `all` is everything; the others are what CI has the time for.
pub const PARTS: &[Part] = &[
    Part {
        name: "blas",
        what: "BLAS in all precisions",
        options: &[],
        targets: &[
            "xblat1s", "xblat1d", "xblat1c", "xblat1z", "xblat2s", "xblat2d", "xblat2c", "xblat2z",
            "xblat3s", "xblat3d", "xblat3c", "xblat3z",
        ],
        tests: "^BLAS-",
    },
    Part {
        name: "double",
        what: "LAPACK in double precision",
        options: &[
            "-DBUILD_SINGLE=OFF",
            "-DBUILD_COMPLEX=OFF",
            "-DBUILD_COMPLEX16=OFF",
        ],
        targets: &[],
        tests: "^LAPACK",
    },
    Part {
        name: "all",
        what: "BLAS and LAPACK in all precisions",
        options: &[],
        targets: &[],
        tests: ".",
    },
];

/// A part by its name.
///
/// # Errors
/// There is none of that name.
pub fn part(name: &str) -> Result<&'static Part, String> {
    PARTS.iter().find(|part| part.name == name).ok_or_else(|| {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        format!("no part `{name}` of LAPACK; there are {}", names.join(", "))
    })
}
