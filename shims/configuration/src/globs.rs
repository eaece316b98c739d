//! Globs of paths: `*` and `?` stand for what is in one name, `**` for any folders.

use glob::{MatchOptions, Pattern};

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// Globs, in their order. One without a `/` is of names in any folder; one that fits a folder fits all
/// that is in it.
#[derive(Debug, Clone, Default)]
pub struct Globs(Vec<Pattern>);

impl Globs {
    /// Reads them.
    ///
    /// # Errors
    /// One is none; the message names it.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let parse = |text: &str| {
            let inside = !text.starts_with('/') && !text.split('/').any(|part| part == "..");
            if !inside || text.is_empty() {
                return Err(format!(
                    "`{text}` is no path in a wheel: write it without `/` before it and without `..`"
                ));
            }
            Pattern::new(text.trim_end_matches('/')).map_err(|error| format!("`{text}`: {error}"))
        };
        texts
            .into_iter()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each as it is written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Pattern::as_str)
    }

    /// The place of each that fits a path or a folder around it.
    pub fn fitting<'s>(&'s self, path: &'s str) -> impl Iterator<Item = usize> + 's {
        let fits = |pattern: &Pattern| {
            let ends = path
                .match_indices('/')
                .map(|(at, _)| at)
                .chain([path.len()]);
            let anywhere = !pattern.as_str().contains('/');
            ends.map(|end| &path[..end]).any(|part| {
                let name = part.rsplit('/').next().unwrap_or(part);
                pattern.matches_with(if anywhere { name } else { part }, OPTIONS)
            })
        };
        let all = self.0.iter().enumerate();
        all.filter(move |(_, pattern)| fits(pattern))
            .map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits() {
        let globs = ["tests", "*.pyx", "pkg/data/*.h", "a/**/b.txt"];
        let globs = Globs::parse(globs).unwrap();
        let fitting = |path| globs.fitting(path).collect::<Vec<_>>();
        assert_eq!(fitting("pkg/tests/data/x.py"), [0]);
        assert_eq!(fitting("pkg/tests.py"), []);
        assert_eq!(fitting("pkg/deep/x.pyx"), [1]);
        assert_eq!(fitting("pkg/data/x.h"), [2]);
        assert_eq!(fitting("pkg/data/more/x.h"), []);
        assert_eq!(fitting("a/c/d/b.txt"), [3]);
        for wrong in ["/etc/*", "../x", "a/../b", "", "[a"] {
            assert!(Globs::parse([wrong]).is_err(), "{wrong}");
        }
    }
}
