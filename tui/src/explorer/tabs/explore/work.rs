//! What it wants done beside the screen.

use std::sync::Arc;

use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::search::Project;

use crate::explorer::parts::job::Job;
use crate::explorer::parts::page::{self, Page, PageKey};
use crate::explorer::parts::tree::{Filtered, Tree};

#[derive(Debug)]
pub enum Effect {
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
    Tree { generation: u64, tree: Result<Arc<Tree>, String> },
    Filtered { generation: u64, filtered: Filtered },
    Page { generation: u64, page: Page },
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Tree { generation, entry, in_passing } => Job::answer("tree", async move {
            if in_passing {
                tokio::time::sleep(page::PAGE_DELAY).await;
            }
            Message::Tree { generation, tree: page::tree(&zenith, &entry).await }
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
