//! What the explorer learns from the environment: the editor, and the clipboards.

use std::env;

use super::clipboard::{self, Clipboard};

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

/// Where copied text can go.
pub fn clipboards() -> Vec<Clipboard> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_found = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    clipboard::all(is_set, is_found)
}
