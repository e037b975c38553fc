use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use libsql::Connection;

use super::*;
use crate::workspace::row::{Problem, Row, Value};
use crate::workspace::snapshot::{Changes, Snapshot};
use crate::workspace::table::{Column, Kind, Table};

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_required: false, about: "odd" }
}

/// Names that are keywords, and names that are syntax.
static ODD: [Table; 2] = [
    Table {
        name: "order",
        about: "odd",
        columns: &[column("group", Kind::Body), column("sel\"ect", Kind::Flag), column("from", Kind::Words)],
    },
    Table { name: "a\"b'c", about: "odd", columns: &[column("'; --", Kind::Body), column("to", Kind::Time)] },
];

fn row(id: &str, values: Vec<Value>) -> Arc<Row> {
    Arc::new(Row { id: id.to_owned(), values, extra: serde_json::Map::new() })
}

async fn base() -> Connection {
    libsql::Builder::new_local(":memory:").build().await.unwrap().connect().unwrap()
}

#[tokio::test]
async fn names_that_are_syntax_are_only_names() {
    let words = Value::Words(["select", "\"", "'"].map(str::to_owned).into());
    let order = [
        row("select", vec![Value::Text("drop table".to_owned()), Value::Flag(true), words]),
        row("'", vec![Value::None, Value::Flag(false), Value::None]),
    ];
    let odd = [row("\"", vec![Value::Text("\0'\"".to_owned()), Value::Integer(i64::MIN)])];
    let by_id = |rows: &[Arc<Row>]| rows.iter().map(|row| (row.id.clone(), row.clone())).collect();
    let mut snapshot = Snapshot {
        tables: BTreeMap::from([("order", by_id(&order)), ("a\"b'c", by_id(&odd))]),
        ..Snapshot::default()
    };
    let (connection, mut rows) = (base().await, Rows::new(&ODD));
    whole(&connection, async |connection| rows.fill(connection, &snapshot).await).await.unwrap();
    assert_eq!(*rows.read(&connection).await.unwrap(), Dump::of_tables(&ODD, &snapshot));

    snapshot.tables.get_mut("order").unwrap().remove("'");
    let odd = row("\"", vec![Value::Text("found by its words".to_owned()), Value::None]);
    snapshot.tables.get_mut("a\"b'c").unwrap().insert("\"".to_owned(), odd);
    let changes: BTreeSet<_> = [("order", "'".to_owned()), ("a\"b'c", "\"".to_owned())].into();
    let changes = Changes { rows: changes };
    whole(&connection, async |connection| rows.patch(connection, &changes, &snapshot).await).await.unwrap();
    assert_eq!(*rows.read(&connection).await.unwrap(), Dump::of_tables(&ODD, &snapshot));
    let found = "SELECT count(*) FROM \"a\"\"b'c_text\" WHERE \"a\"\"b'c_text\" MATCH 'word'";
    assert_eq!(crate::catalog::query(&connection, found, &[], |row| row.get::<i64>(0)).await.unwrap(), [1]);
}

#[tokio::test]
async fn what_fails_half_way_leaves_nothing() {
    let (connection, mut rows) = (base().await, Rows::new(&ODD));
    whole(&connection, async |connection| rows.fill(connection, &Snapshot::default()).await).await.unwrap();
    let failed = whole(&connection, async |connection| {
        connection.execute("INSERT INTO \"order\" (id, extra) VALUES ('1', '{}')", ()).await?;
        connection.execute("INSERT INTO \"order\" (id, extra) VALUES ('1', '{}')", ()).await?;
        Ok(())
    });
    assert!(failed.await.is_err());
    assert!(connection.is_autocommit());
    assert_eq!(*rows.read(&connection).await.unwrap(), Dump::default());
}

#[test]
fn dumps_differ_where_rows_do_and_nowhere_else() {
    let of = |values: Vec<Value>, problems: &[&str]| {
        let problem = |why: &&str| Problem {
            table: "order".to_owned(),
            id: "2".to_owned(),
            field: None,
            why: (*why).to_owned(),
        };
        let key = ("order".to_owned(), "2".to_owned());
        let problems: Vec<_> = problems.iter().map(problem).collect();
        let snapshot = Snapshot {
            tables: BTreeMap::from([("order", BTreeMap::from([("1".to_owned(), row("1", values))]))]),
            problems: if problems.is_empty() { BTreeMap::new() } else { BTreeMap::from([(key, problems)]) },
            ..Snapshot::default()
        };
        Dump::of_tables(&ODD, &snapshot)
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let one = of(vec![text("a"), Value::Flag(true)], &["x"]);
    assert_eq!(one, of(vec![text("a"), Value::Flag(true), Value::None], &["x"]), "nothing is nothing");
    for other in [
        of(vec![text("b"), Value::Flag(true)], &["x"]),
        of(vec![text("a"), Value::None], &["x"]),
        of(vec![text("a"), Value::Flag(true)], &["x", "y"]),
        of(vec![text("a"), Value::Flag(true)], &[]),
    ] {
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.differences(&other).len(), 1);
    }
    let differs = one.differences(&Dump::default());
    assert_eq!(differs.iter().map(|(table, _)| *table).collect::<Vec<_>>(), ["order", "problems"]);
}

#[test]
fn the_rows_of_problems_are_told_apart_whatever_their_names() {
    for (table, id) in [("notes", "1"), ("", ""), ("a:b", "3:c"), ("é", "12:")] {
        assert_eq!(dump::row_of_problem(&dump::problem_key(table, id).1), (table, id));
    }
}
