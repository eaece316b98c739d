//! Every target that emshim promises to serve on a machine that has nothing: provisioned from
//! nothing into the store, its toolchain checked against its own Pyodide, a package built.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use disk::contents::SEAL;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, run, setuptools_project, wheel_name,
};
use provision::Store;
use pyodide_wheel::target::{DEFAULT, PROMISED, Target};
use tempfile::TempDir;

/// What `emshim setup --check` tries.
const CHECKS: &[&str] = &[
    "ok      a C++ exception across two modules",
    "ok      a Fortran module with a callback",
    "ok      a program",
    "ok      setjmp and 64-bit integers",
];

#[test]
fn every_promised_target_is_provisioned_and_passes_the_checks_of_a_toolchain() {
    for name in PROMISED {
        let done = run(&["setup", "--check", "--target", name]).success();
        assert_says(&done.stdout, CHECKS);
        assert!(!done.stdout.contains("FAILED"), "{name}: {}", done.stdout);
    }
}

/// The package's import check is part of the build; pytest and its own dependencies come from the
/// index, as wheels for any platform.
#[test]
fn every_promised_target_builds_a_package_and_runs_pytest() {
    for name in PROMISED {
        let folder = Folder::new();
        let out = folder.path().join("out");
        let build = [
            "build",
            "kiwisolver==1.5.1",
            "--target",
            name,
            "-o",
            out.as_str(),
        ];
        let done = run(&build).success();
        let abi = Target::parse(name).expect("a target").abi;
        assert_says(&done.stderr, &[name, abi.emscripten]);

        let wheel = out
            .read_dir_utf8()
            .expect("a folder")
            .next()
            .expect("a wheel");
        let wheel = wheel.expect("a wheel").into_path();
        folder.file("test_it.py", TEST);
        let python = [
            "run",
            "--target",
            name,
            "--with",
            wheel.as_str(),
            "--with",
            "pytest",
        ];
        let words = [&python[..], &["-m", "pytest", "-q", "test_it.py"]].concat();
        let pytest = command(emshim(), &words).dir(folder.path().as_str());
        let done = Completed::of(&pytest).success();
        assert_says(&done.stdout, &["1 passed"]);
    }
}

const TEST: &str = "import gc
gc.disable()  # kiwisolver 1.5.1's tp_clear traps when a cycle is collected
import kiwisolver

def test_solves():
    x = kiwisolver.Variable('x')
    solver = kiwisolver.Solver()
    solver.addConstraint(x >= 3)
    solver.updateVariables()
    assert x.value() == 3
";

#[test]
fn doctor_names_what_it_would_provision_and_from_where() {
    let folder = Folder::new();
    for name in PROMISED {
        let abi = Target::parse(name).expect("a target").abi;
        let doctor = command(emshim(), &["doctor", "--target", name]);
        let said = Completed::of(&doctor.env("EMSHIM_HOME", folder.path().as_str())).stdout;
        let emcc = said.lines().find(|line| line.contains(" emcc "));
        assert_says(emcc.unwrap_or(&said), &["on demand", "Debian ", abi.name]);
        let python = format!(" python{} ", abi.python);
        assert!(
            said.contains(&python) && !said.contains("out of PATH"),
            "{said}"
        );
    }
    // What nobody can provide is refused with every remedy, before anything is fetched.
    let build = ["setup", "--target", DEFAULT, "--exact"];
    let done = Completed::of(&command(emshim(), &build).env("EMSHIM_HOME", folder.path().as_str()));
    let own = Target::parse(DEFAULT).expect("a target").abi.emscripten;
    let remedy = format!("`emsdk install {own}`");
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert_says(&done.stderr, &["which no Debian suite has", &remedy]);
    for part in ["debian", "pyodide", "tools"] {
        assert!(!folder.path().join(part).exists(), "{part}");
    }
}

/// Where a suite's Emscripten has its version.
const VERSION: &str = "usr/share/emscripten/emscripten-version.txt";

/// A store whose suite for the default target has gone on: the provisioned one, in another place
/// (by hard links: whoever changes a file of it replaces the file), with another Emscripten by name.
struct Rolled {
    folder: TempDir,
    suite: Utf8PathBuf,
}

impl Rolled {
    fn new(version: &str) -> Self {
        let _ = run(&["setup"]).success();
        let store = Store::from_env().expect("a store");
        let beside = store.root().parent().expect("a parent");
        let folder = tempfile::Builder::new()
            .prefix("emshim-test-")
            .tempdir_in(beside);
        let folder = folder.expect("a folder beside the store");
        let root = Utf8Path::from_path(folder.path()).expect("a UTF-8 path");
        for part in ["debian", "pyodide", "sources"] {
            let from = store.root().join(part);
            let _ = Completed::of(&command("cp", &["-al", from.as_str(), root.as_str()])).success();
        }
        let name = |entry: camino::Utf8DirEntry| entry.path().to_owned();
        let entries = root.join("debian").read_dir_utf8().expect("suites");
        let suite = entries
            .map(|entry| name(entry.expect("an entry")))
            .filter(|path| path.file_name().is_some_and(|n| n.starts_with("testing-")))
            // Rust is of the same suite.
            .filter(|path| path.join(VERSION).is_file())
            // Older recipes' may be there too.
            .max_by_key(|path| {
                fs::metadata(path.join("emshim-stamp.json"))
                    .ok()?
                    .modified()
                    .ok()
            })
            .expect("the default target's suite");
        let rolled = Self { suite, folder };
        rolled.is_of_an_older_emshim();
        rolled.edit(VERSION, |_| format!("\"{version}\"\n"));
        let own = Target::parse(DEFAULT).expect("a target").abi;
        let tested = own.tested[0];
        rolled.edit("emshim-stamp.json", |text| text.replace(tested, version));
        rolled
    }

    /// Which kept no list of its files and no digest of its stamp: what is edited then counts.
    fn is_of_an_older_emshim(&self) {
        let _ = fs::remove_file(self.suite.join(SEAL));
        self.edit("emshim-stamp.json", |text| {
            let mut stamp: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let _ = stamp.as_object_mut().expect("a stamp").remove("sum");
            format!("{stamp:#}")
        });
    }

    fn edit(&self, file: &str, edit: impl FnOnce(String) -> String) {
        let path = self.suite.join(file);
        let text = edit(fs::read_to_string(&path).expect("a file"));
        fs::remove_file(&path).expect("a file that can be replaced");
        fs::write(&path, text).expect("a written file");
    }

    fn run(&self, words: &[&str], dir: &Utf8Path) -> Completed {
        let home = self.folder.path().to_str().expect("a UTF-8 path");
        Completed::of(
            &command(emshim(), words)
                .env("EMSHIM_HOME", home)
                .dir(dir.as_str()),
        )
    }
}

#[test]
fn a_newer_emscripten_of_the_suite_is_tried_once_and_said() {
    let rolled = Rolled::new("6.77.0");
    let project = Folder::new();
    project.file("pyproject.toml", &setuptools_project("tiny"));
    project.file(
        "setup.py",
        "from setuptools import *\nsetup(ext_modules=[Extension('tiny', ['tiny.c'])])\n",
    );
    project.file("tiny.c", TINY);
    let dir = project.path();

    let done = rolled.run(&["build", "-o", "out"], dir).success();
    assert_says(
        &done.stderr,
        &[
            "has gone on to Emscripten 6.77.0",
            "trying it, once",
            "on trial",
        ],
    );
    let wheel = dir.join("out").join(wheel_name("tiny-1.0"));
    let unzip = ["-p", wheel.as_str(), "tiny-1.0.dist-info/EMSHIM.json"];
    let read =
        "import sys, zipfile; print(zipfile.ZipFile(sys.argv[2]).read(sys.argv[3]).decode())";
    let unzip = [&["-c", read][..], &unzip].concat();
    let provenance = Completed::of(&command("python3", &unzip)).success().stdout;
    assert_says(&provenance, &["on-trial", "6.77.0"]);

    let again = rolled.run(&["setup"], dir).success();
    assert!(!again.stderr.contains("trying it"), "{}", again.stderr);
    assert_says(&again.stdout, &["on trial"]);
    let exact = rolled.run(&["setup", "--exact"], dir);
    assert_eq!(exact.status, 1, "{}", exact.stdout);
}

#[test]
fn a_newer_emscripten_that_fails_and_a_python_that_is_gone_are_refused_with_what_still_works() {
    let rolled = Rolled::new("6.78.0");
    let dir = Folder::new();
    // The links of all checks fail; what is made without a link goes on to work.
    let libraries = rolled.suite.join("usr/lib").read_dir_utf8();
    let linker = libraries
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path().join("bin/wasm-ld"))
        .find(|path| path.exists())
        .expect("LLVM's linker");
    fs::remove_file(&linker).expect("a linker");
    fs::write(&linker, "#!/bin/sh\necho 'no links today' >&2\nexit 1\n").expect("a script");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&linker, mode).expect("a program");
    let others = ["--target pyodide@0.29.5", "no links today", "emsdk install"];
    for _ in 0..2 {
        let done = rolled.run(&["setup"], dir.path());
        assert_eq!(done.status, 1, "{}", done.stdout);
        assert_says(&done.stderr, &others);
    }

    rolled.is_of_an_older_emshim();
    rolled.edit("emshim-stamp.json", |text| {
        text.replace("python3.15", "python3.99")
    });
    fs::remove_file(rolled.suite.join("usr/bin/python3.15")).expect("a Python");
    let done = rolled.run(
        &["setup", "--target", "pyodide@315.0.0-alpha.2"],
        dir.path(),
    );
    assert_eq!(done.status, 1, "{}", done.stdout);
    assert_says(
        &done.stderr,
        &["Python 3.15 is not in Debian testing any more", others[0]],
    );
}

const TINY: &str = "#include <Python.h>
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1, 0};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&def); }
";
