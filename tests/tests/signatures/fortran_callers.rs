//! Callers of Fortran, as f2py and Cython have them, against what stock f2c and emshim's gfortran
//! make of it.

use emshim_tests::real::{Completed, Folder, assert_says, command, run, shims};
use emshim_tests::signatures::{Tools, f2c, gcc, module_results, unpacked};

/// Fortran as stock f2c translates it: SUBROUTINEs give an int, CHARACTER arguments have lengths at
/// the end, XERBLA's is read. XERRWV takes Hollerith data in an array, and is called with a string.
const LIBRARY: &str = "
      SUBROUTINE DSOLVE(UPLO, N, A, B, INFO)
      CHARACTER*1 UPLO
      INTEGER N, INFO, I, J
      DOUBLE PRECISION A(N,N), B(N)
      INFO = 0
      IF (UPLO .NE. 'U') THEN
         CALL XERBLA('DSOLVE', INFO)
         RETURN
      END IF
      DO 20 J = N, 1, -1
         B(J) = B(J) / A(J,J)
         DO 10 I = 1, J - 1
            B(I) = B(I) - B(J) * A(I,J)
   10    CONTINUE
   20 CONTINUE
      END
      SUBROUTINE XERBLA(SRNAME, INFO)
      CHARACTER*(*) SRNAME
      INTEGER INFO
      INFO = -LEN(SRNAME)
      END
      SUBROUTINE XERRWV(MSG, NMES, NERR, LEVEL, NI, I1, I2, NR, R1, R2)
      INTEGER MSG, NMES, NERR, LEVEL, NI, I1, I2, NR
      DOUBLE PRECISION R1, R2
      DIMENSION MSG(NMES)
      R2 = R1 + NMES
      END
";

/// A caller of XERRWV with 11 arguments, as f2c has it.
const STRING: &str = "
      SUBROUTINE TELL(R)
      DOUBLE PRECISION R
      CALL XERRWV('DLSODE-  T TOO FAR', 18, 1, 0, 0, 0, 0, 1, 2D0, R)
      END
";

/// C callers: as f2py declares, with lengths; as Cython's generators and OpenBLAS do, without.
const WITH_LENGTHS: &str = "extern void dsolve_(char*, int*, double*, double*, int*, int);
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    dsolve_(\"U\", &n, a, b, &info, 1); return b[0] * 100 + b[1] + info; }";
const WITHOUT: &str = "extern void dsolve_(char*, int*, double*, double*, int*);
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    dsolve_(\"U\", &n, a, b, &info); return b[0] * 100 + b[1] + info; }";
/// As f2py calls: the address in a table, called through a pointer of the declared type.
const THROUGH_A_TABLE: &str = "extern void dsolve_(char*, int*, double*, double*, int*, int);
typedef void (*function)(char*, int*, double*, double*, int*, int);
static volatile struct { const char *name; char *call; } routines[] = {{\"dsolve\", (char*)dsolve_}, {0, 0}};
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    ((function)routines[0].call)(\"U\", &n, a, b, &info, 1); return b[0] * 100 + b[1] + info; }";
const XERRWV: &str = "extern void xerrwv_(char*, int*, int*, int*, int*, int*, int*, int*, double*, double*);
extern void tell_(double*);
double run(void) { int i = 3; double r = 2, s, t; xerrwv_(\"abc\", &i, &i, &i, &i, &i, &i, &i, &r, &s);
    tell_(&t); return s * 100 + t; }";
const XERBLA: &str = "extern void xerbla_(char*, int*);
double run(void) { int i; xerbla_(\"DSOLVE\", &i); return i; }";

#[test]
fn callers_of_fortran_as_stock_f2c_translates_it() {
    let tools = Tools::get();
    let folder = Folder::new();
    let library = tools.stock_f2c(&folder, "library", LIBRARY);
    let string = tools.stock_f2c(&folder, "string", STRING);
    for (name, source, answer) in [
        ("with", WITH_LENGTHS, "152"),
        ("without", WITHOUT, "152"),
        ("table", THROUGH_A_TABLE, "152"),
        ("xerrwv", XERRWV, "520"),
    ] {
        folder.file(&format!("{name}.c"), source);
        let source = format!("{name}.c");
        let words = [
            "-O1",
            "-shared",
            &source,
            library.as_str(),
            string.as_str(),
            "-o",
            "x.so",
        ];
        let found = gcc(&folder, &words, false);
        assert_says(&found.stderr, &["SUBROUTINE"]);
        let _ = gcc(&folder, &words, true).success();
        let module = folder.path().join("x.so");
        assert_eq!(module_results(&tools, &[&module]), answer, "{name}");
    }
    folder.file("xerbla.c", XERBLA);
    let words = ["-O1", "-shared", "xerbla.c", library.as_str(), "-o", "x.so"];
    let refused = gcc(&folder, &words, true);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["reads a length"]);
}

/// The same callers need nothing with emshim's gfortran, lengths left out excepted.
#[test]
fn callers_of_fortran_as_gfortran_translates_it() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("library.f", LIBRARY);
    for (name, source) in [("with", WITH_LENGTHS), ("table", THROUGH_A_TABLE)] {
        folder.file(&format!("{name}.c"), source);
        let words = ["-O1", "-c", "library.f"];
        let _ =
            Completed::of(&command(shims().join("gfortran"), &words).dir(folder.path())).success();
        let source = format!("{name}.c");
        let _ = gcc(
            &folder,
            &["-O1", "-shared", &source, "library.o", "-o", "x.so"],
            false,
        )
        .success();
        let module = folder.path().join("x.so");
        assert_eq!(module_results(&tools, &[&module]), "152", "{name}");
    }
}

/// Strings, which f2c leaves to its library, and what it has for the system.
const STRINGS: &str = "
      DOUBLE PRECISION FUNCTION RUN()
      CHARACTER*8 A, B
      A = 'AB'
      B = A(1:2) // 'CD'
      RUN = INDEX(B, 'CD') + SIGN(2.0, -1.0)
      IF (B .EQ. 'ABCD') RUN = RUN + 10
      END
";
const SYSTEM: &str = "
      SUBROUTINE ASK(A)
      CHARACTER*8 A
      CALL GETARG(1, A)
      CALL GETENV('HOME', A)
      CALL EXIT(1)
      END
";

/// libf2c defines functions void that the C which f2c writes calls for an int.
#[test]
fn what_f2c_writes_disagrees_with_its_own_library() {
    let tools = Tools::get();
    let folder = Folder::new();
    let library = unpacked(&folder, "libf2c2");
    std::fs::rename(library.join("f2c.h0"), library.join("f2c.h")).expect("a header");
    let flags = [
        "-fPIC",
        "-fvisibility=default",
        "-DNO_OVERWRITE",
        "-I",
        library.as_str(),
        "-isystem",
        tools.headers.as_str(),
    ];
    let compile = |name: &str, source: &str| tools.compile(&folder, name, source, &flags);
    let of_library = |name: &str| {
        let source = std::fs::read_to_string(library.join(format!("{name}.c")));
        compile(name, &source.expect("a source"))
    };
    let strings = ["i_indx", "r_sign", "s_cat", "s_cmp", "s_copy"].map(of_library);
    let system = ["exit_", "getarg_", "getenv_"].map(of_library);
    let strings_caller = compile("strings", &f2c(&folder, "strings", STRINGS));
    let system_caller = compile("system", &f2c(&folder, "system", SYSTEM));

    let callers = [&strings_caller, &system_caller].into_iter();
    let files = callers.chain(&strings).chain(&system);
    let mut words = vec!["signatures", "--json"];
    words.extend(files.map(|file| file.as_str()));
    let found: serde_json::Value =
        serde_json::from_str(&run(&words).stdout).expect("what was found");
    let symbols: Vec<&str> = found["mismatches"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|mismatch| mismatch["symbol"].as_str())
        .collect();
    assert_eq!(symbols, ["exit_", "getarg_", "getenv_", "s_cat", "s_copy"]);

    let caller = "double run_(void); double run(void) { return run_(); }";
    folder.file("caller.c", caller);
    let mut words = vec!["-O1", "-shared", "-o", "x.so", "caller.c"];
    words.push(strings_caller.as_str());
    words.extend(strings.iter().map(|object| object.as_str()));
    let refused = gcc(&folder, &words, false);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["s_copy", "EMSHIM_REPAIR=0"]);
    let _ = gcc(&folder, &words, true).success();
    let module = folder.path().join("x.so");
    assert_eq!(module_results(&tools, &[&module]), "11");
}

/// A CHARACTER function as C declares one of a single character: a char, of which the sign counts.
const LETTER: &str = "
      CHARACTER*1 FUNCTION LETTER(K)
      INTEGER K
      LETTER = CHAR(K)
      END
";
const LETTERS: &str = "char letter_(int *);
int letter(int k) { return letter_(&k); }
double run(void) { return letter(65) * 100 + letter(200); }";

#[test]
fn a_function_of_one_character_is_called_as_one_that_gives_a_char() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("one.f", LETTER);
    folder.file("eight.f", &LETTER.replace("*1", "*8"));
    folder.file("c.c", LETTERS);
    for level in ["-O0", "-O2"] {
        for file in ["one", "eight"] {
            let source = format!("{file}.f");
            let words = [level, "-c", &source];
            let done = Completed::of(&command(shims().join("gfortran"), &words).dir(folder.path()));
            let _ = done.success();
        }
        let words = [level, "-shared", "c.c", "one.o", "-o", "x.so"];
        let bridged = gcc(&folder, &words, true).success();
        assert_says(&bridged.stderr, &["writes one byte"]);
        let module = folder.path().join("x.so");
        assert_eq!(module_results(&tools, &[&module]), "6444");
    }
    let words = ["-shared", "c.c", "eight.o", "-o", "y.so"];
    let refused = gcc(&folder, &words, true);
    assert_eq!(refused.status, 1);
    assert_says(&refused.stderr, &["letter_", "not known to be 1"]);
}

/// As f2c's own headers declare BLAS, which SuperLU and others carry: a SUBROUTINE with two hidden lengths has
/// the parameters of a CHARACTER function with a buffer and a length.
const TWO_LENGTHS: &str = "
      SUBROUTINE PRODUCT(TRANSA, TRANSB, A, B, C)
      CHARACTER*1 TRANSA, TRANSB
      DOUBLE PRECISION A, B, C
      C = A * B
      IF (TRANSA .EQ. 'N' .AND. TRANSB .EQ. 'T') C = -C
      END
      CHARACTER*8 FUNCTION WORD(A, B)
      INTEGER A, B
      WORD = 'longword'
      END
";
const INT_PRODUCT: &str = "int product_(char *, char *, double *, double *, double *);
double run(void) { double a = 3, b = 4, c; product_(\"N\", \"T\", &a, &b, &c); return c; }";
const INT_WORD: &str = "int word_(int *, int *);
double run(void) { int a = 1, b = 2; word_(&a, &b); return a; }";

#[test]
fn a_subroutine_with_two_lengths_is_not_taken_for_a_character_function() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("library.f", TWO_LENGTHS);
    folder.file("product.c", INT_PRODUCT);
    folder.file("word.c", INT_WORD);
    for level in ["-O0", "-O2"] {
        let words = [level, "-c", "library.f"];
        let done = Completed::of(&command(shims().join("gfortran"), &words).dir(folder.path()));
        let _ = done.success();
        let words = [
            level,
            "-shared",
            "product.c",
            "library.o",
            "-o",
            "x.so",
            "-lgfortran",
        ];
        let linked = Completed::of(&command(shims().join("gcc"), &words).dir(folder.path()));
        if level == "-O0" {
            assert_says(&linked.stderr, &["product_", "SUBROUTINE", "-O1"]);
        } else {
            let _ = linked.success();
            let module = folder.path().join("x.so");
            assert_eq!(module_results(&tools, &[&module]), "-12");
        }
        // A function that has no use for its arguments either, whose caller has none for its result.
        let words = [
            level,
            "-shared",
            "word.c",
            "library.o",
            "-o",
            "y.so",
            "-lgfortran",
        ];
        let refused = gcc(&folder, &words, true);
        assert_eq!(refused.status, 1, "{level}");
        assert_says(&refused.stderr, &["word_", "not known to be 1"]);
    }
}
