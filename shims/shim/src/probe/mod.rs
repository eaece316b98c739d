//! Configure's probes, answered once for each toolchain: `EMSHIM_PROBE_CACHE=1`.
//!
//! What a probe comes to is kept if it follows from its sources, its arguments and the toolchain
//! alone, which [`eligible`] decides by what it knows to be harmless. Build systems try things out
//! in folders and files with new names each time: [`names`] puts the present ones in the place of
//! those of before. A result that holds its folder's path where it cannot be changed is not kept.

mod captured;
mod eligible;
mod names;

use crate::direct;
use captured::Captured;
use disk::DiskCache;
use eligible::Sources;
use names::Names;
use planner::prepare::Prepared;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use steps::translations;
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::outcome::{Exit, Outcome, Ran};
use toolcall::{os_str, shim_folder, sources};
use walkdir::WalkDir;

/// Version of the files' layout, and of what is eligible.
const SCHEMA: u32 = 2;

/// Folders of Emscripten whose files compiles and links read, besides the headers and libraries in
/// its cache: the JavaScript of programs, and what makes it.
const TREES: &[&str] = &["src", "tools"];

/// Programs of LLVM that compiles and links run.
const PROGRAMS: &[&str] = &["clang", "clang++", "wasm-ld", "llvm-objcopy"];

/// A probe whose answer may be kept.
#[derive(Debug)]
pub struct Probe<'a> {
    prepared: &'a Prepared,
    invocation: &'a Invocation,
    cache: DiskCache,
    key: String,
    names: Names,
}

/// The first line of what is kept; the outputs' contents follow it.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    names: Names,
    status: i32,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    outputs: Vec<Output>,
}

/// A file that a probe made.
#[derive(Debug, Serialize, Deserialize)]
struct Output {
    /// As the call named it, in bytes.
    #[serde(with = "toolcall::os_json")]
    name: OsString,
    size: usize,
    /// Permissions.
    mode: u32,
}

impl<'a> Probe<'a> {
    /// A call that is one, if it asks for the cache and nothing but its sources, its arguments and
    /// the toolchain decides what comes of it.
    #[must_use]
    pub fn of(
        config: &ShimConfig,
        invocation: &'a Invocation,
        prepared: &'a Prepared,
    ) -> Option<Self> {
        if !prepared.settings.probe_cache || !eligible::call(config, invocation, prepared) {
            return None;
        }
        let names = Names::of(&invocation.cwd, &prepared.work_dir, &prepared.plan)?;
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(format!(
            "{SCHEMA} {:?} {:?}",
            translations::build(),
            prepared.plan.job
        )
        .as_bytes());
        add(invocation.name.as_bytes());
        add(&serde_json::to_vec(config).ok()?);
        for file in toolchain(config) {
            add(file.as_os_str().as_bytes());
            let identity = disk::identity(&file).unwrap_or_default();
            identity.iter().for_each(|part| add(&part.to_le_bytes()));
        }
        for (name, value) in eligible::variables(&invocation.env) {
            add(name.as_bytes());
            add(value.as_bytes());
        }
        for step in &prepared.plan.steps {
            let changes = &step.env;
            add(direct::toolchain(config, &invocation.env, changes).as_bytes());
            add(format!("{:?}", step.kind).as_bytes());
            step.argv
                .iter()
                .for_each(|word| add(&names.plain(word.as_bytes())));
            // Emscripten's tools are called by their paths.
            let changes = step.env.iter().filter(|change| change.name != "PATH");
            changes.for_each(|change| add(format!("{change:?}").as_bytes()));
        }
        for input in &prepared.plan.inputs {
            let path = invocation.cwd.join(input);
            let contents = fs::read(&path).ok()?;
            add(&names.plain(&contents));
            if sources::kind(input).is_source() {
                let mut found = Sources::default();
                if !found.take(&contents, path.parent()?) {
                    return None;
                }
                for (name, contents) in &found.included {
                    add(name.as_os_str().as_bytes());
                    add(&[u8::from(contents.is_some())]);
                    add(contents.as_deref().unwrap_or_default());
                }
            }
        }
        Some(Self {
            prepared,
            invocation,
            cache: DiskCache::new(invocation.shim_dir.join(shim_folder::PROBES)),
            key: hasher.finalize().to_hex()[..40].to_owned(),
            names,
        })
    }

    /// The outputs that stay when the call is over.
    fn outputs(&self) -> impl Iterator<Item = &OsString> {
        let steps = self.prepared.plan.steps.iter();
        let outputs = steps.flat_map(|step| &step.outputs);
        outputs.filter(|output| !PathBuf::from(output).starts_with(&self.prepared.work_dir))
    }

    fn path(&self, output: &OsString) -> PathBuf {
        self.invocation.cwd.join(output)
    }

    /// Gives the answer of before, if there is one: writes its outputs, and what it said.
    #[must_use]
    pub fn recall(&self) -> Option<Outcome> {
        let bytes = self.cache.read(&self.key)?;
        let end = memchr::memchr(b'\n', &bytes)?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let mut contents = &bytes[end + 1..];
        for output in &head.outputs {
            let (own, rest) = contents.split_at_checked(output.size)?;
            contents = rest;
            let name = head.names.renamed(output.name.as_bytes(), &self.names);
            let path = self.path(&os_str::os(&name));
            fs::write(&path, head.names.renamed(own, &self.names)).ok()?;
            fs::set_permissions(&path, fs::Permissions::from_mode(output.mode)).ok()?;
        }
        if head.status != 0 {
            // As compilers and linkers that fail, which leave no output of an earlier call.
            let paths = self.outputs().map(|output| self.path(output));
            for path in paths.filter(|path| path.is_file()) {
                let _ = fs::remove_file(path);
            }
        }
        // Ignore EPIPE: a tool's stderr may be closed.
        let _ = std::io::stdout().write_all(&head.names.renamed(&head.stdout, &self.names));
        let _ = std::io::stdout().flush();
        let _ = std::io::stderr().write_all(&head.names.renamed(&head.stderr, &self.names));
        let ran = Ran {
            start: Duration::ZERO,
            took: Duration::ZERO,
            exit: Exit::Exit(0),
            from_cache: true,
            link: None,
        };
        let mut steps = vec![ran; self.prepared.plan.steps.len()];
        let exit = Exit::Exit(head.status);
        if let Some(last) = steps.last_mut() {
            last.exit = exit;
        }
        Some(Outcome { exit, steps })
    }

    /// Carries the call out by `run`, and keeps what came of it if that is final.
    pub fn ask(&self, run: impl FnOnce() -> Outcome) -> Outcome {
        let Ok(captured) = Captured::start() else {
            return run();
        };
        let outcome = run();
        let (stdout, stderr) = captured.finish();
        let Exit::Exit(status) = outcome.exit else {
            return outcome;
        };
        if status == 0 || eligible::is_final(status, &stderr) {
            let _ = self.keep(status, stdout, stderr);
        }
        outcome
    }

    /// Nothing where it cannot be kept.
    fn keep(&self, status: i32, stdout: Vec<u8>, stderr: Vec<u8>) -> Option<()> {
        let mut outputs = Vec::new();
        let mut contents = Vec::new();
        for name in self.outputs().filter(|_| status == 0) {
            let path = self.path(name);
            let meta = fs::metadata(&path).ok()?;
            if !meta.is_file() {
                return None;
            }
            let bytes = fs::read(&path).ok()?;
            let is_text = sources::suffix(name) == "d";
            if !is_text && self.names.hold_folders(&bytes) {
                return None;
            }
            outputs.push(Output {
                name: name.clone(),
                size: bytes.len(),
                mode: meta.permissions().mode(),
            });
            contents.extend_from_slice(&bytes);
        }
        let head = Head {
            names: self.names.clone(),
            status,
            stdout,
            stderr,
            outputs,
        };
        let mut bytes = serde_json::to_vec(&head).ok()?;
        bytes.push(b'\n');
        bytes.append(&mut contents);
        self.cache.keep(&self.key, &bytes).ok()
    }
}

/// The files and folders that decide what a compile or link comes to, besides those that decide emcc's
/// flags: some three thousand, which are looked at in a few milliseconds.
fn toolchain(config: &ShimConfig) -> impl Iterator<Item = PathBuf> {
    let emscripten = &config.emscripten;
    // clang's own headers.
    let clang = emscripten.llvm_bin.join("../lib/clang");
    let trees = TREES.iter().map(|name| emscripten.root.join(name));
    let sysroot = emscripten.cache.join("sysroot");
    let trees = trees.chain([sysroot, config.python_include.clone(), clang]);
    let files = trees.flat_map(|tree| {
        let entries = WalkDir::new(tree).follow_links(true).sort_by_file_name();
        // A folder that cannot be read is no other one's.
        entries
            .into_iter()
            .flatten()
            .map(walkdir::DirEntry::into_path)
    });
    let programs = PROGRAMS.iter().map(|name| emscripten.llvm_bin.join(name));
    let binaryen = ["wasm-opt", "wasm-emscripten-finalize"];
    let binaryen = binaryen
        .into_iter()
        .flat_map(|name| emscripten.binaryen(name));
    let programs = programs.chain(binaryen);
    let runtime = config.fortran.runtime.join("libgfortran.a");
    let single = programs.chain([runtime, config.node.clone()]);
    files.chain(single.map(camino::Utf8PathBuf::into_std_path_buf))
}
