//! Gzip as `gzip -d` reads it: one member after another (RFC 1952, section 2.2), then zeros or nothing.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use flate2::bufread::GzDecoder;

/// What begins a member.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Everything that a file's members hold. What is cut or changed is an error, never an end.
pub(crate) struct Gzip<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Gzip<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self(Some(GzDecoder::new(stream)))
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while let Some(member) = &mut self.0 {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.0 = self
                .0
                .take()
                .map(GzDecoder::into_inner)
                .map_or(Ok(None), next)?;
        }
        Ok(0)
    }
}

/// The member that follows, if one does.
fn next<R: BufRead>(mut stream: R) -> Result<Option<GzDecoder<R>>> {
    loop {
        let ahead = stream.fill_buf()?;
        let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
        match ahead.get(zeros) {
            None if ahead.is_empty() => return Ok(None),
            None => stream.consume(zeros),
            Some(first) if zeros == 0 && *first == MAGIC[0] => {
                return Ok(Some(GzDecoder::new(stream)));
            }
            Some(_) => {
                let why = "bytes that are not gzip's follow what gzip packed";
                return Err(Error::new(ErrorKind::InvalidData, why));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(text).unwrap();
        gz.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        // A buffer of three bytes: members begin anywhere in it.
        let stream = std::io::BufReader::with_capacity(3, bytes);
        Gzip::new(stream).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn all_members_are_read_and_what_is_none_is_an_error() {
        let two = [packed(b"one "), packed(b"two")].concat();
        assert_eq!(read(&two).unwrap(), b"one two");
        assert_eq!(
            read(&[packed(b"one"), vec![0; 512]].concat()).unwrap(),
            b"one"
        );
        for (change, to) in [(packed(b"one ").len(), 0), (two.len() - 8, 1), (12, 3)] {
            let mut changed = two.clone();
            changed[change] ^= 1 << to;
            assert!(read(&changed).is_err(), "byte {change}");
        }
        for end in [1, 9, two.len() - 1, packed(b"one ").len() + 1] {
            assert!(read(&two[..end]).is_err(), "the first {end} bytes");
        }
    }
}
