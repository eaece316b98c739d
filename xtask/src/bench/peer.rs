//! pyodide-build's compiler wrappers, from PyPI, set up as pyodide-build does it for a build.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::progress::Lines;
use provision::{STABLE, Store, provision_python, provision_tools};
use serde_json::json;
use toolcall::config::ShimConfig;

use crate::task::Result;

/// pyodide-build's version.
const VERSION: &str = "0.39.2";

/// What is asked of it: its folder, the module path, its wrappers' names, and the variable that
/// tells a build of each.
const QUESTION: &str = "
import __main__, json, sys
__main__.__file__ = 'question'
from pyodide_build import pypabuild, pywasmcross
print(json.dumps([pypabuild.__file__.rpartition('/')[0], sys.path,
    sorted(pywasmcross.SYMLINKS), pypabuild.SYMLINK_ENV_VARS]))
";

/// The wrappers, and what they need.
pub struct Peer {
    /// Their folder.
    pub wrappers: Utf8PathBuf,
    /// The Python of the environment that pyodide-build is installed in.
    pub python: Utf8PathBuf,
    /// pyodide-build's own Meson cross file, which leaves the compilers to the variables.
    pub cross_file: Utf8PathBuf,
    /// Variables of a call, those that name the wrappers among them.
    pub env: Vec<(String, String)>,
}

impl Peer {
    /// Installs pyodide-build below `work`, if it is not there yet, for the toolchain and target of
    /// a shim folder.
    pub fn provide(work: &Utf8Path, store: &Store, config: &ShimConfig) -> Result<Self> {
        let venv = work.join(format!("peer-{VERSION}"));
        let bin = venv.join("bin");
        let python = bin.join("python");
        if !bin.join("pyodide").exists() || !bin.join("pip").exists() {
            let host = provision_python(store, STABLE, STABLE.pythons[0], &Lines)?;
            let tools = provision_tools(store, &host, &Lines)?;
            let words = ["-m", "venv", "--clear", "--without-pip", venv.as_str()];
            duct::cmd(host.exe.as_str(), words).run()?;
            let pip = ["-m", "pip", "--python", python.as_str(), "install"];
            let package = format!("pyodide-build=={VERSION}");
            let words = [&pip[..], &["--quiet", &package, "pip"]].concat();
            duct::cmd(tools.python.as_str(), words).run()?;
        }
        let answer = duct::cmd!(python.as_str(), "-c", QUESTION).read()?;
        let (package, mut path, names, variables): Answer = serde_json::from_str(&answer)?;
        let package = Utf8Path::new(&package);
        let wrappers = venv.join("wrappers");
        fs::create_dir_all(&wrappers)?;
        let script = wrappers.join("pywasmcross.py");
        for name in ["pywasmcross.py", "_f2c_fixes.py"] {
            fs::copy(package.join(name), wrappers.join(name))?;
        }
        duct::cmd!("chmod", "+x", script.as_str()).run()?;
        for name in names {
            let link = wrappers.join(name);
            if fs::symlink_metadata(&link).is_err() {
                std::os::unix::fs::symlink("pywasmcross.py", &link)?;
            }
        }
        path.push(wrappers.to_string());
        let node = config.node.parent().unwrap_or(&config.node);
        let search = format!("{}:{bin}:{node}:/usr/bin:/bin", config.emscripten.root);
        let flags = |lists: &[&[String]]| lists.concat().join(" ");
        let settings = json!({
            "pkgname": "bench",
            "cflags": flags(&[&config.defaults, &config.cflags]),
            "cxxflags": flags(&[&config.cxxflags]),
            "ldflags": flags(&[&config.defaults, &config.ldflags]),
            "target_install_dir": "",
            "exports": "pyinit",
            "pythoninclude": config.python_include.as_str(),
            "abi": config.abi,
            "PYTHONPATH": path,
            "PATH": search,
            "orig__name__": "pyodide_build.pypabuild",
        });
        let own = [
            ("PYWASMCROSS_ARGS", settings.to_string()),
            ("BUILD_ENV_SCRIPTS_DIR", bin.to_string()),
            ("PATH", format!("{bin}:{search}")),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let tools = variables.into_iter();
        let tools = tools.map(|(name, variable)| (variable, wrappers.join(name).into_string()));
        let emscripten = config.emscripten.env.iter().cloned();
        Ok(Self {
            python,
            cross_file: package.join("tools/emscripten.meson.cross"),
            env: emscripten.chain(own).chain(tools).collect(),
            wrappers,
        })
    }
}

/// What [`QUESTION`] is answered by.
type Answer = (String, Vec<String>, Vec<String>, BTreeMap<String, String>);
