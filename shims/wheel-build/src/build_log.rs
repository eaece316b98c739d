//! What the tools of one build print, kept and shown.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Progress;
use pyodide_wheel::python::Output;
use pyodide_wheel::source::{LOG_MARK, Source};

/// Characters of a label that stand in a name; four bytes each they leave room for the rest.
const LONGEST_LABEL: usize = 50;

/// How many of the last lines of a failed build are shown.
const TAIL: usize = 40;

/// A name from a label that sorts by time and differs between builds that run at once.
#[must_use]
pub fn unique(label: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    // A folder's name may be as long as a name can be.
    let label: String = label.chars().map(plain).take(LONGEST_LABEL).collect();
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    format!("{label}-{}-{}", now.as_secs(), std::process::id())
}

/// Marks a log folder, so that no build takes one that lies in its project for sources. A folder that
/// cannot be written is its users' to name.
pub fn mark(folder: &Utf8Path) {
    let mark = folder.join(LOG_MARK);
    if !mark.exists() {
        let _ = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(mark, ""));
    }
}

/// The output of one build's tools: into a file, and to the user on request or on failure.
pub struct BuildLog<'a> {
    path: Utf8PathBuf,
    name: String,
    progress: &'a dyn Progress,
    verbose: bool,
    tail: RefCell<VecDeque<String>>,
}

impl<'a> BuildLog<'a> {
    /// A log in `folder` for the build of a source, with a name of its own.
    #[must_use]
    pub fn new(
        folder: &Utf8Path,
        source: &Source,
        progress: &'a dyn Progress,
        verbose: bool,
    ) -> Self {
        let label = match source {
            Source::Folder(path) | Source::Archive(path) => path.file_name().unwrap_or("source"),
            Source::Project(requirement) => requirement,
        };
        Self {
            verbose,
            ..Self::named(folder, label, progress)
        }
    }

    /// A log in `folder` for a build that is called `label`, with a name of its own.
    #[must_use]
    pub fn named(folder: &Utf8Path, label: &str, progress: &'a dyn Progress) -> Self {
        let name = format!("build-{}", unique(label));
        Self {
            path: folder.join(format!("{name}.log")),
            name,
            progress,
            verbose: false,
            tail: RefCell::default(),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// What records call this build.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole output so far; nothing where it cannot be read.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = std::fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Runs work whose tools write to this log.
    pub fn with<T>(&self, work: impl FnOnce(&mut Output<'_>) -> T) -> T {
        let mut line = |text: &str| {
            if self.verbose {
                self.progress.note(text);
            } else {
                self.progress.detail(text);
            }
            let mut tail = self.tail.borrow_mut();
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(text.to_owned());
        };
        work(&mut Output {
            log: &self.path,
            line: &mut line,
        })
    }

    /// Runs a command in an environment that is all its own, with its output in the log.
    ///
    /// # Errors
    /// It cannot be started, or the log not be written.
    pub fn run<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        &self,
        words: &[String],
        folder: &Utf8Path,
        environment: impl IntoIterator<Item = (N, V)>,
    ) -> io::Result<ExitStatus> {
        let (reader, writer) = io::pipe()?;
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(folder)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()?;
        self.with(|output| -> io::Result<()> {
            let mut file = File::options().create(true).append(true).open(output.log)?;
            writeln!(file, "$ {}", words.join(" "))?;
            for line in BufReader::new(reader).split(b'\n') {
                let line = line?;
                file.write_all(&line)?;
                file.write_all(b"\n")?;
                (output.line)(&String::from_utf8_lossy(&line));
            }
            Ok(())
        })?;
        child.wait()
    }

    /// Shows the end of the output, unless all of it was shown already.
    pub fn show_tail(&self) {
        if !self.verbose {
            for line in &*self.tail.borrow() {
                self.progress.note(line);
            }
        }
    }
}
