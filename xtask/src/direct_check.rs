//! `cargo xtask direct-check`: clang in emcc's place makes the same objects, to the byte, of whole
//! packages and of LAPACK.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::progress::Lines;
use provision::{Store, unpack_source};
use shims::log::Log;
use shims::log::reader::Item;
use shims::log::view::Brief;

use crate::{Result, build_emshim, target};

/// What to compile.
#[derive(Debug, Args)]
pub struct DirectCheckArgs {
    /// Packages to build, and `lapack` for its library
    #[arg(default_values = ["lapack", "contourpy==1.3.3", "numpy==2.4.6"])]
    corpora: Vec<String>,
}

/// Objects by file name: the contents seen under it. A build folder's name may be a random one.
type Objects = BTreeMap<String, BTreeSet<String>>;

/// Builds each corpus through emcc and without it, and compares.
pub fn run(args: &DirectCheckArgs) -> Result {
    let work = target().join("tmp/direct-check");
    let emshim = build_emshim()?;
    let mut different = Vec::new();
    for corpus in &args.corpora {
        let of = |direct: &str| -> Result<Objects> {
            let folder = work.join(direct);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
            eprintln!("{corpus}, EMSHIM_DIRECT={direct}");
            match corpus.as_str() {
                "lapack" => lapack(&emshim, &folder, direct)?,
                package => {
                    let words = ["build", package, "--outdir", folder.as_str()];
                    duct::cmd(emshim.as_str(), words)
                        .env("EMSHIM_DIRECT", direct)
                        .env("EMSHIM_LOG", folder.join("log"))
                        .run()?;
                }
            }
            objects(&folder.join("log"))
        };
        let (emcc, clang) = (of("0")?, of("1")?);
        let count = clang.values().map(BTreeSet::len).sum::<usize>();
        if count == 0 {
            return Err(format!("{corpus} compiles nothing").into());
        }
        let names = emcc.keys().chain(clang.keys());
        let wrong: BTreeSet<_> = names
            .filter(|name| emcc.get(*name) != clang.get(*name))
            .collect();
        println!("{corpus}: {count} objects, {} differ", wrong.len());
        different.extend(wrong.into_iter().map(|name| format!("{corpus}: {name}")));
    }
    match different.as_slice() {
        [] => Ok(()),
        names => Err(format!("not the same bytes:\n{}", names.join("\n")).into()),
    }
}

/// Compiles LAPACK's FORTRAN 77, two sources at a time.
fn lapack(emshim: &Utf8Path, folder: &Utf8Path, direct: &str) -> Result {
    let source = target().join("tmp/lapack/source");
    if !source.exists() {
        unpack_source(&Store::from_env()?, "lapack", &source, &Lines)?;
    }
    let mut list = String::new();
    for below in ["BLAS/SRC", "SRC"] {
        for entry in source.join(below).read_dir_utf8()? {
            let path: Utf8PathBuf = entry?.into_path();
            if path.extension() == Some("f") {
                list += &format!("{path}\n");
            }
        }
    }
    let files = folder.join("files");
    fs::write(&files, list)?;
    let compile = "exec gfortran -O2 -c \"$1\" -o \"$(basename \"$1\").o\"";
    let words = ["exec", "--log", folder.join("log").as_str(), "--"].map(str::to_owned);
    let each = [
        "xargs",
        "-a",
        files.as_str(),
        "-P2",
        "-I@",
        "sh",
        "-c",
        compile,
        "-",
        "@",
    ];
    let words = words.into_iter().chain(each.map(str::to_owned));
    duct::cmd(emshim.as_str(), words)
        .dir(folder)
        .env("EMSHIM_DIRECT", direct)
        .run()?;
    Ok(())
}

/// The objects of a log's compiles.
fn objects(log: &Utf8Path) -> Result<Objects> {
    let mut objects = Objects::new();
    for item in Log::new(log).calls::<Brief>()? {
        let Item::Call(call) = item? else { continue };
        // What a probe compiles under a random name is not there to be compared.
        if call.begin.probe || !call.begin.job.compiles() {
            continue;
        }
        for fact in call.end.into_iter().flat_map(|end| end.outputs) {
            let path = fact.path.to_string_lossy().into_owned();
            let name = Utf8Path::new(&path)
                .file_name()
                .unwrap_or_default()
                .to_owned();
            let object = Utf8Path::new(&name).extension() == Some("o");
            if let Some(hash) = fact.blake3.filter(|_| object) {
                objects.entry(name).or_default().insert(hash);
            }
        }
    }
    Ok(objects)
}
