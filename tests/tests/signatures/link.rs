//! Signatures in the shims' own compiles and links: mismatches told, explained, and where it is safe
//! bridged and run in Node.

use emshim_tests::real::{Completed, Folder, assert_says, command, emshim, run, shims};
use emshim_tests::signatures::{Tools, gcc, module_results};

const CALLER: &str = "void dgemv_(char*, double*);
    void dscal_(double*); double run(void) { double x = 2; dgemv_(\"N\", &x); dscal_(&x); return x; }";
const F2C: &str = "int dgemv_(char *t, double *x, int lt) { *x *= *t == 'N' ? 5 : 7; return 0; }";
const F2C_TOO: &str = "int dgemv_(char*, double*, int); static int used(void) { double x; return dgemv_(\"N\", &x, 1); }
int dscal_(double *x) { *x += 1 + 0 * used(); return 0; }";

#[test]
fn a_link_is_checked_and_repaired() {
    let tools = Tools::get();
    let folder = Folder::new();
    for (name, source) in [("caller.c", CALLER), ("dgemv.c", F2C), ("dscal.c", F2C_TOO)] {
        folder.file(name, source);
        let _ = gcc(&folder, &["-O1", "-c", name], false).success();
    }
    let ar = command(
        shims().join("ar"),
        &["rcs", "libblas.a", "dgemv.o", "dscal.o"],
    );
    let _ = Completed::of(&ar.dir(folder.path())).success();
    for inputs in [
        &["caller.o", "dgemv.o", "dscal.o"][..],
        &["caller.o", "-L.", "-lblas"],
        &["caller.o", "libblas.a"],
        &[
            "-Wl,--whole-archive,libblas.a,--no-whole-archive",
            "caller.o",
        ],
        &["caller.c", "libblas.a"],
    ] {
        let words = [&["-shared", "-o", "x.so"], inputs].concat();
        let refused = gcc(&folder, &words, false);
        assert_eq!(refused.status, 1, "{}", refused.stderr);
        assert_says(
            &refused.stderr,
            &[
                "dgemv_",
                "dscal_",
                "void dscal_(int)",
                "by run",
                "EMSHIM_REPAIR=0",
            ],
        );
        assert!(!refused.stderr.contains("wasm-ld"), "{}", refused.stderr);
        assert_says(
            &refused.stderr,
            &[
                "caller.c:1",
                "caller.c:2",
                "dgemv.c:1",
                "dscal.c:2",
                "made by gcc -O1 -c dgemv.c",
            ],
        );
        let module = folder.path().join("x.so");
        assert!(!module.exists());
        let repaired = gcc(&folder, &words, true).success();
        assert_says(&repaired.stderr, &["repaired: dscal_"]);
        assert_eq!(module_results(&tools, &[&module]), "11", "{inputs:?}");
        std::fs::remove_file(&module).unwrap();
    }
    let blobs = folder.path().join("log/blobs");
    let kept = blobs.read_dir_utf8().unwrap().flatten().any(|blob| {
        let text = std::fs::read_to_string(blob.path()).unwrap_or_default();
        text.contains("the function never reads the lengths")
    });
    assert!(kept, "no reason in the record");
}

#[test]
fn a_prebuilt_library_whose_subroutines_return_int() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("caller.c", CALLER);
    folder.file(
        "blas.c",
        &format!(
            "{F2C}\n{}",
            F2C_TOO.replace("int dgemv_(char*, double*, int);", "")
        ),
    );
    let _ = gcc(
        &folder,
        &["-O1", "-shared", "blas.c", "-o", "libblas.so"],
        false,
    )
    .success();
    let words = ["-O1", "-shared", "caller.c", "libblas.so", "-o", "x.so"];
    let refused = gcc(&folder, &words, false);
    assert!(
        refused.stderr.contains("in libblas.so") || refused.stderr.contains("/libblas.so"),
        "{}",
        refused.stderr
    );
    let _ = gcc(&folder, &words, true).success();
    let paths = ["libblas.so", "x.so"].map(|name| folder.path().join(name));
    assert_eq!(module_results(&tools, &[&paths[0], &paths[1]]), "11");
}

#[test]
fn what_cannot_be_bridged_stops_the_link_unless_told_otherwise() {
    let folder = Folder::new();
    folder.file(
        "a.c",
        "int info(int*); int run(void) { int i; return info(&i); }",
    );
    folder.file("b.c", "void info(int *i) { }");
    let words = ["-shared", "a.c", "b.c", "-o", "x.so"];
    let refused = gcc(&folder, &words, true);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["uses the result"]);
    let warned = gcc(
        &folder,
        &[&words[..], &["-Wl,--no-fatal-warnings"]].concat(),
        false,
    );
    assert!(warned.success().stderr.contains("uses the result"));
}

/// As NumPy's `lapack_lite` does, which was made with f2c and keeps what it gets.
#[test]
fn a_caller_that_keeps_what_a_subroutine_gives_gets_f2cs_0() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file(
        "a.c",
        "int info_(int*); double run(void) { int i; int status = info_(&i); return i + status; }",
    );
    folder.file(
        "b.f",
        "      SUBROUTINE INFO(I)\n      INTEGER I\n      I = 7\n      END\n",
    );
    let fortran = command(shims().join("gfortran"), &["-c", "b.f"]);
    let _ = Completed::of(&fortran.dir(folder.path())).success();
    let _ = gcc(&folder, &["-O1", "-c", "a.c"], false).success();
    let words = ["-shared", "a.o", "b.o", "-o", "x.so"];
    let link = command(shims().join("gcc"), &words).dir(folder.path());
    let linked = Completed::of(&link).success();
    assert_says(&linked.stderr, &["info_"]);
    assert_eq!(module_results(&tools, &[&folder.path().join("x.so")]), "7");
}

/// A compile in a build of that name.
fn in_build(build: &str, folder: &Folder, tool: &str, words: &[&str]) -> Completed {
    let call = command(shims().join(tool), words).dir(folder.path());
    let call = call.env("EMSHIM_LOG", folder.path().join("log").as_str());
    Completed::of(&call.env("EMSHIM_BUILD", build)).success()
}

const FORTRAN: &str = "
      SUBROUTINE TWICE(X)
      DOUBLE PRECISION X
      X = 2 * X
      END
";

#[test]
fn a_compile_tells_what_contradicts_its_build() {
    let folder = Folder::new();
    folder.file("twice.f", FORTRAN);
    folder.file("area.c", "\ndouble area(double r) { return r * r; }\n");
    let caller = "double area(float r);\n\nextern int twice_(double *x);\n\
                  double run(void) { double x = area(2); return twice_(&x) + x; }\n";
    folder.file("caller.c", caller);
    let compile = |build: &str, tool: &str, source: &str, flags: &[&str]| {
        in_build(build, &folder, tool, &[&["-c", source], flags].concat()).stderr
    };
    assert_eq!(compile("one", "gfortran", "twice.f", &[]), "");
    assert_eq!(compile("one", "gcc", "area.c", &[]), "");
    let told = compile("one", "gcc", "caller.c", &[]);
    assert_says(
        &told,
        &[
            "caller.c:1: warning: 'area' is called as 'double area(float)', but area.c:2 defines \
             it as 'double area(double)'",
            "caller.c:3: warning: 'twice_' is called as 'int twice_(int)', but twice.f:2 defines \
             it as 'void twice_(int)'",
            "SUBROUTINE",
        ],
    );
    assert_eq!(told.lines().count(), 2, "{told}");
    // Another build has defined nothing, a probe makes its declarations up, and -w is for quiet.
    assert_eq!(compile("two", "gcc", "caller.c", &[]), "");
    std::fs::copy(
        folder.path().join("caller.c"),
        folder.path().join("conftest.c"),
    )
    .expect("a copy");
    assert_eq!(compile("one", "gcc", "conftest.c", &[]), "");
    assert_eq!(compile("one", "gcc", "caller.c", &["-w"]), "");
    // What is mended is no longer told, whatever was there before.
    folder.file("area.c", "double area(float r) { return r * r; }\n");
    let mended = caller
        .replace("int twice_", "void twice_")
        .replace("return twice_(&x) + x", "twice_(&x); return x");
    folder.file("caller.c", &mended);
    assert_eq!(compile("one", "gcc", "area.c", &[]), "");
    assert_eq!(compile("one", "gcc", "caller.c", &[]), "");
}

#[test]
fn a_record_keeps_what_a_quiet_compile_does_not_tell() {
    let folder = Folder::new();
    folder.file("a.c", "void wide(long long x) {}\n");
    folder.file("b.c", "void wide(int);\nvoid run(void) { wide(1); }\n");
    let log = folder.path().join("log");
    let quiet = |source: &str| {
        let call = command(shims().join("gcc"), &["-c", source]).dir(folder.path());
        let call = call.env("EMSHIM_LOG", log.as_str());
        let call = call
            .env("EMSHIM_BUILD", "b")
            .env("EMSHIM_SIGNATURES", "quiet");
        Completed::of(&call).success().stderr
    };
    assert_eq!(quiet("a.c") + &quiet("b.c"), "");
    let shown = run(&["log", "show", "last", "--log", log.as_str()]).success();
    assert_says(&shown.stdout, &["b.c:1: warning: 'wide' is called as"]);
}

#[test]
fn a_program_is_checked_and_linked_and_repaired() {
    let folder = Folder::new();
    let main = "#include <stdio.h>\nvoid twice_(double*);
int main(void) { double x = 2; twice_(&x); printf(\"%g\\n\", x); return 0; }";
    folder.file("main.c", main);
    folder.file("twice.c", "int twice_(double *x) { *x *= 2; return 0; }");
    for source in ["main.c", "twice.c"] {
        let _ = gcc(&folder, &["-O1", "-c", source], false).success();
    }
    let link = |repair| gcc(&folder, &["main.o", "twice.o", "-o", "t"], repair).success();
    let told = link(false).stderr;
    assert_says(
        &told,
        &["twice_", "main.c:2", "twice.c:1", "EMSHIM_REPAIR=0"],
    );
    let program = command(folder.path().join("t"), &[]);
    assert_ne!(Completed::of(&program).status, 0);
    assert_says(&link(true).stderr, &["repaired", "twice_"]);
    assert_eq!(Completed::of(&program).success().stdout, "4\n");
    // A build system's own test of the compiler.
    let probe = gcc(&folder, &["-c", "main.c", "-o", "conftest.o"], false);
    let _ = probe.success();
    let probe = gcc(&folder, &["conftest.o", "twice.o", "-o", "conftest"], false);
    assert!(!probe.stderr.contains("EMSHIM_REPAIR"), "{}", probe.stderr);
}

#[test]
fn a_function_is_handed_to_a_procedure_that_calls_it_as_a_subroutine() {
    let folder = Folder::new();
    folder.file(
        "m.c",
        "#include <stdio.h>
        void apply_(void (*)(int *), int *);
        void twice_(int *k);
        static int thrice(int *k) { *k *= 3; return 1; }
        static double half(int *k) { *k /= 2; return 0.5; }
        static void more(int *k) { *k += 1; }
        static void all(int n, int *k) { void (*last)(int *) = (void (*)(int *))half;
            for (int i = 0; i < n; i++) apply_((void (*)(int *))thrice, k);
            apply_(twice_, k); apply_(last, k); apply_(more, k); }
        int main(void) { int k = 7; all(2, &k); printf(\"%d\\n\", k); }",
    );
    // The second hands it on, as it is told, to the third, in which it is called.
    folder.file(
        "a.f",
        "      SUBROUTINE APPLY(F,K)\n      EXTERNAL F, LAST\n      CALL NEXT(K,F,LAST)\n      END
      SUBROUTINE NEXT(K,F,G)\n      EXTERNAL F, G\n      CALL G(F,K)\n      END
      SUBROUTINE LAST(F,K)\n      EXTERNAL F\n      CALL F(K)\n      END\n",
    );
    // The second declares what the first defines otherwise.
    folder.file("t.c", "int twice_(int *k) { *k *= 2; return 0; }");
    for level in ["-O0", "-O2"] {
        let script = format!(
            "gfortran {level} -c a.f; ar rcs liba.a a.o; gcc {level} -c m.c t.c
            gcc m.o t.o a.o -o p; gcc {level} m.c t.o liba.a -o q; ./p; ./q
            EMSHIM_REPAIR=0 gcc m.o t.o a.o -o r"
        );
        let exec = command(emshim(), &["exec", "--", "sh", "-ec", &script]);
        let done = Completed::of(&exec.dir(folder.path())).success();
        assert_eq!(done.stdout, "64\n".repeat(2), "{level}");
        let told = [
            "repaired: half, thrice, twice_ as",
            "the caller takes no result",
            "thrice\n  is            int thrice(int)",
            "called as     void thrice(int)\n    by",
            "pointed to as void twice_(int)",
        ];
        assert_says(&done.stderr, &told);
        assert!(!done.stderr.contains("more"), "{}", done.stderr);
    }
}
