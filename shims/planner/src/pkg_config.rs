//! `pkg-config`: the target's packages only.

use crate::context::Context;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use toolcall::job::Job;
use toolcall::plan::{EnvChange, Plan, Step};

/// Version that is reported where no real pkg-config is installed: the last of the original.
const VERSION: &str = "0.29.2";

/// Plans a call of pkg-config: the real one, shown the target's folder alone, or the answers of
/// one that knows no package.
pub(crate) fn plan(context: &Context) -> Plan {
    let args = &context.expanded.args;
    let libdir = &context.config.pkg_config_libdir;
    if let Ok(program) = context.real(&["pkg-config", "pkgconf"], "") {
        let mut argv = vec![program.into_os_string()];
        argv.extend(args.iter().cloned());
        // emcc's own name for further folders; PKG_CONFIG_PATH is the host's.
        let further = context.invocation.env.text("EM_PKG_CONFIG_PATH");
        let env = vec![
            EnvChange::set("PKG_CONFIG_LIBDIR", libdir.as_str()),
            EnvChange {
                name: "PKG_CONFIG_PATH".to_owned(),
                value: further.map(str::to_owned),
            },
            EnvChange::unset("PKG_CONFIG_SYSROOT_DIR"),
        ];
        return Plan::of(Job::Query, vec![Step::run(argv, env)]);
    }
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let answer = |text: &str| Plan::of(Job::Query, vec![Step::print(text)]);
    match packages(args).first() {
        _ if has("--version") => answer(VERSION),
        Some(_) if has("--variable=pc_path") => answer(libdir.as_str()),
        Some(package) => {
            let name = package.to_string_lossy();
            let why = format!("Package {name} was not found in {libdir}, the target's packages");
            Plan::refuse(Job::Query, why)
        }
        None => Plan::of(Job::Query, Vec::new()),
    }
}

/// Options whose value is the next argument.
const VALUED: &[&str] = &[
    "--atleast-pkgconfig-version",
    "--atleast-version",
    "--define-variable",
    "--exact-version",
    "--max-version",
    "--variable",
    "--with-path",
];

/// The packages a call asks about.
fn packages(args: &[OsString]) -> Vec<&OsString> {
    let mut packages = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if VALUED.iter().any(|option| arg == *option) {
            rest.next();
        } else if !arg.as_bytes().starts_with(b"-") {
            packages.push(arg);
        }
    }
    packages
}
