//! What is there and what is missing: looks only, provisions nothing.

use camino::Utf8PathBuf;
use disk::contents::{self, Look};
use disk::later;

use crate::archive::Archive;
use crate::command::Command;
use crate::error::megabytes;
use crate::machine::Env;
use crate::{
    Emscripten, Error, HostPython, Origin, Store, Suite, apt, debian, f2c, find, pyodide, tools,
};

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There and fit.
    Ready,
    /// Not there yet; emshim gets it when it is first needed.
    OnDemand,
    /// Not there, and only sometimes needed.
    Optional,
    /// Not there or unfit: the user has to act.
    Missing,
}

/// One thing looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for, such as `node`.
    pub what: String,
    /// How it stands.
    pub verdict: Verdict,
    /// Its version, or a size.
    pub version: Option<String>,
    /// Where it is: a file, a folder or an address.
    pub place: Option<String>,
    /// Where it comes from, such as `PATH` or `Debian trixie`.
    pub origin: Option<String>,
    /// What to do, where something can be done.
    pub remedy: Option<String>,
}

impl Finding {
    fn new(what: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            what: what.into(),
            verdict,
            version: None,
            place: None,
            origin: None,
            remedy: None,
        }
    }

    fn ready(what: impl Into<String>, version: String, place: impl ToString) -> Self {
        Self {
            version: Some(version),
            place: Some(place.to_string()),
            ..Self::new(what, Verdict::Ready)
        }
    }

    fn from(self, origin: &Origin) -> Self {
        Self {
            origin: Some(origin.to_string()),
            ..self
        }
    }

    fn missing(what: impl Into<String>, error: &Error) -> Self {
        Self {
            remedy: Some(error.to_string()),
            ..Self::new(what, Verdict::Missing)
        }
    }

    /// What emshim gets from a suite when it is first needed.
    fn provisionable(what: impl Into<String>, version: String, suite: &Suite) -> Self {
        Self {
            version: Some(version),
            ..Self::lacking(what, Verdict::OnDemand, ON_DEMAND)
        }
        .from(&origin(suite))
    }

    fn lacking(what: impl Into<String>, verdict: Verdict, remedy: &str) -> Self {
        Self {
            remedy: Some(remedy.to_owned()),
            ..Self::new(what, verdict)
        }
    }
}

fn origin(suite: &Suite) -> Origin {
    Origin::Debian {
        suite: suite.name.to_owned(),
    }
}

const ON_DEMAND: &str = "emshim gets it when it is first needed, or now with `emshim setup`";

/// Where a build gets its toolchain. The caller has the rule; looking only tells how it stands.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The user's own Emscripten, if it is the one to be used.
    pub emscripten: Option<&'a Emscripten>,
    /// The user's own Python, if it is the one to be used.
    pub python: Option<&'a HostPython>,
    /// The suite that the rest comes from, if one serves.
    pub suite: Option<&'static Suite>,
    /// Python's minor version, such as `3.14`.
    pub minor: &'a str,
    /// Pyodide's release.
    pub pyodide: &'a str,
}

/// Looks for everything a build for a Pyodide release needs, in the order it is needed.
#[must_use]
pub fn examine(env: &Env, store: &Store, sources: &Sources<'_>) -> Vec<Finding> {
    let in_store = sources
        .suite
        .and_then(|suite| Some((suite, debian::look(store, suite)?)));
    let emscripten = match (sources.emscripten, sources.suite, &in_store) {
        (Some(own), ..) => Finding::ready("emcc", own.version.clone(), &own.root).from(&own.origin),
        (None, _, Some((suite, (root, versions)))) => {
            Finding::ready("emcc", versions.emscripten.clone(), root).from(&origin(suite))
        }
        (None, Some(suite), None) => {
            Finding::provisionable("emcc", suite.emscripten.to_owned(), suite)
        }
        (None, None, _) => Finding::new("emcc", Verdict::Missing),
    };
    let minor = sources.minor;
    let name = format!("python{minor}");
    let python = match (sources.python, sources.suite, &in_store) {
        (Some(own), ..) => Finding::ready(name, own.version.clone(), &own.exe).from(&own.origin),
        (None, _, Some((suite, (root, versions)))) => match versions.pythons.get(minor) {
            Some(version) => Finding::ready(name, version.clone(), root).from(&origin(suite)),
            None => Finding::lacking(
                name,
                Verdict::Missing,
                &format!(
                    "Debian {} has it no more: put one with its headers in PATH",
                    suite.name
                ),
            ),
        },
        (None, Some(suite), None) => Finding::provisionable(name, minor.to_owned(), suite),
        (None, None, _) => {
            let remedy = "no Debian suite has it: put one with its headers in PATH";
            Finding::lacking(name, Verdict::Missing, remedy)
        }
    };
    let provisions = emscripten.verdict != Verdict::Ready || python.verdict != Verdict::Ready;
    let mut findings = vec![
        emscripten,
        python,
        match find::find_node(env) {
            Ok(node) => Finding::ready("node", node.version, node.exe),
            Err(error) => Finding::missing("node", &error),
        },
        f2c_finding(env, store, sources.suite),
        pyodide_finding(store, sources.pyodide),
        npm(env),
        match tools::find_pip(env) {
            Ok(pip) => Finding::ready("pip", pip.version, pip.python),
            Err(error) => Finding::missing("pip", &error),
        },
        apt_finding(env, store, provisions),
        builder(env, "cmake"),
        builder(env, "meson"),
        Finding::ready(
            "store",
            format!("{} MB", megabytes(store.size())),
            store.root(),
        ),
    ];
    findings.extend(changed(store));
    findings
}

/// Folders of the store whose files are not what they were made with. Sizes and times are looked at whenever
/// a folder is used; here every byte is read, and what changed without these is found.
fn changed(store: &Store) -> Vec<Finding> {
    let below = |folder: Utf8PathBuf| folder.read_dir_utf8().into_iter().flatten().flatten();
    let folders = store.folders().flat_map(below);
    let mut folders: Vec<_> = folders.map(camino::Utf8DirEntry::into_path).collect();
    folders.retain(|folder| contents::is_sealed(folder));
    folders.sort();
    let finding = |place: String, remedy: String| Finding {
        place: Some(place),
        ..Finding::lacking("store", Verdict::Missing, &remedy)
    };
    let own = folders.iter().filter_map(|folder| {
        let file = contents::first_change(folder, Look::Bytes)?;
        let remedy = format!(
            "{file} is not what emshim put there: remove the folder, and emshim gets it again"
        );
        Some(finding(folder.to_string(), remedy))
    });
    let later = folders.iter().flat_map(|folder| {
        later::changes(folder).into_iter().map(|file| {
            let remedy = "not what Emscripten put there: remove it, and Emscripten makes it again";
            finding(folder.join(file).into_string(), remedy.to_owned())
        })
    });
    own.chain(later).collect()
}

/// f2c, for FORTRAN sources.
fn f2c_finding(env: &Env, store: &Store, suite: Option<&Suite>) -> Finding {
    let at = |place: Utf8PathBuf, origin: String| Finding {
        place: Some(place.into_string()),
        origin: Some(origin),
        ..Finding::new("f2c", Verdict::Ready)
    };
    match f2c::find_user_f2c(env) {
        Err(error) => Finding::missing("f2c", &error),
        Ok(Some((own, how))) => at(own, how.to_owned()),
        Ok(None) => match (
            suite.and_then(|suite| Some((debian::f2c(store, suite)?, suite))),
            f2c::look(store),
        ) {
            (Some((unpacked, suite)), _) => at(unpacked, origin(suite).to_string()),
            (None, Some(built)) => at(built, "its source".to_owned()),
            (None, None) => Finding::lacking("f2c", Verdict::OnDemand, ON_DEMAND),
        },
    }
}

fn pyodide_finding(store: &Store, version: &str) -> Finding {
    match pyodide::look(store, version) {
        Some(found) => Finding::ready("pyodide", found.version, found.root),
        None => Finding {
            version: Some(version.to_owned()),
            ..Finding::lacking("pyodide", Verdict::OnDemand, ON_DEMAND)
        },
    }
}

fn npm(env: &Env) -> Finding {
    match pyodide::find_npm(env) {
        Ok(npm) => Finding::ready("npm", version(&npm), npm),
        Err(error) => Finding::missing("npm", &error),
    }
}

/// apt is needed only where emshim has to get a toolchain.
fn apt_finding(env: &Env, store: &Store, needed: bool) -> Finding {
    let programs = match apt::Programs::find(env) {
        Ok(programs) => programs,
        Err(error) => {
            let finding = Finding::missing("apt", &error);
            let verdict = if needed {
                Verdict::Missing
            } else {
                Verdict::Optional
            };
            return Finding { verdict, ..finding };
        }
    };
    let origin = match Archive::look(env, store, &programs) {
        Ok(archive) => archive.mirrors.into_iter().next(),
        Err(error) => {
            let remedy = format!("{error}; emshim tries to get it from this system's own archive");
            let verdict = if needed {
                Verdict::OnDemand
            } else {
                Verdict::Optional
            };
            return Finding::lacking("apt", verdict, &remedy);
        }
    };
    let place = env.program("apt-get").unwrap_or_default();
    Finding {
        origin,
        ..Finding::ready("apt", version(&place), place)
    }
}

/// A build system that packages bring themselves.
fn builder(env: &Env, name: &str) -> Finding {
    match env.program(name) {
        Some(place) => Finding::ready(name, version(&place), place),
        None => Finding::lacking(
            name,
            Verdict::Optional,
            "packages that need it bring it as a build requirement; install it to configure by hand",
        ),
    }
}

/// The first word with a digit in front in what `--version` says (`cmake version 3.31.6`).
fn version(program: &Utf8PathBuf) -> String {
    let answer = Command::new(program, "", "").args(["--version"]).query();
    let words = answer.as_deref().unwrap_or_default().split_whitespace();
    words
        .into_iter()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or("unknown")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::STABLE;
    use crate::machine::tests::program;

    const STABLE_ALONE: Sources<'_> = Sources {
        emscripten: None,
        python: None,
        suite: Some(STABLE),
        minor: "3.13",
        pyodide: "0.29.5",
    };

    fn find<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
        findings.iter().find(|f| f.what == what).unwrap()
    }

    #[test]
    fn an_empty_machine_is_told_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let root: Utf8PathBuf = dir.path().to_owned().try_into().unwrap();
        let env = Env::from_iter([("PATH", root.as_str())]);
        let findings = examine(&env, &Store::at(root.join("store")), &STABLE_ALONE);
        for (what, verdict) in [
            ("emcc", Verdict::OnDemand),
            ("python3.13", Verdict::OnDemand),
            ("f2c", Verdict::OnDemand),
            ("node", Verdict::Missing),
            ("pyodide", Verdict::OnDemand),
            ("npm", Verdict::Missing),
            ("pip", Verdict::Missing),
            ("apt", Verdict::Missing),
            ("cmake", Verdict::Optional),
            ("store", Verdict::Ready),
        ] {
            let finding = find(&findings, what);
            assert_eq!(finding.verdict, verdict, "{what}");
            assert_eq!(
                finding.remedy.is_some(),
                verdict != Verdict::Ready,
                "{what}"
            );
        }
        assert!(!root.join("store").exists(), "looking makes nothing");
    }

    #[test]
    fn what_is_there_is_named_with_its_version() {
        let dir = tempfile::tempdir().unwrap();
        let root: Utf8PathBuf = dir.path().to_owned().try_into().unwrap();
        let bin = root.join("bin");
        program(&bin, "node", "echo v22.1.0");
        program(
            &bin,
            "cmake",
            "echo 'cmake version 3.31.6'; echo; echo suite 9",
        );
        program(&bin, "npm", "echo 11.0.0");
        let env = Env::from_iter([("PATH", bin.as_str())]);
        let findings = examine(&env, &Store::at(root.join("store")), &STABLE_ALONE);
        for (what, version) in [("node", "22.1.0"), ("cmake", "3.31.6"), ("npm", "11.0.0")] {
            let finding = find(&findings, what);
            assert_eq!(finding.version.as_deref(), Some(version));
            assert_eq!(finding.place.as_deref(), Some(bin.join(what).as_str()));
        }
    }
}
