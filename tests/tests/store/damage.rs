//! What a disk's fault or an edit changes of what is provisioned: it is got again, or `emshim doctor` says so.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{Completed, assert_says, command, emshim};
use provision::{Notes, Store, provision_pyodide};
use pyodide_wheel::target::{DEFAULT, Target};

/// Changes a bit of a file, or leaves half of it.
fn damage(path: &Utf8Path, cut: bool) {
    let mut bytes = fs::read(path).expect("a file");
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    bytes.truncate(if cut { half } else { bytes.len() });
    fs::write(path, bytes).expect("the damaged file");
}

/// Gets a runtime twice, of a few megabytes each.
#[test]
fn what_is_not_as_it_was_provisioned_is_got_again_or_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Utf8PathBuf::try_from(folder.path().to_owned()).expect("a UTF-8 path");
    let store = Store::at(root.clone());
    let target = Target::parse(DEFAULT).expect("a target");
    let version = target.name.to_string().replace("pyodide@", "");
    let notes = Notes::default();
    let pyodide = provision_pyodide(&store, &version, &notes).expect("a runtime");
    let code = pyodide.root.join("pyodide.asm.wasm");
    let sound = fs::read(&code).expect("its code");
    damage(&code, true);
    let _ = provision_pyodide(&store, &version, &notes).expect("a runtime");
    assert!(
        fs::read(&code).expect("its code") == sound,
        "it is not got again"
    );
    let told = notes.told().join("\n");
    assert_says(&told, &[code.as_str(), "not what emshim put there"]);

    let doctor = || {
        let doctor = command(emshim(), &["doctor"]).env("EMSHIM_HOME", root.as_str());
        Completed::of(&doctor).stdout
    };
    let remedy = format!("MISSING    store            {}", pyodide.root);
    assert!(!doctor().contains(&remedy), "{}", doctor());
    // A disk that forgets changes no file's time.
    let time = fs::metadata(&code).and_then(|meta| meta.modified());
    damage(&code, false);
    let file = fs::File::options()
        .write(true)
        .open(&code)
        .expect("its code");
    file.set_modified(time.expect("a time")).expect("its time");
    assert_says(
        &doctor(),
        &[&remedy, "pyodide.asm.wasm is not what emshim put there"],
    );
}
