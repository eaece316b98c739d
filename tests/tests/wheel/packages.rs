//! Real packages from the index, built and run in Pyodide.

use emshim_tests::packages::{self, PACKAGES, Report};
use emshim_tests::real::{Completed, Folder, command, emshim, run, setuptools_project, wheel_name};
use pyodide_wheel::target;

fn build_and_test(name: &str) -> Report {
    let package = PACKAGES
        .iter()
        .find(|p| p.name == name)
        .expect("a row of the table");
    let report = packages::build_and_test(&emshim(), target::DEFAULT, package)
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{}", packages::table(std::slice::from_ref(&report)));
    report
}

/// Of all that pytest ran, nothing failed.
fn all_pass(report: &Report) {
    assert!(report.counts.passed > 0, "{report:?}");
    assert_eq!(
        (report.counts.failed, report.status),
        (0, 0),
        "{:#?}",
        report.failed
    );
}

/// In this order: NumPy's wheel serves boost-histogram, which would have it built otherwise.
#[test]
fn packages_of_each_build_system_pass_their_own_tests() {
    for name in ["kiwisolver", "numpy", "boost-histogram"] {
        all_pass(&build_and_test(name));
    }
}

#[test]
fn the_same_source_in_two_folders_gives_the_same_bytes() {
    let wheel = || {
        let folder = Folder::new();
        folder.file("src/pyproject.toml", &setuptools_project("ext-pkg"));
        folder.file("src/setup.py", SETUP);
        folder.file("src/ext.cpp", EXTENSION);
        let source = folder.path().join("src");
        let out = folder.path().join("out");
        let before = listing(&source);
        let _ = run(&["build", "--outdir", out.as_str(), source.as_str()]).success();
        assert_eq!(
            listing(&source),
            before,
            "the build changed the user's folder"
        );
        let wheel = out
            .read_dir_utf8()
            .unwrap()
            .next()
            .expect("a wheel")
            .unwrap()
            .into_path();
        (
            wheel.file_name().map(str::to_owned),
            std::fs::read(&wheel).unwrap(),
        )
    };
    let (name, first) = wheel();
    assert_eq!(name, Some(wheel_name("ext_pkg-1.0")));
    let (_, second) = wheel();
    assert!(first == second, "the two wheels differ");
}

fn listing(folder: &camino::Utf8Path) -> Vec<String> {
    let entries = folder.read_dir_utf8().expect("a readable folder");
    let mut names: Vec<_> = entries
        .map(|e| e.expect("an entry").file_name().to_owned())
        .collect();
    names.sort();
    names
}

const SETUP: &str = "from setuptools import Extension, setup
setup(ext_modules=[Extension('ext', ['ext.cpp'])], py_modules=[])
";

// A C++ exception through a side module, __FILE__, and a 64-bit integer across the border.
const EXTENSION: &str = "#include <Python.h>
#include <stdexcept>
static PyObject *f(PyObject *, PyObject *arg) {
    try {
        long long n = PyLong_AsLongLong(arg);
        if (n < 0) throw std::runtime_error(__FILE__);
        return PyLong_FromLongLong(n << 40);
    } catch (const std::exception &e) {
        PyErr_SetString(PyExc_ValueError, e.what());
        return nullptr;
    }
}
static PyMethodDef methods[] = {{\"f\", f, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"ext\", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_ext(void) { return PyModule_Create(&def); }
";

#[test]
fn exceptions_and_64_bit_integers_cross_the_border_and_run_is_like_python() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("ext-pkg"));
    folder.file("setup.py", SETUP);
    folder.file("ext.cpp", EXTENSION);
    let build = command(emshim(), &["build", "-o", "out"]).dir(folder.path().as_str());
    let _ = Completed::of(&build).success();
    let wheel = format!("out/{}", wheel_name("ext_pkg-1.0"));
    let python = |words: &[&str]| {
        let all: Vec<&str> = ["run", "--with", &wheel]
            .iter()
            .chain(words)
            .copied()
            .collect();
        Completed::of(&command(emshim(), &all).dir(folder.path().as_str()))
    };
    let done = python(&["-c", "import ext; print(ext.f(3))"]).success();
    assert_eq!(done.stdout, format!("{}\n", 3_i64 << 40));

    let done = python(&["-c", "import ext; ext.f(-1)"]);
    assert_eq!(done.status, 1);
    let last = done.stderr.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("ValueError: ") && last.ends_with("ext.cpp"),
        "{}",
        done.stderr
    );

    folder.file(
        "script.py",
        "import sys; print(sys.argv[1:], flush=True); sys.exit(int(sys.argv[1]))",
    );
    let done = python(&["script.py", "7", "-v"]);
    assert_eq!(
        (done.status, done.stdout.as_str()),
        (7, "['7', '-v']\n"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_pure_package_gives_the_wheel_that_pypas_build_gives() {
    let folder = Folder::new();
    folder.file(
        "src/pyproject.toml",
        "[build-system]\nrequires = ['flit_core']\nbuild-backend = 'flit_core.buildapi'\n\
         [project]\nname = 'pure'\nversion = '1'\ndescription = 'p'\n",
    );
    folder.file("src/pure.py", "\"\"\"p\"\"\"\n");
    let source = folder.path().join("src");
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    // The back end writes this time into the archive; without it, the clock's.
    let epoch = ("SOURCE_DATE_EPOCH", "1700000000");
    let build = command(emshim(), &["build", "-o", ours.as_str(), source.as_str()]);
    let _ = Completed::of(&build.env(epoch.0, epoch.1)).success();
    let venv = folder.path().join("venv");
    let _ = Completed::of(&command("python3", &["-m", "venv", venv.as_str()])).success();
    let python = venv.join("bin/python");
    let _ = Completed::of(&command(&python, &["-m", "pip", "install", "-q", "build"])).success();
    let reference = command(
        &python,
        &[
            "-m",
            "build",
            "--wheel",
            "-o",
            theirs.as_str(),
            source.as_str(),
        ],
    );
    let _ = Completed::of(&reference.env(epoch.0, epoch.1)).success();
    assert_eq!(listing(&ours), listing(&theirs));
    let name = listing(&ours).pop().expect("a wheel");
    let bytes = |folder: &camino::Utf8Path| std::fs::read(folder.join(&name)).expect("a wheel");
    assert!(
        bytes(&ours) == bytes(&theirs),
        "the two wheels of {name} differ"
    );
}
