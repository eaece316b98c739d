//! `emshim build --show-config`: what counts, and where it comes from.

use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, run, setuptools_project,
};

fn project(more: &str) -> Folder {
    let folder = Folder::new();
    folder.file("pyproject.toml", &(setuptools_project("tiny") + more));
    folder
}

#[test]
fn each_value_has_its_place() {
    let folder =
        project("[tool.emshim]\ntarget = 'pyodide@0.29.5'\nexclude = ['tests']\nexports = 'all'\n");
    folder.file("emshim.toml", "exports = 'pyinit'\n");
    let path = folder.path().as_str();
    let words = [
        "build",
        "--show-config",
        "--test=-m this",
        "-C",
        "a=b",
        path,
    ];
    let shown = Completed::of(&command(emshim(), &words).env("EMSHIM_CXXFLAGS", "-O1")).success();
    let squeezed = shown
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert_says(
        &squeezed,
        &[
            "# for pyodide@0.29.5",
            "exclude = [\"tests\"] # pyproject.toml [tool.emshim]",
            "exports = [\"pyinit\"] # emshim.toml",
            "config-settings.a = \"b\" # command line",
            "test-command = [\"python -m this\"] # command line",
            "cxxflags = [\"-O1\"] # EMSHIM_CXXFLAGS of the environment",
            "legacy-tag = false # default",
            "# before-build # not set",
        ],
    );
    let all = ["build", "--show-config", "--no-config", "--exports=f", path];
    let shown = run(&all).success().stdout;
    assert_says(&shown, &["exports = [\"f\"]", "# exclude"]);
    assert!(!shown.contains("0.29.5"), "{shown}");
}

#[test]
fn a_key_that_there_is_not_ends_the_build_before_it_begins() {
    let folder = project("[tool.emshim]\nexcludes = ['tests']\n");
    for words in [["build", "--show-config"], ["build", "--json"]] {
        let done = run(&[&words[..], &[folder.path().as_str()]].concat());
        assert_ne!(done.status, 0);
        assert_says(
            &done.stderr,
            &["pyproject.toml [tool.emshim]", "did you mean `exclude`?"],
        );
    }
}
