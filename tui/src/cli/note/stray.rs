//! Rows that a peer wrote among the notes and that are none.

use zenith_core::workspace::Snapshot;

/// The one row that is no note and is named so, where no note is: by its whole id, or a beginning or an end of it.
pub fn named<'a>(snapshot: &'a Snapshot, named: &str) -> Option<&'a str> {
    let is_named =
        |id: &str| id == named || named.len() >= 4 && (id.ends_with(named) || id.starts_with(named));
    if snapshot.notes().iter().any(|note| is_named(note.id)) {
        return None;
    }
    let rows = snapshot.problems.keys().filter(|(table, id)| table == "notes" && is_named(id));
    let rows: Vec<&str> = rows.map(|(_, id)| id.as_str()).collect();
    match rows.as_slice() {
        [row] => Some(*row),
        rows => rows.iter().copied().find(|id| *id == named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_no_note_is_named_by_a_part_of_its_id_or_by_all_of_a_short_one() {
        let mut snapshot = Snapshot::default();
        for (table, id) in
            [("notes", "0193-one"), ("notes", "0193-two"), ("notes", "x"), ("other", "0193-far")]
        {
            snapshot.problems.insert((table.to_owned(), id.to_owned()), Vec::new());
        }
        for (typed, found) in
            [("-one", Some("0193-one")), ("x", Some("x")), ("0193", None), ("one", None), ("-far", None)]
        {
            assert_eq!(named(&snapshot, typed), found, "{typed}");
        }
    }
}
