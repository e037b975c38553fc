//! What the explorer learns from the environment: the editor.

use std::env;

/// The user's editor, as words of a command line: `$VISUAL`, else `$EDITOR`, else `vi`.
pub fn editor() -> Vec<String> {
    let words = |name: &str| -> Vec<String> {
        env::var(name).unwrap_or_default().split_whitespace().map(str::to_string).collect()
    };
    [words("VISUAL"), words("EDITOR")]
        .into_iter()
        .find(|words| !words.is_empty())
        .unwrap_or_else(|| vec!["vi".to_string()])
}
