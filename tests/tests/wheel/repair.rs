//! Wheels whose modules need a shared library that they do not have.

use std::fs;

use camino::Utf8PathBuf;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, setuptools_project, wheel_name,
};

/// Two modules in two folders that count with one library, which lies in `lib`.
fn twin() -> Folder {
    let folder = Folder::new();
    folder.file(
        "lib/counter.c",
        "static int count; int next(void) { return ++count; }\n",
    );
    folder.file("src/pyproject.toml", &setuptools_project("twin"));
    folder.file(
        "src/setup.py",
        "import os\nfrom setuptools import Extension, setup\n\
         lib = dict(libraries=['counter'], library_dirs=os.environ.get('LIBS', '').split())\n\
         setup(packages=['twin', 'twin.deep'], ext_modules=[Extension('twin.a', ['a.c'], **lib),\n\
         Extension('twin.deep.b', ['b.c'], **lib)])\n",
    );
    for module in ["a", "b"] {
        let text = "#include <Python.h>\nint next(void);\n\
            static PyObject *call(PyObject *self, PyObject *none) { return PyLong_FromLong(next()); }\n\
            static PyMethodDef methods[] = {{\"next\", call, METH_NOARGS, 0}, {0, 0, 0, 0}};\n\
            static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"NAME\", 0, -1, methods};\n\
            PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }\n";
        let text = text.replace("NAME", module);
        folder.file(&format!("src/{module}.c"), &text);
    }
    folder.file("src/twin/__init__.py", "");
    folder.file("src/twin/deep/__init__.py", "");
    folder
}

fn emshim_in(folder: &Folder, words: &[&str], variables: &[(&str, &str)]) -> Completed {
    let mut call = command(emshim(), words).dir(folder.path());
    for (name, value) in variables {
        call = call.env(name, value);
    }
    Completed::of(&call)
}

const COMPILE: [&str; 6] = [
    "gcc",
    "-O1",
    "-shared",
    "lib/counter.c",
    "-o",
    "lib/libcounter.so",
];

/// What both modules count, in Pyodide.
const COUNT: &str =
    "from twin import a; from twin.deep import b; print(a.next(), b.next(), a.next())";

/// By hand: the build names the remedy, the remedy gives a wheel that works, and the input stays as it is.
#[test]
fn a_refused_wheel_is_repaired_by_hand() {
    let folder = twin();
    let _ = emshim_in(&folder, &[&["exec", "--"][..], &COMPILE].concat(), &[]).success();
    let libs = folder.path().join("lib");
    let build = ["build", "-o", "dist", "src"];
    let refused = emshim_in(&folder, &build, &[("LIBS", libs.as_str())]);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["libcounter.so", "emshim wheel repair"]);
    let kept = refused
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("the wheel is kept as "));
    let kept = Utf8PathBuf::from(kept.expect("where the wheel is"));
    let before = fs::read(&kept).expect("the wheel");
    let lacking = emshim_in(&folder, &["wheel", "repair", kept.as_str()], &[]);
    assert_eq!(lacking.status, 1);
    assert_says(
        &lacking.stderr,
        &["twin/a.", "twin/deep/b.", "libcounter.so", "--with-libs"],
    );
    assert!(!folder.path().join("wheelhouse").exists());
    let repair = ["wheel", "repair", "--with-libs", "lib", kept.as_str()];
    let done = emshim_in(&folder, &repair, &[]).success().stdout;
    assert_says(
        &done,
        &["lib/libcounter.so is in the wheel, as twin.libs/libcounter-"],
    );
    assert_eq!(fs::read(&kept).expect("the wheel"), before);
    fs::remove_file(&kept).expect("the test's own wheel");
    let wheel = format!("wheelhouse/{}", wheel_name("twin-1.0"));
    let run = ["run", "--with", &wheel, "-c", COUNT];
    assert_eq!(emshim_in(&folder, &run, &[]).success().stdout, "1 2 3\n");
    let over = ["wheel", "repair", "-o", "wheelhouse", &wheel];
    let over = emshim_in(&folder, &over, &[]);
    assert_eq!(over.status, 1);
    assert_says(&over.stderr, &["written over", "--outdir"]);
    let again = ["wheel", "repair", "-o", "again", &wheel];
    let again = emshim_in(&folder, &again, &[]).success().stdout;
    assert_says(&again, &["has all that its modules need"]);
    let both = [&wheel, &wheel.replace("wheelhouse", "again")];
    let [one, other] = both.map(|path| fs::read(folder.path().join(path)).expect("a wheel"));
    assert_eq!(one, other);
}

const SHARED: &str = "name = 'twincounter'
version = '1.0'
summary = 'one that counts'
[source]
path = 'lib'
[build]
system = 'make'
shared = true
[provides]
libraries = ['counter']
";

/// It makes both kinds, as libtool does.
const MAKEFILE: &str = "all:
\tgcc -shared counter.c -o libcounter.so && gcc -c counter.c && ar rcs libcounter.a counter.o
install:
\tmkdir -p $(DESTDIR)$(PREFIX)/lib && cp libcounter.so libcounter.a $(DESTDIR)$(PREFIX)/lib
";

/// What was added is everybody's.
struct Added<'f>(&'f Folder);

impl Drop for Added<'_> {
    fn drop(&mut self) {
        let _ = emshim_in(self.0, &["library", "remove", "twincounter"], &[]);
    }
}

/// A library whose recipe wants it shared has one state for all modules of a wheel, and setup scripts ask it.
#[test]
fn a_shared_library_of_a_recipe_is_one_for_all_modules() {
    let folder = twin();
    folder.file("lib/Makefile", MAKEFILE);
    folder.file("twincounter.toml", SHARED);
    let setup = folder.path().join("src/setup.py");
    let asks = "import ctypes\nassert ctypes.CDLL('libcounter.so').next() == 1\n";
    let text = fs::read_to_string(&setup).expect("the script");
    folder.file("src/setup.py", &format!("{asks}{text}"));
    let added = Added(&folder);
    let add = ["library", "add", "./twincounter.toml"];
    let _ = emshim_in(&folder, &add, &[]).success();
    let built = emshim_in(&folder, &["build", "-o", "dist", "src"], &[]).success();
    assert_says(&built.stderr, &["as twin.libs/libcounter-"]);
    drop(added);
    let wheel = format!("dist/{}", wheel_name("twin-1.0"));
    let run = ["run", "--with", &wheel, "-c", COUNT];
    assert_eq!(emshim_in(&folder, &run, &[]).success().stdout, "1 2 3\n");
}

/// A library of `EMSHIM_PREFIX` comes with the build. Pyodide 0.29 would load a copy of it for each folder.
#[test]
fn a_build_takes_what_its_prefix_has() {
    let folder = twin();
    let target = ["--target", "pyodide@0.29.5"];
    let exec = [&["exec"], &target[..], &["--"], &COMPILE].concat();
    let _ = emshim_in(&folder, &exec, &[]).success();
    let build = [&["build", "-o", "dist"], &target[..], &["src"]].concat();
    let prefix = [("EMSHIM_PREFIX", folder.path().as_str())];
    let built = emshim_in(&folder, &build, &prefix).success();
    assert_says(
        &built.stderr,
        &["as twin.libs/libcounter-", "one library for all of them"],
    );
    let wheel = "dist/twin-1.0-cp313-cp313-pyemscripten_2025_0_wasm32.whl";
    let run = [&["run"], &target[..], &["--with", wheel, "-c", COUNT]].concat();
    assert_eq!(emshim_in(&folder, &run, &[]).success().stdout, "1 2 3\n");
}
