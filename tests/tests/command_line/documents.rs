//! Completions and manual pages: made by the binary, held against the command line that it has.

use std::collections::BTreeSet;
use std::fs;

use clap::Command;
use emshim_tests::real::{Completed, Folder, command, emshim, run};

/// What bash offers for the last of `words`, with the completions of the binary loaded.
fn offered(words: &[&str]) -> BTreeSet<String> {
    const ASK: &str = r#"
        set -u
        source "$0"
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _emshim emshim "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let folder = Folder::new();
    let script = run(&["completions", "bash"]).success().stdout;
    let script = folder.file("emshim.bash", &script);
    let bash = ["--norc", "--noprofile", "-c", ASK, script.as_str()];
    let answer = Completed::of(&command("bash", &[&bash, words].concat())).success();
    assert_eq!(answer.stderr, "", "bash takes the script as it is");
    answer.stdout.lines().map(str::to_owned).collect()
}

/// The verbs that people see.
fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    let verbs = command.get_subcommands();
    verbs.filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
}

#[test]
fn bash_offers_the_verbs_and_their_options() {
    let all = offered(&["emshim", ""]);
    let mut command = emshim::command();
    command.build();
    for verb in verbs(&command) {
        assert!(all.contains(verb.get_name()), "{}", verb.get_name());
    }
    assert!(!all.contains("replay-call"), "emshim's own affair: {all:?}");
    assert_eq!(offered(&["emshim", "expl"]), ["explain".to_owned()].into());
    let build = command.find_subcommand("build").expect("build");
    let long = build.get_arguments().filter_map(|option| option.get_long());
    let long = long.filter(|name| name.starts_with("no-"));
    let wanted: BTreeSet<String> = long.map(|name| format!("--{name}")).collect();
    assert_eq!(offered(&["emshim", "build", "--no-"]), wanted);
    let shells = offered(&["emshim", "completions", ""]);
    assert!(shells.is_superset(&["bash", "fish", "zsh"].map(str::to_owned).into()));
}

#[test]
fn every_verb_has_a_page_with_its_options() {
    let folder = Folder::new();
    let _ = run(&["man", folder.path().as_str()]).success();
    let mut command = emshim::command();
    command.build();
    let mut left: BTreeSet<String> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    let mut waiting = vec![&command];
    while let Some(command) = waiting.pop() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let page = format!("{name}.1");
        assert!(left.remove(&page), "no {page}");
        let text = fs::read_to_string(folder.path().join(&page)).expect("a page");
        assert!(text.contains(&format!(".TH {name} 1")), "{page}: {text}");
        let text = text.replace('\\', "");
        for option in command
            .get_arguments()
            .filter(|option| !option.is_hide_set())
        {
            if let Some(long) = option.get_long() {
                assert!(text.contains(&format!("--{long}")), "{page}: no --{long}");
            }
        }
        waiting.extend(verbs(command));
    }
    assert!(left.is_empty(), "pages of no verb: {left:?}");
}

#[test]
fn what_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let bad = std::ffi::OsString::from_vec(b"/a\xffb".to_vec());
    let of = |word: Option<&std::ffi::OsString>, home: Option<&std::ffi::OsString>| {
        let mut command = std::process::Command::new(emshim());
        command.arg("build").args(word);
        command.envs(home.map(|home| ("EMSHIM_HOME", home)));
        let output = command.output().expect("emshim");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = of(Some(&bad), None);
    assert!(said.contains("/a\u{fffd}b is not UTF-8"), "{said}");
    // A store that cannot be named is not another one.
    let said = of(None, Some(&bad));
    assert!(said.contains("EMSHIM_HOME=/a\u{fffd}b"), "{said}");
}
