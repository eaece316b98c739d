//! The verbs beside `build`, as scripts and people use them.

use emshim_tests::real::{
    Folder, Outcome, command, emshim, exports, run, setuptools_project, soabi, target, wheel_name,
};

const SETUP: &str = "from setuptools import Extension, setup
setup(ext_modules=[Extension('tiny', ['tiny.c'])], py_modules=[])
";

const EXTENSION: &str = "#include <Python.h>
int visible(void) { return 1; }
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"tiny\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&def); }
";

fn tiny() -> Folder {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("tiny"));
    folder.file("setup.py", SETUP);
    folder.file("tiny.c", EXTENSION);
    folder
}

#[test]
fn explain_gives_machines_decisions_and_steps() {
    let done = run(&[
        "explain", "--json", "--", "gcc", "-pthread", "-c", "x.c", "-O3",
    ])
    .success();
    let value: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let decisions = value["decisions"].as_array().unwrap();
    let dropped = decisions
        .iter()
        .find(|d| d["argument"] == "-pthread")
        .unwrap();
    assert_eq!(dropped["action"], "drop");
    assert!(
        dropped["reason"]
            .as_str()
            .is_some_and(|why| why.contains("threads"))
    );
    let argv = value["steps"][0]["argv"].as_array().unwrap();
    assert!(argv.iter().any(|word| word == "-O3") && argv.iter().all(|word| word != "-O2"));
    let refused = run(&["explain", "--", "gcc", "-fopenmp", "-c", "x.c"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stdout.contains("refused:"), "{}", refused.stdout);
}

#[test]
fn doctor_finds_all_that_setup_provides() {
    let done = run(&["doctor", "--json"]).success();
    let findings: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let python = format!("python{}", target().abi.python);
    for what in ["emcc", &python, "node", "pyodide"] {
        let found = findings
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["what"] == what);
        let verdict = found.map(|f| f["verdict"].clone());
        assert_eq!(verdict, Some("ok".into()), "{what}: {}", done.stdout);
    }
}

#[test]
fn the_environment_names_the_same_tools_in_every_format() {
    let json = run(&["env", "--format", "json"]).success().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let cc = json["CC"].as_str().unwrap();
    assert!(
        run(&["env"])
            .success()
            .stdout
            .contains(&format!("export CC={cc}\n"))
    );
    let fish = run(&["env", "--format", "fish"]).success().stdout;
    assert!(fish.contains(&format!("set -gx CC '{cc}'\n")), "{fish}");
    for path in [cc, json["CMAKE_TOOLCHAIN_FILE"].as_str().unwrap()] {
        assert!(std::path::Path::new(path).exists(), "{path}");
    }
}

#[test]
fn exec_ends_as_the_command_ends() {
    let status = |script: &str| run(&["exec", "--", "sh", "-c", script]).status;
    assert_eq!((status("exit 7"), status("kill -TERM $$")), (7, -15));
    assert_eq!(run(&["exec", "--", "no-such-command"]).status, 127);
    let which = run(&["exec", "--", "sh", "-c", "command -v gcc"])
        .success()
        .stdout;
    assert!(which.contains("/shims/"), "{which}");
}

#[test]
fn run_reads_standard_input_and_ends_like_python() {
    let script = command(emshim(), &["run", "-"]).stdin_bytes("print(6 * 7)\n");
    assert_eq!(Outcome::of(&script).success().stdout, "42\n");
    let echo = "import sys; sys.stdout.write(sys.stdin.read().upper())";
    let piped = command(emshim(), &["run", "-c", echo]).stdin_bytes("abc");
    assert_eq!(Outcome::of(&piped).success().stdout, "ABC");
    let failed = run(&["run", "-c", "1 / 0"]);
    assert_eq!(failed.status, 1);
    assert!(
        failed
            .stderr
            .ends_with("ZeroDivisionError: division by zero\n"),
        "{}",
        failed.stderr
    );
    assert_eq!(run(&["run", "-c", "raise SystemExit(9)"]).status, 9);
    let ended = command(
        "timeout",
        &[
            "-s",
            "TERM",
            "8",
            emshim().as_str(),
            "run",
            "-c",
            "while 1: 0",
        ],
    );
    assert_eq!(Outcome::of(&ended).status, 124, "it ends when told to");
    let absent = run(&["run", "--with", "absent-1-py3-none-any.whl", "-c", "0"]);
    assert_ne!(absent.status, 0);
    assert!(
        absent.stderr.contains("absent-1-py3-none-any.whl"),
        "{}",
        absent.stderr
    );
}

#[test]
fn a_wheel_may_have_the_older_tag_and_chosen_exports() {
    let folder = tiny();
    let build = [
        "build",
        "--legacy-tag",
        "--exports",
        "PyInit_tiny",
        "-o",
        "out",
    ];
    let _ = Outcome::of(&command(emshim(), &build).dir(folder.path().as_str())).success();
    let name = wheel_name("tiny-1.0").replace("pyemscripten", "pyodide");
    let wheel = folder.path().join("out").join(name);
    let unzip = [
        "-m",
        "zipfile",
        "-e",
        wheel.as_str(),
        folder.path().as_str(),
    ];
    let _ = Outcome::of(&command("python3", &unzip)).success();
    let module = folder.path().join(format!("tiny.{}.so", soabi()));
    let names = exports(module.as_std_path());
    assert!(
        names.contains(&"PyInit_tiny".into()) && !names.contains(&"visible".into()),
        "{names:?}"
    );
    let provenance = folder.path().join("tiny-1.0.dist-info/EMSHIM.json");
    let provenance = std::fs::read_to_string(provenance).unwrap();
    assert!(
        provenance.contains("\"emscripten_fit\": \"tested-pair\""),
        "{provenance}"
    );
}

#[test]
fn a_zipped_source_builds_and_a_wheel_that_cannot_be_placed_is_kept() {
    let folder = tiny();
    let zip = folder.path().join("tiny-1.0.zip");
    let script = "import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name in ('pyproject.toml', 'setup.py', 'tiny.c'):
        z.write(name, 'tiny-1.0/' + name)";
    let pack = command("python3", &["-c", script, zip.as_str()]).dir(folder.path().as_str());
    let _ = Outcome::of(&pack).success();
    let out = folder.file("occupied", "a file").join("out");
    let done = run(&["build", "-o", out.as_str(), zip.as_str()]);
    assert_eq!(done.status, 1);
    let kept = done
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("the wheel is kept as "));
    let kept = kept.unwrap_or_else(|| panic!("{}", done.stderr));
    assert!(std::path::Path::new(kept).exists(), "{kept}");
}
