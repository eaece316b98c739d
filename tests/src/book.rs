//! The pages of `docs/`: in which order they come, and what their blocks of code are for.
//!
//! The first word of a block's info string is its language, the others say what it is: `run` and `slow` are commands,
//! `file=PATH` is a file that later commands find, and `output` has lines that the commands before it say.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::real::{Completed, Folder, assert_says, command};

/// The languages of commands.
const SHELLS: &[&str] = &["sh", "bash", "console", "shell"];

/// What a block is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// Commands of every test run.
    Run,
    /// Commands that take long, or need what an index has.
    Slow,
    /// A file.
    File(Utf8PathBuf),
    /// What the commands before say.
    Output,
    /// Shown alone.
    Shown,
}

/// A block of code.
#[derive(Debug, Clone)]
pub struct Block {
    /// The page and line where it begins.
    pub place: String,
    /// Its language.
    pub language: String,
    /// What it is for.
    pub used: Use,
    /// Its lines.
    pub text: String,
}

impl Block {
    /// Whether a reader would type it.
    #[must_use]
    pub fn is_command(&self) -> bool {
        SHELLS.contains(&self.language.as_str())
    }
}

/// The pages, in the order of the summary, relative to the book's folder.
///
/// # Panics
/// There is no summary.
#[must_use]
pub fn pages(book: &Utf8Path) -> Vec<Utf8PathBuf> {
    let summary = fs::read_to_string(book.join("SUMMARY.md")).expect("the summary");
    let links = summary.lines().flat_map(links);
    links
        .map(|link| Utf8PathBuf::from(link.to_owned()))
        .collect()
}

/// The targets of a line's links.
pub fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The blocks of a page.
///
/// # Panics
/// It cannot be read, or has a block that means nothing.
#[must_use]
pub fn blocks(book: &Utf8Path, page: &Utf8Path) -> Vec<Block> {
    let text = fs::read_to_string(book.join(page)).expect("a page");
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let place = format!("{page}:{}", at + 1);
        let mut words = info.split(',');
        let language = words.next().unwrap_or_default().to_owned();
        let used = match words.next() {
            None => Use::Shown,
            Some("run") => Use::Run,
            Some("slow") => Use::Slow,
            Some("output") => Use::Output,
            Some(word) => {
                let path = word.strip_prefix("file=");
                Use::File(path.unwrap_or_else(|| panic!("{place}: `{word}`")).into())
            }
        };
        let body = lines.by_ref().map(|(_, line)| line);
        let body: Vec<&str> = body.take_while(|line| !line.starts_with("```")).collect();
        let text = body.join("\n") + "\n";
        blocks.push(Block {
            place,
            language,
            used,
            text,
        });
    }
    blocks
}

/// Runs the commands of a book in one empty folder, as a reader would who types all of it, and gives their number.
///
/// # Panics
/// One fails, or does not say what the page says that it does.
#[must_use]
pub fn run(book: &Utf8Path, emshim: &Utf8Path, slow: bool) -> usize {
    let (folder, log) = (Folder::new(), Folder::new());
    let programs = emshim.parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut count = 0;
    for page in pages(book) {
        let mut said = None;
        for block in blocks(book, &page) {
            match &block.used {
                Use::File(path) => drop(folder.file(path.as_str(), &block.text)),
                Use::Run | Use::Slow => {
                    said = None;
                    if block.used == Use::Slow && !slow {
                        continue;
                    }
                    count += 1;
                    let words = ["-e", "-o", "pipefail", "-c", &block.text];
                    let shell = command("bash", &words).dir(folder.path().as_str());
                    let shell = shell.env("PATH", format!("{programs}:{path}"));
                    let done = Completed::of(&shell.env("EMSHIM_LOG", log.path().as_str()));
                    let all = done.stdout + &done.stderr;
                    assert_eq!(done.status, 0, "{}:\n{}{all}", block.place, block.text);
                    said = Some(all);
                }
                Use::Output => {
                    if let Some(said) = &said {
                        let lines: Vec<&str> = block.text.lines().collect();
                        assert_says(said, &lines);
                    }
                }
                Use::Shown => {}
            }
        }
    }
    count
}
