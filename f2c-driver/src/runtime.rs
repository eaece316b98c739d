//! How libf2c is built for the target: which of its sources, with which macros and generated
//! headers, and the runtime of our own beside it.
//!
//! Everything here is data: the caller compiles. The list is that of libf2c 20240504's
//! `makefile.u`, with INTEGER*8 support, without what [`REPLACED`] names.

use camino::{Utf8Path, Utf8PathBuf};

/// A file to write into the build folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its contents.
    pub text: &'static str,
}

/// What to compile for the runtime library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeSources {
    /// Sources from libf2c's archive.
    pub libf2c: Vec<Utf8PathBuf>,
    /// Files of ours: headers that take the place of libf2c's (their folder comes first among the
    /// include folders), and sources.
    pub own: Vec<File>,
    /// Macros and switches for all of them, for a C compiler in gnu17 mode.
    pub flags: &'static [&'static str],
}

/// Sources of libf2c whose functions have another signature than translated code and gfortran's
/// callers expect, or end the program in another way than gfortran's: `main` (translated programs
/// bring theirs), EXIT and errors of I/O, STOP and PAUSE (`int`), ABORT (`int`), REAL functions that
/// return double, SYSTEM (a subroutine and a function in one); then those whose results are less
/// exact than the C library's or rounded otherwise than gfortran's, shifts, which `f2c.h` has, and
/// formatted, list-directed and NAMELIST output, which gfortran does otherwise, input of a wide LOGICAL, of
/// short records, of lines that end in CR LF and of comments in a NAMELIST, streams, INQUIRE, and output that does not fit into an internal file. (`format.c`, `edit.c`,
/// `read.c`, `readedit.c`, `direct.c`, `sequential.c`, `namelist.c`, `stream.c`, `unformatted.c`, `internal.c`
/// and `errors.c`
/// include
/// libf2c's `fmt.c`, `wrtfmt.c`, `lread.c`, `rdfmt.c`, `dfe.c`, `rsfe.c`, `rsne.c`, `sue.c`, `uio.c`, `iio.c` and `err.c`.)
pub const REPLACED: &[&str] = &[
    "main", "exit_", "sig_die", "s_stop", "s_paus", "abort_", "etime_", "dtime_", "erf_", "erfc_",
    "system_", "d_lg10", "r_lg10", "d_nint", "r_nint", "d_mod", "r_mod", "i_dnnt", "i_nint",
    "h_dnnt", "h_nint", "pow_di", "pow_ri", "d_sign", "r_sign", "c_cos", "c_exp", "c_log", "c_sin",
    "c_sqrt", "z_cos", "z_exp", "z_log", "z_sin", "z_sqrt", "pow_ci", "pow_zi", "pow_zz", "lwrite",
    "wref", "fmt", "wrtfmt", "lread", "rdfmt", "typesize", "dfe", "lbitshft", "lbitbits",
    "qbitshft", "qbitbits", "rsfe", "rsne", "xwsne", "sue", "inquire", "iio", "ilnw", "err",
    "backspac", "endfile", "rewind", "uio", "due",
];

/// Sources of libf2c by name, without `.c`.
const SOURCES: &[&str] = &[
    "c_abs", "c_div", "cabs", "close", "ctype", "d_abs", "d_acos", "d_asin", "d_atan", "d_atn2",
    "d_cnjg", "d_cos", "d_cosh", "d_dim", "d_exp", "d_imag", "d_int", "d_log", "d_prod", "d_sin",
    "d_sinh", "d_sqrt", "d_tan", "d_tanh", "derf_", "derfc_", "dolio", "ef1asc_", "ef1cmc_",
    "f77_aloc", "f77vers", "fmtlib", "ftell64_", "ftell_", "getarg_", "getenv_", "h_abs", "h_dim",
    "h_indx", "h_len", "h_mod", "h_sign", "hl_ge", "hl_gt", "hl_le", "hl_lt", "i77vers", "i_abs",
    "i_dim", "i_indx", "i_len", "i_mod", "i_sign", "iargc_", "l_ge", "l_gt", "l_le", "l_lt",
    "open", "pow_dd", "pow_hh", "pow_ii", "pow_qq", "r_abs", "r_acos", "r_asin", "r_atan",
    "r_atn2", "r_cnjg", "r_cos", "r_cosh", "r_dim", "r_exp", "r_imag", "r_int", "r_log", "r_sin",
    "r_sinh", "r_sqrt", "r_tan", "r_tanh", "rsli", "s_cat", "s_cmp", "s_copy", "s_rnge", "sfe",
    "signal_", "signbit", "uninit", "util", "wsfe", "wsle", "wsne", "z_abs", "z_div",
];

/// INTEGER*8 in lists and formats; minus zero and the zero before a decimal point printed, record
/// markers of 4 bytes, division of complex numbers by zero as IEEE has it, all like gfortran; no undefining
/// of names that are no macros; every symbol of a name of its own, and no module's but the one that it
/// is linked to.
const FLAGS: &[&str] = &[
    "-DAllow_TYQUAD",
    "-DSIGNED_ZEROS",
    "-DUIOLEN_int",
    "-DWANT_LEAD_0",
    "-DIEEE_COMPLEX_DIVIDE",
    "-DSkip_f2c_Undefs",
    "-Dflush_=emshim_flush_all",
    "-include",
    "names.h",
    "-fvisibility=hidden",
    "-DF2C_RUNTIME",
    "-std=gnu17",
    "-w",
];

/// What libf2c's `arithchk` prints for IEEE arithmetic with the least significant byte first;
/// true of wasm32 and of x86-64.
const ARITH_H: &str = "#define IEEE_8087\n#define Arith_Kind_ASL 1\n#define Double_Align\n\
                       #define Long int\n#define Intcast (int)(long)\n\
                       #define QNaN0 0x0\n#define QNaN1 0x7ff80000\n";

/// libf2c asks for 64-bit file offsets by glibc's names; the C libraries at hand have them in
/// `off_t` anyway.
const SYSDEP1_H: &str = "#ifndef SYSDEP_H_INCLUDED\n#define SYSDEP_H_INCLUDED\n\
                         #include <sys/types.h>\n#include <sys/stat.h>\n#define OFF_T off_t\n#define FSEEK fseeko\n\
                         #define FTELL ftello\n#endif\n";

/// Signal handlers as ISO C types them.
const SIGNAL1_H: &str = "#include <signal.h>\n#define Sigret_t void\n#define Sigarg_t int\n\
                         typedef void (*sig_pf)(int);\n#define signal1(a, b) signal(a, (sig_pf)b)\n\
                         #define Sigarg int n\n#define Use_Sigarg (void)n\n";

/// Files of `runtime/`, by their names.
macro_rules! ours {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../runtime/", $name)))),*]
    };
}

/// What takes the place of files of libf2c, or is added to them.
const OURS: [(&str, &str); 27] = ours![
    "emshim.c",
    "intrinsics.c",
    "system.c",
    "edit.c",
    "format.c",
    "format.h",
    "lwrite.c",
    "lwrite.h",
    "nwrite.c",
    "line.h",
    "sequential.c",
    "read.c",
    "readedit.c",
    "direct.c",
    "namelist.c",
    "program.c",
    "stream.c",
    "position.c",
    "unformatted.c",
    "records.c",
    "connect.c",
    "connect.h",
    "letters.h",
    "errors.c",
    "inquire.c",
    "internal.c",
    "units.c"
];

/// Headers of the runtime, by name.
const HEADERS: [(&str, &str); 5] = [
    ("f2c.h", crate::header::F2C_H),
    ("names.h", crate::header::NAMES_H),
    ("arith.h", ARITH_H),
    ("sysdep1.h", SYSDEP1_H),
    ("signal1.h", SIGNAL1_H),
];

/// The sources of the runtime library, given the folder of libf2c's unpacked archive.
pub fn runtime_sources(libf2c: &Utf8Path) -> RuntimeSources {
    RuntimeSources {
        libf2c: SOURCES
            .iter()
            .map(|name| libf2c.join(format!("{name}.c")))
            .collect(),
        own: HEADERS
            .into_iter()
            .chain(OURS)
            .map(|(name, text)| File { name, text })
            .collect(),
        flags: FLAGS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_built_twice() {
        assert!(SOURCES.is_sorted());
        assert!(REPLACED.iter().all(|name| !SOURCES.contains(name)));
    }
}
