//! The packages of the spikes: a row of every tier, and how a catalog is made to lie.

use anyhow::{Context, ensure};
use libsql::Connection;
use zenith_core::catalog::{Catalog, ClaimOutcome, Finished};
use zenith_core::embed::StaticModel;
use zenith_core::identity::{Identity, Scope};
use zenith_core::lake::Lake;
use zenith_core::package::PackageId;

use crate::people::{OTHER_TEAM, TEAM};

/// One package of each kind of scope that can be seen or not: public, two teams', two users'.
pub fn scopes() -> [(Scope, &'static str); 5] {
    [
        (Scope::Public, "serde"),
        (Scope::Team(TEAM.to_string()), "acme-widgets"),
        (Scope::Team(OTHER_TEAM.to_string()), "umbra-gadgets"),
        (Scope::Private("user_olive".to_string()), "olives-notes"),
        (Scope::Private("user_otto".to_string()), "ottos-notes"),
    ]
}

/// What an identity is to see of [`scopes`], by name.
pub fn expected_for(identity: &Identity) -> Vec<String> {
    let visible = identity.scopes();
    let mut names: Vec<String> = scopes()
        .into_iter()
        .filter(|(scope, _)| visible.contains(scope))
        .map(|(_, name)| name.to_string())
        .collect();
    names.sort();
    names
}

/// The names of what an identity sees, by the product's own query.
pub async fn seen_by(catalog: &Catalog, identity: &Identity) -> anyhow::Result<Vec<String>> {
    let entries = catalog.packages(identity).await?;
    let mut names: Vec<String> = entries.iter().map(|entry| entry.id.name().to_string()).collect();
    names.sort();
    Ok(names)
}

pub fn id(name: &str) -> anyhow::Result<PackageId> {
    Ok(PackageId::rust(name, "1.0.0")?)
}

/// A package with every field filled.
pub fn finished(scope: &Scope, id: &PackageId) -> Finished {
    Finished {
        scope: scope.clone(),
        id: id.clone(),
        description: Some(format!("the package {}", id.name())),
        repo_url: Some("https://example.com/repository".to_string()),
        symbol_count: 12,
        chunk_count: 3,
        dataset: Lake::place(scope, id, "first"),
        embedding_model: "zenith-static-1".to_string(),
        indexed_at_ms: None,
    }
}

/// Claims and finishes a package, as an indexer does.
pub async fn put(catalog: &Catalog, finished: &Finished) -> anyhow::Result<()> {
    let ids = std::slice::from_ref(&finished.id);
    let outcomes = catalog.claim(&finished.scope, ids, "spike", false, |_| false).await?;
    ensure!(outcomes == [ClaimOutcome::Won], "{} could not be claimed: {outcomes:?}", finished.id);
    let outcomes = catalog.finish(std::slice::from_ref(finished), "spike").await?;
    ensure!(outcomes.iter().all(Result::is_ok), "the claim of {} was lost", finished.id);
    Ok(())
}

pub async fn put_all(catalog: &Catalog) -> anyhow::Result<()> {
    for (scope, name) in scopes() {
        put(catalog, &finished(&scope, &id(name)?)).await?;
    }
    Ok(())
}

/// The model that the product ships.
pub fn embedder() -> anyhow::Result<std::sync::Arc<dyn zenith_core::embed::Embedder>> {
    Ok(std::sync::Arc::new(StaticModel::shipped().context("cannot open the shipped model")?))
}

/// The defect "the scope predicate is dropped": a view in the table's place says of every row that
/// its reader may see it, so that the predicate lets everything through.
pub async fn drop_predicate(connection: &Connection) -> anyhow::Result<()> {
    connection
        .execute_batch(
            "ALTER TABLE indexed_packages RENAME TO hidden_packages;
             CREATE VIEW indexed_packages AS SELECT scope, ecosystem, package, version,
                 'public' AS visibility, NULL AS owner_id, NULL AS team_id, description, repo_url,
                 symbol_count, chunk_count, source_cached, r2_lance_path, embedding_model, status,
                 claim_holder, claimed_at, error, indexed_by, indexed_at, schema_version
             FROM hidden_packages;",
        )
        .await
        .context("cannot plant the defect")?;
    Ok(())
}

/// The defect "the unique key is dropped": the same columns without a key or a check.
pub async fn drop_key(connection: &Connection) -> anyhow::Result<()> {
    connection
        .execute_batch(
            "CREATE TABLE keyless AS SELECT * FROM indexed_packages;
             DROP TABLE indexed_packages;
             ALTER TABLE keyless RENAME TO indexed_packages;",
        )
        .await
        .context("cannot plant the defect")?;
    Ok(())
}
