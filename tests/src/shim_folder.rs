//! A shim folder with the real binary and fake tools that write down how they were called.

use crate::fake;
use crate::real::emshim;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The fake tool, a script of the repository: a file just written cannot always be run while other
/// tests start processes.
const FAKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fake-tool.sh");

/// The tool that copies, a script of the repository as well.
const COPYING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/copying-tool.sh");

/// A shim folder, fake Emscripten and LLVM folders, and a folder to work in.
#[derive(Debug)]
pub struct ShimFolder {
    root: TempDir,
}

/// How a fake tool was called.
#[derive(Debug)]
pub struct Call {
    /// The command, program first.
    pub argv: Vec<OsString>,
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
}

impl Call {
    /// The command as text.
    #[must_use]
    pub fn line(&self) -> String {
        toolcall::display::shell(&self.argv)
    }

    /// A variable's value.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env
            .get(OsStr::new(name))
            .and_then(|value| value.to_str())
    }
}

/// The same command with signals as a terminal's user has them: what runs the tests may ignore some,
/// as shells do for jobs in the background, and `nohup`.
#[must_use]
pub fn with_default_signals(command: &Command) -> Command {
    let mut wrapped = Command::new("env");
    wrapped
        .arg("--default-signal=HUP,INT,QUIT,TERM")
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .stdin(Stdio::null());
    let set = command.get_envs();
    wrapped.envs(set.filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

/// How a child ends. One that does not is killed.
///
/// # Panics
/// It takes longer than anything here does.
#[track_caller]
pub fn ended(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    while began.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().expect("a child's status") {
            return status;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    panic!("it did not end within {LIMIT:?}");
}

/// Longer than any call of a fake tool takes, on a machine with other work too.
pub const LIMIT: Duration = Duration::from_secs(120);

impl Default for ShimFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl ShimFolder {
    /// Makes one.
    ///
    /// # Panics
    /// The disk does not let us.
    #[must_use]
    pub fn new() -> Self {
        // Beside the binary, so that it can be linked: a copy is a file just written.
        let binary = emshim();
        let beside = binary.parent().expect("a folder");
        let root = tempfile::Builder::new()
            .prefix("emshim-test-")
            .tempdir_in(beside);
        let folder = Self {
            root: root.expect("a folder"),
        };
        for dir in ["shims", "em", "llvm", "bin", "work", "calls", "tmp"] {
            std::fs::create_dir(folder.path(dir)).expect("a new folder");
        }
        for tool in [
            "em/emcc",
            "em/em++",
            "llvm/llvm-ar",
            "llvm/llvm-nm",
            "llvm/llvm-strip",
        ] {
            folder.fake(tool);
        }
        let shims = folder.path("shims");
        std::fs::hard_link(&binary, shims.join("emshim")).expect("a link to the binary");
        for name in toolcall::tool::link_names() {
            symlink("emshim", shims.join(name)).expect("a link");
        }
        let mut config = fake::config();
        config.emscripten.root = folder.path("em");
        config.emscripten.cache = folder.path("em/cache");
        config.emscripten.llvm_bin = folder.path("llvm");
        config.emscripten.env = vec![("EMSDK_PYTHON".into(), "/em/python3".into())];
        config.log = folder.path("log");
        let text = serde_json::to_string(&config).expect("JSON");
        std::fs::write(shims.join("emshim.json"), text).expect("a configuration");
        folder
    }

    /// A path below the folder's root: `work`, `log`, `tmp`, ...
    #[must_use]
    pub fn path(&self, name: &str) -> Utf8PathBuf {
        let root = Utf8Path::from_path(self.root.path()).expect("a UTF-8 path");
        root.join(name)
    }

    /// Makes a fake tool.
    ///
    /// # Panics
    /// The disk does not let us.
    pub fn fake(&self, name: &str) -> Utf8PathBuf {
        let path = self.path(name);
        symlink(FAKE, &path).expect("a link to the fake tool");
        path
    }

    /// Puts tools in the place of the fake Emscripten's and LLVM's that only copy their inputs:
    /// what they make depends on nothing else.
    ///
    /// # Panics
    /// The disk does not let us.
    pub fn copying_tools(&self) {
        for tool in ["em/emcc", "em/em++", "llvm/llvm-ar"] {
            let path = self.path(tool);
            std::fs::remove_file(&path).expect("a fake tool");
            symlink(COPYING, &path).expect("a link to the copying tool");
        }
    }

    /// A call of a shim, to be run in the work folder; the fake tools do `behaviour`, shell code.
    #[must_use]
    pub fn command(&self, tool: &str, behaviour: &str) -> Command {
        let mut command = Command::new(self.path("shims").join(tool));
        command
            .current_dir(self.path("work"))
            .env_clear()
            .env(
                "PATH",
                format!("{}:{}:/usr/bin:/bin", self.path("shims"), self.path("bin")),
            )
            .env("TMPDIR", self.path("tmp"))
            .env("FAKE_CALLS", self.path("calls"))
            .env("FAKE_DO", behaviour)
            // The fakes have no flags for clang to tell.
            .env("EMSHIM_DIRECT", "0")
            .stdin(Stdio::null());
        command
    }

    /// Runs a shim to its end.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn run(&self, tool: &str, args: &[&str], behaviour: &str) -> Output {
        let mut command = self.command(tool, behaviour);
        command.args(args).output().expect("a shim that starts")
    }

    /// The fake tools' calls so far, in order.
    ///
    /// # Panics
    /// Their notes cannot be read.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.path("calls");
        let order = std::fs::read_to_string(calls.join("order")).unwrap_or_default();
        let split = |file: &Utf8Path| {
            let bytes = std::fs::read(file).expect("a fake tool's note");
            let words = bytes
                .split_inclusive(|&b| b == 0)
                .map(|word| &word[..word.len() - 1]);
            words
                .map(|word| OsString::from_vec(word.to_vec()))
                .collect::<Vec<_>>()
        };
        let call = |pid: &str| {
            let env = split(&calls.join(format!("{pid}.env")));
            let pair = |variable: &OsString| {
                let bytes = variable.as_bytes();
                let at = bytes.iter().position(|&b| b == b'=')?;
                let (name, value) = (&bytes[..at], &bytes[at + 1..]);
                Some((
                    OsStr::from_bytes(name).to_owned(),
                    OsStr::from_bytes(value).to_owned(),
                ))
            };
            Call {
                argv: split(&calls.join(format!("{pid}.argv"))),
                env: env.iter().filter_map(pair).collect(),
            }
        };
        order.lines().map(call).collect()
    }

    /// The records' lines, each parsed.
    ///
    /// # Panics
    /// A line is not JSON.
    #[must_use]
    pub fn records(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.path("log/records.jsonl")).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    /// What is in a folder.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(name)).expect("a folder");
        let name = |e: std::io::Result<std::fs::DirEntry>| {
            e.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }
}
