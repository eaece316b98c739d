//! What a project says of its builds in its files, from the build to the tests.

use std::io::Read as _;

use camino::Utf8Path;
use emshim_tests::real::{
    Completed, Folder, TINY_MODULE, assert_says, command, emshim, setuptools_project, wheel_name,
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
    folder.file("tiny.c", TINY_MODULE);
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

#[test]
fn a_wheel_gets_smaller_by_bytecode_and_wasm_opt_and_does_what_it_did() {
    let folder = Folder::new();
    // A module so small gets no smaller when it was optimised before.
    let settings = "[tool.emshim]\ncflags = '-O0'\nldflags = '-O0'\n\
        test-command = 'pytest --pyargs more.tests'\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + settings));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('more.tiny', ['tiny.c'])], packages=['more', 'more.tests'],\n\
         package_data={'more': ['*.py']})\n",
    );
    // Saturating conversions, wide memory operations and exceptions: features that wasm-opt has to be told of.
    folder.file(
        "tiny.c",
        "#include <Python.h>\n#include <setjmp.h>\n#include <string.h>\nstatic jmp_buf place;\n\
         static void leave(int n) { longjmp(place, n); }\n\
         static PyObject *whole(PyObject *self, PyObject *number) {\n\
         \x20 double value = PyFloat_AsDouble(number); char buffer[64];\n\
         \x20 memset(buffer, (int)value, sizeof buffer);\n\
         \x20 int jumped = setjmp(place); if (!jumped) leave(buffer[63]);\n\
         \x20 return PyLong_FromLong(jumped);\n}\n\
         static PyMethodDef methods[] = {{\"whole\", whole, METH_O, 0}, {0, 0, 0, 0}};\n\
         static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1, methods};\n\
         PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }\n",
    );
    folder.file(
        "more/__init__.py",
        "from . import tiny\n\ndef twice(number):\n    return 2 * tiny.whole(number)\n\ndef fail():\n    raise TypeError\n",
    );
    folder.file("more/old.py", "print 'Python 2'\n");
    folder.file("more/a-template.py", "x = 1\n");
    folder.file("more/tests/__init__.py", "");
    folder.file(
        "more/tests/test_more.py",
        "import more, traceback\n\
         def test():\n    assert more.twice(20.5) == 40 and more.__file__.endswith('.pyc')\n\
         def test_a_traceback_has_the_line():\n    try:\n        more.fail()\n\
         \x20   except TypeError as error:\n        last = traceback.extract_tb(error.__traceback__)[-1]\n\
         \x20       assert (last.name, last.lineno, last.line) == ('fail', 7, '')\n",
    );
    let build = |out: &str, options: &[&str]| {
        let words = [
            &["build", "-o", out][..],
            options,
            &[folder.path().as_str()],
        ]
        .concat();
        let done = Completed::of(&command(emshim(), &words)).success();
        (Utf8Path::new(out).join(wheel_name("tiny-1.0")), done)
    };
    let [plain, small, again] = ["plain", "small", "again"].map(|name| folder.path().join(name));
    let (before, _) = build(plain.as_str(), &["--no-test"]);
    let options = ["--compile-py", "--wasm-opt", "Oz"];
    let (wheel, done) = build(small.as_str(), &options);
    assert_says(&done.stdout, &["2 passed"]);
    assert_says(
        &done.stderr,
        &[
            "modules by wasm-opt -Oz: 1 files",
            "more/old.py stays as it is: SyntaxError",
        ],
    );
    let left = names(&wheel);
    let has = |name: &str| left.iter().any(|other| other == name);
    for name in [
        "more/__init__.pyc",
        "more/old.py",
        "more/a-template.py",
        "more/tests/test_more.py",
    ] {
        assert!(has(name), "{name}: {left:?}");
    }
    assert!(!has("more/__init__.py"), "{left:?}");
    let words = [
        "wheel",
        "size",
        "--json",
        "--before",
        before.as_str(),
        wheel.as_str(),
    ];
    let said = Completed::of(&command(emshim(), &words)).success().stdout;
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let modules = |of: &serde_json::Value| of["kinds"]["modules"]["unpacked"].as_u64();
    assert!(modules(&said[0]) < modules(&said[0]["before"]), "{said}");
    let (same, _) = build(again.as_str(), &options);
    let bytes = |path: &Utf8Path| std::fs::read(path).expect("a wheel");
    assert_eq!(bytes(&wheel), bytes(&same));
    let refused = Completed::of(&command(emshim(), &["build", "--wasm-opt", "O9"]));
    assert_eq!(refused.status, 2);
    assert_says(&refused.stderr, &["O9", "Os, Oz"]);
}

#[test]
fn a_wheel_for_any_platform_keeps_its_sources() {
    let folder = Folder::new();
    let settings = "[tool.emshim]\ncompile-py = true\nwasm-opt = 'Os'\n";
    folder.file("pyproject.toml", &(setuptools_project("tiny") + settings));
    folder.file("tiny.py", "");
    let out = folder.path().join("out");
    let words = ["build", "-o", out.as_str(), folder.path().as_str()];
    let done = Completed::of(&command(emshim(), &words)).success();
    assert_says(&done.stderr, &["is for any platform, and stays as it is"]);
    assert!(names(&out.join("tiny-1.0-py3-none-any.whl")).contains(&"tiny.py".to_owned()));
    folder.file("emshim.toml", "wasm-opt = 'O9'\n");
    let done = Completed::of(&command(emshim(), &words));
    assert_ne!(done.status, 0);
    assert_says(&done.stderr, &["`wasm-opt` must be `Os` or `Oz`"]);
}
