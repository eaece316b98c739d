//! Unpacking an sdist: one folder, and nothing outside it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufReader, Read};
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::files::{self, Context as _, FileError};
use crate::source::SourceError;
use crate::source::gzip::Gzip;
use crate::wheel::is_contained;

/// Archive formats of sdists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    TarGz,
    Zip,
}

impl Format {
    /// By suffix.
    pub(crate) fn of(path: &Utf8Path) -> Option<Self> {
        let name = path.file_name()?;
        if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
            Some(Self::TarGz)
        } else {
            name.ends_with(".zip").then_some(Self::Zip)
        }
    }
}

/// Unpacks an sdist into `to` and returns its one top-level folder.
pub(crate) fn unpack(archive: &Utf8Path, to: &Utf8Path) -> Result<Utf8PathBuf, SourceError> {
    let size = std::fs::metadata(archive).context("open", archive)?.len();
    within(archive, to, size.saturating_mul(RATIO).max(ALWAYS))
}

/// The same, where it may write so many bytes.
fn within(archive: &Utf8Path, to: &Utf8Path, limit: u64) -> Result<Utf8PathBuf, SourceError> {
    let file = std::fs::File::open(archive).context("open", archive)?;
    let unpacker = Unpacker {
        archive,
        to,
        left: Cell::new(limit),
    };
    match Format::of(archive) {
        Some(Format::TarGz) => unpacker.tar(Gzip::new(BufReader::new(file)))?,
        Some(Format::Zip) => unpacker.zip(file)?,
        None => return Err(unpacker.no_archive("it has another suffix")),
    }
    unpacker.check_links()?;
    unpacker.only_folder()
}

/// A member takes this much at least, whatever it holds.
const MEMBER: u64 = 512;

/// An archive may unpack to so many times its size; sdists are five or ten times as large.
const RATIO: u64 = 100;

/// And to this many bytes however small it is.
const ALWAYS: u64 = 256 << 20;

/// What stands between a member's contents and the next member: headers, with long names and attributes,
/// which are read into memory whole.
const HEADERS: u64 = 1 << 20;

/// An archive's stream of which no more is read than is left, and which notes why it cannot be read: who
/// copies from it to a file is not told which of the two failed.
struct Bounded<'a, R> {
    stream: R,
    left: &'a Cell<u64>,
    broken: &'a RefCell<Option<String>>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            let why = "a member has a name or attributes of more than a megabyte";
            return Err(std::io::Error::other(why));
        }
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = self.stream.read(&mut buffer[..most]).inspect_err(|error| {
            *self.broken.borrow_mut() = Some(error.to_string());
        })?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

struct Unpacker<'a> {
    archive: &'a Utf8Path,
    to: &'a Utf8Path,
    /// How much it may still write.
    left: Cell<u64>,
}

impl Unpacker<'_> {
    fn tar(&self, stream: impl Read) -> Result<(), SourceError> {
        let damaged = |e: std::io::Error| self.no_archive(&e.to_string());
        let left = Cell::new(HEADERS);
        let broken = RefCell::default();
        let stream = Bounded {
            stream,
            left: &left,
            broken: &broken,
        };
        let mut archive = tar::Archive::new(stream);
        archive.set_preserve_mtime(true);
        let mut links = BTreeSet::new();
        for entry in archive.entries().map_err(damaged)? {
            let mut entry = entry.map_err(damaged)?;
            let name = utf8(&entry.path().map_err(damaged)?);
            left.set(entry.size().saturating_add(HEADERS));
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() || name.trim_end_matches('/') == "." {
                continue;
            }
            let name = name
                .trim_end_matches('/')
                .trim_start_matches("./")
                .to_owned();
            self.check_path(&name)?;
            self.check_way(&name, &links)?;
            self.take(&name, entry.size())?;
            if kind.is_symlink() || kind.is_hard_link() {
                let target = entry
                    .link_name()
                    .map_err(damaged)?
                    .map(|t| utf8(&t))
                    .unwrap_or_default();
                self.check_link(&name, &target, kind.is_symlink())?;
                if kind.is_symlink() {
                    links.insert(name.clone());
                } else {
                    self.check_way(&target, &links)?;
                    self.hard_link(&target, &name)?;
                    continue;
                }
            } else if !kind.is_file()
                && !kind.is_dir()
                && !kind.is_gnu_sparse()
                && !kind.is_contiguous()
            {
                return Err(self.refuse(&name, "is neither a file, a folder nor a link"));
            }
            // Not `unpack_in`, which resolves the whole way again for every member: in a tree of
            // thousands of folders in one another that takes minutes.
            let path = self.to.join(&name);
            files::create_dir_all(path.parent().unwrap_or(self.to))?;
            entry
                .unpack(&path)
                .map_err(|error| self.not_copied(error, &broken, &path))?;
        }
        // The compression's own checksum stands behind the last member.
        left.set(u64::MAX);
        std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(damaged)?;
        Ok(())
    }

    fn zip(&self, file: std::fs::File) -> Result<(), SourceError> {
        use std::os::unix::fs::PermissionsExt as _;
        let mut zip = zip::ZipArchive::new(file).map_err(|e| self.no_archive(&e.to_string()))?;
        for index in 0..zip.len() {
            let mut member = zip
                .by_index(index)
                .map_err(|e| self.no_archive(&e.to_string()))?;
            let name = member
                .name()
                .map_err(|e| self.no_archive(&e.to_string()))?
                .into_owned();
            let name = name.trim_end_matches('/');
            self.check_path(name)?;
            let path = self.to.join(name);
            if member.is_dir() {
                files::create_dir_all(&path)?;
                continue;
            }
            let mode = member.unix_mode().unwrap_or(0o644);
            if member.is_symlink() {
                return Err(self.refuse(name, "is a link, which sdists in zip format do not have"));
            }
            files::create_dir_all(path.parent().unwrap_or(self.to))?;
            let mut copy = std::fs::File::create(&path).context("write", &path)?;
            // What a member says of its size need not be true.
            let allowed = self.left.get().saturating_add(1);
            let unbounded = Cell::new(u64::MAX);
            let broken = RefCell::default();
            let mut stream = Bounded {
                stream: &mut member,
                left: &unbounded,
                broken: &broken,
            };
            let size = std::io::copy(&mut (&mut stream).take(allowed), &mut copy)
                .map_err(|error| self.not_copied(error, &broken, &path))?;
            self.take(name, size)?;
            let permissions =
                std::fs::Permissions::from_mode(if mode & 0o111 == 0 { 0o644 } else { 0o755 });
            copy.set_permissions(permissions).context("write", &path)?;
        }
        Ok(())
    }

    /// Refuses what would fill the disk from a file of a few kilobytes.
    fn take(&self, name: &str, size: u64) -> Result<(), SourceError> {
        match self.left.get().checked_sub(size.saturating_add(MEMBER)) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.refuse(
                name,
                "makes it more than a hundred times the archive's size, as no source is",
            )),
        }
    }

    /// A member is never written through a link of the archive, wherever that leads.
    fn check_way(&self, name: &str, links: &BTreeSet<String>) -> Result<(), SourceError> {
        let ends = name.match_indices('/').map(|(end, _)| end);
        if !links.is_empty() && ends.into_iter().any(|end| links.contains(&name[..end])) {
            return Err(self.refuse(name, "lies behind a link of the archive"));
        }
        Ok(())
    }

    fn hard_link(&self, target: &str, name: &str) -> Result<(), SourceError> {
        let (from, path) = (self.to.join(target), self.to.join(name));
        files::create_dir_all(path.parent().unwrap_or(self.to))?;
        files::remove(&path)?;
        std::fs::hard_link(&from, &path).context("link", &path)?;
        Ok(())
    }

    fn check_path(&self, name: &str) -> Result<(), SourceError> {
        if name.contains(['\r', '\n']) {
            Err(self.refuse(name, "has a line's end in its name"))
        } else if is_contained(name) {
            Ok(())
        } else {
            Err(self.refuse(name, "leads out of the archive"))
        }
    }

    /// A symbolic link's target is relative to its folder, a hard link's to the archive's root.
    fn check_link(&self, name: &str, target: &str, symbolic: bool) -> Result<(), SourceError> {
        let base = if symbolic {
            name.rsplit_once('/').map_or("", |(dir, _)| dir)
        } else {
            ""
        };
        let mut depth = base.split('/').filter(|part| !part.is_empty()).count();
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." if depth == 0 => return Err(self.refuse(name, "is a link out of the archive")),
                ".." => depth -= 1,
                _ => depth += 1,
            }
        }
        if target.starts_with('/') || target.is_empty() {
            return Err(self.refuse(name, "is a link out of the archive"));
        }
        Ok(())
    }

    /// Looks where each link really leads, now that all others are there to go through. Words
    /// alone do not say it: `up/../..` depends on what `up` is.
    fn check_links(&self) -> Result<(), SourceError> {
        let root = self.to.canonicalize_utf8().context("read", self.to)?;
        for entry in WalkDir::new(&root) {
            let entry = entry
                .map_err(std::io::Error::from)
                .context("read", self.to)?;
            let path = entry.path();
            if entry.file_type().is_symlink() && !stays_below(&root, path) {
                let name = utf8(path.strip_prefix(&root).unwrap_or(path));
                return Err(self.refuse(&name, "is a link out of the archive"));
            }
        }
        Ok(())
    }

    fn only_folder(&self) -> Result<Utf8PathBuf, SourceError> {
        let mut found = Vec::new();
        for entry in self.to.read_dir_utf8().context("read", self.to)? {
            found.push(entry.context("read", self.to)?.into_path());
        }
        match found.as_slice() {
            [only] if only.is_dir() => Ok(only.clone()),
            _ => Err(self.no_archive("it does not hold exactly one folder")),
        }
    }

    fn refuse(&self, member: &str, why: &'static str) -> SourceError {
        SourceError::Unsafe {
            path: self.archive.to_owned(),
            member: member.to_owned(),
            why,
        }
    }

    /// Why a member is not at its place: the archive is broken, or the system does not have it there.
    fn not_copied(
        &self,
        error: std::io::Error,
        broken: &RefCell<Option<String>>,
        path: &Utf8Path,
    ) -> SourceError {
        if let Some(why) = broken.borrow().as_deref() {
            return self.no_archive(why);
        }
        // What tar says of it names the place again, and has the system's word inside.
        let inner = error.get_ref().and_then(std::error::Error::source);
        let source = match inner {
            Some(inner) => std::io::Error::new(error.kind(), inner.to_string()),
            None => error,
        };
        let path = path.to_owned();
        FileError {
            action: "unpack",
            path,
            source,
        }
        .into()
    }

    fn no_archive(&self, why: &str) -> SourceError {
        SourceError::NoArchive {
            path: self.archive.to_owned(),
            why: why.to_owned(),
        }
    }
}

/// How many links one path may go through, as for the kernel.
const MOST_LINKS: u32 = 40;

/// Whether no step of the way that a link leads goes out of `root`, itself without links. What is
/// not there is taken for a file or a folder; a circle leads nowhere.
fn stays_below(root: &Utf8Path, link: &Path) -> bool {
    let mut at = link.parent().unwrap_or(link).to_owned();
    let mut left: Vec<OsString> = link.file_name().map(Into::into).into_iter().collect();
    let mut links = 0;
    while let Some(part) = left.pop() {
        match part.to_str() {
            Some("/") => return false,
            Some(".") => {}
            Some("..") => {
                at.pop();
            }
            _ => at.push(part),
        }
        if !at.starts_with(root) {
            return false;
        }
        if let Ok(target) = at.read_link() {
            links += 1;
            if links > MOST_LINKS {
                return true;
            }
            at.pop();
            let parts = target.components().map(|part| part.as_os_str().to_owned());
            left.extend(parts.rev());
        }
    }
    true
}

fn utf8(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    enum Member<'a> {
        File(&'a str, u32),
        Link(&'a str),
        HardLink(&'a str),
        Fifo,
    }
    use Member::{Fifo, File, HardLink, Link};

    /// Builds a tar archive whose headers hold the names as given, good or bad.
    fn tar_gz(members: &[(&str, Member<'_>)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, member) in members {
            let mut header = tar::Header::new_ustar();
            let (kind, content, link) = match member {
                File(content, mode) => {
                    header.set_mode(*mode);
                    (tar::EntryType::Regular, *content, "")
                }
                Link(target) => (tar::EntryType::Symlink, "", *target),
                HardLink(target) => (tar::EntryType::Link, "", *target),
                Fifo => (tar::EntryType::Fifo, "", ""),
            };
            header.set_entry_type(kind);
            header.set_mtime(1_000_000_000);
            header.set_size(content.len() as u64);
            let raw = header.as_old_mut();
            raw.name[..name.len()].copy_from_slice(name.as_bytes());
            raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
            header.set_cksum();
            tar.append(&header, content.as_bytes()).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&tar).unwrap();
        gz.finish().unwrap()
    }

    fn unpack_bytes(
        name: &str,
        bytes: &[u8],
    ) -> (tempfile::TempDir, Result<Utf8PathBuf, SourceError>) {
        let dir = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(base.join(name), bytes).unwrap();
        std::fs::create_dir(base.join("to")).unwrap();
        let result = unpack(&base.join(name), &base.join("to"));
        (dir, result)
    }

    #[test]
    fn an_sdist_keeps_times_modes_and_links() {
        use std::os::unix::fs::MetadataExt as _;
        let members = [
            ("p-1/a.py", File("text", 0o644)),
            ("p-1/run", File("#!", 0o755)),
            ("p-1/sub/link", Link("../a.py")),
            ("p-1/hard", HardLink("p-1/a.py")),
        ];
        let (_dir, root) = unpack_bytes("p-1.tar.gz", &tar_gz(&members));
        let root = root.unwrap();
        assert_eq!(root.file_name(), Some("p-1"));
        assert_eq!(
            std::fs::read_to_string(root.join("sub/link")).unwrap(),
            "text"
        );
        assert_eq!(std::fs::read_to_string(root.join("hard")).unwrap(), "text");
        let meta = std::fs::metadata(root.join("run")).unwrap();
        assert_eq!((meta.mode() & 0o777, meta.mtime()), (0o755, 1_000_000_000));
    }

    #[test]
    fn members_that_lead_out_are_refused() {
        for (name, member) in [
            ("../evil", File("", 0o644)),
            ("/tmp/evil", File("", 0o644)),
            ("p-1/../../evil", File("", 0o644)),
            ("p-1/link", Link("/etc/passwd")),
            ("p-1/link", Link("../../evil")),
            ("p-1/link", HardLink("../evil")),
            ("p-1/pipe", Fifo),
            ("p-1/a\nb", File("", 0o644)),
            ("p-1/a\rb", File("", 0o644)),
        ] {
            let bytes = tar_gz(&[("p-1/a", File("", 0o644)), (name, member)]);
            let (dir, result) = unpack_bytes("p-1.tar.gz", &bytes);
            let message = result.unwrap_err().to_string();
            assert!(
                message.contains("not safe to unpack")
                    && message.contains(name.split(['\r', '\n']).next().unwrap()),
                "{message}"
            );
            assert!(!dir.path().join("evil").exists());
        }
    }

    #[test]
    fn links_are_followed_to_where_they_lead() {
        let up = ("p-1/q/r/s/up", Link("../../.."));
        let refused = [
            ("p-1/j", Link("q/r/s/up/../..")),
            ("p-1/q/j", Link("r/s/up/../../etc/passwd")),
        ];
        for bad in refused {
            let name = bad.0;
            let members = [("p-1/a", File("", 0o644)), bad, (up.0, Link("../../.."))];
            let (_dir, result) = unpack_bytes("p-1.tar.gz", &tar_gz(&members));
            let message = result.unwrap_err().to_string();
            assert!(
                message.contains(name) && message.contains("link out"),
                "{message}"
            );
        }
        let fine = [
            ("p-1/a", File("", 0o644)),
            up,
            ("p-1/j", Link("q/r/s/up/a")),
            ("p-1/gone", Link("q/nothing/../r")),
            ("p-1/circle", Link("circle")),
        ];
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &tar_gz(&fine));
        assert!(result.is_ok());
    }

    #[test]
    fn a_file_through_a_link_cannot_lead_out() {
        let (dir, result) = unpack_bytes(
            "p-1.tar.gz",
            &tar_gz(&[("p-1/d", Link("..")), ("p-1/d/d/evil", File("", 0o644))]),
        );
        assert!(result.is_err());
        assert!(!dir.path().join("evil").exists());
    }

    #[test]
    fn thousands_of_folders_in_one_another_are_unpacked() {
        let deep = "d/".repeat(1900);
        let mut tar = tar::Builder::new(Vec::new());
        for depth in 1..=1900 {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            header.set_mode(0o644);
            let name = format!("p-1/{}f", &deep[..2 * depth]);
            tar.append_data(&mut header, name, &b"x"[..]).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&tar).unwrap();
        let (_dir, root) = unpack_bytes("p-1.tar.gz", &gz.finish().unwrap());
        assert!(root.unwrap().join(deep).join("f").is_file());
    }

    #[test]
    fn a_small_archive_may_not_fill_the_disk() {
        let zeros = "\0".repeat(2000);
        let tar = tar_gz(&[("p-1/zeros", File(&zeros, 0o644))]);
        let many: Vec<String> = (0..5).map(|number| format!("p-1/{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| (&**name, File("", 0o644))).collect();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("p-1/zeros", options).unwrap();
        zip.write_all(zeros.as_bytes()).unwrap();
        let zip = zip.finish().unwrap().into_inner();
        let bombs = [("p.tar.gz", tar), ("p.tgz", tar_gz(&many)), ("p.zip", zip)];
        for (name, bytes) in bombs {
            let dir = tempfile::tempdir().unwrap();
            let base = Utf8Path::from_path(dir.path()).unwrap();
            std::fs::write(base.join(name), bytes).unwrap();
            let unpacked = |to: &str, limit| within(&base.join(name), &base.join(to), limit);
            let message = unpacked("small", 2000).unwrap_err().to_string();
            assert!(
                message.contains("p-1/") && message.contains("a hundred times"),
                "{message}"
            );
            unpacked("large", 3000).unwrap();
        }
    }

    #[test]
    fn headers_are_read_in_bounded_memory() {
        for kind in [tar::EntryType::GNULongName, tar::EntryType::XHeader] {
            let mut tar = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(2 * HEADERS);
            let long = std::io::repeat(b'a').take(2 * HEADERS);
            tar.append_data(&mut header, "p-1/long", long).unwrap();
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gz.write_all(&tar.into_inner().unwrap()).unwrap();
            let (_dir, result) = unpack_bytes("p-1.tar.gz", &gz.finish().unwrap());
            let message = result.unwrap_err().to_string();
            assert!(message.contains("more than a megabyte"), "{message}");
        }
    }

    #[test]
    fn archives_that_are_none_are_named() {
        let (_dir, result) = unpack_bytes("p-1.tar.gz", b"not gzip");
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("p-1.tar.gz is no sdist")
        );
        let two = tar_gz(&[("p-1/a", File("", 0o644)), ("q", File("", 0o644))]);
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &two);
        assert!(
            result
                .unwrap_err()
                .to_string()
                .contains("exactly one folder")
        );
        let mut flipped = tar_gz(&[("p-1/a", File("0123456789", 0o644))]);
        let sum = flipped.len() - 8;
        flipped[sum] ^= 1;
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &flipped);
        assert!(result.is_err(), "gzip's checksum");
        let whole = tar_gz(&[("p-1/a", File("0123456789", 0o644))]);
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &whole[..whole.len() / 2]);
        assert!(result.is_err());
        let noise: String = (0..50_000_u32)
            .map(|n| format!("{}\n", n.wrapping_mul(n)))
            .collect();
        let large = tar_gz(&[("p-1/a", File(&noise, 0o644))]);
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &large[..large.len() / 2]);
        let why = result.unwrap_err().to_string();
        assert!(
            why.contains("p-1.tar.gz is no sdist") && !why.contains("cannot unpack"),
            "{why}"
        );
    }

    #[test]
    fn a_member_of_several_is_not_all_of_an_archive() {
        use std::io::Read as _;
        let mut tar = Vec::new();
        let whole = tar_gz(&[("p-1/a", File("a", 0o644)), ("p-1/b", File("b", 0o644))]);
        Gzip::new(&whole[..]).read_to_end(&mut tar).unwrap();
        let parts: Vec<u8> = tar
            .chunks(1024)
            .flat_map(|part| {
                let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gz.write_all(part).unwrap();
                gz.finish().unwrap()
            })
            .collect();
        let (_dir, root) = unpack_bytes("p-1.tar.gz", &parts);
        assert_eq!(std::fs::read(root.unwrap().join("b")).unwrap(), b"b");
    }

    #[test]
    fn what_the_system_refuses_is_said() {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        tar.append_data(&mut header, format!("p-1/{}", "n".repeat(300)), &b""[..])
            .unwrap();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&tar.into_inner().unwrap()).unwrap();
        let (_dir, result) = unpack_bytes("p-1.tar.gz", &gz.finish().unwrap());
        let why = result.unwrap_err().to_string();
        assert!(why.contains("File name too long"), "{why}");
    }

    #[test]
    fn zips_are_unpacked_under_the_same_rules() {
        let zip = |name: &str| {
            let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
            zip.start_file(name, options).unwrap();
            zip.write_all(b"x").unwrap();
            zip.finish().unwrap().into_inner()
        };
        let (_dir, root) = unpack_bytes("p-1.zip", &zip("p-1/run"));
        assert_eq!(std::fs::read(root.unwrap().join("run")).unwrap(), b"x");
        let mut flipped = zip("p-1/run");
        for head in [&b"PK\x01\x02"[..], b"PK\x03\x04"] {
            let sum = if head[2] == 1 { 16 } else { 14 };
            let at = flipped.windows(4).position(|four| four == head).unwrap();
            flipped[at + sum] ^= 1;
        }
        let (_dir, result) = unpack_bytes("p-1.zip", &flipped);
        let why = result.unwrap_err().to_string();
        assert!(why.contains("p-1.zip is no sdist"), "{why}");
        let (_dir, result) = unpack_bytes("p-1.zip", &zip("../evil"));
        assert!(result.unwrap_err().to_string().contains("../evil"));
    }
}
