//! Places in the user's files.

/// A place in one of the files of a table of files. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Loc {
    pub file: u32,
    pub line: u32,
    pub col: u32,
}
