//! What it wants done beside the screen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use zenith_core::Zenith;
use zenith_core::search::{Hit, Project, SearchRequest};

use crate::explorer::parts::job::Job;
use crate::explorer::parts::page::{self, Page, PageKey};
use crate::text::{clean, clean_line};

#[derive(Debug)]
pub enum Effect {
    /// Waits, so that only the last of some quick keystrokes is searched for.
    Search {
        generation: u64,
        request: SearchRequest,
        project: Option<Arc<Project>>,
        delay: Duration,
    },
    Page {
        generation: u64,
        key: PageKey,
        project: Option<Arc<Project>>,
    },
    /// No page is wanted: what is read for one is dropped.
    Rest,
}

#[derive(Debug)]
pub enum Message {
    Found { generation: u64, found: Result<Found, String> },
    Page { generation: u64, page: Page },
}

/// The results of a search, safe to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub packages: usize,
    pub other_platforms: usize,
    pub other_model: usize,
    pub took: Duration,
}

pub fn work(effect: Effect, zenith: Zenith) -> Job<Message> {
    match effect {
        Effect::Search { generation, request, project, delay } => Job::answer("search", async move {
            tokio::time::sleep(delay).await;
            Message::Found { generation, found: search(&zenith, request, project).await }
        }),
        Effect::Rest => Job::newest("page", |_| async {}),
        Effect::Page { generation, key, project } => Job::newest("page", move |sender| {
            page::load(zenith, key, project, sender.of(move |page| Message::Page { generation, page }))
        }),
    }
}

async fn search(
    zenith: &Zenith,
    request: SearchRequest,
    project: Option<Arc<Project>>,
) -> Result<Found, String> {
    let started = Instant::now();
    let results = zenith.search(request, project).await.map_err(|error| error.to_string())?;
    Ok(Found {
        hits: results.hits.into_iter().map(safe).collect(),
        packages: results.packages,
        other_platforms: results.other_platforms,
        other_model: results.other_model,
        took: started.elapsed(),
    })
}

/// A result that is safe to show.
fn safe(hit: Hit) -> Hit {
    Hit {
        path: clean_line(&hit.path),
        name: clean_line(&hit.name),
        signature: clean(&hit.signature),
        doc: clean(&hit.doc),
        alias: hit.alias.as_deref().map(clean_line),
        ..hit
    }
}
