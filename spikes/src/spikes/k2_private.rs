//! K2: private code is found by its owner, and by nobody else on any path.
//!
//! Why: people index what they would never publish. One path that forgets to ask who is there (a
//! list, a search, a page, a location that can be guessed) is a leak.
//!
//! Method: the product indexes a real folder into the owner's private tier. Then the owner and
//! another user take every path of the product: the catalog's list and lookup, a search by words, by
//! meaning and by name, the page of a symbol and of the documentation from an entry that was taken
//! from the owner, and the dataset's place, which anyone can guess since names are no secrets.
//!
//! Accept when the owner gets something on each path, and the other nothing.

use anyhow::Context;
use futures::FutureExt;
use zenith_core::catalog::{CatalogEntry, Status};
use zenith_core::package::Tier;
use zenith_core::search::shelf::ShelfError;
use zenith_core::search::{Mode, PackageFilter, SearchError, SearchRequest};
use zenith_core::{Zenith, ZenithError};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Trial, Unit};

use crate::indexed::{index, open, sample};
use crate::packages;
use crate::people::{self, Shape, sign_in};

const PREDICATE: &str = "scope-predicate-dropped";
const PUBLISHED: &str = "private-code-indexed-as-public";

pub const SPIKE: Spike = Spike {
    id: "K2",
    title: "private code is found by its owner alone, on every path",
    group: Group::Tiers,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[],
    faults: &[
        Fault { name: PREDICATE, what: "every row says that its reader may see it" },
        Fault { name: PUBLISHED, what: "the owner's private code is put into the public tier" },
    ],
    run: |trial| run(trial).boxed(),
};

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let issuer = trial.lab.issuer();
    let config = trial.lab.config("shared-machine");
    let owner = open(&config, &sign_in(issuer, Shape::ClerkV2, &people::owner()).await?).await?;

    trial.progress("indexing a folder as private");
    let tier = if trial.has_fault(PUBLISHED) { Tier::Public } else { Tier::Private };
    index(&owner, &sample("constructs")?, tier).await?;
    let entries = owner.packages().await?;
    let entry =
        entries.iter().find(|entry| entry.status == Status::Ready).context("nothing is ready")?.clone();
    let name = owner.symbols(&entry).await?.first().context("the folder has no symbols")?.name.clone();
    if trial.has_fault(PREDICATE) {
        let file = zenith_core::catalog_path(&config.data_dir);
        packages::drop_predicate(&libsql::Builder::new_local(file).build().await?.connect()?).await?;
    }

    let strangers = [
        ("a stranger", sign_in(issuer, Shape::ClerkV2, &people::outsider()).await?),
        // A member of the owner's own team is no owner.
        ("a colleague", sign_in(issuer, Shape::ClerkV2, &people::member()).await?),
        ("anonymous", zenith_core::identity::Identity::Anonymous),
    ];
    trial.progress("every path, as its owner and as others");
    for (path, found) in paths(&owner, &entry, &name).await? {
        evidence.check(format!("the owner finds it by {path}"), found > 0);
        evidence.count(format!("found by {path}"), found as u64, Unit::Rows);
    }
    for (who, identity) in strangers {
        let stranger = open(&config, &identity).await?;
        for (path, found) in paths(&stranger, &entry, &name).await? {
            evidence.check_eq(format!("{who} finds nothing by {path}"), found, 0);
        }
    }
    Ok(evidence)
}

/// How much somebody finds of an entry on every path that the product has.
async fn paths(
    zenith: &Zenith,
    entry: &CatalogEntry,
    name: &str,
) -> anyhow::Result<Vec<(&'static str, usize)>> {
    let search = async |query: &str, mode: Mode| -> anyhow::Result<usize> {
        let request =
            SearchRequest { query: query.to_string(), mode, limit: 100, ..SearchRequest::default() };
        match zenith.search(request, None).await {
            // Whoever is told so was shown a row in the catalog, which is counted there.
            Err(ZenithError::Search(SearchError::Shelf(ShelfError::Gone { .. }))) => Ok(0),
            found => Ok(found?.hits.len()),
        }
    };
    // An entry as a stranger would make it up: the place of a dataset follows from names.
    let mut guessed = entry.clone();
    guessed.indexed_by = None;
    let by_id = zenith.catalog.package(&zenith.identity, &entry.scope, &entry.id).await?;
    let filter = PackageFilter { name: entry.id.name().to_string(), version: None };
    let mut paths = vec![
        ("the catalog's list", zenith.packages().await?.len()),
        ("the catalog's lookup", usize::from(by_id.is_some())),
        ("the federation", zenith.catalogued(std::slice::from_ref(&entry.id)).await?.found.len()),
        ("its package's name", zenith.find_packages(&filter).await?.len()),
        ("words", search(name, Mode::Text).await?),
        ("meaning", search(name, Mode::Vector).await?),
        ("words and meaning", search(&format!("{name} pkg:{}", entry.id.name()), Mode::Hybrid).await?),
        ("the symbols of an entry", zenith.symbols(entry).await?.len()),
        ("the documentation of an entry", zenith.chunks(entry).await?.len()),
        ("a symbol's page", zenith.symbol(entry, name).await?.len()),
        ("a guessed location", zenith.symbols(&guessed).await?.len()),
    ];
    paths.sort();
    Ok(paths)
}
