//! The pages of `docs/`: they hang together, and what they tell readers to type is run.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::book::{self, Use};
use emshim_tests::tidy::root;

fn folder() -> Utf8PathBuf {
    root().join("docs")
}

/// All pages that there are, relative to the folder.
fn files(folder: &Utf8Path, below: &Utf8Path, found: &mut BTreeSet<Utf8PathBuf>) {
    for entry in folder
        .join(below)
        .read_dir_utf8()
        .expect("a folder")
        .flatten()
    {
        let path = below.join(entry.file_name());
        if entry.path().is_dir() {
            files(folder, &path, found);
        } else if path.extension() == Some("md") && path != "SUMMARY.md" {
            found.insert(path);
        }
    }
}

/// A heading as a link names it, as mdBook and GitHub have it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn the_summary_has_every_page_and_every_link_leads_somewhere() {
    let folder = folder();
    let listed = book::pages(&folder);
    let mut there = BTreeSet::new();
    files(&folder, "".into(), &mut there);
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there);
    assert_eq!(listed.len(), there.len(), "a page is listed twice");
    for page in listed {
        let text = fs::read_to_string(folder.join(&page)).expect("a page");
        let is_web = |link: &&str| link.starts_with("https://") || link.starts_with("http://");
        let links = text.lines().flat_map(book::links);
        for link in links.filter(|link| !is_web(link)) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let to = match path {
                "" => folder.join(&page),
                path => folder.join(&page).parent().expect("a folder").join(path),
            };
            let text = fs::read_to_string(&to).unwrap_or_else(|_| panic!("{page}: {link}"));
            let mut headings = text
                .lines()
                .filter(|line| line.starts_with('#'))
                .map(anchor);
            assert!(
                heading.is_empty() || headings.any(|one| one == heading),
                "{page}: {link}"
            );
        }
    }
}

#[test]
fn every_command_of_the_pages_is_one_that_a_test_runs() {
    let folder = folder();
    let (mut run, mut slow) = (0, 0);
    for page in book::pages(&folder) {
        let mut after_command = false;
        for block in book::blocks(&folder, &page) {
            match block.used {
                Use::Run => run += 1,
                Use::Slow => slow += 1,
                Use::Output => assert!(after_command, "{}: whose output?", block.place),
                Use::File(_) | Use::Shown => {}
            }
            let runs = matches!(block.used, Use::Run | Use::Slow);
            assert_eq!(
                block.is_command(),
                runs,
                "{}: say sh,run or sh,slow",
                block.place
            );
            after_command = runs;
        }
    }
    assert!(run > 20 && slow > 3, "{run} and {slow}");
}

#[cfg(feature = "toolchain")]
#[test]
fn the_commands_of_the_pages_do_what_they_say() {
    let count = book::run(&folder(), &emshim_tests::real::emshim(), false);
    assert!(count > 20, "{count}");
}
