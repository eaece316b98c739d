//! Debian packages into a folder, without what nothing here needs.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::{Mutex, mpsc};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use flate2::read::GzDecoder;
use lzma_rust2::XzReader;
use regex::RegexSet;
use sha2::{Digest, Sha256};
use tar::EntryType;

use crate::apt::Download;
use crate::command::{Command, Log};
use crate::store::hex;
use crate::suites::{KEPT, LeftOut};
use crate::{Error, Progress};

/// Unpacks packages into `root`, several at once, each checked against its checksum first. Returns
/// how many bytes each row of `left_out` has spared.
///
/// # Errors
/// A package is not the one the signed lists name (it is removed, so that the next run fetches it
/// again), or the disk is full.
pub(crate) fn unpack(
    dpkg_deb: &Utf8Path,
    archives: &Utf8Path,
    packages: &[Download],
    left_out: &[LeftOut],
    root: &Utf8Path,
    log: &Log,
    progress: &dyn Progress,
) -> Result<Vec<u64>, Error> {
    let filter = Filter::new(left_out);
    let mut queue: Vec<&Download> = packages.iter().collect();
    // The largest takes as long as all others together, so it must start first.
    queue.sort_by_key(|package| std::cmp::Reverse(package.size));
    let queue = Mutex::new(VecDeque::from(queue));
    let next = || queue.lock().ok().and_then(|mut queue| queue.pop_front());
    let (done, results) = mpsc::channel();
    let workers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (done, next, filter) = (done.clone(), &next, &filter);
            scope.spawn(move || {
                while let Some(package) = next() {
                    let file = archives.join(&package.name);
                    let result = verify_sha256(&file, &package.sha256)
                        .and_then(|()| unpack_one(dpkg_deb, &file, root, filter, log));
                    // The receiver is dropped after another package's error.
                    if done.send(result).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut spared = vec![0; left_out.len()];
        for (count, result) in results.into_iter().enumerate() {
            for (row, bytes) in result? {
                spared[row] += bytes;
            }
            progress.detail(&format!("{} of {} packages", count + 1, packages.len()));
        }
        Ok(spared)
    })
}

/// Unpacks the packages that lie in a folder into it, all of their files.
///
/// # Errors
/// A package cannot be read, or the folder cannot be written.
pub(crate) fn unpack_in_place(
    dpkg_deb: &Utf8Path,
    folder: &Utf8Path,
    log: &Log,
) -> Result<(), Error> {
    let entries = folder
        .read_dir_utf8()
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(Error::io("read", folder))?;
    let packages = entries.iter().map(camino::Utf8DirEntry::path);
    for package in packages.filter(|path| path.extension() == Some("deb")) {
        unpack_one(dpkg_deb, package, folder, &Filter::new(&[]), log)?;
    }
    Ok(())
}

/// Files left out: the row of the table that says so, and the file's size in bytes.
type Spared = Vec<(usize, u64)>;

/// Decides which files are left out.
struct Filter {
    kept: RegexSet,
    left_out: RegexSet,
}

impl Filter {
    fn new(left_out: &[LeftOut]) -> Self {
        Self {
            kept: patterns(KEPT),
            left_out: patterns(left_out),
        }
    }

    /// The row of the table that leaves this path out.
    fn row(&self, path: &str) -> Option<usize> {
        let row = self.left_out.matches(path).into_iter().next()?;
        (!self.kept.is_match(path)).then_some(row)
    }
}

/// One pattern a row, in the table's order.
fn patterns(table: &[LeftOut]) -> RegexSet {
    let patterns = table.iter().map(|row| {
        let end = if row.pattern.ends_with('/') { "" } else { "$" };
        format!("^{}{end}", row.pattern)
    });
    RegexSet::new(patterns).expect("the tables' patterns are tested")
}

fn unpack_one(
    dpkg_deb: &Utf8Path,
    package: &Utf8Path,
    root: &Utf8Path,
    filter: &Filter,
    log: &Log,
) -> Result<Spared, Error> {
    let step = format!("unpacking {}", package.file_name().unwrap_or_default());
    let command = Command::new(dpkg_deb, &step, "").args(["--fsys-tarfile", package.as_str()]);
    let stream = command.reader(log)?;
    unpack_tar(BufReader::with_capacity(1 << 16, stream), root, filter)
        .map_err(Error::io("unpack", package))
}

fn unpack_tar(stream: impl Read, root: &Utf8Path, filter: &Filter) -> std::io::Result<Spared> {
    let mut spared = Spared::new();
    let mut archive = tar::Archive::new(stream);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8_lossy(&path);
        if let Some(row) = filter.row(path.trim_start_matches("./")) {
            spared.push((row, entry.size()));
            continue;
        }
        if !entry.unpack_in(root)? {
            return Err(std::io::Error::other(format!(
                "{path} leads out of the folder"
            )));
        }
    }
    // Read to the end, so that the program's own status is seen.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink())?;
    Ok(spared)
}

/// A file's checksum, lower-case hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn sha256(path: &Utf8Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::io("read", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(Error::io("read", path))?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..count]);
    }
}

/// Checks a file; one that does not match is removed.
///
/// # Errors
/// The file cannot be read or has another checksum.
pub(crate) fn verify_sha256(path: &Utf8Path, expected: &str) -> Result<(), Error> {
    let actual = sha256(path)?;
    if actual == expected {
        return Ok(());
    }
    std::fs::remove_file(path).map_err(Error::io("remove", path))?;
    Err(Error::Checksum {
        path: path.to_owned(),
        expected: format!("sha256 {expected}"),
        actual,
    })
}

/// Unpacks npm's gzipped tar archive into `root`, its first path component (`package/`) left out.
///
/// # Errors
/// The archive is broken, holds more than files or leads out of the folder, or the disk is full.
pub(crate) fn unpack_tgz(archive: &Utf8Path, root: &Utf8Path) -> Result<(), Error> {
    let unpack = || stripped(GzDecoder::new(buffered(archive)?), root, &[]);
    unpack().map_err(Error::io("unpack", archive))
}

/// Unpacks an upstream source archive, `.tar.gz` or `.tar.xz`, into `root`, its first path
/// component left out.
///
/// # Errors
/// As [`unpack_tgz`]; folders may be in the archive.
pub(crate) fn unpack_upstream(archive: &Utf8Path, root: &Utf8Path) -> Result<(), Error> {
    let more = &[EntryType::Directory];
    let unpack = || match archive.extension() {
        Some("xz") => stripped(XzReader::new(buffered(archive)?, true), root, more),
        _ => stripped(GzDecoder::new(buffered(archive)?), root, more),
    };
    unpack().map_err(Error::io("unpack", archive))
}

fn buffered(archive: &Utf8Path) -> std::io::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(archive)?))
}

/// Unpacks regular files, and entries of the types in `more`, without the first component.
fn stripped(stream: impl Read, root: &Utf8Path, more: &[EntryType]) -> std::io::Result<()> {
    for entry in tar::Archive::new(stream).entries()? {
        let mut entry = entry?;
        let path =
            Utf8PathBuf::try_from(entry.path()?.into_owned()).map_err(std::io::Error::other)?;
        let below: Utf8PathBuf = path.components().skip(1).collect();
        let escapes = below
            .components()
            .any(|c| !matches!(c, camino::Utf8Component::Normal(_)));
        let kind = entry.header().entry_type();
        if escapes || !(kind.is_file() || more.contains(&kind) || below.as_str().is_empty()) {
            return Err(std::io::Error::other(format!("unexpected entry {path}")));
        }
        let target = root.join(below);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        entry.unpack(&target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites::LEFT_OUT;

    impl Filter {
        fn leaves_out(&self, path: &str) -> bool {
            self.row(path).is_some()
        }
    }

    /// Paths of the `trixie` suite's packages.
    #[test]
    fn what_links_need_is_kept_and_the_rest_left_out() {
        let filter = Filter::new(LEFT_OUT);
        let lib = "usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten";
        for path in [
            "libc.a",
            "libc-debug.a",
            "pic/libc++-except.a",
            "pic/libc++abi-debug-noexcept.a",
            "lto/libcompiler_rt-wasm-sjlj.a",
            "libdlmalloc-debug.a",
            "libmimalloc.a",
            "libGL-emu-webgl2-ofb.a",
            "crt1_reactor.o",
        ] {
            assert!(!filter.leaves_out(&format!("{lib}/{path}")), "{path}");
        }
        for path in [
            "libc-mt.a",
            "pic/libc++-mt-except.a",
            "lto/libc++abi-debug-ww.a",
            "libc-asan-debug.a",
            "libasan_rt.a",
            "pic/libsanitizer_common_rt.a",
            "libwasmfs-icase.a",
            "libemmalloc-memvalidate-verbose.a",
            "libdlmalloc-debug-tracing.a",
        ] {
            assert!(filter.leaves_out(&format!("{lib}/{path}")), "{path}");
        }
        for path in [
            "usr/share/emscripten/emcc.py",
            "usr/share/emscripten/test/hello_world.c",
            "usr/share/emscripten/tools/ports/sdl2.py",
            "usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake",
            "usr/share/emscripten/cache/sysroot/include/c++/v1/vector",
            "usr/lib/llvm-19/bin/llvm-nm",
            "usr/lib/llvm-19/lib/clang/19/include/stddef.h",
            "usr/lib/x86_64-linux-gnu/libclang-cpp.so.19.1",
            "usr/lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/x86_64-linux-gnu/libf2c.a",
            "usr/include/python3.13/Python.h",
            "usr/include/x86_64-linux-gnu/python3.13/pyconfig.h",
            "usr/share/nodejs/acorn/dist/acorn.mjs",
            "usr/share/node_modules",
        ] {
            assert!(!filter.leaves_out(path), "{path}");
        }
    }

    #[test]
    fn a_folder_pattern_covers_all_below_it() {
        let filter = Filter::new(LEFT_OUT);
        assert!(filter.leaves_out("usr/share/doc/"));
        assert!(filter.leaves_out("usr/share/doc/a/copyright"));
        assert!(!filter.leaves_out("usr/share/docbook"));
        assert!(filter.leaves_out("usr/lib/x86_64-linux-gnu/libnode.so.115"));
        assert_eq!(filter.left_out.len(), LEFT_OUT.len());
    }

    fn tar_of(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            // Past `append_data`, which refuses `..`.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn a_tar_stream_is_filtered_and_may_not_leave_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap().join("root");
        std::fs::create_dir(&root).unwrap();
        let tar = tar_of(&[
            ("./usr/bin/tool", "x"),
            ("./usr/share/doc/tool/README", "y"),
        ]);
        unpack_tar(&tar[..], &root, &Filter::new(LEFT_OUT)).unwrap();
        assert!(root.join("usr/bin/tool").exists());
        assert!(!root.join("usr/share").exists());
        let evil = tar_of(&[("../evil", "x")]);
        assert!(unpack_tar(&evil[..], &root, &Filter::new(LEFT_OUT)).is_err());
        assert!(!root.join("../evil").exists());
    }

    #[test]
    fn an_npm_archive_loses_its_first_folder_and_may_not_leave_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let pack = |name: &str, entries: &[(&str, &str)]| {
            let path = root.join(name);
            let file = File::create(&path).unwrap();
            let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            std::io::Write::write_all(&mut gz, &tar_of(entries)).unwrap();
            gz.finish().unwrap();
            path
        };
        let good = pack("good.tgz", &[("package/a/b.js", "x"), ("package/c", "y")]);
        unpack_tgz(&good, &root.join("good")).unwrap();
        assert_eq!(
            std::fs::read_to_string(root.join("good/a/b.js")).unwrap(),
            "x"
        );
        let evil = pack("evil.tgz", &[("package/../../evil", "x")]);
        assert!(unpack_tgz(&evil, &root.join("bad/deep")).is_err());
        assert!(!root.join("evil").exists());
    }

    /// Makes a package with Debian's own tool.
    fn package(root: &Utf8Path, name: &str, file: &str) -> Download {
        let tree = root.join(name);
        let content = tree.join(file);
        std::fs::create_dir_all(content.parent().unwrap()).unwrap();
        std::fs::write(&content, name).unwrap();
        std::fs::create_dir_all(tree.join("usr/share/doc")).unwrap();
        std::fs::write(tree.join("usr/share/doc/README"), "read me").unwrap();
        std::fs::create_dir(tree.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
        );
        std::fs::write(tree.join("DEBIAN/control"), control).unwrap();
        let file = format!("{name}.deb");
        duct::cmd!(
            "dpkg-deb",
            "--build",
            &tree,
            root.join("archives").join(&file)
        )
        .stdout_null()
        .run()
        .unwrap();
        let bytes = std::fs::read(root.join("archives").join(&file)).unwrap();
        Download {
            name: file,
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
        }
    }

    #[test]
    fn packages_are_verified_and_unpacked_without_what_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let archives = root.join("archives");
        std::fs::create_dir(&archives).unwrap();
        let packages = [
            package(root, "one", "usr/bin/one"),
            package(root, "two", "usr/lib/two"),
        ];
        let log = Log::create(root, "x").unwrap();
        let dpkg_deb = crate::Env::capture().program("dpkg-deb").unwrap();
        let run = |to: &str| {
            let target = root.join(to);
            std::fs::create_dir(&target).unwrap();
            unpack(
                &dpkg_deb,
                &archives,
                &packages,
                LEFT_OUT,
                &target,
                &log,
                &crate::Silent,
            )
        };
        let spared = run("good").unwrap();
        assert_eq!(spared.iter().sum::<u64>(), 14, "two files of seven bytes");
        assert!(root.join("good/usr/bin/one").exists() && root.join("good/usr/lib/two").exists());
        assert!(!root.join("good/usr/share/doc/README").exists());

        let file = archives.join(&packages[1].name);
        std::fs::write(&file, "not a package").unwrap();
        let error = run("bad").unwrap_err().to_string();
        assert!(
            error.contains("two.deb") && error.contains("checksum"),
            "{error}"
        );
        assert!(!file.exists(), "fetched again by the next run");
    }

    #[test]
    fn a_file_with_another_checksum_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("f");
        std::fs::write(&file, "abc").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        verify_sha256(&file, abc).unwrap();
        let error = verify_sha256(&file, &"0".repeat(64))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(file.as_str()) && error.contains(abc),
            "{error}"
        );
        assert!(!file.exists());
    }
}
