//! Fortran compilers.

use super::{Context, Plan, driver};
use crate::shim::classify::{self, Job};
use crate::shim::parse::{self, Dashes};
use crate::shim::tables::compiler;
use crate::shim::tables::sources::Kind;
use std::ffi::OsStr;

/// A Fortran driver that only links objects is the C driver; what compiles Fortran, or asks about
/// a Fortran compiler, is told that there is none yet.
pub(super) fn plan(context: &Context) -> Plan {
    let args = parse::parse(compiler::RULES, Dashes::Named, &context.expanded.args);
    let command = classify::classify(&args);
    let fortran = command
        .sources()
        .find(|source| source.kind == Kind::Fortran);
    match (command.job, fortran) {
        (_, Some(source)) => not_yet(command.job, &source.path),
        (Job::Query | Job::Forward, None) => {
            Plan::refuse(command.job, format!("there is {NO_COMPILER}"))
        }
        (_, None) => driver::plan(context, &context.expanded.args),
    }
}

/// Refuses a Fortran source.
pub(super) fn not_yet(job: Job, source: &OsStr) -> Plan {
    Plan::refuse(
        job,
        format!("{}: there is {NO_COMPILER}", source.to_string_lossy()),
    )
}

const NO_COMPILER: &str = "no Fortran compiler for WebAssembly yet; this emshim compiles C and C++ \
                           only. Build without the package's Fortran parts if it has a switch for it";
