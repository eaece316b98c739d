//! `emshim lock`: what Pyodide, micropip and pip make of it.

use std::collections::BTreeMap;
use std::fs;

use camino::Utf8Path;
use emshim_tests::published::{Serving, build, node};
use emshim_tests::real::{Completed, Folder, assert_says, command, run, target};
use provision::{Silent, Store};

/// The files below a folder, with their bytes.
fn files(folder: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    let list = command("find", &[folder.as_str(), "-type", "f", "-printf", "%P\\n"]);
    let list = Completed::of(&list).success().stdout;
    let read = |name: &str| fs::read(folder.join(name)).expect("a file");
    list.lines()
        .map(|name| (name.to_owned(), read(name)))
        .collect()
}

/// pip's own reading of both forms of a project's page, which must be the same links.
const READ_BY_PIP: &str = r"
import hashlib, json, sys
from urllib.request import urlopen
from pip._internal.index.collector import IndexContent, parse_links
read = lambda address: urlopen(address).read()
digest = lambda address: hashlib.sha256(read(address)).hexdigest()
page = sys.argv[1] + 'simple/tinypic/'
def links(file, kind):
    content = IndexContent(read(page + file), kind, 'utf-8', url=page, cache_link_parsing=False)
    return [(l.url_without_fragment, l.filename, l.hash_name, l.hash, l.requires_python) for l in parse_links(content)]
html, simple = links('', 'text/html'), links('index.json', 'application/vnd.pypi.simple.v1+json')
assert html == simple and len(html) == 1, (html, simple)
address, _, kind, sha256, python = html[0]
assert (kind, python, digest(address)) == ('sha256', '>=3.9', sha256)
[file] = json.loads(read(page + 'index.json'))['files']
assert file['core-metadata'] == {'sha256': digest(address + '.metadata')}
";

#[test]
fn pyodide_micropip_and_pip_install_from_a_published_folder() {
    let folder = Folder::new();
    let target = target();
    let wheel = build(&target.to_string(), &folder.path().join("dist"));
    let site = folder.path().join("site");
    let lock = |outdir: &Utf8Path| run(&["lock", wheel.as_str(), "-o", outdir.as_str()]);
    let done = lock(&site).success();
    assert_says(&done.stdout, &["3 packages", "lockFileURL", "index_urls"]);
    // The same folder again, in its place and elsewhere.
    let first = files(&site);
    let other = folder.path().join("other");
    for outdir in [&site, &other] {
        let _ = lock(outdir).success();
        assert_eq!(files(outdir), first);
    }

    let store = Store::from_env().expect("a store");
    let release = target.name.release();
    let pyodide = provision::provision_pyodide(&store, release, &Silent).expect("Pyodide");
    let server = Serving::begin(&site);
    let index = format!("{}simple", server.address);
    let code = "import tinypic; tinypic.triple(14)";
    let words = [pyodide.root.as_str(), site.as_str(), &index, code];
    let ran = node("install.mjs", &words, folder.path()).success();
    let every = r#"{"start":"42","lock":"42","import":"42","index":"42"}"#;
    assert_eq!(ran.stdout.trim(), every);
    let read = command("python3", &["-c", READ_BY_PIP, &server.address]);
    let _ = Completed::of(&read).success();

    // What would be lost, or cannot be installed, is refused; and what was there stays.
    let foreign = wheel.with_file_name("tinypic-1.0-cp39-cp39-manylinux_2_17_x86_64.whl");
    fs::copy(&wheel, &foreign).unwrap();
    for (wheels, says) in [
        (
            vec![&foreign],
            ["cannot be installed in", "emshim build --target"],
        ),
        (
            vec![&wheel, &foreign],
            [foreign.as_str(), "takes wheels for"],
        ),
        (
            vec![&wheel, &wheel],
            ["second of tinypic", "name one wheel"],
        ),
    ] {
        let wheels: Vec<&str> = wheels.into_iter().map(|wheel| wheel.as_str()).collect();
        let refused = run(&[&["lock", "-o", site.as_str()], &wheels[..]].concat());
        assert_eq!(refused.status, 1);
        assert_says(&refused.stderr, &says);
    }
    fs::write(site.join("CNAME"), "mine").unwrap();
    let refused = lock(&site);
    assert_eq!(refused.status, 1);
    assert_says(
        &refused.stderr,
        &["site/CNAME", "name another folder with -o"],
    );
    fs::remove_file(site.join("CNAME")).unwrap();
    assert_eq!(files(&site), first);
}
