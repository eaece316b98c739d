//! The workflows of `emshim ci`, each step of them, in a clean environment: a wheel, or what tells why not.

use std::fs;
use std::sync::OnceLock;

use camino::Utf8Path;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, run, setuptools_project, wheel_name,
};
use emshim_tests::release;
use emshim_tests::tidy::root;
use emshim_tests::workflow::{Machine, programs};

/// The folder with the wheel of the emshim under test, in the place of the index that has the published one.
fn published() -> &'static Utf8Path {
    static MADE: OnceLock<Folder> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let emshim = emshim();
        let profile = emshim.parent().expect("a folder").file_name();
        let profile = if profile == Some("release") {
            "release"
        } else {
            "dev"
        };
        let target = emshim.ancestors().nth(2).expect("cargo's target folder");
        let out = Folder::new();
        let _ = release::wheel(root(), profile, target, None, None, out.path());
        out
    });
    made.path()
}

/// A project with a test, in a folder of its own.
fn project(source: &str) -> Folder {
    let folder = Folder::new();
    folder.file("project/pyproject.toml", &setuptools_project("tiny"));
    folder.file(
        "project/setup.py",
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('tiny', ['tiny.c'])])\n",
    );
    folder.file("project/tiny.c", source);
    folder.file(
        "project/tests/test_tiny.py",
        "import tiny\ndef test():\n    assert tiny\n",
    );
    folder
}

const SOUND: &str = "#include <Python.h>\n\
    static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1};\n\
    PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }\n";
const BROKEN: &str = "#include <Python.h>\nint one(void) { return nothing_of_this_name; }\n";

/// A machine of a service with an empty environment of Python. The store is this machine's, as a service restores
/// it from its cache; the log is the job's own.
fn machine<'m>(folder: &Folder, project: &'m Utf8Path, store: &str) -> Machine<'m> {
    let place = |name: &str| folder.path().join(name);
    let python = place("python");
    let words = ["-m", "venv", python.as_str()];
    let _ = Completed::of(&command("python3", &words)).success();
    let path = [vec![python.join("bin")], programs()].concat();
    let path: Vec<&str> = path.iter().map(|folder| folder.as_str()).collect();
    let home = std::env::var("HOME").expect("a home");
    let own = std::env::var("EMSHIM_HOME").unwrap_or_else(|_| format!("{home}/.cache/emshim"));
    let install = "python -m pip install emshim==";
    let links = published();
    let mut variables: Vec<(String, String)> = [
        ("PATH", path.join(":")),
        ("HOME", place("home").into_string()),
        ("EMSHIM_LOG", place("log").into_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    // How this machine reaches its indexes.
    let files = [
        ("PIP_CONFIG_FILE", ".config/pip/pip.conf"),
        ("NPM_CONFIG_USERCONFIG", ".npmrc"),
    ];
    let files = files.map(|(name, file)| (name.to_owned(), format!("{home}/{file}")));
    variables.extend(
        files
            .into_iter()
            .filter(|(_, file)| Utf8Path::new(file).exists()),
    );
    let reach = |name: &str| {
        let name = name.to_lowercase();
        ["pip_", "npm_config_", "uv_"]
            .iter()
            .any(|own| name.starts_with(own))
            || name.ends_with("_proxy")
    };
    variables.extend(std::env::vars().filter(|(name, _)| reach(name)));
    fs::create_dir_all(place("home")).expect("a folder");
    Machine {
        project,
        variables: variables.into_iter().collect(),
        instead: vec![
            (store.to_owned(), own),
            (
                install.to_owned(),
                format!("PIP_NO_INDEX=1 PIP_FIND_LINKS={links} {install}"),
            ),
        ],
    }
}

fn workflow(system: &str, project: &Utf8Path) -> String {
    run(&["ci", system, "--print", project.as_str()])
        .success()
        .stdout
}

/// What a service keeps of a job.
fn kept(project: &Utf8Path) -> Vec<String> {
    let files = project.join("wheelhouse");
    let files = files.read_dir_utf8().expect("what the job keeps").flatten();
    files.map(|file| file.file_name().to_owned()).collect()
}

fn github(source: &str) -> (Folder, Vec<emshim_tests::workflow::Ran>, String) {
    let folder = project(source);
    let project = folder.path().join("project");
    let text = workflow("github", &project);
    let mut machine = machine(&folder, &project, "${{ github.workspace }}/.emshim");
    let jobs = machine.read(&text);
    let ran = machine.github(&jobs["jobs"]["wheel"]);
    let summary = fs::read_to_string(folder.path().join("GITHUB_STEP_SUMMARY")).expect("it");
    let key = fs::read_to_string(folder.path().join("GITHUB_OUTPUT")).expect("it");
    assert_says(&key, &["key=emshim-pyodide-314.0.7-"]);
    (folder, ran, summary)
}

#[test]
fn every_step_of_githubs_gives_a_tested_wheel() {
    let (folder, ran, summary) = github(SOUND);
    for step in &ran {
        assert_eq!(step.done.status, 0, "{}: {}", step.name, step.done.stderr);
    }
    let names: Vec<&str> = ran.iter().map(|step| step.name.as_str()).collect();
    let wanted = [
        "Install emshim",
        "Key of the store",
        "Provision",
        "Build, import and test",
        "Summary",
    ];
    assert_eq!(names, wanted);
    assert_says(&ran[3].done.stdout, &["1 passed"]);
    let wheel = wheel_name("tiny-1.0");
    assert_eq!(kept(&folder.path().join("project")).join(" "), wheel);
    assert_says(&summary, &[&wheel, "PyInit_tiny"]);
}

#[test]
fn every_step_of_githubs_tells_why_there_is_none() {
    let (folder, ran, summary) = github(BROKEN);
    let failed: Vec<&str> = ran
        .iter()
        .filter(|step| step.done.status != 0)
        .map(|step| step.name.as_str())
        .collect();
    assert_eq!(failed, ["Build, import and test"], "{ran:#?}");
    assert_eq!(
        ran.last().expect("a step").name,
        "Bundle of the call that failed"
    );
    assert_says(&summary, &["nothing_of_this_name"]);
    assert_eq!(
        kept(&folder.path().join("project")),
        ["replay-bundle.tar.gz"]
    );
}

fn gitlab(source: &str) -> (Vec<String>, [Completed; 2]) {
    let folder = project(source);
    let project = folder.path().join("project");
    let text = workflow("gitlab", &project);
    let mut machine = machine(&folder, &project, "$CI_PROJECT_DIR/.emshim");
    let opt = folder.path().join("opt");
    machine
        .instead
        .push(("/opt/emshim".to_owned(), opt.into_string()));
    // Others use this machine's store.
    machine.instead.push((
        "emshim clean\n".to_owned(),
        "emshim clean --dry-run\n".to_owned(),
    ));
    let jobs = machine.read(&text);
    let done = machine.gitlab(&jobs["pyodide-wheel"]);
    (kept(&project), done)
}

#[test]
fn gitlabs_scripts_give_a_tested_wheel_or_tell_why_there_is_none() {
    let (files, [script, after]) = gitlab(SOUND);
    assert_says(&script.success().stdout, &["1 passed", "PyInit_tiny"]);
    let _ = after.success();
    assert_eq!(files, [wheel_name("tiny-1.0")]);
    let (files, [script, after]) = gitlab(BROKEN);
    assert_ne!(script.status, 0);
    assert_says(&script.stderr, &["nothing_of_this_name"]);
    let _ = after.success();
    assert_eq!(files, ["replay-bundle.tar.gz"]);
}
