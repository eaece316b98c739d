//! What a call may decide for itself by its environment, on top of the configuration.

use camino::Utf8PathBuf;
use f2c_driver::patches::{PatchError, Patches};
use std::ffi::OsString;
use toolcall::builtin::Exports;
use toolcall::config::ShimConfig;
use toolcall::invocation::Env;
use toolcall::variables::{LAUNCHER, LIBRARIES, PREFIX};

/// Whether invocations are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Not at all.
    Off,
    /// Yes; failing to is a warning.
    On,
    /// Yes; failing to fails the call.
    Required,
}

/// Which mismatches of function signatures a link bridges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repairs {
    /// None: a link that has one is refused.
    None,
    /// Those that the objects prove to be safe to bridge.
    Proved,
    /// Also those that are safe by what is known of Fortran's and C's conventions.
    ByRules,
}

/// A variable with an invalid value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingError {
    /// `EMSHIM_RECORD`.
    #[error("EMSHIM_RECORD={0}: say off, on or required")]
    Record(String),
    /// `EMSHIM_REPAIR`.
    #[error("EMSHIM_REPAIR={0}: say 0 or 1")]
    Repair(String),
    /// `EMSHIM_SIGNATURES`.
    #[error("EMSHIM_SIGNATURES={0}: say warn or quiet")]
    Signatures(String),
    /// `EMSHIM_PATCHES`.
    #[error("EMSHIM_PATCHES: {0}; say auto, off, or names of sets")]
    Patches(PatchError),
    /// A switch that is neither on nor off.
    #[error("{name}={value}: say 1 or 0")]
    Switch {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// `EMSHIM_PREFIX`.
    #[error("EMSHIM_PREFIX: `{0}` is no absolute path; name folders with `:` between them")]
    Prefix(String),
    /// Flags that a shell could not split either.
    #[error("{name}={value}: a quote is left open")]
    Flags {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

/// The settings of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `EMSHIM_EXPORTS`, else the configuration's.
    pub exports: Exports,
    /// `EMSHIM_LOG`, else the configuration's.
    pub log: Utf8PathBuf,
    /// `EMSHIM_RECORD`.
    pub recording: Recording,
    /// `EMSHIM_REPAIR`.
    pub repairs: Repairs,
    /// `EMSHIM_SIGNATURES`: whether compiles warn of declarations that contradict what the build
    /// has defined, or only note it in the record.
    pub warn_signatures: bool,
    /// `EMSHIM_PATCHES`: which known Fortran files are corrected.
    pub patches: Patches,
    /// `EMSHIM_DIRECT`: whether clang may run in emcc's place.
    pub direct: bool,
    /// `EMSHIM_PROBE_CACHE`: whether configure's probes may be answered as before.
    pub probe_cache: bool,
    /// `EMSHIM_LAUNCHER`, else the configuration's: what goes in front of clang, with its arguments.
    pub launcher: Vec<OsString>,
    /// `EMSHIM_CFLAGS`: flags added to every compile, after the caller's own.
    pub cflags: Vec<OsString>,
    /// `EMSHIM_CXXFLAGS`: flags added to every compile of C++, after those.
    pub cxxflags: Vec<OsString>,
    /// `EMSHIM_LDFLAGS`: flags added to every link, after the caller's own.
    pub ldflags: Vec<OsString>,
    /// Prefixes with libraries for the target: those of `EMSHIM_PREFIX`, then emshim's own.
    pub prefixes: Vec<Utf8PathBuf>,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// A variable has a value that means nothing.
    pub fn resolve(config: &ShimConfig, env: &Env) -> Result<Self, SettingError> {
        let flags = |name: &'static str| {
            let value = env.text(name).unwrap_or_default();
            let words = shell_words::split(value).map_err(|_| SettingError::Flags {
                name,
                value: value.to_owned(),
            })?;
            Ok(words.into_iter().map(OsString::from).collect())
        };
        let switch = |name: &'static str| match env.text(name) {
            None | Some("1" | "on") => Ok(true),
            Some("0" | "off") => Ok(false),
            Some(other) => Err(SettingError::Switch {
                name,
                value: other.to_owned(),
            }),
        };
        let exports = env.text("EMSHIM_EXPORTS").unwrap_or(&config.exports);
        let Ok(exports) = exports.parse();
        Ok(Self {
            exports,
            log: env
                .text("EMSHIM_LOG")
                .map_or_else(|| config.log.clone(), Into::into),
            recording: match env.text("EMSHIM_RECORD") {
                None | Some("on" | "1") => Recording::On,
                Some("off" | "0") => Recording::Off,
                Some("required") => Recording::Required,
                Some(other) => return Err(SettingError::Record(other.to_owned())),
            },
            direct: switch("EMSHIM_DIRECT")?,
            repairs: match env.text("EMSHIM_REPAIR") {
                None | Some("") => Repairs::Proved,
                Some("0" | "off") => Repairs::None,
                Some("1" | "on") => Repairs::ByRules,
                Some(other) => return Err(SettingError::Repair(other.to_owned())),
            },
            warn_signatures: match env.text("EMSHIM_SIGNATURES") {
                None | Some("warn") => true,
                Some("quiet") => false,
                Some(other) => return Err(SettingError::Signatures(other.to_owned())),
            },
            patches: match env.text("EMSHIM_PATCHES") {
                None => Patches::default(),
                Some(text) => text.parse().map_err(SettingError::Patches)?,
            },
            probe_cache: match env.text("EMSHIM_PROBE_CACHE") {
                None => false,
                Some(_) => switch("EMSHIM_PROBE_CACHE")?,
            },
            launcher: match env.get(LAUNCHER) {
                Some(_) => flags(LAUNCHER)?,
                None => config.launcher.iter().map(OsString::from).collect(),
            },
            cflags: flags("EMSHIM_CFLAGS")?,
            cxxflags: flags("EMSHIM_CXXFLAGS")?,
            ldflags: flags("EMSHIM_LDFLAGS")?,
            prefixes: prefixes(config, env)?,
        })
    }
}

fn prefixes(config: &ShimConfig, env: &Env) -> Result<Vec<Utf8PathBuf>, SettingError> {
    let folders = |text: &str| {
        let named = text.split(':').filter(|folder| !folder.is_empty());
        named.map(Utf8PathBuf::from).collect::<Vec<_>>()
    };
    let mut prefixes = env.text(PREFIX).map(folders).unwrap_or_default();
    if let Some(relative) = prefixes.iter().find(|folder| !folder.is_absolute()) {
        return Err(SettingError::Prefix(relative.to_string()));
    }
    match env.get(LIBRARIES).and_then(|value| value.to_str()) {
        Some(ours) => prefixes.extend(folders(ours)),
        None => prefixes.extend(config.libraries.clone()),
    }
    Ok(prefixes)
}
