//! Commands that test a wheel. Pyodide runs Python alone: no shell and no other program.

/// What a shell would do something with, as words of their own.
const OPERATORS: &[&str] = &["||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"];

/// The arguments of `python` for each command of a text, which `&&` may stand between; else what is
/// wrong with it.
///
/// # Errors
/// A command is not of Python; the message says what to write.
pub fn python_commands(text: &str) -> Result<Vec<Vec<String>>, String> {
    let words =
        shell_words::split(text).map_err(|_| format!("`{text}` has a quote that is left open"))?;
    words
        .split(|word| word == "&&")
        .map(|words| arguments(words, text))
        .collect()
}

fn arguments(words: &[String], text: &str) -> Result<Vec<String>, String> {
    if let Some(operator) = words.iter().find(|word| OPERATORS.contains(&word.as_str())) {
        return Err(format!(
            "`{text}` has `{operator}`, and there is no shell in Pyodide: name several commands in a list"
        ));
    }
    let (program, rest) = words
        .split_first()
        .ok_or_else(|| format!("`{text}` has no command"))?;
    match program.as_str() {
        "python" | "python3" => Ok(rest.to_vec()),
        "pytest" => Ok([&["-m".to_owned(), "pytest".to_owned()], rest].concat()),
        other => Err(format!(
            "`{text}` would run `{other}`, and Pyodide runs Python alone: begin with `python`, as in `python -m {other}`, or with `pytest`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_pythons() {
        let owned = |all: &[&[&str]]| -> Vec<Vec<String>> {
            let words = |words: &&[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            all.iter().map(words).collect()
        };
        assert_eq!(
            python_commands("python -c 'a && b' && pytest {project}/tests"),
            Ok(owned(&[
                &["-c", "a && b"],
                &["-m", "pytest", "{project}/tests"]
            ]))
        );
        for (wrong, says) in [
            ("tox -e py", "python -m tox"),
            ("pytest | cat", "`|`"),
            ("pytest &&", "no command"),
            ("pytest 'a", "quote"),
        ] {
            let error = python_commands(wrong).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
