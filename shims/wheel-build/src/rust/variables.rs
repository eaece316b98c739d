//! What cargo, maturin, setuptools-rust and pyo3 are told, in one table.

use camino::Utf8Path;
use provision::{RUST_CODE, RUST_TARGET};
use pyodide_wheel::source::WORK;
use toolcall::config::ShimConfig;

use super::given::Given;
use super::settings::{ENCODED_FLAGS, SEPARATOR, Settings};

/// What the variables are for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The shim folder.
    pub shims: &'a Utf8Path,
    /// What the shims are told.
    pub config: &'a ShimConfig,
    /// The Rust in use, and the user's settings.
    pub settings: &'a Settings,
    /// The work tree of a build.
    pub work: Option<&'a Utf8Path>,
}

/// rustc would have a linker of its own for the target, which no package of it brings.
const LINK: &[&str] = &["-Clink-self-contained=no"];

type Value = fn(&Place<'_>, &Given) -> Option<String>;

/// Each variable and its value; none where it stays as it is. The build machine's compilers, which
/// build scripts and cargo ask for, are rows of `toolcall::build_machine`.
const VARIABLES: &[(&str, Value)] = &[
    ("CARGO", |place, _| program(place, "cargo")),
    ("CARGO_BUILD_TARGET", |_, _| Some(RUST_TARGET.to_owned())),
    (ENCODED_FLAGS, |place, given| Some(flags(place, given))),
    ("CARGO_HOME", |place, _| {
        place.settings.home.as_deref().map(Utf8Path::to_string)
    }),
    // The user's may hold what was made for another target or by other flags.
    ("CARGO_TARGET_DIR", |place, _| {
        Some(place.work?.join("cargo").into_string())
    }),
    // rustc tells from the name how to speak to it.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_LINKER",
        |place, _| Some(place.shims.join("emcc").into_string()),
    ),
    // For `cargo run` and `cargo test`.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_RUNNER",
        |place, _| Some(place.config.node.to_string()),
    ),
    ("PYO3_CROSS", |_, _| Some("1".to_owned())),
    ("PYO3_CROSS_LIB_DIR", |place, _| sysconfigdata(place.config)),
    ("PYO3_CROSS_PYTHON_VERSION", |place, _| {
        Some(place.config.python.clone())
    }),
    ("RUSTC", |place, _| program(place, "rustc")),
];

/// Rows of the table whose value is made of the user's, or that tools set by themselves.
const MINDED: &[&str] = &[ENCODED_FLAGS, "CARGO", "CARGO_HOME", "CARGO_TARGET_DIR"];

/// The user's variables that a build does not obey: emshim has a value of its own, and another.
#[must_use]
pub(super) fn overridden<'v>(own: &'v [(String, String)], given: &Given) -> Vec<&'v str> {
    let is_row = |name: &str| VARIABLES.iter().any(|(row, _)| *row == name);
    own.iter()
        .filter(|(name, _)| is_row(name) && !MINDED.contains(&name.as_str()))
        .filter(|(name, value)| given.get(name).is_some_and(|users| users != value))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The variables for a place, in an environment that may have been made by this function.
#[must_use]
pub fn variables(place: &Place<'_>, given: &Given) -> Vec<(String, String)> {
    let row = |(name, value): &(&str, Value)| Some(((*name).to_owned(), value(place, given)?));
    VARIABLES.iter().filter_map(row).collect()
}

fn program(place: &Place<'_>, name: &str) -> Option<String> {
    Some(place.settings.rust.as_ref()?.bin.join(name).into_string())
}

/// The folder with the target's `sysconfig`: the last of those that the target's Python gets.
fn sysconfigdata(config: &ShimConfig) -> Option<String> {
    let mut variables = config.cross_env.iter();
    let (_, path) = variables.find(|(name, _)| name == "PYTHONPATH")?;
    path.rsplit(':').next().map(str::to_owned)
}

/// Ours, then the user's, which win.
fn flags(place: &Place<'_>, given: &Given) -> String {
    let owned = |flag: &&str| (*flag).to_owned();
    let mut flags: Vec<String> = [RUST_CODE, LINK].concat().iter().map(owned).collect();
    for (from, to) in remapped(place, given) {
        flags.push(format!("--remap-path-prefix={from}={to}"));
    }
    // An environment made inside another one does not grow.
    let users = place.settings.flags.iter();
    let new: Vec<_> = users
        .filter(|flag| !flags.contains(flag))
        .cloned()
        .collect();
    [flags, new].concat().join(SEPARATOR)
}

/// Folders of this machine whose names a compiler would write into a module, and what it writes.
fn remapped<'a>(place: &Place<'a>, given: &'a Given) -> Vec<(&'a Utf8Path, &'static str)> {
    let users = || given.get("CARGO_HOME").map(Utf8Path::new);
    let home = place.settings.home.as_deref().or_else(users);
    let all = [(home, "/cargo"), (place.work, WORK)];
    all.into_iter()
        .filter_map(|(from, to)| Some((from?, to)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use provision::{Origin, Rust};

    #[test]
    fn users_flags_come_last_and_an_environment_inside_another_does_not_grow() {
        let config: ShimConfig = crate::environment::tests::config();
        let mut settings = Settings {
            rust: Some(Rust {
                bin: "/r".into(),
                version: "1.97.1".into(),
                origin: Origin::Debian {
                    suite: "testing".into(),
                },
            }),
            home: Some("/a b".into()),
            flags: vec!["-Copt-level=1".into()],
        };
        let of = |settings: &Settings| {
            let place = Place {
                shims: "/s".into(),
                config: &config,
                settings,
                work: Some("/w".into()),
            };
            variables(&place, &Given::default())
        };
        let value = |all: &[(String, String)], name: &str| {
            all.iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone())
                .unwrap()
        };
        let first = of(&settings);
        let flags = value(&first, ENCODED_FLAGS);
        assert!(
            flags.starts_with(RUST_CODE[0]) && flags.ends_with("-Copt-level=1"),
            "{flags}"
        );
        assert!(
            flags.contains("--remap-path-prefix=/a b=/cargo\x1f"),
            "{flags}"
        );
        for (name, expected) in [
            ("RUSTC", "/r/rustc"),
            ("CARGO_TARGET_DIR", "/w/cargo"),
            ("CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_LINKER", "/s/emcc"),
            ("PYO3_CROSS_LIB_DIR", "/target/sysconfigdata"),
            ("PYO3_CROSS_PYTHON_VERSION", "3.14"),
        ] {
            assert_eq!(value(&first, name), expected);
        }
        let given = Given::of([
            ("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu"),
            ("CARGO_HOME", "/elsewhere"),
            ("PYO3_CROSS", "1"),
            ("RUSTC", "/r/rustc"),
            ("RUSTC_WRAPPER", "sccache"),
        ]);
        assert_eq!(overridden(&first, &given), ["CARGO_BUILD_TARGET"]);
        settings.flags = flags.split(SEPARATOR).map(str::to_owned).collect();
        assert_eq!(of(&settings), first);
    }
}
