//! A module of the stable ABI that aborts on a panic and is optimised as a whole.

use std::collections::HashMap;

use pyo3::prelude::*;

#[pymodule]
mod abort {
    use super::*;

    /// How often each word is in a text.
    #[pyfunction]
    fn count(text: &str) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for word in text.split_whitespace() {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    }
}
