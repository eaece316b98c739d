//! A package's own tests, run against the finished wheel in Pyodide.

use std::ffi::OsStr;
use std::fs;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use walkdir::WalkDir;

use crate::builder::{Builder, Built};
use crate::error::WheelBuildError;
use shim::signals::run_to_end;

/// Names of the folders that hold a project's tests.
const TEST_FOLDERS: &[&str] = &["test", "tests", "testing"];

/// Files at the top of a project that its tests are configured by.
const TEST_CONFIGURATION: &[&str] = &[
    "conftest.py",
    "pyproject.toml",
    "pytest.ini",
    "setup.cfg",
    "tox.ini",
];

/// What tests need in any case.
const PYTEST: &str = "pytest";

/// How a package's tests ended.
pub struct Tested {
    /// Status of Python.
    pub status: ExitStatus,
    /// Wall time.
    pub time: Duration,
}

/// Runs the commands that were chosen, else pytest, one after the other until one fails, with the wheel,
/// pytest and what was chosen besides installed, in a folder that holds the project's tests and not
/// the project: the wheel is what is tested. With `quiet_stdout` all output goes to stderr.
///
/// # Errors
/// What the tests need cannot be had, or Python cannot be started. Failing tests are no error.
pub fn run(
    builder: &Builder<'_>,
    built: &Built,
    quiet_stdout: bool,
) -> Result<Tested, WheelBuildError> {
    let folder = tempfile::Builder::new()
        .prefix("emshim-tests-")
        .tempdir()
        .map_err(WheelBuildError::io(
            "cannot create a folder in",
            Utf8Path::new("TMPDIR"),
        ))?;
    let folder = Utf8Path::from_path(folder.path())
        .ok_or_else(|| WheelBuildError::Message("TMPDIR is not UTF-8".into()))?;
    let found = copy_tests(built.source.source(), &built.modules, folder)?;
    let mut commands = built.chosen.test_commands(folder)?;
    if commands.is_empty() {
        let mut args = ["-m", PYTEST].map(String::from).to_vec();
        if !found {
            args.push("--pyargs".into());
            args.extend(built.modules.iter().cloned());
        }
        commands.push(args);
    }
    let mut wanted = vec![built.wheel.to_string(), PYTEST.to_owned()];
    wanted.extend(built.chosen.test_requires());
    let site = builder.site(&wanted, &built.outdir)?;
    if let Some(tests) = &built.tests {
        site.add_tests(tests)?;
    }
    let started = Instant::now();
    let mut status = ExitStatus::default();
    for args in commands {
        eprintln!("python {}", shell_words::join(&args));
        let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        let mut python = builder.session.python_command(Some(&site), &args, folder)?;
        python.envs(built.chosen.environment());
        if quiet_stdout {
            python.stdout(Stdio::from(std::io::stderr()));
        }
        status = run_to_end(&mut python).map_err(WheelBuildError::io(
            "cannot run",
            builder.session.node.exe.as_path(),
        ))?;
        if !status.success() {
            break;
        }
    }
    Ok(Tested {
        status,
        time: started.elapsed(),
    })
}

/// Copies a project's test folders and what configures them; says whether there were any. Tests
/// inside the package itself are in the wheel, if they are meant to be run.
fn copy_tests(
    source: &Utf8Path,
    modules: &[String],
    to: &Utf8Path,
) -> Result<bool, WheelBuildError> {
    let mut found = false;
    let is_package = |name: &str| modules.iter().any(|module| module == name);
    let mut entries = WalkDir::new(source).into_iter();
    while let Some(entry) = entries.next() {
        let entry =
            entry.map_err(|e| WheelBuildError::Message(format!("cannot read {source}: {e}")))?;
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default();
        let relative = path.strip_prefix(source).unwrap_or(path);
        if entry.file_type().is_dir() {
            let hidden = name.starts_with('.') && entry.depth() > 0;
            if entry.depth() > 0 && (is_package(name) || hidden) {
                entries.skip_current_dir();
            }
            continue;
        }
        let folders = relative.parent().unwrap_or(Utf8Path::new(""));
        let is_test = folders
            .components()
            .any(|c| TEST_FOLDERS.contains(&c.as_str()));
        let configures = entry.depth() == 1 && TEST_CONFIGURATION.contains(&name);
        if !is_test && !configures {
            continue;
        }
        found |= is_test && name.ends_with(".py");
        let copy = to.join(relative);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent).map_err(WheelBuildError::io("cannot create", parent))?;
        }
        fs::copy(path, &copy).map_err(WheelBuildError::io("cannot copy", path))?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_copied_without_the_package_they_test() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let source = root.join("source");
        for file in [
            "pkg/__init__.py",
            "pkg/tests/test_in.py",
            "py/tests/test_a.py",
            "setup.cfg",
            "tests/data/x.json",
            "src/main.c",
            "README",
            ".git/tests/x.py",
        ] {
            let path = source.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let to = root.join("to");
        assert!(copy_tests(&source, &["pkg".into()], &to).unwrap());
        let mut files: Vec<_> = WalkDir::new(&to)
            .into_iter()
            .map(|e| e.unwrap())
            .filter(|e| e.file_type().is_file())
            .map(|e| {
                e.path()
                    .strip_prefix(&to)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        files.sort();
        assert_eq!(
            files,
            ["py/tests/test_a.py", "setup.cfg", "tests/data/x.json"]
        );
        let none = root.join("none");
        assert!(!copy_tests(&source.join("src"), &[], &none).unwrap());
    }
}
