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

    /// Keeps what one left without doing anything by it, unless it is the beginning of what is kept.
    pub fn pass(&mut self, query: &str) {
        let query = query.trim();
        if !self.queries.iter().any(|kept| is_begun(query, kept)) {
            self.note(query);
        }
    }

    /// Keeps a query; one that is there already becomes the newest. The one before it that was typed on, and what is
    /// the beginning of a word of it, are none.
    pub fn note(&mut self, query: &str) {
        let query = query.trim();
        if query.chars().count() < 2 || query.len() > QUERY_BYTES_MAX {
            return;
        }
        self.queries.pop_if(|newest| query.starts_with(newest.as_str()));
        self.queries.retain(|other| other != query && !is_begun(other, query));
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

/// Whether something ends within a word of what it is the beginning of.
fn is_begun(begun: &str, whole: &str) -> bool {
    let rest = whole.strip_prefix(begun).filter(|_| begun.ends_with(char::is_alphanumeric));
    rest.is_some_and(|rest| rest.starts_with(|next: char| next.is_alphanumeric() && !next.is_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_on_and_what_is_begun_is_not_kept() {
        let mut history = History::default();
        for query in ["tokio", "sp", "spawn blo", "spawn blocking", "Arc", "queue", "ArcSwap", "que", "spawn"]
        {
            history.note(query);
        }
        assert_eq!(history.all(), ["tokio", "spawn blocking", "Arc", "queue", "ArcSwap", "que", "spawn"]);
        history.note("queue");
        history.pass("spaw");
        history.pass("ArcSwap");
        let kept = ["tokio", "spawn blocking", "Arc", "spawn", "queue", "ArcSwap"];
        assert_eq!(
            history.all(),
            kept,
            "who did something by a query has it kept; who left one has no beginning kept"
        );
        history.note("queue pkg:tokio");
        assert_eq!(history.all().len(), 7);
        history.note("queue pkg:tokio kind:fn");
        assert_eq!(history.all().last().map(String::as_str), Some("queue pkg:tokio kind:fn"));
        assert_eq!(history.all().len(), 7, "it was typed on");
    }

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
