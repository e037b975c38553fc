//! What a job runs, and who may run it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::JobError;

const ARGUMENTS_MAX: usize = 256;
const BYTES_MAX: usize = 64 * 1024;
const STATEMENTS_MAX: usize = 32;
const VARIABLES_MAX: usize = 64;
/// What a statement may begin with: nothing that opens another file, changes settings or holds a transaction open.
const BEGINNINGS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];

/// What a job runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Action {
    /// A program with its arguments, on a machine of the user's own. There is no shell in between.
    Program {
        argv: Vec<String>,
        /// Where it runs; a folder of its own where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        variables: BTreeMap<String, String>,
    },
    /// A command of zenith, on a machine of the user's own.
    Zenith {
        verb: Verb,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        arguments: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
    },
    /// Statements in the tenant's own database, run by the service.
    Sql { statements: Vec<String> },
}

/// The commands that a job may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    Index,
    Sync,
    Pull,
    Push,
    Export,
    Doctor,
}

impl Verb {
    pub const ALL: [Verb; 6] = [Verb::Index, Verb::Sync, Verb::Pull, Verb::Push, Verb::Export, Verb::Doctor];

    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Index => "index",
            Verb::Sync => "sync",
            Verb::Pull => "pull",
            Verb::Push => "push",
            Verb::Export => "export",
            Verb::Doctor => "doctor",
        }
    }

    pub fn named(text: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.as_str() == text)
    }
}

/// Where jobs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A machine of the user's own.
    Machine,
    /// The service's.
    Service,
}

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Machine => "machine",
            Place::Service => "service",
        }
    }

    /// The kinds of action that run there, as they stand in a row.
    pub(super) fn kinds(self) -> &'static str {
        match self {
            Place::Machine => "'program', 'zenith'",
            Place::Service => "'sql'",
        }
    }
}

impl Action {
    pub fn place(&self) -> Place {
        match self {
            Action::Program { .. } | Action::Zenith { .. } => Place::Machine,
            Action::Sql { .. } => Place::Service,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Action::Program { .. } => "program",
            Action::Zenith { .. } => "zenith",
            Action::Sql { .. } => "sql",
        }
    }

    /// What it runs, in one line for people: arguments that a shell would take apart stand in quotes.
    pub fn line(&self) -> String {
        let quoted =
            |word: &String| match word.chars().all(|c| c.is_alphanumeric() || "-_./:=@,+%".contains(c)) {
                true if !word.is_empty() => word.clone(),
                _ => format!("'{}'", word.replace('\'', r"'\''")),
            };
        match self {
            Action::Program { argv, .. } => argv.iter().map(quoted).collect::<Vec<_>>().join(" "),
            Action::Zenith { verb, arguments, .. } => {
                let words = ["zenith".to_string(), verb.as_str().to_string()];
                words.into_iter().chain(arguments.iter().map(quoted)).collect::<Vec<_>>().join(" ")
            }
            Action::Sql { statements } => statements.join("; "),
        }
    }

    /// The row's `command`: a JSON list of words.
    pub(super) fn command(&self) -> String {
        let words: Vec<&str> = match self {
            Action::Program { argv, .. } => argv.iter().map(String::as_str).collect(),
            Action::Zenith { verb, arguments, .. } => {
                [verb.as_str()].into_iter().chain(arguments.iter().map(String::as_str)).collect()
            }
            Action::Sql { statements } => statements.iter().map(String::as_str).collect(),
        };
        serde_json::Value::from(words).to_string()
    }

    pub(super) fn folder(&self) -> Option<&str> {
        match self {
            Action::Program { folder, .. } | Action::Zenith { folder, .. } => folder.as_deref(),
            Action::Sql { .. } => None,
        }
    }

    pub(super) fn variables(&self) -> String {
        match self {
            Action::Program { variables, .. } => serde_json::json!(variables).to_string(),
            _ => "{}".to_string(),
        }
    }

    /// From what a row holds. What is no list of words was written by something else.
    pub(super) fn of_row(
        kind: &str,
        command: &str,
        folder: Option<String>,
        variables: &str,
    ) -> Option<Action> {
        let words: Vec<String> = serde_json::from_str(command).ok()?;
        match kind {
            "program" => Some(Action::Program {
                argv: words,
                folder,
                variables: serde_json::from_str(variables).ok()?,
            }),
            "zenith" => {
                let (verb, arguments) = words.split_first()?;
                Some(Action::Zenith { verb: Verb::named(verb)?, arguments: arguments.to_vec(), folder })
            }
            "sql" => Some(Action::Sql { statements: words }),
            _ => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), JobError> {
        let fails = |why: &str| Err(JobError::invalid("action", why));
        if let Some(folder) = self.folder()
            && (!folder.starts_with('/') || folder.contains('\0'))
        {
            let why = "a folder is named from the root on, as `/home/me/project`";
            return Err(JobError::invalid("folder", why));
        }
        match self {
            Action::Program { argv, variables, .. } => {
                check_words(argv)?;
                check_variables(variables)?;
                match argv.first() {
                    None => fails("a program is named"),
                    Some(program) if program.trim().is_empty() => fails("a program is named"),
                    Some(program) if program.chars().any(char::is_control) => {
                        fails("the program's name has a line's end or another control character in it")
                    }
                    Some(program) if program.contains('/') && !program.starts_with('/') => {
                        fails("a program is named by its name alone, or from the root on")
                    }
                    Some(_) => Ok(()),
                }
            }
            Action::Zenith { arguments, .. } => check_words(arguments),
            Action::Sql { statements } => {
                if statements.is_empty() || statements.len() > STATEMENTS_MAX {
                    return fails("there are between 1 and 32 statements");
                }
                for statement in statements {
                    let first = statement.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next();
                    let first = first.unwrap_or_default().to_ascii_uppercase();
                    if !BEGINNINGS.contains(&first.as_str()) || statement.contains('\0') {
                        return fails(
                            "a statement begins with SELECT, INSERT, UPDATE, DELETE, REPLACE or WITH",
                        );
                    }
                }
                check_words(statements)
            }
        }
    }
}

fn check_words(words: &[String]) -> Result<(), JobError> {
    let fails = |why: &str| Err(JobError::invalid("action", why));
    if words.len() > ARGUMENTS_MAX {
        return fails("there are at most 256 arguments");
    }
    if words.iter().map(String::len).sum::<usize>() > BYTES_MAX {
        return fails("arguments have at most 64 KiB together");
    }
    match words.iter().any(|word| word.contains('\0')) {
        true => fails("an argument has a NUL in it, which no program can be given"),
        false => Ok(()),
    }
}

fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), JobError> {
    let fails = |why: &str| Err(JobError::invalid("variables", why));
    if variables.len() > VARIABLES_MAX {
        return fails("there are at most 64 variables");
    }
    for (name, value) in variables {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_letter) {
            return fails("a variable's name has letters, digits and _ alone");
        }
        if value.contains('\0') || name.len() + value.len() > BYTES_MAX {
            return fails("a variable's value has a NUL in it, or is larger than 64 KiB");
        }
    }
    Ok(())
}
