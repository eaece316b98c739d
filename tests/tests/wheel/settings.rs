//! What a project says of its builds in its files, from the build to the tests.

use std::io::Read as _;

use camino::Utf8Path;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, setuptools_project, wheel_name,
};

/// A project whose module is made of what its settings say.
fn project() -> Folder {
    let folder = Folder::new();
    let settings = "[tool.emshim]\n\
        cflags = '-DANSWER=40'\n\
        cxxflags = '-DMORE=2'\n\
        environment = { FEATURE = 'on' }\n\
        before-build = ['echo \"#define MADE 1\" > made.h', 'test \"$FEATURE\" = on && test -f {project}/made.h']\n\
        exclude = ['data', '*.txt']\n\
        test-command = ['python -c \"import tiny; assert tiny.answer() == 42\"', 'pytest {project}/tests']\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + settings));
    folder.file(
        "setup.py",
        "import os\nfrom setuptools import Extension, setup\nassert os.environ['FEATURE'] == 'on'\n\
         setup(ext_modules=[Extension('tiny', ['tiny.cpp'])], packages=['more', 'more.data'],\n\
         package_data={'more': ['*.txt', 'data/*']})\n",
    );
    folder.file(
        "tiny.cpp",
        "#include <Python.h>\n#include \"made.h\"\n#if !MADE\n#error not made\n#endif\n\
         static PyObject *answer(PyObject *, PyObject *) { return PyLong_FromLong(ANSWER + MORE); }\n\
         static PyMethodDef methods[] = {{\"answer\", answer, METH_NOARGS, 0}, {0, 0, 0, 0}};\n\
         static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1, methods};\n\
         PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }\n",
    );
    folder.file("more/__init__.py", "");
    folder.file("more/notes.txt", "left out\n");
    folder.file("more/data/__init__.py", "raise SystemError('left out')\n");
    folder.file(
        "tests/test_tiny.py",
        "import os\ndef test():\n    assert os.environ['FEATURE'] == 'on'\n",
    );
    folder
}

fn names(wheel: &Utf8Path) -> Vec<String> {
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(wheel).expect("a wheel");
    file.read_to_end(&mut bytes).expect("its bytes");
    let zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip archive");
    zip.file_names()
        .map(|name| name.expect("a name").into_owned())
        .collect()
}

#[test]
fn settings_reach_the_compiler_the_wheel_and_its_tests() {
    let folder = project();
    let out = folder.path().join("out");
    let words = ["build", "-o", out.as_str(), folder.path().as_str()];
    let done = Completed::of(&command(emshim(), &words)).success();
    assert_says(
        &done.stderr,
        &[
            "settings in pyproject.toml: environment, before-build",
            "files are left out",
        ],
    );
    assert_says(&done.stdout, &["1 passed"]);
    let names = names(&out.join(wheel_name("tiny-1.0")));
    assert!(
        names.iter().any(|name| name == "more/__init__.py"),
        "{names:?}"
    );
    assert!(
        !names
            .iter()
            .any(|name| name.contains("data") || name.ends_with("notes.txt"))
    );
    assert!(
        !folder.path().join("made.h").exists(),
        "the source stays as it is"
    );

    // An sdist's settings are its author's: they count, and are told as such.
    // tar fails when the folder that it reads changes.
    let place = Folder::new();
    let sdist = place.path().join("tiny-1.0.tar.gz");
    let source = folder.path().file_name().expect("a name");
    let parent = folder.path().parent().expect("a folder");
    let rename = format!("--transform=s,^{source},tiny-1.0,");
    let out_of_it = format!("--exclude={source}/out");
    let tar = [
        "-C",
        parent.as_str(),
        &rename,
        &out_of_it,
        "--exclude=*.gz",
        "-czf",
        sdist.as_str(),
        source,
    ];
    let _ = Completed::of(&command("tar", &tar)).success();
    let words = ["build", "--no-test", "-o", out.as_str(), sdist.as_str()];
    let done = Completed::of(&command(emshim(), &words)).success();
    assert_says(
        &done.stderr,
        &["settings of the source's author, in pyproject.toml"],
    );
    assert_eq!(done.stdout, "", "no test ran");
    let words = ["build", "--no-config", "-o", out.as_str(), sdist.as_str()];
    let done = Completed::of(&command(emshim(), &words).env("FEATURE", "on"));
    assert_ne!(done.status, 0, "without its settings it cannot be built");
    assert_says(&done.stderr, &["made.h"]);
}

#[test]
fn a_variable_of_emshims_own_is_no_projects() {
    let folder = Folder::new();
    let settings = "[tool.emshim]\nenvironment = { CC = 'clang' }\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + settings));
    folder.file("tiny.py", "");
    let done = Completed::of(&command(emshim(), &["build", folder.path().as_str()]));
    assert_ne!(done.status, 0);
    assert_says(&done.stderr, &["`environment` sets CC", "take it out"]);
}

#[test]
fn a_stripped_wheel_has_its_tests_beside_it_and_they_run() {
    let folder = Folder::new();
    let settings = "[tool.emshim]\nstrip-tests = true\nstrip-headers = true\n\
        test-command = 'pytest --pyargs more.tests'\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + settings));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('more.tiny', ['tiny.c'])], packages=['more', 'more.tests'],\n\
         package_data={'more': ['*.h']})\n",
    );
    folder.file(
        "tiny.c",
        "#include <Python.h>\n\
         static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1};\n\
         PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }\n",
    );
    folder.file("more/__init__.py", "from . import tiny\n");
    folder.file("more/more.h", "");
    folder.file("more/tests/__init__.py", "");
    folder.file(
        "more/tests/test_more.py",
        "from more import tiny\ndef test():\n    assert tiny\n",
    );
    let out = folder.path().join("out");
    let words = ["build", "-o", out.as_str(), folder.path().as_str()];
    let done = Completed::of(&command(emshim(), &words)).success();
    assert_says(&done.stdout, &["1 passed"]);
    let wheel = out.join(wheel_name("tiny-1.0"));
    let left = names(&wheel);
    assert!(
        left.iter()
            .all(|name| !name.contains("test") && !name.ends_with(".h")),
        "{left:?}"
    );
    assert!(
        left.iter().any(|name| name == "more/__init__.py"),
        "{left:?}"
    );
    // Its tests by hand: the archive is found beside the wheel.
    let words = [
        "run",
        "--with",
        wheel.as_str(),
        "--with",
        "pytest",
        "--with-tests",
        "tiny",
    ];
    let ask = ["-m", "pytest", "--pyargs", "more.tests"];
    let run = |words: &[&str]| Completed::of(&command(emshim(), &[words, &ask].concat()));
    assert_says(&run(&words).success().stdout, &["1 passed"]);
    let refused = run(&["run", "--with", wheel.as_str(), "--with-tests", "other"]);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["other", "not installed", "--with other"]);
    let tests = wheel.as_str().replace(".whl", "-tests.tar");
    std::fs::rename(&tests, out.join("tiny-tests.tar")).expect("the archive");
    let refused = run(&words);
    assert_eq!(refused.status, 1);
    assert_says(
        &refused.stderr,
        &["no tiny-1.0-", out.as_str(), "--strip-tests"],
    );
}
