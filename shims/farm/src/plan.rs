//! From a list to a graph: what each source says that it needs, of those that are in the list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::channel;
use std::thread::available_parallelism;

use camino::Utf8PathBuf;
use provision::Progress;
use pyodide_wheel::source::Source;
use pyodide_wheel::wheel::normalise;
use serde::{Deserialize, Serialize};
use wheel_build::error::WheelBuildError;
use wheel_build::session::Session;

use crate::folder::{self, Folder};
use crate::list::{List, project};

/// A package to build for a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The target.
    pub target: String,
    /// The project's normalised name.
    pub name: String,
    /// Its version, if its source says one.
    pub version: Option<String>,
    /// What `emshim build` gets.
    pub source: String,
    /// A digest of what makes its wheel, but for what it needs of other jobs.
    pub key: String,
    /// The jobs it needs, by their projects' names.
    pub needs: BTreeSet<String>,
    /// The file with its settings.
    pub settings: Option<Utf8PathBuf>,
    /// Why it cannot even be tried.
    pub cause: Option<String>,
}

impl Job {
    /// Its name among those of all targets.
    #[must_use]
    pub fn id(&self) -> String {
        id(&self.target, &self.name)
    }
}

/// The name of a job.
pub(crate) fn id(target: &str, name: &str) -> String {
    format!("{target}/{name}")
}

/// All jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// The program that carries them out.
    pub emshim: Utf8PathBuf,
    /// By their names.
    pub jobs: BTreeMap<String, Job>,
}

impl Graph {
    /// Adds a target's jobs.
    ///
    /// # Errors
    /// Two packages are one project, or need each other.
    pub fn add(
        &mut self,
        list: &List,
        session: &Session,
        folder: &Folder,
        progress: &dyn Progress,
    ) -> Result<(), WheelBuildError> {
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for (package, job) in look_at_all(list, session, folder, progress) {
            let job = job?;
            if let Some(first) = jobs.get(&job.name) {
                return Err(WheelBuildError::Message(format!(
                    "`{}` and `{package}` are both {}: name one source of a project",
                    first.source, job.name
                )));
            }
            jobs.insert(job.name.clone(), job);
        }
        for name in list.settings.keys().chain(list.needs.keys()) {
            if !jobs.contains_key(name) {
                return Err(WheelBuildError::Message(format!(
                    "there is something said of {name}, which is none of the packages"
                )));
            }
        }
        let names: BTreeSet<String> = jobs.keys().cloned().collect();
        for job in jobs.values_mut() {
            job.needs
                .retain(|need| names.contains(need) && *need != job.name);
        }
        in_order(&jobs)?;
        self.jobs
            .extend(jobs.into_values().map(|job| (job.id(), job)));
        Ok(())
    }

    /// Keeps these projects and what they need.
    ///
    /// # Errors
    /// There is none of such a name.
    pub fn select(&mut self, names: &[String]) -> Result<(), WheelBuildError> {
        let names: Vec<String> = names.iter().map(|name| normalise(name)).collect();
        let is_there = |name: &&String| self.jobs.values().all(|job| job.name != **name);
        if let Some(name) = names.iter().find(is_there) {
            return Err(WheelBuildError::Message(format!(
                "{name} is none of the packages of the list"
            )));
        }
        let wanted = self.jobs.values().filter(|job| names.contains(&job.name));
        let mut waiting: Vec<String> = wanted.map(Job::id).collect();
        let mut kept = BTreeSet::new();
        while let Some(one) = waiting.pop() {
            if let Some(job) = self.jobs.get(&one)
                && kept.insert(one)
            {
                waiting.extend(self.needed(job).map(Job::id));
            }
        }
        self.jobs.retain(|id, _| kept.contains(id));
        Ok(())
    }

    /// The jobs that a job needs.
    pub(crate) fn needed<'a>(&'a self, job: &'a Job) -> impl Iterator<Item = &'a Job> {
        let ids = job.needs.iter().map(|name| id(&job.target, name));
        ids.filter_map(|id| self.jobs.get(&id))
    }
}

/// Looks at the packages, as many at once as there are processors: what they wait for is mostly an index and a
/// Python that starts. In the order of the list.
fn look_at_all<'l>(
    list: &'l List,
    session: &Session,
    folder: &Folder,
    progress: &dyn Progress,
) -> Vec<(&'l String, Result<Job, WheelBuildError>)> {
    let target = session.target.name.to_string();
    let all = list.packages.len();
    let next = AtomicUsize::new(0);
    let (done, looked) = channel();
    let mut jobs = std::thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, usize::from).min(all) {
            let (done, next, target) = (done.clone(), &next, &target);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    let Some(package) = list.packages.get(at) else {
                        return;
                    };
                    let job = look(package, target, list, session, folder);
                    // Ignore: nobody listens only when this is over.
                    let _ = done.send((at, package, job));
                }
            });
        }
        drop(done);
        let told = looked
            .iter()
            .enumerate()
            .map(|(count, (at, package, job))| {
                progress.detail(&format!("{} of {all}, {package}", count + 1));
                (at, package, job)
            });
        told.collect::<Vec<_>>()
    });
    jobs.sort_by_key(|(at, ..)| *at);
    let named = jobs.into_iter().map(|(_, package, job)| (package, job));
    named.collect()
}

/// What is known of a package; one whose source cannot be had or read is a job that cannot be tried.
fn look(
    package: &str,
    target: &str,
    list: &List,
    session: &Session,
    folder: &Folder,
) -> Result<Job, WheelBuildError> {
    let own = [folder.0.as_path()];
    let looked = Source::parse(package, &list.folder)
        .map_err(WheelBuildError::from)
        .and_then(|source| session.look(&source, &own));
    let mut job = Job {
        target: target.to_owned(),
        // What a path ends in, or a requirement begins with.
        name: project(
            package
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(package),
        ),
        version: None,
        source: package.to_owned(),
        key: String::new(),
        needs: BTreeSet::new(),
        settings: None,
        cause: None,
    };
    match looked {
        Err(error) => job.cause = Some(error.to_string()),
        Ok(looked) => {
            job.name = looked.said.name.unwrap_or(job.name);
            job.version = looked.said.version;
            job.needs.extend(looked.said.needs);
            job.source = match looked.source {
                Source::Folder(path) | Source::Archive(path) => path.into_string(),
                Source::Project(requirement) => requirement,
            };
            job.key = looked.key;
        }
    }
    job.needs.extend(list.tests_need(&job.name));
    job.needs
        .extend(list.needs.get(&job.name).into_iter().flatten().cloned());
    let path = folder.settings(&job.name);
    match list.settings.get(&job.name) {
        Some(settings) => {
            let text = settings.to_string();
            folder::write(&path, text.as_bytes())?;
            job.key = blake3::hash(format!("{}\n{text}", job.key).as_bytes())
                .to_hex()
                .to_string();
            job.settings = Some(path);
        }
        None => folder::remove(&path)?,
    }
    Ok(job)
}

/// The names, each after those it needs.
fn in_order(jobs: &BTreeMap<String, Job>) -> Result<Vec<&str>, WheelBuildError> {
    let mut order: Vec<&str> = Vec::new();
    while order.len() < jobs.len() {
        let is_ready = |job: &&Job| {
            !order.contains(&job.name.as_str())
                && job.needs.iter().all(|n| order.contains(&n.as_str()))
        };
        let ready: Vec<&str> = jobs
            .values()
            .filter(is_ready)
            .map(|job| job.name.as_str())
            .collect();
        if ready.is_empty() {
            let left = jobs.keys().filter(|name| !order.contains(&name.as_str()));
            let left = left.cloned().collect::<Vec<_>>().join(", ");
            return Err(WheelBuildError::Message(format!(
                "of {left} each needs another before it is built, in a circle: leave one out of the list"
            )));
        }
        order.extend(ready);
    }
    Ok(order)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Jobs of one target, by name and needs.
    pub(crate) fn graph(jobs: &[(&str, &[&str])]) -> Graph {
        let job = |(name, needs): &(&str, &[&str])| Job {
            target: "t".into(),
            name: (*name).into(),
            version: None,
            source: (*name).into(),
            key: (*name).into(),
            needs: needs.iter().map(|&need| need.into()).collect(),
            settings: None,
            cause: None,
        };
        let jobs = jobs.iter().map(job).map(|job| (job.id(), job));
        Graph {
            emshim: "emshim".into(),
            jobs: jobs.collect(),
        }
    }

    #[test]
    fn a_selection_has_all_that_it_needs() {
        let mut all = graph(&[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["b"]),
            ("d", &["a"]),
            ("e", &[]),
        ]);
        all.select(&["C".into()]).unwrap();
        let left: Vec<&str> = all.jobs.values().map(|job| job.name.as_str()).collect();
        assert_eq!(left, ["a", "b", "c"]);
        let error = all.select(&["d".into()]).unwrap_err().to_string();
        assert!(error.contains("d is none"), "{error}");
    }

    #[test]
    fn a_circle_is_told_by_name() {
        let by_name = |graph: Graph| {
            graph
                .jobs
                .into_values()
                .map(|j| (j.name.clone(), j))
                .collect()
        };
        let fine: BTreeMap<String, Job> =
            by_name(graph(&[("a", &["b"]), ("b", &[]), ("c", &["a"])]));
        assert_eq!(in_order(&fine).unwrap(), ["b", "a", "c"]);
        let circle: BTreeMap<String, Job> =
            by_name(graph(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]));
        let error = in_order(&circle).unwrap_err().to_string();
        assert!(error.contains("of a, b each"), "{error}");
    }
}
