//! Finished wheels for others: lock files, pages, documentation, and a server to look at them.

pub mod docs;
pub mod lock;
pub mod page;
pub mod serve;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use publish::draft::Draft;
use publish::packages::Packages;
use wheel_build::files::absolute;
use wheel_build::session::Session;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::ui::{self, Ui};

/// What is published, for which target, and where to.
#[derive(Debug, Args)]
pub struct Selection {
    /// Wheel files, and packages by name from the index that pip is configured for; what they need
    /// comes with them
    #[arg(required = true, value_name = "WHEEL|NAME")]
    wheels: Vec<String>,
    /// The folder to write; one that emshim has written and nobody has changed is replaced
    /// [default: `site`, of `docs` `lite`]
    #[arg(short, long, value_name = "DIR")]
    outdir: Option<Utf8PathBuf>,
    /// A further folder of wheels to choose from (repeatable)
    #[arg(long, value_name = "DIR")]
    find_links: Vec<Utf8PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

impl Selection {
    /// A draft for the folder, asked for first: what it refuses is known before anything slow begins.
    fn draft(&self, verb: &str, default: &str) -> Result<Draft, CliError> {
        let folder = self.outdir.as_deref().unwrap_or(default.into());
        Ok(Draft::of(folder, verb)?)
    }

    fn session(&self) -> Result<Session, CliError> {
        Ok(Session::prepare(&self.target.wanted(), &Ui::quiet())?)
    }

    /// The wheels and what they need; `further` are wanted beside them.
    fn packages(&self, session: &Session, further: &[String]) -> Result<Packages, CliError> {
        let links: Result<Vec<_>, _> = self.find_links.iter().map(|dir| absolute(dir)).collect();
        let cwd = absolute(".".into())?;
        Ok(Packages::collect(
            session,
            &self.wheels,
            further,
            &links?,
            &cwd,
        )?)
    }
}

/// The folder of verbs that name no other.
const FOLDER: &str = "site";

/// The requirement of the release's own micropip: who uses another lock file than the release's has
/// no other place to get it from.
pub fn micropip(session: &Session) -> Vec<String> {
    let own = session.lock.micropip.first();
    let own = own.map(|own| format!("{}=={}", own.name, own.version));
    own.into_iter().collect()
}

/// The text of the lock file of the session's Pyodide.
pub fn release(session: &Session) -> Result<String, CliError> {
    let path = session.lock.path.as_path();
    std::fs::read_to_string(path).map_err(CliError::io("cannot read", path))
}

/// Puts a draft in its place, and says what is there and how it is used.
fn finish(
    draft: Draft,
    packages: &Packages,
    next: impl Fn(&Utf8Path) -> String,
) -> Result<(), CliError> {
    let size = ui::bytes(draft.size());
    let place = draft.place()?;
    let count = packages.all.len();
    let noun = if count == 1 { "package" } else { "packages" };
    ui::answer(&format!(
        "{place}: {count} {noun}, {size}\n{}",
        next(&place)
    ))
}
