//! The graph as a matrix of GitHub Actions, whose jobs cannot wait for each other: one for each set of
//! packages that need each other, so that each is built once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::plan::Graph;

/// What `strategy.matrix` takes: `name`, `target` and `packages`, the options of `emshim farm`.
/// Source: <https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations>.
#[must_use]
pub fn of(graph: &Graph) -> Value {
    let mut sets: Vec<BTreeSet<String>> = Vec::new();
    for (id, job) in &graph.jobs {
        let mut set: BTreeSet<String> = graph.needed(job).map(|need| need.id()).collect();
        set.insert(id.clone());
        // All that it touches become one.
        let (touched, others) = sets.into_iter().partition(|other| !other.is_disjoint(&set));
        sets = others;
        let touched: Vec<BTreeSet<String>> = touched;
        sets.push(touched.into_iter().fold(set, |all, one| &all | &one));
    }
    let row = |set: &BTreeSet<String>| {
        let jobs: Vec<_> = set.iter().filter_map(|id| graph.jobs.get(id)).collect();
        let options: Vec<_> = jobs
            .iter()
            .map(|job| format!("--package={}", job.name))
            .collect();
        let target = jobs.first().map_or("", |job| &job.target);
        let name = jobs.first().map_or("", |job| &job.name);
        json!({"name": name, "target": target, "packages": options.join(" ")})
    };
    let mut rows: Vec<Value> = sets.iter().map(row).collect();
    rows.sort_by_key(Value::to_string);
    json!({"include": rows})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::graph;

    #[test]
    fn packages_that_need_each_other_are_one_row() {
        let jobs: &[(&str, &[&str])] = &[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &[]),
            ("d", &["c", "a"]),
            ("e", &[]),
        ];
        let rows = of(&graph(jobs));
        let packages: Vec<&str> = rows["include"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["packages"].as_str().unwrap())
            .collect();
        assert_eq!(
            packages,
            [
                "--package=a --package=b --package=c --package=d",
                "--package=e"
            ]
        );
    }
}
