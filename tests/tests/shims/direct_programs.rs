//! Programs linked by emcc's commands by themselves are what emcc makes: the file, its mode, streams and exit
//! status, to the byte, whatever was linked before.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, shims};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

const SOURCES: &[(&str, &str)] = &[
    ("none.c", "int main(void) { return 0; }\n"),
    (
        "more.c",
        "static int x[9]; int main(void) { return x[2] + 3; }\n",
    ),
    (
        "args.c",
        "int main(int c, char **v) { return c + v[1][0]; }\n",
    ),
    // A main that only calls, as the wrapper of one without arguments does.
    (
        "calls.c",
        "int f(int, char **); int main(int c, char **v) { return f(c, v); }\n",
    ),
    (
        "f.c",
        "int f(int c, char **v) { return c * 2 + (v[1][1] == 0); }\n",
    ),
    (
        "prints.c",
        "#include <stdio.h>\nint main(void) { puts(\"h\\303\\251\"); return 0; }\n",
    ),
    (
        "files.c",
        "#include <stdio.h>\nint main(int c, char **v) { FILE *f = fopen(v[0], \"r\");\n\
         int n = 0; while (f && getc(f) != EOF) n++; printf(\"%d\\n\", c); return n > 9; }\n",
    ),
    (
        "keeps.c",
        "#include <emscripten.h>\nEMSCRIPTEN_KEEPALIVE int kept(int x) { return x; }\n\
         int main(void) { return 0; }\n",
    ),
    (
        "keeps_other.c",
        "#include <emscripten.h>\nEMSCRIPTEN_KEEPALIVE long long kept(long long x) { return x; }\n\
         int main(void) { return 0; }\n",
    ),
    (
        "js.c",
        "#include <emscripten.h>\nint main(void) { return EM_ASM_INT({ return $0 + 2; }, 3); }\n",
    ),
    (
        "other_js.c",
        "#include <emscripten.h>\nEM_JS(int, seven, (void), { return 7; });\n\
         int main(void) { return seven(); }\n",
    ),
    (
        "jumps.c",
        "#include <setjmp.h>\njmp_buf b; int main(void) { if (setjmp(b)) return 5; longjmp(b, 1); }\n",
    ),
    (
        "throws.cpp",
        "#include <stdexcept>\n#include <string>\nint main() { try { throw std::runtime_error(\"e\"); }\n\
         catch (std::exception &e) { return std::string(e.what()).size(); } }\n",
    ),
    (
        "nowhere.c",
        "char nowhere(); int main(void) { return nowhere(); }\n",
    ),
    ("l.c", "int l(void) { return 4; }\n"),
    ("uses.c", "int l(void); int main(void) { return l(); }\n"),
    ("wrong.c", "int main(void) { return }\n"),
    // As configure scripts ask for a function.
    (
        "asks.c",
        "char lgammaf(); int main(void) { return lgammaf(); }\n",
    ),
    (
        "weak.c",
        "extern int puts(const char *) __attribute__((weak));\n\
         extern int nowhere(void) __attribute__((weak));\n\
         int main(void) { return (puts != 0) + 2 * (nowhere != 0); }\n",
    ),
    (
        "replaces.c",
        "void *malloc(unsigned long n) { static char b[99]; return b + n; } void free(void *p) {}\n\
         int printf(const char *f, ...) { return 7; }\n\
         int main(void) { return printf(\"x\") + (malloc(3) != 0); }\n",
    ),
];

/// Links, and whether emcc's commands do for them once the JavaScript is known.
const LINKS: &[(bool, &str)] = &[
    (true, "gcc none.c -o none"),
    (true, "gcc more.c -o more"),
    (true, "gcc args.c -o args"),
    (true, "gcc calls.c f.o -o calls"),
    (true, "gcc none.c -o none.exe"),
    (true, "gcc none.c -o assert"),
    (true, "gcc none.o -o ./d.d/c-on\u{e9}"),
    (true, "gcc prints.c -o prints"),
    (true, "gcc files.c -o files"),
    (true, "gcc keeps.c -o keeps"),
    (true, "gcc keeps_other.c -o keeps"),
    (true, "gcc jumps.c -o jumps"),
    (true, "g++ throws.cpp -o throws"),
    (true, "g++ -O2 throws.cpp -o throws"),
    (
        true,
        "gcc -O2 -Wall -DX=1 -I. -std=c11 prints.c -lm -ldl -o prints",
    ),
    (true, "gcc -g prints.c -o prints"),
    (true, "gcc -g -O2 -w prints.c -o prints"),
    (true, "gcc -O1 uses.c -L. -ll -o uses"),
    (true, "gcc -O0 uses.c libl.a -o uses"),
    (true, "gcc asks.o -o asks"),
    (true, "gcc weak.c -o weak"),
    (true, "gcc -w replaces.c -o replaces"),
    (true, "gcc prints.c -Wl,--export=cpow -o prints"),
    (
        true,
        "gcc uses.c -Wl,--whole-archive libl.a -Wl,--no-whole-archive -o uses",
    ),
    (false, "gcc -Os none.c -o none"),
    (false, "gcc js.c -o js"),
    (false, "gcc other_js.c -o js"),
    (false, "gcc none.c f.c -o none"),
    (false, "gcc -MMD none.c -o none"),
    (false, "gcc none.c -sEXIT_RUNTIME=1 -o none"),
    (false, "gcc none.o -sSINGLE_FILE=0 -o two"),
    (false, "gcc none.o -o none.js"),
    (false, "gcc none.o -o nowhere/none"),
];

/// Links that fail, of which wasm-ld says all.
const FAIL: &[&str] = &["gcc nowhere.o -o x", "gcc none.o -L. -lmissing -o x"];

/// Links of which emcc knows more than wasm-ld, and how they end.
const ODD: &[(i32, &str)] = &[
    (1, "gcc nowhere.o -o no/folder"),
    (1, "gcc none.o -lmissing -o no/folder"),
    (0, "gcc uses.o -L. -lodd -o x"),
    (0, "gcc uses.o -L. -lold -o x"),
];

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn call(line: &str, dir: &Utf8Path, direct: &str) -> duct::Expression {
    let words = words(line);
    command(shims().join(words[0]), &words[1..])
        .dir(dir.as_str())
        .env("EMSHIM_LOG", dir.join("log").as_str())
        .env("EMSHIM_DIRECT", direct)
        .stdin_null()
}

/// A program: its bytes, its mode, and how it runs.
type Program = Option<(Vec<u8>, u32, Completed)>;

/// What emcc says where it builds a library of its own first, which it does once.
const BUILDS: &str = "cache:INFO: generating";

/// How a link went, and its program, which is removed.
fn result(line: &str, dir: &Utf8Path, direct: &str) -> (Completed, Program) {
    let mut outcome = Completed::of(&call(line, dir, direct));
    if outcome.stderr.contains(BUILDS) {
        outcome = Completed::of(&call(line, dir, direct));
    }
    let path = dir.join(words(line).last().expect("an output"));
    let program = fs::read(&path).ok().map(|bytes| {
        let mode = path.metadata().expect("a mode").permissions().mode();
        let run = match path.extension() {
            Some("js") => command("node", &[path.as_str(), "a"]),
            _ => command(&path, &["a"]),
        };
        (bytes, mode, Completed::of(&run))
    });
    let _ = fs::remove_file(path);
    (outcome, program)
}

fn made() -> Folder {
    let dir = Folder::new();
    for (name, text) in SOURCES {
        dir.file(name, text);
    }
    fs::create_dir(dir.path().join("d.d")).expect("a folder");
    for line in [
        "gcc -w -c none.c f.c l.c nowhere.c uses.c asks.c",
        "ar rcs libl.a l.o",
    ] {
        let _ = Completed::of(&call(line, dir.path(), "1")).success();
    }
    dir
}

/// Whether the last call linked without emcc, by its record.
fn without_emcc(dir: &Utf8Path) -> bool {
    last_links(dir)
        .iter()
        .any(|link| link["commands"].is_array())
}

/// What the last call's record says of its links.
fn last_links(dir: &Utf8Path) -> Vec<serde_json::Value> {
    let log = fs::read_to_string(dir.join("log/records.jsonl")).expect("a log");
    let last = log.lines().next_back().expect("a record");
    let end: serde_json::Value = serde_json::from_str(last).expect("JSON");
    let steps = end["steps"].as_array().expect("steps");
    steps.iter().map(|step| step["link"].clone()).collect()
}

/// Whether the last call's link read whole libraries.
fn of_whole_libraries(dir: &Utf8Path) -> bool {
    let text = format!("{:?}", last_links(dir));
    !text.contains("emshim-members")
}

#[test]
fn programs_are_what_emcc_makes() {
    let dir = made();
    for (known, line) in LINKS {
        let (emcc, by_emcc) = result(line, dir.path(), "0");
        // When emcc is asked, when the JavaScript may be known from before, and when all is.
        for _ in 0..3 {
            let (own, program) = result(line, dir.path(), "1");
            assert_eq!(own.status, emcc.status, "{line}\n{}", own.stderr);
            assert_eq!(own.stderr, emcc.stderr, "{line}");
            assert_eq!(own.stdout, emcc.stdout, "{line}");
            assert_eq!(program.is_some(), by_emcc.is_some(), "{line}");
            let (Some(own), Some(emcc)) = (&program, &by_emcc) else {
                continue;
            };
            assert!(own.0 == emcc.0, "{line}: another program");
            assert_eq!(own.1, emcc.1, "{line}: the mode");
            assert_eq!(own.2.status, emcc.2.status, "{line}: run");
            assert_eq!(own.2.stdout, emcc.2.stdout, "{line}: run");
        }
        assert_eq!(without_emcc(dir.path()), *known, "{line}");
        let whole = !known || line.contains("--whole-archive");
        assert_eq!(of_whole_libraries(dir.path()), whole, "{line}");
    }
}

#[test]
fn what_cannot_be_linked_is_told_once() {
    let dir = made();
    for line in FAIL {
        let (emcc, _) = result(line, dir.path(), "0");
        let (own, program) = result(line, dir.path(), "1");
        assert_eq!(own.status, emcc.status, "{line}");
        assert!(program.is_none() && !own.stderr.is_empty(), "{line}");
        assert!(
            emcc.stderr.starts_with(&own.stderr),
            "{line}\n{}",
            own.stderr
        );
        assert!(without_emcc(dir.path()), "{line}");
    }
    fs::copy(dir.path().join("l.o"), dir.path().join("libodd.so")).expect("a file");
    fs::copy(dir.path().join("l.o"), dir.path().join("libold.dylib")).expect("a file");
    for (status, line) in ODD {
        let (emcc, _) = result(line, dir.path(), "0");
        let (own, program) = result(line, dir.path(), "1");
        assert_eq!(
            (own.status, emcc.status),
            (*status, *status),
            "{line}\n{}",
            own.stderr
        );
        assert_eq!(own.stderr, emcc.stderr, "{line}");
        assert_eq!(program.is_some(), *status == 0, "{line}");
    }
    let (own, program) = result("gcc wrong.c -o x", dir.path(), "1");
    assert!(own.status != 0 && program.is_none());
    assert!(own.stderr.contains("wrong.c:1:"), "{}", own.stderr);
}

/// A damaged entry counts nothing, and the place of a program is what emcc takes it for.
#[test]
fn a_damaged_script_and_odd_places_make_the_same_programs() {
    let dir = made();
    let line = "gcc prints.c -o prints";
    let (_, by_emcc) = result(line, dir.path(), "0");
    let bytes = by_emcc.expect("a program").0;
    let _ = result(line, dir.path(), "1");
    let parts = fs::read_dir(shims().join("programs")).expect("kept scripts");
    for part in parts.flatten() {
        for entry in fs::read_dir(part.path()).expect("a part").flatten() {
            let mut text = fs::read(entry.path()).unwrap_or_default();
            let middle = text.len() / 2;
            text.get_mut(middle).into_iter().for_each(|byte| *byte ^= 1);
            // Another suite may be making it anew.
            let _ = fs::write(entry.path(), text);
        }
    }
    let again = result(line, dir.path(), "1").1.expect("a program");
    assert!(again.0 == bytes, "another program");
    // An older program is replaced, and what a link leads to is as emcc leaves it.
    for direct in ["0", "1"] {
        dir.file("target", "mine\n");
        let _ = fs::remove_file(dir.path().join("prints"));
        symlink("target", dir.path().join("prints")).expect("a link");
        let _ = Completed::of(&call(line, dir.path(), direct)).success();
        let target = fs::read(dir.path().join("target")).expect("a file");
        let program = fs::read(dir.path().join("prints")).expect("a program");
        assert!(program == bytes && target == b"mine\n", "{direct}");
    }
}

#[test]
fn a_folder_for_temporary_files_that_is_not_there_is_not_used() {
    let dir = made();
    let call =
        call("gcc none.c -o none", dir.path(), "1").env("TMPDIR", dir.path().join("no").as_str());
    let _ = Completed::of(&call).success();
    assert!(dir.path().join("none").exists() && !dir.path().join("no").exists());
}

/// None of them has an answer when they begin.
#[test]
fn links_at_once_make_the_same() {
    let dir = made();
    let flags = "-fno-ident -Wno-unused -Wno-comment -Wno-switch";
    let links: Vec<_> = (0..4)
        .map(|n| {
            let line = format!("gcc {flags} prints.c -o x{n}");
            call(&line, dir.path(), "1").start().expect("a process")
        })
        .collect();
    for link in links {
        link.wait().expect("a program");
    }
    let program = |n: i32| fs::read(dir.path().join(format!("x{n}"))).expect("a program");
    assert!((1..4).all(|n| program(n) == program(0)));
}
