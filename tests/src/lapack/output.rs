//! What LAPACK's test programs print, and ctest's log of it.
//!
//! The programs end with status 0 although tests of theirs are over the threshold, so that ctest
//! alone calls almost everything passed. Source of the formats: the FORMAT statements of LAPACK's
//! `TESTING` and `BLAS/TESTING` folders.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

/// One test as ctest ran it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    /// Is it passed for ctest?
    pub passed: bool,
    /// All the program printed.
    pub output: String,
    /// Wall time.
    pub time: Duration,
}

/// What a program's output says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests run.
    pub run: u64,
    /// Tests over the threshold of their residual.
    pub over: u64,
    /// Other complaints: an error exit not taken, an unexpected INFO, a failed comparison.
    pub other: u64,
}

/// What a match of a row says; the numbers are those of the pattern's groups.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    /// This many tests, or one, were run.
    Run,
    /// This many tests were over the threshold, of that many run if a second number is there.
    Over,
    /// This many complaints, or one.
    Other,
}

const ROWS: &[(&str, Meaning)] = &[
    // LIN and EIG.
    (r"\( *(\d+) tests run\)", Meaning::Run),
    (r": *(\d+) out of *(\d+) tests failed", Meaning::Over),
    (r"(\d+) error messages recorded", Meaning::Other),
    (r"total number of examples tested *= *(\d+)", Meaning::Run),
    (
        r"number of examples where info is not 0 *= *(\d+)",
        Meaning::Other,
    ),
    (r"(\d+) tests fail the threshold", Meaning::Over),
    (r"passed the tests of the error exits", Meaning::Run),
    (r"failed the tests of the error", Meaning::Other),
    (r" \*\*\* ", Meaning::Other),
    (r"[Ii]llegal", Meaning::Other),
    (r" Error in ", Meaning::Other),
    (r" returned INFO *=", Meaning::Other),
    // BLAS.
    (r"Test of subprogram number", Meaning::Run),
    (r"^ +FAIL *$", Meaning::Over),
    (
        r"PASSED THE COMPUTATIONAL TESTS \( *(\d+) CALL",
        Meaning::Run,
    ),
    (r"PASSED THE TESTS OF ERROR-EXITS", Meaning::Run),
    (r" - SUSPECT", Meaning::Over),
    (r"FATAL ERROR", Meaning::Other),
    (r"FAILED (ON CALL|THE TESTS)", Meaning::Other),
    // Dynamic mode decomposition: a line for each kind of test.
    (r">>>> .* test PASSED", Meaning::Run),
    (r" test FAILED +(\d+)", Meaning::Over),
    (r"(\d+) +times. Test FAILED", Meaning::Over),
    (r"TESTS FAILED|FAILED!", Meaning::Other),
    // A program that stopped where it should not.
    (
        r"RuntimeError|SIGSEGV|Program received signal",
        Meaning::Other,
    ),
];

static RULES: LazyLock<Vec<(Regex, Meaning)>> = LazyLock::new(|| {
    let compile = |(pattern, meaning): &(&str, Meaning)| {
        (
            Regex::new(pattern).expect("the table's patterns are tested"),
            *meaning,
        )
    };
    ROWS.iter().map(compile).collect()
});

impl Counts {
    /// Reads a program's output.
    pub(super) fn of(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            for (rule, meaning) in RULES.iter() {
                let Some(found) = rule.captures(line) else {
                    continue;
                };
                let number = |group| found.get(group)?.as_str().parse::<u64>().ok();
                match meaning {
                    Meaning::Run => counts.run += number(1).unwrap_or(1),
                    Meaning::Over => {
                        counts.over += number(1).unwrap_or(1);
                        counts.run += number(2).unwrap_or(0);
                    }
                    Meaning::Other => counts.other += number(1).unwrap_or(1),
                }
            }
        }
        counts
    }
}

/// The tests of ctest's `LastTest.log`.
pub(super) fn read_log(text: &str) -> BTreeMap<String, Test> {
    let rule = "-".repeat(58);
    let mut tests = BTreeMap::new();
    for block in text.split("\nOutput:\n").collect::<Vec<_>>().windows(2) {
        // The name stands before "Output:", the result after the output's end.
        let head = block[0].lines().rev();
        let name = head.filter_map(|line| line.split_once(" Test: ")).next();
        let output = block[1].trim_start_matches(&rule);
        let (output, tail) = output.split_once("<end of output>").unwrap_or((output, ""));
        let time = tail
            .lines()
            .find_map(|line| line.strip_prefix("Test time ="));
        let seconds = time.and_then(|text| text.trim().strip_suffix(" sec")?.parse().ok());
        if let Some((_, name)) = name {
            let test = Test {
                passed: tail.lines().any(|line| line == "Test Passed."),
                output: output.to_owned(),
                time: Duration::from_secs_f64(seconds.unwrap_or_default()),
            };
            tests.insert(name.to_owned(), test);
        }
    }
    tests
}

/// Lines that differ between any two runs, or between any two machines.
static PASSING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("seconds|^Running: |^ARGS= |^Test .* returned ").expect("a pattern")
});

/// The lines of an output that may be compared, blanks reduced to one.
pub(super) fn lines(output: &str) -> Vec<String> {
    output
        .lines()
        .filter(|line| !PASSING.is_match(line))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_counted() {
        for (output, run, over, other) in [
            (
                "\n All tests for DGE routines passed the threshold (   3653 tests run)\n",
                3653,
                0,
                0,
            ),
            (
                " DGE drivers:      2 out of   5748 tests failed to pass the threshold\n",
                5748,
                2,
                0,
            ),
            (
                " DHS:      3 out of   1764 tests failed to pass the threshold\n\
              \x20          4 error messages recorded\n",
                1764,
                3,
                4,
            ),
            (
                " DPO routines passed the tests of the error exits\n",
                1,
                0,
                0,
            ),
            (
                " *** DPO routines failed the tests of the error exits ***\n",
                0,
                0,
                2,
            ),
            (
                " DGEMM  PASSED THE COMPUTATIONAL TESTS ( 17496 CALLS)\n",
                17496,
                0,
                0,
            ),
            (" ******* DGEMM  FAILED ON CALL NUMBER:\n", 0, 0, 1),
            (
                " Test of subprogram number  1             DDOT\n\
                 \x20                                    ----- PASS -----\n",
                1,
                0,
                0,
            ),
            ("                                       FAIL\n", 0, 1, 0),
            (" total number of examples tested        =   13\n", 13, 0, 0),
            (" >>>> A*U test PASSED. \n", 1, 0, 0),
            (" A*U test FAILED            3  time(s)\n", 0, 3, 0),
            (
                " The following parameter values will be used:\n    M   :       0     1\n",
                0,
                0,
                0,
            ),
        ] {
            assert_eq!(Counts::of(output), Counts { run, over, other }, "{output}");
        }
    }

    #[test]
    fn a_log_has_its_tests() {
        let rule = "-".repeat(58);
        let log = format!(
            "Start testing: now\n{rule}\n1/2 Testing: BLAS-x\n1/2 Test: BLAS-x\n\
             Command: \"cmake\"\nDirectory: /b\n\"BLAS-x\" start time: now\nOutput:\n{rule}\n\
             some text\n<end of output>\nTest time =   1.50 sec\n{rule}\nTest Passed.\n\
             \"BLAS-x\" end time: now\n{rule}\n\n2/2 Testing: LAPACK-y\n2/2 Test: LAPACK-y\n\
             Directory: /b\nOutput:\n{rule}\n<end of output>\nTest time =   0.25 sec\n{rule}\n\
             Test Failed.\n\"LAPACK-y\" end time: now\n"
        );
        let tests = read_log(&log);
        assert_eq!(tests.len(), 2);
        let x = &tests["BLAS-x"];
        assert!(x.passed && x.output.trim() == "some text", "{x:?}");
        assert_eq!(x.time, Duration::from_millis(1500));
        assert!(!tests["LAPACK-y"].passed);
    }

    #[test]
    fn times_and_blanks_are_no_difference() {
        let one = " DGE  ok\n\n Total time used =         1.77 seconds\nRunning: /a/b\n";
        assert_eq!(lines(one), ["DGE ok"]);
    }
}
