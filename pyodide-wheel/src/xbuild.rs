//! The target's Python as build back ends see it: headers, `sysconfig`, environment.
//!
//! The result is one folder, `PYODIDE_ROOT`. Its layout is given by the `_sysconfigdata` module
//! in Pyodide's npm package, whose paths (`INCLUDEPY` and others) hang off that variable.

use std::fs;
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use disk::contents::{self, Look};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use crate::files::{self, Context as _, FileError, FileLock, Staging};
use crate::pyconfig::{self, Vars};
use crate::python::{Output, Python, Script, ScriptError};
use crate::target::{Lock, Target, TargetError};

/// Name of the target's `sysconfig` module, the same in every Pyodide release.
pub const SYSCONFIGDATA_NAME: &str = "_sysconfigdata__emscripten_wasm32-emscripten";

/// Raised when what [`build`] writes changes, so that folders of earlier versions are made anew.
pub const LAYOUT: u32 = 2;
const STAMP: &str = "emshim-target.json";

const SCRIPT: Script = Script {
    name: "sysconfig",
    texts: &[include_str!("../assets/sysconfig_vars.py")],
};

/// What the runtime's `sysconfig` leaves open for whoever builds with it: its link commands lack
/// `-shared`, and its archiver is a path of the machine Python was built on. The names are found
/// in PATH, where the shims come first; `CC` and `CXX` in the environment replace their first word.
const CORRECTIONS: &[(&str, &str)] = &[
    ("LDSHARED", "cc -shared"),
    ("LDCXXSHARED", "c++ -shared"),
    ("BLDSHARED", "cc -shared"),
    ("AR", "ar"),
];

/// The target's Python, ready for build back ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossPython {
    /// `PYODIDE_ROOT`.
    pub root: Utf8PathBuf,
    /// Full version of the target's Python, such as `3.13.2`.
    pub version: String,
    /// The target's ABI, such as `2025_0`.
    pub abi: String,
    /// Folder with `Python.h` and the target's `pyconfig.h`.
    pub include: Utf8PathBuf,
    /// Folder with the `_sysconfigdata` module.
    pub sysconfigdata: Utf8PathBuf,
    /// Suffix of extension modules, such as `.cpython-313-wasm32-emscripten.so`.
    pub ext_suffix: String,
    /// `SOABI`, such as `cpython-313-wasm32-emscripten`.
    pub soabi: String,
    /// Platform build back ends are told, such as `emscripten_4_0_9_wasm32`.
    pub host_platform: String,
}

/// What the target root is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The target.
    pub target: &'a Target,
    /// Unpacked npm package of Pyodide.
    pub pyodide: &'a Utf8Path,
    /// Host interpreter of the target's minor version.
    pub python: &'a Python,
    /// Its header folder, the one with `Python.h`.
    pub host_include: &'a Utf8Path,
}

/// The target root could not be made.
#[derive(Debug, thiserror::Error)]
pub enum XbuildError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The npm package's lock is unusable.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The script that reads `sysconfig` failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The npm package has no standard library or no `_sysconfigdata` in it.
    #[error("{path}: {why}; delete its folder to have Pyodide fetched again")]
    Stdlib {
        /// `python_stdlib.zip`.
        path: Utf8PathBuf,
        /// What is wrong.
        why: String,
    },
    /// `sysconfig` lacks a variable or it has another form.
    #[error("the target's sysconfig has no usable {name}")]
    Variable {
        /// The variable.
        name: &'static str,
    },
    /// The host's headers are missing or of another version.
    #[error("{path} {why}; install the development files of Python {python}")]
    Headers {
        /// The header file.
        path: Utf8PathBuf,
        /// What is wrong.
        why: &'static str,
        /// The wanted minor version.
        python: String,
    },
}

/// Makes the target root at `root`, or takes the one that is there when it was made from the same
/// inputs.
///
/// # Errors
/// The npm package or the host's headers are unusable, or the folder cannot be written.
pub fn build(
    inputs: Inputs<'_>,
    root: &Utf8Path,
    output: &mut Output<'_>,
) -> Result<CrossPython, XbuildError> {
    let lock = Lock::read(inputs.pyodide)?;
    let sysconfigdata = read_sysconfigdata(inputs.pyodide)?;
    let pyconfig = host_pyconfig(inputs)?;
    let stamp = Stamp {
        layout: LAYOUT,
        inputs: digest(&[
            sysconfigdata.as_bytes(),
            pyconfig.as_bytes(),
            lock.python.as_bytes(),
            inputs.host_include.as_str().as_bytes(),
            &files::read(&inputs.host_include.join("patchlevel.h"))?,
        ]),
    };
    if let Some(made) = Made::read(root).filter(|made| made.stamp == stamp) {
        return Ok(made.python);
    }
    if let Some(parent) = root.parent() {
        files::create_dir_all(parent)?;
    }
    let _lock = FileLock::acquire(&root.with_added_extension("lock"), &mut || {})?;
    // Another process may have made it while this one waited.
    if let Some(made) = Made::read(root).filter(|made| made.stamp == stamp) {
        return Ok(made.python);
    }

    let staging = Staging::beside(root)?;
    let staged = staging.path();
    let name = format!("{SYSCONFIGDATA_NAME}.py");
    let module = staged.join(&name);
    files::write_atomic(&module, corrected(&sysconfigdata).as_bytes())?;
    let vars = read_vars(inputs.python, &module, root, output)?;
    let text = |name: &'static str| {
        let value = vars.get(name).and_then(serde_json::Value::as_str);
        value.ok_or(XbuildError::Variable { name })
    };
    let include = Utf8Path::new(text("INCLUDEPY")?)
        .strip_prefix(root)
        .map_err(|_| XbuildError::Variable { name: "INCLUDEPY" })?;
    let lib = beside(include).ok_or(XbuildError::Variable { name: "INCLUDEPY" })?;
    files::create_dir_all(&staged.join(&lib))?;
    let placed = staged.join(&lib).join(&name);
    fs::rename(&module, &placed).context("move", &placed)?;
    write_headers(
        inputs,
        &staged.join(include),
        &pyconfig,
        &vars,
        &lock.python,
    )?;
    let python = CrossPython {
        root: root.to_owned(),
        version: lock.python.clone(),
        abi: inputs.target.abi.name.to_owned(),
        include: root.join(include),
        sysconfigdata: root.join(&lib),
        ext_suffix: text("EXT_SUFFIX")?.to_owned(),
        soabi: text("SOABI")?.to_owned(),
        host_platform: inputs.target.host_platform(),
    };
    let made_from = vec![inputs.pyodide.to_owned(), inputs.host_include.to_owned()];
    let made = Made {
        stamp,
        made_from,
        python,
    };
    let json = serde_json::to_vec_pretty(&made).expect("strings and numbers are JSON");
    files::write_atomic(&staged.join(STAMP), &json)?;
    contents::seal(staged, &[]).context("list the files of", staged)?;
    staging.finish()?;
    Ok(made.python)
}

impl CrossPython {
    /// Environment variables that make the host's interpreter answer for the target.
    ///
    /// `sysconfig` reads the first three; `PYODIDE` and the last two are what packages test to
    /// find out what they are built for. `modules` is the folder of modules that answer for others than
    /// `sysconfig`.
    #[must_use]
    pub fn env(&self, modules: &Utf8Path) -> Vec<(&'static str, String)> {
        vec![
            ("_PYTHON_HOST_PLATFORM", self.host_platform.clone()),
            ("_PYTHON_SYSCONFIGDATA_NAME", SYSCONFIGDATA_NAME.to_owned()),
            ("PYTHONPATH", format!("{modules}:{}", self.sysconfigdata)),
            ("PYODIDE", "1".to_owned()),
            ("PYODIDE_ROOT", self.root.to_string()),
            ("PYODIDE_ABI_VERSION", self.abi.clone()),
        ]
    }
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    layout: u32,
    inputs: String,
}

#[derive(Serialize, Deserialize)]
struct Made {
    stamp: Stamp,
    /// What is outdated when one of these has gone: Pyodide's folder and the headers'.
    #[serde(default)]
    made_from: Vec<Utf8PathBuf>,
    python: CrossPython,
}

/// What a target root was made from, if it is one of this layout.
#[must_use]
pub fn made_from(root: &Utf8Path) -> Option<Vec<Utf8PathBuf>> {
    let made = Made::read(root).filter(|made| made.stamp.layout == LAYOUT)?;
    Some(made.made_from)
}

impl Made {
    /// `None` for anything that is not a whole target root at its own place, or whose files have changed.
    fn read(root: &Utf8Path) -> Option<Self> {
        let text = files::read_to_string(&root.join(STAMP)).ok()?;
        let made: Self = serde_json::from_str(&text).ok()?;
        let changed =
            contents::is_sealed(root) && contents::first_change(root, Look::Marks).is_some();
        (made.python.root == root && !changed).then_some(made)
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    crate::hex(&hasher.finalize())
}

/// `PREFIX/lib/pythonX.Y` of `PREFIX/include/pythonX.Y`: who is told where the module lies, as PyO3 is, goes from there
/// to the headers as in any installed Python.
fn beside(include: &Utf8Path) -> Option<Utf8PathBuf> {
    let prefix = include.parent()?.parent()?;
    Some(prefix.join("lib").join(include.file_name()?))
}

fn read_sysconfigdata(pyodide: &Utf8Path) -> Result<String, XbuildError> {
    let path = pyodide.join("python_stdlib.zip");
    let unusable = |why: String| XbuildError::Stdlib {
        path: path.clone(),
        why,
    };
    let file = fs::File::open(&path).context("open", &path)?;
    let mut zip = zip::ZipArchive::new(file).map_err(|e| unusable(e.to_string()))?;
    let name = format!("{SYSCONFIGDATA_NAME}.py");
    let mut member = zip
        .by_name(&name)
        .map_err(|e| unusable(format!("{name}: {e}")))?;
    let mut text = String::new();
    member
        .read_to_string(&mut text)
        .map_err(|e| unusable(format!("{name}: {e}")))?;
    Ok(text)
}

fn corrected(sysconfigdata: &str) -> String {
    let mut text = sysconfigdata.trim_end().to_owned();
    text.push_str("\n\n# Added by emshim: commands that work outside Pyodide's own build.\n");
    for (name, value) in CORRECTIONS {
        text.push_str(&format!("build_time_vars['{name}'] = '{value}'\n"));
    }
    text
}

fn read_vars(
    python: &Python,
    module: &Utf8Path,
    root: &Utf8Path,
    output: &mut Output<'_>,
) -> Result<Vars, XbuildError> {
    #[derive(Serialize)]
    struct SysconfigInput<'a> {
        module: &'a Utf8Path,
        root: &'a Utf8Path,
    }
    let answer =
        python.call::<Vars, serde_json::Value>(SCRIPT, &SysconfigInput { module, root }, output)?;
    answer.map_err(|_| XbuildError::Variable {
        name: "build_time_vars",
    })
}

/// The host's `pyconfig.h`, the real one where the first is a stub.
fn host_pyconfig(inputs: Inputs<'_>) -> Result<String, XbuildError> {
    let path = inputs.host_include.join("pyconfig.h");
    let missing = |path: &Utf8Path, why| XbuildError::Headers {
        path: path.to_owned(),
        why,
        python: inputs.target.abi.python.to_owned(),
    };
    let text = fs::read_to_string(&path).map_err(|_| missing(&path, "cannot be read"))?;
    let stubs = pyconfig::stub_targets(&text);
    if stubs.is_empty() {
        return Ok(text);
    }
    // The stub's paths are relative to the folder above python3.13/.
    let above = inputs.host_include.parent().unwrap_or(inputs.host_include);
    stubs
        .iter()
        .find_map(|stub| fs::read_to_string(above.join(stub)).ok())
        .ok_or_else(|| {
            missing(
                &path,
                "includes a file of this machine's kind that is not there",
            )
        })
}

fn write_headers(
    inputs: Inputs<'_>,
    include: &Utf8Path,
    host_pyconfig: &str,
    vars: &Vars,
    version: &str,
) -> Result<(), XbuildError> {
    copy_tree(inputs.host_include, include)?;
    let pyconfig = pyconfig::pyconfig(host_pyconfig, vars);
    files::write_atomic(&include.join("pyconfig.h"), pyconfig.as_bytes())?;

    let path = include.join("patchlevel.h");
    let host = files::read_to_string(&path)?;
    if pyconfig::minor_version(&host).as_deref() != Some(inputs.target.abi.python) {
        return Err(XbuildError::Headers {
            path: inputs.host_include.join("patchlevel.h"),
            why: "is not of the target's Python",
            python: inputs.target.abi.python.to_owned(),
        });
    }
    let patchlevel =
        pyconfig::patchlevel(&host, version).ok_or(XbuildError::Variable { name: "version" })?;
    files::write_atomic(&path, patchlevel.as_bytes())?;
    Ok(())
}

/// Copies a header tree, links resolved.
fn copy_tree(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    for entry in WalkDir::new(from).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(std::io::Error::from).context("read", from)?;
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            continue;
        };
        let Ok(relative) = path.strip_prefix(from) else {
            continue;
        };
        let copy = to.join(relative);
        if entry.file_type().is_dir() {
            files::create_dir_all(&copy)?;
        } else {
            fs::copy(path, &copy).context("copy", path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::python::Env;

    /// The shape of the module in Pyodide's npm package.
    const SYSCONFIGDATA: &str = r#"import os
PYODIDE_ROOT = os.environ.get("PYODIDE_ROOT", "/src/repo")
build_time_vars = {'CC': 'cc', 'LDSHARED': 'cc', 'SIZEOF_LONG': 4, 'HAVE_FORK1': 0,
 'AR': f'{PYODIDE_ROOT}/emsdk/emar', 'EXT_SUFFIX': '.cpython-313-wasm32-emscripten.so',
 'INCLUDEPY': f'{PYODIDE_ROOT}/cpython/installs/python-3.13.2/include/python3.13',
 'SOABI': 'cpython-313-wasm32-emscripten'}
"#;
    const PATCHLEVEL: &str = "#define PY_MAJOR_VERSION 3\n#define PY_MINOR_VERSION 13\n\
        #define PY_MICRO_VERSION 5\n#define PY_VERSION \"3.13.5\"\n";

    struct Machine {
        _dir: tempfile::TempDir,
        base: Utf8PathBuf,
        python: Python,
        target: Target,
    }

    /// A machine with Debian's layout: a stub `pyconfig.h` and the real one beside it.
    fn machine() -> Machine {
        let dir = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let write = |path: &str, text: &str| {
            files::write_atomic(&base.join(path), text.as_bytes()).unwrap();
        };
        let lock = r#"{"info": {"abi_version": "2025_0", "platform": "emscripten_4_0_9",
            "python": "3.13.2"}}"#;
        write("pyodide/pyodide-lock.json", lock);
        let stub = "#include <x86_64-linux-gnu/python3.13/pyconfig.h>\n";
        write("include/python3.13/pyconfig.h", stub);
        let real = "#define SIZEOF_LONG 8\n#define HAVE_FORK1 1\n#define _GNU_SOURCE 1\n";
        write("include/x86_64-linux-gnu/python3.13/pyconfig.h", real);
        write("include/python3.13/patchlevel.h", PATCHLEVEL);
        write("include/python3.13/cpython/object.h", "");
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("{SYSCONFIGDATA_NAME}.py"), options)
            .unwrap();
        zip.write_all(SYSCONFIGDATA.as_bytes()).unwrap();
        let zip = zip.finish().unwrap().into_inner();
        files::write_atomic(&base.join("pyodide/python_stdlib.zip"), &zip).unwrap();
        let env: Env = std::env::vars_os().collect();
        let python = Python {
            exe: "python3".into(),
            env,
        };
        let target = Target::parse("pyodide@0.29.5").unwrap();
        Machine {
            _dir: dir,
            base,
            python,
            target,
        }
    }

    impl Machine {
        fn build(&self) -> Result<CrossPython, XbuildError> {
            let inputs = Inputs {
                target: &self.target,
                pyodide: &self.base.join("pyodide"),
                python: &self.python,
                host_include: &self.base.join("include/python3.13"),
            };
            let log = self.base.join("log");
            build(
                inputs,
                &self.base.join("root"),
                &mut Output {
                    log: &log,
                    line: &mut |_| {},
                },
            )
        }
    }

    #[test]
    fn the_target_root_has_headers_and_sysconfig() {
        let machine = machine();
        let cross = machine.build().unwrap();
        let include = "root/cpython/installs/python-3.13.2/include/python3.13";
        assert_eq!(cross.include, machine.base.join(include));
        assert_eq!(cross.ext_suffix, ".cpython-313-wasm32-emscripten.so");
        let text = |file: &str| files::read_to_string(&cross.include.join(file)).unwrap();
        let pyconfig = "#define SIZEOF_LONG 4\n/* #undef HAVE_FORK1 */\n#define _GNU_SOURCE 1\n";
        assert_eq!(text("pyconfig.h"), pyconfig);
        assert!(text("patchlevel.h").contains("#define PY_VERSION \"3.13.2\""));
        assert!(cross.include.join("cpython/object.h").exists());
    }

    #[test]
    fn the_hosts_interpreter_answers_for_the_target() {
        let cross = machine_cross();
        let code = "import sysconfig as s; print(s.get_platform(), *s.get_config_vars('LDSHARED', \
                    'AR', 'INCLUDEPY', 'EXT_SUFFIX'), sep='\\n')";
        let output = std::process::Command::new("python3")
            .args(["-c", code])
            .envs(cross.1.env(Utf8Path::new("/modules")))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let include = cross.1.include.as_str();
        let expected = [
            "emscripten_4_0_9_wasm32",
            "cc -shared",
            "ar",
            include,
            &cross.1.ext_suffix,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{output:?}");
    }

    fn machine_cross() -> (Machine, CrossPython) {
        let machine = machine();
        let cross = machine.build().unwrap();
        (machine, cross)
    }

    #[test]
    fn it_is_made_once_and_again_when_an_input_changes() {
        let (machine, cross) = machine_cross();
        let marker = cross.root.join("marker");
        fs::write(&marker, "").unwrap();
        assert_eq!(machine.build().unwrap(), cross);
        assert!(marker.exists());
        let host = machine
            .base
            .join("include/x86_64-linux-gnu/python3.13/pyconfig.h");
        fs::write(host, "#define SIZEOF_LONG 8\n").unwrap();
        assert_eq!(machine.build().unwrap(), cross);
        assert!(!marker.exists());
        let left: Vec<_> = machine
            .base
            .read_dir_utf8()
            .unwrap()
            .map(|e| e.unwrap())
            .collect();
        assert_eq!(left.len(), 4, "include, log, pyodide and root: {left:?}");
    }

    #[test]
    fn headers_of_another_python_are_refused() {
        let machine = machine();
        let path = machine.base.join("include/python3.13/patchlevel.h");
        fs::write(&path, PATCHLEVEL.replace("13", "12")).unwrap();
        let error = machine.build().unwrap_err().to_string();
        assert!(
            error.contains(path.as_str()) && error.contains("Python 3.13"),
            "{error}"
        );
        assert!(!machine.base.join("root").exists());
    }

    #[test]
    fn a_package_without_sysconfig_is_named() {
        let machine = machine();
        let stdlib = machine.base.join("pyodide/python_stdlib.zip");
        fs::write(&stdlib, "no zip").unwrap();
        assert!(
            machine
                .build()
                .unwrap_err()
                .to_string()
                .contains(stdlib.as_str())
        );
    }
}
