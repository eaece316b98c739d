//! The shims with the real Emscripten: what gcc's callers expect of a compiler.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, emshim, exports, shim, shims};

const MODULE: &str = "#include <Python.h>
int helper(void) { return 42; }
__attribute__((visibility(\"hidden\"))) int hidden(void) { return 43; }
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, \"m\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_m(void) { return PyModule_Create(&def); }
";

#[test]
fn a_side_module_exports_what_the_sources_make_visible() {
    let dir = Folder::new();
    dir.file("m.c", MODULE);
    // Any interpreter's header folder stands for the target's.
    let include = "-I/usr/include/python3.13";
    let _ = shim("gcc", &["-c", "m.c", include, "-o", "m.o"], dir.path()).success();
    let _ = shim("gcc", &["-shared", "m.o", "-o", "m.so"], dir.path()).success();
    let names = exports(dir.path().join("m.so").as_std_path());
    assert!(names.contains(&"PyInit_m".into()), "{names:?}");
    assert!(names.contains(&"helper".into()), "{names:?}");
    assert!(!names.contains(&"hidden".into()), "{names:?}");
    let link = command(shims().join("gcc"), &["-shared", "m.o", "-o", "m.so"]);
    let link = link
        .env("EMSHIM_EXPORTS", "pyinit")
        .dir(dir.path().as_str());
    let _ = Completed::of(&link).success();
    let names = exports(dir.path().join("m.so").as_std_path());
    assert!(
        names.contains(&"PyInit_m".into()) && !names.contains(&"helper".into()),
        "{names:?}"
    );
}

#[test]
fn one_step_compile_and_link_gives_the_same_kind_of_module() {
    let dir = Folder::new();
    dir.file("m.c", MODULE);
    let words = ["-shared", "m.c", "-I/usr/include/python3.13", "-om.so"];
    let _ = shim("cc", &words, dir.path()).success();
    let names = exports(dir.path().join("m.so").as_std_path());
    assert!(
        names.contains(&"helper".into()) && !names.contains(&"hidden".into()),
        "{names:?}"
    );
    assert!(
        !dir.path().join("m.o").exists(),
        "an object was left behind"
    );
}

#[test]
fn a_program_runs_as_it_is_and_its_status_comes_through() {
    let dir = Folder::new();
    dir.file(
        "p.cxx",
        "#include <iostream>\nint main() { std::cout << \"hi\\n\"; return 3; }\n",
    );
    let _ = shim("g++", &["p.cxx", "-o", "p"], dir.path()).success();
    let ran = Completed::of(&command(dir.path().join("p"), &[]));
    assert_eq!((ran.status, ran.stdout.as_str()), (3, "hi\n"));
}

#[test]
fn standard_input_and_output_are_the_compilers() {
    let dir = Folder::new();
    let gcc = shims().join("gcc");
    let preprocess =
        command(&gcc, &["-E", "-P", "-x", "c", "-DN=7", "-"]).stdin_bytes("int a = N;");
    let done = Completed::of(&preprocess.dir(dir.path().as_str())).success();
    assert_eq!(done.stdout.trim(), "int a = 7;");
    let compile = command(&gcc, &["-c", "-x", "c", "-", "-o", "a.o"]).stdin_bytes("int a;");
    let _ = Completed::of(&compile.dir(dir.path().as_str())).success();
    assert!(dir.path().join("a.o").exists());
}

#[test]
fn queries_answer_for_the_target() {
    let dir = Folder::new();
    let answer = |words: &[&str]| shim("gcc", words, dir.path()).success().stdout;
    assert_eq!(
        answer(&["-dumpmachine"]).trim(),
        "wasm32-unknown-emscripten"
    );
    assert_eq!(answer(&["-print-multiarch"]).trim(), "wasm32-emscripten");
    assert!(answer(&["--version"]).contains("Emscripten"));
    assert!(answer(&["-dM", "-E", "-x", "c", "/dev/null"]).contains("#define __wasm32__ 1"));
}

#[test]
fn a_compile_error_is_clangs_message_and_nothing_more() {
    let dir = Folder::new();
    dir.file("bad.c", "int f( { return 1; }\n");
    let done = shim("gcc", &["-c", "bad.c", "-o", "bad.o"], dir.path());
    assert_eq!(done.status, 1);
    assert!(done.stderr.contains("bad.c:1:8: error:"), "{}", done.stderr);
    assert!(!done.stderr.contains("emshim"), "{}", done.stderr);
    assert!(
        !dir.path().join("bad.o").exists(),
        "a partial object was left behind"
    );
}

#[test]
fn a_source_that_clears_a_floating_point_flag_compiles_and_one_that_reads_it_does_not() {
    let dir = Folder::new();
    let clears = "#include <fenv.h>\nint f(void) { return feclearexcept(FE_INVALID); }\n";
    let reads = "int g(void) { return fetestexcept(FE_INVALID); }\n";
    dir.file("clears.c", clears);
    dir.file("reads.c", &format!("{clears}{reads}"));
    let done = shim("gcc", &["-O2", "-c", "clears.c"], dir.path()).success();
    assert!(
        done.stderr.contains("no floating-point flags") && done.stderr.contains("-DFE_INVALID=0"),
        "{}",
        done.stderr
    );
    assert!(dir.path().join("clears.o").exists());
    let aside = "#include <fenv.h>\nint f(fenv_t *e) { return feholdexcept(e) || feclearexcept(FE_INVALID)\n\
                 || feupdateenv(e); }\n";
    dir.file("aside.c", aside);
    let _ = shim("gcc", &["-O2", "-c", "aside.c"], dir.path()).success();
    assert!(dir.path().join("aside.o").exists());
    let _ = shim("gcc", &["-shared", "aside.c", "-o", "aside.so"], dir.path()).success();
    assert!(dir.path().join("aside.so").exists());
    let failed = shim("gcc", &["-O2", "-c", "reads.c"], dir.path());
    assert_eq!(failed.status, 1, "{}", failed.stderr);
    assert!(!dir.path().join("reads.o").exists());
}

#[test]
fn the_users_optimisation_wins_over_the_default() {
    let dir = Folder::new();
    dir.file(
        "o.c",
        "int o(void) {\n#ifdef __OPTIMIZE__\n#error optimised\n#endif\nreturn 1; }\n",
    );
    let _ = shim("gcc", &["-c", "o.c", "-O0"], dir.path()).success();
    assert_eq!(
        shim("gcc", &["-c", "o.c"], dir.path()).status,
        1,
        "the default is -O2"
    );
}

#[test]
fn archives_keep_members_of_one_name_apart() {
    let dir = Folder::new();
    dir.file("a/x.c", "int a(void) { return 1; }\n");
    dir.file("b/x.c", "int b(void) { return 2; }\n");
    dir.file(
        "main.c",
        "int a(void); int b(void); int main(void) { return a() + b(); }\n",
    );
    for folder in ["a", "b"] {
        let (source, object) = (format!("{folder}/x.c"), format!("{folder}/x.o"));
        let _ = shim("cc", &["-c", &source, "-o", &object], dir.path()).success();
    }
    let _ = shim("ar", &["rcs", "libx.a", "a/x.o", "b/x.o"], dir.path()).success();
    let _ = shim("ranlib", &["libx.a"], dir.path()).success();
    let _ = shim("cc", &["main.c", "-L.", "-lx", "-o", "main"], dir.path()).success();
    assert_eq!(
        Completed::of(&command(dir.path().join("main"), &[])).status,
        3
    );
    let names = shim("nm", &["libx.a"], dir.path()).success().stdout;
    assert!(names.contains(" T a") && names.contains(" T b"), "{names}");
}

#[test]
fn strip_keeps_a_side_module_loadable() {
    let dir = Folder::new();
    dir.file("m.c", MODULE);
    let words = [
        "-shared",
        "-g",
        "m.c",
        "-I/usr/include/python3.13",
        "-o",
        "m.so",
    ];
    let _ = shim("cc", &words, dir.path()).success();
    let _ = shim("strip", &["m.so"], dir.path()).success();
    let names = exports(dir.path().join("m.so").as_std_path());
    assert!(names.contains(&"PyInit_m".into()), "{names:?}");
}

/// In devices of its own: root could put files in the place of the machine's.
#[test]
fn a_device_is_written_into_by_whatever_makes_an_output() {
    let dir = Folder::new();
    dir.file("a.c", "int f(void) { return 3; }\n");
    dir.file("p.c", "int main(void) { return 0; }\n");
    dir.file("s.f", "      END\n");
    let script = "mkdir dev; mount -t tmpfs t dev
        cp -a /dev/null /dev/full /dev/urandom /dev/stdout /dev/fd dev; mount --bind dev /dev
        ln -s /dev/null link; gcc -c a.c -o a.o; ar rc lib.a a.o
        while read -r words; do
          eval \"$words\" </dev/null >said || { echo \"failed: $words\"; exit 1; }
          ls -l /dev link | cut -c 1-10 | sort | uniq -c >now
          test -f before || cp now before
          cmp now before || { echo \"replaced by: $words\"; exit 1; }
          case $words in
            *stdout) test $(wc -c <said) -gt 60 || { echo \"nothing from: $words\"; exit 1; } ;;
          esac
        done
        if gcc -c a.c -o /dev/full; then exit 1; fi";
    let calls = "true
        strip lib.a -o /dev/null
        strip lib.a -o/dev/null
        strip lib.a -o link
        strip a.o -o /dev/stdout
        objcopy lib.a /dev/null
        objcopy a.o /dev/stdout
        gcc -c a.c -o /dev/stdout
        gcc -c a.c -MD -o /dev/null
        cpp a.c /dev/stdout
        gcc p.c -o link
        gcc -shared a.o -o link
        gcc -shared a.o -o /dev/stdout
        ld -r a.o -o /dev/null
        gfortran -c s.f -o /dev/stdout\n";
    let words = ["-m", "sh", "-ec", script];
    let path = format!("{}:/usr/bin:/bin", shims());
    let run = command(Utf8Path::new("unshare"), &words).env("PATH", path);
    let done = Completed::of(&run.stdin_bytes(calls).dir(dir.path().as_str()));
    assert_eq!(done.status, 0, "{}{}", done.stdout, done.stderr);
    let full = "cannot write /dev/full: No space left on device";
    assert!(done.stderr.contains(full), "{}", done.stderr);
}

#[test]
fn a_relocatable_object_may_have_any_name() {
    let dir = Folder::new();
    dir.file("a.c", "int f(void) { return 3; }\n");
    let _ = shim("gcc", &["-c", "a.c"], dir.path()).success();
    for (tool, name) in [("ld", "whole"), ("gcc", "whole.js"), ("g++", "whole.wasm")] {
        let done = shim(tool, &["-r", "a.o", "-o", name], dir.path()).success();
        assert_eq!(done.stderr, "");
        let nm = shim("nm", &[name], dir.path()).success();
        assert!(nm.stdout.contains("T f"), "{name}: {}", nm.stdout);
    }
}

#[test]
fn a_program_is_one_file() {
    let dir = Folder::new();
    dir.file("t.c", "int main(void) { return N; }\n");
    for (n, name) in [("1", "t.1"), ("2", "t.2"), ("3", "t")] {
        let macro_ = format!("-DN={n}");
        let _ = shim("gcc", &[&macro_, "t.c", "-o", name], dir.path()).success();
    }
    let other = dir.file("t.wasm", "of another program's\n");
    let ran = |program: &Utf8Path| Completed::of(&command(program, &[])).status;
    for (n, name) in [(1, "t.1"), (2, "t.2"), (3, "t")] {
        let _ = shim("strip", &[name], dir.path()).success();
        let installed = dir.path().join("bin").join(name);
        let words = ["-D", "-m755", name, installed.as_str()];
        let _ = Completed::of(&command("install", &words).dir(dir.path())).success();
        assert_eq!(ran(&dir.path().join(name)), n);
        assert_eq!(ran(&installed), n);
    }
    let code = std::fs::read_to_string(other).expect("another's code");
    assert_eq!(code, "of another program's\n");
    for words in [
        &["strip", "-o", "copy", "t.1"][..],
        &["objcopy", "-S", "t.1", "copy"],
    ] {
        let _ = shim(words[0], &words[1..], dir.path()).success();
        assert_eq!(ran(&dir.path().join("copy")), 1, "{words:?}");
        std::fs::remove_file(dir.path().join("copy")).expect("the copy");
    }
    let debug = shim("objcopy", &["--only-keep-debug", "t.1", "copy"], dir.path());
    assert_ne!(debug.status, 0);
    assert!(debug.stderr.contains("-sSINGLE_FILE=0"), "{}", debug.stderr);
    // Two files are there for the asking.
    let two = ["-DN=4", "-sSINGLE_FILE=0", "t.c", "-g", "-o", "two"];
    let _ = shim("gcc", &two, dir.path()).success();
    let size = || {
        dir.path()
            .join("two.wasm")
            .metadata()
            .expect("the code")
            .len()
    };
    let before = size();
    let _ = shim("strip", &["two"], dir.path()).success();
    assert!(size() < before);
    assert_eq!(ran(&dir.path().join("two")), 4);
}

#[test]
fn a_program_takes_nothing_from_the_users_home() {
    let (dir, home) = (Folder::new(), Folder::new());
    dir.file("t.c", "int main(void) { return 0; }\n");
    let call = command(shims().join("gcc"), &["t.c", "-o", "t"])
        .dir(dir.path().as_str())
        .env("HOME", home.path().as_str());
    let _ = Completed::of(&call).success();
    let left: Vec<_> = home.path().read_dir_utf8().expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_program_may_ask_about_its_standard_streams() {
    let dir = Folder::new();
    dir.file(
        "t.c",
        "#include <sys/stat.h>\n#include <stdio.h>\n\
         int main(void) {\n    struct stat s;\n\
         for (int fd = 0; fd < 3; fd++) if (fstat(fd, &s)) return 1 + fd;\n\
         puts(\"asked\");\n    return 0;\n}\n",
    );
    let _ = shim("cc", &["t.c", "-o", "t"], dir.path()).success();
    let done = Completed::of(&command(dir.path().join("t"), &[])).success();
    assert_eq!(done.stdout, "asked\n");
}

#[test]
fn plain_make_builds_through_exec() {
    let dir = Folder::new();
    dir.file("t.c", "int main(void) { return 5; }\n");
    dir.file("Makefile", "t: t.o\n\t$(CC) -o $@ $^\n");
    let make = command(emshim(), &["exec", "--", "make"]).dir(dir.path().as_str());
    let _ = Completed::of(&make).success();
    assert_eq!(Completed::of(&command(dir.path().join("t"), &[])).status, 5);
}
