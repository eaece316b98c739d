//! What the user has set for cargo, and what of it has to be carried over.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use provision::{RUST_TARGET, Rust, Store};

use super::cargo_home::cargo_home;
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
        let ask = |key: &str| ask(rust.as_ref()?, home.as_deref(), folder, key);
        let flags = flags(given, ask);
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

/// The flags that cargo would use: two variables come before its configuration, in which the
/// target's come before those of every build.
fn flags(given: &Given, ask: impl Fn(&str) -> Option<Vec<String>>) -> Vec<String> {
    let owned = |words: &mut dyn Iterator<Item = &str>| words.map(str::to_owned).collect();
    if let Some(encoded) = given.get(ENCODED_FLAGS) {
        return owned(&mut encoded.split(SEPARATOR));
    }
    if let Some(plain) = given.get("RUSTFLAGS") {
        return owned(&mut plain.split_whitespace());
    }
    let keys = [
        format!("target.{RUST_TARGET}.rustflags"),
        "build.rustflags".to_owned(),
    ];
    keys.iter().find_map(|key| ask(key)).unwrap_or_default()
}

/// The value of a key of cargo's configuration, of files and variables, in a folder. The command is
/// one that cargo may change: an answer that cannot be had is none.
fn ask(rust: &Rust, home: Option<&Utf8Path>, folder: &Utf8Path, key: &str) -> Option<Vec<String>> {
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
    let answer = output_of(&mut command).ok()?;
    match serde_json::from_str(&answer).ok()? {
        serde_json::Value::String(text) => {
            Some(text.split_whitespace().map(str::to_owned).collect())
        }
        list => serde_json::from_value(list).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_that_cargo_would_use() {
        let none = |_: &str| None;
        let of = |variables: &[(&str, &str)]| Given::of(variables.iter().copied());
        let plain = ("RUSTFLAGS", " -Ca  -Cb ");
        assert_eq!(flags(&of(&[plain]), none), ["-Ca", "-Cb"]);
        let encoded = (ENCODED_FLAGS, "--cfg\x1fx y");
        assert_eq!(flags(&of(&[plain, encoded]), none), ["--cfg", "x y"]);
        let builds = |key: &str| (key == "build.rustflags").then(|| vec!["-Cc".to_owned()]);
        assert_eq!(flags(&of(&[]), builds), ["-Cc"]);
        assert_eq!(flags(&of(&[plain]), builds), ["-Ca", "-Cb"]);
        assert!(flags(&of(&[]), none).is_empty());
    }
}
