//! `pkg-config`: the target's packages only, those of the user's own folders first.

use crate::context::Context;
use flags::tables::hosts;
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
        let folders = folders(context);
        let env = vec![
            EnvChange::set("PKG_CONFIG_LIBDIR", libdir.as_str()),
            EnvChange {
                name: "PKG_CONFIG_PATH".to_owned(),
                value: (!folders.is_empty()).then(|| folders.join(":")),
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

/// Variables by which a user names folders of `.pc` files, the likeliest to mean the target first: emcc's
/// own, and those of pkg-config, by which Meson passes on its settings too.
const VARIABLES: &[&str] = &["EM_PKG_CONFIG_PATH", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"];

/// The folders that come before the target's own: those the user names, but for the build machine's,
/// and those of the prefixes.
fn folders(context: &Context) -> Vec<String> {
    let env = &context.invocation.env;
    let named = VARIABLES.iter().filter_map(|name| env.text(name));
    let named = named.flat_map(|value| value.split(':'));
    let ours = named.filter(|folder| {
        let host = [hosts::LIBRARY_DIRS, hosts::PKG_CONFIG_DIRS];
        !folder.is_empty() && !host.iter().any(|dirs| hosts::is_below(folder, dirs))
    });
    let mut folders: Vec<String> = ours.map(str::to_owned).collect();
    for prefix in &context.settings.prefixes {
        for below in ["lib/pkgconfig", "share/pkgconfig"] {
            folders.push(prefix.join(below).into_string());
        }
    }
    folders
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
#[must_use]
pub fn packages(args: &[OsString]) -> Vec<&OsString> {
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
