//! clang in emcc's place gives what emcc gives: files, streams and exit status, to the byte.

use std::collections::BTreeMap;

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, run, shims};

const C: &str = "#include <stdio.h>\n#include <math.h>\n#include \"h.h\"\n\
    static double table[4] = {1, 2, 3, N};\n\
    double f(int n) { double s = 0; for (int i = 0; i < n; i++) s += sin(table[i & 3]);\n\
    printf(\"%g %s\\n\", s, __FILE__); return s; }\n";
const CXX: &str = "#include <vector>\n#include <stdexcept>\n#include <string>\n\
    int g(std::vector<std::string> v) { try { return v.at(3).size(); }\n\
    catch (const std::out_of_range &e) { throw std::string(e.what()); } }\n";
const SETJMP: &str = "#include <setjmp.h>\nstatic jmp_buf b;\nvoid h(void) { longjmp(b, 1); }\n\
    int k(void) { return setjmp(b) ? 1 : (h(), 0); }\n";
const ASSEMBLY: &str = "\t.globl\tone\n\t.type\tone,@function\none:\n\t.functype\tone () -> (i32)\n\
    \ti32.const\t1\n\tend_function\n";

/// Command lines, each for a tool; `<` gives a file as stdin.
const COMMANDS: &[&str] = &[
    "gcc -c a.c -o a.o",
    "gcc -c -O3 -g a.c -o a.o",
    "gcc -c -O1 -g1 -DN=5 -UN -DN=6 a.c",
    "gcc -O2 -std=c11 -Wall -Wextra -pedantic -Wno-unused -c a.c -o d/a.o -MMD -MF d/a.d -MT x -MP",
    "gcc -c a.c -MD",
    "gcc -M a.c",
    "gcc -MM -MG a.c -o deps",
    "gcc -E a.c",
    "gcc -E -dM -x c /dev/null",
    "gcc -E -P -x c -I d - < a.c",
    "gcc -S a.c -o -",
    "gcc -S -emit-llvm a.c",
    "gcc -fsyntax-only a.c",
    "gcc -c -fvisibility=hidden -ffunction-sections -fdata-sections -fno-strict-aliasing a.c",
    "gcc -c -flto a.c",
    "gcc -c -ftrapv -fwrapv -Xclang -fno-pch-timestamp -mllvm -unroll-count=2 a.c",
    "gcc -c -msimd128 -msse4.1 a.c",
    "gcc -c -sDISABLE_EXCEPTION_CATCHING=1 a.c",
    "gcc -c -s STRICT=1 a.c",
    "gcc -c -sWASM_BIGINT a.c",
    "gcc -c -I../none -isystem d -iquote . -include h.h a.c j.c",
    "gcc -c j.c -o j.o",
    "gcc -c -x c++ a.c -o a.o",
    "gcc -c -x c - -o a.o < a.c",
    "g++ -c b.cpp",
    "g++ -std=c++20 -fno-rtti -c b.cpp -o b.o",
    "g++ -c a.c",
    "g++ -Wall -Werror -std=c++17 -c b.cpp",
    "g++ -Werror -c a.c",
    "g++ -Werror -x c -c a.c",
    "gcc -Wall -Werror -c j.c",
    "gcc -Werror -c b.cpp",
    "gcc -Werror -c two.S -DONE=one",
    "g++ -x c++-header h.h -o h.h.gch",
    "gcc h.h",
    "gcc -c one.s",
    "gcc -c two.S -DONE=one",
    "gcc -c one.s -g",
    "gcc -c bad.c",
    "gcc -c missing.c",
    "gcc -c a.c -Werror -Wunused-macros -Wdeprecated",
    "gcc -c a.c --no-such-flag",
    "gcc -c -v a.c",
];

fn sources() -> Folder {
    let dir = Folder::new();
    for (name, text) in [
        ("a.c", C),
        ("b.cpp", CXX),
        ("j.c", SETJMP),
        ("one.s", ASSEMBLY),
        ("two.S", &ASSEMBLY.replace("one", "ONE")),
        ("h.h", "#ifndef N\n#define N 4\n#endif\n"),
        ("d/h2.h", "int h2;\n"),
        ("bad.c", "int f( { return undeclared(1); }\n"),
    ] {
        dir.file(name, text);
    }
    dir
}

/// Every file below a folder, by name.
fn files(dir: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in dir.read_dir_utf8().expect("a folder") {
        let path = entry.expect("an entry").into_path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.to_string(), std::fs::read(&path).expect("a file"));
        }
    }
    all
}

/// What a command line of [`COMMANDS`] leaves, in a folder that is then as before.
fn result(line: &str, dir: &Utf8Path, direct: &str) -> (Completed, BTreeMap<String, Vec<u8>>) {
    let before = files(dir);
    let (line, stdin) = line.split_once(" < ").unwrap_or((line, "/dev/null"));
    let words: Vec<&str> = line.split(' ').collect();
    let call = command(shims().join(words[0]), &words[1..])
        .dir(dir.as_str())
        .env("EMSHIM_DIRECT", direct)
        .stdin_path(dir.join(stdin).as_std_path());
    let outcome = Completed::of(&call);
    let mut made = files(dir);
    made.retain(|path, bytes| before.get(path) != Some(bytes));
    for path in made.keys() {
        std::fs::remove_file(path).expect("a file to remove");
    }
    (outcome, made)
}

#[test]
fn clang_by_itself_gives_what_emcc_gives() {
    let dir = sources();
    for line in COMMANDS {
        let (emcc, by_emcc) = result(line, dir.path(), "0");
        // Twice: when emcc is asked, and when its answer is known.
        for _ in 0..2 {
            let (clang, by_clang) = result(line, dir.path(), "1");
            assert_eq!(clang.status, emcc.status, "{line}\n{}", clang.stderr);
            assert_eq!(clang.stdout, emcc.stdout, "{line}");
            let missing = line.contains("missing");
            assert!(
                clang.stderr == emcc.stderr || missing,
                "{line}\n{}",
                clang.stderr
            );
            assert_eq!(
                by_clang.keys().collect::<Vec<_>>(),
                by_emcc.keys().collect::<Vec<_>>(),
                "{line}"
            );
            let differ = by_clang
                .iter()
                .find(|(path, bytes)| by_emcc[*path] != **bytes);
            assert!(differ.is_none(), "{line}: {}", differ.unwrap().0);
        }
    }
}

fn explained(words: &[&str]) -> String {
    run(&[&["explain", "--"], words].concat()).success().stdout
}

#[test]
fn explain_says_which_way_and_why() {
    assert!(explained(&["gcc", "-c", "x.c"]).contains("replace emcc -> clang  [direct]"));
    assert!(explained(&["g++", "-c", "x.c"]).contains("replace em++ -> clang++  [direct]"));
    for line in [
        "gcc -Werror -c x.c",
        "g++ -Werror -c x.cpp",
        "gcc -Werror -c x.cpp",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(explained(&words).contains(" -> clang"), "{line}");
    }
    let port = explained(&["gcc", "-c", "x.c", "-sUSE_ZLIB"]);
    assert!(
        port.contains("keep emcc  [direct] -sUSE_ZLIB: emcc builds the port"),
        "{port}"
    );
    let link = explained(&["gcc", "x.o", "-o", "x"]);
    assert!(
        link.contains("replace emcc -> its commands  [direct]"),
        "{link}"
    );
    let both = explained(&["gcc", "x.c", "-o", "x"]);
    assert!(
        both.contains("replace emcc -> clang  [direct]")
            && both.contains("replace emcc -> its commands  [direct]"),
        "{both}"
    );
    let several = explained(&["gcc", "x.c", "y.c", "-o", "x"]);
    assert!(
        several.contains("keep emcc  [direct] emcc compiles several sources"),
        "{several}"
    );
    let script = explained(&["gcc", "x.o", "-o", "x.js"]);
    assert!(
        script.contains("keep emcc  [direct] a link of another kind is emcc's own"),
        "{script}"
    );
}

#[test]
fn a_variable_that_speaks_to_emcc_is_heard() {
    let dir = sources();
    let call = command(shims().join("gcc"), &["-c", "a.c", "-E"]).dir(dir.path().as_str());
    let with = |name: &str, value: &str| Completed::of(&call.env(name, value)).success().stdout;
    assert!(with("EMCC_CFLAGS", "-DN=77").contains("3, 77}"));
    assert!(!with("EMCC_CFLAGS", "").contains("3, 77}"));
}
