//! Rust extension modules: whether a package needs Rust, whose Rust compiles it, and what cargo and
//! its callers are told.

mod cargo_home;
mod cfg;
mod failures;
mod given;
mod settings;
mod users;
mod variables;

use std::fs;

use camino::Utf8Path;
use provision::{Env, Progress, RUST_TARGET, Rust};

use crate::error::WheelBuildError;
use crate::session::Session;
pub use failures::{explain, explain_import};
pub use given::Given;
pub use settings::Settings;
use variables::overridden;
pub use variables::{Place, variables};

/// Build requirements that compile Rust, by their normalized names.
const COMPILERS: &[&str] = &["maturin", "setuptools-rust"];

/// Why a package needs Rust, in words for a message: a build requirement, or the manifest at its top.
#[must_use]
pub fn needed(requirements: &[String], source: &Utf8Path) -> Option<String> {
    let requirement = requirements
        .iter()
        .map(|text| project(text))
        .find(|name| COMPILERS.contains(&name.as_str()));
    match requirement {
        Some(name) => Some(format!("its build requirement {name}")),
        None => source
            .join(MANIFEST)
            .is_file()
            .then(|| format!("its {MANIFEST}")),
    }
}

/// Cargo's description of a package.
const MANIFEST: &str = "Cargo.toml";

/// The normalized project of a requirement such as `Setuptools_Rust>=1.7`.
fn project(requirement: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name = requirement.trim().split(|c| !part(c)).next();
    name.unwrap_or_default()
        .to_ascii_lowercase()
        .replace(['_', '.'], "-")
}

/// The Rust for a build that needs one: the user's own if it works, else emshim's.
///
/// # Errors
/// There is none, and none can be had.
pub fn provide(
    session: &Session,
    why: &str,
    progress: &dyn Progress,
) -> Result<Rust, WheelBuildError> {
    let env = Env::capture();
    let unfit = match users::find(session, &env, progress)? {
        users::Users::Fit(rust) => return Ok(rust),
        users::Users::Unfit(unfit) => Some(unfit),
        users::Users::None => None,
    };
    match provision::provision_rust(&env, &session.store, progress) {
        Ok(own) => {
            if let Some(unfit) = unfit {
                let (version, origin) = (&own.version, &own.origin);
                progress.note(&format!(
                    "note: {unfit}: Rust {version} of {origin} is used"
                ));
            }
            Ok(own)
        }
        Err(error) => Err(WheelBuildError::Message(format!(
            "{why} needs Rust, and emshim has none: {}; {}put a rustc and cargo with the standard \
             library of {RUST_TARGET} in PATH (`rustup target add {RUST_TARGET}`), or build where \
             emshim can get them (`emshim doctor`)",
            error.to_string().trim_end(),
            unfit.map(|unfit| unfit + "; ").unwrap_or_default(),
        ))),
    }
}

/// Names a toolchain that a project pins and that is not the one in use.
pub fn note_pinned(source: &Utf8Path, rust: &Rust, progress: &dyn Progress) {
    for name in ["rust-toolchain.toml", "rust-toolchain"] {
        let Ok(text) = fs::read_to_string(source.join(name)) else {
            continue;
        };
        if let Some(channel) = channel(&text)
            && channel != "stable"
            && !format!("{}.", rust.version).starts_with(&format!("{channel}."))
        {
            progress.note(&format!(
                "note: {name} asks for Rust {channel}, which is not obeyed: {} ({}) is used",
                rust.version, rust.origin
            ));
        }
        return;
    }
}

/// Names the user's variables that a build does not obey.
pub fn note_overridden(own: &[(String, String)], given: &Given, progress: &dyn Progress) {
    let names = overridden(own, given);
    if !names.is_empty() {
        progress.note(&format!(
            "note: {} as the environment has it is not obeyed: emshim sets it for {RUST_TARGET}",
            names.join(", ")
        ));
    }
}

/// The channel that a toolchain file names: by TOML, or alone in a file of the old form.
fn channel(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let value = |line: &'_ str| -> Option<usize> {
        let rest = line.strip_prefix("channel")?.trim_start();
        rest.starts_with('=').then(|| line.len() - rest.len() + 1)
    };
    if let Some(line) = lines.clone().find(|line| value(line).is_some()) {
        let rest = line[value(line)?..].trim_start();
        let quote = rest.chars().next().filter(|c| "\"'".contains(*c))?;
        return rest[1..].split(quote).next();
    }
    lines.next().filter(|line| !line.starts_with(['[', '#']))
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    fn temporary() -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(dir.path().to_owned()).unwrap();
        (dir, path)
    }

    #[test]
    fn a_requirement_or_a_manifest_tells_that_rust_is_needed() {
        let (_dir, root) = temporary();
        let needed = |list: &[&str]| {
            let list: Vec<_> = list.iter().map(|text| (*text).to_owned()).collect();
            needed(&list, &root)
        };
        for text in [
            "maturin>=1.9,<2",
            "Setuptools_Rust",
            "maturin [zig] ; python_version>'3'",
        ] {
            assert!(needed(&["wheel", text]).is_some(), "{text}");
        }
        assert_eq!(needed(&["setuptools", "maturin-import-hook"]), None);
        fs::write(root.join(MANIFEST), "").unwrap();
        assert!(needed(&[]).unwrap().contains(MANIFEST));
    }

    #[test]
    fn a_toolchain_files_channel_is_read_in_both_forms() {
        for (text, expected) in [
            ("[toolchain]\nchannel = \"1.80\"\n", Some("1.80")),
            (
                "[toolchain]\n channel='nightly-2026-01-01' # x\n",
                Some("nightly-2026-01-01"),
            ),
            ("nightly\n", Some("nightly")),
            ("[toolchain]\npath = \"/x\"\n", None),
            ("", None),
        ] {
            assert_eq!(channel(text), expected, "{text}");
        }
    }
}
