//! Settings of emcc's beside the target's own flags, which decide some of them: where they mean the
//! same they are left out, and where they mean something else the call fails, for one of the two
//! would win without a word.

use flags::tables::settings::DECIDED;
use std::ffi::OsStr;
use toolcall::config::ShimConfig;
use toolcall::decision::Ruling;

/// What becomes of a setting, `NAME` or `NAME=VALUE`.
pub(super) fn ruling(config: &ShimConfig, setting: &OsStr) -> Ruling {
    let setting = setting.to_string_lossy();
    let (name, value) = split(&setting);
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

fn split(setting: &str) -> (&str, &str) {
    setting.split_once('=').unwrap_or((setting, "1"))
}

const SAME: &str = "the target's own flags say the same";
