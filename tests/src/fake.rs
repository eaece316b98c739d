//! A made-up machine: configuration, environment and files, without touching the real one.

use camino::Utf8PathBuf;
use planner::files::Files;
use planner::prepare::{PlanError, plan_for};
use pyodide_wheel::target::Target;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::config::{EmscriptenConfig, FortranConfig, SCHEMA, ShimConfig};
use toolcall::explanation::Explanation;
use toolcall::invocation::{Env, Invocation};
use wheel_build::session::{DEFAULT_EXPORTS, DEFAULT_FLAGS};

/// The target that golden cases are planned for.
const TARGET: &str = "pyodide@0.29.5";

/// The configuration that a user of ABI 2025_0 gets, with made-up paths.
#[must_use]
pub fn config() -> ShimConfig {
    let abi = Target::parse(TARGET).expect("a target of the table").abi;
    let owned = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
    ShimConfig {
        schema: SCHEMA,
        target: TARGET.to_owned(),
        abi: abi.name.to_owned(),
        python: abi.python.to_owned(),
        emscripten: EmscriptenConfig {
            version: "3.1.69".to_owned(),
            root: "/em".into(),
            llvm_bin: "/llvm".into(),
            cache: "/em/cache".into(),
            env: Vec::new(),
        },
        fortran: FortranConfig {
            f2c: "/host/f2c".into(),
            runtime: "/fortran".into(),
            missing: None,
        },
        node: "/node".into(),
        host_python: "/host/python3.13".into(),
        python_include: "/target/include/python3.13".into(),
        cflags: owned(abi.cflags),
        cxxflags: owned(abi.cxxflags),
        ldflags: owned(abi.ldflags),
        defaults: owned(DEFAULT_FLAGS),
        exports: DEFAULT_EXPORTS.to_owned(),
        cmake_toolchain: "/shims/toolchain.cmake".into(),
        meson_cross: "/shims/cross.ini".into(),
        meson_native: "/shims/native.ini".into(),
        pkg_config_libdir: "/shims/pkgconfig".into(),
        libraries: None,
        cross_env: vec![("PYTHONPATH".to_owned(), "/target/sysconfig".to_owned())],
        launcher: Vec::new(),
        log: "/log".into(),
    }
}

/// The machine a golden case is planned on.
#[derive(Debug)]
pub struct Machine {
    config: ShimConfig,
    env: Vec<(OsString, OsString)>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    programs: Vec<PathBuf>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            config: config(),
            env: vec![("PATH".into(), "/usr/bin".into())],
            files: BTreeMap::new(),
            programs: Vec::new(),
        }
    }
}

impl Machine {
    /// Applies a state line: `env NAME=VALUE`, `config NAME=WORDS`, `file PATH = CONTENTS` (with
    /// `\n`, `\0` and `\x7f` for these bytes) or `program PATH`.
    ///
    /// # Panics
    /// The line is none of these.
    pub fn apply(&mut self, line: &str) {
        let (kind, rest) = line.split_once(' ').expect("a kind and a value");
        let pair = |separator: &str| rest.split_once(separator).expect("a name and a value");
        match kind {
            "env" => {
                let (name, value) = pair("=");
                self.env.retain(|(known, _)| known.as_os_str() != name);
                self.env.push((name.into(), value.into()));
            }
            "config" => {
                let (name, value) = pair("=");
                let words = || value.split_whitespace().map(str::to_owned).collect();
                match name {
                    "cflags" => self.config.cflags = words(),
                    "cxxflags" => self.config.cxxflags = words(),
                    "ldflags" => self.config.ldflags = words(),
                    "defaults" => self.config.defaults = words(),
                    "exports" => self.config.exports = value.to_owned(),
                    "emscripten.env" => {
                        let pairs = value.split_whitespace().filter_map(|p| p.split_once('='));
                        self.config.emscripten.env =
                            pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
                    }
                    "emscripten.root" => {
                        self.config.emscripten.root = Utf8PathBuf::from(value);
                        self.config.emscripten.cache = Utf8PathBuf::from(value).join("cache");
                    }
                    "fortran.missing" => self.config.fortran.missing = Some(value.to_owned()),
                    other => panic!("no such configuration in goldens: {other}"),
                }
            }
            "file" => {
                let (path, contents) = pair(" = ");
                let contents = contents.replace("\\n", "\n").replace("\\0", "\0");
                let contents = contents.replace("\\x7f", "\x7f").into_bytes();
                self.files.insert(Path::new("/src").join(path), contents);
            }
            "program" => self.programs.push(rest.into()),
            other => panic!("no such state in goldens: {other}"),
        }
    }

    /// Plans a call: the first word is the tool.
    ///
    /// # Errors
    /// As [`plan_for`].
    pub fn plan(&self, words: &[String]) -> Result<Explanation, PlanError> {
        let (name, args) = words.split_first().expect("a command");
        let invocation = Invocation {
            name: name.clone(),
            args: args.iter().map(OsString::from).collect(),
            env: Env::new(self.env.iter().cloned()),
            cwd: "/src".into(),
            shim_dir: "/shims".into(),
        };
        let prepared = plan_for(&self.config, &invocation, self, Path::new("/scratch"))?;
        Ok(Explanation::of(prepared.plan))
    }
}

impl Files for Machine {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_other_program(&self, path: &Path) -> bool {
        self.programs.iter().any(|program| program == path)
    }
}
