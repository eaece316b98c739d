//! `emshim build`: a source in, a wheel out that was imported in Pyodide.

use std::process::ExitCode;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use pyodide_wheel::pep517;
use pyodide_wheel::source::Source;

use super::builder::{Builder, Built, DEFAULT_EXPORTS, Options};
use super::error::CliError;
use super::session::{Session, absolute};
use super::{LauncherArgs, TargetArgs, testing, ui, ui::Ui};

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
    target: TargetArgs,
    #[command(flatten)]
    launcher: LauncherArgs,
    /// Symbols a side module exports: `pyinit` (the init function only), `requested` (what the
    /// sources make visible), `all`, or names separated by commas
    #[arg(long, value_name = "SET", default_value = DEFAULT_EXPORTS, value_parser = exports)]
    exports: String,
    /// Run the package's own tests; the value is what follows `python`, `-m pytest` by default
    #[arg(long, value_name = "ARGS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    test: Option<String>,
    /// A package the tests need besides pytest (repeatable)
    #[arg(long, value_name = "NAME", requires = "test")]
    test_with: Vec<String>,
    /// Use the older platform tag, pyodide_<abi>_wasm32
    #[arg(long)]
    legacy_tag: bool,
    /// Fail when a package this one needs has no wheel for the target, instead of building it
    #[arg(long)]
    no_build_dependencies: bool,
    /// Leave the work tree in place: `emshim replay` needs the files that the tools read
    #[arg(long)]
    keep_work: bool,
    /// Go on with a wheel that the check against Pyodide's own symbols finds wrong
    #[arg(long)]
    no_audit: bool,
    /// Print the result as JSON on stdout
    #[arg(long)]
    json: bool,
    /// Show the output of the build tools
    #[arg(short, long)]
    verbose: bool,
}

/// Where wheels go unless the user says otherwise, as with PyPA's `build`.
const OUTDIR: &str = "dist";

/// Builds, imports and on request tests the wheel.
///
/// # Errors
/// Whatever keeps the wheel from being made or imported.
pub fn run(args: &BuildArgs) -> Result<ExitCode, CliError> {
    let ui = Ui::new();
    let cwd = absolute(".".into())?;
    let source = Source::parse(&args.source, &cwd)?;
    let outdir = match (&args.outdir, &source) {
        (Some(dir), _) => absolute(dir)?,
        (None, Source::Folder(folder)) => folder.join(OUTDIR),
        (None, _) => cwd.join(OUTDIR),
    };
    let epoch = source_date_epoch()?;
    let session = Session::prepare(&args.target, &ui)?;
    eprintln!("{}", session.pair());
    let options = Options {
        config_settings: pep517::config_settings(args.config_settings.iter().map(String::as_str)),
        no_isolation: args.no_isolation,
        skip_dependency_check: args.skip_dependency_check,
        exports: args.exports.clone(),
        launcher: args.launcher.variable(),
        epoch,
        legacy_tag: args.legacy_tag,
        build_dependencies: !args.no_build_dependencies,
        keep_work: args.keep_work,
        audit: !args.no_audit,
        verbose: args.verbose,
    };
    let builder = Builder::new(&session, &ui, &options)?;
    let built = builder.build(&source, &outdir)?;
    let tests = match &args.test {
        None => None,
        Some(words) => Some(testing::run(
            &builder,
            &built,
            words,
            &args.test_with,
            args.json,
        )?),
    };
    if args.json {
        ui::answer(&format!("{:#}\n", json(&built, tests.as_ref())))?;
    }
    summary(&ui, &session, &built);
    match tests {
        Some(tests) if !tests.status.success() => {
            eprintln!(
                "tests failed ({}); the wheel is {}",
                tests.status, built.wheel
            );
            Ok(ExitCode::FAILURE)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn json(built: &Built, tests: Option<&testing::Tested>) -> serde_json::Value {
    serde_json::json!({
        "wheel": built.wheel,
        "size": built.size,
        "build_seconds": built.time.as_secs_f64(),
        "test_seconds": tests.map(|t| t.time.as_secs_f64()),
        "test_status": tests.and_then(|t| t.status.code()),
    })
}

/// What was made, how long each part took, and what to try next.
fn summary(ui: &Ui, session: &Session, built: &Built) {
    let times = ui.times();
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    eprintln!();
    for (step, time) in &times {
        eprintln!("  {:>11}  {step}", ui::seconds(*time));
    }
    eprintln!("  {:>11}  in all", ui::seconds(total));
    eprintln!("\n{} ({})", built.wheel, ui::bytes(built.size));
    eprintln!(
        "for {} with Emscripten {} ({})",
        session.target,
        session.emscripten.version,
        session.how()
    );
    let run = format!(
        "emshim run --with {}",
        shell_words::quote(built.wheel.as_str())
    );
    match built
        .modules
        .iter()
        .find(|name| !name.starts_with('_'))
        .or(built.modules.first())
    {
        Some(module) => eprintln!("next: {run} -c 'import {module}'"),
        None => eprintln!("next: {run} -c 'print(...)'"),
    }
}

/// `SOURCE_DATE_EPOCH`: seconds since 1970 for the times inside the wheel.
/// Source: <https://reproducible-builds.org/specs/source-date-epoch/>.
fn source_date_epoch() -> Result<Option<i64>, CliError> {
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

/// Checks `--exports`: the names of C functions, one or more.
fn exports(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        !name.is_empty() && name.chars().all(word)
    };
    match text.split(',').find(|name| !is_name(name)) {
        None => Ok(text.to_owned()),
        Some(name) => Err(format!("`{name}` is not the name of a C function")),
    }
}
