//! The lines of what a job runs, and what they are as its action.

use std::collections::BTreeMap;
use std::path::Path;

use zenith_core::jobs::{Action, Verb};

use super::form::Field;

/// The lines beside the command's.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub folder: &'a str,
    pub variables: &'a str,
    /// The folder that one is in.
    pub here: &'a Path,
}

/// What the lines stand for. A command of zenith whose folder is not named runs in the one that one is in; what is changed
/// keeps its words where its line stays. The error says of which line it is, and what to write instead.
pub fn action_of(line: &str, around: Around<'_>, before: Option<&Action>) -> Result<Action, (Field, String)> {
    let wrong = |field, why: &str| Err((field, why.to_string()));
    let folder = folder_of(around)?;
    let variables = variables_of(around.variables)?;
    if let Some(Action::Sql { statements }) = before {
        if folder.is_some() {
            return wrong(Field::Folder, "statements run in your own database; leave it empty");
        }
        if !variables.is_empty() {
            return wrong(Field::Variables, "statements are given none; leave it empty");
        }
        return match statements.len() {
            1 => Ok(Action::Sql { statements: vec![line.trim().to_string()] }),
            _ if statements.join("; ") == line => Ok(Action::Sql { statements: statements.clone() }),
            _ => wrong(Field::Command, "it has several statements; `zenith jobs edit` changes those"),
        };
    }
    let words = match before.filter(|before| before.line() == line) {
        Some(Action::Program { argv, .. }) => argv.clone(),
        _ => match shell_words::split(line) {
            Ok(words) => words,
            Err(_) => return wrong(Field::Command, "a quote is opened and not closed"),
        },
    };
    match words.as_slice() {
        [] => wrong(
            Field::Command,
            "write a program and its arguments, or a command of zenith as `zenith index`",
        ),
        [zenith] if zenith == "zenith" => wrong(Field::Command, "write which command, as `zenith index`"),
        [zenith, verb, arguments @ ..] if zenith == "zenith" => {
            let Some(verb) = Verb::named(verb) else {
                return wrong(
                    Field::Command,
                    "of zenith a job runs index, sync, pull, push, export and doctor",
                );
            };
            if !variables.is_empty() {
                return wrong(
                    Field::Variables,
                    "a command of zenith has the settings of this one; leave it empty",
                );
            }
            let folder = folder.or_else(|| around.here.to_str().map(String::from));
            Ok(Action::Zenith { verb, arguments: arguments.to_vec(), folder })
        }
        argv => Ok(Action::Program { argv: argv.to_vec(), folder, variables }),
    }
}

/// From the root on; a relative one lies in the folder that one is in.
fn folder_of(around: Around<'_>) -> Result<Option<String>, (Field, String)> {
    let named = around.folder.trim();
    if named.is_empty() {
        return Ok(None);
    }
    if named.starts_with('~') {
        let why = "write it from the root on, as /home/me/project";
        return Err((Field::Folder, why.to_string()));
    }
    Ok(around.here.join(named).to_str().map(String::from))
}

fn variables_of(line: &str) -> Result<BTreeMap<String, String>, (Field, String)> {
    let why = "write them as NAME=VALUE, one with a blank in quotes";
    let wrong = || (Field::Variables, why.to_string());
    let words = shell_words::split(line).map_err(|_| wrong())?;
    let pairs = words.iter().map(|word| {
        let (name, value) = word.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(wrong)?;
        Ok((name.to_string(), value.to_string()))
    });
    pairs.collect()
}

/// An action's folder and its variables as they stand in their lines.
pub fn lines_around(action: &Action) -> (String, String) {
    match action {
        Action::Program { folder, variables, .. } => {
            let pairs = variables.iter().map(|(name, value)| format!("{name}={}", shell_words::quote(value)));
            (folder.clone().unwrap_or_default(), pairs.collect::<Vec<_>>().join(" "))
        }
        Action::Zenith { folder, .. } => (folder.clone().unwrap_or_default(), String::new()),
        Action::Sql { .. } => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around<'a>(folder: &'a str, variables: &'a str) -> Around<'a> {
        Around { folder, variables, here: Path::new("/project") }
    }

    fn of(line: &str, before: Option<&Action>) -> Result<Action, (Field, String)> {
        action_of(line, around("", ""), before)
    }

    #[test]
    fn a_line_is_read_as_it_is_told_and_no_shell_has_a_part_in_it() {
        let program = of("sh -c 'echo $HOME; a  b' \"\" %d", None).unwrap();
        let Action::Program { argv, folder, .. } = &program else { panic!("{program:?}") };
        assert_eq!(
            (argv.as_slice(), folder),
            (["sh", "-c", "echo $HOME; a  b", "", "%d"].map(String::from).as_slice(), &None)
        );
        assert_eq!(of(&program.line(), None).unwrap(), program);
        let zenith = of("zenith index --tier public", None).unwrap();
        let folder = Some("/project".to_string());
        let arguments = ["--tier", "public"].map(String::from).to_vec();
        assert_eq!(zenith, Action::Zenith { verb: Verb::Index, arguments, folder });
    }

    #[test]
    fn folder_and_variables_are_lines_of_their_own_and_come_back_as_they_were() {
        let made = action_of("env", around("sub", "A=b C='d e' F= G=x=y"), None).unwrap();
        let Action::Program { folder, variables, .. } = &made else { panic!("{made:?}") };
        assert_eq!(folder.as_deref(), Some("/project/sub"));
        let pairs: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "b"), ("C", "d e"), ("F", ""), ("G", "x=y")]);
        let (folder, variables) = lines_around(&made);
        assert_eq!(action_of("env", around(&folder, &variables), Some(&made)).unwrap(), made);
        let elsewhere = action_of("zenith index", around("/there", ""), None).unwrap();
        assert_eq!(lines_around(&elsewhere).0, "/there");
    }

    #[test]
    fn statements_stay_statements() {
        let one = |text: &str| Action::Sql { statements: vec![text.to_string()] };
        assert_eq!(of("SELECT 2", Some(&one("SELECT 1"))).unwrap(), one("SELECT 2"));
        let two = Action::Sql { statements: ["SELECT 1", "SELECT 2"].map(String::from).to_vec() };
        assert_eq!(of(&two.line(), Some(&two)).unwrap(), two);
        assert!(of("SELECT 3", Some(&two)).unwrap_err().1.contains("zenith jobs edit"));
    }

    #[test]
    fn what_is_no_command_is_told_with_its_line_and_what_to_write() {
        let sql = Action::Sql { statements: vec!["SELECT 1".to_string()] };
        for (line, folder, variables, before, field, why) in [
            ("", "", "", None, Field::Command, "zenith index"),
            ("zenith", "", "", None, Field::Command, "zenith index"),
            ("zenith login", "", "", None, Field::Command, "index, sync, pull, push, export and doctor"),
            ("echo 'a", "", "", None, Field::Command, "not closed"),
            ("echo", "~/x", "", None, Field::Folder, "/home/me"),
            ("echo", "", "A", None, Field::Variables, "NAME=VALUE"),
            ("echo", "", "=b", None, Field::Variables, "NAME=VALUE"),
            ("echo", "", "A='b", None, Field::Variables, "NAME=VALUE"),
            ("zenith sync", "", "A=b", None, Field::Variables, "settings"),
            ("SELECT 1", "/x", "", Some(&sql), Field::Folder, "database"),
            ("SELECT 1", "", "A=b", Some(&sql), Field::Variables, "empty"),
        ] {
            let (of, error) = action_of(line, around(folder, variables), before).unwrap_err();
            assert_eq!(of, field, "{line}: {error}");
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}
