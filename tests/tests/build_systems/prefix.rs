//! `emshim library`: libraries for the target are built once and found by every build system with no
//! setting, the user's own prefix before them, the build machine's libraries never.

use camino::Utf8PathBuf;
use emshim_tests::real::{Completed, Folder, assert_says, command, emshim, setuptools_project};
use emshim_tests::tools::NEWEST;

/// A library of Fortran whose callers do not know that it is: it writes, by the runtime.
const BLAS: &str = "      subroutine sgemm(n)
      integer n
      write(*,'(a,i3)') ' sgemm of VERSION', n
      end
      subroutine cheev(n)
      integer n
      call sgemm(n + 1)
      end
";

const MAKEFILE: &str = "all:
\tgfortran -c b.f -o b.o && ar rcs libblas.a b.o && cp libblas.a liblapack.a
install:
\tmkdir -p $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
\tcp libblas.a liblapack.a $(DESTDIR)$(PREFIX)/lib
\techo 'void sgemm_(int *);' > $(DESTDIR)$(PREFIX)/include/cblas.h
";

const RECIPE: &str = "name = 'tinyblas'
version = '1.0'
summary = 'one function'
[source]
path = 'source'
[build]
system = 'make'
[provides]
pkg-config = ['blas', 'lapack']
aliases = { openblas = ['blas'] }
libraries = ['blas', 'lapack']
headers = ['cblas.h']
";

const CALLER: &str = "#include <cblas.h>
int main(void) { int n = 7; sgemm_(&n); return 0; }
";

/// A folder with the library's source and recipe, and a store of notes of its own beside what the
/// session provisions.
struct Place {
    dir: Folder,
}

impl Place {
    fn new() -> Self {
        let dir = Folder::new();
        dir.file("source/b.f", &BLAS.replace("VERSION", "1"));
        dir.file("source/Makefile", MAKEFILE);
        dir.file("tinyblas.toml", RECIPE);
        Self { dir }
    }

    fn library(&self, words: &[&str]) -> Completed {
        let all = [&["library"], words].concat();
        let run = command(emshim(), &all).dir(self.dir.path().as_str());
        Completed::of(&run)
    }

    fn shell_with(&self, script: &str, variables: &[(&str, &str)]) -> Completed {
        let mut run = command(emshim(), &["exec", "--", "sh", "-ec", script])
            .env("PATH", NEWEST.path())
            .dir(self.dir.path().as_str());
        for (name, value) in variables {
            run = run.env(name, value);
        }
        Completed::of(&run)
    }

    fn shell(&self, script: &str) -> Completed {
        self.shell_with(script, &[])
    }
}

/// What was added is everybody's: the tests of this suite take turns, and clean up.
impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.library(&["remove", "tinyblas"]);
    }
}

#[test]
fn every_build_system_finds_it_and_the_users_own_comes_first() {
    let place = Place::new();
    let prefix = place.library(&["add", "./tinyblas.toml"]).success().stdout;
    let prefix = Utf8PathBuf::from(prefix.trim());
    assert!(prefix.join("lib/libblas.a").exists(), "{prefix}");
    assert_says(
        &place.library(&["list"]).success().stdout,
        &["tinyblas", "added"],
    );
    let shown = place.library(&["show", "tinyblas"]).success().stdout;
    assert_says(&shown, &["built, added", "openblas"]);

    place.dir.file("c.c", CALLER);
    place.dir.file(
        "cm/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nfind_package(BLAS REQUIRED)\n\
         find_package(LAPACK REQUIRED)\nfind_path(H cblas.h REQUIRED)\nadd_executable(p ../c.c)\n\
         target_link_libraries(p ${LAPACK_LIBRARIES} ${BLAS_LIBRARIES})\n",
    );
    place.dir.file(
        "me/meson.build",
        "project('p', 'c')\nforeach n : ['blas', 'openblas', 'lapack']\n  dependency(n)\nendforeach\n\
         executable('p', 'c.c', dependencies: dependency('openblas'))\n",
    );
    place.dir.file("me/c.c", CALLER);
    let all = "cc c.c -lblas -o a; ./a
        cc c.c $(pkg-config --cflags --libs openblas) -o b; ./b
        cmake -S cm -B cb >&2; cmake --build cb >&2; cb/p
        meson setup mb me >&2; meson compile -C mb >&2; node mb/p.js";
    let done = place.shell(all).success();
    assert_eq!(done.stdout, " sgemm of 1  7\n".repeat(4));

    // A prefix of the user's with another of the same name.
    place.dir.file("source/b.f", &BLAS.replace("VERSION", "2"));
    let own = place.dir.path().join("own");
    let install = format!("make -C source; make -C source install DESTDIR= PREFIX={own} >&2");
    let _ = place.shell(&install).success();
    let text =
        format!("Name: x\nDescription: x\nVersion: 2\nLibs: -L{own}/lib -lblas -lgfortran\n");
    for name in ["blas", "openblas", "lapack"] {
        place.dir.file(&format!("own/pc/{name}.pc"), &text);
    }
    let own_pc = own.join("pc");
    let again = all.replace("cb", "cb2").replace("mb", "mb2");
    let variables = [
        ("EMSHIM_PREFIX", own.as_str()),
        ("PKG_CONFIG_PATH", own_pc.as_str()),
    ];
    let done = place.shell_with(&again, &variables).success();
    assert_eq!(done.stdout, " sgemm of 2  7\n".repeat(4));
    let cmake = "cmake -S cm -B cb3 >&2; cmake --build cb3 >&2; cb3/p";
    let done = place.shell_with(cmake, &[("CMAKE_PREFIX_PATH", own.as_str())]);
    assert_eq!(done.success().stdout, " sgemm of 2  7\n");
    let meson = format!(
        "meson setup mb3 me -Dpkg_config_path={own_pc} >&2; meson compile -C mb3 >&2; node mb3/p.js"
    );
    assert_eq!(place.shell(&meson).success().stdout, " sgemm of 2  7\n");

    // Removed, it is found no more; its files stay for those who use them.
    let _ = place.library(&["remove", "tinyblas"]).success();
    let script = "touch cblas.h; cc -I. c.c -Wno-implicit-function-declaration -lblas -o d";
    let lacking = place.shell(script);
    assert_ne!(lacking.status, 0);
    assert_says(&lacking.stderr, &["emshim library add lapack"]);
    let lacking = place.shell("pkg-config --libs zlib || xml2-config --libs");
    assert_says(
        &lacking.stderr,
        &["emshim library add zlib", "emshim library add libxml2"],
    );
    assert!(prefix.join("lib/libblas.a").exists(), "{prefix}");
}

/// A library of two archives of which callers name one, as GEOS is, and whose own `.pc` file is wrong, as
/// HDF5's.
const PAIR: &str = "name = 'pair'
version = '1.0'
summary = 'two archives'
depends = ['tinyblas']
[source]
path = 'pair'
files = { 'VERSION' = '1.0' }
[build]
system = 'make'
[provides]
pkg-config = ['pair']
write-pkg-config = true
libraries = ['front', 'back']
";

const PAIR_MAKEFILE: &str = "all:
\tcc -c front.c back.c; ar rcs libfront.a front.o; ar rcs libback.a back.o
install: VERSION
\tmkdir -p $(DESTDIR)$(PREFIX)/lib/pkgconfig
\tcp libfront.a libback.a $(DESTDIR)$(PREFIX)/lib
\tprintf 'Name: x\\nDescription: x\\nVersion: 1\\nLibs: -lmiddle\\n' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/pair.pc
";

#[test]
fn a_link_gets_what_the_static_libraries_need_that_it_names() {
    let place = Place::new();
    place.dir.file("pair/Makefile", PAIR_MAKEFILE);
    place.dir.file(
        "pair/front.c",
        "int back(void);\nint front(void) { return back(); }\n",
    );
    place.dir.file(
        "pair/back.c",
        "#include <cblas.h>\nint back(void) { int n = 7; sgemm_(&n); return 0; }\n",
    );
    place.dir.file("pair.toml", PAIR);
    let _ = place
        .library(&["add", "./tinyblas.toml", "./pair.toml"])
        .success();
    place.dir.file(
        "d.c",
        "int front(void);\nint main(void) { return front(); }\n",
    );
    let done = place.shell("cc d.c -lfront -o d; ./d; cc d.c $(pkg-config --libs pair) -o e; ./e");
    assert_eq!(done.success().stdout, " sgemm of 1  7\n".repeat(2));
    let _ = place.library(&["remove", "pair"]).success();
}

#[test]
fn the_build_machines_libraries_are_found_by_nobody() {
    let place = Place::new();
    // As Debian's development packages have them.
    let host = [
        (
            "lib/x86_64-linux-gnu/pkgconfig/zlib.pc",
            "Name: z\nDescription: z\nVersion: 1\nLibs: -lz\n",
        ),
        (
            "lib/x86_64-linux-gnu/pkgconfig/openblas.pc",
            "Name: o\nDescription: o\nVersion: 1\nLibs: -lo\n",
        ),
        (
            "share/pkgconfig/libpng.pc",
            "Name: p\nDescription: p\nVersion: 1\nLibs: -lpng\n",
        ),
        ("include/zlib.h", ""),
        ("include/png.h", ""),
        ("lib/x86_64-linux-gnu/libz.a", "!<arch>\n"),
        ("lib/x86_64-linux-gnu/libopenblas.a", "!<arch>\n"),
        ("lib/x86_64-linux-gnu/libpng.a", "!<arch>\n"),
        ("jvm/java/include/jni.h", ""),
        ("jvm/java/include/jawt.h", ""),
        ("jvm/java/lib/libjawt.so", ""),
        ("jvm/java/lib/server/libjvm.so", ""),
    ];
    for (path, text) in host {
        place.dir.file(&format!("usr/{path}"), text);
    }
    place.dir.file(
        "cm/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nfind_package(ZLIB)\nfind_package(PNG)\n\
         find_package(BLAS)\nfind_library(L NAMES openblas PATHS /usr/lib/x86_64-linux-gnu)\n\
         find_path(I zlib.h PATHS /usr/include)\n\
         find_package(JNI)\n\
         message(\"found:${ZLIB_FOUND}${PNG_FOUND}${BLAS_FOUND}${L}${I}${JAVA_JVM_LIBRARY}${JAVA_INCLUDE_PATH}\")\n",
    );
    place.dir.file(
        "me/meson.build",
        "project('p', 'c')\nforeach n : ['zlib', 'libpng', 'openblas']\n\
         message('found', dependency(n, required: false).found())\nendforeach\n\
         message('found', meson.get_compiler('c').find_library('png', required: false).found())\n",
    );
    // Java's folders first: what is mounted on `/usr/lib` hides what is mounted below it.
    let machine = "mkdir jl upper; mv usr/jvm jl; mount -t tmpfs t upper; mkdir upper/e upper/f
        mount -t overlay o -o lowerdir=jl:/usr/lib,upperdir=upper/e,workdir=upper/f /usr/lib
        test -f /usr/lib/jvm/java/lib/server/libjvm.so
        mount --bind usr/lib/x86_64-linux-gnu/pkgconfig /usr/lib/x86_64-linux-gnu/pkgconfig
        mount --bind usr/share/pkgconfig /usr/share/pkgconfig
        mkdir -p up work; mount -t tmpfs t up; mkdir up/a up/b up/c up/d
        mount -t overlay o -o lowerdir=usr/include:/usr/include,upperdir=up/a,workdir=up/b /usr/include
        mkdir -p hl; cp usr/lib/x86_64-linux-gnu/*.a hl
        mount -t overlay o -o lowerdir=hl:/usr/lib/x86_64-linux-gnu,upperdir=up/c,workdir=up/d /usr/lib/x86_64-linux-gnu
        test -f /usr/include/png.h; test -f /usr/lib/x86_64-linux-gnu/libopenblas.a
        exec \"$0\" exec -- sh -ec \"$1\"";
    let script =
        "for n in zlib libpng openblas; do pkg-config --exists $n && echo pkg-config $n; done
        echo '#include <zlib.h>' > h.c; cc -c h.c && echo header
        echo 'int main(void){return 0;}' > m.c; cc m.c -lpng -o m && echo library
        cmake -S cm -B cb 2>&1 | grep found:; meson setup mb me | grep 'Message: found'";
    let emshim = emshim();
    let words = ["-m", "sh", "-ec", machine, emshim.as_str(), script];
    let run = command(Utf8PathBuf::from("unshare"), &words)
        .env("PATH", NEWEST.path())
        .env_remove("PKG_CONFIG_PATH")
        .dir(place.dir.path().as_str());
    let done = Completed::of(&run).success();
    let lines: Vec<&str> = done.stdout.lines().map(str::trim).collect();
    let nothing = [
        "found:FALSEFALSEFALSEL-NOTFOUNDI-NOTFOUNDJAVA_JVM_LIBRARY-NOTFOUNDJAVA_INCLUDE_PATH-NOTFOUND",
        "Message: found false",
        "Message: found false",
        "Message: found false",
        "Message: found false",
    ];
    assert_eq!(lines, nothing, "{done:?}");
}

#[test]
fn a_build_gets_what_its_scripts_ask_for() {
    let place = Place::new();
    let _ = place.library(&["add", "./tinyblas.toml"]).success();
    place.dir.file("p/pyproject.toml", &setuptools_project("p"));
    place.dir.file(
        "p/setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('p', ['p.c'], libraries=['blas', 'z'])], py_modules=[])\n",
    );
    place.dir.file(
        "p/p.c",
        "#include <Python.h>\n#include <zlib.h>\n#include <cblas.h>
static struct PyModuleDef d = { PyModuleDef_HEAD_INIT, .m_name = \"p\", .m_size = -1 };
PyMODINIT_FUNC PyInit_p(void) {
  PyObject *m = PyModule_Create(&d);
  int n = (int)crc32(0, (const Bytef *)\"a\", 1);
  if (n == 0) sgemm_(&n);
  PyModule_AddIntConstant(m, \"crc\", n);
  return m;
}
",
    );
    let build = command(emshim(), &["build", "p", "-o", "out"]).dir(place.dir.path().as_str());
    let done = Completed::of(&build).success();
    assert_says(&done.stderr, &["setup.py asks for z: zlib 1.3.1"]);
    let wheel = place
        .dir
        .path()
        .join("out")
        .read_dir_utf8()
        .expect("a folder");
    let wheel = wheel.flatten().next().expect("a wheel").into_path();
    let test = "import p; assert p.crc & 0xffffffff == 0xe8b7be43, p.crc";
    let run = command(emshim(), &["run", "--with", wheel.as_str(), "-c", test]);
    let _ = Completed::of(&run).success();
}

#[test]
fn what_is_wrong_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let recipe = |from: &str, to: &str| {
        place.dir.file("bad.toml", &RECIPE.replace(from, to));
        let done = place.library(&["add", "./bad.toml"]);
        assert_eq!(done.status, 1, "{done:?}");
        done.stderr
    };
    assert_says(&recipe("summary", "headline"), &["bad.toml", "headline"]);
    assert_says(&recipe("'tinyblas'", "'../up'"), &["bad.toml", "../up"]);
    assert_says(&recipe("path = 'source'", "path = 'none'"), &["none"]);
    assert_says(
        &recipe("headers = ['cblas.h']", "headers = ['no.h']"),
        &["include/no.h"],
    );
    let tar = "tar -czf s.tar.gz source";
    let _ = place.shell(tar).success();
    let sum = "0".repeat(64);
    let wrong = format!("path = 's.tar.gz'\nsha256 = '{sum}'");
    assert_says(
        &recipe("path = 'source'", &wrong),
        &["s.tar.gz", "SHA-256", &sum],
    );
    place.dir.file("source/b.f", "      call\n");
    let failed = place.library(&["add", "./tinyblas.toml"]);
    assert_ne!(failed.status, 0);
    assert_says(
        &failed.stderr,
        &["step `make`", "emshim log failures --build"],
    );
    assert_says(
        &place.library(&["add", "nosuch"]).stderr,
        &["nosuch", "lapack", "zlib"],
    );
    assert_says(&place.library(&["remove", "../x"]).stderr, &["../x"]);
    let listed = place.library(&["list"]).success().stdout;
    assert!(!listed.contains("tinyblas"), "{listed}");
}

#[test]
fn two_at_once_build_it_once_and_a_killed_one_leaves_nothing_in_the_way() {
    let place = Place::new();
    // Long enough to be met in the middle.
    let slow = MAKEFILE.replace("all:\n", "all:\n\ttouch started && sleep 3\n");
    place.dir.file("source/Makefile", &slow);
    let add = "timeout -s KILL 2 \"$0\" library add ./tinyblas.toml; test $? = 137
        \"$0\" library list | grep tinyblas && exit 1
        \"$0\" library add ./tinyblas.toml & \"$0\" library add ./tinyblas.toml; wait $!
        \"$0\" library list | grep tinyblas";
    let emshim = emshim();
    let run = command(Utf8PathBuf::from("sh"), &["-c", add, emshim.as_str()]);
    let done = Completed::of(&run.dir(place.dir.path().as_str())).success();
    assert_says(&done.stdout, &["added"]);
    let built = done.stderr.matches("building tinyblas 1.0 for").count();
    // The killed one's, and one of the two; each is said when it begins and when it ends.
    assert!(built <= 3, "{}", done.stderr);
    place.dir.file("c.c", CALLER);
    let used = place.shell("cc c.c -lblas -o a; ./a").success();
    assert_eq!(used.stdout, " sgemm of 1  7\n");

    // Nor does a disk's fault get into what others link.
    let show = "readlink \"$EMSHIM_LIBRARIES/lib/libblas.a\"";
    let path = place.shell(show).success().stdout;
    let built = std::fs::read(path.trim()).expect("the library");
    let mut flipped = built.clone();
    let at = flipped.len() / 2;
    flipped[at] ^= 1;
    std::fs::write(path.trim(), &flipped).expect("the library");
    let used = place.shell("cc c.c -lblas -o a; ./a").success();
    assert_eq!(used.stdout, " sgemm of 1  7\n");
    assert!(std::fs::read(path.trim()).expect("the library") == built);
}
