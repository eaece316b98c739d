//! The `gfortran` shim as its users call it: by hand, through CMake and through Meson.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, command, emshim, run, shim, shims};
use emshim_tests::tools::NEWEST;

const PROGRAM: &str = "program hello
  integer :: i
  real :: x(3) = (/ 1.0, 2.5, 3.0 /)
  do i = 1, 3
     write (*, '(a, i2, f8.3)') 'x', i, x(i)
  end do
  stop 3
end program
";

/// A file that is preprocessed, with an included file.
const PREPROCESSED: &str = "#include \"value.h\"
      SUBROUTINE MY_SUB(X)
      DOUBLE PRECISION X
      X = VALUE
      END
";

const CALLER: &str = "#include <stdio.h>
void my_sub_(double *);
int main(void) { double x; my_sub_(&x); printf(\"%g\\n\", x); return 0; }
";

fn project() -> Folder {
    let dir = Folder::new();
    dir.file("hello.f90", PROGRAM);
    dir.file("sub.F", PREPROCESSED);
    dir.file("value.h", "#define VALUE 2.5D0\n");
    dir.file("main.c", CALLER);
    dir
}

fn program(path: impl AsRef<Utf8Path>) -> Completed {
    Completed::of(&command(path, &[]))
}

#[test]
fn a_program_runs_by_its_name_and_stops_with_its_status() {
    let dir = project();
    let _ = shim("gfortran", &["hello.f90", "-o", "hello"], dir.path()).success();
    let ran = program(dir.path().join("hello"));
    assert_eq!(ran.stdout, "x 1   1.000\nx 2   2.500\nx 3   3.000\n");
    assert_eq!((ran.status, ran.stderr.trim()), (3, "STOP 3"));
    // Nothing else is left in the user's folder.
    let mut left: Vec<_> = dir.path().read_dir_utf8().unwrap().flatten().collect();
    left.sort_by(|a, b| a.file_name().cmp(b.file_name()));
    let left: Vec<_> = left.iter().map(|entry| entry.file_name()).collect();
    let expected = ["hello", "hello.f90", "main.c", "sub.F", "value.h"];
    assert_eq!(left, expected);
}

#[test]
fn c_calls_fortran_when_any_driver_links() {
    let dir = project();
    let _ = shim("gfortran", &["-c", "sub.F"], dir.path()).success();
    let _ = shim("gfortran", &["main.c", "sub.o", "-o", "a"], dir.path()).success();
    let _ = shim(
        "gcc",
        &["main.c", "sub.o", "-lgfortran", "-o", "b"],
        dir.path(),
    )
    .success();
    for name in ["a", "b"] {
        assert_eq!(program(dir.path().join(name)).success().stdout, "2.5\n");
    }
}

#[test]
fn mistakes_are_told_of_the_users_own_lines() {
    let dir = Folder::new();
    for (name, text, told) in [
        // Found by the reader.
        (
            "type.f90",
            "subroutine s\n  implicit none\n  type t\n  end type\nend\n",
            "type.f90:3:",
        ),
        // Found by f2c.
        (
            "call.f",
            "      SUBROUTINE S(X)\n      CALL T(X,\n      END\n",
            "call.f:2:",
        ),
        // A missing include.
        (
            "inc.F",
            "      SUBROUTINE S\n#include \"no.h\"\n      END\n",
            "inc.F:2:",
        ),
    ] {
        dir.file(name, text);
        let outcome = shim("gfortran", &["-c", name], dir.path());
        assert_ne!(outcome.status, 0);
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("lowered.f"), "{}", outcome.stderr);
        assert_eq!(dir.path().read_dir_utf8().unwrap().count(), 1, "no object");
        std::fs::remove_file(dir.path().join(name)).unwrap();
    }
}

/// What editors, mail and other systems do to a source changes nothing; what is broken is told.
#[test]
fn odd_files_give_a_right_object_or_a_clear_error() {
    const TEXT: &str = "      PROGRAM P\nC     caf\u{e9}\n      CALL A_ROUTINE_WHOSE_NAME_HAS_MORE_THAN_FIFTY_CHARACTERS_OF_IT(I)\n      \
                        WRITE (*,'(I2)') I\n      END\n      SUBROUTINE \
                        A_ROUTINE_WHOSE_NAME_HAS_MORE_THAN_FIFTY_CHARACTERS_OF_IT(I)\n      I = 7\n      END\n";
    let dir = Folder::new();
    let latin: Vec<u8> = TEXT.chars().map(|c| c as u8).collect();
    let paged = TEXT.replace("      SUBROUTINE", "\x0c\n      SUBROUTINE");
    let long: String = (0..9_993).map(|_| "      I = I + 1\n").collect();
    let right = [
        TEXT.replace('\n', "\r\n").into_bytes(),
        ["\u{feff}", TEXT].concat().into_bytes(),
        latin,
        paged.into_bytes(),
        TEXT.trim_end().into(),
        TEXT.replace(
            "      I = 7\n",
            &format!("      I = 0\n{long}      I = I - 9986\n"),
        )
        .into_bytes(),
    ];
    let file = dir.path().join("x.f");
    for text in right {
        std::fs::write(&file, &text).expect("writable");
        let words = ["-ffixed-line-length-none", "x.f", "-o", "x"];
        let _ = shim("gfortran", &words, dir.path()).success();
        assert_eq!(program(dir.path().join("x")).success().stdout, " 7\n");
        assert_eq!(std::fs::read(&file).expect("the source"), text);
    }
    let blocks = "      BLOCK DATA A\n      COMMON /B/ I\n      DATA I /1/\n      END\n      BLOCK DATA C\n      \
                  COMMON /B/ X(2)\n      DATA X /2*1.0/\n      END\n";
    let broken = [
        &TEXT[..TEXT.len() / 2],
        "      SUBROUTINE S\n      INCLUDE 'no.inc'\n      END\n",
        "#!/bin/sh\necho no Fortran\n",
        blocks,
    ];
    std::fs::remove_file(dir.path().join("x")).expect("the program");
    for text in broken {
        std::fs::write(&file, text).expect("writable");
        let outcome = shim("gfortran", &["-c", "x.f", "-o", "x.o"], dir.path());
        assert_ne!(outcome.status, 0, "{text}");
        assert!(outcome.stderr.contains("x.f:"), "{}", outcome.stderr);
        assert!(!dir.path().join("x.o").exists(), "{text}");
        assert_eq!(std::fs::read_to_string(&file).expect("the source"), text);
    }
}

#[test]
fn debug_information_leads_to_the_fortran_source() {
    let dir = project();
    let _ = shim("gfortran", &["-g", "-c", "sub.F"], dir.path()).success();
    let dump = shims().join("llvm-dwarfdump");
    let lines = command(dump, &["--debug-line", "sub.o"]).dir(dir.path().as_str());
    let lines = Completed::of(&lines).success().stdout;
    assert!(lines.contains("name: \"sub.F\""), "{lines}");
}

#[test]
fn preprocessing_and_dependencies_name_the_included_files() {
    let dir = project();
    let text = shim("gfortran", &["-E", "-DMORE", "sub.F"], dir.path()).success();
    assert!(text.stdout.contains("X = 2.5D0"), "{}", text.stdout);
    let rule = shim("gfortran", &["-cpp", "-M", "sub.F"], dir.path()).success();
    assert!(rule.stdout.starts_with("sub.o:"), "{}", rule.stdout);
    let _ = shim("gfortran", &["-MD", "-c", "sub.F", "-o", "o.o"], dir.path()).success();
    let file = std::fs::read_to_string(dir.path().join("o.d")).unwrap();
    let words = ["-Wp,-MD,w.d", "-c", "sub.F", "-o", "w.o"];
    let _ = shim("gfortran", &words, dir.path()).success();
    let packed = std::fs::read_to_string(dir.path().join("w.d")).unwrap();
    assert!(packed.starts_with("w.o:"), "{packed}");
    for rule in [&rule.stdout, &file, &packed] {
        assert!(rule.contains("sub.F") && rule.contains("value.h"), "{rule}");
    }
    let macros = command(
        shims().join("gfortran"),
        &["-cpp", "-x", "f95", "-E", "-dM", "-"],
    );
    let macros = Completed::of(&macros.stdin_bytes("")).success().stdout;
    assert!(macros.contains("#define __GFORTRAN__ 1"), "{macros}");
}

#[test]
fn common_blocks_of_all_objects_are_one() {
    let dir = Folder::new();
    dir.file(
        "small.f",
        "      SUBROUTINE SMALL\n      COMMON /B/ A\n      COMMON /I/ K\n      A = 1\n      \
         K = K + 1\n      END\n",
    );
    dir.file(
        "large.f",
        "      PROGRAM P\n      COMMON /B/ A, C(1000)\n      COMMON /I/ K\n      C(1000) = 7\n      \
         CALL SMALL\n      WRITE (*,'(2F4.1,I3)') A, C(1000), K\n      END\n",
    );
    dir.file(
        "data.f",
        "      BLOCK DATA\n      COMMON /I/ K\n      DATA K /41/\n      END\n",
    );
    let _ = shim(
        "gfortran",
        &["-c", "small.f", "large.f", "data.f"],
        dir.path(),
    )
    .success();
    let _ = shim("ar", &["rcs", "libdata.a", "data.o"], dir.path()).success();
    for objects in [["small.o", "large.o"], ["large.o", "small.o"]] {
        let words = [&objects[..], &["-L.", "-ldata", "-o", "p"]].concat();
        let _ = shim("gfortran", &words, dir.path()).success();
        let ran = program(dir.path().join("p")).success();
        assert_eq!(ran.stdout, " 1.0 7.0 42\n");
    }
}

#[test]
fn modules_of_constants_are_used_by_sources_compiled_later() {
    let dir = Folder::new();
    dir.file(
        "kinds.f90",
        "module kinds\n  implicit none\n  integer, parameter :: dp = kind(1d0)\n  \
         real(dp), parameter :: third = 1.0_dp/3\n  character(len=*), parameter :: name = 'xyz'\n\
         end module\n",
    );
    dir.file(
        "use.f90",
        "program p\n  use kinds, only: dp, t => third, name\n  real(dp) :: x\n  x = t\n  \
         write (*, '(f8.5, a)') x, name\nend program\n",
    );
    std::fs::create_dir(dir.path().join("mods")).expect("a folder");
    let early = shim("gfortran", &["-c", "use.f90"], dir.path());
    assert!(early.stderr.contains("use.f90:2:"), "{}", early.stderr);
    let _ = shim("gfortran", &["-J", "mods", "-c", "kinds.f90"], dir.path()).success();
    let words = ["-I", "mods", "use.f90", "kinds.o", "-o", "p"];
    let _ = shim("gfortran", &words, dir.path()).success();
    let ran = program(dir.path().join("p")).success();
    assert_eq!(ran.stdout, " 0.33333xyz\n");
}

/// CMake takes the shim for a GNU Fortran, its names for gfortran's, and links with it.
fn cmake(generator: &str) {
    let dir = project();
    dir.file(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.20)
project(t C Fortran)
include(FortranCInterface)
FortranCInterface_HEADER(names.h SYMBOLS my_sub)
FortranCInterface_VERIFY()
include(CheckFortranFunctionExists)
include(CheckFortranSourceCompiles)
check_fortran_source_compiles(\"      PROGRAM X\n      END\" COMPILES SRC_EXT f)
check_fortran_source_compiles(\"      PROGRAM X +\n      END\" BROKEN SRC_EXT f)
file(WRITE ${CMAKE_BINARY_DIR}/facts
  \"${CMAKE_Fortran_COMPILER_ID} ${FortranCInterface_GLOBAL__SUFFIX} ${COMPILES} '${BROKEN}'\")
add_library(sub STATIC sub.F)
add_executable(hello hello.f90)
add_executable(caller main.c)
target_link_libraries(caller sub)
enable_testing()
add_test(NAME caller COMMAND caller)
",
    );
    let tools = NEWEST.bin();
    let build = dir.path().join("build");
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let exec = |words: &[&str]| {
        let words = [&["exec", "--"], words].concat();
        let command = command(emshim(), &words).env("PATH", &path);
        Completed::of(&command.dir(dir.path().as_str())).success()
    };
    let _ = exec(&["cmake", "-G", generator, "-S", ".", "-B", build.as_str()]);
    let facts = std::fs::read_to_string(build.join("facts")).expect("facts");
    assert_eq!(facts, "GNU _ 1 ''");
    let _ = exec(&["cmake", "--build", build.as_str()]);
    let _ = exec(&["ctest", "--test-dir", build.as_str(), "--output-on-failure"]);
    assert_eq!(program(build.join("hello")).status, 3);
    assert_eq!(program(build.join("caller")).success().stdout, "2.5\n");
    // What is included is a dependency.
    dir.file("value.h", "#define VALUE 3.5D0\n");
    let _ = exec(&["cmake", "--build", build.as_str()]);
    assert_eq!(program(build.join("caller")).success().stdout, "3.5\n");
}

#[test]
fn cmake_with_make() {
    cmake("Unix Makefiles");
}

#[test]
fn cmake_with_ninja() {
    cmake("Ninja");
}

#[test]
fn meson_knows_it_for_gfortran() {
    let dir = project();
    dir.file(
        "meson.build",
        "project('t', 'c', 'fortran')
fc = meson.get_compiler('fortran')
assert(fc.get_id() == 'gcc')
assert(fc.compiles('''      program x
      end'''))
sub = static_library('sub', 'sub.F')
hello = executable('hello', 'hello.f90')
test('hello', hello, should_fail: true)
caller = executable('caller', 'main.c', link_with: sub)
test('caller', caller)
",
    );
    let cross = run(&["meson-cross"]).success().stdout;
    let tools = NEWEST.bin();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let meson = |words: &[&str]| {
        let command = command(tools.join("meson"), words).env("PATH", &path);
        Completed::of(&command.dir(dir.path().as_str())).success()
    };
    let _ = meson(&["setup", "--cross-file", cross.trim(), "build"]);
    let _ = meson(&["compile", "-C", "build"]);
    let _ = meson(&["test", "-C", "build"]);
}
