//! Corrections of published sources, in memory, each bound to the exact file that it corrects.
//!
//! A patch applies to a file that has its name and its checksum, and to no other: a corrected or
//! edited source is taken as it is. Who demands a set by name ([`Patches::Sets`]) is told of a file
//! that is another version's.

mod sets;

use std::fmt;
use std::str::FromStr;

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

pub use sets::SETS;

/// The patches of one version of a library.
#[derive(Debug)]
pub struct PatchSet {
    /// The library and its version.
    pub name: &'static str,
    /// One a file.
    pub patches: &'static [Patch],
}

/// What is changed in one file, which is not preprocessed.
#[derive(Debug)]
pub struct Patch {
    /// Its name, without a folder.
    pub file: &'static str,
    /// SHA-256 of its contents, in hexadecimal.
    pub sha256: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
    /// The changes.
    pub edits: &'static [Edit],
}

/// A change of one line.
#[derive(Debug)]
pub struct Edit {
    /// The line, which is there exactly once.
    pub anchor: &'static str,
    /// What stands in its place.
    pub lines: &'static [&'static str],
}

/// Which patches apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patches {
    /// Those made for exactly the file.
    #[default]
    Fitting,
    /// None.
    None,
    /// Those of these sets, for files of their names, which must be the sets' versions.
    Sets(Vec<String>),
}

/// A patch that was asked for and cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// No set of that name.
    #[error("no patch set `{0}`; there are: {known}", known = names().join(", "))]
    Unknown(String),
    /// The file is another.
    #[error(
        "the patch of {set} no longer applies: the file's SHA-256 is {found}, the patch is for \
         {expected}"
    )]
    OtherFile {
        /// The set.
        set: &'static str,
        /// The file's checksum.
        found: String,
        /// The one that the patch is for.
        expected: &'static str,
    },
    /// The file has the checksum and not the line: the patch is wrong.
    #[error("the patch of {set} no longer applies: the line `{anchor}` is there {times} times")]
    Anchor {
        /// The set.
        set: &'static str,
        /// The line.
        anchor: &'static str,
        /// How often it is there.
        times: usize,
    },
}

impl FromStr for Patches {
    type Err = PatchError;

    /// `auto`, `off`, or names of sets with commas between them.
    fn from_str(text: &str) -> Result<Self, PatchError> {
        match text.trim() {
            "" | "auto" => return Ok(Self::Fitting),
            "off" => return Ok(Self::None),
            _ => {}
        }
        let names = text.split(',').map(str::trim);
        let known = |name: &str| {
            let set = SETS.iter().find(|set| set.name == name);
            set.map(|set| set.name.to_owned())
                .ok_or_else(|| PatchError::Unknown(name.to_owned()))
        };
        names.map(known).collect::<Result<_, _>>().map(Self::Sets)
    }
}

impl fmt::Display for Patches {
    /// As [`Patches::from_str`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fitting => f.write_str("auto"),
            Self::None => f.write_str("off"),
            Self::Sets(names) => f.write_str(&names.join(",")),
        }
    }
}

/// A patch for files of a name.
#[derive(Clone, Copy, Debug)]
pub struct Fitting {
    /// The name of its set.
    pub set: &'static str,
    /// What it does.
    pub patch: &'static Patch,
}

impl Patches {
    /// The patch for `bytes`, the contents of `path`.
    ///
    /// # Errors
    ///
    /// [`PatchError::OtherFile`] when a set asked for by name has a patch for another file of that
    /// name.
    pub fn find(&self, path: &Utf8Path, bytes: &[u8]) -> Result<Option<Fitting>, PatchError> {
        self.find_in(SETS, path, bytes)
    }

    fn find_in(
        &self,
        sets: &'static [PatchSet],
        path: &Utf8Path,
        bytes: &[u8],
    ) -> Result<Option<Fitting>, PatchError> {
        let named = self.named(sets, path);
        let Some(first) = named.first() else {
            return Ok(None);
        };
        let found = hex(&Sha256::digest(bytes));
        let fitting = named.iter().find(|fits| fits.patch.sha256 == found);
        if fitting.is_none() && matches!(self, Self::Sets(_)) {
            return Err(PatchError::OtherFile {
                set: first.set,
                found,
                expected: first.patch.sha256,
            });
        }
        Ok(fitting.copied())
    }

    /// Whether there is a patch for a file of this name, whatever its contents.
    pub fn concern(&self, path: &Utf8Path) -> bool {
        !self.named(SETS, path).is_empty()
    }

    /// The patches for files of this name.
    fn named(&self, sets: &'static [PatchSet], path: &Utf8Path) -> Vec<Fitting> {
        let name = path.file_name().unwrap_or_default();
        let asked = |set: &&PatchSet| match self {
            Self::Fitting => true,
            Self::None => false,
            Self::Sets(names) => names.iter().any(|name| name == set.name),
        };
        let patches = |set: &'static PatchSet| {
            let patches = set.patches.iter();
            patches.map(|patch| Fitting {
                set: set.name,
                patch,
            })
        };
        sets.iter()
            .filter(asked)
            .flat_map(patches)
            .filter(|fits| fits.patch.file.eq_ignore_ascii_case(name))
            .collect()
    }
}

impl Fitting {
    /// The corrected contents. Directives keep the lines after a change at their numbers.
    ///
    /// # Errors
    ///
    /// [`PatchError::Anchor`] when a line to change is not there once.
    pub fn apply(&self, bytes: &[u8]) -> Result<Vec<u8>, PatchError> {
        for edit in self.patch.edits {
            let same = |line: &&[u8]| *line == edit.anchor.as_bytes();
            let times = bytes.split(|&b| b == b'\n').filter(same).count();
            if times != 1 {
                return Err(PatchError::Anchor {
                    set: self.set,
                    anchor: edit.anchor,
                    times,
                });
            }
        }
        let mut out = Vec::with_capacity(bytes.len());
        for (line, number) in bytes.split_inclusive(|&b| b == b'\n').zip(1..) {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let mut edits = self.patch.edits.iter();
            let Some(edit) = edits.find(|edit| text == edit.anchor.as_bytes()) else {
                out.extend_from_slice(line);
                continue;
            };
            for new in edit.lines {
                out.extend_from_slice(format!("#line {number}\n{new}\n").as_bytes());
            }
            let next: usize = number + 1;
            out.extend_from_slice(format!("#line {next}\n").as_bytes());
        }
        Ok(out)
    }
}

fn names() -> Vec<&'static str> {
    SETS.iter().map(|set| set.name).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDED: Edit = Edit {
        anchor: "      X = 1",
        lines: &["      X = 1", "      Y = 2"],
    };

    static TEST: [PatchSet; 1] = [PatchSet {
        name: "test-1",
        patches: &[Patch {
            file: "x.f",
            // printf '      X = 1\n      END\n' | sha256sum
            sha256: "8e1d267c4302bb1277149561709530fc2ab11e8c5fccd8676472d597ea6066ba",
            why: "y is not set",
            edits: &[ADDED],
        }],
    }];

    const TEXT: &[u8] = b"      X = 1\n      END\n";

    fn find(patches: &Patches, name: &str, bytes: &[u8]) -> Result<Option<Fitting>, PatchError> {
        patches.find_in(&TEST, Utf8Path::new(name), bytes)
    }

    #[test]
    fn a_patch_fits_its_file_only() {
        let sets = Patches::Sets(vec!["test-1".into()]);
        for patches in [&Patches::Fitting, &sets] {
            let fitting = find(patches, "dir/X.F", TEXT).unwrap();
            assert_eq!(fitting.map(|fits| fits.set), Some("test-1"));
            assert!(find(patches, "y.f", TEXT).unwrap().is_none());
        }
        let other = b"      X = 1\n\n      END\n";
        assert!(find(&Patches::Fitting, "x.f", other).unwrap().is_none());
        assert!(find(&Patches::None, "x.f", TEXT).unwrap().is_none());
        let error = find(&sets, "x.f", other).unwrap_err().to_string();
        assert!(error.contains("test-1 no longer applies"), "{error}");
    }

    #[test]
    fn lines_after_a_change_keep_their_numbers() {
        let fitting = find(&Patches::Fitting, "x.f", TEXT).unwrap().unwrap();
        let patched = String::from_utf8(fitting.apply(TEXT).unwrap()).unwrap();
        let expected = "#line 1\n      X = 1\n#line 1\n      Y = 2\n#line 2\n      END\n";
        assert_eq!(patched, expected);
        let twice = [TEXT, TEXT].concat();
        let error = fitting.apply(&twice).unwrap_err().to_string();
        assert!(error.contains("`      X = 1` is there 2 times"), "{error}");
    }

    #[test]
    fn sets_are_asked_for_by_name() {
        assert_eq!("auto".parse(), Ok(Patches::Fitting));
        assert_eq!("off".parse(), Ok(Patches::None));
        let named = Patches::Sets(vec!["lapack-3.12.1".into()]);
        assert_eq!("lapack-3.12.1".parse().as_ref(), Ok(&named));
        for patches in [Patches::Fitting, Patches::None, named] {
            assert_eq!(patches.to_string().parse(), Ok(patches));
        }
        let error = "lapack-9".parse::<Patches>().unwrap_err().to_string();
        assert!(error.contains("there are: lapack-3.12.1"), "{error}");
    }

    #[test]
    fn patches_are_of_files_without_preprocessing() {
        // After an #include the preprocessor counts the lines that it reads.
        for patch in SETS.iter().flat_map(|set| set.patches) {
            let (_, suffix) = patch.file.rsplit_once('.').unwrap();
            assert!(suffix.starts_with('f'), "{}", patch.file);
            assert_eq!(patch.sha256.len(), 64, "{}", patch.file);
        }
    }
}
