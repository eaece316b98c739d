//! What the caller chooses. The names of gfortran's flags are documentation: the mapping from
//! command lines belongs to the caller.

use camino::Utf8PathBuf;

use crate::patches::Patches;

/// How the text of a source file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Labels in columns 1 to 5, continuation mark in column 6, text from column 7 to `width`.
    Fixed {
        /// Last column that counts: 72, or 132 for `-ffixed-line-length-132`;
        /// [`usize::MAX`] for `-ffixed-line-length-none`.
        width: usize,
    },
    /// Continuation by `&`, blanks significant.
    Free,
}

impl Form {
    /// gfortran's default for a file name: `.f90`, `.f95`, `.f03`, `.f08` (any case) are free form,
    /// everything else is fixed with 72 columns.
    pub fn of_extension(extension: &str) -> Self {
        match extension.to_ascii_lowercase().as_str() {
            "f90" | "f95" | "f03" | "f08" => Self::Free,
            _ => Self::Fixed { width: 72 },
        }
    }
}

/// What the preprocessor knows; gfortran runs it for `.F`, `.F90`, `.FOR`, `.fpp` and `-cpp`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preprocess {
    /// `-D` and `-U` in command-line order: a name with a value, or with nothing to undefine it.
    pub macros: Vec<(String, Option<String>)>,
}

/// What a D in column 1 of a fixed-form line means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DLines {
    /// A mistake, gfortran's default.
    #[default]
    Refused,
    /// `-fd-lines-as-comments`
    Comments,
    /// `-fd-lines-as-code`: the D counts as a blank.
    Code,
}

/// Choices for one translation.
///
/// Other flags of gfortran's change nothing here: `-fallow-argument-mismatch` and `-std=` allow what
/// f2c takes anyway, `-ffree-line-length-` has no limit here, `-w`, `-O` and `-g` are for whoever
/// shows the diagnostics and compiles the C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Source form.
    pub form: Form,
    /// Which known files are corrected.
    pub patches: Patches,
    /// Run the preprocessor first.
    pub preprocess: Option<Preprocess>,
    /// Where INCLUDE and `#include` look after the including file's own folder (`-I`).
    pub include_dirs: Vec<Utf8PathBuf>,
    /// `-fdefault-integer-8`: INTEGER and LOGICAL without a kind take 8 bytes.
    pub default_integer_8: bool,
    /// `-fdefault-real-8`: REAL and COMPLEX without a kind are of double precision.
    pub default_real_8: bool,
    /// `-fdefault-double-8`, without which `-fdefault-real-8` gives DOUBLE PRECISION 16 bytes, which
    /// is not supported: declarations of it are refused then.
    pub default_double_8: bool,
    /// `-fsecond-underscore`: external names that contain an underscore get two.
    pub second_underscore: bool,
    /// `-fd-lines-as-comments`, `-fd-lines-as-code`.
    pub d_lines: DLines,
    /// `-fno-underscoring` when false: external names get no underscore.
    pub underscoring: bool,
    /// `-fno-automatic` when false: local variables keep their values between calls.
    pub automatic: bool,
    /// `-frecursive`: every procedure may be entered again, so no local array is static.
    pub recursive: bool,
    /// `-finit-local-zero`: local variables start as zero, false or blank at every entry.
    pub init_local_zero: bool,
    /// `-fbackslash`: backslashes in strings are escapes, as in C.
    pub backslash: bool,
    /// `-fimplicit-none`: every name must be declared.
    pub implicit_none: bool,
    /// `-fno-range-check` when false: INTEGER constants out of their kind's range wrap.
    pub range_check: bool,
    /// `-fallow-invalid-boz`: constants of bits may stand where they become an INTEGER.
    pub invalid_boz: bool,
    /// Local arrays of more bytes than this are static in procedures that are not RECURSIVE
    /// (`-fmax-stack-var-size`): WebAssembly's stack is small.
    pub max_stack_bytes: u64,
    /// Write `#line` directives that lead to the Fortran source.
    pub line_directives: bool,
}

impl Options {
    /// Bytes of a REAL without a kind, and of each part of such a COMPLEX.
    pub(crate) fn real_bytes(&self) -> u8 {
        if self.default_real_8 { 8 } else { 4 }
    }

    /// Bytes of an INTEGER without a kind.
    pub(crate) fn integer_bytes(&self) -> u8 {
        if self.default_integer_8 { 8 } else { 4 }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            form: Form::Fixed { width: 72 },
            patches: Patches::Fitting,
            preprocess: None,
            include_dirs: Vec::new(),
            default_integer_8: false,
            default_real_8: false,
            default_double_8: false,
            second_underscore: false,
            d_lines: DLines::Refused,
            underscoring: true,
            automatic: true,
            recursive: false,
            init_local_zero: false,
            backslash: false,
            implicit_none: false,
            range_check: true,
            invalid_boz: false,
            max_stack_bytes: 4096,
            line_directives: true,
        }
    }
}
