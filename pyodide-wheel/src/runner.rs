//! Running Python in Pyodide under Node, as a normal `python` would.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::python::Env;

const RUNNER: &str = include_str!("../assets/runner.cjs");

/// `sys.executable` of the program. There is no such file: the interpreter cannot start itself.
const EXECUTABLE: &str = "/lib/python";

/// Node and an unpacked npm package of Pyodide.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The `node` program.
    pub node: Utf8PathBuf,
    /// Folder of the npm package.
    pub pyodide: Utf8PathBuf,
}

/// One run of Python.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// What a `python` command line has after the program name: options, then `-c CODE`,
    /// `-m MODULE` or a script, then its arguments. Without any, Python reads a script from stdin,
    /// or converses with a terminal.
    pub args: &'a [&'a OsStr],
    /// Folder to use as site-packages.
    pub site: Option<&'a Utf8Path>,
    /// Working directory.
    pub cwd: &'a Utf8Path,
    /// The whole environment of the program.
    pub env: &'a Env,
    /// A wheel to install into the site first.
    pub install: Option<Install<'a>>,
}

/// A wheel that is installed as users of the release do it: with its own micropip, from a file.
/// Dependencies are not looked for.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Install<'a> {
    /// Folder with that micropip.
    pub micropip: &'a Utf8Path,
    /// The wheel.
    pub wheel: &'a Utf8Path,
    /// A file that is written when micropip refuses the wheel, with its reason. Python is not run
    /// then.
    pub refusal: &'a Utf8Path,
}

/// A run could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// JavaScript strings, and so Pyodide's command line, cannot hold it.
    #[error("argument {argument:?} is not UTF-8, which Python in Pyodide cannot receive")]
    Argument {
        /// The argument.
        argument: std::ffi::OsString,
    },
    /// Node could not be started.
    #[error("cannot run {node}: {source}")]
    Start {
        /// The program.
        node: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

#[derive(Serialize)]
struct RunInput<'a> {
    pyodide: &'a Utf8Path,
    args: Vec<&'a str>,
    site: Option<&'a Utf8Path>,
    executable: &'a str,
    install: Option<Install<'a>>,
}

impl Runner {
    /// The command that runs Python; its streams are the caller's to set.
    ///
    /// Exit statuses are those of `python`, 130 after a keyboard interrupt included; 134 stands
    /// for a fatal error of the runtime.
    ///
    /// # Errors
    /// An argument is not UTF-8.
    pub fn command(&self, run: &Run<'_>) -> Result<Command, RunError> {
        let utf8 = |argument: &&'_ OsStr| {
            argument
                .to_str()
                .map(str::to_owned)
                .ok_or_else(|| RunError::Argument {
                    argument: (*argument).to_owned(),
                })
        };
        let args = run.args.iter().map(utf8).collect::<Result<Vec<_>, _>>()?;
        let request = RunInput {
            pyodide: &self.pyodide,
            args: args.iter().map(String::as_str).collect(),
            site: run.site,
            executable: EXECUTABLE,
            install: run.install,
        };
        let request = serde_json::to_string(&request).expect("strings are JSON");
        let mut command = Command::new(&self.node);
        command.args(["-e", RUNNER, "--", &request]);
        command.current_dir(run.cwd).env_clear().envs(run.env);
        Ok(command)
    }

    /// Runs Python on the caller's own streams and waits for it.
    ///
    /// # Errors
    /// An argument is not UTF-8, or Node cannot be started.
    pub fn run(&self, run: &Run<'_>) -> Result<ExitStatus, RunError> {
        let start = |source| RunError::Start {
            node: self.node.clone(),
            source,
        };
        self.command(run)?.status().map_err(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands in for Pyodide: says what it was given, and ends as the first argument wishes.
    const FAKE: &str = r#"
        exports.loadPyodide = async (options) => {
          const seen = { args: options.args, executable: options._sysExecutable, mounts: {} };
          const FS = {
            filesystems: { NODEFS: { node_ops: { getattr: () => ({ uid: process.getuid() }) } } },
            mkdirTree() {},
            mount(type, { root }, at) {
              // As Emscripten has it: no Error, and a number of its own.
              if (!require("fs").existsSync(root)) throw { name: "ErrnoError", errno: 44 };
              seen.mounts[at] = root;
            },
            chdir(path) { seen.cwd = path; },
          };
          if (options.args[0] !== "no-hook") await options.fsInit(FS, { sitePackages: "/lib/site" });
          seen.env = options.env;
          seen.uid = FS.filesystems.NODEFS.node_ops.getattr().uid;
          const path = ["", "/lib/python313.zip"];
          const ends = {
            return: () => 3,
            exit: () => { throw Object.assign(new Error("exit"), { name: "ExitStatus", status: 7 }); },
            trap: () => { throw new WebAssembly.RuntimeError("unreachable"); },
            "throw": () => { throw { excPtr: 7 }; },
            uncaught: () => {
              throw new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), []);
            },
            see: () => {
              fake.streams[0].write(new TextEncoder().encode(JSON.stringify({ ...seen, path })));
              return 0;
            },
          };
          const fake = {
            version: "9.9",
            streams: [],
            setStdout(stream) { fake.streams[0] = stream; },
            setStderr(stream) { fake.streams[1] = stream; },
            pyimport: (name) => name === "sys"
              ? { path: { get: (n) => path[n] } }
              : { delitem: (_, n) => path.splice(n, 1) },
            _module: {
              _Py_RunMain: () => ends[options.args[0]](),
              _dump_traceback() { require("fs").writeSync(2, "Stack (most recent call first)\n"); },
            },
          };
          return fake;
        };
    "#;

    struct Ended {
        code: Option<i32>,
        stdout: String,
        stderr: String,
    }

    fn run(args: &[&str], env: &[(&str, &str)]) -> Ended {
        run_with(args, env, "site")
    }

    /// With a folder below the working directory for site-packages.
    fn run_with(args: &[&str], env: &[(&str, &str)], site: &str) -> Ended {
        let dir = tempfile::tempdir().unwrap();
        let cwd = Utf8Path::from_path(dir.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        std::fs::write(cwd.join("pyodide.js"), FAKE).unwrap();
        std::fs::create_dir(cwd.join("site")).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let mut all = Env::from([("PATH".into(), path)]);
        all.extend(env.iter().map(|(name, value)| (name.into(), value.into())));
        let runner = Runner {
            node: "node".into(),
            pyodide: cwd.clone(),
        };
        let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        let run = Run {
            args: &args,
            site: Some(&cwd.join(site)),
            cwd: &cwd,
            env: &all,
            install: None,
        };
        let output = runner.command(&run).unwrap().output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(cwd.as_str(), "CWD");
        Ended {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    #[test]
    fn pyodide_is_given_what_a_python_would_have() {
        let env = [
            ("PYTHONHOME", "/usr"),
            ("_PYTHON_HOST_PLATFORM", "x"),
            ("PYTHONPATH", "/p"),
        ];
        let ended = run(&["see", "a b", "\u{e9}", "--", "-e"], &env);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let seen: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            seen["args"],
            serde_json::json!(["see", "a b", "\u{e9}", "--", "-e"])
        );
        assert_eq!(seen["cwd"], "CWD");
        assert_eq!(seen["mounts"]["/lib/site"], "CWD/site");
        assert_eq!(seen["mounts"]["/usr"], "/usr");
        assert_eq!(seen["mounts"]["/lib"], serde_json::Value::Null);
        assert_eq!(seen["uid"], 0);
        assert_eq!(seen["path"], serde_json::json!(["/lib/python313.zip"]));
        let env = &seen["env"];
        assert_eq!(
            (&env["PYTHONPATH"], &env["PYTHONINSPECT"]),
            (&"/p".into(), &"".into())
        );
        assert!(env["PYTHONHOME"].is_null() && env["_PYTHON_HOST_PLATFORM"].is_null());
    }

    #[test]
    fn the_programs_status_is_the_runs() {
        assert_eq!(run(&["return"], &[]).code, Some(3));
        assert_eq!(run(&["exit"], &[]).code, Some(7));
    }

    #[test]
    fn a_crash_is_one_message_and_the_place_in_python() {
        let ended = run(&["trap"], &[]);
        assert_eq!(ended.code, Some(134));
        let expected = "emshim: Pyodide stopped with a fatal error: unreachable\n\
                        Stack (most recent call first)\n";
        assert_eq!(ended.stderr, expected);
        // What C++ throws there is no Error.
        let ended = run(&["throw"], &[]);
        assert!(ended.stderr.contains("{ excPtr: 7 }"), "{}", ended.stderr);
        let ended = run(&["uncaught"], &[]);
        assert!(
            ended.stderr.contains("that no code caught"),
            "{}",
            ended.stderr
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_named() {
        let ended = run_with(&["return"], &[], "gone");
        assert_eq!(ended.code, Some(134));
        let expected = "cannot show the folder CWD/gone as /lib/site: it is not there";
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }

    #[test]
    fn a_release_that_cannot_be_given_files_is_named() {
        let ended = run(&["no-hook"], &[]);
        assert_eq!(ended.code, Some(134));
        assert!(
            ended.stderr.contains("Pyodide 9.9 has no fsInit hook"),
            "{}",
            ended.stderr
        );
    }

    #[test]
    fn arguments_that_are_not_utf8_are_refused_by_name() {
        use std::os::unix::ffi::OsStrExt as _;
        let runner = Runner {
            node: "node".into(),
            pyodide: "/p".into(),
        };
        let args = [OsStr::new("-c"), OsStr::from_bytes(b"\xff")];
        let env = Env::new();
        let run = Run {
            args: &args,
            site: None,
            cwd: "/".into(),
            env: &env,
            install: None,
        };
        assert!(matches!(
            runner.command(&run),
            Err(RunError::Argument { .. })
        ));
    }
}
