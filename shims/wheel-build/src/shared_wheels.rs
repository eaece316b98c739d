//! The wheels that this machine has built from an index, offered to its later builds and runs.
//!
//! They lie in a folder whose name is a digest of everything that made them: emshim, the toolchain
//! and target, the settings, the environment and pip's configuration. A build that differs in one
//! of these looks into another folder. Beside each wheel lies its origin, the sdist and both
//! checksums, which is held against the index again before the wheel is used.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;
use pyodide_wheel::python::{Output, Python};
use pyodide_wheel::source::{self, Fetched, SourceError};
use pyodide_wheel::wheel::WheelName;
use serde::{Deserialize, Serialize};

use crate::error::WheelBuildError;
use crate::files::own_program;
use crate::session::Session;

/// Environment variables that no build depends on: who is logged in where, how a terminal looks,
/// where emshim keeps things and what it records. A name that ends in `*` stands for all that begin
/// so. Any other variable may be a package's own switch, and is part of what made a wheel.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    // The session and its terminal.
    "_", "CLICOLOR*", "COLORTERM", "COLUMNS", "DBUS_*", "DEBUGINFOD_*", "DESKTOP_*", "DISPLAY",
    "EDITOR", "FORCE_COLOR", "GNOME_*", "GPG_*", "HISTFILE", "HOME", "HOSTNAME", "INVOCATION_ID",
    "JOURNAL_STREAM", "KDE_*", "LANG", "LANGUAGE", "LC_*", "LESS*", "LINES", "LOGNAME", "LS_COLORS",
    "MAIL", "NO_COLOR", "OLDPWD", "PAGER", "PATH", "PWD", "SESSION_MANAGER", "SHELL", "SHLVL", "SSH_*",
    "STY", "TEMP", "TERM", "TERM_*", "TMP", "TMPDIR", "TMUX*", "USER", "VIRTUAL_ENV*", "VISUAL",
    "VTE_*", "WAYLAND_DISPLAY", "WINDOWID", "XAUTHORITY", "XDG_*",
    // The way to the index.
    "ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "http_proxy", "https_proxy",
    "no_proxy",
    // The job of a CI system, and cargo's running a test.
    "CARGO", "CARGO_BIN_*", "CARGO_CRATE_NAME", "CARGO_MANIFEST_*", "CARGO_PKG_*",
    "CARGO_PRIMARY_PACKAGE", "CI", "CI_*", "GITHUB_*", "GITLAB_*", "RUNNER_*", "RUST_BACKTRACE",
    // How many processes build.
    "MAKEFLAGS", "MAKELEVEL", "MFLAGS",
    // Settings of emshim's that change no output, or are in the configuration.
    "EMSHIM_DEBIAN_MIRROR", "EMSHIM_DIRECT", "EMSHIM_HOME", "EMSHIM_LAUNCHER",
    "EMSHIM_LOG", "EMSHIM_NOTICES", "EMSHIM_PROBE_CACHE", "EMSHIM_RECORD", "EMSHIM_SIGNATURES", "EMSHIM_TARGET",
];

/// Appended to a wheel's name for the file that says where it is from.
const ORIGIN: &str = "origin.json";

/// Where a wheel is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The sdist's file name.
    sdist: String,
    /// Its SHA-256.
    sdist_sha256: String,
    /// The wheel's BLAKE3.
    wheel_blake3: String,
}

/// The folder of wheels made as this session makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedWheels {
    folder: Utf8PathBuf,
}

impl SharedWheels {
    /// The session's.
    ///
    /// # Errors
    /// emshim's own program cannot be read.
    pub fn of(session: &Session) -> Result<Self, WheelBuildError> {
        let config = session.shim_config(Utf8Path::new("/shims"));
        let config = serde_json::to_vec(&config).map_err(|error| {
            WheelBuildError::Message(format!("cannot write a configuration: {error}"))
        })?;
        let program = own_program()?;
        let env = &session.tools.env;
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(blake3::hash(&program).as_bytes());
        add(&config);
        for (name, value) in env.iter().filter(|(name, _)| decides(name)) {
            add(name.as_encoded_bytes());
            add(value.as_encoded_bytes());
        }
        let mut texts: Vec<(bool, String)> = Vec::new();
        for (name, value) in env.iter().filter(|(name, _)| decides(name)) {
            let of_pip = name.as_encoded_bytes().starts_with(b"PIP_");
            texts.push((of_pip, value.to_string_lossy().into_owned()));
        }
        for file in pip_configuration(env) {
            let text = fs::read(&file).unwrap_or_default();
            add(file.as_str().as_bytes());
            add(&text);
            texts.push((true, String::from_utf8_lossy(&text).into_owned()));
        }
        // A file stays where it is when somebody edits it: a list of constraints, flags of distutils, an
        // Emscripten of the user's own.
        let emscripten = &session.emscripten;
        let whole = ["emcc.py", "emscripten-version.txt"].map(|file| emscripten.root.join(file));
        let long = ["clang", "wasm-ld"].map(|tool| emscripten.llvm_bin.join(tool));
        let long = long
            .into_iter()
            .chain(session.emscripten_config().binaryen("wasm-opt"));
        let named = texts.iter().flat_map(|(of_pip, text)| named(text, *of_pip));
        for path in home_files(env).into_iter().chain(whole).chain(named) {
            add(&contents(&path));
        }
        for tool in long {
            let length = tool.metadata().map_or(0, |found| found.len());
            add(&length.to_le_bytes());
        }
        let key = &hasher.finalize().to_hex()[..16];
        let wheels = session.store.wheels(session.target.abi.name);
        Ok(Self {
            folder: wheels.join(key),
        })
    }

    /// Where the wheels lie.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Notes where a wheel in the folder is from.
    ///
    /// # Errors
    /// The wheel cannot be read, or the note not be written.
    pub fn note(&self, wheel: &Utf8Path, sdist: &Fetched) -> Result<(), WheelBuildError> {
        let origin = Origin {
            sdist: sdist.path.file_name().unwrap_or_default().to_owned(),
            sdist_sha256: sdist.sha256.clone(),
            wheel_blake3: hash(wheel).map_err(WheelBuildError::io("cannot read", wheel))?,
        };
        let path = wheel.with_added_extension(ORIGIN);
        let text = serde_json::to_vec_pretty(&origin).unwrap_or_default();
        whole::replace(path.as_std_path(), whole::FOR_OWNER, &text)
            .map_err(WheelBuildError::io("cannot write", path.as_path()))
    }

    /// The file names of the wheels of these projects and versions.
    #[must_use]
    pub fn wheels_of(&self, wanted: &[(&str, &str)]) -> Vec<String> {
        let entries = self.folder.read_dir_utf8().into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_owned());
        let is_wanted = |name: &String| {
            WheelName::parse(name).is_ok_and(|name| {
                wanted.contains(&(name.project().as_str(), name.version.as_str()))
            })
        };
        names.filter(is_wanted).collect()
    }

    /// Removes what is not as it was put there: wheels with another checksum or without an origin.
    pub fn sweep(&self) {
        for entry in self.folder.read_dir_utf8().into_iter().flatten().flatten() {
            let wheel = entry.path();
            if wheel.extension() == Some("whl") && !is_whole(wheel) {
                remove(wheel);
            }
        }
    }

    /// Holds those of `used`, file names of wheels, that lie here against the index, and removes
    /// those whose sdist is another one now. Whether any was. An index that does not answer, or has
    /// the sdist no longer, is no reason.
    pub fn outdated(
        &self,
        used: &[impl AsRef<str>],
        tools: &Python,
        sdists: &Utf8Path,
        log: &Utf8Path,
    ) -> bool {
        let mut any = false;
        for name in used.iter().map(AsRef::as_ref) {
            let wheel = self.folder.join(name);
            let (Some(origin), Ok(parsed)) = (origin(&wheel), WheelName::parse(name)) else {
                continue;
            };
            let requirement = format!("{}=={}", parsed.project(), parsed.version);
            let mut output = Output {
                log,
                line: &mut |_| {},
            };
            let now = source::fetch(tools, &requirement, sdists, &mut output);
            let other = match now {
                Ok(now) => now.sha256 != origin.sdist_sha256,
                Err(SourceError::Checksum { .. }) => true,
                Err(_) => false,
            };
            if other {
                remove(&wheel);
                any = true;
            }
        }
        any
    }
}

/// Whether a build may depend on a variable; then its value is part of the folder's name.
#[must_use]
pub fn decides(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return true;
    };
    let is = |rule: &&str| match rule.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *rule,
    };
    !HARMLESS.iter().any(is)
}

/// The files that pip reads its configuration from, there or not.
/// Source: <https://pip.pypa.io/en/stable/topics/configuration/>.
fn pip_configuration(env: &BTreeMap<OsString, OsString>) -> Vec<Utf8PathBuf> {
    let text = |name: &str| {
        let value = env.get(OsStr::new(name)).and_then(|value| value.to_str());
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let mut folders: Vec<Utf8PathBuf> = Vec::new();
    let global = text("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
    folders.extend(
        global
            .split(':')
            .map(|folder| Utf8Path::new(folder).join("pip")),
    );
    folders.push("/etc".into());
    if let Some(home) = text("HOME").map(Utf8PathBuf::from) {
        folders.push(home.join(".pip"));
        let config = text("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), Into::into);
        folders.push(config.join("pip"));
    }
    let files = folders.into_iter().map(|folder| folder.join("pip.conf"));
    files
        .chain(text("PIP_CONFIG_FILE").map(Into::into))
        .collect()
}

/// What build tools read in a user's home, whoever calls them.
fn home_files(env: &BTreeMap<OsString, OsString>) -> Vec<Utf8PathBuf> {
    let home = env.get(OsStr::new("HOME")).and_then(|home| home.to_str());
    let files = [".pydistutils.cfg", ".numpy-site.cfg"];
    let home = home.map(Utf8Path::new).into_iter();
    home.flat_map(|home| files.map(|file| home.join(file)))
        .collect()
}

/// The files and folders that a value of a variable, or pip's configuration, names: by their full path, in
/// which folders only pip looks for what it takes; pip also takes names of the working directory.
fn named(text: &str, of_pip: bool) -> Vec<Utf8PathBuf> {
    let between = |c: char| c.is_whitespace() || ":;,=\"'".contains(c);
    let words = text.split(between).filter(|word| !word.is_empty());
    let there = |path: &Utf8PathBuf| path.is_file() || of_pip && path.is_dir();
    let mut paths: Vec<Utf8PathBuf> = words
        .filter(|word| of_pip || word.starts_with('/'))
        .map(Utf8PathBuf::from)
        .filter(there)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Files from this size on, in bytes, are told apart by length and time alone.
const LONG: u64 = 64 << 20;

/// The BLAKE3 of a file, or what tells that a folder has other files; empty where there is neither.
fn contents(path: &Utf8Path) -> Vec<u8> {
    let found = path.metadata().ok();
    let length = found.as_ref().map_or(0, |found| found.len());
    if let Some(sum) = (length < LONG).then(|| hash(path).ok()).flatten() {
        return sum.into_bytes();
    }
    let state = |name: &str, found: Option<fs::Metadata>| {
        let found = found.map(|found| (found.len(), found.modified().ok()));
        format!("{name} {found:?}")
    };
    let entries = path.read_dir_utf8().into_iter().flatten().flatten();
    let mut states: Vec<String> = entries
        .map(|entry| state(entry.file_name(), entry.metadata().ok()))
        .collect();
    states.sort();
    if found.as_ref().is_some_and(fs::Metadata::is_file) {
        states.push(state("", found));
    }
    states.join("\n").into_bytes()
}

/// The BLAKE3 of a file's contents.
fn hash(path: &Utf8Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn origin(wheel: &Utf8Path) -> Option<Origin> {
    let text = fs::read(wheel.with_added_extension(ORIGIN)).ok()?;
    serde_json::from_slice(&text).ok()
}

fn is_whole(wheel: &Utf8Path) -> bool {
    origin(wheel).is_some_and(|origin| hash(wheel).is_ok_and(|sum| sum == origin.wheel_blake3))
}

/// What cannot be removed is found again by the next that looks.
fn remove(wheel: &Utf8Path) {
    let _ = fs::remove_file(wheel);
    let _ = fs::remove_file(wheel.with_added_extension(ORIGIN));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_switch_decides_and_the_session_does_not() {
        for name in [
            "EMSHIM_CFLAGS",
            "CFLAGS",
            "PIP_EXTRA_INDEX_URL",
            "MY_PACKAGE_SIMD",
            "CC",
        ] {
            assert!(decides(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "LC_ALL", "SSH_TTY", "EMSHIM_LOG", "_"] {
            assert!(!decides(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn files_that_a_setting_names_decide_by_what_they_hold() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let file = folder.join("constraints.txt");
        fs::write(&file, "cython<3").unwrap();
        for text in [
            file.to_string(),
            format!("a=1 file://{file}"),
            format!("[install]\nconstraint = {file}\n"),
        ] {
            assert!(
                named(&text, false)
                    .iter()
                    .any(|path| path.ends_with("constraints.txt"))
            );
        }
        assert_eq!(named(folder.as_str(), true), [folder]);
        assert!(named(folder.as_str(), false).is_empty());
        assert!(named("/nothing/here -O2", true).is_empty());

        let (before, folder_before) = (contents(&file), contents(folder));
        fs::write(&file, "cython>3").unwrap();
        assert_ne!(contents(&file), before);
        fs::write(folder.join("x-1-py3-none-any.whl"), "").unwrap();
        assert_ne!(contents(folder), folder_before);
        assert_eq!(contents(folder), contents(folder));
    }

    #[test]
    fn a_wheel_that_changed_or_has_no_origin_goes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let shared = SharedWheels {
            folder: folder.clone(),
        };
        let sdist = Fetched {
            path: "p-1.tar.gz".into(),
            version: "1".into(),
            sha256: "0".into(),
            verified: true,
            yanked: None,
        };
        for name in ["whole", "edited", "bare"] {
            let wheel = folder.join(format!("{name}-1-py3-none-any.whl"));
            fs::write(&wheel, name).unwrap();
            if name != "bare" {
                shared.note(&wheel, &sdist).unwrap();
            }
        }
        fs::write(folder.join("edited-1-py3-none-any.whl"), "other").unwrap();
        shared.sweep();
        let mut left: Vec<_> = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect();
        left.sort();
        let wheel = "whole-1-py3-none-any.whl";
        assert_eq!(left, [wheel.to_owned(), format!("{wheel}.{ORIGIN}")]);
    }
}
