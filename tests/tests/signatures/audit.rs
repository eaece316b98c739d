//! `emshim signatures` and the audit of modules and wheels, with what the real compiler makes.

use emshim_tests::real::{Completed, Folder, assert_says, command, run, setuptools_project, shims};
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
            "EMSHIM_REPAIR=0",
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
        &[
            "fails when called: nowhere",
            "called by   f:",
            "link what defines it",
        ],
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
        "typedef float v __attribute__((vector_size(16)));
        __attribute__((target(\"relaxed-simd\")))
        v f(v a, v b, v c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }",
        &[],
        &["does not load: code", "relaxed"],
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
    // What is no module's definition, though a name stands where one would have it.
    let source = "void wide(int a, int b, long long c) {} int count(int a) { return a; }
static struct { int size, zeros[4]; const char *name; void *list; int next, more[3]; void *one, *two; }
lists = {8, {0}, \"counts\", 0, 8, {0}, wide, count};
void *list(void) { return &lists; }";
    let _ = audit("lists", source).success();
}

/// Functions in the tables of a module, which CPython calls with signatures of its own.
const TABLES: &str = "#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *less(PyObject *self) { return PyLong_FromLong(1); }
static PyObject *least(void) { return PyLong_FromLong(2); }
static PyObject *fast(PyObject *self, PyObject *const *args) { return PyLong_FromLong(3); }
static void none(PyObject *self, PyObject *args) {}
static PyObject *right(PyObject *self, PyObject *const *args, Py_ssize_t n) { return PyLong_FromSsize_t(n); }
static PyMethodDef methods[] = {
    {\"less\", (PyCFunction)less, METH_NOARGS, \"one argument too few\"},
    {\"least\", (PyCFunction)(void *)least, METH_O},
    {\"fast\", (PyCFunction)(void *)fast, METH_FASTCALL},
    {\"none\", (PyCFunction)(void *)none, METH_VARARGS},
    {\"right\", (PyCFunction)(void *)right, METH_FASTCALL},
    {NULL}
};
static void height(PyObject *self, void *closure) {}
static PyObject *width(PyObject *self) { return PyLong_FromLong(4); }
static void set(PyObject *self, PyObject *value, void *closure) {}
static PyGetSetDef attributes[] = {
    {\"height\", (getter)(void *)height}, {\"width\", (getter)width, (setter)(void *)set, \"w\"}, {NULL}
};
static double length(PyObject *self) { return 5; }
static PySequenceMethods sequence = {.sq_length = (lenfunc)(void *)length};
static PyObject *repr(PyObject *self) { return PyUnicode_FromString(\"Box\"); }
static PyTypeObject Box = {
    PyVarObject_HEAD_INIT(NULL, 0) .tp_name = \"tables.Box\", .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT, .tp_new = PyType_GenericNew, .tp_repr = repr,
    .tp_as_sequence = &sequence, .tp_methods = methods, .tp_getset = attributes,
};
static void execute(PyObject *module) { PyModule_AddObjectRef(module, \"Box\", (PyObject *)&Box); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)execute}, {0, NULL}};
static PyModuleDef broken = {PyModuleDef_HEAD_INIT, \"broken\", NULL, 0, NULL, slots};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, \"tables\", NULL, -1, methods};
PyObject *PyInit_broken(void) { return PyModuleDef_Init(&broken); }
PyMODINIT_FUNC PyInit_tables(void) {
    if (PyType_Ready(&Box) < 0) return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module) execute(module);
    return module;
}
";

/// A module's definition in an object whose code refers to nothing, and that of the function which takes it.
const BARE: &str = "#include <Python.h>
static int ready(void) { return 0; }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)ready}, {0, NULL}};
PyModuleDef bare = {PyModuleDef_HEAD_INIT, \"bare\", NULL, 0, NULL, slots};
";
/// With a table of its own, in which functions of two parameters have numbers of slots of three.
const BARE_INIT: &str = "#include <Python.h>
extern PyModuleDef bare;
static int calls;
static int two(void *a, void *b) { return a == b ? ++calls : 0; }
static struct { int number; int (*call)(void *, void *); } own[] = {
    {1, two}, {2, two}, {3, two}, {4, two}, {5, two}, {7, two}, {9, two}, {33, two}, {44, two}, {52, two},
    {56, two}, {61, two}, {66, two}, {67, two}, {69, two}, {0, NULL}};
PyMODINIT_FUNC PyInit_bare(void) {
    for (int i = 0; own[i].number; i++)
        if (!own[i].call(&bare, &bare)) return NULL;
    return PyModuleDef_Init(&bare);
}
";

/// What the audit says, and what Pyodide does.
#[test]
fn tables_of_cpython() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("tables"));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('tables', ['tables.c']), Extension('bare', ['bare.c', 'init.c'])],\n\
         \x20     py_modules=[])\n",
    );
    folder.file("tables.c", TABLES);
    folder.file("bare.c", BARE);
    folder.file("init.c", BARE_INIT);
    let out = folder.path().join("out");
    let _ = run(&["build", "-o", out.as_str(), folder.path().as_str()]).success();
    let wheel = out.read_dir_utf8().unwrap().next().unwrap().unwrap();
    let wheel = wheel.path().as_str();
    let found = run(&["signatures", wheel]);
    // Whose a table is called that several share, and which comes first, is the compiler's affair.
    let mut problems: Vec<&str> = found
        .stdout
        .lines()
        .filter_map(|line| line.trim().strip_prefix("fails when called: "))
        .filter_map(|problem| problem.split(' ').next())
        .collect();
    problems.sort_unstable();
    assert_eq!(
        problems,
        ["Py_mod_exec", "height", "none", "sq_length"],
        "{}",
        found.stdout
    );
    let python = |code: &str| {
        let code = format!("import tables\nbox = tables.Box()\n{code}");
        run(&["run", "--with", wheel, "-c", &code])
    };
    let fits = "
import bare
print(tables.less(), tables.least(0), tables.fast(1), tables.right(1, 2), box.width, bare.__name__)
box.width = 1
for call in tables.none, lambda: box.height:
    try: call()
    except SystemError: print('SystemError')
";
    let said = python(fits).success().stdout;
    assert_eq!(said, "1 2 3 2 4 bare\nSystemError\nSystemError\n");
    let done = python("len(box)");
    assert_ne!(done.status, 0, "{}", done.stdout);
    assert_says(&done.stderr, &["signature mismatch"]);
}

#[test]
fn functions_that_no_call_through_a_pointer_reaches() {
    let tools = Tools::get();
    let folder = Folder::new();
    // Called through a pointer of another type than its own, as a cast has it.
    let source = "double odd(float x, double y, float z) { return x + y + z; }
static double strange(double x, float y) { return x + y; }
double even(double x, float y, double z, float w) { return x + y + z + w; }
static int before[3] = {1, 2, 3};
void *volatile table[] = {(void*)odd, (void*)even, before};
typedef double (*called)(double, float, double, float);
called volatile other;
double run(int n) {
    other = (called)strange;
    if (n) other = (called)odd;
    return ((called)table[0])(1, 2, 3, 4) + other(1, 2, 3, 4);
}";
    let audit = |name: &str, flags: &[&str]| {
        let object = tools.compile(&folder, name, source, &[&["-fPIC"], flags].concat());
        let module = tools.module_of(&object, &[]);
        let json = run(&["signatures", "--json", module.as_str()]).success();
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        (json["audits"][0]["unreached"].clone(), module)
    };
    let (plain, _) = audit("plain", &[]);
    let names = |of: &serde_json::Value| {
        let groups = of.as_array().unwrap().iter();
        let mut names: Vec<String> = groups
            .flat_map(|group| group["functions"].as_array().unwrap())
            .map(|function| function["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&plain), ["odd", "strange"], "{plain}");
    let (debug, module) = audit("debug", &["-g"]);
    assert_eq!(names(&debug), ["odd", "strange"], "{debug}");
    let told = run(&["signatures", module.as_str()]).success().stdout;
    assert_says(
        &told,
        &[
            "double odd(float, double, float), address taken in table at",
            "debug.c:5, ",
            "debug.c:10\n",
            "double strange(double, float), address taken in",
            "debug.c:9\n",
        ],
    );
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
    let config = toolcall::config::ShimConfig::load(shims()).unwrap();
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
    let _ = Completed::of(&emcc).success();
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
            "awkward-cpp==57",
            "313",
            "pyemscripten_2025_0_wasm32",
            "pyodide@0.29.5",
        ),
        (
            "contourpy==1.4.0",
            "314",
            "pyemscripten_2026_0_wasm32",
            "pyodide@314.0.0",
        ),
        (
            "pydantic-core==2.50.4",
            "314",
            "pyemscripten_2026_0_wasm32",
            "pyodide@314.0.0",
        ),
    ] {
        let dir = folder.path().join(project);
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
        let _ = Completed::of(&command("python3", &words)).success();
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
