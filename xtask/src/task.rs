//! What all tasks need: cargo, the binary under test, folders.

use camino::{Utf8Path, Utf8PathBuf};
use duct::Expression;

/// What a task comes to.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Builds the release binary and gives its path, unless the environment names one: long tasks can so
/// run beside work on the sources.
pub fn build_emshim() -> Result<Utf8PathBuf> {
    if let Ok(named) = std::env::var(emshim_tests::real::EMSHIM) {
        return Ok(named.into());
    }
    cargo(["build", "--release", "--package", "emshim", "--quiet"])?;
    Ok(target().join("release/emshim"))
}

/// Cargo's target folder.
pub fn target() -> Utf8PathBuf {
    let target = std::env::var("CARGO_TARGET_DIR").map(Utf8PathBuf::from);
    target.unwrap_or_else(|_| root().join("target"))
}

/// The repository.
pub fn root() -> &'static Utf8Path {
    let manifest = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Runs cargo.
pub fn cargo<const N: usize>(words: [&str; N]) -> Result {
    run(duct::cmd(env!("CARGO"), words))
}

/// Runs a command in the repository's root; its failure ends the task.
pub fn run(command: Expression) -> Result {
    eprintln!("+ {command:?}");
    command.dir(root()).run()?;
    Ok(())
}
