//! What a call's two lines say: from the call, its plan and how it went.

use crate::format::schema::{
    Begin, End, FileFact, Kind, ResponseFile, SCHEMA, Step, StepRun, Toolchain,
};
use crate::write::content::{self, Keep};
use crate::write::store::Store;
use crate::write::variables::allowed;
use secrets::{mask, mask_words};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;
use toolcall::config::ShimConfig;
use toolcall::decision::Decision;
use toolcall::invocation::{self, Invocation};
use toolcall::job::Job;
use toolcall::outcome::Outcome;
use toolcall::plan::{self, Plan};
use toolcall::variables::{BUILD, CALLER};

/// A call that is planned, as its record tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// What it was planned with.
    pub config: &'a ShimConfig,
    /// How it came in.
    pub invocation: &'a Invocation,
    /// The response files that it named.
    pub response_files: &'a [invocation::ResponseFile],
    /// What it comes to.
    pub plan: &'a Plan,
}

/// A call before anything runs, secrets masked.
pub(super) fn begin(
    call: &Planned,
    store: &Store,
    id: &str,
    now: Duration,
) -> std::io::Result<Begin> {
    let Planned {
        config,
        invocation,
        response_files,
        plan,
    } = *call;
    let mut argv = vec![OsString::from(&invocation.name)];
    argv.extend(invocation.args.iter().cloned());
    let ppid = std::os::unix::process::parent_id();
    let own = |name: &str| invocation.env.text(name).map(mask);
    let steps = plan.steps.iter().map(|step| shared(step, store));
    Ok(Begin {
        record: Kind::Begin,
        schema: SCHEMA,
        id: id.to_owned(),
        time_us: micros(now),
        tool: invocation.name.clone(),
        job: plan.job,
        probe: plan.probe,
        build: own(BUILD),
        caller: own(CALLER),
        pid: std::process::id(),
        ppid,
        parent: content::process_name(ppid),
        cwd: invocation.cwd.clone().into(),
        argv: mask_words(&argv),
        env: environment(invocation, store)?,
        toolchain: toolchain(config, store)?,
        decisions: decisions(plan, store)?,
        response_files: response_file_blobs(response_files, store)?,
        steps: steps.collect::<std::io::Result<_>>()?,
        before: before(plan, invocation, store),
        refusal: plan.refusal.as_deref().map(mask),
    })
}

/// How a call went.
pub(super) fn end(
    call: &Planned,
    store: &Store,
    id: &str,
    outcome: &Outcome,
    warnings: &[String],
    took: Duration,
) -> End {
    let Planned {
        invocation, plan, ..
    } = *call;
    let steps = outcome.steps.iter().map(|ran| StepRun {
        start_us: micros(ran.start),
        duration_us: micros(ran.took),
        exit: ran.exit,
        from_cache: ran.from_cache,
        link: ran.link.clone(),
    });
    // A module that a later step changes is one output all the same.
    let mut written: Vec<&OsString> = Vec::new();
    for output in plan.steps.iter().flat_map(|step| &step.outputs) {
        if !written.contains(&output) {
            written.push(output);
        }
    }
    let read = plan.inputs.iter().filter(|path| !written.contains(path));
    let keep = if plan.probe {
        Keep::Sources
    } else {
        Keep::Nothing
    };
    End {
        record: Kind::End,
        schema: SCHEMA,
        id: id.to_owned(),
        exit: outcome.exit,
        duration_us: micros(took),
        steps: steps.collect(),
        warnings: warnings.iter().map(|text| mask(text)).collect(),
        inputs: content::facts(read, &invocation.cwd, store, keep),
        outputs: content::facts(
            written.iter().copied(),
            &invocation.cwd,
            store,
            Keep::Nothing,
        ),
    }
}

fn json_blob(value: &impl Serialize, store: &Store) -> std::io::Result<String> {
    store.blob(&serde_json::to_vec(value)?)
}

fn environment(invocation: &Invocation, store: &Store) -> std::io::Result<String> {
    let env: BTreeMap<&str, String> = invocation
        .env
        .iter()
        .filter_map(|(name, value)| Some((name.to_str()?, value.to_string_lossy())))
        // These are fields of their own; here they would part what calls share.
        .filter(|(name, _)| allowed(name) && ![BUILD, CALLER].contains(name))
        .map(|(name, value)| (name, mask(&value)))
        .collect();
    json_blob(&env, store)
}

fn toolchain(config: &ShimConfig, store: &Store) -> std::io::Result<String> {
    let toolchain = Toolchain {
        emshim: env!("CARGO_PKG_VERSION").to_owned(),
        config: config.clone(),
    };
    json_blob(&toolchain, store)
}

fn decisions(plan: &Plan, store: &Store) -> std::io::Result<Option<String>> {
    let decisions: Vec<Decision> = plan
        .decisions
        .iter()
        .filter(|decision| decision.is_news())
        .map(|decision| Decision {
            argument: decision.argument.as_deref().map(mask),
            result: decision.result.as_deref().map(mask),
            ..decision.clone()
        })
        .collect();
    (!decisions.is_empty())
        .then(|| json_blob(&decisions, store))
        .transpose()
}

fn response_file_blobs(
    files: &[invocation::ResponseFile],
    store: &Store,
) -> std::io::Result<Vec<ResponseFile>> {
    let kept = |file: &invocation::ResponseFile| {
        let contents = match std::str::from_utf8(&file.contents) {
            Ok(text) => store.blob(mask(text).as_bytes()),
            Err(_) => {
                let text = OsStr::from_bytes(&file.contents).to_owned();
                store.blob(mask_words(&[text])[0].as_bytes())
            }
        };
        Ok(ResponseFile {
            path: file.path.clone().into(),
            contents: contents?,
        })
    };
    files.iter().map(kept).collect()
}

fn shared(step: &plan::Step, store: &Store) -> std::io::Result<Step> {
    let mut changes = step.env.clone();
    for change in &mut changes {
        change.value = change.value.as_deref().map(mask);
    }
    let env = (!changes.is_empty()).then(|| json_blob(&changes, store));
    Ok(Step {
        kind: step.kind,
        argv: mask_words(&step.argv),
        env: env.transpose()?,
        outputs: step.outputs.clone(),
    })
}

/// What compilers and linkers write they write anew; these tools change what is there.
fn before(plan: &Plan, invocation: &Invocation, store: &Store) -> Vec<FileFact> {
    if !matches!(plan.job, Job::Archive | Job::Forward) {
        return Vec::new();
    }
    let outputs = plan.steps.iter().flat_map(|step| &step.outputs);
    content::facts(outputs, &invocation.cwd, store, Keep::Nothing)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
