//! What two drivers print, number by number.

/// How the numbers agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Agreement {
    /// Numbers printed.
    pub numbers: usize,
    /// The largest difference of two, relative to the larger.
    pub largest: f64,
}

/// Compares word by word: words and whole numbers must be the same, other numbers as near as
/// `tolerance`, relative to the larger.
///
/// # Errors
/// They differ by more; the message has the line.
pub(super) fn compare(expected: &str, found: &str, tolerance: f64) -> Result<Agreement, String> {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let mut agreement = Agreement {
        numbers: 0,
        largest: 0.0,
    };
    for (theirs, ours) in expected.iter().zip(&found) {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let (left, right): (Vec<String>, Vec<String>) = (words(theirs), words(ours));
        let same = left.len() == right.len();
        for (a, b) in left.iter().zip(&right) {
            let difference = difference(a, b).unwrap_or(f64::INFINITY);
            agreement.numbers += usize::from(a.parse::<f64>().is_ok());
            agreement.largest = agreement.largest.max(difference);
        }
        if !same || agreement.largest > tolerance {
            return Err(format!("gfortran prints `{theirs}`, WebAssembly `{ours}`"));
        }
    }
    if expected.len() != found.len() || agreement.numbers == 0 {
        let (theirs, ours) = (expected.len(), found.len());
        return Err(format!(
            "gfortran prints {theirs} lines, WebAssembly {ours}, with {} numbers",
            agreement.numbers
        ));
    }
    Ok(agreement)
}

/// The relative difference of two words; nothing where they are different and no such numbers.
fn difference(a: &str, b: &str) -> Option<f64> {
    if a == b {
        return Some(0.0);
    }
    let number = |word: &str| word.parse::<f64>().ok().filter(|_| word.contains('.'));
    let (x, y) = (number(a)?, number(b)?);
    let difference = ((x - y) / x.abs().max(y.abs())).abs();
    // Not for infinities, nor for what is no number.
    difference.is_finite().then_some(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_differ_a_little_and_words_may_not() {
        let agreement = compare(" 3 1.0E+00\nok 2.0", "3 1.0000001\nok 2.0\n", 1e-6);
        let agreement = agreement.expect("they agree");
        assert_eq!(agreement.numbers, 3);
        assert!(agreement.largest > 9e-8 && agreement.largest < 2e-7);
        for (theirs, ours) in [
            ("1.0", "1.001"),
            ("3", "4"),
            ("ok 1.0", "no 1.0"),
            ("1.0", "NaN"),
            ("1.0", "Infinity"),
            ("1.0 2.0", "1.0"),
            ("1.0\n2.0", "1.0"),
            ("ok", "ok"),
            ("", ""),
        ] {
            assert!(compare(theirs, ours, 1e-6).is_err(), "{theirs} and {ours}");
        }
        assert!(compare("NaN 0.0 -0.0", "NaN 0.0 -0.0", 0.0).is_ok());
    }
}
