//! What the explorer learns from the environment: the editor, and the clipboards.

use std::env;

use super::clipboard::{self, Clipboard};

/// The user's editor, as words of a command line: `$VISUAL`, else `$EDITOR`, else `vi`. An error says what cannot be
/// read.
pub fn editor() -> Result<Vec<String>, String> {
    editor_of(|name| env::var(name).ok())
}

fn editor_of(set: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let is_set = |name: &&str| set(name).is_some_and(|value| !value.trim().is_empty());
    let Some(name) = ["VISUAL", "EDITOR"].into_iter().find(is_set) else { return Ok(vec!["vi".to_string()]) };
    let value = set(name).unwrap_or_default();
    shell_words::split(&value).map_err(|error| format!("{name} cannot be read ({error}): {value}"))
}

/// Where copied text can go.
pub fn clipboards() -> Vec<Clipboard> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_found = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    clipboard::all(is_set, is_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_is_read_as_a_shell_reads_it() {
        let editor = |visual: &str, editor: &str| {
            editor_of(|name| Some(if name == "VISUAL" { visual } else { editor }.to_string()))
        };
        let words = ["/opt/my editor/vim", "-c", "set nu"];
        assert_eq!(editor("'/opt/my editor/vim' -c \"set nu\"", "nano").unwrap(), words);
        assert_eq!(editor(" ", "code\\ wrapper --wait").unwrap(), ["code wrapper", "--wait"]);
        assert_eq!(editor("", "").unwrap(), ["vi"]);
        assert!(editor("'vim", "").unwrap_err().contains("VISUAL"));
    }
}
