//! The timeline in a real browser.

use emshim_tests::real::{Completed, Folder, command, emshim};
use emshim_tests::shim_folder::ShimFolder;
use serde_json::Value;

/// A headless Chromium as an npm package, which brings the libraries it needs, and what drives it.
const BROWSER: &[&str] = &["@sparticuz/chromium@147.0.0", "playwright-core@1.65.1"];

#[test]
fn a_page_shows_lanes_colours_probes_failures_and_commands() {
    let log = ShimFolder::new();
    log.copying_tools();
    for (tool, source) in [
        ("gcc", "a.c"),
        ("g++", "b.cc"),
        ("gcc", "conftest.c"),
        ("gcc", "fail.c"),
    ] {
        std::fs::write(log.path("work").join(source), "x\n").expect("a source");
        let _ = log.run(tool, &["-c", source, "-DX=\"</script><b>\""], "");
    }
    let folder = Folder::new();
    let page = folder.path().join("timeline.html");
    let words = ["log", "timeline", "--html", page.as_str()];
    let timeline = command(emshim(), &words).env("EMSHIM_LOG", log.path("log"));
    let _ = Completed::of(&timeline).success();

    let mut words = vec![
        "install",
        "--no-audit",
        "--no-fund",
        "--prefix",
        folder.path().as_str(),
    ];
    words.extend(BROWSER);
    let _ = Completed::of(&command("npm", &words)).success();
    let script = folder.file("look.mjs", include_str!("../../src/timeline.mjs"));
    let picture = folder.path().join("page.png");
    let look = command("node", &[script.as_str(), page.as_str(), picture.as_str()]);
    let seen: Value = serde_json::from_str(&Completed::of(&look).success().stdout).expect("JSON");

    assert_eq!(seen["errors"], serde_json::json!([]));
    let title = seen["title"].as_str().expect("a title");
    assert!(
        title.contains(": 4 calls, ") && title.ends_with("1 failed, 1 probes"),
        "{title}"
    );
    let legend = seen["legend"].as_array().expect("a legend");
    let names: Vec<_> = legend
        .iter()
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    assert_eq!(names, ["g++", "gcc", "probe", "failed"]);
    let colours = seen["colours"].as_array().expect("colours");
    for tool in &legend[..2] {
        assert!(
            colours.contains(&tool["colour"]),
            "{} is not in {colours:?}",
            tool["name"]
        );
    }
    assert!(
        colours.contains(&"204,0,0".into()),
        "the failure's frame: {colours:?}"
    );
    let tip = seen["tip"].as_str().expect("a tip");
    assert!(
        tip.starts_with("gcc -c a.c '-DX=\"</script><b>\"'"),
        "{tip}"
    );
    assert!(
        tip.contains("compile, ") && tip.contains("exit 0, process "),
        "{tip}"
    );
    assert!(seen["zoomed"].as_f64().is_some_and(|part| part < 0.5));
    assert_eq!(seen["whole"], 1);
    let png = std::fs::read(&picture).expect("a picture");
    assert!(png.starts_with(b"\x89PNG"));
}
