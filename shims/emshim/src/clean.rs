//! `emshim clean`: removes from the store what nothing will use again, and nothing that is in use.
//!
//! What is in use: see `provision::Store::in_use`. While this runs no session begins. A folder is
//! renamed before it is removed, so that none is trusted that is half there.

use std::fs::{self, File};
use std::process::ExitCode;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::{InUse, LEASE, Store, disk_usage, outdated};
use pyodide_wheel::{source, xbuild};

use crate::error::CliError;
use crate::ui;
use toolcall::config::FILE_NAME;
use wheel_build::{fortran, shim_folder};

/// `emshim clean`.
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// Say what would be removed, and remove nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Also remove the work trees that `emshim build --keep-work` left for `emshim replay`
    #[arg(long)]
    kept_work: bool,
}

/// How long the output of a build's tools is kept; records are kept for good.
const OUTPUT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Suffixes of a provisioned folder's hidden siblings; the last is ours.
const SIBLINGS: &[&str] = &["new", "apt", "lock", OLD];

/// What is being removed.
const OLD: &str = "old";

/// What older versions called the store's folder of broken wheels.
const BROKEN_ONCE: &str = "kept";

/// What is to go, and what stays although it is not wanted.
struct Plan<'a> {
    store: &'a Store,
    in_use: InUse,
    go: Vec<(Utf8PathBuf, &'static str)>,
    stay: Vec<String>,
    /// Held until what they stand for is removed.
    locks: Vec<(Utf8PathBuf, File)>,
}

/// Removes it, and says what and how much.
///
/// # Errors
/// The store's place cannot be told, or a session is preparing in it.
pub fn run(args: &CleanArgs) -> Result<ExitCode, CliError> {
    let store = Store::from_env()?;
    let root = store.root();
    if !root.is_dir() {
        ui::answer(&format!("there is no store {root}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let closed = store.close()?;
    let prepares = format!("another emshim is preparing what it needs in {root}, or cleans it");
    match closed {
        None if args.dry_run => {
            eprintln!("emshim: {prepares}; what it uses may be among these");
        }
        None => {
            let why = format!("{prepares}; try again when it has done so");
            return Err(CliError::Message(why));
        }
        Some(_) => {}
    }
    let mut plan = Plan {
        in_use: store.in_use(),
        store: &store,
        go: Vec::new(),
        stay: Vec::new(),
        locks: Vec::new(),
    };
    plan.toolchains();
    plan.unfinished();
    plan.work_trees(args.kept_work);
    plan.runs();
    plan.wheels();
    plan.output();
    plan.carry_out(args.dry_run)
}

impl Plan<'_> {
    fn go(&mut self, path: Utf8PathBuf, why: &'static str) {
        self.go.push((path, why));
    }

    fn goes(&self, path: &Utf8Path) -> bool {
        self.go.iter().any(|(gone, _)| path.starts_with(gone))
    }

    /// Plans that a folder goes, unless it is in use.
    fn unless_used(&mut self, path: Utf8PathBuf, why: &'static str) {
        if self.in_use.has(&path) {
            self.stay.push(format!("{path} is in use"));
        } else {
            self.go(path, why);
        }
    }

    /// Whether any emshim is at work.
    fn busy(&self) -> bool {
        self.in_use.sessions() + self.in_use.silent() > 0
    }

    /// Folders that other recipes made, the shim folders that refer to them, the targets that were
    /// made from them.
    fn toolchains(&mut self) {
        let old = outdated(self.store, &|folder| {
            fortran::is_current(self.store, folder)
        });
        let shims = named(&self.store.shim_folders(), is_target);
        let targets = named(&self.store.targets(), is_target);
        if self.in_use.silent() > 0 {
            if !old.is_empty() {
                self.stay.push(format!(
                    "{} that other recipes made: an emshim is running that does not say what it \
                     uses",
                    count(old.len(), "folder")
                ));
            }
            return;
        }
        for path in old {
            self.unless_used(path, "made by another recipe");
        }
        let mut referred = Vec::new();
        for path in shims {
            let text = fs::read(path.join(FILE_NAME)).unwrap_or_default();
            let named = self.store.named(&text);
            let has_gone = |folder: &Utf8PathBuf| {
                let kind = folder.parent().and_then(Utf8Path::file_name);
                let needed = matches!(kind, Some("debian" | "target"));
                self.goes(folder) || needed && !folder.exists()
            };
            if named.is_empty() || named.iter().any(has_gone) {
                self.unless_used(path.clone(), "shims for what has gone");
            } else if shim_folder::is_of_another(&path).unwrap_or(false) {
                self.unless_used(path.clone(), "shims of another emshim");
            }
            if !self.goes(&path) {
                referred.extend(named);
            }
        }
        for path in targets {
            let made_from = xbuild::made_from(&path).unwrap_or_default();
            let whole = |from: &Utf8PathBuf| from.exists() && !self.goes(from);
            let current = !made_from.is_empty() && made_from.iter().all(whole);
            if path.is_dir() && !is_aside(&path) && !current && !referred.contains(&path) {
                self.unless_used(path, "headers for what has gone");
            }
        }
    }

    /// What provisioning began and did not end, unless it is still at it.
    fn unfinished(&mut self) {
        let store = self.store;
        for parent in [
            store.archive(),
            store.debian(),
            store.pyodide(),
            store.sources(),
            store.tools(),
            store.fortran(),
            store.libraries(),
        ] {
            for path in hidden(&parent) {
                let name = path.file_name().unwrap_or_default();
                let Some((name, kind)) = name[1..].rsplit_once('.') else {
                    continue;
                };
                let (folder, kind) = (parent.join(name), kind.to_owned());
                let wanted = folder.exists() && !self.goes(&folder);
                let ours = provision::without_recipe(&folder).is_some();
                if !ours || !SIBLINGS.contains(&kind.as_str()) || kind == "lock" && wanted {
                    continue;
                }
                if self.take(&parent.join(format!(".{name}.lock"))) {
                    self.go(path, "left by a run that was ended");
                }
            }
        }
        // Made under locks that are there only while they are held.
        let locks: Vec<_> = named(&store.targets(), |name| {
            is_target(name) && name.ends_with(".lock")
        });
        if locks.iter().all(|lock| self.take(lock)) {
            for path in all(&store.targets()) {
                let name = path.file_name().unwrap_or_default();
                if locks.contains(&path) || name.starts_with(".staging-") || is_aside(&path) {
                    self.go(path, "left by a run that was ended");
                }
            }
        }
        for parent in [
            store.shim_folders(),
            store.targets(),
            store.work(),
            store.sites(),
            store.downloads(),
        ] {
            for path in hidden(&parent) {
                if path.extension() == Some(OLD) {
                    self.go(path, "left by a run that was ended");
                }
            }
        }
    }

    /// Takes a lock; false if another process holds it.
    fn take(&mut self, lock: &Utf8Path) -> bool {
        // For another sibling.
        if self.locks.iter().any(|(ours, _)| ours == lock) {
            return true;
        }
        let Ok(file) = File::options().write(true).open(lock) else {
            return true;
        };
        let free = file.try_lock().is_ok();
        if free {
            self.locks.push((lock.to_owned(), file));
        }
        free
    }

    /// Work trees of builds that were killed, with a lock that no process holds, and of those that failed.
    /// Any other without a lock was kept on purpose.
    fn work_trees(&mut self, kept: bool) {
        let all = named(&self.store.work(), is_work_tree);
        for path in &all {
            if is_lock(path) {
                let tree = path.with_extension("");
                if !self.take(path) {
                    self.stay.push(format!("{tree} is being built in"));
                    continue;
                }
                if tree.exists() {
                    self.go(tree, "work tree of a build that was ended");
                }
                self.go(path.clone(), "its lock");
            } else if !all.contains(&path.with_added_extension("lock")) {
                if path.join(source::FAILED).is_file() {
                    self.unless_used(path.clone(), "work tree of a build that failed");
                } else if kept {
                    self.unless_used(path.clone(), "kept work tree");
                } else {
                    let size = ui::bytes(disk_usage(path));
                    self.stay.push(format!(
                        "{path} ({size}) was kept by --keep-work; --kept-work removes it"
                    ));
                }
            }
        }
    }

    /// What was installed for runs that have ended without removing it.
    fn runs(&mut self) {
        for folder in [self.store.downloads(), self.store.sites()] {
            for path in named(&folder, is_of_a_run) {
                let old = age(&path).is_some_and(|age| age > LEASE);
                if !self.in_use.has(&path) && (old || !self.busy()) {
                    self.go(path, "installed for a run that was ended");
                }
            }
        }
    }

    /// Wheels that could not be delivered.
    fn wheels(&mut self) {
        let older = self.store.root().join(BROKEN_ONCE);
        for folder in [self.store.broken(), older] {
            for path in named(&folder, is_wheel) {
                // A hidden one is being written.
                if !(is_hidden(&path) && self.busy()) {
                    self.go(path, "wheel of a build that failed");
                }
            }
        }
    }

    /// Output of old builds.
    fn output(&mut self) {
        for path in named(&self.store.log(), |name| {
            name.starts_with("build-") && name.ends_with(".log")
        }) {
            if age(&path).is_some_and(|age| age > OUTPUT) && !self.in_use.has(&path) {
                self.go(path, "output of a build a month ago");
            }
        }
    }

    fn carry_out(self, dry_run: bool) -> Result<ExitCode, CliError> {
        let mut failed = Vec::new();
        let (mut freed, mut removed) = (0, 0);
        let root = self.store.root();
        for (path, why) in &self.go {
            let size = disk_usage(path);
            let shown = path.strip_prefix(root).unwrap_or(path);
            if !dry_run && let Err(error) = remove(path) {
                failed.push(format!("cannot remove {path}: {error}"));
                continue;
            }
            freed += size;
            // Locks are of no weight and no interest.
            if !is_lock(path) {
                removed += 1;
                ui::answer(&format!("{:>9}  {shown}: {why}\n", ui::bytes(size)))?;
            }
        }
        for stay in &self.stay {
            eprintln!("kept: {stay}");
        }
        for error in &failed {
            eprintln!("emshim: {error}");
        }
        let verb = if dry_run { "would free" } else { "freed" };
        let things = count(removed, "thing");
        ui::answer(&format!(
            "{verb} {} ({things}) in {root}\n",
            ui::bytes(freed)
        ))?;
        Ok(if failed.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Removes a file, or a folder, which is renamed first so that no process sees it half removed.
fn remove(path: &Utf8Path) -> std::io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return fs::remove_file(path);
    }
    let name = path.file_name().unwrap_or_default().trim_start_matches('.');
    let aside = path.with_file_name(format!(".{name}.{OLD}"));
    if path.extension() == Some(OLD) {
        return fs::remove_dir_all(path);
    }
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    fs::rename(path, &aside)?;
    fs::remove_dir_all(aside)
}

fn is_lock(path: &Utf8Path) -> bool {
    path.extension() == Some("lock")
}

fn age(path: &Utf8Path) -> Option<Duration> {
    fs::symlink_metadata(path)
        .ok()?
        .modified()
        .ok()?
        .elapsed()
        .ok()
}

/// What emshim calls things: a store may lie in a folder that holds others'.
fn is_target(name: &str) -> bool {
    name.starts_with("pyodide-")
}

/// A target's folder that another has taken the place of.
fn is_aside(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    is_target(name) && name.contains(".old-")
}

fn is_work_tree(name: &str) -> bool {
    let name = name.strip_suffix(".lock").unwrap_or(name);
    let key = name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit());
    key || name.starts_with("unfinished-")
}

fn is_of_a_run(name: &str) -> bool {
    ["site-", "wheels-", ".tmp"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn is_wheel(name: &str) -> bool {
    name.ends_with(".whl") || name.starts_with(".tmp")
}

/// What is in a folder under names that are emshim's, sorted.
fn named(folder: &Utf8Path, ours: fn(&str) -> bool) -> Vec<Utf8PathBuf> {
    let mut paths = all(folder);
    paths.retain(|path| path.file_name().is_some_and(ours));
    paths
}

/// What is in a folder, sorted.
fn all(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path().to_owned()).collect();
    paths.sort();
    paths
}

fn is_hidden(path: &Utf8PathBuf) -> bool {
    path.file_name().is_some_and(|name| name.starts_with('.'))
}

fn hidden(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    all(folder).into_iter().filter(is_hidden).collect()
}

fn count(n: usize, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}
