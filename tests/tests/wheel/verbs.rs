//! The verbs beside `build`, as scripts and people use them.

use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, exports, run, setuptools_project, soabi,
    target, wheel_name,
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
    // Another emshim with the same store leaves this one's tools alone.
    let folder = Folder::new();
    let mut program = std::fs::read(emshim()).expect("emshim");
    program.push(0);
    let other = folder.file("emshim", "");
    std::fs::write(&other, program).expect("a program");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&other, executable).expect("a program");
    let words = ["exec", "--", "sh", "-c", "command -v gcc"];
    let others = Completed::of(&command(&other, &words)).success().stdout;
    assert!(others.contains("/shims/") && others != which, "{others}");
}

#[test]
fn run_reads_standard_input_and_ends_like_python() {
    let script = command(emshim(), &["run", "-"]).stdin_bytes("print(6 * 7)\n");
    assert_eq!(Completed::of(&script).success().stdout, "42\n");
    let echo = "import sys; sys.stdout.write(sys.stdin.read().upper())";
    let piped = command(emshim(), &["run", "-c", echo]).stdin_bytes("abc");
    assert_eq!(Completed::of(&piped).success().stdout, "ABC");
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
    assert_eq!(Completed::of(&ended).status, 124, "it ends when told to");
    let absent = run(&["run", "--with", "absent-1-py3-none-any.whl", "-c", "0"]);
    assert_ne!(absent.status, 0);
    assert!(
        absent.stderr.contains("absent-1-py3-none-any.whl"),
        "{}",
        absent.stderr
    );
}

/// Runs a command on a terminal of so many columns and types a text when it is asked.
fn on_terminal(columns: u16, prompt: &str, typed: &str, words: &[&str]) -> duct::Expression {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/terminal.py");
    let columns = columns.to_string();
    let before = [script, &columns, prompt, typed];
    // As long as any of this may take on a busy machine.
    let words = [&["300", "python3"], &before[..], words].concat();
    command("timeout", &words)
}

#[test]
fn run_without_arguments_converses_or_reads_a_script() {
    let piped = command(emshim(), &["run"]).stdin_bytes("import sys\nprint(6 * 7, sys.argv)\n");
    assert_eq!(Completed::of(&piped).success().stdout, "42 ['']\n");
    let typed = "def twice(x):\n    return 2 * x\n\n1 / 0\ntwice('ab')\nexit(7)\n";
    let talk = on_terminal(80, ">>> ", typed, &[emshim().as_str(), "run"]);
    let done = Completed::of(&talk);
    assert_eq!(done.status, 7, "{}\n{}", done.stdout, done.stderr);
    assert_says(
        &done.stdout,
        &["ZeroDivisionError", "'abab'", "on emscripten"],
    );
    assert!(!done.stdout.contains("warning"), "{}", done.stdout);
}

#[test]
fn a_module_that_is_not_there_is_said_how_to_get() {
    let missing = run(&["run", "-W", "ignore", "-m", "pytest.something", "-v"]);
    assert_eq!(missing.status, 1);
    assert_says(&missing.stderr, &["No module named", "`--with pytest`"]);
    // One that is there and fails is another matter; so is one of the working directory.
    let failing = run(&["run", "-m", "json.tool", "no-such-file"]);
    assert_ne!(failing.status, 0);
    assert!(!failing.stderr.contains("--with"), "{}", failing.stderr);
    let folder = Folder::new();
    folder.file("own.py", "raise SystemExit(1)");
    let own = Completed::of(&command(emshim(), &["run", "-m", "own"]).dir(folder.path()));
    assert_eq!((own.status, own.stderr.as_str()), (1, ""));
}

#[test]
fn a_failed_build_names_the_next_command_on_lines_of_the_terminals_width() {
    const COLUMNS: u16 = 50;
    let folder = tiny();
    folder.file("tiny.c", "#error no\n");
    let build = on_terminal(COLUMNS, "", "", &[emshim().as_str(), "build"]);
    // `last` is of the log, which the other tests of the store write too.
    let log = folder.path().join("log");
    let build = build.env("EMSHIM_LOG", &log);
    let done = Completed::of(&build.dir(folder.path()));
    assert_eq!(done.status, 1);
    let last = done.stdout.trim_end().lines().last().unwrap_or_default();
    assert_eq!(last, "next: emshim log failures --build last");
    let failures = command(emshim(), &["log", "failures", "--build", "last"]);
    let failures = Completed::of(&failures.env("EMSHIM_LOG", &log)).success();
    assert!(failures.stdout.contains("tiny.c"), "{}", failures.stdout);
    // A spinner's line: what is drawn between two returns to the line's beginning.
    let spinner = |c: char| ('\u{2800}'..='\u{28ff}').contains(&c);
    let plain = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap();
    let text = plain.replace_all(&done.stdout, "\r");
    let drawn: Vec<&str> = text.split(['\r', '\n']).collect();
    let drawn: Vec<_> = drawn
        .iter()
        .filter(|line| line.starts_with(spinner))
        .collect();
    assert!(
        drawn.iter().any(|line| line.contains("building")),
        "{drawn:?}"
    );
    for line in drawn {
        assert!(line.chars().count() <= COLUMNS.into(), "{line:?}");
    }

    let json = Completed::of(&command(emshim(), &["build", "--json"]).dir(folder.path()));
    assert_eq!(json.status, 1);
    let result: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
    assert!(text("error").contains("back end failed"), "{}", json.stdout);
    let output = std::fs::read_to_string(text("output")).unwrap();
    assert!(output.contains("#error no"), "{output}");
    assert!(
        text("build").starts_with("build-emshim-test-"),
        "{}",
        json.stdout
    );
    let early = run(&["build", "--json", "./no-such-folder"]);
    let result: serde_json::Value = serde_json::from_str(&early.stdout).unwrap();
    assert!(
        result["error"]
            .as_str()
            .is_some_and(|e| e.contains("no-such-folder"))
    );
}

#[test]
fn the_time_of_the_tests_is_in_the_sum() {
    let folder = tiny();
    folder.file("tests/test_tiny.py", "def test():\n    import tiny\n");
    let log = folder.path().join("log");
    let build = command(emshim(), &["build", "--test", "-o", "out"]).dir(folder.path());
    let done = Completed::of(&build.env("EMSHIM_LOG", &log)).success();
    let at = |line: &str| {
        done.stderr
            .lines()
            .position(|l| l.trim_end().ends_with(line))
    };
    let (testing, sum) = (at("  testing"), at("  in all"));
    assert!(testing.is_some() && testing < sum, "{}", done.stderr);
    assert_says(&done.stderr, &["installing and importing it in Pyodide"]);
    let database = [
        "log",
        "compile-commands",
        "--build",
        "last",
        "-o",
        "cc.json",
    ];
    let database = command(emshim(), &database).dir(folder.path());
    let none = Completed::of(&database.env("EMSHIM_LOG", &log));
    assert_eq!(none.status, 1);
    assert_says(&none.stderr, &["--keep-work"]);
    assert!(!folder.path().join("cc.json").exists());
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
    let _ = Completed::of(&command(emshim(), &build).dir(folder.path().as_str())).success();
    let name = wheel_name("tiny-1.0").replace("pyemscripten", "pyodide");
    let wheel = folder.path().join("out").join(name);
    let unzip = [
        "-m",
        "zipfile",
        "-e",
        wheel.as_str(),
        folder.path().as_str(),
    ];
    let _ = Completed::of(&command("python3", &unzip)).success();
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
    let _ = Completed::of(&pack).success();
    let out = folder.file("occupied", "a file").join("out");
    let done = run(&["build", "-o", out.as_str(), zip.as_str()]);
    assert_eq!(done.status, 1);
    let kept = done
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("the wheel is kept as "));
    let kept = kept.unwrap_or_else(|| panic!("{}", done.stderr));
    assert!(std::path::Path::new(kept).exists(), "{kept}");
    assert!(kept.contains("/broken/"), "{kept}");
}
