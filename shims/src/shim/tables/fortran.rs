//! gfortran's own switches: what the translation to C makes of each. Source: the option summary of
//! gfortran, whose wording the names follow.

use crate::shim::rules::Policy::{Drop, Fortran, Refuse};
use crate::shim::rules::Role::Compile;
use crate::shim::rules::Syntax::{Alone, Joined, JoinedOrSeparate};
use crate::shim::rules::{Policy, Rule, Syntax};
use f2c_driver::{DLines, Form, Options};

const fn rule(name: &'static str, syntax: Syntax, policy: Policy) -> Rule {
    Rule {
        name,
        syntax,
        role: Compile,
        policy,
    }
}

/// Why a command without Fortran sources does not get them.
pub(crate) const NO_FORTRAN: &str =
    "a switch of gfortran, and no source of this command is Fortran";
/// Why clang does not get them.
pub(crate) const TRANSLATION: &str = "for the translation to C, which carries it out";
/// Why clang does not get a standard.
pub(crate) const STANDARD: &str = "a standard of Fortran; the generated C is gnu17";
const LENIENT: &str = "leave for old code, which the translation gives anyway";
const NO_CHECKS: &str = "speaks to checks or a run-time library that translated code does not have";
const SPEED: &str = "an optimisation inside gfortran; clang has its own";
const KINDS: &str = "changes kinds that are given; f2c has -fdefault-integer-8 and \
                     -fdefault-real-8 only";
const F2C: &str = "objects here have gfortran's own calling convention, as all of the target's";
const WIDE: &str = "WebAssembly has no such kind of REAL";

/// Sorted by name; a test asserts it.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    rule("-J", JoinedOrSeparate, Fortran),
    rule("-cpp", Joined, Fortran),
    rule("-faggressive-function-elimination", Alone, Drop(SPEED)),
    rule("-fall-intrinsics", Alone, Drop(LENIENT)),
    rule("-fallow-argument-mismatch", Alone, Drop(LENIENT)),
    rule("-fallow-invalid-boz", Alone, Drop(LENIENT)),
    rule("-fautomatic", Alone, Fortran),
    rule("-fbackslash", Alone, Fortran),
    rule("-fbacktrace", Alone, Drop(NO_CHECKS)),
    rule("-fblas-matmul-limit=", Joined, Drop(SPEED)),
    rule("-fbounds-check", Alone, Drop(NO_CHECKS)),
    rule("-fcheck-array-temporaries", Alone, Drop(NO_CHECKS)),
    rule("-fcheck=", Joined, Drop(NO_CHECKS)),
    rule("-fcoarray=", Joined, Drop(NO_CHECKS)),
    rule("-fconvert=", Joined, Fortran),
    rule("-fcray-pointer", Alone, Drop(LENIENT)),
    rule("-fd-lines-as-code", Alone, Fortran),
    rule("-fd-lines-as-comments", Alone, Fortran),
    rule("-fdec", Joined, Drop(LENIENT)),
    rule("-fdefault-double-8", Alone, Fortran),
    rule("-fdefault-integer-8", Alone, Fortran),
    rule("-fdefault-real-10", Alone, Refuse(WIDE)),
    rule("-fdefault-real-16", Alone, Refuse(WIDE)),
    rule("-fdefault-real-8", Alone, Fortran),
    rule("-fdollar-ok", Alone, Drop(LENIENT)),
    rule("-fexternal-blas", Alone, Drop(SPEED)),
    rule("-ff2c", Alone, Drop(F2C)),
    rule("-ffixed-form", Alone, Fortran),
    rule("-ffixed-line-length-", Joined, Fortran),
    rule("-ffpe-summary=", Joined, Drop(NO_CHECKS)),
    rule("-ffpe-trap=", Joined, Drop(NO_CHECKS)),
    rule("-ffree-form", Alone, Fortran),
    rule("-ffree-line-length-", Joined, Drop(LENIENT)),
    rule("-ffrontend-", Joined, Drop(SPEED)),
    rule("-fimplicit-none", Alone, Fortran),
    rule("-finit-", Joined, Drop(NO_CHECKS)),
    rule("-finit-local-zero", Alone, Fortran),
    rule("-finline-arg-packing", Alone, Drop(SPEED)),
    rule("-finline-matmul-limit=", Joined, Drop(SPEED)),
    rule("-finteger-4-integer-8", Alone, Refuse(KINDS)),
    rule("-fintrinsic-modules-path", JoinedOrSeparate, Drop(LENIENT)),
    rule("-fmax-identifier-length=", Joined, Drop(LENIENT)),
    rule("-fmax-stack-var-size=", Joined, Fortran),
    rule("-fmax-subrecord-length=", Joined, Drop(NO_CHECKS)),
    rule("-fmodule-private", Alone, Drop(LENIENT)),
    rule("-fno-automatic", Alone, Fortran),
    rule("-fno-backslash", Alone, Fortran),
    rule("-fno-backtrace", Alone, Drop(NO_CHECKS)),
    rule("-fno-bounds-check", Alone, Drop(NO_CHECKS)),
    rule("-fno-f2c", Alone, Drop(F2C)),
    rule("-fno-frontend-", Joined, Drop(SPEED)),
    rule("-fno-implicit-none", Alone, Fortran),
    rule("-fno-pack-derived", Alone, Drop(SPEED)),
    rule("-fno-protect-parens", Alone, Drop(SPEED)),
    rule("-fno-range-check", Alone, Drop(LENIENT)),
    rule("-fno-realloc-lhs", Alone, Drop(SPEED)),
    rule("-fno-recursive", Alone, Fortran),
    rule("-fno-repack-arrays", Alone, Drop(SPEED)),
    rule("-fno-second-underscore", Alone, Fortran),
    rule("-fno-sign-zero", Alone, Drop(NO_CHECKS)),
    rule("-fno-stack-arrays", Alone, Drop(SPEED)),
    rule("-fno-underscoring", Alone, Fortran),
    rule("-fno-whole-file", Alone, Drop(LENIENT)),
    rule("-fpack-derived", Alone, Drop(SPEED)),
    rule("-fpreprocessed", Alone, Fortran),
    rule("-fprotect-parens", Alone, Drop(SPEED)),
    rule("-frange-check", Alone, Drop(LENIENT)),
    rule("-freal-", Joined, Refuse(KINDS)),
    rule("-frealloc-lhs", Alone, Drop(SPEED)),
    rule("-frecord-marker=", Joined, Fortran),
    rule("-frecursive", Alone, Fortran),
    rule("-frepack-arrays", Alone, Drop(SPEED)),
    rule("-fsecond-underscore", Alone, Fortran),
    rule("-fsign-zero", Alone, Drop(NO_CHECKS)),
    rule("-fstack-arrays", Alone, Drop(SPEED)),
    rule("-funderscoring", Alone, Fortran),
    rule("-fwhole-file", Alone, Drop(LENIENT)),
    rule("-nocpp", Alone, Fortran),
];

/// What a switch does to a translation; an error where its value is one that nothing here can do.
pub type Effect = fn(&mut Options, &str) -> Result<(), &'static str>;

/// Switches the translation carries out, sorted by the names of their rules: those with
/// [`Policy::Fortran`], and the ones shared with C that a translation reads too.
#[rustfmt::skip]
pub static EFFECTS: &[(&str, Effect)] = &[
    ("-D", |options, value| define(options, value, true)),
    ("-I", |options, value| { options.include_dirs.push(value.into()); Ok(()) }),
    ("-J", |options, value| { options.include_dirs.insert(0, value.into()); Ok(()) }),
    ("-U", |options, value| define(options, value, false)),
    ("-cpp", |options, _| { options.preprocess.get_or_insert_default(); Ok(()) }),
    ("-fautomatic", |options, _| { options.automatic = true; Ok(()) }),
    ("-fbackslash", |options, _| { options.backslash = true; Ok(()) }),
    ("-fconvert=", |_, value| match value {
        "native" | "little-endian" => Ok(()),
        _ => Err("unformatted files are little-endian here, and only so"),
    }),
    ("-fd-lines-as-code", |options, _| { options.d_lines = DLines::Code; Ok(()) }),
    ("-fd-lines-as-comments", |options, _| { options.d_lines = DLines::Comments; Ok(()) }),
    ("-fdefault-double-8", |options, _| { options.default_double_8 = true; Ok(()) }),
    ("-fdefault-integer-8", |options, _| { options.default_integer_8 = true; Ok(()) }),
    ("-fdefault-real-8", |options, _| { options.default_real_8 = true; Ok(()) }),
    ("-ffixed-form", |options, _| {
        if options.form == Form::Free {
            options.form = Form::Fixed { width: 72 };
        }
        Ok(())
    }),
    ("-ffixed-line-length-", |options, value| { 
        let width = match value {
            "none" | "0" => usize::MAX,
            number => number.parse().map_err(|_| "a number of columns, or none")?,
        };
        if let Form::Fixed { .. } = options.form {
            options.form = Form::Fixed { width };
        }
        Ok(())
    }),
    ("-ffree-form", |options, _| { options.form = Form::Free; Ok(()) }),
    ("-fimplicit-none", |options, _| { options.implicit_none = true; Ok(()) }),
    ("-finit-local-zero", |options, _| { options.init_local_zero = true; Ok(()) }),
    ("-fmax-stack-var-size=", |options, value| {
        options.max_stack_bytes = value.parse().map_err(|_| "a number of bytes")?;
        Ok(())
    }),
    ("-fno-automatic", |options, _| { options.automatic = false; Ok(()) }),
    ("-fno-backslash", |options, _| { options.backslash = false; Ok(()) }),
    ("-fno-implicit-none", |options, _| { options.implicit_none = false; Ok(()) }),
    ("-fno-recursive", |options, _| { options.recursive = false; Ok(()) }),
    ("-fno-second-underscore", |_, _| Ok(())),
    ("-fno-underscoring", |options, _| { options.underscoring = false; Ok(()) }),
    ("-fpreprocessed", |options, _| { options.preprocess = None; Ok(()) }),
    ("-frecord-marker=", |_, value| match value {
        "4" => Ok(()),
        _ => Err("the markers of unformatted records have 4 bytes here, and only so"),
    }),
    ("-frecursive", |options, _| { options.recursive = true; Ok(()) }),
    ("-fsecond-underscore", |_, _| Err("names get one underscore here, as from gfortran by default")),
    ("-funderscoring", |options, _| { options.underscoring = true; Ok(()) }),
    ("-nocpp", |options, _| { options.preprocess = None; Ok(()) }),
];

/// Switches that say how the source is laid out and whether it is preprocessed; the effects of
/// others depend on them, wherever they stand.
pub static FIRST: &[&str] = &[
    "-cpp",
    "-ffixed-form",
    "-ffree-form",
    "-fpreprocessed",
    "-nocpp",
];

/// What a switch does to a translation, by the name of its rule.
#[must_use]
pub fn effect(name: &str) -> Option<Effect> {
    let at = EFFECTS.binary_search_by_key(&name, |row| row.0).ok()?;
    Some(EFFECTS[at].1)
}

fn define(options: &mut Options, text: &str, defined: bool) -> Result<(), &'static str> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    if let Some(preprocess) = &mut options.preprocess {
        let value = defined.then(|| value.to_owned());
        preprocess.macros.push((name.to_owned(), value));
    }
    Ok(())
}

/// The version of gfortran whose switches and calling convention these are; build systems ask for
/// it. Names are mangled and strings' lengths passed in the same way since gfortran 8.
pub const VERSION: &str = "13.3.0";

/// Macros that hold before any `-D`, besides those that say it is gfortran: [`VERSION`]'s parts and
/// the target's.
#[rustfmt::skip]
pub static MACROS: &[(&str, &str)] = &[
    ("__EMSCRIPTEN__", "1"),
    ("__GNUC_MINOR__", "3"),
    ("__GNUC_PATCHLEVEL__", "0"),
    ("__GNUC__", "13"),
    ("__ORDER_BIG_ENDIAN__", "4321"),
    ("__ORDER_LITTLE_ENDIAN__", "1234"),
    ("__BYTE_ORDER__", "1234"),
    ("__SIZEOF_DOUBLE__", "8"),
    ("__SIZEOF_FLOAT__", "4"),
    ("__SIZEOF_INT__", "4"),
    ("__SIZEOF_LONG__", "4"),
    ("__SIZEOF_POINTER__", "4"),
    ("__VERSION__", "\"13.3.0\""),
    ("__unix__", "1"),
    ("__wasm32__", "1"),
    ("__wasm__", "1"),
];

/// Rules, by name, of flags of C's preprocessor, its language and its warnings: what is written for
/// Fortran must change nothing in the C made from it.
#[rustfmt::skip]
pub static NOT_FOR_C: &[&str] = &[
    "--include-directory", "--std=", "-A", "-C", "-CC", "-D", "-H", "-I", "-P", "-U", "-W", "-Wno-",
    "-Wp,", "-ansi", "-cxx-isystem", "-d", "-idirafter", "-imacros", "-include", "-iprefix",
    "-iquote", "-isysroot", "-isystem", "-iwithprefix", "-iwithprefixbefore", "-nostdinc",
    "-pedantic", "-std=", "-undef",
];
