//! The project that the suites publish, and what serves and installs it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{Pid, Signal, kill_process};

use crate::real::{Completed, command, emshim, run};
use crate::shim_folder::{ended, with_default_signals};

/// The folder with the project and the scripts that use it.
#[must_use]
pub fn folder() -> &'static Utf8Path {
    Utf8Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/published"))
}

/// Builds the project's wheel for a target into a folder.
///
/// # Panics
/// It does not build.
#[must_use]
pub fn build(target: &str, outdir: &Utf8Path) -> Utf8PathBuf {
    let project = folder().join("project");
    let words = ["build", "--json", "--target", target, "-o"];
    let words = [&words[..], &[outdir.as_str(), project.as_str()]].concat();
    let done = run(&words).success();
    let result: serde_json::Value = serde_json::from_str(&done.stdout).expect("JSON");
    result["wheel"].as_str().expect("a wheel").into()
}

/// An `emshim serve` that runs; dropping it ends it.
#[derive(Debug)]
pub struct Serving {
    server: Child,
    /// Its address, such as `http://127.0.0.1:41234/`.
    pub address: String,
}

impl Serving {
    /// Serves a folder on a free port.
    ///
    /// # Panics
    /// It does not begin.
    #[must_use]
    pub fn begin(folder: &Utf8Path) -> Self {
        let mut command = Command::new(emshim());
        command.args(["serve", folder.as_str(), "--port", "0"]);
        for name in ["PATH", "HOME"] {
            command.env(name, std::env::var_os(name).unwrap_or_default());
        }
        let mut server = with_default_signals(&command);
        server.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = server.spawn().expect("a server");
        let mut address = String::new();
        let out = server.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut address).expect("a line");
        let address = address.trim().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        Self { server, address }
    }

    /// Where it listens, such as `127.0.0.1:41234`.
    #[must_use]
    pub fn socket(&self) -> &str {
        let address = self.address.trim_start_matches("http://");
        address.trim_end_matches('/')
    }

    /// Sends it a signal, and gives how it ends.
    ///
    /// # Panics
    /// It goes on.
    pub fn end_by(&mut self, signal: Signal) -> ExitStatus {
        kill_process(Pid::from_child(&self.server), signal).expect("a sent signal");
        ended(&mut self.server)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Runs a script of [`folder`] in Node.
#[must_use]
pub fn node(script: &str, words: &[&str], cwd: &Utf8Path) -> Completed {
    let script = folder().join(script);
    let words = [&[script.as_str()], words].concat();
    Completed::of(&command("node", &words).dir(cwd.as_str()))
}
