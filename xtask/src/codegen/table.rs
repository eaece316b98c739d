//! Tables in Markdown.

/// A cell of a table: one line, and no bar that would end it.
pub fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
