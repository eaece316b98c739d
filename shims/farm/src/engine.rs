//! Snakemake, which carries the graph out: on this machine, or wherever its executors lead.

use std::fs::{self, File};
use std::io;
use std::process::{Command, ExitStatus, Stdio};

use camino::Utf8Path;
use disk::whole;
use shim::signals::run_to_end;
use wheel_build::error::WheelBuildError;

use crate::folder::{Folder, remove, write, write_json};
use crate::plan::Graph;

const SNAKEFILE: &str = include_str!("Snakefile");

/// Snakemake's options that say how many jobs run at a time, or where that is said.
const SAY_HOW_MANY: &[&str] = &[
    "-c",
    "--cores",
    "-j",
    "--jobs",
    "--profile",
    "--workflow-profile",
    "-e",
    "--executor",
];

/// The right to a farm's folder, which every process that works for the farm holds: one that outlives a
/// killed `emshim farm` too.
#[derive(Debug)]
pub struct Held(File);

impl Folder {
    /// Waits for the right; `waiting` is called first where another farm has it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn hold(&self, waiting: impl FnOnce()) -> Result<Held, WheelBuildError> {
        let path = self.lock();
        let hold = || -> io::Result<File> {
            fs::create_dir_all(&self.0)?;
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            whole::lock(&file, waiting)?;
            Ok(file)
        };
        hold()
            .map(Held)
            .map_err(WheelBuildError::io("cannot lock", path.as_path()))
    }

    /// Writes what is to be done, and takes back what is done but counts no more.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn prepare(&self, graph: &Graph) -> Result<(), WheelBuildError> {
        write(&self.snakefile(), SNAKEFILE.as_bytes())?;
        write_json(&self.graph(), graph)?;
        for job in graph.jobs.values() {
            if self
                .current(job, graph)
                .is_none_or(|outcome| outcome.wheel.is_none())
            {
                remove(&self.stamp(&job.id()))?;
            }
        }
        Ok(())
    }

    /// Runs Snakemake to its end. `jobs` is how many run at a time, unless `words`, arguments of the
    /// user's, say so.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn run(
        &self,
        held: &Held,
        snakemake: &Utf8Path,
        jobs: Option<usize>,
        words: &[String],
    ) -> Result<ExitStatus, WheelBuildError> {
        let mut command = Command::new(snakemake);
        command.args([
            "--snakefile",
            self.snakefile().as_str(),
            "--directory",
            self.0.as_str(),
        ]);
        // A job that fails ends only those that need it. What a killed one left is no result. What
        // changed is known here: see `prepare`.
        command.args([
            "--keep-going",
            "--rerun-incomplete",
            "--rerun-triggers",
            "mtime",
        ]);
        // Its own lock would outlive it; the farm's does not.
        command.args(["--nolock", "--quiet", "rules", "reason", "host"]);
        let says = |word: &String| {
            let option = word.split('=').next().unwrap_or_default();
            SAY_HOW_MANY.contains(&option)
        };
        if !words.iter().any(says) {
            let jobs = jobs.map_or("all".to_owned(), |jobs| jobs.to_string());
            command.args(["--cores", &jobs]);
        }
        command.args(words);
        let cannot = || WheelBuildError::io("cannot run", snakemake);
        let lock = held.0.try_clone().map_err(cannot())?;
        command
            .stdin(Stdio::from(lock))
            .stdout(Stdio::from(io::stderr()));
        run_to_end(&mut command).map_err(cannot())
    }
}
