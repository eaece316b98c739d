//! Every intrinsic procedure that gfortran documents: known or refused by name, and what is known gives
//! gfortran's values for every kind, scalars and arrays. The programs are made from the table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use camino::Utf8Path;
use emshim_tests::native_fortran::{Tools, run};
use f2c_driver::{Form, KnownIntrinsic, Options, known_intrinsics, lowered_text};

/// The names of gfortran's manual, chapter "Intrinsic Procedures", without those for derived types
/// and images whose use no source of FORTRAN 77 can have.
const DOCUMENTED: &str = "abort abs access achar acos acosd acosh adjustl adjustr aimag aint alarm all
    allocated and anint any asin asind asinh associated atan atand atan2 atan2d atanh backtrace
    bessel_j0 bessel_j1 bessel_jn bessel_y0 bessel_y1 bessel_yn bge bgt bit_size ble blt btest
    c_sizeof ceiling char chdir chmod cmplx command_argument_count compiler_options compiler_version
    complex conjg cos cosd cosh cotan cotand count cpu_time cshift ctime date_and_time dble dcmplx
    digits dim dot_product dprod dreal dshiftl dshiftr dtime eoshift epsilon erf erfc erfc_scaled
    etime execute_command_line exit exp exponent fdate fget fgetc findloc floor flush fnum fput fputc
    fraction free fseek fstat ftell gamma gerror getarg get_command get_command_argument getcwd getenv
    get_environment_variable getgid getlog getpid getuid gmtime hostnm huge hypot iachar iall iand
    iany iargc ibclr ibits ibset ichar idate ieor ierrno index int int2 int8 ior iparity irand
    is_iostat_end is_iostat_eor isatty ishft ishftc isnan itime kill kind lbound leadz len len_trim
    lge lgt link lle llt lnblnk loc log log10 log_gamma logical lshift lstat ltime malloc maskl maskr
    matmul max maxexponent maxloc maxval mclock mclock8 merge merge_bits min minexponent minloc
    minval mod modulo move_alloc mvbits nearest new_line nint norm2 not null or pack parity perror
    popcnt poppar precision present product radix ran rand random_init random_number random_seed
    range rank real rename repeat reshape rrspacing rshift scale scan secnds second
    selected_char_kind selected_int_kind selected_real_kind set_exponent shape shifta shiftl shiftr
    sign signal sin sind sinh size sizeof sleep spacing spread sqrt srand stat storage_size sum symlnk
    system system_clock tan tand tanh time time8 tiny trailz transfer transpose trim ttynam ubound
    umask unlink unpack verify xor
    iabs dabs cabs zabs cdabs dacos dacosh dimag imag imagpart dint dnint dasin dasinh datan datan2
    datanh besj0 besj1 besjn besy0 besy1 besyn dbesj0 dbesj1 dbesjn dbesy0 dbesy1 dbesyn dconjg dcos
    ccos zcos cdcos dcosh idim ddim derf derfc dexp cexp zexp cdexp dgamma algama dlgama ifix idint
    alog dlog clog zlog cdlog alog10 dlog10 max0 amax0 max1 amax1 dmax1 min0 amin0 min1 amin1 dmin1
    amod dmod idnint float dfloat sngl realpart isign dsign dsin csin zsin cdsin dsinh dsqrt csqrt
    zsqrt cdsqrt dtan dtanh";

#[test]
fn every_documented_intrinsic_is_in_the_table() {
    let names: BTreeSet<&str> = known_intrinsics().map(|row| row.name).collect();
    let missing: Vec<&str> = DOCUMENTED
        .split_whitespace()
        .filter(|name| !names.contains(name))
        .collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

/// A source that uses the procedure with as many arguments as it must have.
fn use_of(row: &KnownIntrinsic) -> String {
    let words = row.takes.split_whitespace();
    let needed = words.filter(|word| !word.ends_with(['?', '.']));
    let args: Vec<&str> = needed
        .map(|word| match word.as_bytes()[0] {
            b'a' => "c",
            b'r' | b'=' | b'~' => "x",
            b'l' => "l",
            b'*' => "v",
            _ => "i",
        })
        .collect();
    let args = args.join(", ");
    let text = match row.subroutine {
        true => format!("call {}({args})", row.name),
        false => format!("y = {}({args})", row.name),
    };
    format!(
        "subroutine s(c, x, i, l, v, y)\ncharacter*(*) c\ninteger i\nlogical l\n\
         real x, v(3)\n{text}\nend\n"
    )
}

#[test]
fn what_is_refused_is_refused_by_name() {
    let options = Options {
        form: Form::Free,
        ..Options::default()
    };
    let refused: Vec<KnownIntrinsic> = known_intrinsics().filter(|row| row.refused).collect();
    assert!(refused.len() > 20);
    for row in refused {
        // It is lowered for arrays of known shape alone.
        let source = use_of(&row);
        let error = lowered_text(source.as_bytes(), Utf8Path::new("x.f90"), &options)
            .expect_err(row.name)
            .to_string();
        assert!(
            error.contains(&format!("'{}'", row.name)),
            "{}: {error}",
            row.name
        );
    }
}

/// The kinds of a word of the table.
fn kinds(word: &str) -> Vec<&'static str> {
    let word = word.trim_end_matches(['?', '.']);
    let all = |letters: &str| -> Vec<&'static str> {
        ["i1", "i2", "i4", "i8", "r4", "r8", "c4", "c8", "l4", "a1"]
            .into_iter()
            .filter(|kind| letters.contains(&kind[..1]))
            .collect()
    };
    match word {
        "i" | "r" | "c" | "l" | "a" => all(word),
        "s" => all("ir"),
        "x" => all("rc"),
        "b" => all("il"),
        "m" => all("ircl"),
        "d" => all("i"),
        "n" => all("irc"),
        "*" => all("irl"),
        "r4" => vec!["r4"],
        "r8" => vec!["r8"],
        "c4" => vec!["c4"],
        "c8" => vec!["c8"],
        _ => vec!["i4"],
    }
}

/// The variable of a kind for an argument's place: `i4a` is the first, `i4b` the second. Functions
/// whose domain is elsewhere have theirs at `d`.
fn variable(kind: &str, place: usize, name: &str) -> String {
    let letter = match (place, name) {
        (0, "acosh" | "dacosh") => 'd',
        (0, _) => 'a',
        (1, _) => 'b',
        _ => 'c',
    };
    format!("{kind}{letter}")
}

const DECLARATIONS: &str = "
  integer(1) :: i1a(2) = (/ 100_1, -7_1 /), i1b(2) = (/ 3_1, 2_1 /), i1c(2) = (/ 3_1, 4_1 /)
  integer(2) :: i2a(2) = (/ 1000_2, -77_2 /), i2b(2) = (/ 3_2, 2_2 /), i2c(2) = (/ 3_2, 4_2 /)
  integer(4) :: i4a(2) = (/ 100000, -777 /), i4b(2) = (/ 3, 2 /), i4c(2) = (/ 3, 4 /)
  integer(8) :: i8a(2) = (/ 100000000000_8, -7777777777_8 /), i8b(2) = (/ 3_8, 2_8 /)
  integer(8) :: i8c(2) = (/ 3_8, 4_8 /)
  real(4) :: r4a(2) = (/ 0.6, 0.8 /), r4b(2) = (/ 0.3, -0.2 /), r4c(2) = (/ 2.5, 1.5 /)
  real(8) :: r8a(2) = (/ 0.6d0, 0.8d0 /), r8b(2) = (/ 0.3d0, -0.2d0 /), r8c(2) = (/ 2.5d0, 1.5d0 /)
  real(4) :: r4d(2) = (/ 1.6, 2.8 /)
  real(8) :: r8d(2) = (/ 1.6d0, 2.8d0 /)
  complex(4) :: c4a(2) = (/ (0.5, 0.25), (0.75, -0.5) /), c4b(2) = (/ (0.3, 0.2), (0.1, 0.2) /)
  complex(8) :: c8a(2) = (/ (0.5d0, 0.25d0), (0.75d0, -0.5d0) /)
  complex(8) :: c8b(2) = (/ (0.3d0, 0.2d0), (0.1d0, 0.2d0) /)
  complex(4) :: c4d(2) = (/ (1.5, 0.25), (1.75, -0.5) /)
  complex(8) :: c8d(2) = (/ (1.5d0, 0.25d0), (1.75d0, -0.5d0) /)
  logical :: l4a(2) = (/ .true., .false. /), l4b(2) = (/ .true., .false. /)
  logical :: l4c(2) = (/ .true., .false. /)
  character(len=6) :: a1a(2) = (/ 'banana', 'xylo  ' /), a1b(2) = (/ 'an    ', 'l     ' /)
";

/// What takes a character code, a position or a number of bits.
const SMALL: &[&str] = &[
    "achar",
    "char",
    "maskl",
    "maskr",
    "bessel_jn",
    "bessel_yn",
    "besjn",
    "besyn",
    "dbesjn",
    "dbesyn",
];

/// Arguments of a call: all that must be there, and with what may be there too.
fn calls(row: &KnownIntrinsic) -> Vec<(Vec<String>, String)> {
    let words: Vec<&str> = row.takes.split_whitespace().collect();
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for kind in kinds(first) {
        let mut args = Vec::new();
        for (place, word) in words.iter().enumerate() {
            if word.ends_with('?') {
                continue;
            }
            let own = match (place, *word) {
                (0, _) => kind,
                (_, "=" | "=." | "~" | "~.") => kind,
                (_, "i" | "d") => "i4",
                (_, "*") => kind,
                _ if kinds(word).contains(&kind) => kind,
                _ => kinds(word)[0],
            };
            let place = if place == 0 && SMALL.contains(&row.name) {
                1
            } else {
                place
            };
            args.push(variable(own, place, row.name));
        }
        out.push((args.clone(), kind.to_owned()));
        if words.contains(&"kind?") {
            for kind in ["4", "8"] {
                let mut args = args.clone();
                args.push(format!("kind={kind}"));
                out.push((args, String::new()));
            }
        }
        // The number of places in a kind of its own.
        if kind == "i8" && words.get(1) == Some(&"i") {
            let mut args = args.clone();
            args[1] = "i8b".into();
            out.push((args, String::new()));
        }
        if words.get(2).is_some_and(|word| *word == "l?") {
            let mut args = args.clone();
            args.push(".true.".into());
            out.push((args, String::new()));
        }
    }
    out
}

/// Functions that need more than variables of a kind, and those for which gfortran has options of its
/// own.
const APART: &[&str] = &[
    "all",
    "any",
    "associated",
    "iachar",
    "ichar",
    "allocated",
    "count",
    "dot_product",
    "is_iostat_end",
    "is_iostat_eor",
    "ieee_is_nan",
    "len",
    "lbound",
    "ubound",
    "size",
    "loc",
    "maxloc",
    "minloc",
    "new_line",
    "null",
    "present",
    "rank",
    "selected_char_kind",
    "selected_int_kind",
    "selected_real_kind",
    "transfer",
    "c_sizeof",
    "iall",
    "iany",
    "iparity",
    "parity",
    "norm2",
    "findloc",
    "sizeof",
    "trim",
    "cmplx",
    "dcmplx",
    "logical",
    "storage_size",
    "kind",
    "maxval",
    "minval",
    "product",
    "sum",
    "merge",
    "cshift",
    "eoshift",
    "pack",
    "reshape",
    "shape",
    "spread",
    "unpack",
    // The last digit is each library's own.
    "erfc_scaled",
    // Without the switch for DEC's functions some versions of gfortran do not know these.
    "acosd",
    "asind",
    "atand",
    "atan2d",
    "cosd",
    "cotan",
    "cotand",
    "sind",
    "tand",
    "dacosd",
    "dasind",
    "datand",
    "datan2d",
    "dcosd",
    "dcotan",
    "dcotand",
    "dsind",
    "dtand",
];

fn element(arg: &str) -> String {
    match arg.bytes().last() {
        Some(b'a'..=b'd') => format!("{arg}(2)"),
        _ => arg.to_owned(),
    }
}

/// Whether two lines say the same. Real numbers may differ in their last bits: compilers fold and
/// C libraries compute with other roundings.
fn same(ours: &str, theirs: &str) -> bool {
    let words = |line: &str| -> Vec<String> {
        let parts = line.split([' ', ',', '(', ')']);
        parts.filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let (ours, theirs) = (words(ours), words(theirs));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a == b || close(a, b))
}

/// Whether two numbers with a decimal point agree to four units of the precision they are shown in.
fn close(a: &str, b: &str) -> bool {
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let (Ok(x), Ok(y)) = (a.parse::<f64>(), b.parse::<f64>()) else {
        return false;
    };
    let single = digits(a).min(digits(b)) <= 11;
    let precision = if single {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    };
    a.contains('.') && b.contains('.') && (x - y).abs() <= 4.0 * precision * x.abs().max(y.abs())
}

#[test]
fn values_are_gfortrans_for_every_kind_and_rank() {
    let tools = Tools::new();
    let mut lines = Vec::new();
    for row in known_intrinsics() {
        if row.refused || row.system || row.subroutine || APART.contains(&row.name) {
            continue;
        }
        for (args, _) in calls(&row) {
            let name = row.name;
            let elements: Vec<String> = args.iter().map(|arg| element(arg)).collect();
            let call = format!("{name}({})", elements.join(", "));
            let whole = format!("{name}({})", args.join(", "));
            let mut text = format!("  print *, '{call}', {call}\n");
            // By keyword, the last argument first.
            let dummies = row.dummies.iter().zip(&elements).rev();
            let keywords: Vec<String> =
                dummies.map(|(name, arg)| format!("{name}={arg}")).collect();
            if elements.len() > 1
                && row.dummies.iter().all(|name| !name.is_empty())
                && !elements.iter().any(|arg| arg.contains('='))
            {
                let call = format!("{name}({})", keywords.join(", "));
                let _ = writeln!(text, "  print *, '{call}', {call}");
            }
            // Their values are made before the statement, for one element.
            if row.elemental && !["adjustl", "adjustr"].contains(&name) {
                let _ = writeln!(text, "  print *, {whole}");
            }
            lines.push(text);
        }
    }
    assert!(lines.len() > 400, "{}", lines.len());
    let mut source = String::new();
    let parts: Vec<&[String]> = lines.chunks(40).collect();
    for (number, part) in parts.iter().enumerate() {
        let _ = writeln!(
            source,
            "subroutine part{number}()\n  implicit none{DECLARATIONS}{}end subroutine",
            part.concat()
        );
    }
    source += "program p\n";
    for number in 0..parts.len() {
        let _ = writeln!(source, "  call part{number}()");
    }
    source += "end program\n";
    let path = tools.folder.join("intrinsics.f90");
    std::fs::write(&path, source).expect("writable");
    let options = Options {
        form: Form::Free,
        ..Options::default()
    };
    let theirs = tools.theirs(&path, &["-O0"]);
    let ours = tools.ours(&path, &options);
    let [theirs, ours] = [
        tools.link("theirs", &[theirs.as_str(), "-lgfortran"]),
        tools.link("ours", &[ours.as_str(), tools.archive.as_str()]),
    ]
    .map(|program| run(&mut Command::new(program)));
    let wrong: Vec<String> = ours
        .lines()
        .zip(theirs.lines())
        .filter(|(ours, theirs)| !same(ours, theirs))
        .map(|(ours, theirs)| format!("{ours}\n{theirs}\n"))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.concat()
    );
    assert_eq!(ours.lines().count(), theirs.lines().count());
}
