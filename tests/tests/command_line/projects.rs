//! `emshim init` and `emshim ci`: what they write, and that they write over nothing.

use std::fs;

use emshim_tests::real::{Folder, assert_says, run, setuptools_project};

fn project() -> Folder {
    let folder = Folder::new();
    let more = "[project.optional-dependencies]\ntest = ['pytest', 'hypothesis']\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + more));
    folder.file("tests/test_tiny.py", "");
    folder
}

#[test]
fn init_writes_what_build_reads_and_once() {
    let folder = project();
    let path = folder.path().as_str();
    let before = fs::read_to_string(folder.path().join("pyproject.toml")).expect("it");
    let _ = run(&["init", path]).success();
    let shown = run(&["build", "--show-config", path]).success().stdout;
    let squeezed = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_says(
        &squeezed,
        &[
            "test-command = [\"pytest {project}/tests\"] # emshim.toml",
            "test-requires = [\"hypothesis\"] # emshim.toml",
        ],
    );
    let own = folder.file("emshim.toml", "exports = 'all'\n");
    let again = run(&["init", path]);
    assert_ne!(again.status, 0);
    assert_says(&again.stderr, &["emshim.toml", "--force"]);
    assert_eq!(fs::read_to_string(&own).expect("it"), "exports = 'all'\n");
    let _ = run(&["init", "--force", path]).success();
    assert!(fs::read_to_string(&own).expect("it").contains("pytest"));
    let after = fs::read_to_string(folder.path().join("pyproject.toml")).expect("it");
    assert_eq!(before, after, "the project's own file stays as it is");
}

#[test]
fn init_leaves_a_section_alone() {
    let folder = project();
    folder.file("pyproject.toml", "[tool.emshim]\nexports = 'all'\n");
    let done = run(&["init", folder.path().as_str()]);
    assert_ne!(done.status, 0);
    assert_says(&done.stderr, &["[tool.emshim] already", "--show-config"]);
    assert!(!folder.path().join("emshim.toml").exists());
    let nothing = Folder::new();
    let done = run(&["init", nothing.path().as_str()]);
    assert_ne!(done.status, 0);
    assert_says(&done.stderr, &["pyproject.toml"]);
}

#[test]
fn workflows_know_the_projects_targets_and_take_no_ones_place() {
    for (system, file) in [
        ("github", ".github/workflows/emshim.yml"),
        ("gitlab", ".gitlab/emshim.yml"),
    ] {
        let folder = project();
        folder.file(
            "emshim.toml",
            "target = ['pyodide@0.29.5', 'pyodide@314.0.7']\n",
        );
        let path = folder.path().as_str();
        let printed = run(&["ci", system, "--print", path]).success().stdout;
        assert!(!folder.path().join(file).exists());
        let _ = run(&["ci", system, path]).success();
        let text = fs::read_to_string(folder.path().join(file)).expect("the workflow");
        assert_eq!(printed, text);
        assert_says(
            &text,
            &[
                "pyodide@0.29.5,pyodide@314.0.7",
                "emshim build --outdir wheelhouse --test",
                "replay-bundle",
            ],
        );
        let again = run(&["ci", system, path]);
        assert_ne!(again.status, 0);
        assert_says(&again.stderr, &[file, "--force"]);
    }
}
