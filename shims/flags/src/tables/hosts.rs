//! Folders and libraries that belong to the build machine, not to the target.

/// Folders whose headers are the host's, with everything below them; so are those below
/// [`LIBRARY_DIRS`].
pub static INCLUDE_DIRS: &[&str] = &[
    "/include",
    "/opt/homebrew/include",
    "/opt/local/include",
    "/usr/include",
    "/usr/local/include",
];

/// Folders whose libraries are the host's, with everything below them.
pub static LIBRARY_DIRS: &[&str] = &[
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt/homebrew/lib",
    "/opt/local/lib",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/opt",
];

/// Folders whose `.pc` files are the host's, besides those below [`LIBRARY_DIRS`].
pub static PKG_CONFIG_DIRS: &[&str] = &[
    "/opt/homebrew/share/pkgconfig",
    "/opt/local/share/pkgconfig",
    "/usr/local/share/pkgconfig",
    "/usr/share/pkgconfig",
];

/// Folders whose programs are the host's.
pub static PROGRAM_DIRS: &[&str] = &[
    "/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "/sbin",
    "/usr/bin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/sbin",
];

/// Folder names under which Python packages are installed: headers and libraries there belong to
/// packages (pybind11, NumPy), wherever the folder is.
pub static PACKAGE_DIRS: &[&str] = &["dist-packages", "site-packages"];

/// Whether `path`, absolute and without `..`, is one of `dirs` or below one of them.
#[must_use]
pub fn is_below(path: &str, dirs: &[&str]) -> bool {
    dirs.iter().any(|dir| {
        path.strip_prefix(dir)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// When a library is left out of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Never needed: what it holds is in Emscripten's C library, or nowhere.
    Always,
    /// Comes with the interpreter; a side module finds its symbols when it is loaded. A program
    /// that asks for it gets the linker's "not found".
    InModules,
}

/// Libraries of a Unix system that Emscripten does not have under that name, sorted, with the
/// reason each is left out. `pythonX.Y` is recognised by its beginning.
pub static LIBRARIES: &[(&str, Absent, &str)] = &[
    (
        "atomic",
        Absent::Always,
        "atomics are in Emscripten's compiler runtime",
    ),
    (
        "ffi",
        Absent::InModules,
        "libffi is part of the runtime of Pyodide 0.29 and 314",
    ),
    (
        "gcc",
        Absent::Always,
        "gcc's runtime; Emscripten links its own",
    ),
    (
        "gcc_eh",
        Absent::Always,
        "gcc's runtime; Emscripten links its own",
    ),
    (
        "gcc_s",
        Absent::Always,
        "gcc's runtime; Emscripten links its own",
    ),
    (
        "pthread",
        Absent::Always,
        "Pyodide 0.29 and 314 have no threads; the C library holds the stubs",
    ),
    (
        "python",
        Absent::InModules,
        "the interpreter is the program that loads the module",
    ),
    (
        "quadmath",
        Absent::Always,
        "gfortran's arithmetic of 128 bits, which no code of this target uses",
    ),
    ("util", Absent::Always, "part of the C library"),
];

/// Emscripten's own libraries, which it links to programs by itself, often in a variant with a dash
/// (`c-debug`, `compiler_rt-wasm-sjlj`), sorted. autoconf copies them from a compiler's talk (`-v`)
/// into FLIBS, and from there they reach the links of modules. Source: `tools/system_libs.py`.
pub static OWN_LIBRARIES: &[&str] = &[
    "GL",
    "al",
    "c",
    "c++",
    "c++abi",
    "compiler_rt",
    "dlmalloc",
    "emmalloc",
    "html5",
    "mimalloc",
    "sockets",
    "stubs",
    "unwind",
];

/// Those of them that people name themselves: without a variant they are what was asked for. The C
/// library is not: a module with one of its own has another `errno`, other streams, another locale.
const ASKED_FOR: &[&str] = &["GL", "c++", "c++abi"];

const IN_RUNTIME: &str =
    "Emscripten's own library for programs; a module finds it in the Pyodide runtime";

/// The reason a library is left out, and when, by its name after `-l`.
#[must_use]
pub fn absent(name: &str) -> Option<(Absent, &'static str)> {
    let versioned = |rest: &str| {
        rest.bytes()
            .all(|b| b.is_ascii_digit() || b".tdmu".contains(&b))
    };
    let name = match name.strip_prefix("python") {
        Some(rest) if versioned(rest) => "python",
        _ => name,
    };
    let (base, variant) = name
        .split_once('-')
        .map_or((name, None), |(b, v)| (b, Some(v)));
    let own = OWN_LIBRARIES.binary_search(&base).is_ok();
    if own && (variant.is_some() || !ASKED_FOR.contains(&base)) {
        return Some((Absent::InModules, IN_RUNTIME));
    }
    let at = LIBRARIES.binary_search_by_key(&name, |row| row.0).ok()?;
    let (_, when, why) = LIBRARIES[at];
    Some((when, why))
}
