//! `.pc` files: what is private to a library is everybody's where it is static.
//! Source: pkg-config's guide, "Writing pkg-config files"; `--static` is how callers would ask for it,
//! and none does.

use crate::recipe::Recipe;

/// A `.pc` file of a static library: what it needs itself is told to all who link it.
#[must_use]
pub fn of_static(text: &str) -> String {
    let field = |line: &str, name: &str| {
        let rest = line.strip_prefix(name)?.strip_prefix(':')?;
        Some(rest.trim().to_owned())
    };
    let all = |name: &str| -> Vec<String> {
        let values = text.lines().filter_map(|line| field(line, name));
        values.filter(|value| !value.is_empty()).collect()
    };
    let pairs = [
        ("Requires", "Requires.private", ", "),
        ("Libs", "Libs.private", " "),
    ];
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let ours = pairs
            .iter()
            .any(|(public, private, _)| field(line, public).or(field(line, private)).is_some());
        if !ours {
            lines.push(line.to_owned());
        }
    }
    for (public, private, between) in pairs {
        let values = [all(public), all(private)].concat();
        if !values.is_empty() {
            lines.push(format!("{public}: {}", values.join(between)));
        }
    }
    lines.join("\n") + "\n"
}

/// A `.pc` file of a library that installs none.
#[must_use]
pub fn of_library(recipe: &Recipe, prefix: &str) -> String {
    let libraries = recipe.provides.libraries.iter();
    let libraries: Vec<String> = libraries.map(|name| format!("-l{name}")).collect();
    let Recipe {
        name,
        version,
        summary,
        ..
    } = recipe;
    format!(
        "prefix={prefix}\nName: {name}\nDescription: {summary}; written by emshim\nVersion: {version}\n\
         Cflags: -I${{prefix}}/include\nLibs: -L${{prefix}}/lib {}\n",
        libraries.join(" ")
    )
}

/// A `.pc` file of another name for a library.
#[must_use]
pub fn alias(name: &str, of: &[String], version: &str) -> String {
    let of = of.join(", ");
    format!(
        "Name: {name}\nDescription: another name of {of}, written by emshim\nVersion: {version}\n\
         Requires: {of}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_needs_become_public() {
        let text = "prefix=/p\n\nName: lapack\nVersion: 3\nLibs: -L/p/lib -llapack\n\
                    Libs.private: -lm\nRequires.private: blas, m\nCflags: -I/p\n";
        let expected = "prefix=/p\n\nName: lapack\nVersion: 3\nCflags: -I/p\n\
                        Requires: blas, m\nLibs: -L/p/lib -llapack -lm\n";
        assert_eq!(of_static(text), expected);
        // A second time nothing changes.
        assert_eq!(of_static(expected), expected);
    }

    #[test]
    fn empty_fields_vanish() {
        assert_eq!(
            of_static("Name: z\nRequires:\nLibs: -lz\n"),
            "Name: z\nLibs: -lz\n"
        );
    }
}
