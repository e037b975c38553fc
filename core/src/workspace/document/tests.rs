use std::collections::BTreeSet;

use serde_json::json;
use yrs::{
    Any, ArrayPrelim, Doc, GetString, In, Map, MapPrelim, MapRef, Out, Text, TextPrelim, TextRef, Transact,
};

use super::*;
use crate::workspace::{Problem, Row, Value, table};

fn note(title: &str, body: &str) -> Edit {
    create(&new_id(), title, body)
}

fn create(id: &str, title: &str, body: &str) -> Edit {
    let values = vec![
        ("title", Value::Text(title.to_owned())),
        ("body", Value::Text(body.to_owned())),
        ("tags", words(&["a", "b"])),
        ("created_at", Value::Integer(1_700_000_000_000)),
        ("changed_at", Value::Integer(1_700_000_000_000)),
    ];
    Edit::Create { table: "notes", id: id.to_owned(), values }
}

fn set(id: &str, column: &'static str, value: Value) -> Edit {
    Edit::Set { table: "notes", id: id.to_owned(), values: vec![(column, value)] }
}

fn words(words: &[&str]) -> Value {
    Value::Words(words.iter().map(|word| (*word).to_owned()).collect())
}

fn field(row: &Row, name: &str) -> Value {
    row.value(table("notes").unwrap(), name).clone()
}

fn value(replica: &Replica, id: &str, name: &str) -> Value {
    field(replica.snapshot().row("notes", id).unwrap(), name)
}

/// Another copy of a document, with a client id of its own.
fn copy(of: &Replica) -> Replica {
    let mut copy = Replica::new("d");
    copy.apply(&of.state()).unwrap();
    copy.refresh();
    copy
}

/// Both have what the other had.
fn meet(one: &mut Replica, other: &mut Replica) {
    let (from_one, from_other) = (one.state(), other.state());
    one.apply(&from_other).unwrap();
    other.apply(&from_one).unwrap();
    one.refresh();
    other.refresh();
    assert!(one.holds(other.snapshot()));
}

#[test]
fn a_row_is_read_as_it_was_written_and_its_moment_is_told() {
    let mut replica = Replica::new("d");
    let update = replica.edit(&[create("n", "Title", "Body ä🦀")]).unwrap();
    assert!(!update.is_empty());
    let first = Arc::clone(replica.snapshot());
    assert_eq!(first.generation, 1);
    assert_eq!(value(&replica, "n", "title"), Value::Text("Title".to_owned()));
    assert_eq!(value(&replica, "n", "body"), Value::Text("Body ä🦀".to_owned()));
    assert_eq!(value(&replica, "n", "tags"), words(&["a", "b"]));
    assert_eq!(value(&replica, "n", "created_at"), Value::Integer(1_700_000_000_000));
    assert_eq!(value(&replica, "n", "line"), Value::None);

    replica.edit(&[note("Other", ""), set("n", "line", Value::Integer(7))]).unwrap();
    let changes = replica.snapshot().changes_since(&first);
    assert_eq!((changes.rows.len(), replica.snapshot().generation), (2, 2));
    assert_eq!(field(first.row("notes", "n").unwrap(), "line"), Value::None, "a moment stays what it was");

    replica.edit(&[Edit::Remove { table: "notes", id: "n".to_owned() }]).unwrap();
    assert_eq!(replica.snapshot().row("notes", "n"), None);
    assert!(
        copy(&replica).holds(replica.snapshot()),
        "what is read from the whole is what was read by steps"
    );
}

#[test]
fn an_edit_that_changes_nothing_makes_no_update() {
    let mut replica = Replica::new("d");
    replica.edit(&[create("n", "Title", "Body")]).unwrap();
    let same = [
        set("n", "title", Value::Text("Title".to_owned())),
        set("n", "body", Value::Text("Body".to_owned())),
    ];
    assert_eq!(replica.edit(&same).unwrap(), Vec::<u8>::new());
    assert_eq!(replica.edit(&[set("n", "tags", words(&["a", "b"]))]).unwrap(), Vec::<u8>::new());
    assert_eq!(replica.snapshot().generation, 1);
}

#[test]
fn an_edit_is_made_whole_or_not_at_all() {
    let mut replica = Replica::new("d");
    replica.edit(&[create("n", "Title", "")]).unwrap();
    let state = replica.state();
    let table = "notes";
    let missing = Edit::Create { table, id: "m".to_owned(), values: Vec::new() };
    let refused = [
        (missing, EditError::Missing { table, column: "title" }),
        (create("n", "Again", ""), EditError::There("n".to_owned())),
        (set("gone", "title", words(&[])), EditError::Gone("gone".to_owned())),
        (Edit::Remove { table, id: "gone".to_owned() }, EditError::Gone("gone".to_owned())),
        (set("n", "title", Value::Integer(1)), EditError::Kind { table, column: "title" }),
        (set("n", "title", Value::None), EditError::Missing { table, column: "title" }),
        (set("n", "colour", Value::None), EditError::NoColumn { table, column: "colour".to_owned() }),
        (set("n", "line", Value::Integer(1 << 60)), EditError::Kind { table, column: "line" }),
        (set("n", "line", Value::Integer(i64::MIN)), EditError::Kind { table, column: "line" }),
        (
            set("n", "body", Value::Text("x".repeat(BODY_BYTES_MAX + 1))),
            EditError::Long { column: "body", bytes: BODY_BYTES_MAX + 1 },
        ),
        (Edit::Remove { table: "select", id: "n".to_owned() }, EditError::NoTable("select".to_owned())),
    ];
    for (edit, why) in refused {
        let good = set("n", "title", Value::Text("Changed".to_owned()));
        assert_eq!(replica.edit(&[good, edit]), Err(why));
        assert_eq!(replica.state(), state);
    }
}

#[test]
fn two_who_write_apart_keep_what_both_wrote() {
    let mut here = Replica::new("d");
    here.edit(&[create("n", "Title", "The first line.\nThe last line, with ä and 🦀.\n")]).unwrap();
    let mut there = copy(&here);
    let body = "The very first line.\nThe last line, with ä and 🦀.\n";
    here.edit(&[set("n", "body", Value::Text(body.to_owned())), set("n", "tags", words(&["a", "here"]))])
        .unwrap();
    let body = "The first line.\nThe last line, with ä, ß and 🦀.\n";
    there
        .edit(&[set("n", "body", Value::Text(body.to_owned())), set("n", "tags", words(&["b", "there"]))])
        .unwrap();
    there.edit(&[set("n", "line", Value::Integer(3)), note("From there", "")]).unwrap();
    meet(&mut here, &mut there);
    let both = "The very first line.\nThe last line, with ä, ß and 🦀.\n";
    assert_eq!(value(&here, "n", "body"), Value::Text(both.to_owned()));
    assert_eq!(value(&here, "n", "tags"), words(&["here", "there"]));
    assert_eq!(value(&here, "n", "line"), Value::Integer(3));
}

#[test]
fn a_row_that_one_removes_is_gone_although_another_edits_it_and_may_come_anew() {
    let mut here = Replica::new("d");
    here.edit(&[create("n", "Old", "old")]).unwrap();
    let mut there = copy(&here);
    here.edit(&[Edit::Remove { table: "notes", id: "n".to_owned() }]).unwrap();
    there.edit(&[set("n", "body", Value::Text("old and edited".to_owned()))]).unwrap();
    meet(&mut here, &mut there);
    assert_eq!(here.snapshot().row("notes", "n"), None);
    here.edit(&[create("n", "New", "new")]).unwrap();
    meet(&mut here, &mut there);
    assert_eq!(value(&there, "n", "body"), Value::Text("new".to_owned()));
}

/// What a peer that knows no tables wrote.
fn written(write: impl FnOnce(&MapRef, &mut yrs::TransactionMut<'_>)) -> Replica {
    let peer = Doc::new();
    let notes = peer.get_or_insert_map("tables:notes");
    let mut txn = peer.transact_mut();
    write(&notes, &mut txn);
    let update = txn.encode_update_v1();
    drop(txn);
    let mut replica = Replica::new("d");
    replica.apply(&update).unwrap();
    replica.refresh();
    replica
}

fn fields(more: Vec<(&str, In)>) -> MapPrelim {
    let good = [("title", In::from("T")), ("created_at", In::from(1.0)), ("changed_at", In::from(2.0))];
    good.into_iter().chain(more).collect()
}

#[test]
fn what_is_no_row_is_named_and_harms_no_other() {
    let replica = written(|notes, txn| {
        notes.insert(txn, "good", fields(vec![("later", In::from(Any::from_json("[1,2]").unwrap()))]));
        notes.insert(txn, "number", 5);
        let untitled = notes.insert(txn, "untitled", fields(Vec::new()));
        untitled.remove(txn, "title");
        notes.insert(txn, "tags", fields(vec![("tags", In::from(7))]));
        notes.insert(txn, "times", fields(vec![("created_at", In::from(f64::NAN)), ("line", In::from(1.5))]));
        notes.insert(txn, "document", Doc::new());
    });
    let snapshot = replica.snapshot();
    let told = |id: &str| -> Vec<(Option<&str>, &str)> {
        let problems = &snapshot.problems[&("notes".to_owned(), id.to_owned())];
        let of = |problem: &'_ Problem| problem.table == "notes" && problem.id == id;
        assert!(problems.iter().all(of));
        problems.iter().map(|problem| (problem.field.as_deref(), problem.why.as_str())).collect()
    };
    assert_eq!(snapshot.problems.len(), 5);
    assert_eq!(told("number"), [(None, "is a number, not a row")]);
    assert_eq!(told("document"), [(None, "is a document of its own, not a row")]);
    assert_eq!(told("untitled"), [(Some("title"), "is missing")]);
    assert_eq!(told("tags"), [(Some("tags"), "is a number, not a map of words")]);
    assert_eq!(
        told("times"),
        [(Some("line"), "is 1.5, no whole number"), (Some("created_at"), "is NaN, no whole number")]
    );
    let good = snapshot.row("notes", "good").unwrap();
    assert_eq!(field(good, "created_at"), Value::Integer(1), "a float that is whole is an integer");
    assert_eq!(good.extra.get("later"), Some(&json!([1, 2])));
    assert_eq!(replica.snapshot().tables["notes"].len(), 1);
}

#[test]
fn a_row_heals_where_it_is_mended_and_keeps_what_no_table_knows() {
    let mut replica = written(|notes, txn| {
        notes.insert(txn, "n", fields(vec![("line", In::from("seven")), ("later", In::from("kept"))]));
    });
    assert_eq!(replica.snapshot().row("notes", "n"), None);
    replica.edit(&[set("n", "line", Value::Integer(7))]).unwrap();
    assert!(replica.snapshot().problems.is_empty());
    let row = replica.snapshot().row("notes", "n").unwrap();
    assert_eq!(row.extra.get("later"), Some(&json!("kept")));
}

#[test]
fn a_body_with_something_that_is_no_text_is_replaced_and_not_cut_at_a_wrong_place() {
    let mut replica = written(|notes, txn| {
        let note = notes.insert(txn, "n", fields(Vec::new()));
        let body: TextRef = note.insert(txn, "body", TextPrelim::new("before äfter"));
        body.insert_embed(txn, 6, Any::from("a picture"));
        notes.insert(txn, "plain", fields(vec![("body", In::from("plain"))]));
        notes.insert(txn, "list", fields(vec![("body", In::Array(ArrayPrelim::from(["x"])))]));
    });
    for id in ["n", "plain", "list"] {
        replica.edit(&[set(id, "body", Value::Text("whole ä".to_owned()))]).unwrap();
        assert_eq!(value(&replica, id, "body"), Value::Text("whole ä".to_owned()), "{id}");
    }
}

#[test]
fn an_update_that_waits_for_another_shows_when_that_comes() {
    let mut here = Replica::new("d");
    let first = here.edit(&[create("a", "A", "")]).unwrap();
    let second = here.edit(&[set("a", "title", Value::Text("B".to_owned()))]).unwrap();
    let mut there = Replica::new("d");
    there.apply(&second).unwrap();
    there.refresh();
    assert_eq!(there.row_count(), 0);
    assert!(there.is_waiting());
    // What waits is in the state, and so in a fold.
    let mut folded = copy(&there);
    folded.apply(&first).unwrap();
    folded.refresh();
    assert!(folded.holds(here.snapshot()));
    assert!(!folded.is_waiting());
}

#[test]
fn ids_are_in_the_order_of_their_time() {
    let ids: Vec<String> = (0..1000).map(|_| new_id()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(ids.windows(2).all(|pair| pair[0][..13] <= pair[1][..13]), "by the millisecond");
    assert!(ids.iter().all(|id| uuid::Uuid::parse_str(id).unwrap().get_version_num() == 7));
}

#[test]
fn a_root_that_a_peer_made_another_thing_of_holds_its_rows_still() {
    let peer = Doc::new();
    let text = peer.get_or_insert_text("tables:notes");
    let mut txn = peer.transact_mut();
    text.push(&mut txn, "no rows");
    let update = txn.encode_update_v1();
    drop(txn);
    assert_eq!(text.get_string(&peer.transact()), "no rows");
    let mut replica = Replica::new("d");
    replica.edit(&[create("n", "Title", "")]).unwrap();
    replica.apply(&update).unwrap();
    replica.refresh();
    replica.edit(&[set("n", "title", Value::Text("Still".to_owned()))]).unwrap();
    assert_eq!(value(&replica, "n", "title"), Value::Text("Still".to_owned()));
    assert!(matches!(replica.roots[0].1.get(&replica.doc.transact(), "n"), Some(Out::YMap(_))));
}
