//! Every file that a call reads, by the path it has: what a bundle packs, and what a call that runs
//! on copies gets.

use crate::driver;
use crate::newer::{headers, tools};
use crate::prepared::Prepared;
use crate::relocate::{named, plain};
use crate::select::Chosen;
use flags::parse::{self, Dashes};
use flags::rules::Role;
use flags::tables;
use object::read::archive::ArchiveFile;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::plan::Step;

/// The files and folders of a call: where their contents are, by the path they have.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub files: BTreeMap<PathBuf, PathBuf>,
    pub folders: BTreeSet<PathBuf>,
}

impl Tree {
    /// What a call reads, the toolchain's own left out. What it was given is in its place already.
    pub(crate) fn of(chosen: &Chosen, prepared: &Prepared, config: &ShimConfig) -> Self {
        let cwd = &prepared.cwd;
        let tools = tools(config);
        let theirs = |path: &Path| tools.iter().any(|folder| path.starts_with(folder));
        let mut tree = Self::default();
        tree.folders.insert(plain(cwd));
        for input in &chosen.inputs {
            let contents = prepared.contents(input);
            tree.add(&cwd.join(&input.fact.path), contents);
        }
        // One step's words name what another writes, as a rule for make names the object.
        let outputs = prepared.recorded.iter().flat_map(|step| &step.outputs);
        let outputs: Vec<PathBuf> = outputs.map(|output| plain(&cwd.join(output))).collect();
        let parents = outputs.iter().filter_map(|path| path.parent());
        tree.folders.extend(parents.map(Path::to_owned));
        for step in &prepared.recorded {
            let found = headers(
                &prepared.for_questions(step),
                &prepared.asked_in(),
                &prepared.env,
            );
            let found = found.and_then(Result::ok).into_iter().flatten();
            let named = named(&step.argv).into_iter().map(|path| cwd.join(path));
            for path in found.chain(named).chain(libraries(step, cwd)) {
                let ours = prepared.made().is_some_and(|made| path.starts_with(made));
                let path = plain(&path);
                if !ours && !theirs(&path) && !outputs.contains(&path) && path.is_file() {
                    tree.add(&path, path.clone());
                }
            }
        }
        tree
    }

    /// Adds what emshim's own steps have made.
    pub(crate) fn add_own(&mut self, prepared: &Prepared) {
        let own = prepared.recorded.iter();
        for step in own.filter(|step| !step.kind.runs()) {
            for output in &step.outputs {
                self.add(&prepared.cwd.join(output), prepared.place(output));
            }
        }
    }

    /// A file, unless it is known with contents of before.
    fn add(&mut self, path: &Path, contents: PathBuf) {
        let path = plain(path);
        if self.files.contains_key(&path) {
            return;
        }
        let bytes = fs::read(&contents).unwrap_or_default();
        if let Ok(archive) = ArchiveFile::parse(&*bytes)
            && archive.is_thin()
        {
            // It only names its members.
            let members = archive.members().filter_map(Result::ok);
            let parent = path.parent().unwrap_or(&path).to_owned();
            for member in members {
                let member = parent.join(OsStr::from_bytes(member.name()));
                self.files.insert(plain(&member), member);
            }
        }
        // The folders that a way with `..` in it goes through.
        self.folders.extend(path.parent().map(Path::to_owned));
        self.files.insert(path, contents);
    }
}

/// The libraries that a command finds by `-l` in its own folders. Of a module's link, emshim's own
/// steps have these words, behind `--`: the driver gets a list that they made.
fn libraries(step: &Step, cwd: &Path) -> Vec<PathBuf> {
    let words = if !step.kind.runs() {
        let dashes = step.argv.iter().position(|word| word == "--");
        dashes.map(|dashes| &step.argv[dashes + 1..])
    } else {
        driver::at(&step.argv).map(|_| &step.argv[1..])
    };
    let Some(words) = words else {
        return Vec::new();
    };
    let args = parse::parse(tables::DRIVER, Dashes::Named, words);
    let values = |name: &'static str| {
        let named = args
            .iter()
            .filter(move |arg| arg.rule().is_some_and(|rule| rule.name == name));
        named.filter_map(|arg| arg.value())
    };
    let folders: Vec<PathBuf> = values("-L").map(|dir| cwd.join(dir)).collect();
    let linked = args.iter().any(|arg| arg.role() == Some(Role::Link)) || !folders.is_empty();
    let find = |name: &OsStr| {
        let file = |dir: &PathBuf, suffix: &str| {
            let mut file = std::ffi::OsString::from("lib");
            file.push(name);
            file.push(suffix);
            Some(dir.join(file)).filter(|path| path.is_file())
        };
        let mut folders = folders.iter();
        folders.find_map(|dir| file(dir, ".so").or_else(|| file(dir, ".a")))
    };
    values("-l").filter(|_| linked).filter_map(find).collect()
}
