//! `emshim library`: libraries for the target, built from their sources, that everybody finds.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use provision::Progress as _;
use wheel_build::libraries::{Library, names};
use wheel_build::session::Session;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::ui::{self, Ui};

/// `emshim library`.
#[derive(Debug, Args)]
pub struct LibraryArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the libraries that emshim can build, and which were added
    List(TargetArgs),
    /// Build libraries, and let every build for the target find them
    Add(AddArgs),
    /// Show where a library is from, how it is built, what it provides and where it is
    Show(ShowArgs),
    /// Take libraries out again; what uses them now goes on
    Remove(RemoveArgs),
}

/// `emshim library add`.
#[derive(Debug, Args)]
struct AddArgs {
    /// Names of libraries, or paths of recipes of your own
    #[arg(required = true, value_name = "LIBRARY")]
    libraries: Vec<String>,
    /// A setting of the recipe to turn on (repeatable)
    #[arg(long = "with", value_name = "SETTING")]
    settings: Vec<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// `emshim library show`.
#[derive(Debug, Args)]
struct ShowArgs {
    /// The name of a library, or the path of a recipe
    #[arg(value_name = "LIBRARY")]
    library: String,
    #[command(flatten)]
    target: TargetArgs,
}

/// `emshim library remove`.
#[derive(Debug, Args)]
struct RemoveArgs {
    /// Names of libraries
    #[arg(required = true, value_name = "LIBRARY")]
    libraries: Vec<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Carries out one of the verbs.
///
/// # Errors
/// There is no such library, its source cannot be had, or its build fails.
pub fn run(args: &LibraryArgs) -> Result<ExitCode, CliError> {
    match &args.verb {
        Verb::List(target) => list(target),
        Verb::Add(args) => add(args),
        Verb::Show(args) => show(args),
        Verb::Remove(args) => remove(args),
    }
}

fn list(target: &TargetArgs) -> Result<ExitCode, CliError> {
    let session = Session::without_libraries(&target.wanted(), &Ui::quiet())?;
    let added = session.added_libraries()?;
    let own = added.iter().filter(|one| one.base.is_some());
    let mut all: Vec<Library> = own.cloned().collect();
    for name in names() {
        all.push(Library::choose(name, &[])?);
    }
    let width = all.iter().map(|one| one.recipe.name.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for library in &all {
        let recipe = &library.recipe;
        let state = match added.iter().find(|one| one.recipe.name == recipe.name) {
            Some(one) if one.settings.is_empty() => "added".to_owned(),
            Some(one) => format!("added with {}", one.settings.join(", ")),
            None => String::new(),
        };
        text += &format!(
            "{:width$}  {:12} {:7} {}\n",
            recipe.name, recipe.version, state, recipe.summary
        );
    }
    ui::answer(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn add(args: &AddArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::new();
    let chosen: Result<Vec<Library>, _> = args
        .libraries
        .iter()
        .map(|name| Library::choose(name, &args.settings))
        .collect();
    let chosen = chosen?;
    let mut session = Session::without_libraries(&args.target.wanted(), &ui)?;
    // What is there stays as it is, unless it is chosen anew.
    let mut all = session.added_libraries()?;
    all.retain(|old| chosen.iter().all(|new| new.recipe.name != old.recipe.name));
    all.extend(chosen.iter().cloned());
    all.sort_by(|a, b| a.recipe.name.cmp(&b.recipe.name));
    session.libraries = session.prefix_of(&all)?;
    session.provide_libraries(&all, &ui)?;
    for library in &chosen {
        session.note_library(library)?;
    }
    // Also for those who call a shim with no environment of ours.
    session.shims()?;
    for library in &chosen {
        ui.note(&format!(
            "{} is there for {}",
            library.label(),
            session.target
        ));
    }
    if let Some(prefix) = &session.libraries {
        ui::answer(&format!("{prefix}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &ShowArgs) -> Result<ExitCode, CliError> {
    let session = Session::without_libraries(&args.target.wanted(), &Ui::quiet())?;
    let added = session.added_libraries()?;
    let found = added
        .into_iter()
        .find(|one| one.recipe.name == args.library);
    let is_added = found.is_some();
    let library = match found {
        Some(library) => library,
        None => Library::choose(&args.library, &[])?,
    };
    let resolved = session.resolve(std::slice::from_ref(&library))?;
    let recipe = &library.recipe;
    let source = &recipe.source;
    let mut lines = vec![(
        "library",
        format!("{}: {}", library.label(), recipe.summary),
    )];
    let origins = [
        ("Debian's source package", &source.debian),
        ("sdist of", &source.pypi),
        ("crate", &source.cargo),
        ("path", &source.path),
    ];
    for (what, name) in origins {
        if let Some(name) = name {
            lines.push(("source", format!("{what} {name}")));
        }
    }
    let list = |names: &[String]| names.join(", ");
    let system = format!("{:?}", recipe.build.system).to_lowercase();
    let provides = &recipe.provides;
    let aliases: Vec<String> = provides.aliases.keys().cloned().collect();
    let settings = recipe.settings.iter();
    let settings: Vec<String> = settings
        .map(|(name, setting)| format!("{name} ({})", setting.summary))
        .collect();
    lines.extend([
        ("sha256", source.sha256.clone().unwrap_or_default()),
        (
            "built by",
            format!("{system} {}", recipe.build.options.join(" ")),
        ),
        ("depends", list(&recipe.depends)),
        ("conflicts", list(&recipe.conflicts)),
        ("pkg-config", list(&provides.pkg_config)),
        ("aliases", list(&aliases)),
        ("cmake", list(&provides.cmake)),
        ("libraries", list(&provides.libraries)),
        ("headers", list(&provides.headers)),
        ("programs", list(&provides.programs)),
        ("settings", list(&settings)),
    ]);
    if let Some(own) = resolved.last() {
        let state = match (own.is_built(), is_added) {
            (true, true) => "built, added",
            (true, false) => "built",
            (false, true) => "added, to be built",
            (false, false) => "not built",
        };
        lines.push(("state", state.to_owned()));
        lines.push(("folder", own.folder().to_string()));
    }
    let lines = lines
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty());
    let text: String = lines
        .map(|(name, value)| format!("{name:10}  {}\n", value.trim_end()))
        .collect();
    ui::answer(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn remove(args: &RemoveArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::quiet();
    let mut session = Session::without_libraries(&args.target.wanted(), &ui)?;
    for name in &args.libraries {
        session.forget_library(name)?;
    }
    let left = session.added_libraries()?;
    session.libraries = session.prefix_of(&left)?;
    session.provide_libraries(&left, &ui)?;
    session.shims()?;
    Ok(ExitCode::SUCCESS)
}
