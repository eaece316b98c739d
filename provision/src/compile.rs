//! Compiling C sources, as many at once as the machine has processors.

use std::collections::VecDeque;
use std::sync::{Mutex, mpsc};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::{Error, Progress};

/// A C compiler with the flags for a set of sources.
pub(crate) struct Compiler<'a> {
    pub program: &'a Utf8Path,
    pub flags: Vec<String>,
    /// What the user can do when a source does not compile.
    pub remedy: &'a str,
}

impl Compiler<'_> {
    /// Compiles each source into `objects`, a folder that exists; returns the objects in the
    /// sources' order. No two sources may have the same name.
    ///
    /// # Errors
    /// A source does not compile, or the compiler cannot be run.
    pub(crate) fn objects(
        &self,
        sources: &[Utf8PathBuf],
        objects: &Utf8Path,
        log: &Log,
        progress: &dyn Progress,
    ) -> Result<Vec<Utf8PathBuf>, Error> {
        let queue = Mutex::new(sources.iter().collect::<VecDeque<_>>());
        let next = || queue.lock().ok().and_then(|mut queue| queue.pop_front());
        let (done, results) = mpsc::channel();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                let (done, next) = (done.clone(), &next);
                scope.spawn(move || {
                    while let Some(source) = next() {
                        let result = self.object(source, &object(objects, source), log);
                        // The receiver is dropped after another source's error.
                        if done.send(result).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(done);
            for (count, result) in results.into_iter().enumerate() {
                result?;
                progress.detail(&format!("{} of {} files", count + 1, sources.len()));
            }
            Ok(sources
                .iter()
                .map(|source| object(objects, source))
                .collect())
        })
    }

    fn object(&self, source: &Utf8Path, object: &Utf8Path, log: &Log) -> Result<(), Error> {
        let step = format!("compiling {}", source.file_name().unwrap_or_default());
        Command::new(self.program, &step, self.remedy)
            .args(&self.flags)
            .args(["-c", source.as_str(), "-o", object.as_str()])
            .output(log)
            .map(drop)
    }
}

/// Where a source's object goes.
fn object(folder: &Utf8Path, source: &Utf8Path) -> Utf8PathBuf {
    folder
        .join(source.file_stem().unwrap_or_default())
        .with_extension("o")
}
