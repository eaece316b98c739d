//! Wheels as zip archives: read whole, written so that the same content gives the same bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::files::{self, FileError};

/// A wheel could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The zip archive is damaged.
    #[error("{path} is not a usable wheel: {why}")]
    Damaged {
        /// The wheel.
        path: Utf8PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// One file in a wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Content.
    pub bytes: Vec<u8>,
    /// Whether any execute bit is set.
    pub executable: bool,
}

/// The files of a wheel by path. Folders have no entries of their own.
pub type Entries = BTreeMap<String, Entry>;

/// Reads every file of a wheel.
///
/// # Errors
/// It is no zip archive, or a member's path leaves the archive.
pub fn read(path: &Utf8Path) -> Result<Entries, ArchiveError> {
    let damaged = |why: String| ArchiveError::Damaged {
        path: path.to_owned(),
        why,
    };
    let packed = files::read(path)?;
    let size = packed.len() as u64;
    let mut left = most(size);
    let mut zip = ZipArchive::new(Cursor::new(&packed)).map_err(|e| damaged(e.to_string()))?;
    // Of two members of one name the reader keeps one, and installers the other.
    if listed(&packed, zip.central_directory_start()) > zip.len() {
        return Err(damaged("it has two members of one name".into()));
    }
    let mut entries = Entries::new();
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(|e| damaged(e.to_string()))?;
        if member.is_dir() {
            continue;
        }
        let name = member
            .name()
            .map_err(|e| damaged(e.to_string()))?
            .into_owned();
        if !is_contained(&name) {
            return Err(damaged(format!(
                "the path of member {name:?} leads out of it, or has no place in RECORD"
            )));
        }
        let executable = member.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let mut bytes = Vec::new();
        let mut bounded = member.take(left + 1);
        bounded
            .read_to_end(&mut bytes)
            .map_err(|e| damaged(format!("{name}: {e}")))?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let most = most(size) / (1 << 20);
            damaged(format!(
                "it unpacks to more than {most} MiB, which no wheel of its size does"
            ))
        })?;
        entries.insert(name, Entry { bytes, executable });
    }
    for name in entries.keys() {
        let mut folders = name.match_indices('/').map(|(end, _)| &name[..end]);
        if let Some(file) = folders.find(|folder| entries.contains_key(*folder)) {
            return Err(damaged(format!(
                "{file} is a file in it, and the folder of {name}"
            )));
        }
    }
    Ok(entries)
}

/// How many members the directory that begins at `start` lists. Source: APPNOTE.TXT, 4.3.12.
fn listed(packed: &[u8], start: u64) -> usize {
    let mut rest = usize::try_from(start)
        .ok()
        .and_then(|start| packed.get(start..));
    let mut count = 0;
    while let Some(head) = rest.filter(|head| head.starts_with(b"PK\x01\x02") && head.len() >= 46) {
        let length = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        rest = head.get(46 + length(28) + length(30) + length(32)..);
        count += 1;
    }
    count
}

/// What each file of a wheel takes in the archive, in bytes.
///
/// # Errors
/// It is no zip archive.
pub fn packed_sizes(path: &Utf8Path) -> Result<BTreeMap<String, u64>, ArchiveError> {
    let damaged = |why: String| ArchiveError::Damaged {
        path: path.to_owned(),
        why,
    };
    let packed = files::read(path)?;
    let mut zip = ZipArchive::new(Cursor::new(packed)).map_err(|e| damaged(e.to_string()))?;
    let mut sizes = BTreeMap::new();
    for index in 0..zip.len() {
        let member = zip
            .by_index_raw(index)
            .map_err(|e| damaged(e.to_string()))?;
        let name = member.name().map_err(|e| damaged(e.to_string()))?;
        sizes.insert(name.into_owned(), member.compressed_size());
    }
    Ok(sizes)
}

/// The most that a wheel of `size` bytes may unpack to, in bytes. Modules are compressed to a third;
/// what unpacks to a hundred times its size is made to fill memory.
fn most(size: u64) -> u64 {
    size.saturating_mul(64).saturating_add(64 << 20)
}

/// Whether a member's path stays below the folder it is unpacked into.
pub(crate) fn is_contained(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', '\0', '\r', '\n'])
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// Bytes of a wheel of these files: sorted, `.dist-info` last as the specification advises, one
/// time for all, permissions 644 or 755.
///
/// # Errors
/// An archive beyond the limits of the zip format; the message says so.
pub fn write(entries: &Entries, epoch: Option<i64>) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut names: Vec<&String> = entries.keys().collect();
    names.sort_by_key(|name| {
        (
            is_dist_info(name),
            name.ends_with(".dist-info/RECORD"),
            *name,
        )
    });
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(dos_time(epoch));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let entry = &entries[name];
        let mode = if entry.executable { 0o755 } else { 0o644 };
        zip.start_file(name.as_str(), options.unix_permissions(mode))?;
        zip.write_all(&entry.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Whether a path lies in the wheel's metadata folder.
pub(crate) fn is_dist_info(name: &str) -> bool {
    name.split('/')
        .next()
        .is_some_and(|top| top.ends_with(".dist-info"))
}

/// Zip time of `SOURCE_DATE_EPOCH` (seconds since 1970, UTC), within what zip can hold: 1980 to
/// 2107. Without one, the start of 1980.
fn dos_time(epoch: Option<i64>) -> zip::DateTime {
    let seconds = epoch.unwrap_or(0).clamp(315_532_800, 4_354_819_198);
    let time = Timestamp::from_second(seconds).ok();
    let time = time.map(|time| TimeZone::UTC.to_datetime(time));
    // Both hold every time from 1980 to 2107.
    time.and_then(|time| {
        let part = |number: i8| number.try_into().ok();
        zip::DateTime::from_date_and_time(
            time.year().try_into().ok()?,
            part(time.month())?,
            part(time.day())?,
            part(time.hour())?,
            part(time.minute())?,
            part(time.second())?,
        )
        .ok()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Entries {
        let entry = |text: &str, executable| Entry {
            bytes: text.into(),
            executable,
        };
        [
            ("a-1.dist-info/RECORD".to_owned(), entry("", false)),
            (
                "a-1.dist-info/WHEEL".to_owned(),
                entry("Wheel-Version: 1.0\n", false),
            ),
            ("z.py".to_owned(), entry("z", false)),
            ("bin/run".to_owned(), entry("#!", true)),
        ]
        .into()
    }

    fn reread(bytes: &[u8]) -> Result<Entries, ArchiveError> {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().join("a.whl")).unwrap();
        std::fs::write(&path, bytes).unwrap();
        read(&path)
    }

    #[test]
    fn a_member_is_one_file_and_no_folder() {
        let mut twice = write(&entries(), None).unwrap();
        let z = twice.windows(4).rposition(|name| name == b"z.py").unwrap();
        let more = twice[z - 46..z + 4].to_vec();
        let start = twice
            .windows(4)
            .position(|four| four == b"PK\x01\x02")
            .unwrap();
        let end = twice
            .windows(4)
            .rposition(|four| four == b"PK\x05\x06")
            .unwrap();
        twice.splice(end..end, more.iter().copied());
        let end = end + more.len();
        let count = u16::try_from(entries().len() + 1).unwrap().to_le_bytes();
        twice[end + 8..end + 10].copy_from_slice(&count);
        twice[end + 10..end + 12].copy_from_slice(&count);
        let size = u32::try_from(end - start).unwrap().to_le_bytes();
        twice[end + 12..end + 16].copy_from_slice(&size);
        let why = reread(&twice).unwrap_err().to_string();
        assert!(why.contains("two members of one name"), "{why}");

        let mut below = entries();
        below.insert("z.py/more".to_owned(), entries()["z.py"].clone());
        let why = reread(&write(&below, None).unwrap())
            .unwrap_err()
            .to_string();
        assert!(why.contains("z.py is a file in it"), "{why}");
    }

    #[test]
    fn a_wheel_made_to_fill_memory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path())
            .unwrap()
            .join("p-1-py3-none-any.whl");
        let entry = Entry {
            bytes: vec![0; 200 << 20],
            executable: false,
        };
        let bytes = write(&Entries::from([("a".to_owned(), entry)]), None).unwrap();
        files::write_atomic(&path, &bytes).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("unpacks to more than"), "{message}");
        for name in ["a\rb", "a\nb", "../a", "a\\b"] {
            assert!(!is_contained(name), "{name:?}");
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes_in_a_fixed_order() {
        let bytes = write(&entries(), None).unwrap();
        assert_eq!(bytes, write(&entries(), Some(0)).unwrap());
        assert_ne!(bytes, write(&entries(), Some(1_000_000_000)).unwrap());
        let zip = ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
        let names: Vec<_> = zip.file_names().map(Result::unwrap).collect();
        assert_eq!(
            names,
            [
                "bin/run",
                "z.py",
                "a-1.dist-info/WHEEL",
                "a-1.dist-info/RECORD"
            ]
        );
        assert_eq!(reread(&bytes).unwrap(), entries());
    }

    #[test]
    fn times_are_what_the_calendar_says() {
        let time = |epoch| dos_time(epoch).to_string();
        assert_eq!(time(None), "1980-01-01 00:00:00");
        assert_eq!(time(Some(1_709_210_096)), "2024-02-29 12:34:56");
        assert_eq!(time(Some(1_735_689_598)), "2024-12-31 23:59:58");
        assert_eq!(time(Some(i64::MAX)), "2107-12-31 23:59:58");
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for bad in ["../x", "/x", "a//b", "a/../b", "a\\b"] {
            assert!(!is_contained(bad), "{bad}");
        }
        assert!(is_contained("a/b..c/.d"));
        let evil = [(
            "../x".to_owned(),
            Entry {
                bytes: vec![],
                executable: false,
            },
        )]
        .into();
        assert!(
            reread(&write(&evil, None).unwrap())
                .unwrap_err()
                .to_string()
                .contains("../x")
        );
        assert!(reread(b"no zip").unwrap_err().to_string().contains("a.whl"));
    }
}
