//! Says that emcc builds libraries of Emscripten's, for which a first link of its kind waits minutes. emcc
//! says so on stderr, which configure and CMake keep to themselves when they try out what links, as we do when
//! we ask emcc for its commands: so it is said where those see it who began all of it.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rustix::fs::OFlags;
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::message::warn;
use toolcall::plan::Step;
use toolcall::variables::NOTICES;

/// What begins emcc's line, and then the name. Source: `get` of `tools/cache.py`.
const BEGINNINGS: [&str; 2] = ["generating system library: ", "generating port: "];

/// How long to go on reading when emcc has ended, in case one of its children has not.
const PATIENCE: Duration = Duration::from_secs(1);

/// The library that a line of emcc's says it builds.
fn library(line: &str) -> Option<&str> {
    let begun = |begin: &&str| Some(line.split_once(*begin)?.1);
    let path = BEGINNINGS.iter().find_map(begun)?;
    path.split("...").next()?.rsplit('/').next()
}

/// Whoever began all of it, as far as there is a way to tell them.
#[derive(Debug, Clone)]
struct Beginner {
    tool: String,
    place: Option<String>,
    told: bool,
}

impl Beginner {
    fn of(invocation: &Invocation) -> Self {
        Self {
            tool: invocation.name.clone(),
            place: invocation.env.text(NOTICES).map(str::to_owned),
            told: false,
        }
    }

    /// Tells them once of a line that speaks of a library. `aloud` where nobody else hears that line.
    fn hear(&mut self, line: &str, aloud: bool) {
        let Some(library) = library(line).filter(|_| !self.told) else {
            return;
        };
        self.told = true;
        let why = format!(
            "waits for Emscripten, which builds its libraries for links of this kind, {library} first: this \
             takes minutes, once"
        );
        if !self.tell(&why) && aloud {
            warn(&self.tool, &why);
        }
    }

    fn tell(&self, why: &str) -> bool {
        let Some(mut place) = self.place.as_deref().and_then(open) else {
            return false;
        };
        // A terminal may have a line of progress that is not ended.
        let start = if place.is_terminal() { "\r" } else { "" };
        let line = format!("{start}emshim: {} {why}\n", self.tool);
        place.write_all(line.as_bytes()).is_ok()
    }
}

/// A place that lines may be added to. A file's writers know where they are in it, and would not see ours, unless
/// they append.
fn open(place: &str) -> Option<std::fs::File> {
    let kind = std::fs::metadata(place).ok()?.file_type();
    let fits = kind.is_fifo() || kind.is_char_device() || appends(place);
    let file = || OpenOptions::new().append(true).open(place).ok();
    fits.then(file).flatten()
}

/// Whether a process's descriptor, `/proc/PID/fd/N`, was opened to append. Source: proc_pid_fdinfo(5), of which
/// the flags are in octal.
fn appends(place: &str) -> bool {
    let info = std::fs::read_to_string(place.replace("/fd/", "/fdinfo/")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & OFlags::APPEND.bits() != 0)
}

/// Runs emcc for what it says on stderr.
///
/// # Errors
/// It cannot be started.
pub fn ask(emcc: &mut Command, invocation: &Invocation) -> std::io::Result<(ExitStatus, String)> {
    let mut beginner = Beginner::of(invocation);
    let mut child = emcc.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        lines(stderr, |line| {
            beginner.hear(&String::from_utf8_lossy(line), true);
            said.extend_from_slice(line);
        });
    }
    Ok((child.wait()?, String::from_utf8_lossy(&said).into_owned()))
}

/// Whether a step runs emcc for a link whose words its caller keeps to itself, and there is somebody to tell.
pub fn is_unheard(step: &Step, config: &ShimConfig, invocation: &Invocation) -> bool {
    let program = Path::new(&step.argv[0]);
    let is_emcc = ["emcc", "em++"].iter().any(|name| program.ends_with(name));
    is_emcc
        && program.starts_with(&config.emscripten.root)
        && !step
            .argv
            .iter()
            .any(|word| word == "-c" || word == "-E" || word == "-S")
        && invocation.env.text(NOTICES).is_some()
        && !std::io::stderr().is_terminal()
}

/// Hands on what a child says on its stderr, and listens.
#[must_use]
pub fn hand_on(child: &mut Child, invocation: &Invocation) -> Option<HandingOn> {
    let stderr = child.stderr.take()?;
    let mut beginner = Beginner::of(invocation);
    let (done, end) = sync_channel(1);
    std::thread::spawn(move || {
        lines(stderr, |line| {
            beginner.hear(&String::from_utf8_lossy(line), false);
            // Ignore EPIPE: stderr may be closed.
            let _ = std::io::stderr().write_all(line);
        });
        let _ = done.send(());
    });
    Some(HandingOn(end))
}

/// A child's stderr that is handed on.
#[derive(Debug)]
pub struct HandingOn(Receiver<()>);

impl HandingOn {
    /// Waits for the last of it, when the child has ended.
    pub fn end(self) {
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

fn lines(from: impl Read, mut each: impl FnMut(&[u8])) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        each(&line);
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd as _;

    #[test]
    fn emcc_names_what_it_builds() {
        let line = "cache:INFO: generating system library: sysroot/lib/wasm32-emscripten/thinlto/libc.a... \
                    (this will be cached in \"/c/libc.a\" for subsequent builds)\n";
        assert_eq!(library(line), Some("libc.a"));
        assert_eq!(
            library("cache:INFO: generating port: sysroot/lib/libz.a...\n"),
            Some("libz.a")
        );
        assert_eq!(
            library("cache:INFO: generating system asset: symbol_lists/x.json...\n"),
            None
        );
        assert_eq!(library("cache:INFO:  - ok\n"), None);
    }

    #[test]
    fn a_file_is_no_place_for_lines_that_its_writers_do_not_know_of() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("log");
        std::fs::write(&file, "").expect("a file");
        assert!(open(file.to_str().expect("UTF-8")).is_none());
        assert!(open("/dev/null").is_some());
        let of_a_process = |appends: bool| {
            let mut options = OpenOptions::new();
            let opened = options
                .write(true)
                .append(appends)
                .open(&file)
                .expect("a file");
            open(&format!("/proc/self/fd/{}", opened.as_raw_fd())).is_some()
        };
        assert!(of_a_process(true) && !of_a_process(false));
        assert!(open("/proc/0/fd/2").is_none());
    }
}
