//! Kinds of files in wheels, by their names.

use pyodide_wheel::wheel;

/// A kind, and whether a path is of it.
type Kind = (&'static str, fn(&str) -> bool);

/// In the order in which they are asked.
const KINDS: &[Kind] = &[
    ("metadata", |path| {
        path.split('/')
            .next()
            .is_some_and(|top| top.ends_with(".dist-info"))
    }),
    ("tests", wheel::is_test),
    ("modules", |path| {
        let file = name(path);
        file.ends_with(".so") || file.contains(".so.") || file.ends_with(".wasm")
    }),
    ("Python", |path| ends(path, &["py", "pyc"])),
    ("stubs of types", |path| ends(path, &["pyi", "typed"])),
    ("headers and static libraries", wheel::is_header),
    ("sources", |path| {
        ends(
            path,
            &[
                "c", "cc", "cpp", "cxx", "f", "f90", "pxd", "pxi", "pyx", "rs",
            ],
        )
    }),
];

/// Everything else.
const OTHER: &str = "other";

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn ends(path: &str, suffixes: &[&str]) -> bool {
    let suffix = name(path).rsplit_once('.').map(|(_, suffix)| suffix);
    suffix.is_some_and(|suffix| suffixes.contains(&suffix))
}

/// The kind of a file.
pub fn of(path: &str) -> &'static str {
    let kind = KINDS.iter().find(|(_, is)| is(path));
    kind.map_or(OTHER, |(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_name() {
        for (path, kind) in [
            ("p-1.dist-info/tests/x.py", "metadata"),
            ("p/tests/data/x.so", "tests"),
            ("p/test_a.py", "tests"),
            ("p/m.cpython-314-wasm32-emscripten.so", "modules"),
            ("p/libx.so.1", "modules"),
            ("p/latest.py", "Python"),
            ("p/latest.pyc", "Python"),
            ("p/py.typed", "stubs of types"),
            ("p/x.h", "headers and static libraries"),
            ("p/x.pyx", "sources"),
            ("p/README", "other"),
        ] {
            assert_eq!(of(path), kind, "{path}");
        }
    }
}
