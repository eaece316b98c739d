//! Which wheels a run needs: requirements resolved for the target from the index pip is
//! configured for and from folders of wheels.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::files::{self, Context as _, FileError};
use crate::python::{Output, Python, Script, ScriptError};
use crate::tags::PlatformTags;
use crate::target::{Lock, Target};
use crate::wheel::{WheelName, WheelNameError};

const SCRIPT: Script = Script {
    name: "resolve",
    texts: &[
        include_str!("../assets/pip_failures.py"),
        include_str!("../assets/resolve.py"),
    ],
};

/// What wheels are resolved for and from.
#[derive(Debug, Clone)]
pub struct Resolver<'a> {
    /// The tools' interpreter, which has pip, and the host's environment.
    pub tools: &'a Python,
    /// The target.
    pub target: &'a Target,
    /// What its npm package says of itself.
    pub lock: &'a Lock,
    /// The platform tags it takes.
    pub tags: &'a PlatformTags,
    /// Folders of wheels to look in besides the index.
    pub find_links: &'a [Utf8PathBuf],
}

/// Requirements could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The script that runs pip failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Not a wheel's file name.
    #[error(transparent)]
    Name(#[from] WheelNameError),
    /// A wheel for another platform or interpreter.
    #[error(
        "{path} cannot be installed in {target}, which takes wheels for {wanted}; build it with \
         `emshim build --target {target} {project}`"
    )]
    OtherTarget {
        /// The wheel.
        path: Utf8PathBuf,
        /// The target.
        target: String,
        /// Tags that run there.
        wanted: String,
        /// The wheel's project.
        project: String,
    },
    /// A path that is not there.
    #[error("there is no wheel {path}")]
    NoSuchWheel {
        /// The path.
        path: Utf8PathBuf,
    },
    /// No wheel of a requirement runs on the target.
    #[error(
        "no wheel of {requirement} runs in {target}; build it with `emshim build {}` and run again\n{why}",
        remedy_requirement(.requirement)
    )]
    NoWheel {
        /// The requirement.
        requirement: String,
        /// The target.
        target: String,
        /// What pip said.
        why: String,
    },
    /// The index is down or unreachable.
    #[error(
        "the index does not answer: {why}; check the network and pip's configuration (pip config list)"
    )]
    Unanswered {
        /// What the connection said.
        why: String,
    },
    /// Anything else pip refuses: no requirement, a conflict.
    #[error("pip cannot resolve {}:\n{why}", .requirements.join(", "))]
    Pip {
        /// What was asked for.
        requirements: Vec<String>,
        /// What pip said.
        why: String,
    },
}

/// The project of a requirement pip could not satisfy, with an exact version where it has one.
fn remedy_requirement(requirement: &str) -> &str {
    let end = requirement.find(['<', '>', '~', '!', ';', '[', ',', ' ']);
    &requirement[..end.unwrap_or(requirement.len())]
}

#[derive(Serialize)]
struct CollectInput<'a> {
    requirements: &'a [String],
    folder: &'a Utf8Path,
    python_version: &'a str,
    platforms: &'a [String],
    abis: [String; 1],
    find_links: &'a [Utf8PathBuf],
    markers: BTreeMap<&'static str, String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Refusal {
    NoWheel { requirement: String, why: String },
    Unanswered { why: String },
    Pip { why: String },
}

/// Wheels pip collected for one run; dropping it removes them.
#[derive(Debug)]
pub struct Collected {
    wheels: Vec<Utf8PathBuf>,
    _temp: tempfile::TempDir,
}

impl std::ops::Deref for Collected {
    type Target = [Utf8PathBuf];

    fn deref(&self) -> &[Utf8PathBuf] {
        &self.wheels
    }
}

impl Resolver<'_> {
    /// Collects the wheels of the requirements and of all they depend on below `parent`. A
    /// requirement is `NAME`, `NAME==VERSION` and the like, or the path of a wheel; a relative
    /// path is relative to `cwd`.
    ///
    /// # Errors
    /// There is no such wheel, it is for another target, or pip finds none.
    pub fn collect(
        &self,
        requirements: &[String],
        cwd: &Utf8Path,
        parent: &Utf8Path,
        output: &mut Output<'_>,
    ) -> Result<Collected, ResolveError> {
        let requirements = requirements
            .iter()
            .map(|requirement| self.requirement(requirement, cwd))
            .collect::<Result<Vec<_>, _>>()?;
        files::create_dir_all(parent)?;
        let temp = tempfile::Builder::new()
            .prefix("wheels-")
            .tempdir_in(parent)
            .context("create a folder in", parent)?;
        let folder = Utf8Path::from_path(temp.path()).expect("a UTF-8 folder and an ASCII name");
        let request = CollectInput {
            requirements: &requirements,
            folder,
            python_version: numeric(&self.lock.python),
            platforms: self.tags.taken(),
            abis: [self.target.python_tag()],
            find_links: self.find_links,
            markers: self.markers(),
        };
        let names = self
            .tools
            .call::<Vec<String>, Refusal>(SCRIPT, &request, output)?;
        match names {
            Ok(names) => {
                let wheels = names.into_iter().map(|name| folder.join(name)).collect();
                Ok(Collected {
                    wheels,
                    _temp: temp,
                })
            }
            Err(Refusal::NoWheel { requirement, why }) => Err(ResolveError::NoWheel {
                requirement,
                target: self.target.to_string(),
                why,
            }),
            Err(Refusal::Unanswered { why }) => Err(ResolveError::Unanswered { why }),
            Err(Refusal::Pip { why }) => Err(ResolveError::Pip { requirements, why }),
        }
    }

    /// Environment markers (PEP 508) as they are in the runtime.
    pub(crate) fn markers(&self) -> BTreeMap<&'static str, String> {
        let version = &self.lock.python;
        let fixed = [
            ("os_name", "posix"),
            ("sys_platform", "emscripten"),
            ("platform_machine", "wasm32"),
            ("platform_system", "Emscripten"),
            ("platform_version", "#1"),
            ("platform_python_implementation", "CPython"),
            ("implementation_name", "cpython"),
        ];
        let mut markers: BTreeMap<_, _> = fixed
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        markers.insert("platform_release", self.lock.emscripten.clone());
        markers.insert("python_version", self.target.abi.python.to_owned());
        markers.insert("python_full_version", version.clone());
        markers.insert("implementation_version", version.clone());
        markers
    }

    /// Checks a wheel's path and makes it absolute; anything else is pip's to read.
    fn requirement(&self, given: &str, cwd: &Utf8Path) -> Result<String, ResolveError> {
        if !given.ends_with(".whl") {
            return Ok(given.to_owned());
        }
        let path = cwd.join(given);
        if !path.is_file() {
            return Err(ResolveError::NoSuchWheel { path });
        }
        let name = WheelName::parse(path.file_name().unwrap_or_default())?;
        if !self.tags.takes(&name) {
            return Err(ResolveError::OtherTarget {
                path,
                target: self.target.to_string(),
                wanted: self.tags.wanted(),
                project: name.project(),
            });
        }
        Ok(path.into_string())
    }
}

/// The numbers of a version, without a pre-release's suffix, which pip's option does not take.
fn numeric(version: &str) -> &str {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    &version[..end.unwrap_or(version.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::Env;
    use crate::target::{Locked, TargetName};
    use crate::wheel::{self, Entry};

    fn with_resolver<T>(test: impl FnOnce(&Resolver<'_>) -> T) -> T {
        let tools = Python {
            exe: "python3".into(),
            env: Env::new(),
        };
        let lock = Lock {
            path: "pyodide-lock.json".into(),
            abi: "2025_0".into(),
            python: "3.13.2".into(),
            emscripten: "4.0.9".into(),
            micropip: Vec::new(),
        };
        let name = TargetName::parse("pyodide@0.29.5").unwrap();
        let target = Target::from_lock(name, &lock).unwrap();
        test(&Resolver {
            tools: &tools,
            target: &target,
            lock: &lock,
            tags: &PlatformTags::new(&target, &lock),
            find_links: &[],
        })
    }

    #[test]
    fn wheels_are_checked_before_pip_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        let cwd = Utf8Path::from_path(dir.path()).unwrap();
        let ours = "a-1-cp313-cp313-pyemscripten_2025_0_wasm32.whl";
        let legacy = "a-1-cp313-cp313-pyodide_2025_0_wasm32.whl";
        let host = "a-1-cp313-cp313-manylinux_2_17_x86_64.whl";
        for name in [ours, legacy, host, "a-1.whl"] {
            std::fs::write(cwd.join(name), "").unwrap();
        }
        with_resolver(|resolver| {
            let check = |given: &str| resolver.requirement(given, cwd);
            assert_eq!(check(ours).unwrap(), cwd.join(ours).as_str());
            assert!(check(legacy).is_ok());
            assert_eq!(check("numpy==2").unwrap(), "numpy==2");
            let error = check(host).unwrap_err().to_string();
            assert!(
                error.contains(host) && error.contains("emshim build --target pyodide@0.29.5 a"),
                "{error}"
            );
            // A release whose own micropip knows the older spelling alone.
            let mut lock = resolver.lock.clone();
            lock.micropip = vec![Locked {
                name: "micropip".into(),
                version: "0.11.0".into(),
            }];
            let tags = PlatformTags::new(resolver.target, &lock);
            let older = Resolver {
                tags: &tags,
                ..resolver.clone()
            };
            let error = older.requirement(ours, cwd).unwrap_err().to_string();
            assert!(error.contains(ours) && error.contains("0.11.0"), "{error}");
            assert!(older.requirement(legacy, cwd).is_ok());
            assert!(
                check("none-1-py3-none-any.whl")
                    .unwrap_err()
                    .to_string()
                    .contains("none-1")
            );
            assert!(check("a-1.whl").is_err());
        });
    }

    #[test]
    fn markers_are_the_runtimes() {
        with_resolver(|resolver| {
            let markers = resolver.markers();
            assert_eq!(markers["sys_platform"], "emscripten");
            assert_eq!(markers["python_full_version"], "3.13.2");
            assert_eq!(markers["python_version"], "3.13");
        });
    }

    /// Puts a wheel into a folder, with these requirements.
    fn wheel(folder: &Utf8Path, file: &str, requires: &[&str]) {
        let name = WheelName::parse(file).unwrap();
        let mut metadata = format!(
            "Metadata-Version: 2.1\nName: {}\nVersion: {}\n",
            name.name, name.version
        );
        for requirement in requires {
            metadata += &format!("Requires-Dist: {requirement}\n");
        }
        let info = format!("{}-{}.dist-info", name.name, name.version);
        let members = [
            ("METADATA", metadata),
            (
                "WHEEL",
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n".to_owned(),
            ),
            ("RECORD", String::new()),
        ];
        let entry = |(file, text): (&str, String)| {
            let entry = Entry {
                bytes: text.into_bytes(),
                executable: false,
            };
            (format!("{info}/{file}"), entry)
        };
        let bytes = wheel::write(&members.map(entry).into(), None).unwrap();
        files::write_atomic(&folder.join(file), &bytes).unwrap();
    }

    /// Resolves with pip from a folder alone, and gives the names of the wheels collected.
    fn collect(folder: &Utf8Path, requirements: &[&str]) -> Result<Vec<String>, ResolveError> {
        with_resolver(|resolver| {
            let mut env: Env = std::env::vars_os().collect();
            env.retain(|name, _| !name.as_encoded_bytes().starts_with(b"PIP_"));
            for (name, value) in [("PIP_CONFIG_FILE", "/dev/null"), ("PIP_NO_INDEX", "1")] {
                env.insert(name.into(), value.into());
            }
            let tools = Python {
                exe: "python3".into(),
                env,
            };
            let links = [folder.to_owned()];
            let resolver = Resolver {
                tools: &tools,
                find_links: &links,
                ..resolver.clone()
            };
            let requirements: Vec<String> = requirements.iter().map(|r| (*r).to_owned()).collect();
            let log = folder.join("log");
            let mut output = Output {
                log: &log,
                line: &mut |_| {},
            };
            let wheels =
                resolver.collect(&requirements, folder, &folder.join("tmp"), &mut output)?;
            assert!(wheels.iter().all(|wheel| wheel.is_file()));
            let name = |wheel: &Utf8PathBuf| wheel.file_name().unwrap().to_owned();
            Ok(wheels.iter().map(name).collect())
        })
    }

    #[test]
    fn pip_resolves_for_the_target_and_not_for_the_host() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let requires = [
            "there; sys_platform == 'emscripten' and platform_machine == 'wasm32'",
            "old; python_version < '3.13'",
            "here; sys_platform == 'linux'",
        ];
        wheel(dir, "app-1-py3-none-any.whl", &requires);
        wheel(
            dir,
            "there-1-cp313-cp313-pyemscripten_2025_0_wasm32.whl",
            &[],
        );
        wheel(dir, "there-2-cp313-cp313-manylinux_2_17_x86_64.whl", &[]);
        wheel(dir, "legacy-1-cp39-abi3-pyodide_2025_0_wasm32.whl", &[]);
        wheel(dir, "python-1-py3-none-any.whl", &[]);
        let expected = [
            "app-1-py3-none-any.whl",
            "legacy-1-cp39-abi3-pyodide_2025_0_wasm32.whl",
            "there-1-cp313-cp313-pyemscripten_2025_0_wasm32.whl",
        ];
        assert_eq!(
            collect(dir, &["app-1-py3-none-any.whl", "legacy"]).unwrap(),
            expected
        );
        // Nothing of one run is left for the next.
        assert_eq!(
            collect(dir, &["python"]).unwrap(),
            ["python-1-py3-none-any.whl"]
        );
    }

    #[test]
    fn what_has_no_wheel_for_the_target_comes_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        wheel(dir, "app-1-py3-none-any.whl", &["native>=2"]);
        wheel(dir, "native-2-cp313-cp313-manylinux_2_17_x86_64.whl", &[]);
        let error = collect(dir, &["app"]).unwrap_err();
        assert!(
            error.to_string().contains("emshim build native`"),
            "{error}"
        );
        assert!(matches!(error, ResolveError::NoWheel { .. }));
        let error = collect(dir, &["not a requirement"]).unwrap_err();
        assert!(matches!(error, ResolveError::Pip { .. }), "{error}");
    }

    #[test]
    fn remedies_name_what_can_be_built() {
        assert_eq!(remedy_requirement("numpy>=2"), "numpy");
        assert_eq!(remedy_requirement("numpy==2.4.6"), "numpy==2.4.6");
        assert_eq!(remedy_requirement("a[b]==1"), "a");
        assert_eq!(numeric("3.15.0rc1"), "3.15.0");
    }
}
