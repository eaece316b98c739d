//! `emshim init`: the settings that a project would begin with.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use configuration::Project;
use pyodide_wheel::target::DEFAULT;
use toml::Table;
use wheel_build::error::WheelBuildError;

use crate::error::CliError;
use crate::{look, written};

/// `emshim init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The project's folder
    #[arg(default_value = ".")]
    project: Utf8PathBuf,
    #[command(flatten)]
    how: written::How,
}

/// The file that gets the settings; what is in pyproject.toml stays as it is.
const FILE: &str = "emshim.toml";

/// Looks at a project, and writes what it finds into a file of its own.
///
/// # Errors
/// There is no project, it has settings already, or the file cannot be written.
pub fn run(args: &InitArgs) -> Result<ExitCode, CliError> {
    let pyproject = args.project.join("pyproject.toml");
    let text = match std::fs::read_to_string(&pyproject) {
        Ok(text) => text,
        Err(_) if args.project.join("setup.py").is_file() => String::new(),
        Err(error) => return Err(CliError::io("cannot read", pyproject.as_path())(error)),
    };
    let table: Table = text
        .parse()
        .map_err(|error| CliError::Message(format!("{pyproject} is no TOML: {error}")))?;
    let has_section = table
        .get("tool")
        .is_some_and(|tool| tool.get("emshim").is_some());
    if has_section && !args.how.print {
        return Err(CliError::Message(format!(
            "{pyproject} has [tool.emshim] already: `emshim build --show-config` says what counts, \
             --print shows what init would write"
        )));
    }
    let mut lines = vec![
        "# What `emshim build` is told; docs/reference/configuration.md has the keys. The same may stand in"
            .to_owned(),
        "# pyproject.toml, as [tool.emshim].".to_owned(),
        format!("target = [\"{DEFAULT}\"]"),
    ];
    lines.extend(look::settings(&args.project, &table));
    let text = lines.join("\n") + "\n";
    let status = written::answer(&args.project.join(FILE), &text, args.how)?;
    if !args.how.print {
        // What was written is what emshim reads.
        Project::read(&args.project).map_err(WheelBuildError::from)?;
        eprintln!("next: emshim build, then emshim ci github");
    }
    Ok(status)
}
