//! emcc's commands by themselves give what emcc gives: the module, streams and exit status, to the byte.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, shims};
use std::fs;

const SOURCES: &[(&str, &str)] = &[
    (
        "a.c",
        "extern double sin(double); double f(int n) { double s = 0;\n\
         for (int i = 0; i < n; i++) s += sin(i); return s; }\n\
         int PyInit_a(void) { return f(3) > 0; }\n",
    ),
    (
        "b.cpp",
        "#include <stdexcept>\n#include <string>\n#include <vector>\n\
         int g(std::vector<std::string> v) { try { return v.at(3).size(); }\n\
         catch (const std::out_of_range &e) { throw std::string(e.what()); } }\n",
    ),
    ("d.c", "double f(int n) { return n; }\n"),
    ("empty.c", ""),
    ("main.c", "int main(void) { return 0; }\n"),
    (
        "js.c",
        "#include <emscripten.h>\nint js(int x) { return EM_ASM_INT({ return $0 + 2; }, x); }\n",
    ),
    ("l.c", "int l(void) { return 1; }\n"),
    ("k@ l.c", "int l(void); int k(void) { return l() + 1; }\n"),
    (
        "u.c",
        "int nowhere(int); int use(int x) { return nowhere(x) + 1; }\n",
    ),
    (
        "simd.c",
        "#include <wasm_simd128.h>\nv128_t s(v128_t a) { return wasm_i32x4_add(a, a); }\n",
    ),
    (
        "g.f",
        "      SUBROUTINE SUB(N, X)\n      REAL X(N)\n      COMMON /BLK/ A, B\n      A = X(1)\n\
         \x20     WRITE(*,*) A\n      END\n",
    ),
];

const MADE: &[&str] = &[
    "gcc -O2 -c a.c d.c empty.c main.c js.c l.c u.c",
    "gcc -c k@\u{a0}l.c",
    "gcc -g -O2 -c a.c -o debug.o",
    "gcc -flto -c a.c -o lto.o",
    "gcc -c -msimd128 simd.c",
    "g++ -O2 -c b.cpp",
    "gfortran -O2 -c g.f",
    "ar rcs libl.a l.o",
    "gcc -shared l.o -o lib.so",
];

/// Links, and whether emcc's commands do for them. A no-break space stands for a space in a name.
const LINKS: &[(bool, &str)] = &[
    (true, "gcc -shared a.o -o x.so"),
    (true, "gcc -shared -O0 a.o -o x.so"),
    (true, "gcc -shared -Oz -g2 debug.o -o x.so"),
    (true, "gcc -shared -O3 lto.o -flto -s -o x.so"),
    (
        true,
        "g++ -shared b.o a.o -fvisibility=hidden -Wl,--gc-sections -o x.so",
    ),
    (true, "gfortran -shared g.o -o x.so"),
    (
        true,
        "gcc -shared u.o -Wall -DX=1 -I. -std=c11 -o x.cpython-314-wasm32-emscripten.so",
    ),
    // Features other than those of the object that emcc is asked with.
    (true, "gcc -shared a.o simd.o -o x.so"),
    (true, "gcc -shared k@\u{a0}l.o -L. -ll -lm -o x\u{a0}@y.so"),
    (
        true,
        "gcc -shared -Wl,--whole-archive libl.a -Wl,--no-whole-archive -o x.so",
    ),
    (
        true,
        "gcc -shared -Wl,--start-group libl.a k@\u{a0}l.o -Wl,--end-group -o libx.so.1.2",
    ),
    (true, "gcc -shared a.o lib.so -Wl,-rpath,$ORIGIN -o x.so"),
    (
        true,
        "gcc -shared a.o -Xlinker --allow-multiple-definition d.o -o x.so",
    ),
    (true, "gcc -shared -g -O2 debug.o -o x.so"),
    (false, "gcc -shared empty.o -o x.so"),
    (false, "gcc -shared main.o -o x.so"),
    (false, "gcc -shared js.o -o x.so"),
    (false, "gcc -shared a.o d.o -o x.so"),
    (false, "gcc -shared a.o -o nowhere/x.so"),
    (false, "gcc -shared a.o missing.o -o x.so"),
    (false, "gcc -shared a.o -L. -lmissing -o x.so"),
    (false, "gcc -shared a.o -Wl,--trace -o x.so"),
    (false, "gcc -shared a.o -o x.js"),
];

fn words(line: &str) -> Vec<String> {
    line.split(' ')
        .map(|word| word.replace('\u{a0}', " "))
        .collect()
}

fn call(line: &str, dir: &Utf8Path, direct: &str) -> duct::Expression {
    let words = words(line);
    let rest: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    command(shims().join(&words[0]), &rest)
        .dir(dir.as_str())
        .env("EMSHIM_LOG", dir.join("log").as_str())
        .env("EMSHIM_DIRECT", direct)
        .stdin_null()
}

/// How a link went, and its module, which is removed.
fn result(line: &str, dir: &Utf8Path, direct: &str) -> (Completed, Option<Vec<u8>>) {
    let outcome = Completed::of(&call(line, dir, direct));
    let words = words(line);
    let module = dir.join(words.last().expect("an output"));
    let bytes = fs::read(&module).ok();
    let _ = fs::remove_file(module);
    (outcome, bytes)
}

fn made() -> Folder {
    let dir = Folder::new();
    for (name, text) in SOURCES {
        dir.file(name, text);
    }
    for line in MADE {
        let _ = Completed::of(&call(line, dir.path(), "1")).success();
    }
    dir
}

/// What the last call's record says of its link.
fn recorded(dir: &Utf8Path) -> serde_json::Value {
    let log = fs::read_to_string(dir.join("log/records.jsonl")).expect("a log");
    let last = log.lines().next_back().expect("a record");
    let end: serde_json::Value = serde_json::from_str(last).expect("JSON");
    let steps = end["steps"].as_array().cloned().unwrap_or_default();
    let mut links = steps.iter().map(|step| step["link"].clone());
    links.find(|link| !link.is_null()).unwrap_or_default()
}

#[test]
fn commands_by_themselves_give_what_emcc_gives() {
    let dir = made();
    for (direct, line) in LINKS {
        let (emcc, by_emcc) = result(line, dir.path(), "0");
        // Twice: when emcc is asked, and when its answer is known.
        for _ in 0..2 {
            let (own, module) = result(line, dir.path(), "1");
            assert_eq!(own.status, emcc.status, "{line}\n{}", own.stderr);
            assert_eq!(own.stderr, emcc.stderr, "{line}");
            assert_eq!(own.stdout, emcc.stdout, "{line}");
            assert!(module == by_emcc, "{line}: another module");
            let link = recorded(dir.path());
            let programs = link["commands"].as_array().map(|commands| {
                let program = |words: &serde_json::Value| words[0].as_str().map(str::to_owned);
                commands.iter().filter_map(program).collect::<Vec<_>>()
            });
            assert_eq!(programs.is_some(), *direct, "{line}: {link}");
            let linker = |programs: Vec<String>| {
                let own = programs.iter().any(|program| program == "emshim");
                own && programs[0].ends_with("/wasm-ld")
            };
            assert!(programs.is_none_or(linker), "{line}: {link}");
        }
    }
}

/// None of them has an answer when they begin.
#[test]
fn links_at_once_ask_and_make_the_same() {
    let dir = made();
    let flags = "-fno-ident -Wno-unused -Wno-comment";
    let links: Vec<_> = (0..4)
        .map(|n| {
            let line = format!("gcc -shared a.o l.o {flags} -o x{n}.so");
            call(&line, dir.path(), "1").start().expect("a process")
        })
        .collect();
    for link in links {
        link.wait().expect("a module");
    }
    let modules: Vec<_> = (0..4)
        .map(|n| fs::read(dir.path().join(format!("x{n}.so"))).expect("a module"))
        .collect();
    assert!(modules.iter().all(|module| *module == modules[0]));
}
