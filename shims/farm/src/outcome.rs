//! What came out of a job, and whether that still counts.

use serde::{Deserialize, Serialize};

use crate::folder::{Folder, digest, read_json};
use crate::plan::{Graph, Job};

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// There is a wheel, and its tests passed if it has any.
    Built,
    /// There is a wheel, and its tests failed.
    TestsFailed,
    /// There is a wheel that has nothing compiled, for what was compiled failed and the build went on.
    NoModules,
    /// There is no wheel.
    Failed,
}

impl Ended {
    /// In words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::TestsFailed => "tests failed",
            Self::NoModules => "no modules",
            Self::Failed => "failed",
        }
    }
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// All that made it.
    pub key: String,
    /// How it ended.
    pub ended: Ended,
    /// The wheel's file name.
    pub wheel: Option<String>,
    /// Its BLAKE3.
    pub blake3: Option<String>,
    /// Its size.
    pub size: Option<u64>,
    /// How long the job took.
    pub seconds: f64,
    /// How long its tests took, if they ran.
    pub test_seconds: Option<f64>,
    /// What went wrong first. What was built may have one too: it is not all that it might be.
    pub cause: Option<String>,
}

impl Folder {
    /// What came out of a job when it ran last, whatever it was made of.
    pub(crate) fn last(&self, job: &Job) -> Option<Outcome> {
        read_json(&self.outcome(&job.id())).ok()
    }

    /// What came out of a job, if it still counts: it is of the same things, and its wheel is whole.
    #[must_use]
    pub fn current(&self, job: &Job, graph: &Graph) -> Option<Outcome> {
        let key = self.key(job, graph)?;
        let outcome = self.last(job).filter(|outcome| outcome.key == key)?;
        let Some(wheel) = &outcome.wheel else {
            return Some(outcome);
        };
        let is = digest(&self.wheels(&job.target).join(wheel));
        (is == outcome.blake3).then_some(outcome)
    }

    /// A digest of all that makes a job's wheel, the last wheels of the jobs that it needs among it; `None`
    /// while one of them has none. Whether those still count is asked before, as they come first.
    pub(crate) fn key(&self, job: &Job, graph: &Graph) -> Option<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(job.key.as_bytes());
        for need in graph.needed(job) {
            let wheel = self.last(need)?.blake3?;
            hasher.update(format!("\n{} {wheel}", need.name).as_bytes());
        }
        Some(hasher.finalize().to_hex().to_string())
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::folder::{write, write_json};
    use crate::plan::Graph;

    fn job(name: &str, needs: &[&str]) -> Job {
        Job {
            target: "t".into(),
            name: name.into(),
            version: None,
            source: name.into(),
            key: name.into(),
            needs: needs.iter().map(|&need| need.into()).collect(),
            settings: None,
            cause: None,
        }
    }

    #[test]
    fn an_outcome_counts_while_all_that_made_it_is_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder(Utf8Path::from_path(dir.path()).unwrap().to_owned());
        let (low, high) = (job("low", &[]), job("high", &["low"]));
        let mut graph = Graph::default();
        for job in [&low, &high] {
            graph.jobs.insert(job.id(), job.clone());
        }
        let build = |job: &Job, graph: &Graph, text: &str| {
            let wheel = folder.wheels("t").join(format!("{}.whl", job.name));
            write(&wheel, text.as_bytes()).unwrap();
            let outcome = Outcome {
                key: folder.key(job, graph).unwrap(),
                ended: Ended::Built,
                wheel: wheel.file_name().map(str::to_owned),
                blake3: digest(&wheel),
                size: None,
                seconds: 1.0,
                test_seconds: None,
                cause: None,
            };
            write_json(&folder.outcome(&job.id()), &outcome).unwrap();
        };
        let counts = |job: &Job, graph: &Graph| folder.current(job, graph).is_some();
        assert_eq!(
            folder.key(&high, &graph),
            None,
            "there is nothing of what it needs"
        );
        build(&low, &graph, "one");
        build(&high, &graph, "two");
        assert!(counts(&low, &graph) && counts(&high, &graph));
        // What it needs is made again: it counts if that came out the same, and not otherwise.
        build(&low, &graph, "one");
        assert!(counts(&high, &graph));
        build(&low, &graph, "other");
        assert!(counts(&low, &graph) && !counts(&high, &graph));
        build(&high, &graph, "two");
        // Another source, and a wheel that somebody changed.
        let mut edited = graph.clone();
        edited.jobs.get_mut("t/low").unwrap().key = "edited".into();
        assert!(!counts(&edited.jobs["t/low"], &edited));
        write(&folder.wheels("t").join("high.whl"), b"changed").unwrap();
        assert!(counts(&low, &graph) && !counts(&high, &graph));
    }
}
