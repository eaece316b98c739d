//! Snakemake, which carries out the graph of a farm: the user's own, else one of the index, in an
//! environment of the machine's Python. The target's Python may be too new for what it needs.

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::machine::{Env, is_executable};
use crate::store::{Slot, State, remove_tree, split};
use crate::tools::find_pip;
use crate::{Error, Progress, Store};

/// The version that is got; what it needs is pip's choice.
const VERSION: &str = "9.27.1";

/// The name of the folder.
const FOLDER: &str = "snakemake";

/// Bytes of disk.
const DISK: u64 = 250_000_000;

/// How the names of its plugins begin on the index.
const PLUGIN: &str = "snakemake-";

fn slot(store: &Store, exe: &Utf8Path, plugins: &[String]) -> Slot {
    let mut parts = vec![VERSION, exe.as_str()];
    parts.extend(plugins.iter().map(String::as_str));
    Slot::new(&store.tools(), FOLDER, "Snakemake", parts)
}

/// The file in the folder that names the interpreter and the plugins, a line each.
const MADE_OF: &str = "made-of.txt";

/// The slot of a folder that is there, if its interpreter still is.
pub(crate) fn slot_of(store: &Store, folder: &Utf8Path) -> Option<Slot> {
    let named = split(folder)?.0 == FOLDER;
    let made_of = std::fs::read_to_string(folder.join(MADE_OF)).ok()?;
    let mut lines = made_of.lines();
    let exe = Utf8Path::new(lines.next()?);
    let plugins: Vec<String> = lines.map(str::to_owned).collect();
    (named && is_executable(exe)).then(|| slot(store, exe, &plugins))
}

/// The program. The user's own, in PATH, comes first, unless plugins are asked for: distributions such as
/// `snakemake-executor-plugin-slurm`, which are installed beside one of ours.
///
/// # Errors
/// The machine has no pip, or its index does not answer.
pub fn provision_snakemake(
    store: &Store,
    plugins: &[String],
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    let env = Env::capture();
    // One that does not run, as a leftover of another Python's, is none.
    let runs = |own: &Utf8PathBuf| {
        Command::new(own, "", "")
            .args(["--version"])
            .query()
            .is_some()
    };
    let own = || env.programs(FOLDER).into_iter().find(runs);
    if let Some(own) = plugins.is_empty().then(own).flatten() {
        return Ok(own);
    }
    if let Some(other) = plugins.iter().find(|plugin| !plugin.starts_with(PLUGIN)) {
        return Err(Error::Missing {
            what: format!("the plugin {other}"),
            why: "is none of Snakemake's by its name".to_owned(),
            remedy: "name the distribution, such as snakemake-executor-plugin-slurm".to_owned(),
        });
    }
    let pip = find_pip(&env)?;
    let exe = pip.python;
    let slot = slot(store, &exe, plugins);
    let program = slot.folder().join("bin").join(FOLDER);
    if let State::Ready(_) = slot.state() {
        return Ok(program);
    }
    let work = slot.lock(progress)?;
    if let State::Ready(_) = slot.state() {
        return Ok(program);
    }
    let log = Log::create(&store.log(), FOLDER)?;
    progress
        .step("installing Snakemake", || {
            let file = work.staging()?.join(MADE_OF);
            let lines = [std::slice::from_ref(&exe.to_string()), plugins].concat();
            std::fs::write(&file, lines.join("\n")).map_err(Error::io("write", &file))?;
            // Scripts name their interpreter, so they are made where they stay.
            work.place()?;
            let remedy = "check that pip reaches its index, or install Snakemake yourself, so that it is in PATH";
            Command::new(&exe, "making a Python environment", remedy)
                .args(["-m", "venv", "--without-pip", slot.folder().as_str()])
                .output(&log)?;
            let python = slot.folder().join("bin/python");
            Command::new(&exe, "installing Snakemake", remedy)
                .args(["-m", "pip", "--python", python.as_str(), "install", "--quiet", "--no-input"])
                .args(["--disable-pip-version-check", &format!("{FOLDER}=={VERSION}")])
                .args(plugins)
                .env("PIP_USER", "0")
                .env("PIP_REQUIRE_VIRTUALENV", "0")
                .output(&log)?;
            let versions = [(FOLDER.to_owned(), VERSION.to_owned())];
            work.finish(versions.into())
        })
        .inspect_err(|_| {
            let _ = remove_tree(slot.folder());
        })
        .map_err(|e| e.or_disk_full(slot.folder(), "Snakemake", DISK))?;
    Ok(program)
}
