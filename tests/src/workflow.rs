//! The workflows that `emshim ci` writes, carried out step by step as their services do it.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use yaml_rust2::{Yaml, YamlLoader};

use crate::real::{Completed, command};

/// A machine of a service: a project's folder, the variables that there are, and what a text says there.
#[derive(Debug)]
pub struct Machine<'m> {
    /// The working directory of every step.
    pub project: &'m Utf8Path,
    /// All variables.
    pub variables: BTreeMap<String, String>,
    /// What stands in the place of what cannot be had here. Each must occur.
    pub instead: Vec<(String, String)>,
}

/// What a step left behind.
#[derive(Debug)]
pub struct Ran {
    /// The step's name, or its first line.
    pub name: String,
    /// How it ended.
    pub done: Completed,
}

impl Machine<'_> {
    /// The workflow with what this machine has in its place.
    ///
    /// # Panics
    /// Something is nowhere in it, or it is no YAML.
    #[must_use]
    pub fn read(&self, text: &str) -> Yaml {
        let mut text = text.to_owned();
        for (from, to) in &self.instead {
            assert!(text.contains(from), "the workflow has no `{from}`");
            text = text.replace(from, to);
        }
        let mut documents = YamlLoader::load_from_str(&text).expect("YAML");
        documents.remove(0)
    }

    fn script(&self, text: &str, variables: &BTreeMap<String, String>) -> Completed {
        let mut words = vec!["-i".to_owned()];
        words.extend(
            variables
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        words.extend(["bash", "-e", "-c", text].map(str::to_owned));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Completed::of(&command("env", &words).dir(self.project))
    }

    /// Runs the `run` steps of a GitHub job; those that use actions are the service's.
    ///
    /// # Panics
    /// A step has a condition that GitHub has and this does not know.
    #[must_use]
    pub fn github(&mut self, job: &Yaml) -> Vec<Ran> {
        self.variables.extend(pairs(&job["env"]));
        let files = self
            .project
            .parent()
            .expect("a folder around it")
            .to_owned();
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            let file = files.join(name);
            fs::write(&file, "").expect("a file");
            self.variables.insert(name.to_owned(), file.into_string());
        }
        let mut failed = false;
        let mut all = Vec::new();
        for step in job["steps"].as_vec().expect("steps") {
            let due = match step["if"].as_str() {
                None => !failed,
                Some("always()") => true,
                Some("failure()") => failed,
                Some(other) => panic!("if: {other}"),
            };
            let (Some(text), true) = (step["run"].as_str(), due) else {
                continue;
            };
            let name = step["name"].as_str().unwrap_or(text).to_owned();
            let done = self.script(text, &self.variables);
            failed |= done.status != 0;
            all.push(Ran { name, done });
        }
        all
    }

    /// Runs a GitLab job: what comes before and the script in one shell, what comes after in another. The lines
    /// that install packages of the image's system are left out.
    ///
    /// # Panics
    /// The job has no scripts.
    #[must_use]
    pub fn gitlab(&mut self, job: &Yaml) -> [Completed; 2] {
        self.variables.extend(pairs(&job["variables"]));
        let lines = |part: &str| -> Vec<String> {
            let lines = job[part].as_vec().expect("a script").iter();
            let lines = lines.map(|line| line.as_str().expect("a line").to_owned());
            lines.filter(|line| !line.starts_with("apt-get ")).collect()
        };
        let script = [lines("before_script"), lines("script")].concat();
        [script, lines("after_script")]
            .map(|script| self.script(&script.join("\n"), &self.variables))
    }
}

/// A table of variables.
fn pairs(table: &Yaml) -> BTreeMap<String, String> {
    let table = table.as_hash().expect("a table").iter();
    let text = |value: &Yaml| value.as_str().expect("a text").to_owned();
    table
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// The folders of programs that every machine of a service has: the system's, and node's.
///
/// # Panics
/// There is no Node.
#[must_use]
pub fn programs() -> Vec<Utf8PathBuf> {
    let which = Completed::of(&command("sh", &["-c", "command -v node"])).success();
    let node = Utf8Path::new(which.stdout.trim())
        .parent()
        .expect("a folder");
    let system = ["/usr/bin", "/bin"].map(Utf8PathBuf::from);
    [vec![node.to_owned()], system.to_vec()].concat()
}
