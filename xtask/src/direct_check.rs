//! `cargo xtask direct-check`: clang in emcc's place makes the same objects, and emcc's commands by
//! themselves the same modules, to the byte, of whole packages and of LAPACK.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use call_log::format::schema::Begin;
use call_log::read::log::Log;
use call_log::read::reader::Item;
use call_log::read::view::Full;
use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::lapack::library::sources;
use emshim_tests::progress::Lines;
use provision::{Store, unpack_source};
use shim::direct::RULE;
use toolcall::decision::Action;
use toolcall::outcome::LinkRan;

use crate::bench::call::Call;
use crate::task::{Result, build_emshim, target};

/// What to compile.
#[derive(Debug, Args)]
pub struct DirectCheckArgs {
    /// Packages to build, and `lapack` for its library
    #[arg(default_values = [LAPACK, "contourpy==1.3.3", "numpy==2.4.6"])]
    corpora: Vec<String>,
    /// Build nothing: compare what the last run has left
    #[arg(long)]
    again: bool,
}

const LAPACK: &str = "lapack";

/// The compiles and the modules' links of a build.
#[derive(Debug, Default)]
struct Build {
    /// Objects and modules by file name, as the folder of a build may have a name at random: the digests
    /// of all that have one name, sorted.
    made: BTreeMap<String, Vec<String>>,
    compiles: Calls,
    links: Calls,
}

/// Calls of one kind.
#[derive(Debug, Default)]
struct Calls {
    /// How many did without emcc.
    direct: usize,
    /// Why the others went through it, and how many.
    through_emcc: BTreeMap<String, usize>,
}

impl Calls {
    fn count(&mut self, why: Option<String>) {
        match why {
            Some(why) => *self.through_emcc.entry(why).or_default() += 1,
            None => self.direct += 1,
        }
    }

    fn all(&self) -> usize {
        self.direct + self.through_emcc.values().sum::<usize>()
    }
}

/// Builds each corpus through emcc and without it, compares, and says what was compared.
pub fn run(args: &DirectCheckArgs) -> Result {
    let work = target().join("tmp/direct-check");
    if !args.again {
        let emshim = build_emshim()?;
        let _ = fs::remove_dir_all(&work);
        for corpus in &args.corpora {
            for direct in ["0", "1"] {
                eprintln!("{corpus}, EMSHIM_DIRECT={direct}");
                let folder = work.join(corpus).join(direct);
                fs::create_dir_all(&folder)?;
                // The others are compared all the same.
                if let Err(error) = compile(&emshim, corpus, &folder, direct) {
                    eprintln!("{corpus}: {error}");
                    fs::remove_dir_all(&folder)?;
                }
            }
        }
    }
    let mut wrong = Vec::new();
    let mut report =
        "| corpus | compiles | by clang alone | modules | without emcc | files compared | \
                      differ |\n| --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut reasons = String::new();
    for corpus in &args.corpora {
        match compare(&work.join(corpus)) {
            Ok((own, different)) => {
                let (
                    compared,
                    Build {
                        compiles, links, ..
                    },
                ) = (count(&own), own);
                // Writing to a String cannot fail.
                let _ = writeln!(
                    report,
                    "| {corpus} | {} | {} | {} | {} | {compared} | {} |",
                    compiles.all(),
                    compiles.direct,
                    links.all(),
                    links.direct,
                    different.len()
                );
                for (reason, count) in compiles.through_emcc.iter().chain(&links.through_emcc) {
                    let _ = writeln!(reasons, "{corpus}, through emcc, {count}: {reason}");
                }
                wrong.extend(different.iter().map(|name| format!("{corpus}: {name}")));
            }
            Err(error) => wrong.push(format!("{corpus}: not compared: {error}")),
        }
    }
    println!("{report}\n{reasons}");
    match wrong.as_slice() {
        [] => {
            println!("all objects and modules are the same");
            Ok(())
        }
        names => Err(format!("not the same bytes:\n{}", names.join("\n")).into()),
    }
}

/// Builds a corpus, its log below `folder`.
fn compile(emshim: &Utf8Path, corpus: &str, folder: &Utf8Path, direct: &str) -> Result {
    let log = folder.join(LOG);
    let words = match corpus {
        LAPACK => lapack(folder)?,
        package => ["build", package, "--outdir", folder.as_str()]
            .map(str::to_owned)
            .to_vec(),
    };
    let words = std::iter::once(emshim.to_string()).chain(words);
    let call = Call::new(words).with([("EMSHIM_DIRECT", direct), ("EMSHIM_LOG", log.as_str())]);
    let status = call.command(folder).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{corpus}: emshim ended with {status}").into())
    }
}

const LOG: &str = "log";

/// The words that compile LAPACK's Fortran into the working directory, two sources at a time.
fn lapack(folder: &Utf8Path) -> Result<Vec<String>> {
    let source = target().join("tmp/lapack/source");
    if !source.exists() {
        unpack_source(&Store::from_env()?, "lapack", &source, &Lines)?;
    }
    let list: Vec<Utf8PathBuf> = sources(&source)?
        .iter()
        .map(|name| source.join(name))
        .collect();
    let lines: String = list.iter().map(|path| format!("{path}\n")).collect();
    let files = folder.join("files");
    fs::write(&files, lines)?;
    let compile = "exec gfortran -O2 -c \"$1\" -o \"$(basename \"$1\").o\"";
    let words = ["exec", "--", "xargs", "-a", files.as_str(), "-P2", "-I@"];
    let each = ["sh", "-c", compile, "-", "@"];
    Ok(words.into_iter().chain(each).map(str::to_owned).collect())
}

/// The build without emcc of a corpus, and the names of the files that differ from those of emcc.
fn compare(folder: &Utf8Path) -> Result<(Build, Vec<String>)> {
    let [emcc, own] = ["0", "1"].map(|direct| read(&folder.join(direct).join(LOG)));
    let (emcc, own) = (emcc?, own?);
    let wrong = emcc.compiles.direct + emcc.links.direct;
    if wrong > 0 {
        return Err(format!("{wrong} calls did without emcc that must not").into());
    }
    if own.compiles.direct == 0 || count(&own) == 0 {
        return Err("clang compiles nothing by itself".into());
    }
    let mut names: Vec<_> = emcc.made.keys().chain(own.made.keys()).collect();
    names.sort();
    names.dedup();
    let differ = |name: &&String| emcc.made.get(*name) != own.made.get(*name);
    let names = names.into_iter().filter(differ).cloned().collect();
    Ok((own, names))
}

fn count(build: &Build) -> usize {
    build.made.values().map(Vec::len).sum()
}

/// The compiles and links of a log.
fn read(log: &Utf8Path) -> Result<Build> {
    let log = Log::new(log);
    let mut build = Build::default();
    for item in log.calls::<Full>()? {
        let Item::Call(call) = item? else {
            return Err(format!("{} has lines that cannot be read", log.file()).into());
        };
        // What a probe compiles under a random name is not there to be compared.
        if call.begin.probe {
            continue;
        }
        let job = call.begin.job;
        if job.compiles() {
            build.compiles.count(through_emcc(&log, &call.begin)?);
        } else if job.makes_module() {
            let ran = call.end.iter().flat_map(|end| &end.steps);
            let link = ran.filter_map(|step| step.link.as_ref()).next_back();
            build.links.count(match link {
                Some(LinkRan::Commands(_)) => None,
                Some(LinkRan::Driver(why)) => Some(why.clone()),
                None => Some(through_emcc(&log, &call.begin)?.unwrap_or_default()),
            });
        } else {
            continue;
        }
        for fact in call.end.into_iter().flat_map(|end| end.outputs) {
            let path = fact.path.to_string_lossy().into_owned();
            let path = Utf8Path::new(&path);
            if let Some(hash) = fact
                .blake3
                .filter(|_| matches!(path.extension(), Some("o" | "so")))
            {
                let name = path.file_name().unwrap_or_default().to_owned();
                build.made.entry(name).or_default().push(hash);
            }
        }
    }
    build.made.values_mut().for_each(|hashes| hashes.sort());
    Ok(build)
}

/// Why a call went through emcc, if it did.
fn through_emcc(log: &Log, begin: &Begin) -> Result<Option<String>> {
    let decisions = log.explain(begin)?.decisions;
    let mut kept = decisions
        .into_iter()
        .filter(|decision| decision.rule == RULE && decision.action == Action::Keep);
    Ok(kept
        .next()
        .map(|decision| decision.reason.unwrap_or_default().into_owned()))
}
