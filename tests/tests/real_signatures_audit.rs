//! `emshim signatures` and the audit of modules and wheels, with what the real compiler makes.

use emshim_tests::real::{Folder, Outcome, assert_says, command, run, setuptools_project, shims};
use emshim_tests::signatures::{Tools, results};

#[test]
fn the_verb_finds_and_repairs() {
    let tools = Tools::get();
    let folder = Folder::new();
    let caller = "void dscal_(double*); double run(void) { double x = 1; dscal_(&x); return x; }";
    let caller = tools.compile(&folder, "caller", caller, &[]);
    let f2c = "int dscal_(double *x) { *x = 5; return 0; }";
    let f2c = tools.compile(&folder, "f2c", f2c, &[]);
    let gfortran = "void dscal_(double *x) { *x = 5; }";
    let gfortran = tools.compile(&folder, "gfortran", gfortran, &[]);
    let signatures = |words: &[&str]| run(&[&["signatures"], words].concat());

    let right = signatures(&[caller.as_str(), gfortran.as_str()]).success();
    assert_says(&right.stdout, &["agree in 2 files"]);

    let wrong = signatures(&[caller.as_str(), f2c.as_str()]);
    assert_eq!(wrong.status, 1);
    assert_says(
        &wrong.stdout,
        &[
            "void dscal_(int)",
            "int dscal_(int)",
            "by run",
            "SUBROUTINE",
            "EMSHIM_REPAIR=1",
        ],
    );

    let out = folder.path().join("out");
    let words = [
        caller.as_str(),
        f2c.as_str(),
        "--json",
        "--repair",
        "-o",
        out.as_str(),
    ];
    let json = signatures(&words);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json["mismatches"][0]["callers"][0]["causes"][0],
        "int-subroutine"
    );
    let adapters = json["repaired"]["first"][0].as_str().unwrap();
    let copy = json["repaired"]["instead"][caller.as_str()][0]
        .as_str()
        .unwrap();
    let _ = signatures(&[copy, adapters, f2c.as_str()]).success();
    let program = folder.path().join("program.wasm");
    tools.link(
        &program,
        &[
            copy,
            adapters,
            f2c.as_str(),
            "--fatal-warnings",
            "--export=run",
        ],
    );
    assert_eq!(results(&tools, &[program]), ["5"]);

    let missing = signatures(&["no-such-file.o"]);
    assert_eq!(missing.status, 1);
    assert_says(&missing.stderr, &["no-such-file.o"]);
}

/// A module that is wrong in one way, how it is linked, and the words that say so.
const MODULES: &[(&str, &[&str], &[&str])] = &[
    (
        "void PyErr_SetString(int, int, int); void f(void) { PyErr_SetString(1, 2, 3); }",
        &[],
        &[
            "does not load: PyErr_SetString",
            "(int, int, int)",
            "(int, int)",
            "another number",
        ],
    ),
    (
        "int PyObject_Str(int, int); int f(void) { return PyObject_Str(1, 2); }",
        &[],
        &["does not load: PyObject_Str"],
    ),
    (
        "double sin(float); double f(float x) { return sin(x); }",
        &[],
        &[
            "does not load: sin",
            "double sin(float)",
            "double sin(double)",
        ],
    ),
    (
        "int PyLong_AsLongLong(int); int f(void) { return PyLong_AsLongLong(0); }",
        &[],
        &[
            "PyLong_AsLongLong",
            "long long PyLong_AsLongLong(int)",
            "-sWASM_BIGINT",
        ],
    ),
    (
        "void nowhere(void); void f(void) { nowhere(); }",
        &[],
        &["fails when called: nowhere"],
    ),
    (
        "void nowhere(void); void *f(void) { return nowhere; }",
        &[],
        &["does not load: nowhere"],
    ),
    (
        "extern int nothing; int f(void) { return nothing; }",
        &[],
        &["does not load: nothing"],
    ),
    (
        "__attribute__((import_module(\"wbg\"))) void g(void); void f(void) { g(); }",
        &[],
        &["does not load: wbg"],
    ),
    (
        "void f(void) {}",
        &["--max-memory=6553600"],
        &["does not load: memory"],
    ),
];

#[test]
fn modules_that_the_runtime_would_refuse() {
    let tools = Tools::get();
    let folder = Folder::new();
    for (number, (source, flags, words)) in MODULES.iter().enumerate() {
        let module = tools.module(&folder, &format!("m{number}"), source, flags);
        let done = run(&["signatures", module.as_str()]);
        assert_eq!(done.status, 1, "{source}\n{}", done.stdout);
        assert_says(&done.stdout, words);
    }
}

#[test]
fn a_module_is_held_against_the_libraries_it_is_linked_to() {
    let tools = Tools::get();
    let folder = Folder::new();
    let library =
        |name: &str, source: &str, inputs: &[&str]| tools.module(&folder, name, source, inputs);
    let right = library("libright", "void g(int x) {}", &[]);
    let caller = "void g(int); void f(void) { g(1); }";
    let caller = library("caller", caller, &[right.as_str()]);
    let _ = run(&["signatures", caller.as_str(), right.as_str()]).success();
    let alone = run(&["signatures", caller.as_str()]);
    assert_says(&alone.stdout, &["libright.so"]);
    // The library of the same name is built again, otherwise.
    let wrong = library("libright", "int g(int x, int y) { return 0; }", &[]);
    let done = run(&["signatures", caller.as_str(), wrong.as_str()]);
    assert_says(&done.stdout, &["does not load: g"]);
}

/// Slots of a Python type; `clear` is to be replaced.
const SLOTS: &str = "int traverse(int a, int b, int c) { return 0; }
void dealloc(int a) {} int repr(int a) { return a; } CLEAR
static struct { int slot; void *function; } slots[] =
    {{52, dealloc}, {51, clear}, {71, traverse}, {66, repr}, {0, 0}};
void *type(void) { return slots; }";

#[test]
fn slots_of_python_types() {
    let tools = Tools::get();
    let folder = Folder::new();
    let audit = |name: &str, source: &str| {
        let module = tools.module(&folder, name, source, &[]);
        run(&["signatures", module.as_str()])
    };
    let right = SLOTS.replace("CLEAR", "int clear(int a) { return 0; }");
    let _ = audit("right", &right).success();
    let wrong = SLOTS.replace("CLEAR", "void clear(int a) {}");
    let found = audit("wrong", &wrong);
    assert_says(
        &found.stdout,
        &[
            "fails when called: tp_clear",
            "clear: void tp_clear(int)",
            "int tp_clear(int)",
        ],
    );
    // A table of something else: a number comes twice.
    let other = wrong.replace("{66, repr}", "{66, repr}, {66, clear}");
    let _ = audit("other", &other).success();
}

#[test]
fn functions_that_no_call_through_a_pointer_reaches() {
    let tools = Tools::get();
    let folder = Folder::new();
    // Called through a pointer of another type than its own, as a cast has it.
    let source = "double odd(float x, double y, float z) { return x + y + z; }
        double even(double x, float y, double z, float w) { return x + y + z + w; }
        void *volatile table[] = {(void*)odd, (void*)even};
        double run(void) {
            return ((double (*)(double, float, double, float))table[0])(1, 2, 3, 4);
        }";
    let module = tools.module(&folder, "pointers", source, &[]);
    let done = run(&["signatures", "--json", module.as_str()]).success();
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let unreached = &json["audits"][0]["unreached"];
    assert_eq!(
        unreached[0]["functions"],
        serde_json::json!(["odd"]),
        "{unreached}"
    );
    assert_eq!(unreached.as_array().map(Vec::len), Some(1));
}

/// emcc itself, without the setting that the shims add.
#[test]
fn a_link_without_bigint() {
    let tools = Tools::get();
    let folder = Folder::new();
    let source =
        "long long PyLong_AsLongLong(void*); int f(void) { return PyLong_AsLongLong(0) > 1; }";
    let object = tools.compile(&folder, "m", source, &["-fPIC", "-fvisibility=default"]);
    let module = object.with_extension("so");
    let config = shims::shim::config::ShimConfig::load(shims()).unwrap();
    let words = [
        "-sSIDE_MODULE=1",
        "-sWASM_BIGINT=0",
        object.as_str(),
        "-o",
        module.as_str(),
    ];
    let mut emcc = command(config.emscripten.root.join("emcc"), &words);
    for (name, value) in &config.emscripten.env {
        emcc = emcc.env(name, value);
    }
    let _ = Outcome::of(&emcc).success();
    let done = run(&["signatures", module.as_str()]);
    assert_eq!(done.status, 1);
    assert_says(&done.stdout, &["PyLong_AsLongLong", "-sWASM_BIGINT"]);
}

/// Wheels that others built and people use: nothing is wrong with them.
#[test]
fn published_wheels_raise_no_alarm() {
    let folder = Folder::new();
    for (project, python, platform, target) in [
        (
            "statsmodels==0.15.0",
            "313",
            "pyemscripten_2025_0_wasm32",
            "pyodide@0.29.5",
        ),
        (
            "pydantic-core==2.50.4",
            "314",
            "pyemscripten_2026_0_wasm32",
            "pyodide@314.0.0",
        ),
    ] {
        let dir = folder.path().join(python);
        let abi = format!("cp{python}");
        let words = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--implementation=cp",
            "--python-version",
            python,
            "--abi",
            &abi,
            "--platform",
            platform,
            "--dest",
            dir.as_str(),
            project,
        ];
        let _ = Outcome::of(&command("python3", &words)).success();
        let wheel = dir.read_dir_utf8().unwrap().next().unwrap().unwrap();
        let words = ["signatures", "--target", target, wheel.path().as_str()];
        let done = run(&words).success();
        assert_says(&done.stdout, &["0 problems with"]);
        let other = run(&[
            "signatures",
            "--target",
            "pyodide@315.0.0-alpha.2",
            wheel.path().as_str(),
        ]);
        assert_says(&other.stderr, &["--target"]);
    }
}

#[test]
fn a_build_stops_at_a_wheel_that_cannot_be_loaded() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("broken"));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('broken', ['broken.c'])], py_modules=[])\n",
    );
    folder.file(
        "broken.c",
        "#include <Python.h>\nvoid nowhere(void); void *address(void) { return nowhere; }\n\
         static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"broken\", NULL, -1, NULL};\n\
         PyMODINIT_FUNC PyInit_broken(void) { return PyModule_Create(&def); }\n",
    );
    let out = folder.path().join("out");
    let done = run(&["build", "-o", out.as_str(), folder.path().as_str()]);
    assert_eq!(done.status, 1);
    assert_says(
        &done.stderr,
        &["does not load: nowhere", "--no-audit", "is kept as"],
    );
    assert!(!out.exists());
}
