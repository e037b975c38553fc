//! The line of a command, and what it is as a job's action.

use std::collections::BTreeMap;
use std::path::Path;

use zenith_core::jobs::{Action, Verb};

/// What a line stands for. What it was made of before keeps its folder and its variables; a command of zenith that is
/// new runs in the folder that one is in. The error says what to write instead.
pub fn action_of(line: &str, before: Option<&Action>, folder: &Path) -> Result<Action, String> {
    if let Some(before) = before.filter(|before| before.line() == line) {
        return Ok(before.clone());
    }
    if let Some(Action::Sql { statements }) = before {
        return match statements.len() {
            1 => Ok(Action::Sql { statements: vec![line.trim().to_string()] }),
            _ => Err("it has several statements; `zenith jobs edit` changes those".to_string()),
        };
    }
    let words = shell_words::split(line).map_err(|_| "a quote is opened and not closed".to_string())?;
    match words.as_slice() {
        [] => Err("write a program and its arguments, or a command of zenith as `zenith index`".to_string()),
        [zenith] if zenith == "zenith" => Err("write which command, as `zenith index`".to_string()),
        [zenith, verb, arguments @ ..] if zenith == "zenith" => {
            let Some(verb) = Verb::named(verb) else {
                return Err("of zenith a job runs index, sync, pull, push, export and doctor".to_string());
            };
            let folder = match before {
                Some(Action::Zenith { folder, .. }) => folder.clone(),
                _ => folder.to_str().map(String::from),
            };
            Ok(Action::Zenith { verb, arguments: arguments.to_vec(), folder })
        }
        argv => {
            let (folder, variables) = match before {
                Some(Action::Program { folder, variables, .. }) => (folder.clone(), variables.clone()),
                _ => (None, BTreeMap::new()),
            };
            Ok(Action::Program { argv: argv.to_vec(), folder, variables })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, before: Option<&Action>) -> Result<Action, String> {
        action_of(line, before, Path::new("/project"))
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
    fn what_is_changed_keeps_its_folder_and_its_variables() {
        let variables = BTreeMap::from([("A".to_string(), "b".to_string())]);
        let before = |word: &str| Action::Program {
            argv: vec![word.to_string()],
            folder: Some("/there".to_string()),
            variables: variables.clone(),
        };
        assert_eq!(of("other", Some(&before("one"))).unwrap(), before("other"));
        let one = |text: &str| Action::Sql { statements: vec![text.to_string()] };
        assert_eq!(of("SELECT 2", Some(&one("SELECT 1"))).unwrap(), one("SELECT 2"));
        let two = Action::Sql { statements: ["SELECT 1", "SELECT 2"].map(String::from).to_vec() };
        assert_eq!(of(&two.line(), Some(&two)).unwrap(), two);
        assert!(of("SELECT 3", Some(&two)).unwrap_err().contains("zenith jobs edit"));
    }

    #[test]
    fn what_is_no_command_is_told_with_what_to_write() {
        for (line, why) in [
            ("", "zenith index"),
            ("zenith", "zenith index"),
            ("zenith login", "index, sync, pull, push, export and doctor"),
            ("echo 'a", "not closed"),
        ] {
            let error = of(line, None).unwrap_err();
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}
