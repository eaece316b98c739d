//! What is built for: the ABI table and Pyodide releases.
//!
//! Everything that differs from one Pyodide ABI to the next is a row of [`ABIS`]; a new Pyodide
//! release series is a row of [`SERIES`]. The `pyodide-lock.json` of the npm package names its own
//! ABI, so a release that is not in the table works as long as its ABI is.

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

/// The target when the user names none: the stable series' newest release.
pub const DEFAULT: &str = "pyodide@314.0.7";

/// The releases that emshim promises to serve on a machine that has nothing: each is provisioned
/// from nothing and checked by the tests, the default first.
pub const PROMISED: &[&str] = &[DEFAULT, "pyodide@0.29.5", "pyodide@315.0.0-alpha.2"];

/// How C++ exceptions and `setjmp` are implemented; caller and callee must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwinding {
    /// Through JavaScript (`-fexceptions`); code that does not throw needs no flag.
    JavaScript,
    /// WebAssembly exception handling (`-fwasm-exceptions`), longjmp included.
    Wasm,
}

/// One Pyodide ABI: what every extension module in one runtime has in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Abi {
    /// Name as in `pyodide-lock.json` and in wheel platform tags, such as `2025_0`.
    pub name: &'static str,
    /// Python's minor version, such as `3.13`.
    pub python: &'static str,
    /// The Emscripten the runtime was built with, such as `4.0.9`.
    pub emscripten: &'static str,
    /// Other Emscripten versions whose modules were tested in this ABI's runtime.
    pub tested: &'static [&'static str],
    /// Exceptions and `setjmp`.
    pub unwinding: Unwinding,
    /// Flags every compile needs.
    pub cflags: &'static [&'static str],
    /// Flags every C++ compile needs in addition.
    pub cxxflags: &'static [&'static str],
    /// Flags every side-module link needs, `-sSIDE_MODULE` and the exports excepted.
    pub ldflags: &'static [&'static str],
}

const WASM_EH_CFLAGS: &[&str] = &["-fPIC", "-fwasm-exceptions", "-sSUPPORT_LONGJMP=wasm"];
// i64 imports are legalised without WASM_BIGINT, and then `PyLong_AsLongLong` does not link at load.
const WASM_EH_LDFLAGS: &[&str] = &[
    "-sWASM_BIGINT",
    "-fwasm-exceptions",
    "-sSUPPORT_LONGJMP=wasm",
];

/// The ABI table, oldest first.
pub const ABIS: &[Abi] = &[
    Abi {
        name: "2024_0",
        python: "3.12",
        emscripten: "3.1.58",
        tested: &[],
        unwinding: Unwinding::JavaScript,
        cflags: &["-fPIC"],
        cxxflags: &["-fexceptions"],
        ldflags: &["-sWASM_BIGINT", "-fexceptions"],
    },
    Abi {
        name: "2025_0",
        python: "3.13",
        emscripten: "4.0.9",
        tested: &["3.1.69"],
        unwinding: Unwinding::Wasm,
        cflags: WASM_EH_CFLAGS,
        cxxflags: &[],
        ldflags: WASM_EH_LDFLAGS,
    },
    Abi {
        name: "2026_0",
        python: "3.14",
        emscripten: "5.0.3",
        tested: &["6.0.5"],
        unwinding: Unwinding::Wasm,
        cflags: WASM_EH_CFLAGS,
        cxxflags: &[],
        ldflags: WASM_EH_LDFLAGS,
    },
    Abi {
        name: "2026_5",
        python: "3.15",
        emscripten: "6.0.5",
        tested: &[],
        unwinding: Unwinding::Wasm,
        cflags: WASM_EH_CFLAGS,
        cxxflags: &[],
        ldflags: WASM_EH_LDFLAGS,
    },
];

/// Pyodide release series and the name of their ABI. A series is the leading components of a
/// version: `0.29` covers `0.29.5`, `314` covers `314.0.7`.
pub const SERIES: &[(&str, &str)] = &[
    ("0.26", "2024_0"),
    ("0.27", "2024_0"),
    ("0.28", "2025_0"),
    ("0.29", "2025_0"),
    ("314", "2026_0"),
    ("315", "2026_5"),
];

/// A target could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Not of the form `pyodide@VERSION`.
    #[error("`{given}` is not a target; write pyodide@VERSION, such as {DEFAULT}")]
    Syntax {
        /// What the user wrote.
        given: String,
    },
    /// A release whose ABI is not known before its npm package is read.
    #[error(
        "the ABI of {name} is not in the table; its npm package names it (known series: {known})"
    )]
    UnknownRelease {
        /// The release.
        name: TargetName,
        /// The series of the table.
        known: String,
    },
    /// The npm package names an ABI this emshim does not know.
    #[error(
        "{name} has ABI {abi}, which this emshim does not know (known: {known}); use another --target"
    )]
    UnknownAbi {
        /// The release.
        name: TargetName,
        /// The ABI its lock names.
        abi: String,
        /// The ABIs of the table.
        known: String,
    },
    /// The npm package and the table do not agree.
    #[error(
        "{path}: {what} is {found}, but ABI {abi} has {expected}; the package is damaged or not an official release"
    )]
    Disagrees {
        /// The lock file.
        path: Utf8PathBuf,
        /// Which fact.
        what: &'static str,
        /// What the lock says.
        found: String,
        /// The ABI.
        abi: &'static str,
        /// What the table says.
        expected: String,
    },
    /// The lock file is missing, unreadable or of another layout.
    #[error("cannot read {path}: {why}; delete its folder to have Pyodide fetched again")]
    Lock {
        /// The lock file.
        path: Utf8PathBuf,
        /// What went wrong.
        why: String,
    },
}

/// A target as the user names it: a Pyodide release.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TargetName {
    release: String,
}

impl TargetName {
    /// Reads `pyodide@VERSION`.
    ///
    /// # Errors
    /// The text has another form.
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        let syntax = || TargetError::Syntax {
            given: given.to_owned(),
        };
        let release = given.strip_prefix("pyodide@").ok_or_else(syntax)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if !release.starts_with(|c: char| c.is_ascii_digit()) || !release.chars().all(plain) {
            return Err(syntax());
        }
        Ok(Self {
            release: release.to_owned(),
        })
    }

    /// The version of the `pyodide` npm package.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// The ABI according to [`SERIES`], known without the npm package.
    #[must_use]
    pub fn known_abi(&self) -> Option<&'static Abi> {
        let of_series = |series: &str| {
            self.release
                .strip_prefix(series)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        SERIES
            .iter()
            .find(|(series, _)| of_series(series))
            .and_then(|(_, abi)| abi_named(abi))
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pyodide@{}", self.release)
    }
}

/// A Pyodide release and its ABI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The release.
    pub name: TargetName,
    /// Its ABI.
    pub abi: &'static Abi,
}

/// Whether an Emscripten version may build for an ABI; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EmscriptenFit {
    /// The version the runtime was built with.
    Exact,
    /// Another version, tested with this ABI.
    TestedPair,
    /// Another version that no row of the table knows and that passed the checks of a toolchain on
    /// this machine.
    OnTrial,
    /// None of these.
    Untested,
}

impl EmscriptenFit {
    /// The word for records and wheel metadata.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::TestedPair => "tested-pair",
            Self::OnTrial => "on-trial",
            Self::Untested => "untested",
        }
    }
}

impl Target {
    /// The target of a name whose ABI the table knows.
    ///
    /// # Errors
    /// The text is no target name, or its release series is not in [`SERIES`]; then read the npm
    /// package and use [`Target::from_lock`].
    pub fn parse(given: &str) -> Result<Self, TargetError> {
        let name = TargetName::parse(given)?;
        match name.known_abi() {
            Some(abi) => Ok(Self { name, abi }),
            None => Err(TargetError::UnknownRelease {
                name,
                known: SERIES
                    .iter()
                    .map(|(s, _)| *s)
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// The target as its npm package describes it, checked against the table.
    ///
    /// # Errors
    /// The lock names an unknown ABI, or its Python or Emscripten is not that ABI's.
    pub fn from_lock(name: TargetName, lock: &Lock) -> Result<Self, TargetError> {
        let abi = abi_named(&lock.abi).ok_or_else(|| TargetError::UnknownAbi {
            name: name.clone(),
            abi: lock.abi.clone(),
            known: ABIS.iter().map(|a| a.name).collect::<Vec<_>>().join(", "),
        })?;
        let expect = |what, found: &str, expected: &str, agrees: bool| {
            if agrees {
                return Ok(());
            }
            Err(TargetError::Disagrees {
                path: lock.path.clone(),
                what,
                found: found.to_owned(),
                abi: abi.name,
                expected: expected.to_owned(),
            })
        };
        let minor = lock.python_minor();
        expect("Python", &lock.python, abi.python, minor == abi.python)?;
        let emscripten = &lock.emscripten;
        expect(
            "Emscripten",
            emscripten,
            abi.emscripten,
            emscripten == abi.emscripten,
        )?;
        if let Some(listed) = name.known_abi() {
            expect("the ABI", abi.name, listed.name, listed == abi)?;
        }
        Ok(Self { name, abi })
    }

    /// Interpreter tag of wheels, such as `cp313`.
    #[must_use]
    pub fn python_tag(&self) -> String {
        format!("cp{}", self.abi.python.replace('.', ""))
    }

    /// What `sysconfig.get_platform()` says in the runtime, such as `emscripten_4_0_9_wasm32`,
    /// in the spelling of wheel tags. Build back ends see it as the platform.
    #[must_use]
    pub fn host_platform(&self) -> String {
        format!(
            "emscripten_{}_wasm32",
            self.abi.emscripten.replace('.', "_")
        )
    }

    /// How an Emscripten version fits the target, as far as the table knows.
    #[must_use]
    pub fn check_emscripten(&self, version: &str) -> EmscriptenFit {
        if version == self.abi.emscripten {
            EmscriptenFit::Exact
        } else if self.abi.tested.contains(&version) {
            EmscriptenFit::TestedPair
        } else {
            EmscriptenFit::Untested
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// What a Pyodide npm package says of itself in `pyodide-lock.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The file.
    pub path: Utf8PathBuf,
    /// ABI, such as `2025_0`.
    pub abi: String,
    /// Full Python version, such as `3.13.2` or `3.15.0rc1`.
    pub python: String,
    /// Emscripten version, such as `4.0.9`.
    pub emscripten: String,
    /// micropip, by which its users install wheels, then what that needs; empty if the lock names
    /// none.
    pub micropip: Vec<Locked>,
}

/// A package of the release's distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Lock {
    /// Reads `pyodide-lock.json` in the unpacked npm package.
    ///
    /// # Errors
    /// The file is missing, no JSON, or lacks `info.abi_version`, `info.python` or `info.platform`.
    pub fn read(pyodide: &Utf8Path) -> Result<Self, TargetError> {
        #[derive(Deserialize)]
        struct File {
            info: Info,
            #[serde(default)]
            packages: BTreeMap<String, Package>,
        }
        #[derive(Deserialize)]
        struct Info {
            abi_version: String,
            python: String,
            platform: String,
        }
        let path = pyodide.join("pyodide-lock.json");
        let unusable = |why: String| TargetError::Lock {
            path: path.clone(),
            why,
        };
        let text = std::fs::read_to_string(&path).map_err(|e| unusable(e.to_string()))?;
        let File { info, packages } =
            serde_json::from_str(&text).map_err(|e| unusable(e.to_string()))?;
        let emscripten = info
            .platform
            .strip_prefix("emscripten_")
            .ok_or_else(|| unusable(format!("platform {} is not Emscripten", info.platform)))?
            .replace('_', ".");
        Ok(Self {
            abi: info.abi_version,
            python: info.python,
            emscripten,
            micropip: with_needs("micropip", &packages),
            path,
        })
    }

    /// Python's minor version, such as `3.13`.
    #[must_use]
    pub fn python_minor(&self) -> &str {
        match self.python.match_indices('.').nth(1) {
            Some((at, _)) => &self.python[..at],
            None => &self.python,
        }
    }
}

/// A package of a lock file.
#[derive(Deserialize)]
struct Package {
    version: String,
    #[serde(default)]
    depends: Vec<String>,
}

/// A package and all it needs, itself first; what the lock does not have is left out.
fn with_needs(name: &str, packages: &BTreeMap<String, Package>) -> Vec<Locked> {
    let mut names = vec![name.to_owned()];
    let mut all = Vec::new();
    while let Some(name) = names.get(all.len()).cloned() {
        let Some(package) = packages.get(&name) else {
            names.retain(|other| *other != name);
            continue;
        };
        for need in &package.depends {
            if !names.contains(need) {
                names.push(need.clone());
            }
        }
        let version = package.version.clone();
        all.push(Locked { name, version });
    }
    all
}

fn abi_named(name: &str) -> Option<&'static Abi> {
    ABIS.iter().find(|abi| abi.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(abi: &str, python: &str, emscripten: &str) -> Lock {
        Lock {
            path: "pyodide-lock.json".into(),
            abi: abi.into(),
            python: python.into(),
            emscripten: emscripten.into(),
            micropip: Vec::new(),
        }
    }

    #[test]
    fn every_series_names_an_abi_of_the_table() {
        for (series, abi) in SERIES {
            assert!(abi_named(abi).is_some(), "{series}");
        }
        for promised in PROMISED {
            assert!(Target::parse(promised).is_ok(), "{promised}");
        }
    }

    #[test]
    fn releases_map_to_their_series() {
        let abi = |given: &str| Target::parse(given).unwrap().abi.name;
        assert_eq!(abi("pyodide@0.26.4"), "2024_0");
        assert_eq!(abi("pyodide@0.29.5"), "2025_0");
        assert_eq!(abi("pyodide@314.0.7"), "2026_0");
        assert_eq!(abi("pyodide@315.0.0-alpha.2"), "2026_5");
    }

    #[test]
    fn a_series_is_whole_components() {
        for unknown in [
            "pyodide@0.2",
            "pyodide@0.290.1",
            "pyodide@3150.0",
            "pyodide@0.25.1",
        ] {
            let error = Target::parse(unknown).unwrap_err().to_string();
            assert!(error.contains("0.29"), "{error}");
        }
    }

    #[test]
    fn other_forms_are_refused_by_name() {
        for bad in [
            "",
            "pyodide",
            "pyodide@",
            "pyodide@latest",
            "pyodide@../x",
            "wasi@1.0",
        ] {
            let error = TargetName::parse(bad).unwrap_err().to_string();
            assert!(error.contains(&format!("`{bad}`")), "{error}");
        }
    }

    #[test]
    fn names_of_the_platform() {
        let target = Target::parse("pyodide@0.29.5").unwrap();
        assert_eq!(target.host_platform(), "emscripten_4_0_9_wasm32");
        assert_eq!(target.python_tag(), "cp313");
    }

    #[test]
    fn emscripten_versions_fit_exactly_or_by_test() {
        let target = Target::parse("pyodide@0.29.5").unwrap();
        assert_eq!(target.check_emscripten("4.0.9"), EmscriptenFit::Exact);
        assert_eq!(target.check_emscripten("3.1.69"), EmscriptenFit::TestedPair);
        assert_eq!(target.check_emscripten("3.1.6"), EmscriptenFit::Untested);
    }

    #[test]
    fn an_unlisted_release_with_a_known_abi_works() {
        let name = TargetName::parse("pyodide@400.1.0").unwrap();
        let target = Target::from_lock(name, &lock("2026_5", "3.15.0rc1", "6.0.5")).unwrap();
        assert_eq!(target.abi.python, "3.15");
    }

    #[test]
    fn a_lock_that_contradicts_the_table_is_refused() {
        let name = || TargetName::parse("pyodide@0.29.5").unwrap();
        let error = |lock| Target::from_lock(name(), &lock).unwrap_err().to_string();
        assert!(error(lock("2031_0", "3.19.0", "9.0.0")).contains("2031_0"));
        assert!(error(lock("2025_0", "3.12.7", "4.0.9")).contains("Python is 3.12.7"));
        assert!(error(lock("2025_0", "3.13.2", "4.0.8")).contains("Emscripten is 4.0.8"));
        assert!(error(lock("2026_0", "3.14.2", "5.0.3")).contains("ABI is 2026_0"));
    }

    #[test]
    fn reads_the_lock_of_a_package() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        assert!(
            Lock::read(dir)
                .unwrap_err()
                .to_string()
                .contains("pyodide-lock.json")
        );
        let text = r#"{"info": {"abi_version": "2025_0", "arch": "wasm32",
            "platform": "emscripten_4_0_9", "python": "3.13.2"}, "packages": {}}"#;
        std::fs::write(dir.join("pyodide-lock.json"), text).unwrap();
        let lock = Lock::read(dir).unwrap();
        assert_eq!(
            (lock.abi.as_str(), lock.emscripten.as_str()),
            ("2025_0", "4.0.9")
        );
        assert_eq!(lock.python_minor(), "3.13");
        assert_eq!(lock.micropip, []);
        let packages = r#""packages": {
            "micropip": {"version": "0.9.0", "depends": ["packaging", "absent", "a"]},
            "packaging": {"version": "24.2", "depends": ["micropip"]},
            "a": {"version": "1", "depends": ["packaging"]},
            "numpy": {"version": "2"}}"#;
        let text = text.replace(r#""packages": {}"#, packages);
        std::fs::write(dir.join("pyodide-lock.json"), text).unwrap();
        let lock = Lock::read(dir).unwrap();
        let names: Vec<_> = lock.micropip.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["micropip", "packaging", "a"]);
        assert_eq!(lock.micropip[0].version, "0.9.0");
    }
}
