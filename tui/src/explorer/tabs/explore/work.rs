//! What it wants done beside the screen.

use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::package::Tier;
use zenith_core::search::{Hit, Mode, Project, SearchRequest};

use crate::explorer::parts::job::Job;
use crate::explorer::parts::page::{self, Page, PageKey};
use crate::explorer::parts::tree::{Filtered, Tree};

#[derive(Debug)]
pub enum Effect {
    /// Looks among all packages for what bears a name.
    Find {
        name: String,
        project: Option<Arc<Project>>,
    },
    /// `in_passing` where nobody asked for it: it waits while one moves on.
    Tree {
        generation: u64,
        entry: Arc<CatalogEntry>,
        in_passing: bool,
    },
    Filter {
        generation: u64,
        tree: Arc<Tree>,
        filter: String,
    },
    Page {
        generation: u64,
        key: PageKey,
        project: Option<Arc<Project>>,
    },
}

#[derive(Debug)]
pub enum Message {
    Named { name: String, found: Result<Vec<Bearer>, String> },
    Tree { generation: u64, tree: Result<Arc<Tree>, String> },
    Filtered { generation: u64, filtered: Filtered },
    Page { generation: u64, page: Page },
}

/// An item that bears a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub tier: Tier,
    pub package: String,
    pub version: String,
    pub path: String,
    pub line: u32,
}

/// Results that are looked through for a name: it is found first by those that bear it.
const LOOKED_THROUGH: usize = 50;

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Tree { generation, entry, in_passing } => Job::answer("tree", async move {
            if in_passing {
                tokio::time::sleep(page::PAGE_DELAY).await;
            }
            Message::Tree { generation, tree: page::tree(&zenith, &entry).await }
        }),
        Effect::Find { name, project } => Job::answer("name", async move {
            let found = bearers(&zenith, &name, project).await;
            Message::Named { name, found }
        }),
        Effect::Filter { generation, tree, filter } => Job::answer("filter", async move {
            let filtered = tokio::task::spawn_blocking(move || tree.filtered(&filter)).await;
            Message::Filtered { generation, filtered: filtered.unwrap_or_default() }
        }),
        Effect::Page { generation, key, project } => Job::newest("page", move |sender| {
            page::load(zenith, key, project, sender.of(move |page| Message::Page { generation, page }))
        }),
    }
}

/// What bears a name, or a path that ends with it.
async fn bearers(zenith: &Zenith, name: &str, project: Option<Arc<Project>>) -> Result<Vec<Bearer>, String> {
    let (query, mode, limit) = (name.to_string(), Mode::Text, LOOKED_THROUGH);
    let request = SearchRequest { query, mode, limit, ..SearchRequest::default() };
    let results = zenith.search(request, project).await.map_err(|error| error.to_string())?;
    let bears =
        |path: &str| path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"));
    let bearer = |hit: Hit| Bearer {
        tier: hit.tier,
        package: hit.package,
        version: hit.version,
        path: hit.path,
        line: hit.line,
    };
    Ok(results.hits.into_iter().filter(|hit| bears(&hit.path)).map(bearer).collect())
}
