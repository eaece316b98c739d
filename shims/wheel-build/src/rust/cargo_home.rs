//! Where emshim's own cargo keeps what it downloads, and how it knows the user's configuration.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Store;

use super::given::Given;
use crate::error::WheelBuildError;

/// The `CARGO_HOME` of builds by emshim's own Rust: with the crates that it downloads in the store,
/// and with the user's configuration, in which a registry's address, a proxy or a vendored source
/// may stand.
///
/// # Errors
/// It cannot be written.
pub fn cargo_home(store: &Store, given: &Given) -> Result<Utf8PathBuf, WheelBuildError> {
    let users = users_cargo_home(given);
    // An environment made inside another one has it already.
    if let Some(ours) = users
        .as_ref()
        .filter(|users| users.starts_with(store.cargo_homes()))
    {
        return Ok(ours.clone());
    }
    let key = users.as_deref().map_or("none", Utf8Path::as_str);
    let digest = blake3::hash(key.as_bytes()).to_hex();
    let folder = store.cargo_homes().join(&digest[..8]);
    fs::create_dir_all(&folder).map_err(WheelBuildError::io("cannot create", folder.as_path()))?;
    // Cargo reads the older name too, and before the other.
    let file = |names: &[&str]| {
        let users = users.as_deref()?;
        names
            .iter()
            .map(|name| users.join(name))
            .find(|path| path.is_file())
    };
    let path = folder.join("config.toml");
    let text = match file(&["config", "config.toml"]) {
        // Included, it still speaks of paths beside itself.
        Some(config) => format!("include = [{}]\n", serde_json::Value::from(config.as_str())),
        None => String::new(),
    };
    if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
        crate::files::replace(&path, text.as_bytes(), 0o644)?;
    }
    let link = folder.join("credentials.toml");
    match file(&["credentials", "credentials.toml"]) {
        Some(to) if fs::read_link(&link).is_ok_and(|now| now == to.as_std_path()) => {}
        Some(to) => {
            let new = folder.join(format!(".credentials-{}", std::process::id()));
            std::os::unix::fs::symlink(&to, &new)
                .and_then(|()| fs::rename(&new, &link))
                .map_err(WheelBuildError::io("cannot link", link.as_path()))?;
        }
        None => {
            let _ = fs::remove_file(&link);
        }
    }
    Ok(folder)
}

/// Where the user's cargo keeps its configuration.
fn users_cargo_home(given: &Given) -> Option<Utf8PathBuf> {
    let home = || {
        given
            .get("HOME")
            .map(|home| Utf8PathBuf::from(home).join(".cargo"))
    };
    let folder = given
        .get("CARGO_HOME")
        .map(Utf8PathBuf::from)
        .or_else(home)?;
    folder.is_absolute().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cargo_home_includes_the_users_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(dir.path().to_owned()).unwrap();
        let users = root.join("a b");
        fs::create_dir(&users).unwrap();
        let given = Given::of([("CARGO_HOME", users.as_str())]);
        let store = Store::at(root.join("store"));
        let home = cargo_home(&store, &given).unwrap();
        assert_eq!(fs::read_to_string(home.join("config.toml")).unwrap(), "");
        fs::write(users.join("config.toml"), "").unwrap();
        fs::write(users.join("credentials.toml"), "").unwrap();
        assert_eq!(cargo_home(&store, &given).unwrap(), home);
        let text = fs::read_to_string(home.join("config.toml")).unwrap();
        assert_eq!(text, format!("include = [\"{users}/config.toml\"]\n"));
        assert!(home.join("credentials.toml").exists());
        let inside = Given::of([("CARGO_HOME", home.as_str())]);
        assert_eq!(cargo_home(&store, &inside).unwrap(), home);
        fs::remove_file(users.join("credentials.toml")).unwrap();
        cargo_home(&store, &given).unwrap();
        assert!(fs::symlink_metadata(home.join("credentials.toml")).is_err());
        let other = Given::of([("HOME", root.as_str())]);
        assert_ne!(cargo_home(&store, &other).unwrap(), home);
    }
}
