//! `emshim build`: a source in, a wheel out that was imported in Pyodide.

mod results;

use std::process::ExitCode;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{ArgMatches, Args};
use configuration::{Files, Given, Project};
use provision::Progress as _;
use pyodide_wheel::source::Source;

use results::{Failure, Made};

use crate::args::{self, LauncherArgs, StripArgs, TargetArgs, TargetsArgs};
use crate::config;
use crate::error::CliError;
use crate::ui::{self, Ui};
use wheel_build::builder::{Builder, Options};
use wheel_build::error::WheelBuildError;
use wheel_build::files::absolute;
use wheel_build::session::{DEFAULT_EXPORTS, Session};
use wheel_build::testing;

/// `emshim build`.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// A folder, an sdist file, or NAME[==VERSION] from the index that pip is configured for
    #[arg(default_value = ".")]
    source: String,
    /// Folder for the wheel [default: `dist` in a source folder, else in the working directory]
    #[arg(short, long, value_name = "DIR")]
    outdir: Option<Utf8PathBuf>,
    /// Setting for the build back end (repeatable)
    #[arg(
        short = 'C',
        long = "config-setting",
        value_name = "KEY[=VALUE]",
        allow_hyphen_values = true
    )]
    config_settings: Vec<String>,
    /// Do not check that the build requirements are there (with --no-isolation)
    #[arg(short = 'x', long)]
    skip_dependency_check: bool,
    /// Build in the active virtual environment, or that of python3.X on PATH, not an isolated one
    #[arg(short, long)]
    no_isolation: bool,
    #[command(flatten)]
    targets: TargetsArgs,
    #[command(flatten)]
    launcher: LauncherArgs,
    /// Symbols a side module exports: `pyinit` (the init function only), `requested` (what the
    /// sources make visible), `all`, or names separated by commas
    #[arg(long, value_name = "SET", env = "EMSHIM_EXPORTS", default_value = DEFAULT_EXPORTS, value_parser = args::exports)]
    exports: String,
    /// Run the package's own tests; the value is what follows `python`, by default what the project's
    /// `test-command` says, else `-m pytest`. A project that says so is tested without it
    #[arg(long, value_name = "ARGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    test: Option<String>,
    /// Do not run the tests that the project's `test-command` names
    #[arg(long, conflicts_with_all = ["test", "test_with"])]
    no_test: bool,
    /// A package the tests need besides pytest (repeatable)
    #[arg(long, value_name = "NAME")]
    test_with: Vec<String>,
    /// Use the older platform tag, pyodide_<abi>_wasm32
    #[arg(long)]
    legacy_tag: bool,
    #[command(flatten)]
    strip: StripArgs,
    /// Fail when a package this one needs has no wheel for the target, instead of building it
    #[arg(long)]
    no_build_dependencies: bool,
    /// Leave the work tree in place: `emshim replay` needs the files that the tools read
    #[arg(long)]
    keep_work: bool,
    /// Go on with a wheel that the check against Pyodide's own symbols finds wrong
    #[arg(long)]
    no_audit: bool,
    /// Print the settings that count, and where each comes from, and build nothing
    #[arg(long, conflicts_with = "json")]
    show_config: bool,
    /// Do not heed [tool.emshim] and [tool.pyodide.build] of pyproject.toml, nor emshim.toml
    #[arg(long)]
    no_config: bool,
    /// Heed this file, written as emshim.toml is, in the place of the project's own
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config_file: Option<Utf8PathBuf>,
    /// Print the result as JSON on stdout: an object, or a list of them for several targets
    #[arg(long)]
    json: bool,
    /// Show the output of the build tools
    #[arg(short, long)]
    verbose: bool,
}

/// Where wheels go unless the user says otherwise, as with PyPA's `build`.
const OUTDIR: &str = "dist";

/// What is the same for every target.
struct Order {
    source: Source,
    outdir: Utf8PathBuf,
    options: Options,
}

/// Builds, imports and on request tests a wheel for each target, and goes on when one fails.
///
/// # Errors
/// stdout cannot be written. What keeps a wheel from being made is said, and makes the exit status
/// 1.
pub fn run(args: &BuildArgs, matches: Option<&ArgMatches>) -> Result<ExitCode, CliError> {
    let given = config::given(matches);
    let read = args.project();
    let own = match &read {
        Ok((_, project)) if !config::names_targets(matches) => project.targets(),
        _ => Vec::new(),
    };
    let targets = match own.as_slice() {
        [] => args.targets.each(),
        own => args.targets.of(own),
    };
    if args.show_config {
        let (source, project) = read?;
        let names = targets.iter().map(|target| target.target.as_str());
        return config::show(&source, project, &args.files()?, &given, names);
    }
    let several = targets.len() > 1;
    let order = read.and_then(|(source, _)| Order::new(args, source, given, several));
    let mut results: Vec<(String, Result<Made, Failure>)> = Vec::new();
    for target in &targets {
        let result = match &order {
            Ok(order) => order.build(args, target),
            Err(error) => Err(CliError::Message(error.to_string()).into()),
        };
        let name = &target.target;
        match &result {
            Ok(made) if !several => summary(made),
            Ok(_) => {}
            Err(failure) if several && order.is_ok() => eprintln!("emshim: {name}: {failure}"),
            // What is wrong for all targets is said once.
            Err(failure) if results.is_empty() => eprintln!("emshim: {failure}"),
            Err(_) => {}
        }
        results.push((name.clone(), result));
    }
    if several {
        overview(&results);
    }
    if args.json {
        let mut objects: Vec<_> = results
            .iter()
            .map(|(name, r)| results::json(name, r))
            .collect();
        let value = match objects.pop() {
            Some(only) if objects.is_empty() => only,
            last => serde_json::Value::from_iter(objects.into_iter().chain(last)),
        };
        ui::answer(&format!("{value:#}\n"))?;
    }
    let well = |made: &Made| made.tests.is_none_or(|(_, status)| status.success());
    if results.iter().all(|(_, r)| r.as_ref().is_ok_and(well)) {
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}

impl BuildArgs {
    /// The source, and what the files of a folder say. Those of an sdist are read when it is unpacked.
    fn project(&self) -> Result<(Source, Project), CliError> {
        let cwd = absolute(".".into())?;
        let source = Source::parse(&self.source, &cwd).map_err(WheelBuildError::from)?;
        let files = self.files()?;
        let project = match (&source, &files) {
            (Source::Folder(folder), _) => files.read(folder),
            // It is here, whatever the source is.
            (_, Files::Instead(path)) => files.read(path),
            _ => Ok(Project::default()),
        };
        Ok((source, project.map_err(WheelBuildError::from)?))
    }

    /// The files whose settings count.
    fn files(&self) -> Result<Files, CliError> {
        Ok(match &self.config_file {
            Some(file) => Files::Instead(absolute(file)?),
            None if self.no_config => Files::None,
            None => Files::Project,
        })
    }
}

impl Order {
    fn new(
        args: &BuildArgs,
        source: Source,
        given: Given,
        several: bool,
    ) -> Result<Self, CliError> {
        if args.keep_work && several {
            // It is at one path, for paths get into wheels.
            return Err(CliError::Message(
                "--keep-work keeps one work tree for a source: name one target".into(),
            ));
        }
        let cwd = absolute(".".into())?;
        let outdir = match (&args.outdir, &source) {
            (Some(dir), _) => absolute(dir)?,
            (None, Source::Folder(folder)) => folder.join(OUTDIR),
            (None, _) => cwd.join(OUTDIR),
        };
        let options = Options {
            given,
            files: args.files()?,
            no_isolation: args.no_isolation,
            skip_dependency_check: args.skip_dependency_check,
            launcher: args.launcher.variable(),
            epoch: source_date_epoch()?,
            build_dependencies: !args.no_build_dependencies,
            keep_work: args.keep_work,
            audit: !args.no_audit,
            verbose: args.verbose,
        };
        Ok(Self {
            source,
            outdir,
            options,
        })
    }

    /// Builds for one target. The work tree is gone when this returns: the next target's build has
    /// the same path.
    fn build(&self, args: &BuildArgs, target: &TargetArgs) -> Result<Made, Failure> {
        let ui = Ui::new();
        let session = Session::prepare(&target.wanted(), &ui)?;
        eprintln!("{}", session.pair());
        let builder = Builder::new(&session, &ui, &self.options)?;
        let built = builder
            .build(&self.source, &self.outdir)
            .map_err(|error| Failure {
                failed: builder.failed(),
                ..error.into()
            })?;
        let mut tests = None;
        let wanted = args.test.is_some() || (built.chosen.tests() && !args.no_test);
        if !wanted && !args.test_with.is_empty() {
            ui.note("note: --test-with is for --test, or for a project with a `test-command`");
        }
        if wanted {
            let tested = testing::run(&builder, &built, args.json)?;
            ui.took("testing", tested.time);
            tests = Some((tested.time, tested.status));
        }
        Ok(Made {
            wheel: built.wheel,
            pair: format!(
                "for {} with Emscripten {} ({})",
                session.target,
                session.emscripten.version,
                session.how()
            ),
            size: built.size,
            modules: built.modules,
            compiled: built.compiled,
            unmade: built.unmade,
            build: built.time,
            tests,
            times: ui.times(),
        })
    }
}

/// A line for each of several targets.
fn overview(results: &[(String, Result<Made, Failure>)]) {
    let width = results.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    eprintln!();
    for (at, (name, result)) in results.iter().enumerate() {
        let (took, what) = match result {
            Ok(made) => {
                let total = made.times.iter().map(|(_, time)| *time).sum();
                let mut what = format!("{} ({})", made.wheel, ui::bytes(made.size));
                if let Some((_, status)) = made.tests.filter(|(_, status)| !status.success()) {
                    what += &format!("; its tests failed ({status})");
                }
                let same = |other: &&(String, Result<Made, Failure>)| {
                    other
                        .1
                        .as_ref()
                        .is_ok_and(|other| other.wheel == made.wheel)
                };
                if let Some((other, _)) = results[..at].iter().find(same) {
                    what += &format!("; it has replaced that for {other}, which has the same name");
                }
                (ui::seconds(total), what)
            }
            Err(failure) => {
                let first = failure.error.lines().next().unwrap_or_default();
                ("failed".into(), first.to_owned())
            }
        };
        eprintln!("  {took:>11}  {name:width$}  {what}");
    }
}

/// What was made, how long each part took, and what to try next.
fn summary(made: &Made) {
    let total: Duration = made.times.iter().map(|(_, time)| *time).sum();
    eprintln!();
    for (step, time) in &made.times {
        eprintln!("  {:>11}  {step}", ui::seconds(*time));
    }
    eprintln!("  {:>11}  in all", ui::seconds(total));
    eprintln!("\n{} ({})", made.wheel, ui::bytes(made.size));
    eprintln!("{}", made.pair);
    if let Some((_, status)) = made.tests.filter(|(_, status)| !status.success()) {
        eprintln!("tests failed ({status}); the wheel is {}", made.wheel);
        return;
    }
    let run = format!(
        "emshim run --with {}",
        shell_words::quote(made.wheel.as_str())
    );
    let public = made.modules.iter().find(|name| !name.starts_with('_'));
    match public.or(made.modules.first()) {
        Some(module) => eprintln!("next: {run} -c 'import {module}'"),
        None => eprintln!("next: {run} -c 'print(...)'"),
    }
}

/// `SOURCE_DATE_EPOCH`: seconds since 1970 for the times inside the wheel.
/// Source: <https://reproducible-builds.org/specs/source-date-epoch/>.
///
/// # Errors
/// It is no such number.
pub fn source_date_epoch() -> Result<Option<i64>, CliError> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else {
        return Ok(None);
    };
    text.parse::<u32>()
        .map(|epoch| Some(epoch.into()))
        .map_err(|_| {
            CliError::Message(format!(
                "SOURCE_DATE_EPOCH is `{text}`; it must be a number of seconds since 1970"
            ))
        })
}
