//! `[tool.pyodide.build]`, the settings of pyodide-build: what becomes of each of its keys.
//!
//! Source: `OVERRIDABLE_BUILD_KEYS` of `pyodide_build/config.py` and its reference of settings.

use toml::Value;

use crate::keys::Key;

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becomes {
    /// It is a key of emshim's.
    Key(Key),
    /// It does not count, for a reason.
    Nothing(&'static str),
}

use Becomes::Nothing;

/// Each key and what becomes of it.
#[rustfmt::skip]
pub const KEYS: &[(&str, Becomes)] = &[
    ("cflags", Becomes::Key(Key::Cflags)),
    ("cxxflags", Becomes::Key(Key::Cxxflags)),
    ("ldflags", Becomes::Key(Key::Ldflags)),
    ("use_legacy_platform", Becomes::Key(Key::LegacyTag)),
    ("rustflags", Nothing("emshim has the target's own; RUSTFLAGS of the environment adds to them")),
    ("rust_toolchain", Nothing("emshim gets a Rust that fits the target")),
    ("rust_emscripten_target_url", Nothing("emshim builds Rust's standard library itself")),
    ("meson_cross_file", Nothing("emshim's stands in its place; one of `config-settings` is read after it")),
    ("ignored_build_requirements", Nothing("emshim leaves out those that are of no use for a target")),
    ("skip_emscripten_version_check", Nothing("--allow-emscripten says it")),
    ("build_dependency_index_url", Nothing("pip's configuration says where packages come from")),
    ("default_cross_build_env_url", Nothing("emshim makes the target's files from Pyodide's npm package")),
    ("xbuildenv_path", Nothing("emshim makes the target's files from Pyodide's npm package")),
];

/// pyodide-build's own flags, which its users write before theirs: emshim has the target's always.
const BASES: &[&str] = &["CFLAGS_BASE", "CXXFLAGS_BASE", "LDFLAGS_BASE"];

/// A value as emshim's key has it: a switch may be `1` or `"1"`, and `$(NAME)` is a variable of the
/// environment.
pub(crate) fn value(key: Key, value: &Value) -> Result<Value, String> {
    if key == Key::LegacyTag {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        return match text.as_str() {
            "1" | "true" => Ok(Value::Boolean(true)),
            "0" | "false" | "" => Ok(Value::Boolean(false)),
            _ => Err("must be `true` or `false`".to_owned()),
        };
    }
    let Value::String(text) = value else {
        return Ok(value.clone());
    };
    let mut flags = text.clone();
    for base in BASES {
        flags = flags.replace(&format!("$({base})"), "");
    }
    if flags.contains("$(") {
        return Err(format!(
            "has a variable of pyodide-build's in `{text}`, of which emshim knows {}: write what it says",
            BASES.join(", ")
        ));
    }
    Ok(Value::String(flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_lose_the_base_and_switches_are_switches() {
        let text = |text: &str| Value::String(text.to_owned());
        assert_eq!(
            value(Key::Cflags, &text("$(CFLAGS_BASE) -O3")),
            Ok(text(" -O3"))
        );
        assert!(value(Key::Cflags, &text("-I$(PYTHONINCLUDE)")).is_err());
        for on in [text("1"), Value::Integer(1), Value::Boolean(true)] {
            assert_eq!(value(Key::LegacyTag, &on), Ok(Value::Boolean(true)));
        }
        assert!(value(Key::LegacyTag, &text("yes")).is_err());
    }
}
