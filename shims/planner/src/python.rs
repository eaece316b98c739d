//! The target's Python for build systems: the host's, whose environment makes it describe the
//! target.

use crate::context::Context;
use toolcall::job::Job;
use toolcall::plan::{EnvChange, Plan, Step};

/// Plans a call of Python.
pub(crate) fn plan(context: &Context) -> Plan {
    let python = context
        .invocation
        .env
        .text("EMSHIM_BUILD_PYTHON")
        .unwrap_or(context.config.host_python.as_str());
    let mut argv = vec![python.into()];
    argv.extend(context.expanded.args.iter().cloned());
    let given = |name: &str| context.invocation.env.text(name);
    let env = context
        .config
        .cross_env
        .iter()
        .map(|(name, value)| match given(name) {
            // Build systems put a project's own modules on it: NumPy's code generators, for one.
            Some(path) if name == "PYTHONPATH" => EnvChange::set(name, with_folders(path, value)),
            _ => EnvChange::set(name, value),
        });
    Plan::of(Job::Forward, vec![Step::run(argv, env.collect())])
}

/// A search path that ends with `folders`, each once.
fn with_folders(path: &str, folders: &str) -> String {
    let others = path
        .split(':')
        .filter(|part| !folders.split(':').any(|folder| folder == *part));
    others.chain([folders]).collect::<Vec<_>>().join(":")
}
