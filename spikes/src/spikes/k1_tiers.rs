//! K1: a search over three tiers merges and ranks what the asker may see, and what they may not see
//! changes neither results, nor counts, nor order.
//!
//! Why: tiers are worth something only if a search is over all of one's own at once; and a tier leaks
//! not only by showing rows, but also when its word frequencies move the rank of other rows.
//!
//! Method: three folders of real code are indexed by the product, one public, one of the team, one
//! private of the owner. The same queries are asked by the owner, a member of the team and an
//! outsider; and again in a world of each asker's own, where what they may not see was never
//! indexed.
//!
//! Accept when the owner finds all three tiers in one list, and everyone gets the same hits with the
//! same scores in the same order, and the same counts, as in the world of their own.

use std::collections::BTreeSet;

use futures::FutureExt;
use zenith_core::Zenith;
use zenith_core::identity::Identity;
use zenith_core::package::Tier;
use zenith_core::search::{Hit, Mode, SearchRequest};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::indexed::{index, open, sample};
use crate::packages;
use crate::people::{self, Shape, sign_in};

const PREDICATE: &str = "scope-predicate-dropped";
const PUBLISHED: &str = "private-code-indexed-as-public";

pub const SPIKE: Spike = Spike {
    id: "K1",
    title: "three tiers are merged and ranked, and what is not visible changes nothing",
    group: Group::Tiers,
    backends: &[Backend::Embedded, Backend::Local],
    expected: Expected::Holds,
    targets: &[Target::gate("differing answers", 0.0, Unit::Count)],
    faults: &[
        Fault { name: PREDICATE, what: "every row says that its reader may see it" },
        Fault { name: PUBLISHED, what: "the owner's private code is put into the public tier" },
    ],
    run: |trial| run(trial).boxed(),
};

/// Which folder is whose.
const FOLDERS: [(Tier, &str); 3] =
    [(Tier::Public, "constructs"), (Tier::Team, "macros"), (Tier::Private, "facade-core")];

/// Words that occur in several of the folders, and names that occur in one.
const QUERIES: [&str; 8] =
    ["error", "a value of a type", "new", "read a file", "macro", "trait", "facade", "struct kind:struct"];

async fn run(trial: Trial) -> anyhow::Result<Evidence> {
    let mut evidence = trial.evidence();
    let issuer = trial.lab.issuer();
    let owner = sign_in(issuer, Shape::ClerkV2, &people::owner()).await?;
    let member = sign_in(issuer, Shape::ClerkV2, &people::member()).await?;
    let outsider = sign_in(issuer, Shape::ClerkV2, &people::outsider()).await?;

    trial.progress("indexing three folders as their owner");
    let config = trial.lab.config("everything");
    let world = open(&config, &owner).await?;
    for (tier, folder) in FOLDERS {
        let hidden = tier == Tier::Private && trial.has_fault(PUBLISHED);
        index(&world, &sample(folder)?, if hidden { Tier::Public } else { tier }).await?;
    }
    if trial.has_fault(PREDICATE) {
        let file = zenith_core::catalog_path(&config.data_dir);
        packages::drop_predicate(&libsql::Builder::new_local(file).build().await?.connect()?).await?;
    }

    let tiers: BTreeSet<Tier> =
        answer(&world, "a value of a type").await?.hits.iter().map(|hit| hit.tier).collect();
    evidence.check_eq("the owner finds all tiers in one list", tiers.len(), FOLDERS.len());

    let mut differing = 0;
    for (who, identity, sees) in [
        ("owner", &owner, &FOLDERS[..]),
        ("member", &member, &FOLDERS[..2]),
        ("outsider", &outsider, &FOLDERS[..1]),
        ("anonymous", &Identity::Anonymous, &FOLDERS[..1]),
    ] {
        trial.progress(format!("the {who} against a world of their own"));
        let alone = trial.lab.config(&format!("only-{who}"));
        // Anonymous indexes nothing: somebody else does it for them.
        let indexer = if *identity == Identity::Anonymous { &owner } else { identity };
        let alone_indexer = open(&alone, indexer).await?;
        for (tier, folder) in sees {
            index(&alone_indexer, &sample(folder)?, *tier).await?;
        }
        let (asked, alone) = (open(&config, identity).await?, open(&alone, identity).await?);
        let mut hits = 0;
        for query in QUERIES {
            let (one, other) = (answer(&asked, query).await?, answer(&alone, query).await?);
            hits += one.hits.len();
            differing += u64::from(one != other);
            let only_visible = one.hits.iter().all(|hit| sees.iter().any(|(tier, _)| *tier == hit.tier));
            evidence.check(format!("{who}, {query:?}: only tiers that are theirs"), only_visible);
            evidence.check_eq(format!("{who}, {query:?}: packages searched"), one.packages, other.packages);
            evidence.check_with(format!("{who}, {query:?}: hits, scores and order"), one == other, || {
                format!("{} hits and {} alone", one.hits.len(), other.hits.len())
            });
        }
        evidence.check(format!("the {who} finds something"), hits > 0);
        evidence.count(format!("hits of the {who}"), hits as u64, Unit::Rows);
    }
    evidence.count("differing answers", differing, Unit::Count);
    Ok(evidence)
}

/// What somebody sees of an answer.
#[derive(PartialEq)]
struct Answer {
    hits: Vec<Hit>,
    packages: usize,
}

async fn answer(zenith: &Zenith, query: &str) -> anyhow::Result<Answer> {
    let request =
        SearchRequest { query: query.to_string(), mode: Mode::Hybrid, limit: 50, ..SearchRequest::default() };
    let results = zenith.search(request, None).await?;
    Ok(Answer { hits: results.hits, packages: results.packages })
}
