//! What the static libraries of a prefix need of each other: a file in the prefix that says it to links.
//! A shared library names what it needs by itself; callers of static ones would have to know.

use std::collections::BTreeMap;

/// The file, below a prefix.
pub const FILE: &str = "lib/emshim-needs";

/// By what `-l` calls a library: all that it needs, as `-l` calls that.
pub type Needs = BTreeMap<String, Vec<String>>;

/// The file's text.
#[must_use]
pub fn text(needs: &Needs) -> String {
    let lines = needs.iter().filter(|(_, needed)| !needed.is_empty());
    lines
        .map(|(name, needed)| format!("{name}: {}\n", needed.join(" ")))
        .collect()
}

/// Reads the file.
#[must_use]
pub fn read(text: &str) -> Needs {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(name, needed)| {
            let needed = needed.split_whitespace().map(str::to_owned);
            (name.to_owned(), needed.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let needs = Needs::from([
            ("geos_c".to_owned(), vec!["geos".to_owned()]),
            ("xslt".to_owned(), vec!["xml2".to_owned(), "z".to_owned()]),
        ]);
        assert_eq!(read(&text(&needs)), needs);
        assert_eq!(text(&Needs::from([("z".to_owned(), Vec::new())])), "");
    }
}
