//! The user's editor at a line. No shell is involved: the file is one argument, whatever its name.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use tokio::process::Command;

use crate::explorer::parts::out::Composition;
use crate::explorer::parts::page::Location;

/// Runs the editor on the terminal, which must be free. An error says what went wrong.
pub async fn edit(editor: &[String], location: &Location) -> Result<(), String> {
    let Some((program, _)) = editor.split_first() else { return Ok(()) };
    run(editor, arguments(program, location)).await
}

/// Lets the user write a text, which begins as this one. An error says what went wrong.
pub async fn compose(editor: &[String], composition: &Composition) -> Result<String, String> {
    let told = |error: io::Error| format!("cannot keep the text while it is written: {error}");
    let Composition { text, suffix } = composition;
    let suffix = format!(".{suffix}");
    let mut file = tempfile::Builder::new().prefix("zenith-").suffix(&suffix).tempfile().map_err(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(told)?;
    run(editor, vec![file.path().into()]).await?;
    // Many editors write a new file and rename it: it is read by its name.
    std::fs::read_to_string(file.path()).map_err(|error| format!("cannot read what was written: {error}"))
}

async fn run(editor: &[String], arguments: Vec<OsString>) -> Result<(), String> {
    let Some((program, before)) = editor.split_first() else { return Ok(()) };
    let status = Command::new(program).args(before).args(arguments).status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor {program} ended with {status}")),
        Err(error) => Err(format!("cannot start the editor {program}: {error}; set VISUAL or EDITOR")),
    }
}

/// How an editor is told of a line; `+LINE` is what most understand.
fn arguments(program: &str, location: &Location) -> Vec<OsString> {
    let name = Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let mut joined = location.file.clone().into_os_string();
    joined.push(format!(":{}", location.line));
    match name {
        "code" | "codium" | "cursor" | "code-insiders" => vec!["--goto".into(), joined],
        "hx" | "helix" | "zed" | "zeditor" | "subl" => vec![joined],
        _ => vec![format!("+{}", location.line).into(), location.file.clone().into_os_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editor_is_told_of_the_line_in_its_own_way() {
        let location = Location { file: "/src/a b.rs".into(), line: 7 };
        assert_eq!(arguments("/usr/bin/vim", &location), ["+7", "/src/a b.rs"]);
        assert_eq!(arguments("code", &location), ["--goto", "/src/a b.rs:7"]);
        assert_eq!(arguments("hx", &location), ["/src/a b.rs:7"]);
    }

    #[tokio::test]
    async fn what_is_written_comes_back_also_from_an_editor_that_writes_another_file() {
        let script = "printf '%s there' \"$(cat \"$0\")\" >\"$0.new\" && mv \"$0.new\" \"$0\"";
        let editor = ["sh", "-c", script].map(String::from);
        let hello = Composition { text: "hello".to_string(), suffix: "md" };
        assert_eq!(compose(&editor, &hello).await.as_deref(), Ok("hello there"));
        let fails = ["sh", "-c", "exit 3"].map(String::from);
        assert!(compose(&fails, &hello).await.unwrap_err().contains("ended with"));
    }

    #[tokio::test]
    async fn an_editor_that_is_not_there_is_an_error_in_words() {
        let location = Location { file: "/x".into(), line: 1 };
        let error = edit(&["/no/such/editor".to_string()], &location).await.unwrap_err();
        assert!(error.contains("/no/such/editor") && error.contains("EDITOR"), "{error}");
    }
}
