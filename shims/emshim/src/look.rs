//! What a project's folder tells of it.

use camino::Utf8Path;
use configuration::python_commands;
use toml::{Table, Value};

/// The folders in which projects keep tests.
const TEST_FOLDERS: &[&str] = &["tests", "test"];

/// Names by which projects call what their tests need.
const TEST_GROUPS: &[&str] = &["test", "tests", "testing"];

/// Whether there is a folder of tests at its top.
pub fn has_tests(folder: &Utf8Path) -> bool {
    test_folder(folder).is_some()
}

/// What `[tool.emshim]` should say of a project, line by line.
pub fn settings(folder: &Utf8Path, pyproject: &Table) -> Vec<String> {
    let wheels = at(pyproject, &["tool", "cibuildwheel"]);
    let text = |key: &str| wheels?.get(key)?.as_str().map(str::to_owned);
    let command = text("test-command")
        .filter(|command| python_commands(command).is_ok())
        .or_else(|| Some(format!("pytest {{project}}/{}", test_folder(folder)?)));
    let Some(command) = command else {
        return Vec::new();
    };
    let mut lines = vec![line("test-command", &Value::String(command))];
    let own = wheels.and_then(|table| table.get("test-requires")).cloned();
    let groups = [
        at(pyproject, &["project", "optional-dependencies"]),
        at(pyproject, &["dependency-groups"]),
    ];
    let of_group = |table: &Table| {
        let names = TEST_GROUPS
            .iter()
            .filter_map(|name| table.get(*name)?.as_array());
        names
            .map(|all| requirements(all))
            .find(|all| !all.is_empty())
    };
    let found = groups.into_iter().flatten().find_map(of_group);
    let requires = own.or_else(|| {
        found.map(|names| Value::Array(names.into_iter().map(Value::String).collect()))
    });
    lines.extend(requires.map(|value| line("test-requires", &value)));
    lines
}

fn line(key: &str, value: &Value) -> String {
    format!("{key} = {value}")
}

fn test_folder(folder: &Utf8Path) -> Option<&'static str> {
    let there = |name: &&&str| folder.join(name).is_dir();
    TEST_FOLDERS.iter().find(there).copied()
}

/// Requirements but for pytest, which is there anyway, and its plug-ins, of which few run in Pyodide.
fn requirements(all: &[Value]) -> Vec<String> {
    let texts = all.iter().filter_map(Value::as_str);
    let other = |text: &&str| !text.trim_start().to_lowercase().starts_with("pytest");
    // A list of names has no room for conditions.
    let plain = |text: &&str| !text.contains(';') && !text.trim().contains(' ');
    texts
        .filter(other)
        .filter(plain)
        .map(str::to_owned)
        .collect()
}

fn at<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Table> {
    let step = |table: &'t Table, name: &&str| table.get(*name)?.as_table();
    path.iter().try_fold(table, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_what_they_need_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let lines = |text: &str| settings(folder, &text.parse().unwrap());
        assert!(lines("").is_empty());
        let wheels =
            "[tool.cibuildwheel]\ntest-command = 'pytest {package}'\ntest-requires = 'a b'";
        let wanted = [
            "test-command = \"pytest {package}\"",
            "test-requires = \"a b\"",
        ];
        assert_eq!(lines(wheels), wanted);
        assert!(lines("[tool.cibuildwheel]\ntest-command = 'tox'").is_empty());
        std::fs::create_dir(folder.join("tests")).unwrap();
        let groups = "[dependency-groups]\ntest = ['pytest>=8', 'hypothesis', 'x; a', { include-group = 'y' }]";
        let wanted = [
            "test-command = \"pytest {project}/tests\"",
            "test-requires = [\"hypothesis\"]",
        ];
        assert_eq!(lines(groups), wanted);
    }
}
