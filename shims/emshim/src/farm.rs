//! `emshim farm`: many packages, each once, with what it needs of the others.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{ArgMatches, Args};
use farm::folder::Folder;
use farm::list::{FILE, List};
use farm::plan::Graph;
use farm::report::Row;
use farm::{matrix, report};
use provision::{Progress, Store};
use publish::draft::Draft;
use publish::packages::Packages;
use publish::simple_index;
use wheel_build::files::absolute;
use wheel_build::session::Session;

use crate::args::TargetsArgs;
use crate::config;
use crate::error::CliError;
use crate::site;
use crate::ui::{self, Ui};

/// The verb that carries one job out, which Snakemake calls.
pub const JOB: &str = "farm-job";

/// `emshim farm`.
#[derive(Debug, Args)]
pub struct FarmArgs {
    /// The list of packages
    #[arg(default_value = FILE)]
    list: Utf8PathBuf,
    /// The folder for wheels, index, lock file, logs and the status page; what is there and still counts
    /// is not built again
    #[arg(short, long, value_name = "DIR", default_value = "farm")]
    outdir: Utf8PathBuf,
    #[command(flatten)]
    targets: TargetsArgs,
    /// Only this package and what it needs of the others (repeatable)
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// How many packages are built at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// A plugin of Snakemake to install with it, such as snakemake-executor-plugin-slurm (repeatable)
    #[arg(long = "plugin", value_name = "NAME")]
    plugins: Vec<String>,
    /// Print a matrix for GitHub Actions, and build nothing
    #[arg(long)]
    github: bool,
    /// Arguments for Snakemake, such as `--executor slurm --jobs 50`
    #[arg(last = true)]
    snakemake: Vec<String>,
}

/// `emshim farm-job`, in the folder of a farm.
#[derive(Debug, Args)]
pub struct JobArgs {
    target: String,
    name: String,
}

/// Builds what counts no more, then writes index, lock file and page, and says what came of each package.
///
/// # Errors
/// The list means nothing, or Snakemake cannot be had. What fails to build is told, and makes the exit
/// status 1.
pub fn run(args: &FarmArgs, matches: Option<&ArgMatches>) -> Result<ExitCode, CliError> {
    let list = List::read(&args.list)?;
    let ui = Ui::new();
    let targets = match list.targets.as_slice() {
        own if !own.is_empty() && !config::names_targets(matches) => args.targets.of(own),
        _ => args.targets.each(),
    };
    let folder = Folder(absolute(&args.outdir)?);
    let held = folder.hold(|| ui.note("waiting for another farm in the same folder"))?;
    let mut graph = Graph {
        emshim: this_program()?,
        ..Graph::default()
    };
    let mut sessions = Vec::new();
    for target in &targets {
        let session = Session::prepare(&target.wanted(), &ui)?;
        let progress: &dyn Progress = &ui;
        let step = format!("reading what the packages need for {}", target.target);
        progress.step(&step, || graph.add(&list, &session, &folder, progress))?;
        sessions.push(session);
    }
    if !args.packages.is_empty() {
        graph.select(&args.packages)?;
    }
    if args.github {
        ui::answer(&format!("{}\n", matrix::of(&graph)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let store = Store::from_env()?;
    let snakemake = provision::provision_snakemake(&store, &args.plugins, &ui)?;
    folder.prepare(&graph)?;
    let ran = folder.run(&held, &snakemake, args.jobs, &args.snakemake)?;
    let rows = report::rows(&folder, &graph);
    report::write_all(&folder, &rows)?;
    let mut well = rows.iter().all(Row::is_well);
    for session in &sessions {
        if let Err(error) = publish(&folder, session, &rows) {
            ui.note(&format!("no index for {}: {error}", session.target.name));
            well = false;
        }
    }
    table(&rows)?;
    ui.note(&format!("{}", folder.0.join("index.html")));
    // A dry run of Snakemake's, say, builds nothing and is no failure of a package.
    Ok(if well && ran.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Carries one job out.
///
/// # Errors
/// A file of the farm's cannot be read or written.
pub fn job(args: &JobArgs) -> Result<ExitCode, CliError> {
    let folder = Folder(absolute(".".into())?);
    Ok(match farm::job::run(&folder, &args.target, &args.name)? {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Where this program lies.
fn this_program() -> Result<Utf8PathBuf, CliError> {
    let exe = std::env::current_exe().map_err(CliError::io("cannot find", "emshim"))?;
    Utf8PathBuf::from_path_buf(exe)
        .map_err(|exe| CliError::Message(format!("{} is no UTF-8", exe.display())))
}

/// The wheels of a target as `emshim lock` publishes them.
fn publish(folder: &Folder, session: &Session, rows: &[Row<'_>]) -> Result<(), CliError> {
    let target = session.target.name.to_string();
    let wheels = folder.wheels(&target);
    let made = rows.iter().filter(|row| row.job.target == target);
    let made = made.filter_map(|row| row.outcome.as_ref()?.wheel.as_ref());
    let made: Vec<String> = made.map(|wheel| wheels.join(wheel).into_string()).collect();
    if made.is_empty() {
        return Ok(());
    }
    let mut draft = Draft::of(&folder.index(&target), "farm")?;
    let micropip = site::micropip(session);
    let packages = Packages::collect(session, &made, &micropip, &[wheels], &folder.0)?;
    packages.write(&mut draft, "", &site::release(session)?)?;
    simple_index::write(&mut draft, &packages.all)?;
    draft.place()?;
    Ok(())
}

/// A line for each package.
fn table(rows: &[Row<'_>]) -> Result<(), CliError> {
    let width = rows
        .iter()
        .map(|row| row.job.id().len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for row in rows {
        let seconds = row
            .outcome
            .as_ref()
            .map(|outcome| format!("{:.0} s", outcome.seconds));
        let (id, result) = (row.job.id(), row.result());
        let seconds = seconds.unwrap_or_default();
        let cause = row.cause.as_deref().unwrap_or_default();
        let line = format!("{id:width$}  {result:12}  {seconds:>6}  {cause}");
        text += line.trim_end();
        text.push('\n');
    }
    ui::answer(&text)
}
