//! Cases: their sources, and what their switches say to a translation.

use camino::Utf8Path;
use f2c_driver::{Form, Options, Preprocess};

/// What a switch says to a translation.
type Set = fn(&mut Options);

/// gfortran's switches, in the words of `Options`.
const SWITCHES: &[(&str, Set)] = &[
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
    ("-fno-underscoring", |options| options.underscoring = false),
    ("-frecursive", |options| options.recursive = true),
];

/// How switches begin that say nothing to a translation.
const OTHERS: &[&str] = &["-O", "-fallow-argument-mismatch", "-g", "-std=", "-w"];

/// The options of a source by its name, and by switches.
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

/// The sources of a folder with this ending, sorted.
pub fn sources(folder: &str, ending: &str) -> Vec<camino::Utf8PathBuf> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = folder.read_dir_utf8().expect("the folder of cases");
    let mut sources: Vec<_> = entries
        .map(|entry| entry.expect("a case").into_path())
        .filter(|path| path.as_str().ends_with(ending))
        .collect();
    sources.sort();
    assert!(!sources.is_empty(), "no cases in {folder}");
    sources
}
