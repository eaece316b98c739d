//! gfortran's calling convention: the same C caller, compiled unedited, says the same with what
//! gfortran makes natively of a Fortran source and with what the shim makes of it, under Node.

use camino::Utf8Path;
use emshim_tests::fortran_cases::flags;
use emshim_tests::real::{Completed, Folder, command, shim};
use emshim_tests::tidy::{files, root};
use provision::{Env, NativeFortran, Silent, Store, provision_gfortran};

/// Folders of sources, each with its caller in C, or a program. Each comment `flags: SWITCHES` at the
/// top of a source is one way for both compilers to compile it.
const CASES: &[&str] = &["f2c-driver/tests/native", "tests/fortran/convention"];

/// Runs a compiler in a folder.
type Compile<'c> = &'c dyn Fn(&str, &[&str]) -> Completed;

/// What the caller prints, built with one pair of compilers.
fn output(source: &Utf8Path, switches: &[String], dir: &Utf8Path, compile: Compile) -> String {
    let caller = source.with_extension("c");
    let switches: Vec<_> = switches.iter().map(String::as_str).collect();
    let fortran = [&["-c", source.as_str(), "-o", "f.o"], &*switches].concat();
    let _ = compile("gfortran", &fortran).success();
    let mut link = vec!["f.o", "-o", "program"];
    if caller.exists() {
        let _ = compile("gcc", &["-c", caller.as_str(), "-o", "c.o"]).success();
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
    let sources = CASES
        .iter()
        .flat_map(|folder| files(&root().join(folder), ".f"));
    let runs = sources.flat_map(|source| {
        let ways = flags(&source).into_iter();
        ways.map(move |switches| (source.clone(), switches))
    });
    let mut compared = 0;
    for (case, switches) in runs {
        compared += 1;
        let (here, there) = (Folder::new(), Folder::new());
        let ours = output(&case, &switches, here.path(), &|tool, words| {
            shim(tool, words, here.path())
        });
        let theirs = output(&case, &switches, there.path(), &|tool, words| {
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
    assert!(compared > 15, "{compared} cases");
}
