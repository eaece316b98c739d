//! Modules loaded into one Pyodide share no more than they do natively.

use camino::Utf8Path;
use emshim_tests::real::{Completed, Folder, assert_says, command, emshim, exports, shim};

/// What a script says in Pyodide, in a folder.
fn python(folder: &Folder, script: &str) -> String {
    let ran = command(emshim(), &["run", "-c", script]).dir(folder.path());
    Completed::of(&ran).success().stdout.trim().to_owned()
}

/// Two modules of one source, in which `WHICH` differs: `m1.so` and `m2.so`.
fn twice(folder: &Folder, tool: &str, source: &str, text: &str) {
    for which in ["1", "2"] {
        let name = format!("m{which}.{source}");
        folder.file(&name, &text.replace("WHICH", which));
        let module = format!("m{which}.so");
        let _ = shim(
            tool,
            &["-O1", "-shared", &name, "-o", &module],
            folder.path(),
        )
        .success();
    }
}

const LOAD: &str = "import ctypes; a, b = (ctypes.CDLL(f'./m{n}.so') for n in '12');";

#[test]
fn variables_and_functions_of_one_name_are_each_modules_own() {
    let folder = Folder::new();
    let source =
        "int val = WHICH; int g(void) { return WHICH; } int (*get(void))(void) { return g; }
        int run(void) { return get()() * 10 + val; }";
    twice(&folder, "gcc", "c", source);
    let said = python(&folder, &format!("{LOAD} print(a.run(), b.run())"));
    assert_eq!(said, "11 22");
}

#[test]
fn common_blocks_and_units_are_each_modules_own() {
    let folder = Folder::new();
    let source = "      SUBROUTINE SET(K)\n      COMMON /BLK/ N\n      N = K\n      END\n      \
                  SUBROUTINE SAY\n      COMMON /BLK/ N\n      WRITE (*,*) 'MODULE WHICH HAS', N\n      END\n";
    twice(&folder, "gfortran", "f", source);
    let script = format!(
        "{LOAD} p = lambda n: ctypes.byref(ctypes.c_int(n))\n\
         a.set_(p(10)); b.set_(p(20)); a.say_(); b.say_()"
    );
    let said = python(&folder, &script);
    assert_says(
        &said,
        &["MODULE 1 HAS          10", "MODULE 2 HAS          20"],
    );
    let names = exports(Utf8Path::new(&folder.path().join("m1.so")).as_std_path());
    let of_runtime = |name: &&String| name.contains("gfortran") || name.starts_with("emshim_");
    assert_eq!(names.iter().filter(of_runtime).count(), 0, "{names:?}");
    assert!(names.len() < 10, "{names:?}");
}

#[test]
fn cpp_shares_exceptions_and_inline_variables_and_nothing_else() {
    let folder = Folder::new();
    let source = "#include <stdexcept>
        struct Foo { virtual int f() { return WHICH; } };
        struct Err : std::runtime_error { Err() : std::runtime_error(\"x\") {} };
        inline int &counter() { static int n = 0; return n; }
        int val = WHICH; int g() { return WHICH; } Foo *foo = new Foo;
        extern \"C\" { int run() { int (*volatile p)() = g; return p() * 100 + val * 10 + foo->f(); }
        int next() { return ++counter(); } void thrower() { throw Err(); }
        int catcher(void (*h)()) { try { h(); } catch (Err &) { return 1; } catch (...) { return 2; }
            return 0; } }";
    twice(&folder, "g++", "cpp", source);
    let script = "print(a.run(), b.run(), a.next(), b.next(), b.catcher(a.thrower), \
                  a.catcher(b.thrower))";
    assert_eq!(
        python(&folder, &format!("{LOAD} {script}")),
        "111 222 1 2 1 1"
    );
}

/// Meson's static libraries are thin archives: they name their objects.
#[test]
fn what_comes_from_a_thin_archive_is_the_modules_own_too() {
    let folder = Folder::new();
    for which in ["1", "2"] {
        let file = |name: &str, text: &str| folder.file(name, &text.replace("WHICH", which));
        std::fs::create_dir_all(folder.path().join("objects")).unwrap();
        let source = "int val = WHICH; int g() { return WHICH; } int (*get())() { return g; }";
        let (g, m) = (format!("g{which}.cpp"), format!("m{which}.cpp"));
        file(&g, source);
        file(
            &m,
            "extern int val; int (*get())(); extern \"C\" int run() { return get()() * 10 + val; }",
        );
        let (object, archive) = (format!("objects/g{which}.o"), format!("lib{which}.a"));
        let module = format!("m{which}.so");
        for (tool, words) in [
            ("g++", ["-O1", "-c", &g, "-o", &object]),
            ("ar", ["csrDT", &archive, &object, "", ""]),
            ("g++", ["-shared", &m, &archive, "-o", &module]),
        ] {
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            let done = shim(tool, &words, folder.path()).success();
            assert!(!done.stderr.contains("thin"), "{done:?}");
        }
    }
    let said = python(&folder, &format!("{LOAD} print(a.run(), b.run())"));
    assert_eq!(said, "11 22");
}

#[test]
fn modules_and_the_library_that_they_load_have_one_variable_of_a_name() {
    let folder = Folder::new();
    folder.file(
        "l.c",
        "int val = 2; int value(void) { return val; } void set(int x) { val = x; }",
    );
    // The first declares the library's variable, the second defines it too.
    let source = "int value(void); void set(int); VAL
        int run(void) { return 10 * val + value(); } void store(int x) { set(x); val++; }";
    for (which, text) in [
        ("1", "extern int val;"),
        ("2", "int val = 2;"),
        ("3", "int val = 3;"),
    ] {
        folder.file(&format!("m{which}.c"), &source.replace("VAL", text));
    }
    std::fs::create_dir(folder.path().join("lib")).unwrap();
    let linked = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        shim("gcc", &words, folder.path()).success()
    };
    let _ = linked("-shared l.c -o lib/libl.so");
    let link = |which: &str| {
        linked(&format!(
            "-shared m{which}.c -Llib -ll -Wl,-rpath,$ORIGIN/lib -o m{which}.so"
        ))
    };
    let _ = (link("1"), link("2"));
    assert_says(
        &link("3").stderr,
        &["val is defined in", "its first value is another there"],
    );
    let script =
        "import ctypes, os; a, b = (ctypes.CDLL(os.path.abspath(f'm{n}.so')) for n in '12')
print(a.run(), b.run()); a.store(4); print(a.run(), b.run()); b.store(7); print(a.run(), b.run())";
    assert_eq!(python(&folder, script), "22 22\n55 55\n88 88");
}
