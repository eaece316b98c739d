//! The build environment as text for a shell.

use wheel_build::environment::Environment;

/// How `emshim env` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `export NAME=VALUE` lines for sh, bash and zsh.
    Sh,
    /// `set -gx NAME VALUE` lines for fish.
    Fish,
    /// One JSON object.
    Json,
}

/// The variables as shell text of the given format.
#[must_use]
pub fn render(environment: &Environment, format: Format) -> String {
    let lines = |line: &dyn Fn(&str, &str) -> String| -> String {
        let all = environment.0.iter();
        all.map(|(name, value)| line(name, value) + "\n").collect()
    };
    match format {
        Format::Sh => lines(&|n, v| format!("export {n}={}", shell_words::quote(v))),
        Format::Fish => lines(&|n, v| match n {
            // fish keeps PATH as a list.
            "PATH" => {
                let parts: Vec<String> = v.split(':').map(fish_quote).collect();
                format!("set -gx PATH {}", parts.join(" "))
            }
            _ => format!("set -gx {n} {}", fish_quote(v)),
        }),
        Format::Json => {
            let all = environment.0.iter();
            let map: serde_json::Map<_, _> = all
                .map(|(name, value)| (name.clone(), value.as_str().into()))
                .collect();
            format!("{:#}\n", serde_json::Value::Object(map))
        }
    }
}

/// fish's single quotes: only `'` and `\` are special in them.
fn fish_quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_quotes_its_own_way() {
        let env = Environment(vec![
            ("CC".into(), "/it's here/cc".into()),
            ("PATH".into(), "/a b:/c".into()),
        ]);
        assert_eq!(
            render(&env, Format::Sh),
            "export CC='/it'\\''s here/cc'\nexport PATH='/a b:/c'\n"
        );
        assert_eq!(
            render(&env, Format::Fish),
            "set -gx CC '/it\\'s here/cc'\nset -gx PATH '/a b' '/c'\n"
        );
        let json: serde_json::Value = serde_json::from_str(&render(&env, Format::Json)).unwrap();
        assert_eq!(json["PATH"], "/a b:/c");
    }
}
