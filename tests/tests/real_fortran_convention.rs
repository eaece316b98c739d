//! gfortran's calling convention: the same C caller, compiled unedited, says the same with what
//! gfortran makes natively of a Fortran source and with what the shim makes of it, under Node.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{Completed, Folder, command, shim};
use provision::{Env, NativeFortran, Silent, Store, provision_gfortran};

/// A source and its caller in C, or a program, and the switches for both compilers.
const CASES: &[(&str, &[&str])] = &[
    ("f2c-driver/tests/native/arguments", &[]),
    ("f2c-driver/tests/native/bits", &["-O2"]),
    ("f2c-driver/tests/native/callbacks", &[]),
    (
        "f2c-driver/tests/native/doubles",
        &["-fdefault-real-8", "-fdefault-double-8"],
    ),
    ("f2c-driver/tests/native/intrinsics", &[]),
    ("f2c-driver/tests/native/math", &[]),
    (
        "f2c-driver/tests/native/plain",
        &["-fno-underscoring", "-fno-automatic", "-fbackslash"],
    ),
    ("f2c-driver/tests/native/single", &["-O2"]),
    ("f2c-driver/tests/native/storage", &[]),
    ("f2c-driver/tests/native/storage", &["-frecursive"]),
    (
        "f2c-driver/tests/native/storage",
        &["-std=legacy", "-fallow-argument-mismatch", "-w", "-O3"],
    ),
    (
        "f2c-driver/tests/native/wide",
        &["-fdefault-integer-8", "-fdefault-real-8"],
    ),
    ("f2c-driver/tests/native/wide_reals", &["-fdefault-real-8"]),
    ("f2c-driver/tests/native/zeroed", &["-finit-local-zero"]),
    ("tests/fortran/convention/complex", &["-O2", "-g"]),
    ("tests/fortran/convention/elementary", &[]),
    ("tests/fortran/convention/entry", &[]),
    ("tests/fortran/convention/io", &[]),
];

fn root() -> &'static Utf8Path {
    let here = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the repository")
}

/// Runs a compiler in a folder.
type Compile<'c> = &'c dyn Fn(&str, &[&str]) -> Completed;

/// What the caller prints, built with one pair of compilers.
fn output(case: &Utf8Path, switches: &[&str], dir: &Utf8Path, compile: Compile) -> String {
    let (source, caller) = (format!("{case}.f"), format!("{case}.c"));
    let fortran = [&["-c", &*source, "-o", "f.o"], switches].concat();
    let _ = compile("gfortran", &fortran).success();
    let mut link = vec!["f.o", "-o", "program"];
    if Utf8Path::new(&caller).exists() {
        let _ = compile("gcc", &["-c", &caller, "-o", "c.o"]).success();
        link.push("c.o");
    }
    let _ = compile("gfortran", &link).success();
    Completed::of(&command(dir.join("program"), &[]).dir(dir.as_str()))
        .success()
        .stdout
}

/// Whether two words are the same, or numbers that differ in the last bit or two of their
/// precision, which shows in their digits: the two C libraries' mathematical functions do.
fn agree(a: &str, b: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>();
    let digits = |text: &str| text.split('e').next().unwrap_or_default().len();
    let tolerance = match digits(a.trim()).max(digits(b.trim())) {
        0..=11 => f64::from(f32::EPSILON),
        _ => 4.0 * f64::EPSILON,
    };
    match (number(a), number(b)) {
        (Ok(x), Ok(y)) => x == y || ((x - y) / y).abs() < tolerance,
        _ => a == b,
    }
}

fn native() -> NativeFortran {
    let store = Store::from_env().expect("a store");
    provision_gfortran(&Env::capture(), &store, &Silent).expect("a gfortran")
}

#[test]
fn c_callers_cannot_tell_it_from_gfortran() {
    let native = native();
    for (case, switches) in CASES {
        let case: Utf8PathBuf = root().join(case);
        let (here, there) = (Folder::new(), Folder::new());
        let ours = output(&case, switches, here.path(), &|tool, words| {
            shim(tool, words, here.path())
        });
        let theirs = output(&case, switches, there.path(), &|tool, words| {
            let program = match tool {
                "gcc" => &native.gcc,
                _ => &native.gfortran,
            };
            Completed::of(&command(program, words).dir(there.path().as_str()))
        });
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (our_words, their_words) = (words(&ours), words(&theirs));
        let same = our_words.iter().zip(&their_words).all(|(a, b)| agree(a, b));
        assert!(
            same && our_words.len() == their_words.len() && !ours.is_empty(),
            "{case} {switches:?}:\n{ours}\n{theirs}"
        );
    }
}
