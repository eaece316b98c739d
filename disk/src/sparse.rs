//! Files with holes: a file of 300 GB may take no room at all, and must not when it is copied.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::SeekFrom as Place;
use rustix::io::Errno;

/// What is looked at at once. A part that holds nothing but zeros counts as a hole.
const PART: usize = 64 << 10;

/// Bytes of a block, as the system counts what a file takes.
const BLOCK: u64 = 512;

/// Copies a file with its mode, and its holes as holes.
///
/// # Errors
/// It cannot be read, or the copy not be written.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let meta = source.metadata()?;
    if meta.blocks() * BLOCK >= meta.len() {
        return fs::copy(from, to).map(drop);
    }
    let mut copy = File::create(to)?;
    copy.set_len(meta.len())?;
    parts(&mut source, |at, bytes| {
        copy.seek(SeekFrom::Start(at))?;
        copy.write_all(bytes)
    })?;
    copy.set_permissions(meta.permissions())
}

/// The parts of a file that are not all zeros, in order, with their places. They follow from its contents
/// alone, wherever its holes are; these are not read.
///
/// # Errors
/// It cannot be read, or `each` fails.
pub fn parts(
    file: &mut File,
    mut each: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; PART];
    let mut at = 0;
    loop {
        // Where a file system knows no holes, all is data.
        at = match rustix::fs::seek(&*file, Place::Data(at)) {
            Ok(data) => data - data % PART as u64,
            Err(Errno::NXIO) => return Ok(()),
            Err(_) => at,
        };
        file.seek(SeekFrom::Start(at))?;
        let length = fill(file, &mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let part = &buffer[..length];
        if part.iter().any(|&byte| byte != 0) {
            each(at, part)?;
        }
        at += length as u64;
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_stay_holes_and_change_no_contents() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let mut file = File::create(&from).unwrap();
        file.set_len(1 << 40).unwrap();
        for at in [5, (1 << 30) + 3] {
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(b"data").unwrap();
        }
        copy(&from, &to).unwrap();
        let meta = fs::metadata(&to).unwrap();
        assert_eq!(meta.len(), 1 << 40);
        assert!(meta.blocks() * BLOCK < 1 << 20);
        assert_eq!(found(&from), found(&to));
        assert_eq!(found(&to).len(), 2);
    }

    #[test]
    fn the_parts_are_the_same_without_holes() {
        let folder = tempfile::tempdir().unwrap();
        let (sparse, full) = (folder.path().join("sparse"), folder.path().join("full"));
        let mut contents = vec![0; 3 * PART];
        contents[2 * PART + 7] = 1;
        fs::write(&full, &contents).unwrap();
        let mut file = File::create(&sparse).unwrap();
        file.set_len(contents.len() as u64).unwrap();
        file.seek(SeekFrom::Start(2 * PART as u64 + 7)).unwrap();
        file.write_all(&[1]).unwrap();
        assert_eq!(found(&sparse), found(&full));
        assert_eq!(found(&full).len(), 1);
        fs::write(&full, "").unwrap();
        assert!(found(&full).is_empty());
    }

    fn found(path: &Path) -> Vec<(u64, Vec<u8>)> {
        let mut all = Vec::new();
        let mut file = File::open(path).unwrap();
        parts(&mut file, |at, bytes| {
            all.push((at, bytes.to_vec()));
            Ok(())
        })
        .unwrap();
        all
    }
}
