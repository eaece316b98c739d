//! Faults that were found by trying, each with what it needs of the real toolchain: what one build
//! does to the next, links beyond the usual size, libraries beside modules.

use std::io::Write as _;

use camino::Utf8Path;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, exports, run, setuptools_project, shim,
};

/// A back end that needs nothing installed: compiles `NAME.c` and zips the module.
const BACKEND: &str = r#"
import glob, os, subprocess, sys, sysconfig, zipfile

NAME = os.environ.get("TEST_NAME", "poison")

def build_wheel(folder, config_settings=None, metadata_directory=None):
    module = NAME + sysconfig.get_config_var("EXT_SUFFIX")
    include = "-I" + sysconfig.get_path("include")
    subprocess.check_call([os.environ["CC"], "-shared", "-fPIC", include, NAME + ".c", *glob.glob("*.o"), "-o", module])
    platform = os.environ["_PYTHON_HOST_PLATFORM"].replace("-", "_").replace(".", "_")
    python = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    tag = f"{python}-{python}-{platform}"
    wheel = f"{NAME}-1.0-{tag}.whl"
    info = f"{NAME}-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as out:
        out.write(module)
        out.writestr(info + "/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        out.writestr(info + "/WHEEL", f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: false\nTag: {tag}\n")
        out.writestr(info + "/RECORD", "")
    return wheel
"#;

const PYPROJECT: &str =
    "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n";

/// An extension module with a constant.
fn module(value: u32) -> String {
    format!(
        "#include <Python.h>\n#ifndef VALUE\n#define VALUE {value}\n#endif\n\
         static PyModuleDef def = {{PyModuleDef_HEAD_INIT, \"poison\", NULL, -1, NULL}};\n\
         PyMODINIT_FUNC PyInit_poison(void) {{\n    PyObject *m = PyModule_Create(&def);\n    \
         if (m) PyModule_AddIntConstant(m, \"value\", VALUE);\n    return m;\n}}\n"
    )
}

/// Puts the project's sdist into an index in a folder.
fn publish(index: &Utf8Path, value: u32) {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    {
        let mut tar = tar::Builder::new(&mut gz);
        let source = module(value);
        let files = [
            (
                "PKG-INFO",
                "Metadata-Version: 2.1\nName: poison\nVersion: 1.0\n",
            ),
            ("pyproject.toml", PYPROJECT),
            ("backend.py", BACKEND),
            ("poison.c", source.as_str()),
        ];
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            let name = format!("poison-1.0/{name}");
            tar.append_data(&mut header, name, text.as_bytes())
                .expect("a poisoned archive");
        }
        tar.finish().expect("a poisoned archive");
    }
    gz.flush().expect("a poisoned archive");
    let bytes = gz.finish().expect("a poisoned archive");
    let folder = index.join("simple/poison");
    std::fs::create_dir_all(&folder).expect("a poisoned archive");
    std::fs::write(folder.join("poison-1.0.tar.gz"), &bytes).expect("a poisoned archive");
    let page = "<html><body><a href=\"poison-1.0.tar.gz\">poison-1.0.tar.gz</a></body></html>";
    std::fs::write(folder.join("index.html"), page).expect("a poisoned archive");
}

#[test]
fn a_wheel_made_in_another_way_is_not_the_package_of_the_index() {
    let folder = Folder::new();
    publish(folder.path(), 1);
    let index = format!("file://{}/simple", folder.path());
    let constraints = folder.file("constraints.txt", "");
    let emshim = |words: &[&str], cflags: &str| {
        let call = command(emshim(), words)
            .dir(folder.path().as_str())
            .env("PIP_INDEX_URL", &index)
            .env("PIP_CONSTRAINT", constraints.as_str())
            .env("EMSHIM_CFLAGS", cflags);
        Completed::of(&call)
    };
    let show = [
        "run",
        "--with",
        "poison",
        "-c",
        "import poison; print(poison.value)",
    ];
    let _ = emshim(&["build", "poison", "-o", "out"], "-DVALUE=2").success();
    assert_eq!(emshim(&show, "-DVALUE=2").success().stdout, "2\n");
    let other = emshim(&show, "");
    assert_ne!(other.status, 0, "{}", other.stdout);
    assert_says(&other.stderr, &["no wheel of poison"]);
    // What a file allows decides, not its name.
    folder.file("constraints.txt", "setuptools>1\n");
    let other = emshim(&show, "-DVALUE=2");
    assert_ne!(other.status, 0, "{}", other.stdout);
    folder.file("constraints.txt", "");
    assert_eq!(emshim(&show, "-DVALUE=2").success().stdout, "2\n");
    // The index has another file of this name and version now.
    publish(folder.path(), 3);
    let other = emshim(&show, "-DVALUE=2");
    assert_ne!(other.status, 0, "{}", other.stdout);
}

#[test]
fn a_password_of_the_index_is_not_printed_or_kept() {
    let folder = Folder::new();
    let call = command(emshim(), &["build", "absent-package"])
        .dir(folder.path().as_str())
        .env("PIP_INDEX_URL", "http://user:hunter2@127.0.0.1:1/simple")
        .env("PIP_RETRIES", "0");
    let done = Completed::of(&call);
    assert_eq!(done.status, 1);
    assert_says(&done.stderr, &["the index does not answer", "127.0.0.1:1"]);
    assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
}

#[test]
fn a_link_may_take_more_arguments_than_a_command_line_holds() {
    let folder = Folder::new();
    folder.file("a.c", "int b(void); int a(void) { return b(); }\n");
    folder.file("b.c", "int b(void) { return 1; }\n");
    let run = |tool: &str, words: &[&str]| shim(tool, words, folder.path()).success();
    let _ = run("gcc", &["-fPIC", "-c", "a.c", "b.c"]);
    let _ = run("ar", &["rcs", "lib.a", "b.o"]);
    let many: Vec<String> = (0..1600)
        .map(|number| {
            let name = format!("many/lib_{number}_{}.a", "a".repeat(180));
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::hard_link(folder.path().join("lib.a"), &path).unwrap();
            path.into_string()
        })
        .collect();
    folder.file("objs.rsp", &many.join("\n"));
    folder.file("outer.rsp", "@objs.rsp");
    let mut words = vec!["-shared", "-o", "plain.so", "a.o"];
    words.extend(many.iter().map(String::as_str));
    let _ = run("gcc", &words);
    let _ = run("gcc", &["-shared", "-o", "file.so", "a.o", "@outer.rsp"]);
    for module in ["plain.so", "file.so"] {
        let exported = exports(folder.path().join(module).as_std_path());
        assert!(exported.contains(&"b".to_owned()), "{module}: {exported:?}");
    }
}

/// A package whose module needs a library of its own, found by `run_path`.
fn with_library(run_path: &str, folder_of_library: &str) -> Folder {
    let folder = Folder::new();
    let setup = format!(
        "import os, subprocess
from setuptools import Extension, setup
where = os.path.join('rp', {folder_of_library:?})
os.makedirs(where, exist_ok=True)
subprocess.check_call([os.environ.get('CC', 'cc'), '-fPIC', '-shared', '-o', where + '/libcore.so', 'core.c',
    '-Wl,-soname,libcore.so'])
setup(packages=['rp'], package_data={{'rp': ['*.so', 'lib/*.so']}}, ext_modules=[Extension(
    'rp._ext', ['ext.c'], libraries=['core'], library_dirs=[where],
    runtime_library_dirs=[{run_path:?}])])
"
    );
    folder.file("pyproject.toml", &setuptools_project("rp"));
    folder.file("setup.py", &setup);
    folder.file("rp/__init__.py", "from ._ext import f\n");
    folder.file("core.c", "int core(int x) { return 3 * x + 1; }\n");
    folder.file(
        "ext.c",
        "#include <Python.h>
int core(int x);
static PyObject *f(PyObject *self, PyObject *arg) {
    return PyLong_FromLong(core((int)PyLong_AsLong(arg)));
}
static PyMethodDef methods[] = {{\"f\", f, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"_ext\", NULL, -1, methods};
PyMODINIT_FUNC PyInit__ext(void) { return PyModule_Create(&def); }
",
    );
    folder
}

#[test]
fn a_module_finds_the_libraries_of_its_wheel_by_its_run_path() {
    for (run_path, place) in [("$ORIGIN/lib", "lib"), ("$ORIGIN", "")] {
        let folder = with_library(run_path, place);
        let (source, out) = (folder.path(), folder.path().join("out"));
        let _ = run(&["build", source.as_str(), "-o", out.as_str()]).success();
        let wheel = out.read_dir_utf8().unwrap().next().unwrap().unwrap();
        let show = [
            "run",
            "--with",
            wheel.path().as_str(),
            "-c",
            "import rp; print(rp.f(4))",
        ];
        assert_eq!(run(&show).success().stdout, "13\n");
    }
}

/// A module and a Python file that take names of each other: one order alone works, natively too.
const CIRCLE: &str = "#include <Python.h>
static PyObject *f(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static int fill(PyObject *m) {
    PyObject *other = PyImport_ImportModule(\"other\");
    PyObject *error = other ? PyObject_GetAttrString(other, \"Error\") : NULL;
    static PyMethodDef method = {\"f\", f, METH_NOARGS, NULL};
    return error ? PyModule_AddObject(m, \"f\", PyCFunction_New(&method, NULL)) : -1;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"circle\", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_circle(void) { return PyModuleDef_Init(&def); }
";

#[test]
fn a_module_that_imports_after_another_of_its_wheel_imports() {
    let folder = Folder::new();
    folder.file("pyproject.toml", PYPROJECT);
    let written = "out.write(module)";
    let other = "out.write(module)\n        out.write('other.py')";
    folder.file("backend.py", &BACKEND.replace(written, other));
    folder.file("circle.c", CIRCLE);
    let build = |text: &str| {
        folder.file("other.py", text);
        let build = command(emshim(), &["build"]).env("TEST_NAME", "circle");
        Completed::of(&build.dir(folder.path()))
    };
    let _ = build("class Error(Exception): pass\nfrom circle import f\n").success();
    // This one imports in no order.
    let broken = build("from circle import f\nclass Error(Exception): pass\n");
    assert_eq!(broken.status, 1, "{broken:?}");
    assert_says(&broken.stderr, &["does not import", "circular import"]);
}

#[test]
fn a_module_that_calls_what_is_nowhere_is_not_delivered() {
    let folder = Folder::new();
    folder.file("pyproject.toml", PYPROJECT);
    folder.file("backend.py", BACKEND);
    let source = module(1).replace("int VALUE", "").replace(
        "static PyModuleDef def",
        "void nowhere(void);
static PyObject *f(PyObject *self, PyObject *arg) { nowhere(); return NULL; }
static PyMethodDef methods[] = {{\"f\", f, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef def",
    );
    folder.file("poison.c", &source.replace("-1, NULL};", "-1, methods};"));
    let build = |more: &[&str]| {
        let words = [&["build", folder.path().as_str(), "-o"], more].concat();
        run(&words)
    };
    let out = folder.path().join("out");
    let refused = build(&[out.as_str()]);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert_says(
        &refused.stderr,
        &["fails when called: nowhere", "called by", "--no-audit"],
    );
    assert!(!out.exists());
    let _ = build(&[out.as_str(), "--no-audit"]).success();
}

#[test]
fn common_symbols_of_c_are_one_of_the_largest_size() {
    let folder = Folder::new();
    folder.file(
        "small.c",
        "char shared[4]; int \u{e9}t\u{e9};\nchar *small(void) { return shared; }\n",
    );
    folder.file(
        "large.c",
        "char shared[4000]; int \u{e9}t\u{e9};\nchar *large(void) { return shared; }\n",
    );
    folder.file("next.c", "char next[16] = \"untouched\";\n");
    folder.file(
        "main.c",
        "#include <stdio.h>\n#include <string.h>\n\
         char *small(void), *large(void);\nextern char next[];\nint \u{e9}t\u{e9};\n\
         int main(void) {\n    memset(large(), 'x', 4000);\n    \
         return printf(\"%d %s %d\\n\", small() == large(), next, \u{e9}t\u{e9}) < 0;\n}\n",
    );
    let run = |words: &[&str]| shim("gcc", words, folder.path()).success();
    let sources = ["small.c", "next.c", "large.c", "main.c"];
    let compiles = [
        "-fcommon",
        "-g",
        "-O2",
        "-std=gnu11",
        "-MMD",
        "-Wall",
        "-Werror",
        "-c",
    ];
    let _ = run(&[&compiles[..], &sources].concat());
    let rule = std::fs::read_to_string(folder.path().join("small.d")).unwrap();
    assert_eq!(rule.trim(), "small.o: small.c");
    let _ = run(&["small.o", "next.o", "large.o", "main.o", "-o", "apart"]);
    let _ = run(&[&["-fcommon", "-o", "once"], &sources[..]].concat());
    for program in ["apart", "once"] {
        let program = command(folder.path().join(program), &[]);
        assert_eq!(Completed::of(&program).success().stdout, "1 untouched 0\n");
    }
    // Without the flag there are two definitions.
    let twice = shim(
        "gcc",
        &["small.c", "large.c", "next.c", "main.c"],
        folder.path(),
    );
    assert_says(&twice.stderr, &["duplicate symbol"]);
    let module = ["-shared", "-fcommon", "small.c", "large.c", "-o", "m.so"];
    let _ = run(&module);
    assert!(exports(folder.path().join("m.so").as_std_path()).contains(&"large".to_owned()));
}

#[test]
fn what_a_back_end_makes_before_the_build_is_the_targets_too() {
    let folder = Folder::new();
    let setuptools = PYPROJECT.replace("requires = []", "requires = ['setuptools']");
    folder.file("pyproject.toml", &setuptools);
    let hook = r#"
import ctypes, glob, platform, struct
FACTS = "struct.calcsize('P') == 4 and sys.maxsize == 2**31 - 1"
assert eval(FACTS) and platform.machine() == "wasm32" and ctypes.sizeof(ctypes.c_void_p) == 4
for alone in [], ["-I"]:
    subprocess.check_call([sys.executable, *alone, "-c", "import struct, sys; assert " + FACTS])

def get_requires_for_build_wheel(config_settings=None):
    assert "wasm32" in sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_config_var("EXT_SUFFIX")
    subprocess.check_call(["make", "--no-print-directory", "helper.o", "lib/libcounter.a"])
    # A library of the target's answers as one of the machine's would.
    os.environ["EMSHIM_PREFIX"] = os.getcwd()
    library, number = ctypes.CDLL("libcounter.so.1"), ctypes.c_uint(40)
    assert library.count(ctypes.byref(number), 2) == -1 and number.value == 42
    assert ctypes.cdll.LoadLibrary("libcounter.so").count and not hasattr(library, "other")
    # And setuptools finds it in the place of the machine's own, which there are.
    import setuptools.command.build_ext
    from distutils.ccompiler import new_compiler
    find = new_compiler().find_library_file
    assert find(["/usr/lib"], "counter") == os.path.join(os.getcwd(), "lib/libcounter.a")
    machines = [os.path.dirname(path) for path in glob.glob("/usr/lib/gcc/*/*/libgcc.a")]
    assert machines and not find(machines, "gcc")
    del os.environ["EMSHIM_PREFIX"]
    return []
"#;
    folder.file("backend.py", &format!("{BACKEND}{hook}"));
    folder.file("helper.c", "int helper(void) { return 7; }\n");
    folder.file(
        "counter.c",
        "int count(unsigned *at, int by) { *at += by; return -1; }\n",
    );
    folder.file(
        "Makefile",
        "helper.o: helper.c\n\tcc -sRELOCATABLE=1 -c helper.c\n\
         lib/libcounter.a: counter.c\n\tcc -c counter.c\n\tmkdir lib\n\tar rcs $@ counter.o\n",
    );
    let module = module(1).replace("\"value\", VALUE", "\"value\", helper()");
    folder.file("poison.c", &format!("int helper(void);\n{module}"));
    let out = folder.path().join("out");
    let _ = run(&["build", folder.path().as_str(), "-o", out.as_str()]).success();
    let wheel = out.read_dir_utf8().unwrap().next().unwrap().unwrap();
    let show = "import poison; print(poison.value)";
    let shown = run(&["run", "--with", wheel.path().as_str(), "-c", show]);
    assert_eq!(shown.success().stdout, "7\n");
}

#[test]
fn a_script_may_call_a_build_system_that_neither_it_nor_the_machine_has() {
    let folder = Folder::new();
    let hook = "\nsubprocess.check_call(['sh', 'make.sh'])\n";
    folder.file("backend.py", &format!("{BACKEND}{hook}"));
    folder.file("pyproject.toml", PYPROJECT);
    folder.file(
        "make.sh",
        "set -e\ncmake -S part -B build\ncmake --build build\ncp build/part.o .\n",
    );
    folder.file("part/part.c", "int part(void) { return 11; }\n");
    let project = "cmake_minimum_required(VERSION 3.20)\nproject(part C)\n\
        add_library(part OBJECT part.c)\n\
        add_custom_target(copy ALL COMMAND cp $<TARGET_OBJECTS:part> part.o DEPENDS part)\n";
    folder.file("part/CMakeLists.txt", project);
    let module = module(1).replace("\"value\", VALUE", "\"value\", part()");
    folder.file("poison.c", &format!("int part(void);\n{module}"));

    // The programs of the machine, but for those.
    let programs = folder.path().join("programs");
    std::fs::create_dir(&programs).expect("a folder");
    let path = std::env::var("PATH").expect("PATH");
    for folder in path
        .split(':')
        .filter_map(|folder| std::fs::read_dir(folder).ok())
    {
        for program in folder.flatten() {
            let name = program.file_name().into_string().unwrap_or_default();
            if !name.starts_with("cmake") {
                // The first of a name counts.
                let _ = std::os::unix::fs::symlink(program.path(), programs.join(name));
            }
        }
    }
    let words = ["build", "-o", "out"];
    let build = command(emshim(), &words)
        .dir(folder.path())
        .env("PATH", &programs);
    let done = Completed::of(&build).success();
    assert_says(&done.stderr, &["make.sh calls cmake, which is not in PATH"]);
    let out = folder.path().join("out");
    let wheel = out.read_dir_utf8().unwrap().next().unwrap().unwrap();
    let show = "import poison; print(poison.value)";
    let shown = run(&["run", "--with", wheel.path().as_str(), "-c", show]);
    assert_eq!(shown.success().stdout, "11\n");
}

#[test]
fn a_back_end_that_names_no_wheel_is_told_so() {
    for (returned, why) in [
        ("None", "it returned what is no file name"),
        ("'x.whl\\n'", "it returned 'x.whl\\n', which is no file"),
        (
            "'../x.whl'",
            "it returned '../x.whl', which is no file in the folder",
        ),
    ] {
        let folder = Folder::new();
        folder.file("pyproject.toml", PYPROJECT);
        let hook = "def build_wheel(folder, settings=None, metadata=None):\n    ";
        let makes = "open(folder + '/../x.whl', 'w').close()\n    return ";
        folder.file("backend.py", &format!("{hook}{makes}{returned}\n"));
        let build = command(emshim(), &["build", "-o", "out"]).dir(folder.path().as_str());
        let done = Completed::of(&build);
        assert_eq!(done.status, 1, "{}", done.stderr);
        assert_says(
            &done.stderr,
            &["the build back end failed in build_wheel", why],
        );
        assert!(!done.stderr.contains("Traceback"), "{}", done.stderr);
    }
}
