//! Printing: text from packages is cleaned on its way to a terminal, JSON is one object a line.

use std::io::{IsTerminal, Write};

use serde::Serialize;
use zenith_core::package::Tier;

use crate::text::escaped_json;
pub use crate::text::{clean, clean_line, counted as count, is_broken_pipe, with_causes};

/// A line on standard output.
pub fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{}", text.as_ref())?)
}

/// Whether somebody sits there who can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether whoever sits there says yes to a question, which stands on standard error: what is told goes where it is sent.
/// Nobody is asked where nobody can answer: that is looked at before.
pub fn is_agreed(question: &str) -> anyhow::Result<bool> {
    let mut asking = std::io::stderr().lock();
    write!(asking, "{question} [y/N] ")?;
    asking.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// An object as one line of JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(escaped_json(&serde_json::to_string(value)?))
}

/// An error with its causes, on standard error.
pub fn error(error: &anyhow::Error) {
    // Nothing is left to tell it to if this fails.
    let _ = writeln!(std::io::stderr().lock(), "zenith: {}", clean(&with_causes(error)));
}

/// Something to know that stops nothing, on standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "zenith: {}", clean(text));
}

/// Whether a stream is a terminal that can move its cursor and show letters in more ways than one.
pub fn is_live(stream: &impl IsTerminal) -> bool {
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    stream.is_terminal() && !is_dumb
}

/// Colours where a person looks, unless they asked for none.
#[derive(Clone, Copy)]
pub struct Style {
    colours: bool,
}

impl Style {
    pub fn of_stdout() -> Style {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Style { colours: is_live(&std::io::stdout()) && !unwanted }
    }

    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn tier(self, tier: Tier) -> String {
        let code = match tier {
            Tier::Public => "32",
            Tier::Team => "34",
            Tier::Private => "35",
        };
        self.paint(code, tier.as_str())
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.colours {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }
}
