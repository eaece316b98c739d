//! `emshim completions` and `emshim man`: what a shell and a manual reader know of the command line,
//! made from clap's own description of it.

use std::io;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Command, ValueEnum};
use clap_complete::Generator;
use clap_complete::shells;
use disk::whole;

use crate::error::CliError;
use crate::ui;

/// `emshim completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell that is to complete emshim's command line
    #[arg(value_enum)]
    shell: Shell,
}

/// `emshim man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder for the pages, made if need be: `emshim.1` and one for each verb
    dir: Utf8PathBuf,
}

/// The shells whose completions are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Prints the script that the shell is to read.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(args: &CompletionsArgs, command: Command) -> Result<ExitCode, CliError> {
    let command = visible(command);
    let script = match args.shell {
        Shell::Bash => script(shells::Bash, command),
        Shell::Zsh => script(shells::Zsh, command),
        Shell::Fish => script(shells::Fish, command),
    };
    ui::answer(&script)?;
    Ok(ExitCode::SUCCESS)
}

fn script(shell: impl Generator, mut command: Command) -> String {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The command without the verbs that are emshim's own affair, which completions would offer.
fn visible(command: Command) -> Command {
    let verbs: Vec<Command> = command.get_subcommands().cloned().collect();
    let mut shown = Command::new("emshim").version(env!("CARGO_PKG_VERSION"));
    if let Some(about) = command.get_about() {
        shown = shown.about(about.clone());
    }
    shown.subcommands(verbs.into_iter().filter(|verb| !verb.is_hide_set()))
}

/// Writes the pages and prints the folder.
///
/// # Errors
/// A page cannot be written.
pub fn man(args: &ManArgs, mut command: Command) -> Result<ExitCode, CliError> {
    std::fs::create_dir_all(&args.dir)
        .map_err(CliError::io("cannot create", args.dir.as_path()))?;
    command = command.disable_help_subcommand(true);
    command.build();
    pages(&command, &args.dir)?;
    ui::answer(&format!("{}\n", args.dir))?;
    Ok(ExitCode::SUCCESS)
}

/// The page of a command, and those of its verbs.
fn pages(command: &Command, dir: &Utf8Path) -> Result<(), CliError> {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        pages(verb, dir)?;
    }
    let page = clap_mangen::Man::new(command.clone());
    let path = dir.join(page.get_filename());
    let write = || -> io::Result<()> {
        let mut text = Vec::new();
        page.render(&mut text)?;
        whole::replace(path.as_std_path(), whole::FOR_ALL, &text)
    };
    write().map_err(CliError::io("cannot write", path.as_path()))
}
