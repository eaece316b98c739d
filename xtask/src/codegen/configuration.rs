//! The reference of what a project may say.

use configuration::KEYS;
use configuration::pyodide_build::{self, Becomes};

use super::table::cell;

/// The reference.
pub fn render() -> String {
    let mut text = "# Configuration\n\n\
        `emshim build` reads `[tool.emshim]` of a project's `pyproject.toml`, and `emshim.toml` beside it, \
        which has the same keys at its top and comes before it. The command line comes before the \
        environment, the environment before files, and a key of a file takes the place of the default. \
        `emshim build --show-config` says what counts and where each value comes from; `--no-config` leaves \
        the files out. A key that is not in this table is refused.\n\n\
        The settings of an sdist are its author's wish and count, which is said; a path in them stays in the \
        source. `{project}` and `{package}` stand for the project's folder in commands and settings.\n\n\
        | key | is | says | option | variable | as in cibuildwheel |\n| --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in KEYS {
        let option = row
            .option
            .map(|name| format!("`--{name}`"))
            .unwrap_or_default();
        let variable = row
            .variable
            .map(|name| format!("`{name}`"))
            .unwrap_or_default();
        let same = if row.cibuildwheel { "yes" } else { "" };
        let (kind, says) = (row.kind.says(), row.says);
        text += &format!(
            "| `{}` | {} | {} | {option} | {variable} | {same} |\n",
            row.name,
            cell(kind),
            cell(says)
        );
    }
    text += "\n## Overrides\n\n\
        ```toml\n\
        [tool.emshim]\n\
        environment = { FEATURE = \"on\" }\n\n\
        [[tool.emshim.overrides]]\n\
        select = \"pyodide@0.29.*\"\n\
        inherit.environment = \"append\"\n\
        environment = { OLD = \"1\" }\n\
        ```\n\n\
        A table with `select`, a glob of targets, counts for those alone; of several the last wins. Its values \
        take the place of those above it, unless `inherit` says `append` or `prepend`, as in cibuildwheel.\n";
    text += "\n## `[tool.pyodide.build]`\n\n\
        What pyodide-build reads is read too; `[tool.emshim]` comes before it. Its flags are added to the \
        target's own and do not replace them.\n\n\
        | key | becomes |\n| --- | --- |\n";
    for (name, becomes) in pyodide_build::KEYS {
        let becomes = match becomes {
            Becomes::Key(key) => format!("`{}`", key.row().name),
            Becomes::Nothing(why) => format!("nothing, which is said: {}", cell(why)),
        };
        text += &format!("| `{name}` | {becomes} |\n");
    }
    text
}
