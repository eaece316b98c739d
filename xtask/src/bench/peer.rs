//! pyodide-build's compiler wrappers, from PyPI, set up as pyodide-build does it for a build.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::progress::Lines;
use provision::{SUITES, Store, provision_python, provision_tools};
use serde_json::json;
use shims::shim::config::ShimConfig;

use crate::Result;

/// The names that the wrappers are called by; each is a link to one script.
const NAMES: &[&str] = &["ar", "c++", "cc", "cmake", "ld", "meson", "ranlib", "strip"];

/// The wrappers, and what they need.
pub struct Peer {
    /// Their folder.
    pub wrappers: Utf8PathBuf,
    /// The Python of the environment that pyodide-build is installed in.
    pub python: Utf8PathBuf,
    /// Variables of a call.
    pub env: Vec<(String, String)>,
}

impl Peer {
    /// Installs pyodide-build below `work`, if it is not there yet, for the toolchain and target of
    /// a shim folder.
    pub fn provide(work: &Utf8Path, store: &Store, config: &ShimConfig) -> Result<Self> {
        let venv = work.join("peer");
        let bin = venv.join("bin");
        let python = bin.join("python");
        if !bin.join("pyodide").exists() || !bin.join("pip").exists() {
            let host = provision_python(store, &SUITES[0], &Lines)?;
            let tools = provision_tools(store, &host, &Lines)?;
            let words = ["-m", "venv", "--clear", "--without-pip", venv.as_str()];
            duct::cmd(host.exe.as_str(), words).run()?;
            let pip = ["-m", "pip", "--python", python.as_str(), "install"];
            let words = [&pip[..], &["--quiet", "pyodide-build", "pip"]].concat();
            duct::cmd(tools.python.as_str(), words).run()?;
        }
        let find = "import pyodide_build, sys, json; \
                    print(json.dumps([pyodide_build.__path__[0], sys.path]))";
        let found = duct::cmd!(python.as_str(), "-c", find).read()?;
        let (package, mut path): (String, Vec<String>) = serde_json::from_str(&found)?;
        let wrappers = work.join("peer-wrapper");
        fs::create_dir_all(&wrappers)?;
        let script = wrappers.join("pywasmcross.py");
        for name in ["pywasmcross.py", "_f2c_fixes.py"] {
            fs::copy(Utf8Path::new(&package).join(name), wrappers.join(name))?;
        }
        duct::cmd!("chmod", "+x", script.as_str()).run()?;
        for name in NAMES {
            let link = wrappers.join(name);
            if fs::symlink_metadata(&link).is_err() {
                std::os::unix::fs::symlink("pywasmcross.py", &link)?;
            }
        }
        path.push(wrappers.to_string());
        let search = format!("{}:{bin}:/usr/bin:/bin", config.emscripten.root);
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
        Ok(Self {
            wrappers,
            python,
            env: config.emscripten.env.iter().cloned().chain(own).collect(),
        })
    }
}
