//! The command line's reference, from clap's own description of it.

use clap::{Arg, Command};

use super::table::cell;

/// The reference.
pub fn render() -> String {
    let mut command = emshim::command();
    command.build();
    let mut text = format!("# The command line\n\n{}\n", about(&command));
    sections(&command, &mut text);
    text
}

/// A section for each verb, and for the verbs of a verb.
fn sections(command: &Command, text: &mut String) {
    for verb in command.get_subcommands() {
        if verb.is_hide_set() || verb.get_name() == "help" {
            continue;
        }
        let name = verb.get_bin_name().unwrap_or(verb.get_name());
        *text += &format!("\n## `{name}`\n\n{}\n", about(verb));
        let usage = verb.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        *text += &format!("\n```text\n{usage}\n```\n");
        let arguments: Vec<&Arg> = verb
            .get_arguments()
            .filter(|argument| !argument.is_hide_set() && argument.get_id() != "help")
            .collect();
        if !arguments.is_empty() {
            *text += "\n| argument | says |\n| --- | --- |\n";
        }
        for argument in arguments {
            *text += &format!("| `{}` | {} |\n", cell(&spelling(argument)), says(argument));
        }
        sections(verb, text);
    }
}

fn about(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    about.map(|text| format!("{text}.")).unwrap_or_default()
}

/// How an argument is given, such as `-o, --outdir <DIR>`.
fn spelling(argument: &Arg) -> String {
    if argument.is_positional() {
        return argument.to_string();
    }
    let short = argument.get_short().map(|short| format!("-{short}, "));
    short.unwrap_or_default() + &argument.to_string()
}

/// What it does, its default, and the variable that stands in for it.
fn says(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help());
    // A placeholder is no element of HTML.
    let mut says = cell(&help.map(ToString::to_string).unwrap_or_default()).replace('<', "\\<");
    let defaults = argument.get_default_values();
    let takes_value = argument.get_action().takes_values();
    if takes_value && !defaults.is_empty() {
        let defaults = defaults.iter().map(|value| value.to_string_lossy());
        says += &format!("; `{}` by default", defaults.collect::<Vec<_>>().join(" "));
    }
    let choices = argument.get_possible_values();
    if takes_value && !choices.is_empty() {
        let names: Vec<_> = choices
            .iter()
            .map(|c| format!("`{}`", c.get_name()))
            .collect();
        says += &format!("; one of {}", names.join(", "));
    }
    if let Some(variable) = argument.get_env() {
        says += &format!("; also by `{}`", variable.to_string_lossy());
    }
    says
}
