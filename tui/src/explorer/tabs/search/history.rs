//! What was searched for, so that it can be recalled.

/// Queries that are kept.
const QUERIES_MAX: usize = 50;
/// A longer query is none that anyone types.
pub const QUERY_BYTES_MAX: usize = 512;

#[derive(Debug, Default)]
pub struct History {
    /// The newest last.
    queries: Vec<String>,
    /// What is being recalled: what stood in the line before, and how far back one is.
    recalled: Option<(String, usize)>,
}

impl History {
    /// With what was kept of an earlier start.
    pub fn with(queries: impl IntoIterator<Item = String>) -> History {
        let mut history = History::default();
        queries.into_iter().for_each(|query| history.note(&query));
        history
    }

    /// Keeps a query; one that is there already becomes the newest.
    pub fn note(&mut self, query: &str) {
        let query = query.trim();
        if query.chars().count() < 2 || query.len() > QUERY_BYTES_MAX {
            return;
        }
        self.queries.retain(|other| other != query);
        self.queries.push(query.to_string());
        let surplus = self.queries.len().saturating_sub(QUERIES_MAX);
        self.queries.drain(..surplus);
    }

    /// The next earlier query that has what stood in the line when one began to recall.
    pub fn recall(&mut self, line: &str) -> Option<String> {
        let (stem, from) = match &self.recalled {
            Some((stem, from)) => (stem.clone(), *from),
            None => (line.trim().to_lowercase(), self.queries.len()),
        };
        let earlier = self.queries.iter().take(from);
        let fits = |query: &&String| query.to_lowercase().contains(&stem) && query.as_str() != line.trim();
        let place = earlier.collect::<Vec<&String>>().iter().rposition(fits)?;
        self.recalled = Some((stem, place));
        self.queries.get(place).cloned()
    }

    pub fn is_recalling(&self) -> bool {
        self.recalled.is_some()
    }

    /// The line is another one: the next recall begins at the newest.
    pub fn forget_place(&mut self) {
        self.recalled = None;
    }

    /// All of them, the newest last.
    pub fn all(&self) -> &[String] {
        &self.queries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_through_what_was_searched_and_each_stands_there_once() {
        let mut history = History::with(["spawn", "queue", "spawn", "a"].map(str::to_string));
        assert_eq!(history.all(), ["queue", "spawn"], "a letter is no query");
        assert_eq!(history.recall("").as_deref(), Some("spawn"));
        assert_eq!(history.recall("spawn").as_deref(), Some("queue"));
        assert_eq!(history.recall("queue"), None);
        history.forget_place();
        assert_eq!(history.recall("ue").as_deref(), Some("queue"), "what has the letters that are typed");
    }

    #[test]
    fn it_is_bounded() {
        let history = History::with((0..300).map(|number| format!("query {number}")));
        assert_eq!((history.all().len(), history.all()[0].as_str()), (QUERIES_MAX, "query 250"));
        assert!(History::with(["x".repeat(600)]).all().is_empty());
    }
}
