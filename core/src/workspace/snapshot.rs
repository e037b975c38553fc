//! The document at one moment, as rows: what the databases are made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::row::{Problem, Row};
use super::table::{TABLES, table};

/// All rows of a document after one of its commits. Cheap to keep: rows are shared between moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The id of the document.
    pub document: String,
    /// How many commits this process has seen; a later moment has a higher one.
    pub generation: u64,
    /// Rows by table and id. A table without rows may be missing.
    pub tables: BTreeMap<&'static str, BTreeMap<String, Arc<Row>>>,
    /// By table and id: a row may have several.
    pub problems: BTreeMap<(String, String), Vec<Problem>>,
}

/// What differs between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that came, changed, went, or became a problem, by table and id.
    pub rows: BTreeSet<(&'static str, String)>,
}

impl Snapshot {
    /// The rows of a table, each with its id.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = (&String, &Arc<Row>)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// Rows of all tables together.
    pub fn row_count(&self) -> usize {
        self.tables.values().map(BTreeMap::len).sum()
    }

    /// The row of a table by its id.
    pub fn row(&self, table: &str, id: &str) -> Option<&Arc<Row>> {
        self.tables.get(table)?.get(id)
    }

    /// What differs between an earlier moment and this one. Rows that both share are told apart by their place in memory
    /// alone, so that this costs a walk over the ids and no look at what is in them; a row that is equal but was read
    /// anew counts as changed.
    pub fn changes_since(&self, earlier: &Self) -> Changes {
        let mut changes = Changes::default();
        for table in TABLES {
            let none = BTreeMap::new();
            let before = earlier.tables.get(table.name).unwrap_or(&none);
            let now = self.tables.get(table.name).unwrap_or(&none);
            let is_same =
                |id: &String, row: &Arc<Row>| before.get(id).is_some_and(|old| Arc::ptr_eq(old, row));
            let came = now.iter().filter(|(id, row)| !is_same(id, row)).map(|(id, _)| id);
            let went = before.keys().filter(|id| !now.contains_key(*id));
            changes.rows.extend(came.chain(went).map(|id| (table.name, id.clone())));
        }
        // A row that never was one is in neither moment's tables; what is told of it may have changed all the same.
        let told = self.problems.iter().filter(|(row, why)| earlier.problems.get(*row) != Some(why));
        let no_more = earlier.problems.keys().filter(|row| !self.problems.contains_key(*row));
        changes.rows.extend(
            told.map(|(row, _)| row)
                .chain(no_more)
                .filter_map(|(name, id)| Some((table(name)?.name, id.clone()))),
        );
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> Arc<Row> {
        Arc::new(Row { id: id.to_owned(), values: Vec::new(), extra: serde_json::Map::new() })
    }

    #[test]
    fn what_came_changed_went_or_became_a_problem_is_a_change_and_what_is_shared_is_none() {
        let shared = row("shared");
        let problem = |id: &str, why: &str| {
            let key = ("notes".to_owned(), id.to_owned());
            let told =
                Problem { table: "notes".to_owned(), id: id.to_owned(), field: None, why: why.to_owned() };
            (key, vec![told])
        };
        let moment = |rows: Vec<Arc<Row>>, problems: Vec<_>| Snapshot {
            tables: BTreeMap::from([("notes", rows.into_iter().map(|row| (row.id.clone(), row)).collect())]),
            problems: problems.into_iter().collect(),
            ..Snapshot::default()
        };
        let before = moment(
            vec![Arc::clone(&shared), row("changed"), row("went"), row("broke")],
            vec![problem("same", "no title"), problem("other", "no title"), problem("healed", "no title")],
        );
        let now = moment(
            vec![shared, row("changed"), row("came"), row("healed")],
            vec![problem("same", "no title"), problem("other", "a number"), problem("broke", "no title")],
        );
        let ids = ["broke", "came", "changed", "healed", "other", "went"];
        let expected = ids.into_iter().map(|id| ("notes", id.to_owned())).collect();
        assert_eq!(now.changes_since(&before), Changes { rows: expected });
        assert_eq!(now.changes_since(&now), Changes::default());
    }
}
