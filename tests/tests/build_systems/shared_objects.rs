//! Programs with shared libraries, and shared libraries of build systems.

use emshim_tests::real::{Completed, Folder, assert_says, command, emshim};
use emshim_tests::tools::NEWEST;

fn shell(dir: &Folder, script: &str) -> Completed {
    shell_for(&[], dir, script)
}

fn shell_for(options: &[&str], dir: &Folder, script: &str) -> Completed {
    let words = [&["exec"], options, &["--", "sh", "-ec", script]].concat();
    let exec = command(emshim(), &words);
    let exec = exec.env("PATH", NEWEST.path()).dir(dir.path().as_str());
    Completed::of(&exec)
}

/// A library, a program that calls it, and what configure asks of it.
fn program_and_library() -> Folder {
    let dir = Folder::new();
    dir.file("l.c", "double f(double x, int n) { return x * n; }\n");
    dir.file(
        "p.c",
        "#include <stdio.h>\ndouble f(double, int);\nint main(void) { printf(\"%g\\n\", f(1.5, 3)); }\n",
    );
    dir.file("probe.c", "char f();\nint main(void) { return f(); }\n");
    dir
}

#[test]
fn a_program_finds_them_as_a_native_one_does() {
    let dir = program_and_library();
    let done = shell(
        &dir,
        "mkdir lib bin; gcc -shared l.c -o lib/libl.so.1.2; ln -s libl.so.1.2 lib/libl.so
        gcc p.c -Llib -ll -o bin/p -Wl,-rpath,'$ORIGIN/../lib'; cd /; \"$OLDPWD\"/bin/p; cd \"$OLDPWD\"
        gcc probe.c -Llib -ll -o probe
        mkdir moved; mv bin moved; cp -r lib moved; mv lib elsewhere; moved/bin/p
        mv moved/lib there; LD_LIBRARY_PATH=$PWD/elsewhere moved/bin/p",
    )
    .success();
    assert_eq!(done.stdout, "4.5\n".repeat(3));
    let lost = shell(&dir, "moved/bin/p");
    assert_eq!(lost.status, 127);
    assert_says(
        &lost.stderr,
        &["libl.so", "error while loading shared libraries"],
    );
}

/// As libtool, CMake and zlib's configure install them.
#[test]
fn a_module_has_the_archive_inside_where_there_is_a_shared_library_too() {
    let dir = Folder::new();
    dir.file(
        "l.c",
        "int numbers[3] = {1, 2, 3}; int f(void) { return numbers[1]; }\n",
    );
    dir.file(
        "m.c",
        "int f(void); extern int numbers[]; int g(void) { return f() + numbers[0]; }\n",
    );
    for target in ["pyodide@314.0.7", "pyodide@0.29.5"] {
        let done = shell_for(
            &["--target", target],
            &dir,
            "mkdir -p old new; gcc -c l.c; ar rcs old/libl.a l.o; gcc -shared l.c -o new/libl.so
            gcc -shared m.c -L new -L old -ll -o needs.so; gcc -shared m.c -L old -L new -ll -o m.so
            ar rcs new/libl.a l.o; gcc -shared m.c -L new -ll -o n.so; rm new/libl.a",
        );
        let _ = done.success();
        let needs = |module: &str| {
            let bytes = std::fs::read(dir.path().join(module)).expect("a module");
            bytes.windows(7).any(|part| part == b"libl.so")
        };
        assert!(
            !needs("m.so") && !needs("n.so") && needs("needs.so"),
            "{target}"
        );
    }
}

/// Emscripten 3.1.69 does not see for itself that a program has any.
#[test]
fn the_series_before_has_programs_with_shared_libraries_too() {
    let dir = program_and_library();
    let done = shell_for(
        &["--target", "pyodide@0.29.5"],
        &dir,
        "gcc -shared l.c -o libl.so; gcc p.c -L. -ll -o p; ./p; gcc probe.c -L. -ll -o probe",
    );
    assert_eq!(done.success().stdout, "4.5\n");
}

#[test]
fn a_program_and_its_library_have_one_variable_of_a_name() {
    let dir = Folder::new();
    dir.file(
        "l.c",
        "int val = 2, blk[4], own; int g(void) { return 2; } int value(void) { return val; }
        void set(int x) { val = x; } int sum(void) { return blk[0] + blk[3] + g(); }\n",
    );
    dir.file(
        "m.c",
        "#include <stdio.h>
        int val = 1, blk[4], *p = &val; int g(void) { return 1; }
        int value(void); void set(int); int sum(void);
        int main(void) { printf(\"%d %d %d \", val, value(), *p); set(7); blk[0] = 3; blk[3] = 4;
            printf(\"%d %d %d %d\\n\", val, value(), *p, sum()); }\n",
    );
    let built = shell(
        &dir,
        "gcc -shared l.c -o libl.so; gcc m.c -L. -ll -o m; ./m; gcc -c m.c; gcc -O2 m.o libl.so -o n; ./n",
    );
    let built = built.success();
    assert_eq!(built.stdout, "1 1 1 7 7 7 9\n".repeat(2));
    assert_says(&built.stderr, &["libl.so", "the program defines too: g;"]);
}

#[test]
fn a_program_and_its_library_have_one_common_block_of_a_name() {
    let dir = Folder::new();
    dir.file(
        "l.f",
        "      SUBROUTINE SET(K)\n      COMMON /BLK/ N, X(3)\n      N = K\n      END
      BLOCK DATA\n      COMMON /VALS/ J(2)\n      DATA J/5,6/\n      END
      INTEGER FUNCTION NJ()\n      COMMON /BLK/ N, X(3)\n      COMMON /VALS/ J(2)
      NJ = 100*N + J(2)\n      END\n",
    );
    let program = "      PROGRAM P\n      COMMON /BLK/ N, X(WORDS)\n      COMMON /VALS/ J(2)
      INTEGER NJ\n      CALL SET(4)\n      PRINT *, N, J(2)\n      N = 9\n      J(2) = 7\n      CALL Q
      PRINT *, NJ()\n      END\n";
    dir.file("p.f", &program.replace("WORDS", "3"));
    dir.file("large.f", &program.replace("WORDS", "30"));
    // An archive's block, smaller than the others.
    dir.file(
        "q.f",
        "      SUBROUTINE Q\n      COMMON /BLK/ N\n      N = N + 1\n      END\n",
    );
    let built = shell(
        &dir,
        "gfortran -shared l.f -o libl.so; gfortran -c q.f; ar rcs libq.a q.o
        gfortran p.f -L. -lq -ll -o p; ./p; gfortran large.f q.f -L. -ll -o large",
    );
    let built = built.success();
    let words: Vec<&str> = built.stdout.split_whitespace().collect();
    assert_eq!(words, ["4", "6", "1007"]);
    assert_says(
        &built.stderr,
        &["blk_ is defined in", "libl.so, and it is smaller there"],
    );
}

#[test]
fn mesons_library_is_shared() {
    let dir = Folder::new();
    dir.file(
        "meson.build",
        "project('t', 'c')\nl = library('l', 'l.c', version: '1.2')\ntest('t', executable('t', 't.c', link_with: l))\n",
    );
    dir.file("l.c", "int f(int x) { return x - 1; }\n");
    dir.file("t.c", "int f(int);\nint main(void) { return f(1); }\n");
    let _ = shell(
        &dir,
        "meson setup b; meson compile -C b; meson test -C b; test -f b/libl.so.1.2",
    )
    .success();
}

#[test]
fn cmakes_libraries_need_each_other() {
    let dir = Folder::new();
    dir.file(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18...4.4)\nproject(t C)\nenable_testing()
add_subdirectory(a)\nadd_subdirectory(b)\nadd_executable(p p.c)\ntarget_link_libraries(p b)\nadd_test(NAME p COMMAND p)\n",
    );
    dir.file(
        "a/CMakeLists.txt",
        "add_library(a SHARED a.c)\nset_target_properties(a PROPERTIES VERSION 1.2 SOVERSION 1)\n",
    );
    dir.file("a/a.c", "int a(void) { return 40; }\n");
    dir.file(
        "b/CMakeLists.txt",
        "add_library(b SHARED b.c)\ntarget_link_libraries(b PRIVATE a)\n",
    );
    dir.file("b/b.c", "int a(void);\nint b(void) { return a() + 2; }\n");
    dir.file(
        "p.c",
        "int b(void);\nint main(void) { return b() != 42; }\n",
    );
    let _ = shell(
        &dir,
        "cmake -G Ninja -B b .; cmake --build b; ctest --test-dir b",
    )
    .success();
}
