//! The build machine's own compiler under `emshim exec`: programs that a build runs itself.

use emshim_tests::real::{Completed, Folder, assert_says, command, emshim};
use emshim_tests::tools::NEWEST;

const PROGRAM: &str = "#include <stdio.h>
int main(void) { printf(\"%d\\n\", (int)sizeof(void *)); return 0; }
";

fn shell(dir: &Folder, script: &str) -> Completed {
    let exec = command(emshim(), &["exec", "--", "sh", "-ec", script]);
    let exec = exec.env("PATH", NEWEST.path()).dir(dir.path().as_str());
    Completed::of(&exec)
}

#[test]
fn by_its_path_its_triplet_and_every_variable() {
    let dir = Folder::new();
    dir.file("p.c", PROGRAM);
    let done = shell(
        &dir,
        "/usr/bin/gcc p.c -o a; ./a
        for cc in \"$CC_FOR_BUILD\" \"$BUILD_CC\" \"$HOSTCC\" \"$HOST_CC\"; do $cc p.c -o b; ./b; done
        /usr/bin/gcc -c p.c -o p.o; ar rcs libp.a p.o; ranlib libp.a; nm libp.a | grep -q main
        /usr/bin/gcc libp.a -o c; strip c; ./c; ld -r -o r.o p.o; /usr/bin/gcc r.o -o d; ./d
        env -u CFLAGS $CC -c p.c -o w.o; file w.o >/dev/null 2>&1 || true",
    )
    .success();
    assert_eq!(done.stdout, "8\n".repeat(7));
    let said = command(emshim(), &["log", "list"]);
    assert_says(&Completed::of(&said).success().stdout, &["(build machine)"]);
}

#[test]
fn objects_of_both_machines_are_refused_by_name() {
    let dir = Folder::new();
    dir.file("p.c", PROGRAM);
    let _ = shell(
        &dir,
        "/usr/bin/gcc -c p.c -o host.o; gcc -c p.c -o target.o",
    )
    .success();
    for (link, words) in [
        ("gcc host.o -o x", ["host.o", "build machine"]),
        (
            "gcc -shared host.o target.o -o x.so",
            ["host.o", "build machine"],
        ),
        ("/usr/bin/gcc target.o -o x", ["target.o", "/usr/bin/gcc"]),
        ("ld -r host.o target.o -o x.o", ["host.o", "target.o"]),
    ] {
        let done = shell(&dir, link);
        assert_ne!(done.status, 0, "{link}");
        assert_says(&done.stderr, &words);
    }
}

#[test]
fn meson_generates_with_a_native_program() {
    let dir = Folder::new();
    dir.file(
        "meson.build",
        "project('t', 'c')\nadd_languages('c', native: true)
gen = executable('gen', 'gen.c', native: true)
out = custom_target('h', output: 'n.h', command: [gen], capture: true)
test('t', executable('t', 't.c', out))\n",
    );
    dir.file(
        "gen.c",
        "#include <stdio.h>\nint main(void) { printf(\"#define N %d\\n\", (int)sizeof(void *)); }\n",
    );
    dir.file(
        "t.c",
        "#include \"n.h\"\nint main(void) { return N - 8; }\n",
    );
    let _ = shell(&dir, "meson setup b; meson compile -C b; meson test -C b").success();
}

#[test]
fn cmake_builds_tools_for_the_build_machine() {
    let dir = Folder::new();
    dir.file(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18...4.4)\nproject(t C)\ninclude(ExternalProject)
foreach(compiler gcc /usr/bin/gcc)
  get_filename_component(name \"${compiler}\" DIRECTORY)
  string(MAKE_C_IDENTIFIER \"tool${name}\" name)
  ExternalProject_Add(${name} SOURCE_DIR ${CMAKE_SOURCE_DIR}/tool
    CMAKE_ARGS -DCMAKE_C_COMPILER=${compiler} -DCMAKE_INSTALL_PREFIX=${CMAKE_BINARY_DIR}/${name})
endforeach()
ExternalProject_Add(library SOURCE_DIR ${CMAKE_SOURCE_DIR}/library
  CMAKE_ARGS -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_INSTALL_PREFIX=${CMAKE_BINARY_DIR}/library)\n",
    );
    // The second language has no compiler of its own, and the flags are the target's.
    dir.file(
        "tool/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18...4.4)\nproject(tool C CXX)\nadd_executable(p p.c q.cpp)
install(TARGETS p DESTINATION bin)\n",
    );
    dir.file("tool/p.c", PROGRAM);
    dir.file("tool/q.cpp", "int q() { return sizeof(void *); }\n");
    dir.file(
        "library/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18...4.4)\nproject(l C)\nadd_library(l STATIC l.c)
install(TARGETS l DESTINATION lib)\n",
    );
    dir.file("library/l.c", "int l(void) { return 1; }\n");
    let done = shell(
        &dir,
        "export CFLAGS=-msimd128 CXXFLAGS=-msimd128 LDFLAGS=-sASSERTIONS; cmake -G Ninja -B b .; cmake --build b
        b/tool/bin/p; b/tool_usr_bin/bin/p; echo 'int l(void); int main(void) { return !l(); }' > m.c
        $CC m.c b/library/lib/libl.a -o m; ./m",
    )
    .success();
    assert!(done.stdout.ends_with("\n8\n8\n"), "{}", done.stdout);
}

#[test]
fn configure_asks_the_site_file_before_an_old_config_sub() {
    let dir = Folder::new();
    // As autoconf writes it: the site files first, the machine's name from the cache or config.sub.
    dir.file(
        "configure",
        "host_alias=${1#--host=}; cross_compiling=yes; prefix=NONE; ac_default_prefix=/usr/local
for ac_site_file in $CONFIG_SITE; do if test -r \"$ac_site_file\"; then . \"$ac_site_file\"; fi; done
test -n \"$ac_cv_host\" || ac_cv_host=`sh ./config.sub $host_alias` || exit 1
echo \"$ac_cv_host $enable_shared $cross_compiling $mine\"
for header in /usr/include/*; do test -r \"$header\" && test x$cross_compiling != xyes && echo $header; done
test -d /usr/include && test -r config.sub && test 1 -lt 2 && test x || echo wrong
command() { case $3 in config.sub) ;; *) echo \"looked for $3\" ;; esac; }
test -f /usr/lib/tclConfig.sh || test -f /usr/local/lib/xml2Conf.sh || test -f config.sub\n",
    );
    dir.file(
        "config.sub",
        "echo \"system emscripten not recognized\" >&2; exit 1\n",
    );
    dir.file("mine.site", "mine=yes; enable_shared=maybe\n");
    let hosts =
        "sh configure --host=wasm32-unknown-emscripten; sh configure --host=wasm32-emscripten";
    let done = shell(&dir, hosts).success();
    let known = "wasm32-unknown-emscripten no maybe \n";
    assert_eq!(done.stdout, known.repeat(2));
    let exec = command(emshim(), &["exec", "--", "sh", "-ec", hosts]);
    let exec = exec
        .env("CONFIG_SITE", "mine.site")
        .dir(dir.path().as_str());
    let done = Completed::of(&exec).success();
    let with_mine = "wasm32-unknown-emscripten maybe maybe yes\n";
    assert_eq!(done.stdout, with_mine.repeat(2));
}
