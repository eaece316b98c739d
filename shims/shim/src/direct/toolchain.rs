//! Which Emscripten an answer is of: the files and variables that decide what emcc says.

use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toolcall::config::ShimConfig;
use toolcall::invocation::Env;
use toolcall::plan::EnvChange;
use walkdir::WalkDir;

/// Files of Emscripten's folder that hold its version and how it makes clang's flags.
const SOURCES: &[&str] = &[
    "emcc",
    "emcc.py",
    "emscripten-version.txt",
    "src/settings.js",
    "tools/building.py",
    "tools/cmdline.py",
    "tools/compile.py",
    "tools/config.py",
    "tools/ports/__init__.py",
    "tools/shared.py",
];

/// Files that hold, besides those, what it does in a link.
const LINK_SOURCES: &[&str] = &[
    "tools/diagnostics.py",
    "tools/emscripten.py",
    "tools/extract_metadata.py",
    "tools/feature_matrix.py",
    "tools/link.py",
    "tools/response_file.py",
    "tools/settings.py",
    "tools/system_libs.py",
    "tools/utils.py",
    "tools/webassembly.py",
];

/// Folders of Emscripten's with the JavaScript of programs, and with what makes it.
const JAVASCRIPT: &[&str] = &["src", "tools"];

/// Variables that make emcc print or do more than compute flags. Those that begin
/// with `EM_` set a line of its configuration and are part of the key instead.
const EMCC_VARIABLES: &[&str] = &[
    "BINARYEN",
    "CLANG_ADD_VERSION",
    "EMPROFILE",
    "LLVM",
    "LLVM_ADD_VERSION",
    "_EMCC_CCACHE",
];

/// The one by which emcc makes programs that run by their names, as links of ours say.
pub const JUST_CONFIGURE: &str = "EMMAKEN_JUST_CONFIGURE";

/// Of those, what a build sets for its own tools.
const NOT_FOR_FLAGS: &[&str] = &["EM_PKG_CONFIG_PATH"];

/// The environment a step runs in.
#[derive(Debug, Clone, Copy)]
pub struct StepEnv<'a> {
    /// The caller's.
    pub env: &'a Env,
    /// The step's changes to it.
    pub changes: &'a [EnvChange],
}

impl<'a> StepEnv<'a> {
    fn get(&self, name: &str) -> Option<&'a OsStr> {
        match self.changes.iter().rev().find(|change| change.name == name) {
            Some(change) => change.value.as_deref().map(OsStr::new),
            None => self.env.get(name),
        }
    }

    fn names(&self) -> impl Iterator<Item = &'a OsStr> {
        let changed = self.changes.iter().map(|change| OsStr::new(&change.name));
        self.env.iter().map(|(name, _)| name).chain(changed)
    }

    /// A variable that is set and needs emcc itself to run.
    pub fn needs_emcc(&self) -> Option<String> {
        let speaks = |name: &&str| {
            let emccs = name.starts_with("EMCC_") || name.starts_with("EMMAKEN_");
            let known =
                *name == "EMCC_SKIP_SANITY_CHECK" || *name == JUST_CONFIGURE && self.runs_by_name();
            (emccs && !known) || EMCC_VARIABLES.contains(name)
        };
        let set = |name: &&str| self.get(name).is_some_and(|value| !value.is_empty());
        let names = self.names().filter_map(OsStr::to_str);
        names.filter(speaks).find(set).map(str::to_owned)
    }

    /// Whether emcc is told to make programs that run by their names.
    pub fn runs_by_name(&self) -> bool {
        let set = |change: &EnvChange| {
            change.name == JUST_CONFIGURE && change.value.as_deref() == Some("1")
        };
        self.changes.iter().any(set)
    }

    /// The variables that set a line of emcc's configuration, as `NAME=VALUE`, in order.
    fn configuration(&self) -> Vec<OsString> {
        let named = |name: &&OsStr| {
            name.as_bytes().starts_with(b"EM_") && !NOT_FOR_FLAGS.iter().any(|other| name == other)
        };
        let mut names: Vec<&OsStr> = self.names().filter(named).collect();
        names.sort();
        names.dedup();
        let pair = |name: &OsStr| {
            let mut pair = name.to_owned();
            pair.push("=");
            pair.push(self.get(name.to_str()?)?);
            Some(pair)
        };
        names.into_iter().filter_map(pair).collect()
    }

    /// The files emcc looks for its configuration in. Source: `find_config_file` of
    /// `tools/config.py`.
    fn configuration_files(&self, config: &ShimConfig) -> Vec<String> {
        if let Some(file) = self.get("EM_CONFIG") {
            return vec![file.to_string_lossy().into_owned()];
        }
        let root = &config.emscripten.root;
        let above = root.parent().and_then(camino::Utf8Path::parent);
        let home = self
            .get("HOME")
            .map(|home| home.to_string_lossy().into_owned() + "/.emscripten");
        let of = |dir: &camino::Utf8Path| dir.join(".emscripten").into_string();
        [Some(of(root)), above.map(of), home]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A file as it was: another one, or none, at its place makes an answer worthless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    path: String,
    /// [`disk::identity`]; absent where there was no file.
    identity: Option<[u64; 6]>,
}

impl Witness {
    /// The file as it is.
    pub fn of(path: String) -> Self {
        let identity = disk::identity(Path::new(&path));
        Self { path, identity }
    }

    /// Whether the file is still the same.
    pub fn holds(&self) -> bool {
        disk::identity(Path::new(&self.path)) == self.identity
    }
}

/// What an answer depends on besides the question: files, and words for its key.
#[derive(Debug)]
pub struct Toolchain {
    /// Paths of files.
    files: Vec<String>,
    /// Variables.
    variables: Vec<OsString>,
}

impl Toolchain {
    /// Of a configuration, as a step sees it.
    pub fn of(config: &ShimConfig, env: StepEnv) -> Self {
        let root = &config.emscripten.root;
        let sources = SOURCES.iter().map(|name| root.join(name).into_string());
        let clang = config.emscripten.llvm_bin.join("clang").into_string();
        let own = env.configuration_files(config);
        Self {
            files: sources.chain([clang]).chain(own).collect(),
            variables: env.configuration(),
        }
    }

    /// The same, as a link sees it.
    pub fn for_links(config: &ShimConfig, env: StepEnv) -> Self {
        let mut toolchain = Self::of(config, env);
        let root = &config.emscripten.root;
        let sources = LINK_SOURCES
            .iter()
            .map(|name| root.join(name).into_string());
        let linker = config.emscripten.llvm_bin.join("wasm-ld").into_string();
        toolchain.files.extend(sources.chain([linker]));
        toolchain
    }

    /// The same, as a program's link sees it, which makes JavaScript too.
    pub fn for_programs(config: &ShimConfig, env: StepEnv) -> Self {
        let mut toolchain = Self::for_links(config, env);
        let mut digest = blake3::Hasher::new();
        let trees = JAVASCRIPT
            .iter()
            .map(|name| config.emscripten.root.join(name));
        let entries = trees.flat_map(|tree| WalkDir::new(tree).sort_by_file_name());
        // A folder that cannot be read is no other one's.
        for entry in entries
            .flatten()
            .filter(|entry| !entry.file_type().is_dir())
        {
            digest.update(entry.path().as_os_str().as_bytes());
            let identity = disk::identity(entry.path()).unwrap_or_default();
            identity.iter().for_each(|part| {
                digest.update(&part.to_le_bytes());
            });
        }
        let digest = digest.finalize().to_hex();
        toolchain.variables.push(digest.as_str().into());
        toolchain
    }

    /// The name of the answer to `question`, words that begin with the program.
    pub fn key(&self, question: &[OsString]) -> String {
        let mut hasher = blake3::Hasher::new();
        let files = self.files.iter().map(OsStr::new);
        let variables = self.variables.iter().map(OsString::as_os_str);
        let lists: [Box<dyn Iterator<Item = &OsStr>>; 3] = [
            Box::new(question.iter().map(OsString::as_os_str)),
            Box::new(variables),
            Box::new(files),
        ];
        for list in lists {
            for word in list {
                hasher.update(word.as_bytes());
                hasher.update(b"\0");
            }
            hasher.update(b"\n\0");
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// The files as they are now, and `more`.
    pub fn witnesses(&self, more: Vec<String>) -> Vec<Witness> {
        self.files
            .iter()
            .cloned()
            .chain(more)
            .map(Witness::of)
            .collect()
    }
}
