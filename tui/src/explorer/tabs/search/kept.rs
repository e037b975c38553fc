//! What the tab keeps for the next start.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tui_input::Input;
use zenith_core::search::Mode;

use super::Search;
use super::history::{History, QUERY_BYTES_MAX};

/// As it is written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    query: String,
    mode: String,
    /// The newest last.
    history: Vec<String>,
}

impl Search {
    /// What stands in the line, how it is searched, and what was searched before.
    pub fn keep(&self) -> Option<Value> {
        let line = Some(self.input.value().trim()).filter(|line| line.len() <= QUERY_BYTES_MAX);
        let (query, mode) = (line.unwrap_or_default().to_string(), self.mode.to_string());
        let mut history = History::with(self.history.all().iter().cloned());
        history.pass(&query);
        serde_json::to_value(Kept { query, mode, history: history.all().to_vec() }).ok()
    }

    /// Goes on with what was kept.
    pub fn take_kept(&mut self, kept: &Value) {
        let Kept { query, mode, history } = Kept::deserialize(kept).unwrap_or_default();
        // Somebody may have written into the file.
        let is_a_line = |line: &String| !line.chars().any(char::is_control);
        self.history = History::with(history.into_iter().filter(is_a_line));
        self.mode = mode.parse().unwrap_or(Mode::Hybrid);
        self.input = Input::new(Some(query).filter(is_a_line).unwrap_or_default());
    }
}
