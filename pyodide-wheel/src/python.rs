//! Calling the embedded Python scripts.
//!
//! A script's stdin is one end of a socket pair: it brings the request and takes the answer back,
//! both JSON, so that stdout and stderr are free for the tools the script runs; those go to the
//! log and, on request, to the caller line by line. When this process ends, killed or not, the
//! pair breaks, and the script ends itself and its tools.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{self, Context as _, FileError};

/// A whole process environment.
pub type Env = BTreeMap<OsString, OsString>;

/// Where the output of the tools a script runs goes.
pub struct Output<'a> {
    /// Log file, appended to.
    pub log: &'a Utf8Path,
    /// Gets each line as well, without its line ending.
    pub line: &'a mut dyn FnMut(&str),
}

/// An interpreter, the environment it runs in and the folder it works in.
#[derive(Debug, Clone)]
pub struct Python {
    /// The interpreter.
    pub exe: Utf8PathBuf,
    /// Its whole environment.
    pub env: Env,
}

/// A script did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The log could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The interpreter could not be started.
    #[error("cannot run {exe}: {source}")]
    Start {
        /// The interpreter.
        exe: Utf8PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The script ended without an answer.
    #[error(
        "emshim's {script} script failed under {exe} ({status}); its output is in {log}:\n{tail}"
    )]
    Crashed {
        /// Which script.
        script: &'static str,
        /// The interpreter.
        exe: Utf8PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The log file.
        log: Utf8PathBuf,
        /// The end of its output.
        tail: String,
    },
    /// The answer is not what was expected.
    #[error("emshim's {script} script under {exe} gave an answer that makes no sense: {why}")]
    Answer {
        /// Which script.
        script: &'static str,
        /// The interpreter.
        exe: Utf8PathBuf,
        /// What does not fit.
        why: String,
    },
}

/// One of the embedded scripts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub name: &'static str,
    /// Texts that make up the script, after the protocol's.
    pub texts: &'static [&'static str],
}

const PROTOCOL: &str = include_str!("../assets/protocol.py");

/// How many of the last lines of output an error shows.
const TAIL_LINES: usize = 20;

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T, E> {
    Ok(T),
    Error(E),
}

impl Python {
    /// Runs a script. The inner result is the script's own: its answer or its refusal.
    pub(crate) fn call<T: DeserializeOwned, E: DeserializeOwned>(
        &self,
        script: Script,
        request: &impl Serialize,
        output: &mut Output<'_>,
    ) -> Result<Result<T, E>, ScriptError> {
        let nonsense = |why: String| ScriptError::Answer {
            script: script.name,
            exe: self.exe.clone(),
            why,
        };
        let mut request = serde_json::to_vec(request).map_err(|e| nonsense(e.to_string()))?;
        request.push(b'\n');

        // -I: neither PYTHONPATH nor the user's site folder may change what the script imports.
        let mut command = Command::new(&self.exe);
        command
            .args(["-I", "-c"])
            .arg([&[PROTOCOL], script.texts].concat().join("\n\n"))
            .env_clear()
            .envs(self.env.iter().filter(|(name, _)| !is_cross_variable(name)));
        let log = open_log(output.log)?;
        let end = run_logged(&mut command, &request, log, output.line).map_err(|source| {
            ScriptError::Start {
                exe: self.exe.clone(),
                source,
            }
        })?;
        // Without its last character, the answer is what a crash let through.
        if !end.answer.ends_with(b"\n") {
            return Err(ScriptError::Crashed {
                script: script.name,
                exe: self.exe.clone(),
                status: end.status,
                log: output.log.to_owned(),
                tail: end.tail,
            });
        }
        match serde_json::from_slice(&end.answer).map_err(|e| nonsense(e.to_string()))? {
            Answer::Ok(value) => Ok(Ok(value)),
            Answer::Error(refusal) => Ok(Err(refusal)),
        }
    }
}

/// CPython's private variables make an interpreter answer for another platform. Inside an
/// environment made for cross building, they must not reach what is to run here.
fn is_cross_variable(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"_PYTHON_")
}

/// How a script ended.
struct End {
    status: ExitStatus,
    /// What it sent back.
    answer: Vec<u8>,
    /// The last lines of its output.
    tail: String,
}

fn open_log(path: &Utf8Path) -> Result<File, FileError> {
    files::create_dir_all(path.parent().unwrap_or(Utf8Path::new(".")))?;
    let mut options = File::options();
    // For its owner alone: tools may print secrets.
    options.create(true).append(true).mode(0o600);
    options.open(path).context("write", path)
}

/// Runs a script's command on a request, both output streams in one, as a terminal shows them.
fn run_logged(
    command: &mut Command,
    request: &[u8],
    log: File,
    each: &mut dyn FnMut(&str),
) -> io::Result<End> {
    let (channel, its_end) = UnixStream::pair()?;
    let (reader, writer) = io::pipe()?;
    command
        .stdin(OwnedFd::from(its_end))
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn()?;
    // The command holds the script's ends; while it does, ours never see the script close them.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Nothing is written to it: its end is closed when the script has ended.
    let (ended, open) = io::pipe()?;
    let (followed, is_followed) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // At the same time as the output: a script that blocks on writing one cannot go on
        // with the other.
        let (channel, child) = (&channel, &mut child);
        let answer = scope.spawn(move || {
            let answer = exchange(channel, request);
            let status = end_group(child, &is_followed);
            drop(open);
            Ok::<_, io::Error>((answer?, status?))
        });
        let tail = follow(reader, &ended, log, each);
        if tail.is_err() {
            // The receiver is dropped: this ends the script.
            let _ = channel.shutdown(Shutdown::Both);
        }
        drop(followed);
        let (answer, status) = answer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(End {
            status,
            answer,
            tail: tail?,
        })
    })
}

/// How long what a script left running has to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Waits for a script that leads a process group to end, and ends what it left running in it, which
/// no process waits for: it would hold the output, and outlive the build. `is_followed` hangs up when
/// the output has ended. What made a session of its own, as a compiler cache's server does, stays.
fn end_group(child: &mut Child, is_followed: &mpsc::Receiver<()>) -> io::Result<ExitStatus> {
    let group = Pid::from_child(child);
    // Not reaped yet, so that its process id cannot be another's when the group is killed.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(group), ended) {}
    // Mostly there is none but the script.
    let _ = kill_process_group(group, Signal::TERM);
    let _ = is_followed.recv_timeout(GRACE);
    let _ = kill_process_group(group, Signal::KILL);
    child.wait()
}

/// Sends a request and receives what comes back before the script ends.
fn exchange(mut channel: &UnixStream, request: &[u8]) -> io::Result<Vec<u8>> {
    use io::ErrorKind::{BrokenPipe, ConnectionReset};
    let mut answer = Vec::new();
    let sent = channel.write_all(request);
    match sent.and_then(|()| channel.read_to_end(&mut answer)) {
        // It ended before it read its request: its own output says why.
        Err(e) if !matches!(e.kind(), BrokenPipe | ConnectionReset) => Err(e),
        _ => Ok(answer),
    }
}

/// How much is read of the output of processes that go on after the script, in bytes.
const AFTERWARDS: usize = 1 << 20;

/// Copies output without its secrets to the log and, line by line, to the caller, until every writer has closed it,
/// or `ended` is closed. Returns the last lines.
fn follow(
    mut reader: PipeReader,
    ended: &PipeReader,
    mut log: File,
    each: &mut dyn FnMut(&str),
) -> io::Result<String> {
    let mut tail = VecDeque::with_capacity(TAIL_LINES);
    let mut line = Vec::new();
    let mut take = |line: &mut Vec<u8>| -> io::Result<()> {
        let text = secrets::mask(&String::from_utf8_lossy(line));
        let kept = log.write_all(text.as_bytes());
        kept.map_err(|e| io::Error::new(e.kind(), format!("its output cannot be kept: {e}")))?;
        let text = text.trim_end().to_owned();
        each(&text);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        tail.push_back(text);
        line.clear();
        Ok(())
    };
    let mut chunk = vec![0; 64 * 1024];
    let mut left = AFTERWARDS;
    loop {
        let mut ready = [
            PollFd::new(&reader, PollFlags::IN),
            PollFd::new(ended, PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        };
        let is_over = !ready[1].revents().is_empty();
        let count = if ready[0].revents().is_empty() || left == 0 {
            0
        } else {
            reader.read(&mut chunk)?
        };
        if count == 0 {
            break;
        }
        if is_over {
            left = left.saturating_sub(count);
        }
        for part in chunk[..count].split_inclusive(|&byte| byte == b'\n') {
            line.extend_from_slice(part);
            if line.ends_with(b"\n") {
                take(&mut line)?;
            }
        }
    }
    if !line.is_empty() {
        take(&mut line)?;
    }
    Ok(Vec::from(tail).join("\n"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::files::FileLock;
    use crate::source::{Source, WorkTree};

    fn python() -> Python {
        Python {
            exe: "python3".into(),
            env: std::env::vars_os().collect(),
        }
    }

    fn call(
        texts: &'static [&'static str],
    ) -> (
        Result<Result<i64, String>, ScriptError>,
        Vec<String>,
        String,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("logs/log")).unwrap();
        let mut lines = Vec::new();
        let mut output = Output {
            log: &log,
            line: &mut |line| lines.push(line.to_owned()),
        };
        let script = Script {
            name: "test",
            texts,
        };
        let result = python().call(script, &serde_json::json!({"n": 20}), &mut output);
        let logged = std::fs::read_to_string(&log).unwrap_or_default();
        (result, lines, logged)
    }

    #[test]
    fn answers_and_output_go_separate_ways() {
        let (result, lines, logged) = call(&[
            "print('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\n\
             serve(lambda request: request['n'] + 1)",
        ]);
        assert_eq!(result.unwrap(), Ok(21));
        assert_eq!(lines, ["out", "err"]);
        assert_eq!(logged, "out\nerr\n");
    }

    #[test]
    fn output_is_kept_and_told_without_its_secrets() {
        let (result, lines, logged) = call(&[
            "print('cc -DTOKEN=abc x.c; https://u:hunter2@h/x', flush=True)\n\
             raise SystemExit('--password=hunter2 is wrong')",
        ]);
        let said = [
            "cc -DTOKEN=*** x.c; https://***@h/x",
            "--password=*** is wrong",
        ];
        assert!(lines.starts_with(&said.map(str::to_owned)), "{lines:?}");
        assert!(!logged.contains("hunter2"), "{logged}");
        assert!(logged.starts_with(said[0]), "{logged}");
        assert!(!result.unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn a_cross_environment_around_us_is_left_behind() {
        let mut python = python();
        python.env.insert(
            "_PYTHON_SYSCONFIGDATA_NAME".into(),
            "_sysconfigdata_none".into(),
        );
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("log")).unwrap();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let texts = &["import sysconfig\nserve(lambda _: len(sysconfig.get_config_vars()))"];
        let script = Script {
            name: "test",
            texts,
        };
        let result = python.call::<usize, String>(script, &(), &mut output);
        assert!(result.unwrap().unwrap() > 0);
    }

    #[test]
    fn a_crash_shows_the_end_of_its_output() {
        let error = call(&["raise SystemExit('gone wrong')"]).0.unwrap_err();
        assert!(matches!(error, ScriptError::Crashed { .. }));
        assert!(error.to_string().contains("gone wrong"), "{error}");
    }

    #[test]
    fn what_a_script_leaves_running_neither_holds_it_nor_outlives_it() {
        let (result, lines, _) = call(&["import subprocess
def main(request):
    left = subprocess.Popen(['sh', '-c', 'trap \"\" TERM; echo started; while :; do sleep 1; done'])
    quiet = subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(quiet.pid, flush=True)
    return left.pid
serve(main)"]);
        let pids = [
            result.unwrap().unwrap(),
            lines.iter().find_map(|l| l.parse().ok()).unwrap(),
        ];
        for pid in pids {
            let running = || {
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
                stat.is_ok_and(|stat| !stat.contains(") Z "))
            };
            until("ended", || !running());
        }
    }

    #[test]
    fn what_leaves_the_group_does_not_hold_the_script() {
        let (result, _, _) = call(&["import subprocess
def main(request):
    return subprocess.Popen(['sh', '-c', 'yes & sleep 300'], start_new_session=True).pid
serve(main)"]);
        let pid = i32::try_from(result.unwrap().unwrap()).unwrap();
        kill_process_group(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    }

    #[test]
    fn a_big_request_and_a_big_answer_get_through_much_output() {
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("log")).unwrap();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let script = Script {
            name: "test",
            texts: &["print('x' * 1_000_000)\nserve(lambda request: request * 2)"],
        };
        let request = "y".repeat(1_000_000);
        let result = python().call::<String, String>(script, &request, &mut output);
        assert_eq!(result.unwrap().unwrap().len(), 2_000_000);
    }

    #[test]
    fn scripts_and_their_tools_have_no_input_and_no_terminal() {
        let (result, _, _) = call(&[r#"
import subprocess
TOOL = """
import sys
try:
    open("/dev/tty")
except OSError:
    sys.exit(len(sys.stdin.read()))
sys.exit("there is a terminal")
"""
serve(lambda _: subprocess.run([sys.executable, "-c", TOOL]).returncode)
"#]);
        assert_eq!(result.unwrap(), Ok(0));
    }

    /// Says that this process is the one to be killed, and names its folder.
    const CALLER: &str = "EMSHIM_TEST_CALLER";

    /// A tool that does not end when it is asked to. It and the script hold the lock on `alive`.
    const STUBBORN: Script = Script {
        name: "stubborn",
        texts: &[r#"
import fcntl, subprocess
TOOL = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("running", flush=True)
time.sleep(600)
"""
def main(folder):
    with open(os.path.join(folder, "alive"), "w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        # A tool of a tool: Python itself kills what it runs when it is interrupted.
        command = ["sh", "-c", '"$0" -c "$1"; true', sys.executable, TOOL]
        subprocess.run(command, pass_fds=[alive.fileno()])
serve(main)
"#],
    };

    fn be_the_caller(folder: &Utf8Path) {
        let source = Source::Folder(folder.join("project"));
        let tree = WorkTree::create(&folder.join("work"), &source, &[folder], &mut || {}).unwrap();
        let mut output = Output {
            log: &folder.join("log"),
            line: &mut |line| std::fs::write(folder.join(line), tree.dir().as_str()).unwrap(),
        };
        let _ = python().call::<(), String>(STUBBORN, &folder, &mut output);
    }

    fn until(what: &str, mut done: impl FnMut() -> bool) {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(60), "never {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_killed_caller_takes_its_scripts_along_and_leaves_nothing_for_good() {
        if let Ok(folder) = std::env::var(CALLER) {
            return be_the_caller(Utf8Path::new(&folder));
        }
        for signal in [Signal::TERM, Signal::INT, Signal::KILL] {
            let dir = tempfile::tempdir().unwrap();
            let folder = Utf8Path::from_path(dir.path()).unwrap();
            for name in ["project", "other", "tmp"] {
                std::fs::create_dir(folder.join(name)).unwrap();
                std::fs::write(folder.join(name).join("setup.py"), name).unwrap();
            }
            let test = "a_killed_caller_takes_its_scripts_along_and_leaves_nothing_for_good";
            // What runs the tests may ignore SIGINT, as shells have it for jobs in the background.
            let mut caller = Command::new("env")
                .arg("--default-signal=INT")
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", &format!("python::tests::{test}")])
                .env(CALLER, folder)
                .env("TMPDIR", folder.join("tmp"))
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            let running = folder.join("running");
            until("running", || {
                assert_eq!(caller.try_wait().unwrap(), None, "the caller ended");
                std::fs::read_to_string(&running).is_ok_and(|tree| !tree.is_empty())
            });
            let tree = Utf8PathBuf::from(std::fs::read_to_string(&running).unwrap());

            rustix::process::kill_process(Pid::from_child(&caller), signal).unwrap();
            caller.wait().unwrap();
            // The tool has a second left, and the tree with it.
            let lock = tree.with_added_extension("lock");
            assert!(FileLock::try_acquire(&lock).unwrap().is_none());
            let killed = Instant::now();
            let alive = File::open(folder.join("alive")).unwrap();
            until("gone", || alive.try_lock().is_ok());
            assert!(killed.elapsed() < Duration::from_secs(10));

            until("unlocked", || {
                File::open(&lock).is_ok_and(|lock| lock.try_lock().is_ok())
            });
            assert!(tree.exists() && lock.exists());
            let other = Source::Folder(folder.join("other"));
            let work = folder.join("work");
            let next = WorkTree::create(&work, &other, &[folder], &mut || {}).unwrap();
            assert!(!tree.exists() && !lock.exists() && next.dir().exists());
            drop(next);
            assert_eq!(work.read_dir_utf8().unwrap().count(), 0);
            let temporary = folder.join("tmp").read_dir_utf8().unwrap();
            assert_eq!(temporary.count(), 1, "only setup.py");
        }
    }

    #[test]
    fn a_missing_interpreter_is_named() {
        let python = Python {
            exe: "/nonexistent/python".into(),
            env: Env::new(),
        };
        let dir = tempfile::tempdir().unwrap();
        let log = Utf8PathBuf::from_path_buf(dir.path().join("log")).unwrap();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let script = Script {
            name: "test",
            texts: &[],
        };
        let result = python.call::<i64, String>(script, &(), &mut output);
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("/nonexistent/python")
        );
    }
}
