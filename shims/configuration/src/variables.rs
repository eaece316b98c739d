//! The values of `environment`: variables in them, and names that are no project's to set.

/// Variables of emshim's that a project may set: they change what its own compiles and links do.
const PROJECTS_OWN: &[&str] = &[
    "EMSHIM_DIRECT",
    "EMSHIM_PATCHES",
    "EMSHIM_PROBE_CACHE",
    "EMSHIM_REPAIR",
    "EMSHIM_SIGNATURES",
];

/// Variables that say where this machine keeps its files: a project's are its own alone.
const MACHINES: &[&str] = &[
    "HOME",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PATH",
    "TMPDIR",
    "VIRTUAL_ENV",
];

/// What is wrong with a name, if anything is.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(word)
    {
        return Err(format!("names `{name}`, which is no name of a variable"));
    }
    if let Some(row) = crate::keys::KEYS
        .iter()
        .find(|row| row.variable == Some(name))
    {
        return Err(format!("sets {name}: say `{}` instead", row.name));
    }
    if MACHINES.contains(&name) || name.starts_with("XDG_") {
        return Err(format!(
            "sets {name}, which is this machine's: set it where emshim is called"
        ));
    }
    if name.starts_with("EMSHIM_") && !PROJECTS_OWN.contains(&name) {
        return Err(format!(
            "sets {name}, which is no project's to say: set it where emshim is called"
        ));
    }
    Ok(())
}

/// A value with the variables in it replaced by what `get` says: `$NAME`, `${NAME}`, and `\$` for a
/// dollar.
pub(crate) fn expand(value: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let refused = |what: &str| {
        Err(format!(
            "has {what} in `{value}`: only `$NAME` and `${{NAME}}` are replaced; write `\\$` for a dollar"
        ))
    };
    let mut text = String::new();
    let mut rest = value;
    while let Some(at) = rest.find(['$', '\\', '`']) {
        text += &rest[..at];
        let tail = &rest[at..];
        if let Some(after) = tail.strip_prefix("\\$") {
            text.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = tail.strip_prefix('\\') {
            text.push('\\');
            rest = after;
            continue;
        }
        let Some(after) = tail.strip_prefix('$') else {
            return refused("a command");
        };
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, after) = braced.unwrap_or_else(|| {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            after.split_at(end.unwrap_or(after.len()))
        });
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return refused("a `$` that names no variable");
        }
        text += &get(name).unwrap_or_default();
        rest = after;
    }
    Ok(text + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_nothing_else() {
        let get = |name: &str| (name == "A").then(|| "1".to_owned());
        assert_eq!(expand("x$A-${A}y$B\\$z\\n", &get).unwrap(), "x1-1y$z\\n");
        for wrong in ["$(pwd)", "`pwd`", "a$", "${A-2}", "${A"] {
            assert!(expand(wrong, &get).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_projects_to_set() {
        for (name, says) in [
            ("PATH", "this machine's"),
            ("EMSHIM_HOME", "no project's"),
            ("EMSHIM_CFLAGS", "`cflags`"),
            ("1A", "no name"),
        ] {
            let error = check_name(name).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(check_name("CMAKE_ARGS").is_ok() && check_name("EMSHIM_REPAIR").is_ok());
    }
}
