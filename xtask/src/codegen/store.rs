//! The store's folders.

use provision::STORE_FOLDERS;

/// The reference.
pub fn render() -> String {
    let mut text = "# The store\n\n\
        The store is `$EMSHIM_HOME`, else `$XDG_CACHE_HOME/emshim`, else `~/.cache/emshim`. Everything in \
        it can be deleted at any time; it is provisioned again. A recipe is a digest of the tables that \
        decide what a folder holds.\n\n\
        | folder | holds |\n| --- | --- |\n"
        .to_owned();
    for folder in STORE_FOLDERS {
        let below = match folder.below {
            "" => "",
            below => &format!("{below}/"),
        };
        text += &format!("| `{}/{below}` | {} |\n", folder.name, folder.holds);
    }
    text
}
