//! What the build back ends need to be told, as data.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use camino::Utf8Path;

use crate::config_settings::{ConfigSettings, add_setting, put_first};
use crate::python::Env;

/// Folder, relative to the source, for back ends that would build in one with a random name:
/// the name ends up in `__FILE__` and in debug information.
const BUILD_DIR: &str = ".emshim-build";

/// The earliest time a zip archive can hold, 1980-01-01.
const EPOCH: &str = "315532800";

/// One back end's rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// First component of the back end's module name, or the whole of it.
    module: &'static str,
    /// Settings added to the user's.
    added: &'static [Added],
    /// Whether the back end's archives have the same time in every build as they are. The others
    /// take the clock's or the files' unless SOURCE_DATE_EPOCH is set.
    fixed_time: bool,
}

#[derive(Debug)]
enum Added {
    /// The Meson cross file as an argument, which also reaches a Meson that is not called `meson`
    /// and so is no shim.
    CrossFile { key: &'static str },
    /// A fixed build folder, unless the user gives one under any of these keys.
    BuildDir { keys: &'static [&'static str] },
}

const RULES: &[Rule] = &[
    Rule {
        module: "flit_core",
        added: &[],
        fixed_time: false,
    },
    Rule {
        module: "hatchling",
        added: &[],
        fixed_time: true,
    },
    Rule {
        module: "mesonpy",
        added: &[
            Added::CrossFile { key: "setup-args" },
            Added::BuildDir {
                keys: &["build-dir", "builddir"],
            },
        ],
        fixed_time: false,
    },
    Rule {
        module: "poetry",
        added: &[],
        fixed_time: true,
    },
    Rule {
        module: "scikit_build_core",
        added: &[Added::BuildDir {
            keys: &["build-dir"],
        }],
        fixed_time: false,
    },
];

/// For back ends without a rule of their own, setuptools among them.
const OTHER: Rule = Rule {
    module: "",
    added: &[],
    fixed_time: false,
};

/// The rule of a back end given as `module` or `module:object`.
pub(crate) fn rule(backend: &str) -> &'static Rule {
    let module = backend.split([':', '.']).next().unwrap_or_default();
    RULES
        .iter()
        .find(|rule| rule.module == module)
        .unwrap_or(&OTHER)
}

impl Rule {
    /// The user's settings with ours.
    pub(crate) fn settings(
        &self,
        given: &ConfigSettings,
        meson_cross: &Utf8Path,
    ) -> ConfigSettings {
        let mut settings = given.clone();
        for added in self.added {
            match added {
                Added::CrossFile { key } => {
                    // Meson takes the values of the user's own over it.
                    put_first(&mut settings, key, format!("--cross-file={meson_cross}"));
                }
                Added::BuildDir { keys } => {
                    if !keys.iter().any(|key| given.contains_key(*key)) {
                        add_setting(&mut settings, keys[0], BUILD_DIR);
                    }
                }
            }
        }
        settings
    }

    /// Variables that make the back end's output depend on its input alone.
    pub(crate) fn variables(&self, env: &Env) -> Vec<(String, String)> {
        let unset = |name: &str| !env.contains_key(OsStr::new(name));
        let mut variables = Vec::new();
        if unset("PYTHONHASHSEED") {
            variables.push(("PYTHONHASHSEED".to_owned(), "0".to_owned()));
        }
        if unset("SOURCE_DATE_EPOCH") && !self.fixed_time {
            variables.push(("SOURCE_DATE_EPOCH".to_owned(), EPOCH.to_owned()));
        }
        variables
    }
}

/// `CMAKE_ARGS` with the toolchain file after what the user has in it. Back ends that call a CMake of
/// the build requirements pass by the shim, and CMake reads the file's name in the environment since
/// 3.21 only.
pub(crate) fn cmake_args(
    variables: &BTreeMap<String, String>,
    env: &Env,
) -> Option<(String, String)> {
    let file = variables.get("CMAKE_TOOLCHAIN_FILE")?;
    let given = env.get(OsStr::new("CMAKE_ARGS"));
    let given = given.map(|args| args.to_string_lossy()).unwrap_or_default();
    if given.contains("CMAKE_TOOLCHAIN_FILE") {
        return None;
    }
    let argument = format!("-DCMAKE_TOOLCHAIN_FILE={file}");
    let args = format!("{given} {}", shell_words::quote(&argument));
    Some(("CMAKE_ARGS".to_owned(), args.trim_start().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_settings::{Setting, config_settings};

    #[test]
    fn meson_gets_the_cross_file_before_the_users_arguments() {
        let given = config_settings(["setup-args=--cross-file=mine"]);
        let settings = rule("mesonpy").settings(&given, Utf8Path::new("/x.cross"));
        let expected = ["--cross-file=/x.cross", "--cross-file=mine"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(settings["setup-args"], Setting::Many(expected));
        assert_eq!(settings["build-dir"], Setting::One(BUILD_DIR.into()));
    }

    #[test]
    fn the_users_build_folder_wins_under_either_name() {
        let given = config_settings(["builddir=b"]);
        let settings = rule("mesonpy").settings(&given, Utf8Path::new("/x.cross"));
        assert!(!settings.contains_key("build-dir"));
    }

    #[test]
    fn other_back_ends_get_the_users_settings_alone() {
        let given = config_settings(["--build-option=-v"]);
        for backend in [
            "setuptools.build_meta:__legacy__",
            "hatchling.build",
            "unknown",
        ] {
            assert_eq!(rule(backend).settings(&given, Utf8Path::new("/x")), given);
        }
    }

    #[test]
    fn cmakes_arguments_name_the_toolchain_file_once() {
        let variables = BTreeMap::from([("CMAKE_TOOLCHAIN_FILE".into(), "/a b/t.cmake".into())]);
        let args = |env: &Env| cmake_args(&variables, env).map(|(_, args)| args);
        let ours = "'-DCMAKE_TOOLCHAIN_FILE=/a b/t.cmake'";
        assert_eq!(args(&Env::new()).as_deref(), Some(ours));
        let users = Env::from([("CMAKE_ARGS".into(), "-DX=1".into())]);
        assert_eq!(args(&users), Some(format!("-DX=1 {ours}")));
        let chosen = Env::from([("CMAKE_ARGS".into(), "-DCMAKE_TOOLCHAIN_FILE=/u".into())]);
        assert_eq!(args(&chosen), None);
        assert_eq!(cmake_args(&BTreeMap::new(), &Env::new()), None);
    }

    #[test]
    fn times_are_set_where_nobody_sets_them() {
        let names = |backend: &str, env: &Env| -> Vec<String> {
            rule(backend)
                .variables(env)
                .into_iter()
                .map(|(name, _)| name)
                .collect()
        };
        let none = Env::new();
        assert_eq!(
            names("setuptools.build_meta", &none),
            ["PYTHONHASHSEED", "SOURCE_DATE_EPOCH"]
        );
        assert_eq!(names("hatchling.build", &none), ["PYTHONHASHSEED"]);
        let set = Env::from([("SOURCE_DATE_EPOCH".into(), "1".into())]);
        assert_eq!(names("setuptools.build_meta", &set), ["PYTHONHASHSEED"]);
    }
}
