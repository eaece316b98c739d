//! Meson, oldest and newest, with the cross file alone.

use emshim_tests::real::{Completed, Folder, command, exports, python_target, run};
use emshim_tests::tools::{NEWEST, OLDEST, Tools};

const MODULE: &str = "#include <Python.h>
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, \"m\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_m(void) { return PyModule_Create(&def); }
";

fn by_hand(tools: Tools) {
    let dir = Folder::new();
    dir.file(
        "meson.build",
        "project('t', 'c', 'cpp')
cc = meson.get_compiler('c')
assert(host_machine.system() == 'emscripten' and cc.get_id() == 'clang')
assert(cc.sizeof('void*') == 4 and cc.has_function('fseeko'))
assert(not cc.has_function('not_there'))
py = import('python').find_installation()
py.extension_module('m', 'm.c', dependencies: py.dependency())
prog = executable('prog', 'prog.cpp')
test('prog', prog, args: files('m.c'), timeout: 300)
test('status', prog, args: '/nowhere', should_fail: true, timeout: 300)
",
    );
    dir.file("m.c", MODULE);
    dir.file(
        "prog.cpp",
        // A file of the machine, more memory than Emscripten gives at first, and more stack.
        "#include <cstdio>\n#include <vector>
static int deep(int n) { volatile char all[1 << 20]; all[n] = 0; return n ? deep(n - 1) + all[n] : 0; }
int main(int, char **argv) { std::vector<char> much(30000000, 1);
return !std::fopen(argv[1], \"r\") || much.back() != 1 || deep(4); }\n",
    );
    let cross = run(&["meson-cross"]).success().stdout;
    // As a script, the way projects that vendor Meson call it.
    let meson = |words: &[&str]| {
        let words = [&["-m", "mesonbuild.mesonmain"], words].concat();
        let call = command(tools.bin().join("python"), &words).env("PATH", tools.path());
        Completed::of(&call.dir(dir.path().as_str())).success()
    };
    let _ = meson(&["setup", "--cross-file", cross.trim(), "build"]);
    let _ = meson(&["compile", "-C", "build"]);
    let _ = meson(&["test", "-C", "build"]);
    let (soabi, _) = python_target();
    let module = dir.path().join(format!("build/m.{soabi}.so"));
    let names = exports(module.as_std_path());
    assert!(names.contains(&"PyInit_m".into()), "{names:?}");
}

#[test]
fn the_oldest_configures_by_hand() {
    by_hand(OLDEST);
}

#[test]
fn the_newest_configures_by_hand() {
    by_hand(NEWEST);
}
