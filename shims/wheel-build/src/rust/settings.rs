//! What the user has set for cargo, and what of it has to be carried over.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use provision::{RUST_TARGET, Rust, Store};

use super::cargo_home::cargo_home;
use super::cfg;
use super::given::Given;
use crate::error::WheelBuildError;
use crate::trial::output_of;

/// The Rust of a build or a shell, and what the user's settings give it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The Rust in use, if one is known to be.
    pub rust: Option<Rust>,
    /// The `CARGO_HOME`, where it is not the user's.
    pub home: Option<Utf8PathBuf>,
    /// Flags of rustc that would count if emshim set none.
    pub flags: Vec<String>,
}

/// The variable of cargo's in which flags may hold spaces, and which comes before all others.
pub(super) const ENCODED_FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";

/// What stands between flags in [`ENCODED_FLAGS`].
pub(super) const SEPARATOR: &str = "\x1f";

impl Settings {
    /// Those of cargo in a folder. A Rust of emshim's own gets a `CARGO_HOME` in the store.
    ///
    /// # Errors
    /// That cannot be written.
    pub fn of(
        store: &Store,
        rust: Option<Rust>,
        folder: &Utf8Path,
        given: &Given,
    ) -> Result<Self, WheelBuildError> {
        let home = match rust.as_ref().filter(|rust| rust.is_own()) {
            Some(_) => Some(cargo_home(store, given)?),
            None => None,
        };
        let flags = flags(given, || {
            let Some(rust) = &rust else {
                return Configured::default();
            };
            let ask = |key: &str| ask(rust, home.as_deref(), folder, key);
            Configured::of(&ask, || facts(rust))
        });
        Ok(Self { rust, home, flags })
    }

    /// Those of a shell in its folder, with emshim's own Rust if it is in the store.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn of_shell(store: &Store, folder: &Utf8Path) -> Result<Self, WheelBuildError> {
        Self::of(
            store,
            provision::look_for_rust(store),
            folder,
            &Given::capture(),
        )
    }
}

/// The flags that cargo would use: two variables come before its configuration, in which those of
/// targets come before those of every build.
fn flags(given: &Given, configured: impl FnOnce() -> Configured) -> Vec<String> {
    let owned = |words: &mut dyn Iterator<Item = &str>| words.map(str::to_owned).collect();
    if let Some(encoded) = given.get(ENCODED_FLAGS) {
        return owned(&mut encoded.split(SEPARATOR));
    }
    if let Some(plain) = given.get("RUSTFLAGS") {
        return owned(&mut plain.split_whitespace());
    }
    let Configured { target, build } = configured();
    if target.is_empty() { build } else { target }
}

/// Flags of cargo's configuration.
#[derive(Debug, Default)]
struct Configured {
    /// Of the target, by its name and by conditions that hold for it.
    target: Vec<String>,
    /// Of every build.
    build: Vec<String>,
}

impl Configured {
    /// What a configuration answers, for a target of these facts.
    fn of(
        ask: &impl Fn(&str) -> Option<serde_json::Value>,
        facts: impl FnOnce() -> String,
    ) -> Self {
        let key = |key: &str| ask(key).and_then(words).unwrap_or_default();
        // Alone in its key, the table of this name has the target's variable too.
        let mut target = key(&format!("target.{RUST_TARGET}.rustflags"));
        let tables = ask("target").and_then(|all| serde_json::from_value(all).ok());
        let mut tables: BTreeMap<String, Table> = tables.unwrap_or_default();
        tables.retain(|name, table| name.starts_with("cfg(") && table.rustflags.is_some());
        if !tables.is_empty() {
            let facts = facts();
            let facts: Vec<&str> = facts.lines().collect();
            let holding = tables
                .into_iter()
                .filter(|(name, _)| cfg::holds(name, &facts));
            target.extend(
                holding
                    .filter_map(|(_, table)| words(table.rustflags?))
                    .flatten(),
            );
        }
        Self {
            target,
            build: key("build.rustflags"),
        }
    }
}

/// A table of a target, as far as it counts here.
#[derive(serde::Deserialize)]
struct Table {
    rustflags: Option<serde_json::Value>,
}

/// Flags as cargo takes them, a list or a text with spaces between them.
fn words(value: serde_json::Value) -> Option<Vec<String>> {
    match value {
        serde_json::Value::String(text) => {
            Some(text.split_whitespace().map(str::to_owned).collect())
        }
        list => serde_json::from_value(list).ok(),
    }
}

/// What rustc says of the target.
fn facts(rust: &Rust) -> String {
    let mut command = Command::new(rust.bin.join("rustc"));
    // A project's pinned toolchain is not asked.
    command
        .args(["--print", "cfg", "--target", RUST_TARGET])
        .current_dir("/");
    output_of(&mut command).unwrap_or_default()
}

/// The value of a key of cargo's configuration, of files and variables, in a folder. The command is
/// one that cargo may change: an answer that cannot be had is none.
fn ask(
    rust: &Rust,
    home: Option<&Utf8Path>,
    folder: &Utf8Path,
    key: &str,
) -> Option<serde_json::Value> {
    let mut command = Command::new(rust.bin.join("cargo"));
    command
        .args([
            "-Zunstable-options",
            "config",
            "get",
            "--format",
            "json-value",
            key,
        ])
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(folder);
    if let Some(home) = home {
        command.env("CARGO_HOME", home);
    }
    serde_json::from_str(&output_of(&mut command).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_are_those_that_cargo_would_use() {
        let of = |variables: &[(&str, &str)]| Given::of(variables.iter().copied());
        let configured = |table: serde_json::Value| {
            let pointer = |key: &str| format!("/{}", key.replace('.', "/"));
            let ask = move |key: &str| table.pointer(&pointer(key)).cloned();
            move || Configured::of(&ask, || "unix\ntarget_arch=\"wasm32\"".to_owned())
        };
        let none = || configured(json!({}));
        let plain = ("RUSTFLAGS", " -Ca  -Cb ");
        assert_eq!(flags(&of(&[plain]), none()), ["-Ca", "-Cb"]);
        let encoded = (ENCODED_FLAGS, "--cfg\x1fx y");
        assert_eq!(flags(&of(&[plain, encoded]), none()), ["--cfg", "x y"]);
        assert!(flags(&of(&[]), none()).is_empty());
        let builds = || configured(json!({"build": {"rustflags": ["-Cc"]}}));
        assert_eq!(flags(&of(&[]), builds()), ["-Cc"]);
        assert_eq!(flags(&of(&[plain]), builds()), ["-Ca", "-Cb"]);
        let all = configured(json!({
            "build": {"rustflags": ["-Cc"]},
            "target": {
                "cfg(windows)": {"rustflags": ["-Cno"]},
                "cfg(unix)": {"rustflags": "-Ce -Cf", "runner": "x"},
                "cfg(target_arch = \"wasm32\")": {"rustflags": ["-Cd"]},
                "cfg(true)": {"linker": "x"},
                RUST_TARGET: {"rustflags": ["-Ct"]},
                "x86_64-unknown-linux-gnu": {"rustflags": ["-Cno"]},
            },
        }));
        assert_eq!(flags(&of(&[]), all), ["-Ct", "-Cd", "-Ce", "-Cf"]);
    }
}
