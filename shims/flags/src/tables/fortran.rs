//! gfortran's own switches: what the translation to C makes of each. Source: the option summary of
//! gfortran, whose wording the names follow.

use crate::rules::Policy::{Drop, Fortran, Refuse};
use crate::rules::Role::Compile;
use crate::rules::Syntax::{Alone, Joined, JoinedOrSeparate};
use crate::rules::{Policy, Rule, Syntax};

const fn rule(name: &'static str, syntax: Syntax, policy: Policy) -> Rule {
    Rule {
        name,
        syntax,
        role: Compile,
        policy,
    }
}

/// Why a command without Fortran sources does not get them.
pub const NO_FORTRAN: &str = "a switch of gfortran, and no source of this command is Fortran";
/// Why clang does not get them.
pub const TRANSLATION: &str = "for the translation to C, which carries it out";
/// Why clang does not get a standard.
pub const STANDARD: &str = "a standard of Fortran; the generated C is gnu17";
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
    rule("-fallow-invalid-boz", Alone, Fortran),
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
    rule("-fdec", Alone, Fortran),
    rule("-fdec-", Joined, Drop(LENIENT)),
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
    rule("-fno-allow-invalid-boz", Alone, Fortran),
    rule("-fno-automatic", Alone, Fortran),
    rule("-fno-backslash", Alone, Fortran),
    rule("-fno-backtrace", Alone, Drop(NO_CHECKS)),
    rule("-fno-bounds-check", Alone, Drop(NO_CHECKS)),
    rule("-fno-f2c", Alone, Drop(F2C)),
    rule("-fno-frontend-", Joined, Drop(SPEED)),
    rule("-fno-implicit-none", Alone, Fortran),
    rule("-fno-pack-derived", Alone, Drop(SPEED)),
    rule("-fno-protect-parens", Alone, Drop(SPEED)),
    rule("-fno-range-check", Alone, Fortran),
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
    rule("-frange-check", Alone, Fortran),
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

/// The version of gfortran whose switches and calling convention these are; build systems ask for
/// it. Names are mangled and strings' lengths passed in the same way since gfortran 8.
pub const VERSION: &str = "13.3.0";

/// Rules, by name, of flags shared with C that the translation reads too, besides those with
/// [`Policy::Fortran`].
pub static SHARED: &[&str] = &["-D", "-I", "-U"];

/// Whether the translation carries out the switches of a rule.
#[must_use]
pub fn is_for_translation(rule: &Rule) -> bool {
    rule.policy == Fortran || SHARED.contains(&rule.name)
}

/// Rules, by name, of flags of C's preprocessor, its language and its warnings: what is written for
/// Fortran must change nothing in the C made from it.
#[rustfmt::skip]
pub static NOT_FOR_C: &[&str] = &[
    "--include-directory", "--std=", "-A", "-C", "-CC", "-D", "-H", "-I", "-P", "-U", "-W", "-Wno-",
    "-Wp,", "-ansi", "-cxx-isystem", "-d", "-idirafter", "-imacros", "-include", "-iprefix",
    "-iquote", "-isysroot", "-isystem", "-iwithprefix", "-iwithprefixbefore", "-nostdinc",
    "-pedantic", "-std=", "-undef",
];
