//! From the wheel a back end wrote to the one users get: tags, suffixes, RECORD, provenance.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::files::{self, FileError};
use crate::source::WORK;
use crate::wheel::archive::{self, ArchiveError, Entries, Entry};
use crate::wheel::binary::Binary;
use crate::wheel::metadata;
use crate::wheel::name::{WheelName, WheelNameError};
use crate::wheel::strip::{self, Strip};

/// Name of the provenance file in `.dist-info`.
const PROVENANCE: &str = "EMSHIM.json";

/// How a wheel is finished.
#[derive(Clone, Copy)]
pub struct FinishOptions<'a> {
    /// Platform tag of the finished wheel.
    pub platform_tag: &'a str,
    /// The target's `EXT_SUFFIX`, such as `.cpython-313-wasm32-emscripten.so`.
    pub ext_suffix: &'a str,
    /// `SOURCE_DATE_EPOCH`, when the user set it.
    pub epoch: Option<i64>,
    /// What goes into the provenance file.
    pub provenance: &'a Provenance,
    /// The folder around the source while it was built, which metadata calls [`WORK`].
    pub work: &'a Utf8Path,
    /// Whether the wheel does without a file; it is not asked about the metadata folder's.
    pub exclude: &'a dyn Fn(&str) -> bool,
    /// What else it does without.
    pub strip: Strip,
    /// Folder for the finished wheel.
    pub outdir: &'a Utf8Path,
}

/// What the wheel was built with: nothing that depends on the machine or the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Version of emshim.
    pub emshim: String,
    /// Target, such as `pyodide@0.29.5`.
    pub target: String,
    /// ABI, such as `2025_0`.
    pub abi: String,
    /// The target's full Python version.
    pub python: String,
    /// Emscripten's version.
    pub emscripten: String,
    /// How that version fits the ABI: `exact`, `tested-pair` or `untested`.
    pub emscripten_fit: String,
    /// rustc's version, where the package was compiled by Rust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rust: Option<String>,
    /// Build requirements whose target files were used, as `name==version`, sorted.
    pub target_requirements: Vec<String>,
}

/// A finished wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The file.
    pub path: Utf8PathBuf,
    /// The archive with the tests that were taken out of it, if it had any.
    pub tests: Option<Utf8PathBuf>,
    /// Whether the back end's wheel runs anywhere and was left as it is.
    pub pure: bool,
    /// Whether it holds WebAssembly that can be loaded.
    pub compiled: bool,
    /// What was changed and a user may want to know, one sentence each.
    pub notes: Vec<String>,
}

/// A wheel could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The wheel could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The file name is no wheel's.
    #[error(transparent)]
    Name(#[from] WheelNameError),
    /// The metadata folder is none that installers take.
    #[error("{wheel}: {why}, so the build back end wrote no valid wheel")]
    Metadata {
        /// The wheel.
        wheel: String,
        /// What is missing or wrong.
        why: String,
    },
    /// A library was built by the machine's own compiler.
    #[error(
        "{wheel}: {file} is a binary of this machine, not WebAssembly; the build found a compiler \
         other than $CC (look for an absolute compiler path in the build's log, or a file left by \
         an earlier build in the source folder)"
    )]
    Native {
        /// The wheel.
        wheel: String,
        /// The file in it.
        file: String,
    },
    /// A library is WebAssembly that cannot be loaded.
    #[error(
        "{wheel}: {file} is WebAssembly without a dylink.0 section, which `dlopen` cannot load; \
         it was linked without -shared, or stripped by a tool that drops the section"
    )]
    NotLoadable {
        /// The wheel.
        wheel: String,
        /// The file in it.
        file: String,
    },
    /// A library is neither.
    #[error(
        "{wheel}: {file} is neither WebAssembly nor any other binary; its build wrote no library"
    )]
    NoLibrary {
        /// The wheel.
        wheel: String,
        /// The file in it.
        file: String,
    },
    /// A program is a module.
    #[error(
        "{wheel}: {file} was linked as a module, and so is no program; in Pyodide nothing could start one \
         either: leave it out (`exclude = [\"{file}\"]` in [tool.emshim]), or make an extension module of it (maturin's \
         `bindings = \"bin\"` makes programs)"
    )]
    NoProgram {
        /// The wheel.
        wheel: String,
        /// The file in it.
        file: String,
    },
    /// The zip format's limits.
    #[error("cannot pack {wheel}: {why}")]
    Pack {
        /// The wheel.
        wheel: String,
        /// What the packer said.
        why: String,
    },
}

/// Finishes the wheel `raw` into the output folder, where it appears whole or not at all.
///
/// A wheel for any platform that holds no WebAssembly is copied byte for byte.
///
/// # Errors
/// The wheel is damaged, or holds a library that Pyodide could not load.
pub fn finish(raw: &Utf8Path, options: &FinishOptions<'_>) -> Result<Finished, FinishError> {
    let made = WheelName::parse(raw.file_name().unwrap_or_default())?;
    let mut entries = archive::read(raw)?;
    let dist_info = dist_info(&made, &entries)?;
    let compiled = entries
        .values()
        .any(|entry| Binary::of(&entry.bytes) == Binary::SideModule);
    let before = entries.len();
    entries.retain(|path, _| archive::is_dist_info(path) || !(options.exclude)(path));
    let excluded = before - entries.len();
    let mut notes = Vec::new();
    if excluded > 0 {
        notes.push(format!("{excluded} files are left out of {made}"));
    }
    let stripped = options.strip.apply(&mut entries);
    notes.extend(stripped.notes);
    let pure = made.is_any_platform() && !compiled;
    let name = match pure {
        true => made.clone(),
        false => WheelName {
            platform: vec![options.platform_tag.to_owned()],
            ..made.clone()
        },
    };
    let tests = write_tests(&stripped.tests, &name, options)?;
    let whole = entries.len() == before && entries.contains_key(&format!("{dist_info}/RECORD"));
    if pure && whole {
        let path = options.outdir.join(name.to_string());
        files::write_atomic(&path, &files::read(raw)?)?;
        return Ok(Finished {
            path,
            tests: None,
            pure,
            compiled,
            notes,
        });
    }

    check_libraries(&made, &entries)?;
    if pure {
        write_record(&mut entries, &dist_info);
        let path = pack(&entries, &name, options.epoch, options.outdir)?;
        return Ok(Finished {
            path,
            tests,
            pure,
            compiled,
            notes,
        });
    }
    notes.extend(rename_extensions(&mut entries, options.ext_suffix));
    if made.is_any_platform() {
        notes.push(format!(
            "{made} holds WebAssembly, so it is tagged for the target"
        ));
    }
    retag(&mut entries, &dist_info, &name);
    rename_work(&mut entries, &dist_info, options.work);
    let provenance = serde_json::to_string_pretty(options.provenance).expect("strings are JSON");
    let provenance = Entry {
        bytes: (provenance + "\n").into_bytes(),
        executable: false,
    };
    entries.insert(format!("{dist_info}/{PROVENANCE}"), provenance);
    write_record(&mut entries, &dist_info);

    let path = pack(&entries, &name, options.epoch, options.outdir)?;
    Ok(Finished {
        path,
        tests,
        pure,
        compiled,
        notes,
    })
}

/// The metadata folder, as installers take it.
fn dist_info(wheel: &WheelName, entries: &Entries) -> Result<String, FinishError> {
    metadata::folder(wheel, entries).map_err(|why| FinishError::Metadata {
        wheel: wheel.to_string(),
        why,
    })
}

/// Writes the archive of the tests, if there are any.
fn write_tests(
    tests: &Entries,
    name: &WheelName,
    options: &FinishOptions<'_>,
) -> Result<Option<Utf8PathBuf>, FinishError> {
    if tests.is_empty() {
        return Ok(None);
    }
    let file = strip::tests_archive(name);
    let bytes = strip::archive(tests).map_err(|e| FinishError::Pack {
        wheel: file.clone(),
        why: e.to_string(),
    })?;
    let path = options.outdir.join(file);
    files::write_atomic(&path, &bytes)?;
    Ok(Some(path))
}

/// Writes a wheel whose files were changed, with a RECORD of what they are now, into a folder where it appears
/// whole or not at all.
///
/// # Errors
/// It has no metadata folder, or cannot be written.
pub fn repack(
    mut entries: Entries,
    name: &WheelName,
    epoch: Option<i64>,
    outdir: &Utf8Path,
) -> Result<Utf8PathBuf, FinishError> {
    let dist_info = dist_info(name, &entries)?;
    write_record(&mut entries, &dist_info);
    pack(&entries, name, epoch, outdir)
}

fn pack(
    entries: &Entries,
    name: &WheelName,
    epoch: Option<i64>,
    outdir: &Utf8Path,
) -> Result<Utf8PathBuf, FinishError> {
    let bytes = archive::write(entries, epoch).map_err(|e| FinishError::Pack {
        wheel: name.to_string(),
        why: e.to_string(),
    })?;
    let path = outdir.join(name.to_string());
    files::write_atomic(&path, &bytes)?;
    Ok(path)
}

/// What a file's name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    SharedLibrary,
    Archive,
    Program,
}

impl Promise {
    /// `x.so`, `x.so.1.2`, `x.a`, and what installers put beside `python`.
    fn of(path: &str) -> Option<Self> {
        let file = path.rsplit('/').next()?;
        let versioned = |(_, version): (&str, &str)| {
            !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.')
        };
        if file.ends_with(".so") || file.split_once(".so.").is_some_and(versioned) {
            Some(Self::SharedLibrary)
        } else if file.ends_with(".a") {
            Some(Self::Archive)
        } else {
            path.contains(".data/scripts/").then_some(Self::Program)
        }
    }
}

fn check_libraries(wheel: &WheelName, entries: &Entries) -> Result<(), FinishError> {
    for (path, entry) in entries {
        let Some(promise) = Promise::of(path) else {
            continue;
        };
        let (wheel, file) = (wheel.to_string(), path.clone());
        match (promise, Binary::of(&entry.bytes)) {
            (_, Binary::Native) => return Err(FinishError::Native { wheel, file }),
            (Promise::SharedLibrary, Binary::Wasm) => {
                return Err(FinishError::NotLoadable { wheel, file });
            }
            (Promise::SharedLibrary, Binary::Other) => {
                return Err(FinishError::NoLibrary { wheel, file });
            }
            (Promise::Program, Binary::SideModule) => {
                return Err(FinishError::NoProgram { wheel, file });
            }
            (Promise::SharedLibrary, Binary::SideModule)
            | (Promise::Archive | Promise::Program, _) => {}
        }
    }
    Ok(())
}

/// Gives extension modules that carry the build machine's suffix the target's. They are
/// WebAssembly by now; a build that computes the suffix from its own interpreter names them so,
/// and the runtime's import would not find them.
fn rename_extensions(entries: &mut Entries, ext_suffix: &str) -> Vec<String> {
    // `.cpython-313-wasm32-emscripten.so`: the part up to the second hyphen is the interpreter's.
    let interpreter: String = ext_suffix.split_inclusive('-').take(2).collect();
    let renames: Vec<(String, String)> = entries
        .keys()
        .filter(|path| path.ends_with(".so") && !path.ends_with(ext_suffix))
        .filter_map(|path| {
            let at = path.rfind(&interpreter)?;
            let renamed = format!("{}{ext_suffix}", &path[..at]);
            (!entries.contains_key(&renamed)).then(|| (path.clone(), renamed))
        })
        .collect();
    let mut notes = Vec::new();
    for (from, to) in renames {
        notes.push(format!(
            "{from} carried the build machine's suffix; it is now {to}"
        ));
        if let Some(entry) = entries.remove(&from) {
            entries.insert(to, entry);
        }
    }
    notes
}

/// Rewrites the tags in the WHEEL file to those of the name.
fn retag(entries: &mut Entries, dist_info: &str, name: &WheelName) {
    let Some(entry) = entries.get_mut(&format!("{dist_info}/WHEEL")) else {
        return;
    };
    let text = String::from_utf8_lossy(&entry.bytes);
    let is_tag = |line: &str| {
        line.split_once(':')
            .is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("tag"))
    };
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_tag(line))
        .map(str::to_owned)
        .collect();
    lines.extend(name.tags().map(|tag| format!("Tag: {tag}")));
    entry.bytes = (lines.join("\n") + "\n").into_bytes();
}

/// Calls the folder of the build by a name that is the same on every machine, as modules do: back
/// ends write where they found a package into what they list of its parts (maturin's `sboms/`).
fn rename_work(entries: &mut Entries, dist_info: &str, work: &Utf8Path) {
    let folder = format!("{dist_info}/");
    for (_, entry) in entries.iter_mut().filter(|(p, _)| p.starts_with(&folder)) {
        if let Ok(text) = std::str::from_utf8(&entry.bytes)
            && text.contains(work.as_str())
        {
            entry.bytes = text.replace(work.as_str(), WORK).into_bytes();
        }
    }
}

/// What stands behind `RECORD` in the names of that file and its signatures.
/// Source: the binary distribution format of the Python Packaging User Guide.
const SIGNATURES: &[&str] = &["", ".jws", ".p7s"];

/// Writes RECORD anew: path, SHA-256 and size of every file but itself. Signatures of the old one
/// (`RECORD.jws`, `RECORD.p7s`) no longer hold and go.
fn write_record(entries: &mut Entries, dist_info: &str) {
    let record = format!("{dist_info}/RECORD");
    entries.retain(|path, _| {
        let own = path.strip_prefix(&record);
        !own.is_some_and(|suffix| SIGNATURES.contains(&suffix))
    });
    let mut text = String::new();
    for (path, entry) in entries.iter() {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&entry.bytes));
        text.push_str(&format!(
            "{},sha256={hash},{}\n",
            csv_field(path),
            entry.bytes.len()
        ));
    }
    text.push_str(&format!("{},,\n", csv_field(&record)));
    entries.insert(
        record,
        Entry {
            bytes: text.into_bytes(),
            executable: false,
        },
    );
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: &[u8] = b"\0asm\x01\0\0\0\0\x8f\x80\x00\x08dylink.0\x01\x04";
    const OBJECT: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0";

    struct Case {
        dir: tempfile::TempDir,
        raw: Utf8PathBuf,
        out: Utf8PathBuf,
    }

    fn case(file: &str, members: &[(&str, &[u8])]) -> Case {
        let dir = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let entry = |bytes: &[u8]| Entry {
            bytes: bytes.to_vec(),
            executable: false,
        };
        let mut entries: Entries = members
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), entry(bytes)))
            .collect();
        let wheel = b"Wheel-Version: 1.0\nGenerator: g\nRoot-Is-Purelib: false\nTag: cp313-cp313-emscripten_4_0_9_wasm32\n\n";
        entries.insert("p-1.dist-info/WHEEL".into(), entry(wheel));
        let metadata = b"Metadata-Version: 2.1\nName: p\nVersion: 1\n";
        entries.insert("p-1.dist-info/METADATA".into(), entry(metadata));
        entries.insert("p-1.dist-info/RECORD".into(), entry(b"stale,,\n"));
        entries.insert("p-1.dist-info/RECORD.jws".into(), entry(b"{}"));
        let raw = base.join(file);
        std::fs::write(&raw, archive::write(&entries, Some(1_000_000_000)).unwrap()).unwrap();
        Case {
            raw,
            out: base.join("dist"),
            dir,
        }
    }

    fn provenance() -> Provenance {
        Provenance {
            emshim: "0.1.0".into(),
            target: "pyodide@0.29.5".into(),
            abi: "2025_0".into(),
            python: "3.13.2".into(),
            emscripten: "3.1.69".into(),
            emscripten_fit: "tested-pair".into(),
            rust: None,
            target_requirements: vec![],
        }
    }

    impl Case {
        fn finish(&self) -> Result<Finished, FinishError> {
            let options = FinishOptions {
                platform_tag: "pyemscripten_2025_0_wasm32",
                ext_suffix: ".cpython-313-wasm32-emscripten.so",
                epoch: None,
                provenance: &provenance(),
                work: "/store/trees/1234".into(),
                exclude: &|path| path.ends_with(".unwanted"),
                strip: Strip::default(),
                outdir: &self.out,
            };
            assert!(self.dir.path().exists());
            finish(&self.raw, &options)
        }

        fn refusal(&self) -> String {
            let message = self.finish().unwrap_err().to_string();
            assert!(!self.out.exists(), "a refused wheel left {}", self.out);
            message
        }
    }

    const BUILT: &str = "p-1-cp313-cp313-emscripten_4_0_9_wasm32.whl";

    #[test]
    fn only_record_and_its_signatures_are_written_anew() {
        let entry = |text: &str| Entry {
            bytes: text.as_bytes().to_vec(),
            executable: false,
        };
        let names = [
            "RECORD",
            "RECORD.jws",
            "RECORD.p7s",
            "RECORDS_POLICY.txt",
            "WHEEL",
        ];
        let mut entries: Entries = names
            .iter()
            .map(|name| (format!("p-1.dist-info/{name}"), entry(name)))
            .collect();
        write_record(&mut entries, "p-1.dist-info");
        let left: Vec<&str> = entries.keys().map(|path| &path[14..]).collect();
        assert_eq!(left, ["RECORD", "RECORDS_POLICY.txt", "WHEEL"]);
    }

    #[test]
    fn metadata_has_no_folder_of_this_machine() {
        let parts = b"{\"ref\": \"path+file:///store/trees/1234/p-1#p@1\"}";
        let module = b"/store/trees/1234/x.py";
        let files = [
            ("p-1.dist-info/sboms/p.json", parts.as_slice()),
            ("p/data", module),
        ];
        let case = case(BUILT, &files);
        let done = case.finish().unwrap();
        let entries = archive::read(&done.path).unwrap();
        assert_eq!(
            entries["p-1.dist-info/sboms/p.json"].bytes,
            b"{\"ref\": \"path+file:///source/p-1#p@1\"}"
        );
        assert_eq!(
            entries["p/data"].bytes, module,
            "contents are the package's"
        );
    }

    #[test]
    fn what_is_excluded_is_in_neither_the_wheel_nor_its_record() {
        for (name, pure) in [(BUILT, false), ("p-1-py3-none-any.whl", true)] {
            let files = [
                ("p/a.py", b"x".as_slice()),
                ("p/b.unwanted", b"x"),
                ("p-1.dist-info/c.unwanted", b"x"),
            ];
            let case = case(name, &files);
            let done = case.finish().unwrap();
            assert_eq!(done.pure, pure);
            assert!(
                done.notes[0].starts_with("1 files are left out"),
                "{:?}",
                done.notes
            );
            let entries = archive::read(&done.path).unwrap();
            assert!(!entries.contains_key("p/b.unwanted"));
            assert!(
                entries.contains_key("p-1.dist-info/c.unwanted"),
                "metadata stays"
            );
            let record = String::from_utf8(entries["p-1.dist-info/RECORD"].bytes.clone()).unwrap();
            assert!(!record.contains("p/b.unwanted") && record.contains("p/a.py,sha256="));
            assert_eq!(record.lines().count(), entries.len());
        }
    }

    #[test]
    fn a_platform_wheel_gets_tags_record_and_provenance() {
        let case = case(
            BUILT,
            &[
                ("p/m.cpython-313-wasm32-emscripten.so", SIDE),
                ("p/a,b", b"x"),
            ],
        );
        let done = case.finish().unwrap();
        assert!(!done.pure && done.notes.is_empty());
        let file = done.path.file_name().unwrap();
        assert_eq!(file, "p-1-cp313-cp313-pyemscripten_2025_0_wasm32.whl");
        let entries = archive::read(&done.path).unwrap();
        let text = |name: &str| String::from_utf8(entries[name].bytes.clone()).unwrap();
        assert_eq!(
            text("p-1.dist-info/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: g\nRoot-Is-Purelib: false\n\
             Tag: cp313-cp313-pyemscripten_2025_0_wasm32\n"
        );
        let record = text("p-1.dist-info/RECORD");
        assert!(
            record.contains("\"p/a,b\",sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1\n")
        );
        assert!(record.ends_with("p-1.dist-info/RECORD,,\n"));
        assert_eq!(record.lines().count(), entries.len());
        assert!(!entries.contains_key("p-1.dist-info/RECORD.jws"));
        assert!(text("p-1.dist-info/EMSHIM.json").contains("\"emscripten_fit\": \"tested-pair\""));
    }

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let members: &[(&str, &[u8])] = &[("m.so", SIDE), ("a.py", b"")];
        let [one, two] = [case(BUILT, members), case(BUILT, members)]
            .map(|case| std::fs::read(case.finish().unwrap().path).unwrap());
        assert_eq!(one, two);
    }

    #[test]
    fn abi_tags_the_back_end_chose_stay() {
        let case = case(
            "p-1-2-cp39-abi3-emscripten_4_0_9_wasm32.whl",
            &[("p/m.abi3.so", SIDE)],
        );
        let done = case.finish().unwrap();
        let file = done.path.file_name().unwrap();
        assert_eq!(file, "p-1-2-cp39-abi3-pyemscripten_2025_0_wasm32.whl");
        assert!(
            archive::read(&done.path)
                .unwrap()
                .contains_key("p/m.abi3.so")
        );
    }

    #[test]
    fn pure_wheels_are_copied_byte_for_byte() {
        let case = case(
            "p-1-py3-none-any.whl",
            &[("p/__init__.py", b""), ("t.so", b"\x7fELF")],
        );
        let done = case.finish().unwrap();
        assert!(done.pure);
        assert_eq!(
            std::fs::read(&done.path).unwrap(),
            std::fs::read(&case.raw).unwrap()
        );
    }

    #[test]
    fn webassembly_in_a_wheel_for_any_platform_is_tagged() {
        let case = case("p-1-py3-none-any.whl", &[("p/lib.so", SIDE)]);
        let done = case.finish().unwrap();
        assert!(
            done.path
                .as_str()
                .ends_with("p-1-py3-none-pyemscripten_2025_0_wasm32.whl")
        );
        assert_eq!(done.notes.len(), 1);
    }

    #[test]
    fn a_host_suffix_is_replaced() {
        let case = case(
            BUILT,
            &[
                ("p/m.cpython-313-x86_64-linux-gnu.so", SIDE),
                ("p/n.so", SIDE),
            ],
        );
        let done = case.finish().unwrap();
        let entries = archive::read(&done.path).unwrap();
        assert!(entries.contains_key("p/m.cpython-313-wasm32-emscripten.so"));
        assert!(entries.contains_key("p/n.so"));
        assert!(
            done.notes[0].contains("p/m.cpython-313-x86_64-linux-gnu.so"),
            "{:?}",
            done.notes
        );
    }

    #[test]
    fn libraries_pyodide_cannot_load_are_named() {
        let refusal = |file, bytes: &[u8]| case(BUILT, &[(file, bytes)]).refusal();
        assert!(refusal("p/m.so", b"\x7fELF").contains("p/m.so is a binary of this machine"));
        assert!(refusal("p/lib.so.1.2", b"\x7fELF").contains("p/lib.so.1.2"));
        assert!(refusal("p-1.data/scripts/tool", b"\x7fELF").contains("scripts/tool"));
        assert!(refusal("p-1.data/scripts/tool.js", SIDE).contains("no program"));
        assert!(refusal("p/m.so", OBJECT).contains("without a dylink.0 section"));
        assert!(refusal("p/m.so", b"INPUT(-lfoo)").contains("neither WebAssembly"));
    }

    #[test]
    fn damaged_wheels_are_named() {
        let case = case(BUILT, &[]);
        std::fs::write(&case.raw, "no zip").unwrap();
        assert!(case.refusal().contains(BUILT));
        assert!(finish_of(&case, "x.whl").contains("x.whl"));
    }

    fn finish_of(case: &Case, file: &str) -> String {
        let raw = case.raw.with_file_name(file);
        std::fs::rename(&case.raw, &raw).unwrap();
        Case {
            raw,
            out: case.out.clone(),
            dir: tempfile::tempdir().unwrap(),
        }
        .refusal()
    }
}
