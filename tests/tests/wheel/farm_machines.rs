//! `emshim farm` over two machines by Snakemake's cluster-generic executor: one dies at work, the other ends the farm.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::machines::namespace;
use emshim_tests::real::{Folder, emshim};

use super::farm::{Farm, project, wait_for};

/// A cluster: a folder with a queue, of which each machine takes jobs. A machine holds the lock on its own file as long
/// as it lives, so that others see when it died.
const SUBMIT: &str = r#"#!/bin/sh -e
cluster=$(dirname "$0")
id=$(basename "$(mktemp "$cluster/ids/XXXXXX")")
cp "$1" "$cluster/queue/.$id"
mv "$cluster/queue/.$id" "$cluster/queue/$id"
echo "$id"
"#;

const STATUS: &str = r#"#!/bin/sh
cluster=$(dirname "$0")
for taken in "$cluster/taken/$1".*; do
    [ -e "$taken" ] && flock -n "$cluster/machines/${taken##*.}" true && dead=yes
done
if [ -e "$cluster/ended/$1" ]; then cat "$cluster/ended/$1"
elif [ "$dead" ]; then echo failed
else echo running
fi
"#;

const MACHINE: &str = r#"#!/bin/sh
cluster=$(dirname "$0")
exec 9> "$cluster/machines/$1"
flock 9
while sleep 0.2; do
    for job in "$cluster"/queue/*; do
        id=$(basename "$job")
        mv "$job" "$cluster/taken/$id.$1" 2>/dev/null || continue
        if sh "$cluster/taken/$id.$1"; then echo success; else echo failed; fi > "$cluster/ended/.$id"
        mv "$cluster/ended/.$id" "$cluster/ended/$id"
    done
done
"#;

struct Cluster(Folder);

/// A machine, which ends with all that runs on it when this value is dropped.
struct Machine(Child);

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Cluster {
    fn new() -> Self {
        let folder = Folder::new();
        for (name, text) in [("submit", SUBMIT), ("status", STATUS), ("machine", MACHINE)] {
            folder.file(name, text);
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(folder.path().join(name), mode).expect("a script");
        }
        for name in ["ids", "queue", "taken", "ended", "machines"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self(folder)
    }

    /// A machine: processes of its own, of which none outlives it.
    fn machine(&self, name: &str) -> Machine {
        let words = ["--pid", "--fork", "--kill-child", "--mount-proc"];
        let machine = self.0.path().join("machine");
        let mut start = Command::new("unshare");
        start
            .arg(namespace())
            .args(words)
            .args([machine.as_str(), name]);
        start
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Machine(start.spawn().expect("unshare"))
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = self
            .0
            .path()
            .join(folder)
            .read_dir_utf8()
            .expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_owned());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    /// The job that a machine has, if it has one.
    fn job_of(&self, machine: &str) -> Option<Utf8PathBuf> {
        let ended = self.names("ended");
        let mut taken = self.names("taken").into_iter();
        let own = |name: &String| {
            name.split_once('.')
                .is_some_and(|(id, who)| who == machine && !ended.contains(&id.to_owned()))
        };
        let name = taken.find(own)?;
        Some(self.0.path().join("taken").join(name))
    }
}

/// Twenty packages, five deep: what each needs of the others, by numbers.
const GRAPH: [&[usize]; 20] = [
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[],
    &[0, 1],
    &[1, 2],
    &[3],
    &[4, 5],
    &[6],
    &[6, 7],
    &[8, 9],
    &[9, 10],
    &[11, 12],
    &[14, 15],
    &[13, 16],
    &[17, 18],
];

fn name(number: usize) -> String {
    format!("part{number:02}")
}

/// What the module with a number gives: the number and one, and what those that it needs give.
fn value(number: usize) -> usize {
    let needs = GRAPH[number].iter();
    number + 1 + needs.map(|&need| value(need)).sum::<usize>()
}

#[test]
fn a_machine_that_dies_at_work_is_made_up_for_by_the_other() {
    let folder = Folder::new();
    let last = name(GRAPH.len() - 1);
    for (number, needs) in GRAPH.iter().enumerate() {
        let needs: Vec<String> = needs.iter().copied().map(name).collect();
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        let own = u32::try_from(number + 1).expect("a small number");
        project(&folder, &name(number), &needs, own, "; }");
    }
    let packages: Vec<String> = (0..GRAPH.len()).map(|n| format!("./{}", name(n))).collect();
    let list = format!(
        "packages = {packages:?}\n[settings.{last}]\n\
         test-command = \"python -c 'import {last}; assert {last}.value() == {}'\"\n",
        value(GRAPH.len() - 1)
    );
    folder.file("farm.toml", &list);
    let (farm, cluster) = (Farm(folder), Cluster::new());
    let [one, two] = ["one", "two"].map(|name| cluster.machine(name));
    for name in ["one", "two"] {
        wait_for(&cluster.0.path().join("machines").join(name));
    }
    let script = |name: &str| cluster.0.path().join(name).into_string();
    let submit = ["--cluster-generic-submit-cmd".to_owned(), script("submit")];
    let status = ["--cluster-generic-status-cmd".to_owned(), script("status")];
    let plugin = "snakemake-executor-plugin-cluster-generic";
    let run = Command::new(emshim())
        .args(["farm", "--plugin", plugin, "--"])
        .args([
            "--executor",
            "cluster-generic",
            "--jobs",
            "2",
            "--retries",
            "1",
        ])
        .args(["--seconds-between-status-checks", "1"])
        .args(submit.iter().chain(&status))
        .current_dir(farm.0.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a farm");

    // Both build, then one is gone with all that ran on it.
    let lost = lose(&cluster, one);

    let done = run.wait_with_output().expect("a farm");
    drop(two);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(is_without_end(&cluster, &lost), "{said}");
    let built = farm.status().into_iter().map(|[name, result, tests, _]| {
        assert_eq!(result, "built", "{name}");
        (name, tests)
    });
    let tests = |name: &String| {
        let tested = if *name == last {
            "passed"
        } else {
            "imported only"
        };
        tested.to_owned()
    };
    let expected = (0..GRAPH.len()).map(name);
    let expected: Vec<_> = expected.map(|name| (name.clone(), tests(&name))).collect();
    assert_eq!(built.collect::<Vec<_>>(), expected);
    assert_eq!(
        cluster.names("taken").len(),
        GRAPH.len() + 1,
        "one was made again"
    );

    // On this machine alone: nothing is built that the two made.
    let again = farm.command(&[]).success();
    assert!(!again.stderr.contains(": built in"), "{}", again.stderr);
}

/// Ends the first machine while it builds; which job it had.
fn lose(cluster: &Cluster, machine: Machine) -> Utf8PathBuf {
    let began = Instant::now();
    let job = loop {
        if let Some(job) = cluster.job_of("one") {
            break job;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "no job");
        std::thread::sleep(Duration::from_millis(50));
    };
    // Well into the build, of which the import in Pyodide alone takes longer.
    std::thread::sleep(Duration::from_millis(500));
    drop(machine);
    job
}

fn is_without_end(cluster: &Cluster, job: &Utf8Path) -> bool {
    let id = job.file_stem().unwrap_or_default();
    !cluster.names("ended").iter().any(|name| name == id)
}
