//! Settings of emcc's beside the target's own flags, which decide some of them: where they mean the
//! same they are left out, and where they mean something else the call fails, for one of the two
//! would win without a word.

use flags::tables::settings::{DECIDED, OF_MAIN_MODULE};
use std::ffi::OsStr;
use toolcall::config::ShimConfig;
use toolcall::decision::Ruling;
use toolcall::job::Job;

/// What becomes of a setting, `NAME` or `NAME=VALUE`.
pub(super) fn ruling(config: &ShimConfig, job: Job, setting: &OsStr) -> Ruling {
    let setting = setting.to_string_lossy();
    let (name, value) = split(&setting);
    if name == "EXPORTED_FUNCTIONS" && job.makes_module() {
        return exports(value);
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
    match DECIDED
        .iter()
        .find(|row| row.name == name && decides(row.by))
    {
        Some(row) if row.same.contains(&value) => Ruling::drop(SAME),
        Some(row) => Ruling::refuse(row.why),
        None => Ruling::Keep,
    }
}

/// A side module's list of exports, in any of emcc's forms but a file.
fn exports(list: &str) -> Ruling {
    let bare = list.trim().trim_start_matches('[').trim_end_matches(']');
    let names = bare
        .split(',')
        .map(|name| name.trim().trim_matches(['"', '\'']));
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let theirs = |name: &&&str| {
        let plain = name.strip_prefix('_').unwrap_or(name);
        OF_MAIN_MODULE.binary_search(&plain).is_ok()
    };
    if list.starts_with('@') || !names.iter().any(|name| theirs(&name)) {
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

fn split(setting: &str) -> (&str, &str) {
    setting.split_once('=').unwrap_or((setting, "1"))
}

const SAME: &str = "the target's own flags say the same";
const MAIN_MODULE: &str = "some of these are the main module's, Pyodide's, which has them for all; emcc \
                           takes for undefined what a side module does not define";
