//! Settings of emcc's beside the target's own flags, which decide some of them: where they mean the
//! same they are left out, and where they mean something else the call fails, for one of the two
//! would win without a word.

use flags::rules::Role;
use flags::tables::settings::{
    A_SIDE_MODULE, DECIDED, OF_MAIN_MODULE, OF_MODULES, concerns_compiles,
};
use std::ffi::{OsStr, OsString};
use toolcall::config::ShimConfig;
use toolcall::decision::Ruling;
use toolcall::job::Job;

/// What becomes of a setting, `NAME` or `NAME=VALUE`; `read` reads a file that it names.
pub(super) fn ruling(
    config: &ShimConfig,
    job: Job,
    setting: &OsStr,
    read: impl FnOnce(&str) -> Option<Vec<u8>>,
) -> Ruling {
    let setting = setting.to_string_lossy();
    let (name, value) = split(&setting);
    if name == "EXPORTED_FUNCTIONS" && job.makes_module() {
        return match value.strip_prefix('@') {
            // What emcc would say of it is the answer to a file that is not there.
            Some(file) => read(file).map_or(Ruling::Keep, |list| {
                exports(&String::from_utf8_lossy(&list))
            }),
            None => exports(value),
        };
    }
    // Its other values say which symbols a module exports.
    if (name, value) == ("SIDE_MODULE", "0") && job.makes_module() {
        return Ruling::refuse(A_SIDE_MODULE);
    }
    // In a compile it says `-fPIC`. Emscripten 6 has it no more.
    let places = config.cflags.iter().any(|flag| flag == "-fPIC");
    if (name, value) == ("RELOCATABLE", "1") && job.compiles() && places {
        return Ruling::drop(SAME);
    }
    let flags = || {
        config
            .cflags
            .iter()
            .chain(&config.cxxflags)
            .chain(&config.ldflags)
    };
    let own = flags()
        .filter_map(|flag| flag.strip_prefix("-s"))
        .map(split);
    if let Some((_, theirs)) = own.into_iter().find(|(own, _)| *own == name) {
        // `1` asks for a setting, in the way that the target has it.
        return match value == theirs || value == "1" && theirs != "0" {
            true => Ruling::drop(SAME),
            false => Ruling::Refuse(
                format!("the target's ABI has -s{name}={theirs}, and every object must agree")
                    .into(),
            ),
        };
    }
    let decides = |by: &str| by.is_empty() || flags().any(|flag| flag == by);
    let of_modules = OF_MODULES.iter().filter(|_| job.makes_module());
    match DECIDED
        .iter()
        .chain(of_modules)
        .find(|row| row.name == name && decides(row.by))
    {
        Some(row) if row.same.contains(&value) => Ruling::drop(SAME),
        Some(row) => Ruling::refuse(row.why),
        None => Ruling::Keep,
    }
}

/// A side module's list of exports, in any of emcc's forms: JSON, with commas, or in lines, as its
/// files have it.
fn exports(list: &str) -> Ruling {
    let bare = list.trim().trim_start_matches('[').trim_end_matches(']');
    let names = bare
        .split([',', '\n'])
        .map(|name| name.trim().trim_matches(['"', '\'']));
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let theirs = |name: &&&str| {
        let plain = name.strip_prefix('_').unwrap_or(name);
        OF_MAIN_MODULE.binary_search(&plain).is_ok()
    };
    if !names.iter().any(|name| theirs(&name)) {
        return Ruling::Keep;
    }
    let left: Vec<&str> = names.iter().filter(|name| !theirs(name)).copied().collect();
    let list = match left.is_empty() {
        true => "[]".to_owned(),
        false => left.join(","),
    };
    let setting = format!("-sEXPORTED_FUNCTIONS={list}");
    Ruling::Replace(vec![setting.into()], MAIN_MODULE.into())
}

/// Whether it is a setting of emcc's that it would warn of in a compile.
pub(crate) fn is_setting_of_links(role: Option<Role>, words: &[OsString]) -> bool {
    let words = words.iter().map(|word| word.to_string_lossy());
    let text: String = words.collect();
    let setting = text
        .strip_prefix("-s")
        .filter(|_| role == Some(Role::Setting));
    setting.is_some_and(|setting| {
        let name = setting.split('=').next().unwrap_or_default();
        !concerns_compiles(name)
    })
}

fn split(setting: &str) -> (&str, &str) {
    setting.split_once('=').unwrap_or((setting, "1"))
}

const SAME: &str = "the target's own flags say the same";
const MAIN_MODULE: &str = "some of these are the main module's, Pyodide's, which has them for all; emcc \
                           takes for undefined what a side module does not define";
