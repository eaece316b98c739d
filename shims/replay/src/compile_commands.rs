//! A compilation database of a log: clang's own command lines, for clangd and clang-tidy.
//!
//! The format is LLVM's "JSON Compilation Database Format Specification". A compile that went
//! through emcc is given the flags that emcc names for it; a Fortran source stands for the C that is
//! made of it, which is made once more.

use crate::driver;
use crate::error::ReplayError;
use crate::prepare::prepare;
use crate::run::run_prepared;
use crate::select::Chosen;
use crate::setting::Setting;
use call_log::format::schema::Begin;
use call_log::read::log::Log;
use camino::{Utf8Path, Utf8PathBuf};
use flags::rules;
use planner::settings::Settings;
use serde::Serialize;
use shim::direct::Direct;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::invocation::{Env, Invocation};
use toolcall::job::Job;
use toolcall::plan::{EnvChange, Plan, Step, StepKind};
use toolcall::{os_str, sources};

/// One translation unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The folder that the command runs in.
    pub directory: String,
    /// The source, absolute.
    pub file: String,
    /// clang's command.
    pub arguments: Vec<String>,
    /// What it writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// The entries of calls, each file once for each output, the last command first served. The C made
/// of Fortran goes to `generated`. Second, what has no entry, and why.
///
/// # Errors
/// The log is damaged, or `generated` cannot be written.
pub fn entries(
    log: &Log,
    calls: &[Chosen],
    setting: &Setting,
    generated: &Utf8Path,
) -> Result<(Vec<Entry>, Vec<String>), ReplayError> {
    let mut entries = BTreeMap::new();
    let mut missing = Vec::new();
    for chosen in calls {
        let begin = &chosen.call.begin;
        let ended_well = chosen.end().is_some_and(|end| end.exit.is_success());
        if begin.probe || !begin.job.compiles() || !ended_well {
            continue;
        }
        let steps = begin.steps.iter().map(|step| log.step(step));
        let mut steps: Vec<Step> = steps.collect::<Result<_, _>>()?;
        if steps.iter().any(makes_source)
            && let Some(why) = translate(log, chosen, setting, generated, &mut steps)?
        {
            missing.push(format!("call {}: {why}", begin.id));
            continue;
        }
        for step in &steps {
            for source in driver::sources(step) {
                match entry(log, begin, step, &source)? {
                    Ok(entry) => {
                        entries.insert((entry.file.clone(), entry.output.clone()), entry);
                    }
                    Err(why) => missing.push(format!("{}: {why}", source.to_string_lossy())),
                }
            }
        }
    }
    Ok((entries.into_values().collect(), missing))
}

fn entry(
    log: &Log,
    begin: &Begin,
    step: &Step,
    source: &OsString,
) -> Result<Result<Entry, String>, ReplayError> {
    let cwd = Path::new(&begin.cwd);
    let file = cwd.join(source);
    if !file.is_file() {
        return Ok(Err("the source is gone".into()));
    }
    let mut argv = driver::only(step, "-c", std::slice::from_ref(source));
    let output = step
        .outputs
        .first()
        .filter(|_| driver::sources(step).len() == 1 && !begin.job.links());
    if let Some(output) = output {
        argv.extend(["-o".into(), output.clone()]);
    }
    let argv = match clang(log, begin, step, argv)? {
        Ok(argv) => argv,
        Err(why) => return Ok(Err(why)),
    };
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    Ok(Ok(Entry {
        directory: shown(cwd),
        file: shown(&file),
        arguments: argv.iter().map(|word| shown(Path::new(word))).collect(),
        output: output.map(|output| shown(Path::new(output))),
    }))
}

/// The command as clang's own: as it is, or with the flags emcc names for it.
fn clang(
    log: &Log,
    begin: &Begin,
    step: &Step,
    argv: Vec<OsString>,
) -> Result<Result<Vec<OsString>, String>, ReplayError> {
    let config = log.toolchain(begin)?.config;
    let mut argv = argv;
    if begin.job.links() {
        // emcc warns of settings that only a link uses; those of the ABI a compile has as well.
        let setting = |word: &OsString| {
            let value = os_str::strip_prefix(word, "-s");
            value.is_some_and(|value| rules::is_setting(value.as_encoded_bytes()))
        };
        argv.retain(|word| !setting(word) || config.cflags.iter().any(|flag| word == &**flag));
    }
    if Path::new(&argv[0]).parent() != Some(config.emscripten.root.as_std_path()) {
        return Ok(Ok(argv));
    }
    let env = log.env(begin)?;
    let env = Env::new(
        env.into_iter()
            .map(|(name, value)| (name.into(), value.into())),
    );
    let mut settings = match Settings::resolve(&config, &env) {
        Ok(settings) => settings,
        Err(error) => return Ok(Err(error.to_string())),
    };
    settings.direct = true;
    settings.launcher.clear();
    let invocation = Invocation {
        name: begin.tool.clone(),
        args: Vec::new(),
        env,
        cwd: begin.cwd.clone().into(),
        shim_dir: shim_dir(&config),
    };
    let step = Step {
        argv,
        // Flags for emcc itself are about the link, which is left out.
        env: env_without(step, "EMMAKEN_JUST_CONFIGURE"),
        ..step.clone()
    };
    let plan = Plan::of(Job::Compile, vec![step]);
    let direct = Direct {
        config: &config,
        settings: &settings,
        invocation: &invocation,
        // A compile has no intermediate files.
        work_dir: Path::new(""),
    };
    let plan = direct.apply(plan);
    let argv = plan.steps.into_iter().next().map(|step| step.argv);
    let argv = argv.unwrap_or_default();
    let is_clang = argv.first().is_some_and(|program| {
        Path::new(program).parent() != Some(config.emscripten.root.as_std_path())
    });
    let reason = plan
        .decisions
        .into_iter()
        .find_map(|decision| decision.reason);
    Ok(if is_clang {
        Ok(argv)
    } else {
        Err(reason.unwrap_or_default().into_owned())
    })
}

fn env_without(step: &Step, name: &str) -> Vec<EnvChange> {
    let changes = step.env.iter().filter(|change| change.name != name);
    changes.cloned().collect()
}

/// The shim folder that a configuration was read from: its toolchain file lies in it.
fn shim_dir(config: &ShimConfig) -> Utf8PathBuf {
    let parent = config.cmake_toolchain.parent();
    parent.unwrap_or(Utf8Path::new("/")).to_owned()
}

/// Whether emshim itself makes sources in a step: C of Fortran.
fn makes_source(step: &Step) -> bool {
    let mut outputs = step.outputs.iter();
    step.kind == StepKind::BuiltIn && outputs.any(|path| sources::kind(path).is_source())
}

/// Makes the C of a call's Fortran once more, and puts it in the place of what was removed. Gives
/// the reason if it cannot be.
fn translate(
    log: &Log,
    chosen: &Chosen,
    setting: &Setting,
    generated: &Utf8Path,
    steps: &mut [Step],
) -> Result<Option<String>, ReplayError> {
    if let Some(skip) = &chosen.skipped {
        return Ok(Some(skip.why().to_owned()));
    }
    let mut prepared = prepare(log, chosen, setting)?;
    prepared.steps.retain(makes_source);
    let verdict = run_prepared(log, chosen, setting, &prepared)?;
    if !verdict.exit.is_success() {
        return Ok(Some("its Fortran cannot be translated any more".into()));
    }
    fs::create_dir_all(generated).map_err(ReplayError::io("cannot make", generated))?;
    let fortran = steps.iter().filter(|step| makes_source(step));
    let made: Vec<OsString> = fortran.flat_map(|step| step.outputs.clone()).collect();
    for path in made.iter().filter(|path| sources::kind(path).is_source()) {
        let name = Path::new(path)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        // Two sources may have one name; their work folders do not.
        let folder = Path::new(path)
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default();
        let place = generated.join(format!("{}-{name}", folder.to_string_lossy()));
        fs::copy(prepared.place(path), &place).map_err(ReplayError::io("cannot write", &*place))?;
        let place = PathBuf::from(place);
        for word in steps.iter_mut().flat_map(|step| &mut step.argv) {
            if *word == *path {
                *word = place.clone().into();
            }
        }
    }
    Ok(None)
}
