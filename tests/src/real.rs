//! Support for the suites that use the real toolchain: the binary under test, shim folders, host
//! build tools, and what is in a side module.

use std::path::Path;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use duct::Expression;
use pyodide_wheel::target::{self, Target};
use tempfile::TempDir;
use wasmparser::{Parser, Payload};

/// Environment variable that names the binary under test.
pub const EMSHIM: &str = "EMSHIM_BIN";

/// The `emshim` binary under test: what [`EMSHIM`] names, else one that is built now, in the profile
/// of the tests.
///
/// # Panics
/// It cannot be built.
#[must_use]
pub fn emshim() -> Utf8PathBuf {
    static BUILT: OnceLock<Utf8PathBuf> = OnceLock::new();
    match std::env::var(EMSHIM) {
        Ok(path) => path.into(),
        Err(_) => BUILT.get_or_init(build).clone(),
    }
}

fn build() -> Utf8PathBuf {
    // This is `target/PROFILE/deps/SUITE-HASH`.
    let own = std::env::current_exe().expect("this program");
    let folder = own.ancestors().nth(2).expect("the profile's folder");
    let folder = Utf8Path::from_path(folder).expect("a UTF-8 path");
    let target = folder.parent().expect("cargo's target folder");
    let mut words = vec![
        "build",
        "--quiet",
        "--package=emshim",
        "--target-dir",
        target.as_str(),
    ];
    if folder.ends_with("release") {
        words.push("--release");
    }
    let cargo = duct::cmd(env!("CARGO"), words).dir(env!("CARGO_MANIFEST_DIR"));
    cargo.run().expect("emshim built by cargo");
    folder.join("emshim")
}

/// A temporary folder as a UTF-8 path.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// A new empty folder.
    ///
    /// # Panics
    /// The system gives none.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it touches the disk")]
    pub fn new() -> Self {
        Self(
            tempfile::Builder::new()
                .prefix("emshim-test-")
                .tempdir()
                .expect("a folder"),
        )
    }

    /// Its path.
    ///
    /// # Panics
    /// The system's temporary folder is not UTF-8.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).expect("a UTF-8 path")
    }

    /// Writes a file below it.
    ///
    /// # Panics
    /// The file cannot be written.
    pub fn file(&self, name: &str, text: &str) -> Utf8PathBuf {
        let path = self.path().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a folder");
        }
        std::fs::write(&path, text).expect("a written file");
        path
    }
}

/// The source of an extension module `tiny`, which can be imported and has nothing in it.
pub const TINY_MODULE: &str = "#include <Python.h>
static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"tiny\", 0, -1};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }
";

/// The `pyproject.toml` of a setuptools project of version 1.0.
#[must_use]
pub fn setuptools_project(name: &str) -> String {
    format!(
        "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
         [project]\nname = '{name}'\nversion = '1.0'\n"
    )
}

/// What a finished command left behind.
#[derive(Debug)]
pub struct Completed {
    /// Exit status, or minus the signal.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Completed {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// The command cannot be started.
    #[must_use]
    pub fn of(command: &Expression) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let output = command
            .stdout_capture()
            .stderr_capture()
            .unchecked()
            .run()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let status = output.status;
        Self {
            status: status
                .code()
                .unwrap_or_else(|| -status.signal().unwrap_or_default()),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The outcome, which must be a success.
    ///
    /// # Panics
    /// The command failed.
    #[must_use]
    pub fn success(self) -> Self {
        assert_eq!(self.status, 0, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// Holds that a text has each of `words` in it.
///
/// # Panics
/// It has not.
#[track_caller]
pub fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
}

/// A command of a program and words.
pub fn command(program: impl AsRef<Utf8Path>, words: &[&str]) -> Expression {
    duct::cmd(program.as_ref().as_str(), words)
}

/// Runs `emshim` with words.
#[must_use]
pub fn run(words: &[&str]) -> Completed {
    Completed::of(&command(emshim(), words))
}

/// The default target, which the suites build for unless they name another.
///
/// # Panics
/// The table lacks it.
#[must_use]
pub fn target() -> Target {
    Target::parse(target::DEFAULT).expect("the default target")
}

/// `SOABI` of the default target, such as `cpython-314-wasm32-emscripten`.
#[must_use]
pub fn soabi() -> String {
    let python = target().abi.python.replace('.', "");
    format!("cpython-{python}-wasm32-emscripten")
}

/// The name of a wheel for the default target; `project` has its version, as in `tiny-1.0`.
#[must_use]
pub fn wheel_name(project: &str) -> String {
    let target = target();
    let (python, abi) = (target.python_tag(), target.abi.name);
    format!("{project}-{python}-{python}-pyemscripten_{abi}_wasm32.whl")
}

/// A shim folder of the default target, made once for a test process.
///
/// # Panics
/// It cannot be made.
#[must_use]
pub fn shims() -> &'static Utf8Path {
    static SHIMS: OnceLock<Folder> = OnceLock::new();
    SHIMS
        .get_or_init(|| {
            let folder = Folder::new();
            let _ = run(&["install", folder.path().as_str()]).success();
            folder
        })
        .path()
}

/// The tag in the names of the default target's extension modules, such as
/// `cpython-313-wasm32-emscripten`, and Python's minor version, such as `3.13`.
///
/// # Panics
/// The target's Python does not say.
#[must_use]
pub fn python_target() -> (String, String) {
    let ask = "from sysconfig import get_config_var as get; print(get('SOABI'), get('VERSION'))";
    let said = command(shims().join("emshim-python"), &["-c", ask]);
    let said = Completed::of(&said).success().stdout;
    let (soabi, version) = said.trim().split_once(' ').expect("two words");
    (soabi.to_owned(), version.to_owned())
}

/// Runs a shim in a folder.
#[must_use]
pub fn shim(tool: &str, words: &[&str], dir: &Utf8Path) -> Completed {
    Completed::of(&command(shims().join(tool), words).dir(dir))
}

/// The names a side module exports, sorted.
///
/// # Panics
/// The file is no side module.
#[must_use]
pub fn exports(path: &Path) -> Vec<String> {
    names(path, |payload, names| {
        if let Payload::ExportSection(section) = payload {
            let exports = section.into_iter().map(|e| e.expect("an export"));
            names.extend(exports.map(|e| e.name.to_owned()));
        }
    })
}

/// The names a side module imports, sorted.
///
/// # Panics
/// The file is no side module.
#[must_use]
pub fn imports(path: &Path) -> Vec<String> {
    names(path, |payload, names| {
        if let Payload::ImportSection(section) = payload {
            let imports = section.into_imports().map(|i| i.expect("an import"));
            names.extend(imports.map(|i| i.name.to_owned()));
        }
    })
}

/// What `read` takes from the sections of a side module, sorted.
fn names(path: &Path, read: fn(Payload<'_>, &mut Vec<String>)) -> Vec<String> {
    let bytes = std::fs::read(path).expect("a readable file");
    let mut names = Vec::new();
    let mut dynamic = false;
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload.expect("valid WebAssembly") {
            Payload::CustomSection(section) => dynamic |= section.name() == "dylink.0",
            payload => read(payload, &mut names),
        }
    }
    assert!(dynamic, "{} has no dylink.0 section", path.display());
    names.sort();
    names
}
