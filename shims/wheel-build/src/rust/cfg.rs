//! The conditions by which cargo's configuration names targets: `[target.'cfg(unix)']`.

/// Whether a table's name is a condition that holds for a target of these facts, which are lines of
/// `rustc --print cfg`. A name that is no condition, or not a whole one, does not hold.
///
/// Source: "Conditional compilation" in the Rust reference, and cargo's own restriction to names and
/// `name = "value"` between `all`, `any` and `not`.
#[must_use]
pub(super) fn holds(name: &str, facts: &[&str]) -> bool {
    let mut rest = Tokens(name);
    let holds = rest.takes("cfg").and_then(|()| {
        let list = rest.list(facts)?;
        rest.ends().then_some(list)
    });
    matches!(holds.as_deref(), Some([true]))
}

/// What is still to be read.
struct Tokens<'t>(&'t str);

impl<'t> Tokens<'t> {
    /// Takes a text that comes next.
    fn takes(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(text)?;
        Some(())
    }

    fn ends(&self) -> bool {
        self.0.trim_start().is_empty()
    }

    /// Takes the name that comes next.
    fn name(&mut self) -> Option<&'t str> {
        let text = self.0.trim_start();
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let end = text.find(|c| !part(c)).unwrap_or(text.len());
        self.0 = &text[end..];
        (end > 0).then(|| &text[..end])
    }

    /// Takes conditions in parentheses, with commas between them and perhaps after the last.
    fn list(&mut self, facts: &[&str]) -> Option<Vec<bool>> {
        self.takes("(")?;
        let mut list = Vec::new();
        while self.takes(")").is_none() {
            list.push(self.condition(facts)?);
            if self.takes(",").is_none() {
                self.takes(")")?;
                break;
            }
        }
        Some(list)
    }

    fn condition(&mut self, facts: &[&str]) -> Option<bool> {
        let name = self.name()?;
        if self.0.trim_start().starts_with('(') {
            let list = self.list(facts)?;
            return match (name, list.as_slice()) {
                ("all", list) => Some(list.iter().all(|holds| *holds)),
                ("any", list) => Some(list.iter().any(|holds| *holds)),
                ("not", [holds]) => Some(!holds),
                _ => None,
            };
        }
        if self.takes("=").is_none() {
            return Some(match name {
                "true" => true,
                "false" => false,
                _ => facts.contains(&name),
            });
        }
        self.takes("\"")?;
        let (value, rest) = self.0.split_once('"')?;
        self.0 = rest;
        Some(facts.contains(&format!("{name}=\"{value}\"").as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_as_for_cargo() {
        let facts = ["unix", "target_arch=\"wasm32\"", "target_family=\"wasm\""];
        for name in [
            "cfg(unix)",
            "cfg( target_arch = \"wasm32\" )",
            "cfg(all(unix, not(windows)))",
            "cfg(any(target_os=\"none\", all(),))",
            "cfg(not(any()))",
            "cfg(true)",
        ] {
            assert!(holds(name, &facts), "{name}");
        }
        for name in [
            "unix",
            "cfg(windows)",
            "cfg(target_arch=\"x86_64\")",
            "cfg(not(unix))",
            "cfg(any())",
            "cfg(unix",
            "cfg(unix) x",
            "cfg(unix, unix)",
            "cfg(not(unix, windows))",
            "cfg(target_arch=wasm32)",
            "cfg(false)",
            "cfg()",
            "",
        ] {
            assert!(!holds(name, &facts), "{name}");
        }
    }
}
