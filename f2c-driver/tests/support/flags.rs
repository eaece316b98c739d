//! The switches of a case, which stand in its source: each comment `flags: SWITCHES` at its top is one
//! way to compile it, and a source without one is compiled without switches.

use camino::Utf8Path;

/// The switches of each way to compile a source.
pub fn flags(source: &Utf8Path) -> Vec<Vec<String>> {
    let text = std::fs::read(source).expect("a readable case");
    let text = String::from_utf8_lossy(&text);
    let comment = |line: &'_ str| line.strip_prefix(['C', '!']).map(str::to_owned);
    let lines = text.lines().map_while(comment);
    let flags = lines.filter_map(|line| {
        let words = line.trim_start().strip_prefix("flags:")?;
        Some(words.split_whitespace().map(str::to_owned).collect())
    });
    let flags: Vec<_> = flags.collect();
    if flags.is_empty() {
        vec![Vec::new()]
    } else {
        flags
    }
}
