//! `emshim ci`: a workflow that makes, tests and keeps a project's wheel.

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use configuration::{Key, Project};
use pyodide_wheel::target::DEFAULT;
use wheel_build::error::WheelBuildError;

use crate::error::CliError;
use crate::look;
use crate::written;

/// `emshim ci`.
#[derive(Debug, Args)]
pub struct CiArgs {
    /// Whose CI
    #[arg(value_enum)]
    system: System,
    /// The project's folder
    #[arg(default_value = ".")]
    project: Utf8PathBuf,
    #[command(flatten)]
    how: written::How,
}

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    Github,
    Gitlab,
}

impl System {
    /// The workflow's file in a project, and its text with names in the place of what differs.
    fn workflow(self) -> (&'static str, &'static str) {
        match self {
            Self::Github => (".github/workflows/emshim.yml", include_str!("github.yml")),
            Self::Gitlab => (".gitlab/emshim.yml", include_str!("gitlab.yml")),
        }
    }
}

/// Writes the workflow, or prints it.
///
/// # Errors
/// The project's files mean nothing, or there is a workflow.
pub fn run(args: &CiArgs) -> Result<ExitCode, CliError> {
    let project = Project::read(&args.project).map_err(WheelBuildError::from)?;
    let (file, template) = args.system.workflow();
    let text = render(template, &project, &args.project);
    written::answer(&args.project.join(file), &text, args.how)
}

fn render(template: &str, project: &Project, folder: &Utf8Path) -> String {
    let targets = match project.targets() {
        own if own.is_empty() => DEFAULT.to_owned(),
        own => own.join(","),
    };
    // A project that says how is tested anyway.
    let says = project.says(Key::TestCommand);
    let test = if !says && look::has_tests(folder) {
        " --test"
    } else {
        ""
    };
    let values = [
        ("@TARGETS@", targets.as_str()),
        ("@KEY@", &targets.replace(['@', ','], "-")),
        ("@VERSION@", env!("CARGO_PKG_VERSION")),
        ("@TEST@", test),
    ];
    let fill = |text: String, (name, value): &(&str, &str)| text.replace(name, value);
    values.iter().fold(template.to_owned(), fill)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_filled_in() {
        for system in [System::Github, System::Gitlab] {
            let (_, template) = system.workflow();
            let text = render(template, &Project::default(), Utf8Path::new("/nowhere"));
            let left = text.split('@').skip(1).step_by(2);
            let left: Vec<_> = left
                .filter(|word| word.chars().all(char::is_uppercase))
                .collect();
            assert!(left.is_empty(), "{left:?}");
            assert!(text.contains(DEFAULT) && text.contains(env!("CARGO_PKG_VERSION")));
        }
    }
}
