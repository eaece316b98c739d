//! Files of projects: what they say, what wins, and what is refused.

use camino::Utf8Path;
use configuration::{Given, Key, Origin, Project, Resolved};

/// A project with a `pyproject.toml` and an `emshim.toml`.
fn read(pyproject: &str, own: &str) -> Result<Project, String> {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Utf8Path::from_path(dir.path()).expect("UTF-8");
    std::fs::write(folder.join("pyproject.toml"), pyproject).expect("a written file");
    if !own.is_empty() {
        std::fs::write(folder.join("emshim.toml"), own).expect("a written file");
    }
    Project::read(folder).map_err(|error| error.to_string())
}

fn resolve(project: &Project, given: &Given, env: &[(&str, &str)]) -> Resolved {
    let get = |name: &str| {
        let found = env.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    project
        .resolve("pyodide@0.29.5", given, &get)
        .expect("settings")
}

fn texts(resolved: &Resolved, key: Key) -> Vec<&str> {
    resolved.texts(key).collect()
}

#[test]
fn the_command_line_comes_before_the_environment_and_that_before_files() {
    let project = read(
        "[tool.pyodide.build]\ncflags = '-O1'\nldflags = '-O1'\n\
         [tool.emshim]\ncflags = '-O2'\nexports = 'all'\n",
        "exports = ['a', 'b']\n",
    )
    .unwrap();
    let mut given = Given::default();
    given.say(
        Key::Exports,
        &Origin::Default,
        vec![(None, "requested".into())],
    );
    let none = resolve(&project, &given, &[]);
    assert_eq!(
        texts(&none, Key::Exports),
        ["a", "b"],
        "emshim.toml comes first"
    );
    assert_eq!(texts(&none, Key::Cflags), ["-O2"], "before pyodide-build's");
    assert_eq!(
        texts(&none, Key::Ldflags),
        ["-O1"],
        "which counts where nothing else does"
    );
    let env = [("EMSHIM_CFLAGS", "-O3 '-DA=b c'")];
    assert_eq!(
        texts(&resolve(&project, &given, &env), Key::Cflags),
        ["-O3", "-DA=b c"]
    );
    let variable = Origin::Variable("EMSHIM_EXPORTS".into());
    given.say(Key::Exports, &variable, vec![(None, "pyinit".into())]);
    assert_eq!(
        texts(&resolve(&project, &given, &[]), Key::Exports),
        ["pyinit"]
    );
    assert!(!given.makes_another_wheel());
    given.say(
        Key::Exports,
        &Origin::CommandLine,
        vec![(None, "all".into())],
    );
    assert_eq!(
        texts(&resolve(&project, &given, &[]), Key::Exports),
        ["all"]
    );
    assert!(given.makes_another_wheel());
}

#[test]
fn a_setting_of_the_command_line_replaces_that_of_its_name() {
    let project = read(
        "[tool.emshim.config-settings]\na = ['1', '2']\nb = true\n",
        "",
    )
    .unwrap();
    let mut given = Given::default();
    given.say(
        Key::ConfigSettings,
        &Origin::CommandLine,
        vec![(Some("a".into()), "3".into())],
    );
    let resolved = resolve(&project, &given, &[]);
    let pairs: Vec<_> = resolved.pairs(Key::ConfigSettings).collect();
    assert_eq!(pairs, [("b", "true"), ("a", "3")]);
}

#[test]
fn variables_that_are_set_stay_and_others_are_put_together() {
    let project = read(
        "[tool.emshim]\nenvironment = \"A=1 B='$A $HOME' C=no\"\n",
        "",
    )
    .unwrap();
    let env = [("HOME", "/h"), ("C", "yes")];
    let resolved = resolve(&project, &Given::default(), &env);
    let pairs: Vec<_> = resolved.pairs(Key::Environment).collect();
    assert_eq!(pairs, [("A", "1"), ("B", "1 /h"), ("C", "yes")]);
    let origin = &resolved.entries(Key::Environment)[2].origin;
    assert_eq!(*origin, Origin::Variable("C".into()));
}

#[test]
fn overrides_count_for_their_targets_in_their_order() {
    let project = read(
        "[tool.emshim]\nexclude = 'a'\ncflags = '-g'\nenvironment = { A = '1', B = '1' }\n\
         [[tool.emshim.overrides]]\nselect = 'pyodide@0.29.*'\nexclude = 'b'\n\
         inherit.environment = 'append'\nenvironment = { B = '2', C = '2' }\n\
         [[tool.emshim.overrides]]\nselect = '*'\ninherit = { cflags = 'prepend', exclude = 'append' }\n\
         cflags = ['-O1']\nexclude = ['c']\n\
         [[tool.emshim.overrides]]\nselect = 'pyodide@314.*'\nexclude = ['d']\n",
        "",
    )
    .unwrap();
    let resolved = resolve(&project, &Given::default(), &[]);
    assert_eq!(texts(&resolved, Key::Exclude), ["b", "c"]);
    assert_eq!(texts(&resolved, Key::Cflags), ["-O1", "-g"]);
    let pairs: Vec<_> = resolved.pairs(Key::Environment).collect();
    assert_eq!(pairs, [("A", "1"), ("B", "2"), ("C", "2")]);
    let shown = resolved.show();
    assert!(shown.contains("environment.C = \"2\""), "{shown}");
    assert!(
        shown.contains("# pyproject.toml [tool.emshim], overrides for pyodide@0.29.*"),
        "{shown}"
    );
}

#[test]
fn what_means_nothing_is_refused_with_its_place() {
    for (pyproject, says) in [
        ("x = ", "no TOML"),
        ("[tool]\nemshim = 1", "must be a table"),
        (
            "[tool.emshim]\ntest_command = 'x'",
            "did you mean `test-command`?",
        ),
        ("[tool.emshim]\npython = 'x'", "the keys are target"),
        (
            "[tool.emshim]\nexclude = 1",
            "`exclude` must be a list of globs",
        ),
        ("[tool.emshim]\nexclude = '../x'", "no path in a wheel"),
        ("[tool.emshim]\ntarget = '0.29.5'", "`pyodide@VERSION`"),
        ("[tool.emshim]\ntest-command = 'tox'", "python -m tox"),
        ("[tool.emshim]\nexports = 'a b-c'", "C function"),
        ("[tool.emshim]\nlibraries = ['../x.toml']", "stays in it"),
        ("[tool.emshim]\nlibraries = ['/x.toml']", "stays in it"),
        (
            "[tool.emshim]\nenvironment = { PATH = 'x' }",
            "this machine's",
        ),
        (
            "[tool.emshim]\nenvironment = { A = '$(pwd)' }",
            "only `$NAME`",
        ),
        ("[tool.emshim]\ncflags = \"'\"", "quote"),
        ("[[tool.emshim.overrides]]\nexclude = 'a'", "lacks `select`"),
        (
            "[[tool.emshim.overrides]]\nselect = '*'\ntarget = 'pyodide@1'",
            "cannot be overridden",
        ),
        (
            "[[tool.emshim.overrides]]\nselect = '*'\ninherit.cflags = 'append'",
            "does not set",
        ),
        (
            "[[tool.emshim.overrides]]\nselect = '*'\ncflags = ''\ninherit.cflags = 'after'",
            "`append`",
        ),
        (
            "[tool.pyodide.build]\ncflags = '$(PYVERSION)'",
            "pyodide-build",
        ),
    ] {
        let error = read(pyproject, "").unwrap_err();
        assert!(
            error.contains(says) && error.contains("pyproject.toml"),
            "{error}"
        );
    }
}

#[test]
fn what_pyodide_build_knows_and_emshim_does_not_need_is_told() {
    let project = read(
        "[tool.pyodide.build]\nxbuildenv_path = '/x'\nother = 1\n",
        "",
    )
    .unwrap();
    assert_eq!(project.notes.len(), 2, "{:?}", project.notes);
    assert!(project.is_empty());
    assert_eq!(project.files().count(), 0);
}
