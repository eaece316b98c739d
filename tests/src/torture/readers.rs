//! Everything that reads what others wrote, given bytes: it takes them or refuses them, and neither
//! panics, nor hangs, nor says one thing of them now and another later.

use super::{Count, Dice};
use crate::shim_folder::ShimFolder;
use call_log::format::folder;
use call_log::read::log::Log;
use call_log::read::reader::Item;
use call_log::read::view::Full;
use camino::Utf8Path;
use f2c_driver::{Form, Options, Preprocess, lowered_text};
use flags::parse::{self, Dashes};
use flags::{classify, tables};
use planner::expand;
use pyodide_wheel::source::{Source, WorkTree};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One reader.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// What it reads.
    pub name: &'static str,
    /// Gives it some bytes, and whether it took them.
    pub read: fn(&[u8]) -> bool,
    /// What it takes, from which mutants are made.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const READERS: &[Reader] = &[
    Reader {
        name: "arguments",
        read: arguments,
        seeds: || {
            vec![
                b"gcc\0-c\0x.c\0-o\0x.o\0-DX=1\0-I\0inc\0-Wl,-rpath,$ORIGIN\0-s\0NAME=1\0-x\0c"
                    .to_vec(),
            ]
        },
    },
    Reader {
        name: "response files",
        read: response_file,
        seeds: || vec![b"-DX=\"a b\" 'c d' e\\ f @other\n\"\" x\\\\y -o x.o".to_vec()],
    },
    Reader {
        name: "Fortran, fixed form",
        read: |bytes| fortran(bytes, Form::Fixed { width: 72 }),
        seeds: || vec![FIXED.as_bytes().to_vec()],
    },
    Reader {
        name: "Fortran, free form",
        read: |bytes| fortran(bytes, Form::Free),
        seeds: || vec![FREE.as_bytes().to_vec()],
    },
    Reader {
        name: "WebAssembly",
        read: wasm,
        seeds: || vec![object()],
    },
    Reader {
        name: "object archives",
        read: wasm,
        seeds: || vec![object_archive(&object())],
    },
    Reader {
        name: "records",
        read: records,
        seeds: || vec![recorded()],
    },
    Reader {
        name: "sdists",
        read: |bytes| archive(&gzipped(bytes), "x-1.0.tar.gz"),
        seeds: || vec![sdist()],
    },
    Reader {
        name: "zipped sources",
        read: |bytes| archive(bytes, "x-1.0.zip"),
        seeds: || vec![zipped()],
    },
];

/// The longest that reading a mutant may take, on a machine with other work too.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tries mutants on every reader.
#[must_use]
pub fn run(mutants: usize, seed: u64) -> Vec<Count> {
    READERS
        .iter()
        .map(|reader| one(reader, mutants, seed))
        .collect()
}

fn one(reader: &Reader, mutants: usize, seed: u64) -> Count {
    let mut dice = Dice::new(seed);
    let seeds = (reader.seeds)();
    let mut count = Count {
        kind: reader.name.to_owned(),
        ..Count::default()
    };
    for seed in &seeds {
        if !(reader.read)(seed) {
            count
                .faults
                .push(format!("{}: it does not take what it should", reader.name));
        }
    }
    for number in 0..mutants {
        let chosen: &Vec<u8> = dice.of(&seeds);
        let mutant = dice.mutant(chosen);
        let began = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| (reader.read)(&mutant)));
        count.tried += 1;
        count.taken += usize::from(matches!(read, Ok(true)));
        let fault = match read {
            Err(_) => Some("a panic"),
            Ok(_) if began.elapsed() > PATIENCE => Some("too slow"),
            Ok(_) => None,
        };
        if let Some(what) = fault {
            let shown = mutant.escape_ascii().to_string();
            count
                .faults
                .push(format!("{} {number}: {what}: {shown}", reader.name));
        }
    }
    count
}

/// A command's words, each ended by NUL: no word is lost or changed.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn arguments(bytes: &[u8]) -> bool {
    let words = bytes.split(|&byte| byte == 0).map(<[u8]>::to_vec);
    let words: Vec<OsString> = words.map(OsString::from_vec).collect();
    for (tables, dashes) in [
        (tables::DRIVER, Dashes::Named),
        (tables::LINKER, Dashes::Bare),
    ] {
        let args = parse::parse(tables, dashes, &words);
        let again = args.iter().flat_map(|arg| arg.words.iter().cloned());
        assert_eq!(again.collect::<Vec<_>>(), words);
        let _ = classify::classify(&args);
    }
    true
}

/// A response file: written again, it holds the same words.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn response_file(bytes: &[u8]) -> bool {
    let words = expand::split(bytes);
    assert_eq!(expand::split(&expand::quote(&words)), words);
    true
}

/// A Fortran source: an error names its place.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn fortran(bytes: &[u8], form: Form) -> bool {
    let options = Options {
        form,
        preprocess: Some(Preprocess::default()),
        ..Options::default()
    };
    match lowered_text(bytes, Utf8Path::new("x.f"), &options) {
        Ok(_) => true,
        Err(error) => {
            let error = error.to_string();
            // A line marker says another file's name.
            let marked = bytes.contains(&b'#') && error.contains(": error: ");
            assert!(error.starts_with("x.f:") || marked, "no place in: {error}");
            false
        }
    }
}

/// An object, module or archive of objects.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn wasm(bytes: &[u8]) -> bool {
    signatures::read::parse(Utf8Path::new("x.o"), Arc::from(bytes)).is_ok()
}

/// The lines of a log: what is damaged is named.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn records(bytes: &[u8]) -> bool {
    let scratch = scratch();
    std::fs::write(folder::records(scratch.path()), bytes).expect("a log");
    let log = Log::new(utf8(scratch.path()));
    let items: Vec<_> = log.calls::<Full>().expect("a log").collect();
    items.iter().all(|item| matches!(item, Ok(Item::Call(_))))
}

/// A source archive: whatever it holds, nothing is written outside its work tree, and nothing is
/// left of one that is refused.
///
/// # Panics
/// What it is given shows a fault.
#[must_use]
pub fn archive(bytes: &[u8], name: &str) -> bool {
    let scratch = scratch();
    let root = utf8(scratch.path());
    let file = root.join(name);
    std::fs::write(&file, bytes).expect("an archive");
    let store = root.join("store");
    let tree = WorkTree::create(&store, &Source::Archive(file), &[], &mut || {});
    let mut beside: Vec<String> = root
        .read_dir_utf8()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_owned())
        .collect();
    beside.retain(|entry| entry != name && entry != "store");
    assert!(beside.is_empty(), "written outside: {beside:?}");
    if let Ok(tree) = &tree {
        for path in walk(tree.source().as_std_path()) {
            let real = path.canonicalize();
            let inside = real.is_ok_and(|real| real.starts_with(tree.dir()));
            let kind = path.symlink_metadata().expect("an entry").file_type();
            assert!(inside || kind.is_symlink(), "{}", path.display());
            assert!(kind.is_file() || kind.is_dir() || kind.is_symlink());
        }
    }
    let taken = tree.is_ok();
    drop(tree);
    let left = store.read_dir_utf8().map_or(0, Iterator::count);
    assert_eq!(left, 0, "something is left of it");
    taken
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn utf8(path: &Path) -> &Utf8Path {
    Utf8Path::from_path(path).expect("a UTF-8 path")
}

/// An object with an adapter in it.
fn object() -> Vec<u8> {
    use signatures::repair::{self, Adapter, Arguments, Bridge, ResultChange};
    use signatures::signature::{Signature, ValType};
    repair::adapters(&[Adapter {
        name: "caller".into(),
        symbol: "dscal_".into(),
        caller: Arc::new(Signature::new(&[ValType::I32; 2], &[ValType::F64])),
        definition: Arc::new(Signature::new(&[ValType::I32; 2], &[ValType::F32])),
        bridge: Bridge {
            arguments: Arguments::Same,
            result: ResultChange::Promote,
        },
    }])
}

fn object_archive(member: &[u8]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    let length = member.len();
    bytes.extend(
        format!(
            "{:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`\n",
            "a.o/", 0, 0, 0, 644
        )
        .bytes(),
    );
    bytes.extend(member);
    bytes.extend(vec![b'\n'; length % 2]);
    bytes
}

const FILES: [(&str, &str); 3] = [
    ("x-1.0/pyproject.toml", "[build-system]\nrequires = []\n"),
    ("x-1.0/a/b.c", "int b;\n"),
    (
        "x-1.0/PKG-INFO",
        "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
    ),
];

/// With a link, and every other kind of entry that archives may hold.
fn sdist() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in FILES {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes())
            .expect("room in memory");
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "x-1.0/link", "a/b.c")
        .expect("room in memory");
    tar.into_inner().expect("room in memory")
}

/// Whole, so that the archive in it is what is read.
///
/// # Panics
/// Never: there is room in memory.
#[must_use]
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).expect("room in memory");
    gz.finish().expect("room in memory")
}

fn zipped() -> Vec<u8> {
    use std::io::{Cursor, Write as _};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in FILES {
        zip.start_file(name, options).expect("room in memory");
        zip.write_all(text.as_bytes()).expect("room in memory");
    }
    zip.finish().expect("room in memory").into_inner()
}

/// The lines of a call, as a shim writes them.
fn recorded() -> Vec<u8> {
    let folder = ShimFolder::new();
    let _ = folder.run("gcc", &["-c", "x.c", "-DX=\u{e9}"], "");
    std::fs::read(folder.path("log/records.jsonl")).expect("a log")
}

const FIXED: &str = include_str!("../../../f2c-driver/tests/native/storage.f");
const FREE: &str = include_str!("../../../f2c-driver/tests/lower/program.f90");
