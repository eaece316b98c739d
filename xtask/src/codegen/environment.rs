//! The reference of environment variables, and README's table.

use emshim::variables::{Audience, VARIABLES, Variable};

use crate::task::Result;

/// The file whose table is written too.
pub const README: &str = "README.md";

/// What stands before and after README's table.
const MARKS: [&str; 2] = [
    "<!-- The next table is written by `cargo xtask codegen` from shims/emshim/src/variables.rs. -->\n",
    "<!-- The table ends. -->\n",
];

/// The reference.
pub fn render() -> String {
    let section = |title: &str, audience| {
        let rows = table(|row| row.audience == audience);
        // Links of the rows are README's.
        let rows = rows.replace("](docs/", "](../");
        format!("\n## {title}\n\n{rows}")
    };
    format!(
        "# Environment variables\n{}{}{}",
        section("Settings", Audience::Setting),
        section("Known elsewhere, and heeded as there", Audience::Common),
        section(
            "By which emshim's processes speak to each other",
            Audience::Internal
        ),
    )
}

/// README with its table as it is to be.
pub fn in_readme(readme: &str) -> Result<String> {
    let [begin, end] = MARKS;
    let parts = readme.split_once(begin).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(end)?;
        Some((head, tail))
    });
    let (head, tail) =
        parts.ok_or("README.md: the marks around the table of variables are gone")?;
    let rows = table(|row| row.audience != Audience::Internal);
    Ok(format!("{head}{begin}\n{rows}\n{end}{tail}"))
}

fn table(wanted: impl Fn(&Variable) -> bool) -> String {
    let mut text = "| variable | says |\n| --- | --- |\n".to_owned();
    for row in VARIABLES.iter().filter(|row| wanted(row)) {
        text += &format!("| `{}` | {} |\n", row.name, row.says);
    }
    text
}
