//! Hostile and unlucky input, tried in numbers: mutants of files for everything that reads them
//! ([`readers`]), calls under limits, signals and damage ([`calls`]), and package indexes
//! ([`indexes`]). A suite runs a sample, `cargo xtask torture` as many as it is told; the same seed
//! tries the same. What is tried for each reader is what `fuzz/` tries without end.

pub mod calls;
pub mod indexes;
pub mod readers;

use std::fmt;

/// What was tried of one kind.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// How many.
    pub tried: usize,
    /// How many of them were taken for good.
    pub taken: usize,
    /// What did not hold, each with what shows it.
    pub faults: Vec<String>,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            tried,
            taken,
            faults,
        } = self;
        let refused = tried - taken;
        let faults = faults.len();
        write!(f, "{kind:24}{tried:>8}{taken:>8}{refused:>9}{faults:>8}")
    }
}

/// The head of a table of counts.
pub const HEAD: &str = "kind                       tried   taken  refused  faults";

const LENGTHS: [&[u8]; 2] = [b"\xff\xff\xff\x07", b"99999999"];

/// Numbers that look random and are the same for the same seed: Marsaglia's xorshift64*.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as this number says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from((self.next() >> 11) % end).unwrap_or_default()
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    /// One of some.
    ///
    /// # Panics
    /// There is none.
    pub fn of<'t, T>(&mut self, some: &'t [T]) -> &'t T {
        &some[self.below(some.len())]
    }

    /// A text changed in a few places: bits, bytes, lengths, parts twice or not at all.
    #[must_use]
    pub fn mutant(&mut self, of: &[u8]) -> Vec<u8> {
        let mut bytes = of.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(16)).min(bytes.len());
            match self.below(7) {
                _ if bytes.is_empty() => bytes.push(0),
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = *self.of(&[0, 0x7f, 0x80, 0xff, b'\n', b' ', b'"', b'/', b'9']),
                2 => bytes.truncate(at),
                3 => drop(bytes.drain(at..end)),
                4 => {
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                5 => {
                    let more = vec![bytes[at]; self.below(300)];
                    bytes.splice(at..at, more);
                }
                // A length of some megabytes, as LEB128 and decimal digits.
                _ => {
                    let length = *self.of(&LENGTHS);
                    bytes.splice(at..end, length.iter().copied());
                }
            }
        }
        bytes
    }
}
