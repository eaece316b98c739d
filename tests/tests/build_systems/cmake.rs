//! CMake, oldest to newest: by hand with the toolchain file alone, by the shim, and by the back ends
//! of packages. What its modules ask the build machine gets the target's answer.

use std::fs;

use camino::Utf8Path;
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, exports, python_target, run,
};
use emshim_tests::tools::{ALL, NEWEST, OLDEST, Tools};

const MODULE: &str = "#include <Python.h>
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, \"m\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_m(void) { return PyModule_Create(&def); }
";

/// Lists with the policies of every version up to the newest, and a module path of its own, as many
/// projects have it.
const LISTS: &str = "cmake_minimum_required(VERSION 3.18...4.4)
project(t C CXX)
set(CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
set(facts \"\")
function(fact)
  string(REPLACE \"${CMAKE_SOURCE_DIR}\" SOURCE line \"${ARGN}\")
  file(APPEND ${CMAKE_BINARY_DIR}/facts \"${line}\\n\")
endfunction()

include(CheckTypeSize)
check_type_size(long LONG)
check_type_size(time_t TIME_T)
include(TestBigEndian)
test_big_endian(BIG)
include(CheckSymbolExists)
check_symbol_exists(fseeko stdio.h HAVE_FSEEKO)
check_symbol_exists(not_there stdio.h HAVE_NOT_THERE)
include(CheckCSourceRuns)
check_c_source_runs(\"int main(void) { return 0; }\" RUNS)
check_c_source_runs(\"int main(void) { return 1; }\" FAILS)
include(CheckIPOSupported)
check_ipo_supported(RESULT IPO LANGUAGES C)
fact(\"${CMAKE_C_COMPILER_ID} ${CMAKE_SIZEOF_VOID_P} ${LONG} ${TIME_T} ${BIG}\")
fact(\"${HAVE_FSEEKO} '${HAVE_NOT_THERE}' ${RUNS} '${FAILS}' ${IPO}\")

find_package(Threads)
find_package(OpenMP)
fact(\"${Threads_FOUND} '${CMAKE_THREAD_LIBS_INIT}' ${OpenMP_FOUND}\")
# What every machine with a C compiler has, and the target has not.
find_library(HOST_C NAMES libc.so.6 PATHS /usr/lib/x86_64-linux-gnu /usr/lib /lib/x86_64-linux-gnu)
find_path(HOST_LIMITS linux/limits.h PATHS /usr/include)
find_path(HOST_BELOW magic.h PATHS /usr/include PATH_SUFFIXES linux)
find_library(HOST_M NAMES m PATHS /usr/lib/x86_64-linux-gnu /usr/lib64 NO_DEFAULT_PATH)
find_library(HOST_GCC NAMES gcc_s gcc HINTS /usr/lib/gcc/x86_64-linux-gnu PATH_SUFFIXES 10 11 12 13 14 15)
find_path(HOST_MATH math.h HINTS /usr PATH_SUFFIXES include NO_DEFAULT_PATH)
find_program(SH sh)
fact(\"${HOST_C} ${HOST_LIMITS} ${HOST_BELOW} ${HOST_M} ${HOST_GCC} ${HOST_MATH} ${SH}\")

set(parts Interpreter Development.Module NumPy)
if(NOT CMAKE_VERSION VERSION_LESS 3.26)
  list(APPEND parts Development.SABIModule)
endif()
find_package(Python REQUIRED COMPONENTS ${parts})
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter Development
  OPTIONAL_COMPONENTS Development.Embed)
foreach(p IN ITEMS Python Python3)
  fact(\"${${p}_VERSION_MAJOR}.${${p}_VERSION_MINOR} ${${p}_SOABI} ${${p}_SITEARCH} ${${p}_SITELIB}\")
endforeach()
fact(\"${Python3_Development_FOUND} ${Python3_Development.Embed_FOUND} ${Python_NumPy_INCLUDE_DIRS}\")
if(POLICY CMP0148)
  find_package(PythonLibs)
  fact(\"removed ${PythonLibs_FOUND}\")
  cmake_policy(SET CMP0148 OLD)
else()
  fact(\"removed FALSE\")
endif()
find_package(PythonInterp REQUIRED)
find_package(PythonLibs REQUIRED)
execute_process(COMMAND ${PYTHON_EXECUTABLE} -c
  \"import ctypes, struct, sysconfig; print(struct.calcsize('@P'), sysconfig.get_config_var('EXT_SUFFIX'))\"
  OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE)
fact(\"${said} '${PYTHON_LIBRARIES}'\")

add_library(s STATIC s.c)
Python_add_library(m MODULE WITH_SOABI m.c)
target_link_libraries(m PRIVATE s)
set_property(TARGET m PROPERTY INTERPROCEDURAL_OPTIMIZATION ${IPO})
add_library(m3 MODULE m.c)
target_link_libraries(m3 PRIVATE Python3::Python ${Python3_LIBRARIES})
add_library(old MODULE m.c)
target_include_directories(old PRIVATE ${PYTHON_INCLUDE_DIRS})
target_link_libraries(old PRIVATE ${PYTHON_LIBRARIES})
set_target_properties(m3 old PROPERTIES PREFIX \"\")
# The newest policies have C++20 scanned for modules.
add_executable(prog prog.cpp)
set_property(TARGET prog PROPERTY CXX_STANDARD 20)
target_link_libraries(prog s)
enable_testing()
add_test(NAME prog COMMAND prog)
";

fn project() -> Folder {
    let dir = Folder::new();
    dir.file("CMakeLists.txt", LISTS);
    dir.file("s.c", "int s(void) { return 0; }\n");
    dir.file("m.c", MODULE);
    dir.file(
        "prog.cpp",
        "extern \"C\" int s(void);\nint main() { return s(); }\n",
    );
    // A NumPy for the interpreter, which the tools of these suites have not.
    let numpy = "__version__ = '2.0'\ndef get_include():\n    return __path__[0] + '/include'\n";
    dir.file("python/numpy/__init__.py", numpy);
    dir.file("python/numpy/include/numpy/arrayobject.h", "");
    dir.file("python/numpy/include/numpy/numpyconfig.h", "");
    dir
}

/// Holds what the project wrote down against what is true of the target.
fn assert_facts(build: &Utf8Path) {
    let facts = fs::read_to_string(build.join("facts")).expect("facts");
    let (soabi, python) = python_target();
    let site = format!("/opt/prefix/lib/python{python}/site-packages");
    let expected = [
        "Clang 4 4 8 0".to_owned(),
        "1 '' 1 '' YES".to_owned(),
        "TRUE '' FALSE".to_owned(),
        "HOST_C-NOTFOUND HOST_LIMITS-NOTFOUND HOST_BELOW-NOTFOUND HOST_M-NOTFOUND HOST_GCC-NOTFOUND \
         HOST_MATH-NOTFOUND SH"
            .to_owned(),
        format!("{python} {soabi} {site} {site}"),
        format!("{python} {soabi} {site} {site}"),
        "TRUE FALSE SOURCE/python/numpy/include".to_owned(),
        "removed FALSE".to_owned(),
        format!("4 .{soabi}.so ''"),
    ];
    let sh = |line: &str| match line.strip_suffix("/sh") {
        Some(line) => format!("{} SH", line.rsplit_once(' ').map_or("", |(rest, _)| rest)),
        None => line.to_owned(),
    };
    let facts: Vec<String> = facts.lines().map(sh).collect();
    assert_eq!(facts, expected);
}

/// Configures, builds and tests the project.
fn by_hand(tools: Tools) {
    let dir = project();
    let host = Utf8Path::new("/usr/include/linux");
    for header in ["limits.h", "magic.h"] {
        assert!(
            host.join(header).exists(),
            "install the C library's headers"
        );
    }
    let toolchain = run(&["cmake-toolchain"]).success().stdout;
    let build = dir.path().join("build");
    let call = |program: &str, words: &[&str]| {
        // CMake calls ninja by name; the shims are not in PATH.
        let call = command(tools.bin().join(program), words).env("PATH", tools.path());
        let call = call.env("PYTHONPATH", dir.path().join("python").as_str());
        Completed::of(&call.dir(dir.path().as_str())).success()
    };
    let named = format!("-DCMAKE_TOOLCHAIN_FILE={}", toolchain.trim());
    let toolchain = match tools {
        // It has no `--toolchain` yet.
        OLDEST => vec![named.as_str()],
        _ => vec!["--toolchain", toolchain.trim()],
    };
    let prefix = "-DCMAKE_INSTALL_PREFIX=/opt/prefix";
    let words = ["-GNinja", prefix, "-S", ".", "-B", "build"];
    let _ = call("cmake", &[&toolchain[..], &words[..]].concat());
    assert_facts(&build);
    let _ = call("cmake", &["--build", "build"]);
    let (soabi, _) = python_target();
    for name in [format!("m.{soabi}.so"), "m3.so".into(), "old.so".into()] {
        let names = exports(build.join(&name).as_std_path());
        assert!(names.contains(&"PyInit_m".into()), "{name}: {names:?}");
    }
    let ctest = command(tools.bin().join("ctest"), &["--output-on-failure"]);
    let _ = Completed::of(&ctest.dir(build.as_str())).success();
}

#[test]
fn the_oldest_answers_for_the_target() {
    by_hand(ALL[0]);
}

#[test]
fn the_last_of_3_answers_for_the_target() {
    by_hand(ALL[1]);
}

#[test]
fn the_first_of_4_answers_for_the_target() {
    by_hand(ALL[2]);
}

#[test]
fn the_newest_answers_for_the_target() {
    by_hand(ALL[3]);
}

#[test]
fn each_of_two_folders_includes_the_modules() {
    let dir = Folder::new();
    let lists = "cmake_minimum_required(VERSION 3.18...4.4)\nproject(p C Fortran)
add_subdirectory(a)\nadd_subdirectory(b)\n";
    dir.file("CMakeLists.txt", lists);
    for folder in ["a", "b"] {
        let lists = "include(FortranCInterface)\nFortranCInterface_HEADER(NAME.h MACRO_NAMESPACE N_)
include(CheckTypeSize)\ncheck_type_size(long NAME_LONG)\ninclude(TestBigEndian)\ntest_big_endian(NAME_BIG)
message(STATUS \"NAME ${NAME_LONG} ${NAME_BIG} ${FortranCInterface_GLOBAL_FOUND}\")
find_package(Python COMPONENTS Interpreter NumPy)
message(STATUS \"without NumPy: ${Python_FOUND} ${Python_SITEARCH} ${Python_SOABI}\")\n";
        dir.file(
            &format!("{folder}/CMakeLists.txt"),
            &lists.replace("NAME", folder),
        );
    }
    for tools in [OLDEST, NEWEST] {
        let words = ["exec", "--", "cmake", "-GNinja", "-S", ".", "-B", "build"];
        let call = command(emshim(), &words).env("PATH", tools.path());
        let done = Completed::of(&call.dir(dir.path().as_str())).success();
        assert_says(&done.stdout, &["a 4 0 1", "b 4 0 1"]);
        let (soabi, python) = python_target();
        let site = format!("/usr/local/lib/python{python}/site-packages");
        let facts = format!("without NumPy: FALSE {site} {soabi}");
        assert_says(&done.stdout, &[&facts]);
        fs::remove_dir_all(dir.path().join("build")).expect("the build's folder");
    }
}

#[test]
fn the_shim_gives_every_cmake_the_toolchain_file() {
    let dir = Folder::new();
    let lists = "cmake_minimum_required(VERSION 3.18...4.4)\nproject(t C)\n\
        find_package(Python3 REQUIRED COMPONENTS Interpreter Development.Module)\n\
        Python3_add_library(m MODULE WITH_SOABI m.c)\n";
    dir.file("CMakeLists.txt", lists);
    dir.file("m.c", MODULE);
    for (build, tools) in [("old", OLDEST), ("new", NEWEST)] {
        let exec = |words: &[&str]| {
            let words = [&["exec", "--", "cmake"], words].concat();
            let call = command(emshim(), &words).env("PATH", tools.path());
            Completed::of(&call.dir(dir.path().as_str())).success()
        };
        let _ = exec(&["-GNinja", "-S", ".", "-B", build]);
        let _ = exec(&["--build", build]);
        let (soabi, _) = python_target();
        let module = dir.path().join(build).join(format!("m.{soabi}.so"));
        assert!(module.exists(), "{module}");
    }
}

#[test]
fn sources_with_modules_are_refused_before_the_build() {
    let dir = Folder::new();
    let lists = "cmake_minimum_required(VERSION 3.28)\nproject(t CXX)\n\
        set(CMAKE_CXX_STANDARD 20)\nadd_executable(p p.cpp)\n\
        target_sources(p PRIVATE FILE_SET CXX_MODULES FILES m.cppm)\n";
    dir.file("CMakeLists.txt", lists);
    dir.file("p.cpp", "import m;\nint main() { return f(); }\n");
    dir.file("m.cppm", "export module m;\nexport int f() { return 0; }\n");
    for tools in [ALL[1], NEWEST] {
        let words = ["exec", "--", "cmake", "-GNinja", "-B", tools.cmake];
        let call = command(emshim(), &words).env("PATH", tools.path());
        let done = Completed::of(&call.dir(dir.path().as_str()));
        assert_ne!(done.status, 0, "{}", done.stdout);
        assert_says(
            &done.stderr,
            &["\"p\" has C++ sources that may use modules"],
        );
    }
}

#[test]
fn a_module_for_the_target_is_named_where_a_build_imports_it() {
    let dir = Folder::new();
    let (soabi, _) = python_target();
    dir.file(&format!("p/_m.{soabi}.so"), "");
    dir.file("p/__init__.py", "");
    let import = |line: &str| {
        let words = ["exec", "--", "emshim-python", "-c", line];
        Completed::of(&command(emshim(), &words).dir(dir.path().as_str()))
    };
    let failed = import("import p._m");
    assert_ne!(failed.status, 0);
    let file = format!("p/_m.{soabi}.so is for Pyodide");
    assert_says(&failed.stderr, &[&file, "emshim run --with WHEEL"]);
    // What is optional stays so, and a customisation of the user's is run.
    dir.file("sitecustomize.py", "import builtins; builtins.mine = 1\n");
    let line = "try:\n import p._m\nexcept ImportError:\n print('optional', mine)";
    let words = ["exec", "--", "emshim-python", "-c", line];
    let call = command(emshim(), &words).env("PYTHONPATH", dir.path().as_str());
    let done = Completed::of(&call.dir(dir.path().as_str())).success();
    assert_eq!(done.stdout, "optional 1\n");
}

/// Builds a package whose only module has `f`, which adds one, and calls that in Pyodide.
fn package(requires: &str, backend: &str, files: &[(&str, &str)]) {
    let dir = Folder::new();
    let pyproject = format!(
        "[build-system]\nrequires = [{requires}]\nbuild-backend = '{backend}'\n\
         [project]\nname = 'plus'\nversion = '1'\n"
    );
    dir.file("pyproject.toml", &pyproject);
    for (name, text) in files {
        dir.file(name, text);
    }
    let build = command(emshim(), &["build", "-o", "out"]).dir(dir.path().as_str());
    let _ = Completed::of(&build).success();
    let wheel = dir.path().join("out").read_dir_utf8().expect("a folder");
    let wheel = wheel.map(|entry| entry.expect("a wheel").into_path());
    let wheel = wheel.last().expect("a wheel");
    let call = "import plus; print(plus.f(41))";
    let done = run(&["run", "--with", wheel.as_str(), "-c", call]).success();
    assert_eq!(done.stdout, "42\n");
    // Its name says what it was built for.
    let list = command("python3", &["-m", "zipfile", "-l", wheel.as_str()]);
    assert_says(
        &Completed::of(&list).success().stdout,
        &[&python_target().0],
    );
}

#[test]
fn the_first_search_of_pybind11_finds_the_target() {
    let lists = "cmake_minimum_required(VERSION 3.15...3.26)\nproject(plus CXX)\n\
        find_package(pybind11 CONFIG REQUIRED)\npybind11_add_module(plus m.cpp)\n\
        install(TARGETS plus DESTINATION .)\n";
    let source = "#include <pybind11/pybind11.h>\n\
        PYBIND11_MODULE(plus, m) { m.def(\"f\", [](int a) { return a + 1; }); }\n";
    let Tools { cmake, ninja, .. } = OLDEST;
    let requires = format!(
        "'scikit-build-core==1.1.2', 'pybind11==2.9.2', 'cmake=={cmake}', 'ninja=={ninja}'"
    );
    let files = [("CMakeLists.txt", lists), ("m.cpp", source)];
    package(&requires, "scikit_build_core.build", &files);
}

#[test]
fn nanobind_finds_the_target() {
    let lists = "cmake_minimum_required(VERSION 3.15...4.4)\nproject(plus CXX)\n\
        find_package(Python 3.8 REQUIRED COMPONENTS Interpreter Development.Module)\n\
        find_package(nanobind CONFIG REQUIRED)\nnanobind_add_module(plus NB_STATIC m.cpp)\n\
        install(TARGETS plus DESTINATION .)\n";
    let source = "#include <nanobind/nanobind.h>\n\
        NB_MODULE(plus, m) { m.def(\"f\", [](int a) { return a + 1; }); }\n";
    let Tools { cmake, ninja, .. } = NEWEST;
    let requires = format!(
        "'scikit-build-core==1.1.2', 'nanobind==2.15.0', 'cmake=={cmake}', 'ninja=={ninja}'"
    );
    let files = [("CMakeLists.txt", lists), ("m.cpp", source)];
    package(&requires, "scikit_build_core.build", &files);
}
