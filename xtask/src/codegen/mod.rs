//! `cargo xtask codegen`: the references in `docs/reference/`, and README's table of variables, written
//! from the tables that the program itself uses.

mod cli;
mod configuration;
mod environment;
mod flags;
mod store;
mod table;

use std::fs;

use camino::Utf8PathBuf;
use clap::Args;

use crate::task::{Result, root};

#[derive(Debug, Args)]
pub struct CodegenArgs {
    /// Write nothing; fail when a file is not what would be written
    #[arg(long)]
    pub check: bool,
}

/// What each reference says in its first line.
const GENERATED: &str = "<!-- Written by `cargo xtask codegen`. -->";

/// A file and what it is to hold.
struct Generated {
    path: &'static str,
    text: String,
}

/// Every generated file.
fn all() -> Result<Vec<Generated>> {
    let reference = |path, body: String| Generated {
        path,
        text: format!("{GENERATED}\n{body}"),
    };
    let readme = fs::read_to_string(root().join(environment::README))?;
    Ok(vec![
        reference("docs/reference/cli.md", cli::render()),
        reference("docs/reference/configuration.md", configuration::render()),
        reference("docs/reference/environment.md", environment::render()),
        reference("docs/reference/flags.md", flags::render()),
        reference("docs/reference/store.md", store::render()),
        Generated {
            path: environment::README,
            text: environment::in_readme(&readme)?,
        },
    ])
}

/// Writes the files, or says which are not as they would be written.
pub fn run(args: &CodegenArgs) -> Result {
    let mut stale = Vec::new();
    for Generated { path, text } in all()? {
        let file: Utf8PathBuf = root().join(path);
        if fs::read_to_string(&file).is_ok_and(|now| now == text) {
            continue;
        }
        if args.check {
            stale.push(path);
        } else {
            fs::create_dir_all(file.parent().unwrap_or(root()))?;
            fs::write(&file, text)?;
            eprintln!("wrote {path}");
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not what their tables say: {}; run `cargo xtask codegen`",
        stale.join(", ")
    )
    .into())
}
