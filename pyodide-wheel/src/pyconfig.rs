//! The target's `pyconfig.h` and `patchlevel.h`, made from the host's.
//!
//! A Pyodide npm package carries no headers. Headers are the same for all platforms except these
//! two. `sysconfig` of the target holds every value of its `pyconfig.h`, read there by
//! `sysconfig.parse_config_h`, but not which names were in it; the host's file is the list of
//! names.

use serde_json::{Map, Value};

/// `sysconfig`'s build-time variables of the target.
pub type Vars = Map<String, Value>;

/// Rewrites the host's `pyconfig.h` for the target.
///
/// Only lines that `sysconfig.parse_config_h` reads are changed: an unindented `#define` with a
/// value, or `/* #undef NAME */`, of a name that begins with a capital letter. Everything else has
/// no value in `vars` and stays: `_POSIX_C_SOURCE` and its kind, conditionals, comments.
pub fn pyconfig(host: &str, vars: &Vars) -> String {
    let mut text = String::with_capacity(host.len());
    for line in host.lines() {
        match Macro::parse(line) {
            Some(host_macro) => text.push_str(&host_macro.with(vars.get(host_macro.name))),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

struct Macro<'a> {
    name: &'a str,
    /// `None` where the host leaves it undefined.
    value: Option<&'a str>,
}

impl<'a> Macro<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, value) = if let Some(rest) = line.strip_prefix("#define ") {
            let (name, value) = rest.split_once(' ')?;
            (name, Some(value))
        } else {
            (line.strip_prefix("/* #undef ")?.strip_suffix(" */")?, None)
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let readable = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(word);
        readable.then_some(Self { name, value })
    }

    /// The line with the target's value.
    fn with(&self, target: Option<&Value>) -> String {
        let name = self.name;
        match target {
            // `sysconfig` reads `#undef` as 0. AC_CHECK_DECLS defines its macros either way.
            None => self.absent(),
            Some(Value::Number(n)) if n.as_i64() == Some(0) => self.absent(),
            Some(Value::String(value)) => format!("#define {name} {value}"),
            Some(value) => format!("#define {name} {value}"),
        }
    }

    fn absent(&self) -> String {
        if self.name.starts_with("HAVE_DECL_") || self.value == Some("0") {
            format!("#define {} 0", self.name)
        } else {
            format!("/* #undef {} */", self.name)
        }
    }
}

/// The files a `pyconfig.h` includes under its own name: Debian's in the general folder is a stub
/// that picks one per architecture.
pub fn stub_targets(host: &str) -> Vec<&str> {
    host.lines()
        .filter_map(|line| {
            line.trim_start()
                .strip_prefix('#')?
                .trim_start()
                .strip_prefix("include")
        })
        .filter_map(|path| path.trim().strip_prefix('<')?.strip_suffix('>'))
        .filter(|path| path.ends_with("/pyconfig.h"))
        .collect()
}

/// Rewrites the host's `patchlevel.h` to the target's full version, so that `PY_VERSION_HEX`
/// promises no function that only a later patch release has. `None` where `version` is no Python
/// version.
pub fn patchlevel(host: &str, version: &str) -> Option<String> {
    let numbers = version
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(version.len());
    let (numbers, stage) = version.split_at(numbers);
    let mut numbers = numbers.split('.').map(|n| n.parse::<u8>().ok());
    let (major, minor, micro) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (level, serial) = if stage.is_empty() {
        ("FINAL", 0)
    } else {
        let names = [("rc", "GAMMA"), ("a", "ALPHA"), ("b", "BETA")];
        let (prefix, level) = names.iter().find(|(prefix, _)| stage.starts_with(prefix))?;
        (*level, stage[prefix.len()..].parse::<u8>().ok()?)
    };
    let values = [
        ("PY_MAJOR_VERSION", major.to_string()),
        ("PY_MINOR_VERSION", minor.to_string()),
        ("PY_MICRO_VERSION", micro.to_string()),
        ("PY_RELEASE_LEVEL", format!("PY_RELEASE_LEVEL_{level}")),
        ("PY_RELEASE_SERIAL", serial.to_string()),
        ("PY_VERSION", format!("\"{version}\"")),
    ];
    let rewrite = |line: &str| {
        let name = line.strip_prefix("#define ")?.split_whitespace().next()?;
        let (name, value) = values.iter().find(|(known, _)| *known == name)?;
        Some(format!("#define {name} {value}"))
    };
    let lines = host
        .lines()
        .map(|line| rewrite(line).unwrap_or_else(|| line.to_owned()) + "\n");
    Some(lines.collect())
}

/// The minor version a `patchlevel.h` is of, such as `3.13`.
pub fn minor_version(patchlevel: &str) -> Option<String> {
    let value = |name: &str| {
        patchlevel.lines().find_map(|line| {
            let mut words = line.strip_prefix("#define ")?.split_whitespace();
            (words.next() == Some(name)).then(|| words.next())?
        })
    };
    Some(format!(
        "{}.{}",
        value("PY_MAJOR_VERSION")?,
        value("PY_MINOR_VERSION")?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars() -> Vars {
        let value = serde_json::json!({
            "SIZEOF_LONG": 4,
            "HAVE_FORK1": 0,
            "HAVE_DECL_TZNAME": 0,
            "HAVE_CHROOT": 1,
            "RETSIGTYPE": "void",
            "HASHES": "\"md5,sha1\"",
        });
        value.as_object().unwrap().clone()
    }

    #[test]
    fn values_are_the_targets() {
        let host = "#define SIZEOF_LONG 8\n#define HAVE_FORK1 1\n#define HAVE_DECL_TZNAME 1\n\
                    /* #undef HAVE_CHROOT */\n#define RETSIGTYPE int\n#define HASHES \"md5\"\n";
        let target = "#define SIZEOF_LONG 4\n/* #undef HAVE_FORK1 */\n#define HAVE_DECL_TZNAME 0\n\
                      #define HAVE_CHROOT 1\n#define RETSIGTYPE void\n#define HASHES \"md5,sha1\"\n";
        assert_eq!(pyconfig(host, &vars()), target);
    }

    #[test]
    fn a_name_the_target_never_heard_of_is_undefined() {
        assert_eq!(
            pyconfig("#define HAVE_NEWER 1\n", &vars()),
            "/* #undef HAVE_NEWER */\n"
        );
        assert_eq!(
            pyconfig("#define HAVE_NEWER 0\n", &vars()),
            "#define HAVE_NEWER 0\n"
        );
    }

    #[test]
    fn what_sysconfig_does_not_read_stays() {
        let kept = "#ifndef Py_PYCONFIG_H\n#define Py_PYCONFIG_H\n#define _POSIX_C_SOURCE 200809L\n\
                    # define __EXTENSIONS__ 1\n/* #undef _LARGE_FILES */\n/* #undef clock_t */\n\
                    #  define WORDS_BIGENDIAN 1\n/* The size of `long'. */\n\n#endif\n";
        assert_eq!(pyconfig(kept, &vars()), kept);
    }

    #[test]
    fn finds_what_a_stub_includes() {
        let stub = "#if defined(__x86_64__)\n#  include <x86_64-linux-gnu/python3.13/pyconfig.h>\n\
                    # elif defined(__arc__)\n#\tinclude <arc-linux-gnu/python3.13/pyconfig.h>\n\
                    #include <stdio.h>\n#endif\n";
        let targets = stub_targets(stub);
        assert_eq!(targets[0], "x86_64-linux-gnu/python3.13/pyconfig.h");
        assert_eq!(targets.len(), 2);
    }

    #[test]
    fn patchlevel_follows_the_version() {
        let host = "#define PY_MAJOR_VERSION        3\n#define PY_MINOR_VERSION        15\n\
                    #define PY_MICRO_VERSION        2\n\
                    #define PY_RELEASE_LEVEL        PY_RELEASE_LEVEL_FINAL\n\
                    #define PY_RELEASE_SERIAL       0\n#define PY_VERSION              \"3.15.2\"\n\
                    #define PY_VERSION_HEX ((PY_MAJOR_VERSION << 24) | \\\n";
        let target = patchlevel(host, "3.15.0rc1").unwrap();
        let expected = "#define PY_MAJOR_VERSION 3\n#define PY_MINOR_VERSION 15\n\
                        #define PY_MICRO_VERSION 0\n\
                        #define PY_RELEASE_LEVEL PY_RELEASE_LEVEL_GAMMA\n\
                        #define PY_RELEASE_SERIAL 1\n#define PY_VERSION \"3.15.0rc1\"\n\
                        #define PY_VERSION_HEX ((PY_MAJOR_VERSION << 24) | \\\n";
        assert_eq!(target, expected);
        assert_eq!(minor_version(host).as_deref(), Some("3.15"));
        assert!(
            patchlevel(host, "3.13.2")
                .unwrap()
                .contains("LEVEL_FINAL\n")
        );
        assert_eq!(patchlevel(host, "3.15"), None);
        assert_eq!(patchlevel(host, "3.15.0x1"), None);
    }
}
