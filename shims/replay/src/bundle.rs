//! One archive that reproduces a call on a machine that has the same Emscripten and no emshim.
//!
//! It holds the files the call read, each below `root/` at its own path, what emshim's own steps
//! made, the record, and `run`, a shell script with the commands of the call. `run` says whether
//! the same bytes, or the same errors, come out. Where a step of emshim's own failed, other tools have
//! nothing to do: the script has the call itself then, and needs emshim.

use crate::error::ReplayError;
use crate::newer::toolchain;
use crate::prepare::prepare;
use crate::prepared::Prepared;
use crate::relocate::{Moves, plain};
use crate::run::run_prepared;
use crate::script::{self, Script};
use crate::select::Chosen;
use crate::setting::Setting;
use crate::tree::Tree;
use crate::verdict::Verdict;
use call_log::format::schema::Begin;
use call_log::read::log::Log;
use camino::Utf8Path;
use disk::whole;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::Path;
use tar::{Builder, EntryType, Header};
use toolcall::config::ShimConfig;
use toolcall::outcome::Exit;
use toolcall::plan::{Step, StepKind};
use toolcall::sources;

/// Runs the call once more and packs what it takes to run it elsewhere. Gives what came of it.
///
/// # Errors
/// An input is gone or not what it was, or the archive cannot be written.
pub fn write(
    log: &Log,
    chosen: &Chosen,
    setting: &Setting,
    record: &str,
    file: &Utf8Path,
) -> Result<Verdict, ReplayError> {
    let prepared = prepare(log, chosen, setting)?;
    let verdict = run_prepared(log, chosen, setting, &prepared)?;
    // A call that was killed made nothing to compare with: what it makes here is what is expected.
    let ended = chosen.end().is_some();
    if ended && !verdict.is_identical() {
        return Err(ReplayError::Not(format!(
            "the call does not make the same again here, so nobody could elsewhere; \
             `emshim replay {}` shows the difference",
            chosen.call.begin.id
        )));
    }
    let config = log.toolchain(&chosen.call.begin)?.config;
    let mut tree = Tree::of(chosen, &prepared, &config);
    tree.add_own(&prepared);
    let moves = moves(&config);
    let needs_emshim = own_step_failed(&prepared, chosen);
    let commands: Vec<Step> = match needs_emshim {
        true => vec![itself(&chosen.call.begin, &config)],
        false => {
            let steps = prepared.recorded.iter();
            steps.filter(|step| step.kind.runs()).cloned().collect()
        }
    };
    let script = Script {
        call: &chosen.call.begin,
        emscripten: &config.emscripten,
        emscripten_real: real(&config.emscripten.root),
        cache_real: real(&config.emscripten.cache),
        env: &prepared.env,
        steps: commands.iter().map(|step| moves.apply(step)).collect(),
        needs_emshim,
        exit: verdict.exit,
    };
    let printed = verdict.printed.as_ref().map(fs::read);
    let printed = printed.and_then(Result::ok).unwrap_or_default();
    let errors = script::errors(&String::from_utf8_lossy(&printed), prepared.folder.as_str());
    let parts = [
        ("run", script.text().into_bytes(), 0o755),
        ("record.json", record.as_bytes().to_vec(), 0o644),
        (
            "expected.sha256",
            sums(&prepared, chosen)?.into_bytes(),
            0o644,
        ),
        ("expected.errors", errors.into_bytes(), 0o644),
    ];
    whole::replace_with(file.as_std_path(), whole::FOR_ALL, |out| {
        let mut archive = Archive(Builder::new(GzEncoder::new(out, Compression::default())));
        archive.write(&parts, &tree)?;
        archive.0.into_inner()?.finish().map(drop)
    })
    .map_err(ReplayError::io("cannot write", file))?;
    Ok(verdict)
}

/// Whether the call ended with a step of emshim's own, which failed.
fn own_step_failed(prepared: &Prepared, chosen: &Chosen) -> bool {
    let ran = chosen.end().map_or(&[][..], |end| &end.steps);
    let last = ran
        .last()
        .zip(prepared.recorded.get(ran.len().wrapping_sub(1)));
    last.is_some_and(|(ran, step)| ran.exit != Exit::Exit(0) && step.kind == StepKind::BuiltIn)
}

/// A call as its caller made it, for any emshim.
fn itself(call: &Begin, config: &ShimConfig) -> Step {
    let words = [
        "emshim",
        "exec",
        "--target",
        &config.target,
        "--",
        &call.tool,
    ];
    let argv = words.into_iter().map(OsString::from);
    Step {
        kind: StepKind::Run,
        argv: argv.chain(call.argv.iter().skip(1).cloned()).collect(),
        env: Vec::new(),
        outputs: Vec::new(),
    }
}

/// A folder's name as tools tell it, links resolved.
fn real(folder: &Utf8Path) -> String {
    let real = folder.canonicalize_utf8();
    real.unwrap_or_else(|_| folder.to_owned()).into_string()
}

/// Every path below `root`, the toolchain's below where it is there.
fn moves(config: &ShimConfig) -> Moves {
    let mut moves = Moves::default();
    let cache = &config.emscripten.cache;
    for cache in [cache.clone(), real(cache).into()] {
        moves.add_folder(cache.join("sysroot").as_std_path(), script::SYSROOT.into());
    }
    for folder in toolchain(config) {
        let llvm = folder.join("clang").exists();
        let name = if llvm {
            script::LLVM
        } else {
            script::EMSCRIPTEN
        };
        moves.add_folder(&folder, name.into());
    }
    moves.add_folder(Path::new("/"), script::ROOT.into());
    moves
}

/// The checksums of what the call made, as `sha256sum` writes them.
fn sums(prepared: &Prepared, chosen: &Chosen) -> Result<String, ReplayError> {
    let mut text = String::new();
    let cwd = Path::new(&chosen.call.begin.cwd);
    let ours = prepared.recorded.iter().filter(|step| step.kind.runs());
    for output in ours.flat_map(|step| &step.outputs) {
        let place = prepared.place(output);
        // A rule for make names the source where it lies.
        if !place.is_file() || sources::suffix(output) == "d" {
            continue;
        }
        let shown = place.to_string_lossy().into_owned();
        let bytes = fs::read(&place).map_err(ReplayError::io("cannot read", shown))?;
        let sum = Sha256::digest(&bytes);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = plain(&cwd.join(output));
        text += &format!("{sum}  root{}\n", path.to_string_lossy());
    }
    Ok(text)
}

/// A tar archive whose bytes depend on its contents alone.
struct Archive<W: Write>(Builder<W>);

impl<W: Write> Archive<W> {
    fn write(&mut self, parts: &[(&str, Vec<u8>, u32)], tree: &Tree) -> std::io::Result<()> {
        for (name, bytes, mode) in parts {
            self.entry(Path::new(name), EntryType::Regular, bytes, *mode)?;
        }
        let below = |path: &Path| {
            let inside = path.strip_prefix("/").unwrap_or(path);
            Path::new("root").join(inside)
        };
        for folder in &tree.folders {
            self.entry(&below(folder), EntryType::Directory, &[], 0o755)?;
        }
        for (path, now) in &tree.files {
            // A header may be gone by the time it is packed; the compiler says so then.
            let Ok(bytes) = fs::read(now) else { continue };
            self.entry(&below(path), EntryType::Regular, &bytes, 0o644)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: &Path,
        kind: EntryType,
        bytes: &[u8],
        mode: u32,
    ) -> std::io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(bytes.len() as u64);
        self.0.append_data(&mut header, path, bytes)
    }
}
