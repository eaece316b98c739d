//! The table of flags: what becomes of each, and why.

use flags::rules::{Policy, Rule, Syntax};
use flags::tables::{compiler, fortran, gcc_only, hosts, linker};

use super::table::cell;

/// The reference.
pub fn render() -> String {
    let mut text = "# Flags\n\n\
        What becomes of each argument. The longest name that fits counts; one that is in no table is \
        passed on, and recorded as unknown. `emshim explain -- gcc ARGS...` says it of a command.\n"
        .to_owned();
    text += &section("Compilers", "", compiler::RULES);
    text += &section("gfortran's own", "", fortran::RULES);
    text += &section(
        "Linkers, directly or after `-Wl,` and `-Xlinker`",
        "-",
        linker::RULES,
    );
    text +=
        "\n## Of gcc alone\n\nclang does not know these, and they change no meaning: left out.\n";
    text += &list("`-f` or `-fno-` with", gcc_only::SWITCHES);
    text += &list("`-f` or `-fno-` with what begins", gcc_only::FAMILIES);
    text += &list("`-W` or `-Wno-` with", gcc_only::WARNINGS);
    text += "\n## Of the build machine\n\nHeaders and libraries there are not the target's: left out.\n";
    text += &list("`-I` and its like with", hosts::INCLUDE_DIRS);
    text += &list("`-L` with", hosts::LIBRARY_DIRS);
    text += "\n| library | left out because |\n| --- | --- |\n";
    for (name, _, why) in hosts::LIBRARIES {
        text += &format!("| `-l{name}` | {} |\n", cell(why));
    }
    text
}

/// The rows of one table that change something, then the names that are passed on.
fn section(title: &str, dashes: &str, rules: &[Rule]) -> String {
    let spelled = |rule: &Rule| {
        let value = match rule.syntax {
            Syntax::Alone => "",
            Syntax::Separate => " VALUE",
            Syntax::Joined => "VALUE",
            Syntax::JoinedOrSeparate => "[ ]VALUE",
            Syntax::EqualsOrSeparate => "[=| ]VALUE",
            Syntax::JoinedAndSeparate => "NAME VALUE",
            Syntax::AloneOrSetting => "[SETTING]",
        };
        cell(&format!("{dashes}{}{value}", rule.name))
    };
    let mut text = format!("\n## {title}\n\n| flag | becomes | why |\n| --- | --- | --- |\n");
    for rule in rules {
        let (becomes, why) = match rule.policy {
            Policy::Keep => continue,
            Policy::Drop(why) => ("left out".to_owned(), why.to_owned()),
            Policy::Respell(to, why) => (format!("`{to}`"), why.to_owned()),
            Policy::Refuse(why) => ("refused".to_owned(), why.to_owned()),
            Policy::Fortran => ("carried out by the translation".to_owned(), String::new()),
            Policy::Depends(question) => ("depends".to_owned(), question.asks().to_owned()),
        };
        text += &format!("| `{}` | {becomes} | {} |\n", spelled(rule), cell(&why));
    }
    let kept = rules.iter().filter(|rule| rule.policy == Policy::Keep);
    let kept: Vec<_> = kept.map(|rule| format!("`{}`", spelled(rule))).collect();
    if !kept.is_empty() {
        text += &format!("\nPassed on as given: {}.\n", kept.join(", "));
    }
    text
}

fn list(what: &str, names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("\n{what}: {}.\n", names.join(", "))
}
