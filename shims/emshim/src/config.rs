//! What `emshim build` is told beside a project's files, and `--show-config`.

use std::process::ExitCode;

use clap::ArgMatches;
use clap::parser::ValueSource;
use configuration::{Files, Given, KEYS, Key, Origin, Project, Row};
use provision::Store;
use pyodide_wheel::source::{Source, WorkTree};
use secrets::mask;
use wheel_build::error::WheelBuildError;

use crate::error::CliError;
use crate::ui;

/// What options, the variables that stand in for them, and their defaults say.
pub fn given(matches: Option<&ArgMatches>) -> Given {
    let mut given = Given::default();
    for row in KEYS {
        if let Some((origin, values)) = matches.and_then(|matches| said(row, matches)) {
            let texts = values.into_iter().filter_map(|value| text(row.key, value));
            let texts: Vec<_> = texts.collect();
            if !texts.is_empty() {
                given.say(row.key, &origin, texts);
            }
        }
    }
    given
}

/// Whether the caller says for which targets.
pub fn names_targets(matches: Option<&ArgMatches>) -> bool {
    let origin = matches.and_then(|matches| said(Key::Target.row(), matches));
    origin.is_some_and(|(origin, _)| origin != Origin::Default)
}

/// Prints what counts for each target.
///
/// # Errors
/// The source's files cannot be read, or say what means nothing.
pub fn show<'t>(
    source: &Source,
    mut project: Project,
    files: &Files,
    given: &Given,
    targets: impl Iterator<Item = &'t str>,
) -> Result<ExitCode, CliError> {
    match source {
        Source::Archive(_) if *files == Files::Project => {
            let store = Store::from_env().map_err(WheelBuildError::from)?;
            let tree = WorkTree::create(&store.work(), source, &[], &mut || {});
            let tree = tree.map_err(WheelBuildError::from)?;
            project = Project::read(tree.source()).map_err(WheelBuildError::from)?;
        }
        Source::Project(name) if *files == Files::Project => {
            return Err(CliError::Message(format!(
                "--show-config reads a folder or an sdist file, and {name} is on an index: get it with \
                 `pip download --no-deps --no-binary :all: {name}`, and name the file"
            )));
        }
        _ => {}
    }
    let env = |name: &str| std::env::var(name).ok();
    for target in targets {
        let resolved = project.resolve(target, given, &env);
        let resolved = resolved.map_err(WheelBuildError::from)?;
        // A CI shows it to everybody.
        ui::answer(&mask(&format!("# for {target}\n{}", resolved.show())))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the option of a key was given, and by whom.
fn said(row: &Row, matches: &ArgMatches) -> Option<(Origin, Vec<String>)> {
    let id = id(row)?;
    let origin = match matches.value_source(id)? {
        ValueSource::CommandLine => Origin::CommandLine,
        ValueSource::EnvVariable => Origin::Variable(row.variable.unwrap_or_default().to_owned()),
        _ => Origin::Default,
    };
    let values = matches.get_raw(id)?;
    Some((
        origin,
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect(),
    ))
}

/// clap's name of a key's option: that of its field.
fn id(row: &Row) -> Option<&'static str> {
    match row.key {
        Key::Target => Some("targets"),
        Key::ConfigSettings => Some("config_settings"),
        Key::Exports => Some("exports"),
        Key::StripTests => Some("strip_tests"),
        Key::StripDebug => Some("strip_debug"),
        Key::StripHeaders => Some("strip_headers"),
        Key::CompilePy => Some("compile_py"),
        Key::WasmOpt => Some("wasm_opt"),
        Key::LegacyTag => Some("legacy_tag"),
        Key::TestCommand => Some("test"),
        Key::TestRequires => Some("test_with"),
        _ => None,
    }
}

/// An option's value as the key has it; none for one that says nothing of it.
fn text(key: Key, value: String) -> Option<(Option<String>, String)> {
    match key {
        Key::ConfigSettings => {
            let (name, value) = value.split_once('=').unwrap_or((&value, ""));
            Some((Some(name.to_owned()), value.to_owned()))
        }
        // The option alone runs what the project says.
        Key::TestCommand if value.is_empty() => None,
        Key::TestCommand => Some((None, format!("python {value}"))),
        _ => Some((None, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_with_an_option_is_an_argument_of_build() {
        let command = crate::command();
        let build = command.find_subcommand("build").expect("build");
        for row in KEYS {
            let long = id(row).and_then(|id| {
                let argument = build.get_arguments().find(|one| one.get_id() == id);
                argument.expect("an argument").get_long()
            });
            assert_eq!(long, row.option, "{}", row.name);
        }
    }
}
