//! Cases of Fortran: their sources, and their switches, which stand in them. Each comment `flags:
//! SWITCHES` at the top of a source is one way to compile it, and a source without one is compiled
//! without switches.

use camino::Utf8Path;
use f2c_driver::{Form, Options, Preprocess};

/// What a switch says to a translation.
type Set = fn(&mut Options);

/// gfortran's switches, in the words of `Options`.
const SWITCHES: &[(&str, Set)] = &[
    ("-fallow-invalid-boz", |options| options.invalid_boz = true),
    ("-fbackslash", |options| options.backslash = true),
    ("-fdefault-double-8", |options| {
        options.default_double_8 = true
    }),
    ("-fdefault-integer-8", |options| {
        options.default_integer_8 = true
    }),
    ("-fdefault-real-8", |options| options.default_real_8 = true),
    ("-finit-local-zero", |options| {
        options.init_local_zero = true
    }),
    ("-fno-automatic", |options| options.automatic = false),
    ("-fno-range-check", |options| options.range_check = false),
    ("-fno-underscoring", |options| options.underscoring = false),
    ("-frecursive", |options| options.recursive = true),
];

/// How switches begin that say nothing to a translation.
const OTHERS: &[&str] = &["-O", "-fallow-argument-mismatch", "-g", "-std=", "-w"];

/// The switches of each way to compile a source.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn flags(source: &Utf8Path) -> Vec<Vec<String>> {
    let text = std::fs::read(source).expect("a readable case");
    let text = String::from_utf8_lossy(&text);
    let comment = |line: &'_ str| line.strip_prefix(['C', '!']).map(str::to_owned);
    let lines = text.lines().map_while(comment);
    let flags = lines.filter_map(|line| {
        let words = line.trim_start().strip_prefix("flags:")?;
        Some(words.split_whitespace().map(str::to_owned).collect())
    });
    let flags: Vec<_> = flags.collect();
    if flags.is_empty() {
        vec![Vec::new()]
    } else {
        flags
    }
}

/// The options of a source by its name, and by switches.
///
/// # Panics
/// No case has had such a switch so far.
#[must_use]
pub fn options(source: &Utf8Path, flags: &[String]) -> Options {
    let extension = source.extension().unwrap_or_default();
    let mut options = Options {
        form: Form::of_extension(extension),
        preprocess: extension.starts_with('F').then(Preprocess::default),
        ..Options::default()
    };
    for flag in flags {
        match SWITCHES.iter().find(|(name, _)| name == flag) {
            Some((_, set)) => set(&mut options),
            None => assert!(
                OTHERS.iter().any(|start| flag.starts_with(start)),
                "{source}: {flag} is no switch that cases have"
            ),
        }
    }
    options
}
