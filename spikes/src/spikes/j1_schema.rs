//! J1: the catalog's schema carries the three tiers on the server, and scoped queries give each
//! identity its rows and no other.
//!
//! Why: one table with visibility columns is the whole access model of the catalog; if the server
//! did not take the schema, or the predicate let a row through, there would be no tiers.
//!
//! Method: the product makes its tables on the lab's database and writes a package of every scope
//! through its own claims. Every column is read back; rows that break a rule are offered by plain
//! SQL; then anonymous, a member, the owner and an outsider ask through the product's query.
//!
//! Accept when all columns hold what was written, every broken row is refused, and each identity
//! sees exactly its rows, by listing and by lookup.

use futures::FutureExt;
use libsql::Connection;
use zenith_core::catalog::{Catalog, Status};
use zenith_core::identity::{Identity, Scope};
use zenith_core::package::PackageId;
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::packages::{self, expected_for, finished, id, put_all, scopes, seen_by};
use crate::people::{self, Shape, sign_in};

const PREDICATE: &str = "scope-predicate-dropped";
const RULES: &str = "rules-dropped";

pub const SPIKE: Spike = Spike {
    id: "J1",
    title: "the catalog's schema carries three tiers, and each identity sees its rows alone",
    group: Group::Catalog,
    backends: &[Backend::Embedded, Backend::Local, Backend::Container, Backend::Cloud],
    expected: Expected::Holds,
    targets: &[],
    faults: &[
        Fault { name: PREDICATE, what: "every row says that its reader may see it" },
        Fault { name: RULES, what: "the table has neither key nor checks" },
    ],
    run: |trial| run(trial).boxed(),
};

/// The columns that the documents ask for.
const COLUMNS: [&str; 18] = [
    "visibility",
    "owner_id",
    "team_id",
    "ecosystem",
    "package",
    "version",
    "description",
    "repo_url",
    "symbol_count",
    "chunk_count",
    "source_cached",
    "r2_lance_path",
    "embedding_model",
    "status",
    "claim_holder",
    "indexed_by",
    "indexed_at",
    "schema_version",
];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let database = trial.lab.database("catalog").await?;
    let catalog = database.catalog().await?;
    let raw = database.open().await?.connect()?;

    trial.progress("writing a package of every scope");
    put_all(&catalog).await?;
    if trial.has_fault(PREDICATE) {
        packages::drop_predicate(&raw).await?;
    }
    if trial.has_fault(RULES) {
        packages::drop_key(&raw).await?;
    }

    let columns = columns(&raw).await?;
    for column in COLUMNS {
        evidence.check(format!("the column {column} is there"), columns.iter().any(|name| name == column));
    }
    every_field_comes_back(&catalog, &mut evidence).await?;
    broken_rows_are_refused(&raw, &mut evidence).await;

    let issuer = trial.lab.issuer();
    let mut identities = vec![("anonymous", Identity::Anonymous)];
    for (who, person) in
        [("owner", people::owner()), ("member", people::member()), ("outsider", people::outsider())]
    {
        identities.push((who, sign_in(issuer, Shape::ClerkV2, &person).await?));
    }
    let all: Vec<PackageId> = scopes().iter().map(|(_, name)| id(name)).collect::<Result<_, _>>()?;
    for (who, identity) in &identities {
        let expected = expected_for(identity);
        evidence.check_eq(format!("{who} lists"), seen_by(&catalog, identity).await?, expected.clone());
        let mut found: Vec<String> =
            catalog.lookup(identity, &all).await?.iter().map(|entry| entry.id.name().to_string()).collect();
        found.sort();
        evidence.check_eq(format!("{who} looks up"), found, expected.clone());
        evidence.count(format!("rows for {who}"), expected.len() as u64, Unit::Rows);
    }
    Ok(evidence)
}

async fn columns(raw: &Connection) -> anyhow::Result<Vec<String>> {
    let mut rows = raw.query("SELECT name FROM pragma_table_info('indexed_packages')", ()).await?;
    let mut names = Vec::new();
    while let Some(row) = rows.next().await? {
        names.push(row.get(0)?);
    }
    Ok(names)
}

async fn every_field_comes_back(catalog: &Catalog, evidence: &mut Evidence) -> anyhow::Result<()> {
    let (scope, id) = (Scope::Public, id("serde")?);
    let written = finished(&scope, &id);
    let Some(read) = catalog.package(&Identity::Anonymous, &scope, &id).await? else {
        evidence.check("the public package is found", false);
        return Ok(());
    };
    evidence.check_eq("status", read.status, Status::Ready);
    evidence.check_eq("description", read.description, written.description);
    evidence.check_eq("repo_url", read.repo_url, written.repo_url);
    evidence.check_eq(
        "counts",
        (read.symbol_count, read.chunk_count),
        (written.symbol_count, written.chunk_count),
    );
    evidence.check_eq("r2_lance_path", read.dataset, Some(written.dataset));
    evidence.check_eq("embedding_model", read.embedding_model, Some(written.embedding_model));
    evidence.check_eq("indexed_by", read.indexed_by, Some("spike".to_string()));
    evidence.check("indexed_at is set by the database", read.indexed_at_ms.is_some_and(|at| at > 0));
    evidence.check_eq("a finished package carries no claim", read.claim, None);
    Ok(())
}

async fn broken_rows_are_refused(raw: &Connection, evidence: &mut Evidence) {
    let insert = |values: &str| {
        format!(
            "INSERT INTO indexed_packages (scope, ecosystem, package, version, visibility, owner_id, \
             team_id, status, r2_lance_path, schema_version) VALUES ({values}, 1)"
        )
    };
    let broken = [
        ("an unknown tier", "'public', 'rust', 'a', '1', 'secret', NULL, NULL, 'failed', NULL"),
        ("a team's row without a team", "'team/x', 'rust', 'b', '1', 'team', NULL, NULL, 'failed', NULL"),
        (
            "a private row without an owner",
            "'private/x', 'rust', 'c', '1', 'private', NULL, NULL, 'failed', NULL",
        ),
        ("a public row with an owner", "'public', 'rust', 'd', '1', 'public', 'u', NULL, 'failed', NULL"),
        ("a ready row without a dataset", "'public', 'rust', 'e', '1', 'public', NULL, NULL, 'ready', NULL"),
        (
            "a second row of one key",
            "'public', 'rust', 'serde', '1.0.0', 'public', NULL, NULL, 'failed', NULL",
        ),
    ];
    for (what, values) in broken {
        evidence.check_err(format!("refused: {what}"), &raw.execute(&insert(values), ()).await);
    }
    let other =
        "'private/user_mika', 'rust', 'olives-notes', '1.0.0', 'private', 'user_mika', NULL, 'failed', NULL";
    let second_owner = raw.execute(&insert(other), ()).await;
    evidence.check("two owners may each have a package of one name", second_owner.is_ok());
    // What was let in all the same would disturb what follows.
    let _ = raw.execute("DELETE FROM indexed_packages WHERE symbol_count IS NULL", ()).await;
    let _ = raw.execute("DELETE FROM indexed_packages WHERE r2_lance_path IS NULL", ()).await;
}
