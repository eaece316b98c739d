//! Fortran's parts of a set-up toolchain: f2c built from its source, and the runtime library in a
//! program, in a side module and in Pyodide; a native gfortran for machines without one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use camino::Utf8PathBuf;
use emshim_tests::real::{Completed, Folder, command, emshim, exports, imports, shim, shims};
use provision::{Env, Silent, Store, provision_f2c, provision_gfortran};
use toolcall::config::ShimConfig;

/// Writes an integer into a string with a format, by the runtime's calls for it.
const WRITES: &str = r#"
#include "f2c.h"
extern integer s_wsfi(icilist *), do_fio(integer *, char *, ftnlen), e_wsfi(void);

void answer(char *text, ftnlen length) {
    static icilist io = {0, 0, 0, "(I8,F8.3)", 16, 1};
    static integer one = 1;
    integer number = 42;
    doublereal half = .5;
    real single = (real)half;
    io.iciunit = text;
    s_wsfi(&io);
    do_fio(&one, (char *)&number, sizeof number);
    do_fio(&one, (char *)&single, sizeof single);
    e_wsfi();
}
"#;

const MAIN: &str = r#"
#include <stdio.h>
#include "f2c.h"
extern void answer(char *, ftnlen);

int main(int argc, char **argv) {
    char text[17] = {0};
    answer(text, 16);
    puts(text);
}
"#;

#[test]
fn f2c_is_built_from_its_source() {
    let folder = Folder::new();
    // The machine's compilers, and no f2c.
    let env: Env = ["PATH"]
        .into_iter()
        .map(|name| (name, "/usr/local/bin:/usr/bin:/bin"))
        .collect();
    let store = Store::at(folder.path().join("store"));
    let f2c = provision_f2c(&env, &store, None, &Silent).expect("an f2c");
    let source = folder.file(
        "half.f",
        "      REAL FUNCTION HALF(X)\n      HALF = X / 2\n      END\n",
    );
    let c = Completed::of(&command(&f2c, &["-R"]).stdin_path(&source))
        .success()
        .stdout;
    assert!(c.contains("real half_(real *x)"), "{c}");
    let again = provision_f2c(&env, &store, None, &Silent).expect("the same f2c");
    assert_eq!(again, f2c);
}

/// A machine that has all that provisioning asks for, and no compiler.
#[test]
fn a_native_gfortran_comes_from_packages() {
    let folder = Folder::new();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("a folder");
    for name in ["apt-config", "apt-get", "dpkg", "dpkg-deb", "python3"] {
        let program = Env::capture().program(name).expect(name);
        let call = format!("#!/bin/sh\nexec {program} \"$@\"\n");
        let path = folder.file(&format!("bin/{name}"), &call);
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("a program");
    }
    let env: Env = [("PATH", bin.as_str())].into_iter().collect();
    let store = Store::from_env().expect("a store");
    let native = provision_gfortran(&env, &store, &Silent).expect("a gfortran");
    folder.file(
        "root.f",
        "      DOUBLE PRECISION X, HALF\n      X = HALF(4D0)\n      PRINT *, SQRT(X)\n      END\n",
    );
    folder.file("half.c", "double half_(double *x) { return *x / 2; }\n");
    // Not even `as` and `ld` of the machine are used.
    let bare = |program: &Utf8PathBuf, words: &[&str]| {
        let bare = command(program, words)
            .dir(folder.path())
            .full_env([("PATH", "/nowhere")]);
        Completed::of(&bare).success().stdout
    };
    bare(&native.gcc, &["-c", "half.c"]);
    bare(&native.gfortran, &["-O2", "root.f", "half.o", "-o", "root"]);
    let said = bare(&folder.path().join("root"), &[]);
    assert!(said.trim().starts_with("1.41421356"), "{said}");
}

/// The runtime's folder.
fn runtime() -> Utf8PathBuf {
    ShimConfig::load(shims())
        .expect("a shim folder")
        .fortran
        .runtime
}

#[test]
fn the_runtime_links_into_a_program() {
    let folder = Folder::new();
    folder.file("main.c", MAIN);
    folder.file("writes.c", WRITES);
    let (include, library) = (format!("-I{}", runtime()), runtime().join("libgfortran.a"));
    let words = [
        "main.c",
        "writes.c",
        &include,
        library.as_str(),
        "-o",
        "main.js",
    ];
    let built = shim("gcc", &words, folder.path()).success();
    assert!(
        !built.stderr.contains("signature mismatch"),
        "{}",
        built.stderr
    );
    let said = Completed::of(&command("node", &["main.js"]).dir(folder.path())).success();
    assert_eq!(said.stdout, "      42   0.500\n");
}

/// Programs of a test suite write to one file in turn, which no unit of theirs may cut.
#[test]
fn standard_output_may_be_a_file_that_others_write_too() {
    let folder = Folder::new();
    folder.file(
        "first.f",
        "      CHARACTER*9 LINE\n      READ (5, '(A)') LINE\n      WRITE (6, '(A)') LINE\n      \
         WRITE (*, *) 'END'\n      END\n",
    );
    folder.file("given", "first\nsecond\n");
    let _ = shim("gfortran", &["first.f", "-o", "first"], folder.path()).success();
    let script = "{ echo before; ./first < given; ./first < given; } > out; ./first < given >> out";
    let _ = Completed::of(&command("sh", &["-c", script]).dir(folder.path())).success();
    let said = fs::read_to_string(folder.path().join("out")).expect("the output");
    let one = "first    \n END\n";
    assert_eq!(said, format!("before\n{one}{one}{one}"));
}

#[test]
fn the_runtime_links_into_a_side_module() {
    let folder = Folder::new();
    folder.file("writes.c", WRITES);
    let (include, library) = (format!("-I{}", runtime()), runtime().join("libgfortran.a"));
    let words = [
        "-shared",
        "writes.c",
        &include,
        library.as_str(),
        "-o",
        "w.so",
    ];
    let module = shim(
        "gcc",
        &[&words[..], &["-Wl,--export=answer"]].concat(),
        folder.path(),
    );
    let built = module.success();
    assert!(
        !built.stderr.contains("signature mismatch"),
        "{}",
        built.stderr
    );
    let file = folder.path().join("w.so");
    assert!(exports(file.as_std_path()).contains(&"answer".to_owned()));
    // Nothing of the runtime may be left to import: the host has none.
    let runtime = ["s_wsfi", "do_fio", "e_wsfi", "MAIN__"];
    let imported = imports(file.as_std_path());
    assert!(
        !imported.iter().any(|name| runtime.contains(&name.as_str())),
        "{imported:?}"
    );
}

/// Formatted, list-directed, internal and unformatted input and output, and STOP.
const FORTRAN_IO: &str = "\
\x20     SUBROUTINE EDIT(N, TEXT)
      INTEGER N
      CHARACTER*(*) TEXT
      WRITE (TEXT, '(I5, F8.3)') N, N / 4.0
      END

      SUBROUTINE SAY(N)
      INTEGER N
      WRITE (*, *) 'said', N
      WRITE (6, '(A, I3)') 'again', N
      END

      DOUBLE PRECISION FUNCTION KEEP(X)
      DOUBLE PRECISION X, Y
      OPEN (10, FILE = 'kept.bin', FORM = 'UNFORMATTED')
      WRITE (10) X, 2*X
      REWIND (10)
      READ (10) Y, KEEP
      CLOSE (10)
      END

      SUBROUTINE QUIT
      STOP 7
      END
";

/// A Python extension that calls [`FORTRAN_IO`].
const EXTENSION: &str = r#"
#include <Python.h>
extern void edit_(int *, char *, int), say_(int *), quit_(void);
extern double keep_(double *);

static PyObject *edit(PyObject *self, PyObject *arg) {
    int n = (int)PyLong_AsLong(arg);
    char text[13];
    edit_(&n, text, sizeof text);
    return PyUnicode_FromStringAndSize(text, sizeof text);
}

static PyObject *say(PyObject *self, PyObject *arg) {
    int n = (int)PyLong_AsLong(arg);
    say_(&n);
    Py_RETURN_NONE;
}

static PyObject *keep(PyObject *self, PyObject *arg) {
    double x = PyFloat_AsDouble(arg);
    return PyFloat_FromDouble(keep_(&x));
}

static PyObject *quit(PyObject *self, PyObject *unused) {
    quit_();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"edit", edit, METH_O, NULL}, {"say", say, METH_O, NULL},
    {"keep", keep, METH_O, NULL}, {"quit", quit, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fio", NULL, -1, methods};

PyMODINIT_FUNC PyInit_fio(void) { return PyModule_Create(&module); }
"#;

const SCRIPT: &str = "\
import fio, os, sys
print(repr(fio.edit(5)))
fio.say(3)
print(fio.keep(2.5), os.path.getsize('kept.bin'))
sys.stdout.flush()
fio.quit()
print('not reached')
";

#[test]
fn fortran_in_an_extension_reads_writes_and_stops_in_pyodide() {
    let folder = Folder::new();
    folder.file("sub.f", FORTRAN_IO);
    folder.file("ext.c", EXTENSION);
    folder.file("script.py", SCRIPT);
    let include = ShimConfig::load(shims())
        .expect("a shim folder")
        .python_include;
    let include = format!("-I{include}");
    for (tool, words) in [
        ("gfortran", &["-O2", "-c", "sub.f"][..]),
        ("gcc", &["-O2", "-c", "ext.c", &include]),
        (
            "gcc",
            &["-shared", "ext.o", "sub.o", "-lgfortran", "-o", "fio.so"],
        ),
    ] {
        let _ = shim(tool, words, folder.path()).success();
    }
    let script = command(emshim(), &["run", "script.py"]).dir(folder.path());
    let ran = Completed::of(&script);
    // An unformatted record has its length before and after it.
    let expected = "'    5   1.250'\n said           3\nagain  3\n5.0 24\n";
    assert_eq!(
        (ran.stdout.as_str(), ran.status),
        (expected, 7),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("STOP 7"), "{}", ran.stderr);
}
