//! What trees and pages are made of, read from the data folder.

use std::path::{Component, Path};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use zenith_core::answers::{Example, is_standard};
use zenith_core::catalog::CatalogEntry;
use zenith_core::identity::Scope;
use zenith_core::lake::{ApiSymbol, DocChunk};
use zenith_core::package::PackageId;
use zenith_core::search::Project;
use zenith_core::{Among, Asked, Zenith};

use super::part::{self, Item, Part};
use super::uses;
use super::{
    Location, Page, PageKey, Subject, changes, copies, links, obtain, package, section, symbol, tier,
};
use crate::explorer::parts::highlight::Highlighter;
use crate::explorer::parts::job::Sender;
use crate::explorer::parts::menu::Choice;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::tree::Tree;

/// How long a page waits while one moves on: a key held down loads the last row alone.
pub const PAGE_DELAY: Duration = Duration::from_millis(25);
/// A page waits no longer for examples.
const EXAMPLES_WITHIN: Duration = Duration::from_millis(150);
/// Nor for how one gets what it is about.
const OBTAIN_WITHIN: Duration = Duration::from_millis(100);
const EXAMPLES_LOOKED_AT: usize = 6;
const EXAMPLES_SHOWN: usize = 2;

/// What a page is made of.
enum Content {
    Tier,
    Package(package::Known),
    Symbol(Box<Item>),
    Section { chunks: Vec<DocChunk>, location: Option<Location> },
    Failed(String),
}

/// Reads a page, as it is seen from a project: what is there at once first, then what takes longer.
pub async fn load(zenith: Zenith, key: PageKey, project: Option<Arc<Project>>, sender: Sender<Page>) {
    tokio::time::sleep(PAGE_DELAY).await;
    let content = content(&zenith, key.subject.clone()).await;
    let entry = key.subject.entry().cloned();
    let (item, entry) = match (content, entry) {
        (Content::Symbol(item), Some(entry)) => (*item, entry),
        (content, _) => return show(content, &key, &sender).await,
    };
    let (part, symbol) = (key.part, item.symbol.clone());
    let mut shower = Shower { key, item, sender };
    match part {
        None | Some(Part::Doc) => {
            let whole = zenith.obtain(&entry, &symbol, project.as_ref());
            tokio::pin!(whole);
            let soon = tokio::time::timeout(OBTAIN_WITHIN, &mut whole);
            let (examples, soon) = tokio::join!(examples(&zenith, &entry, &symbol), soon);
            shower.item.examples = examples;
            let is_whole = soon.is_ok();
            // What cargo is asked for takes seconds; the rest is known without it.
            let facts = match soon {
                Ok(facts) => facts,
                Err(_) => zenith.obtain(&entry, &symbol, None).await,
            };
            shower.show(|item| item.facts = facts.unwrap_or_default()).await;
            if !is_whole && let Ok(facts) = whole.await {
                shower.show(|item| item.facts = facts).await;
            }
        }
        Some(Part::Source) => shower.show(|_| {}).await,
        Some(Part::Uses) => {
            shower.show(|_| {}).await;
            let (entry, within) = ((*entry).clone(), Duration::ZERO);
            let asked = Asked { entry, symbol, project, among: Among::All, within };
            uses::read(&zenith, asked, &mut shower).await;
        }
        Some(Part::Changes) => {
            shower.show(|_| {}).await;
            if changes::is_inside(&symbol) {
                return;
            }
            let lockfile = project.as_deref().and_then(Project::root).map(|root| root.join("Cargo.lock"));
            let found = changes::compare(&zenith, &entry, &symbol, lockfile.as_deref()).await;
            shower.show(|item| item.changes = Some(found.map_err(|error| error.to_string()))).await;
        }
    }
}

/// Shows an item again, as more of it comes to be known.
pub struct Shower {
    key: PageKey,
    item: Item,
    sender: Sender<Page>,
}

impl Shower {
    pub async fn show(&mut self, change: impl FnOnce(&mut Item)) {
        change(&mut self.item);
        show(Content::Symbol(Box::new(self.item.clone())), &self.key, &self.sender).await;
    }
}

/// Lays a page out: plain at first where the colours for code are not loaded yet, then in colours.
async fn show(content: Content, key: &PageKey, sender: &Sender<Page>) {
    let content = Arc::new(content);
    for with_colours in [false, true] {
        if let Some(page) = lay_out(content.clone(), key, with_colours).await {
            sender.send(page);
        }
    }
}

/// A package's tree.
pub async fn tree(zenith: &Zenith, entry: &CatalogEntry) -> Result<Arc<Tree>, String> {
    let (symbols, chunks) =
        tokio::try_join!(zenith.symbols(entry), zenith.chunks(entry)).map_err(|error| error.to_string())?;
    let build = move || Arc::new(Tree::build(&symbols, &chunks));
    tokio::task::spawn_blocking(build).await.map_err(|error| error.to_string())
}

/// Everything that the page of a subject shows.
async fn content(zenith: &Zenith, subject: Subject) -> Content {
    let content = match subject {
        Subject::Tier { .. } => Ok(Content::Tier),
        Subject::Package { entry, .. } => of_package(zenith, &entry).await,
        Subject::Symbol { entry, id } => symbol_by_id(zenith, &entry, &id).await,
        Subject::Found { entry, path, kind, line } => found(zenith, &entry, &path, &kind, line).await,
        Subject::Section { entry, file, line } => of_section(zenith, &entry, &file, line).await,
    };
    content.unwrap_or_else(Content::Failed)
}

async fn of_package(zenith: &Zenith, entry: &CatalogEntry) -> Result<Content, String> {
    let chunks = zenith.chunks(entry).await.map_err(|error| error.to_string())?;
    let manifest = locate(zenith, &entry.scope, &entry.id, "Cargo.toml", 1).await;
    let offer = zenith.offer(entry).await.map_err(|error| error.to_string())?;
    Ok(Content::Package(package::Known {
        chunks,
        offer,
        left_out: zenith.left_out(entry),
        location: manifest,
    }))
}

async fn symbol_by_id(zenith: &Zenith, entry: &CatalogEntry, id: &str) -> Result<Content, String> {
    // The catalog is asked anew: the dataset may have been replaced since the tree was read.
    let symbol = zenith.symbol_by_id(entry, id).await.map_err(|error| error.to_string())?;
    with_location(zenith, entry, symbol.ok_or("it is no longer there; the package was indexed anew")?).await
}

async fn found(
    zenith: &Zenith,
    entry: &CatalogEntry,
    path: &str,
    kind: &str,
    line: u32,
) -> Result<Content, String> {
    let symbols = zenith.symbol(entry, path).await.map_err(|error| error.to_string())?;
    let likeness = |symbol: &ApiSymbol| {
        (symbol.path == path, symbol.kind == kind, u32::try_from(symbol.line_start) == Ok(line))
    };
    let best = symbols.into_iter().rev().max_by_key(likeness);
    with_location(zenith, entry, best.ok_or("it is no longer there; the package was indexed anew")?).await
}

async fn with_location(zenith: &Zenith, entry: &CatalogEntry, symbol: ApiSymbol) -> Result<Content, String> {
    let metadata: serde_json::Value = serde_json::from_str(&symbol.metadata).unwrap_or_default();
    let declared = &metadata["declared_in"];
    let text = |key: &str| declared[key].as_str().unwrap_or_default();
    let elsewhere = PackageId::new(entry.id.ecosystem(), text("package"), text("version")).ok();
    let line = u32::try_from(symbol.line_start).unwrap_or(1);
    let location = match elsewhere {
        // A package of one's own may show another's items, be it one's own or a public one.
        Some(id) => match locate(zenith, &entry.scope, &id, &symbol.file_path, line).await {
            Some(location) => Some(location),
            None => locate(zenith, &Scope::Public, &id, &symbol.file_path, line).await,
        },
        None => locate(zenith, &entry.scope, &entry.id, &symbol.file_path, line).await,
    };
    Ok(Content::Symbol(Box::new(Item::new(symbol, location))))
}

/// The best uses in the item's own package, beside those of its documentation, which shows anyway. Work that is
/// stale ends with the page that it was for.
async fn examples(zenith: &Zenith, entry: &CatalogEntry, symbol: &ApiSymbol) -> Vec<Example> {
    if is_standard(entry) {
        return Vec::new();
    }
    let cancel = CancellationToken::new();
    let _stale = cancel.clone().drop_guard();
    let asked = Asked {
        entry: entry.clone(),
        symbol: symbol.clone(),
        project: None,
        among: Among::Package,
        within: EXAMPLES_WITHIN,
    };
    let answer = zenith.examples(&asked, EXAMPLES_LOOKED_AT, cancel).await;
    let found = answer.map(|answer| answer.found).unwrap_or_default();
    let doc = symbol.doc_comment.as_deref().unwrap_or_default();
    let new =
        |example: &Example| example.certain && !example.code.lines().all(|line| doc.contains(line.trim()));
    found.into_iter().filter(new).take(EXAMPLES_SHOWN).collect()
}

async fn of_section(zenith: &Zenith, entry: &CatalogEntry, file: &str, line: u32) -> Result<Content, String> {
    let chunks = zenith.chunks(entry).await.map_err(|error| error.to_string())?;
    Ok(Content::Section { chunks, location: locate(zenith, &entry.scope, &entry.id, file, line).await })
}

/// A file of a package on this machine. A path from a dataset is untrusted: it must stay within the
/// package's folder.
async fn locate(zenith: &Zenith, scope: &Scope, id: &PackageId, file: &str, line: u32) -> Option<Location> {
    let stays_within = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    let root = zenith.catalog.root(scope, id).await.ok().flatten()?.root;
    let file = stays_within.then(|| root.join(file))?;
    let is_file = tokio::fs::metadata(&file).await.is_ok_and(|metadata| metadata.is_file());
    is_file.then_some(Location { file, line: line.max(1) })
}

/// Lays a page out: at once without colours for code where they are not loaded, else with them.
/// `None` where the other of the two serves.
async fn lay_out(content: Arc<Content>, key: &PageKey, with_colours: bool) -> Option<Page> {
    let loaded = Highlighter::loaded();
    if !with_colours && loaded.is_some() {
        return None;
    }
    let (subject, part, theme, width) = (key.subject.clone(), key.part, key.theme, key.width);
    let work = move || {
        let highlighter = with_colours.then(Highlighter::load);
        paint(&content, &subject, part, &Painter { theme, width, highlighter })
    };
    tokio::task::spawn_blocking(work).await.ok()
}

fn paint(content: &Content, subject: &Subject, part: Option<Part>, painter: &Painter) -> Page {
    let page = page(content, subject, part, painter);
    Page { copies: copies(content, subject), links: links(content, subject), ..page }
}

fn copies(content: &Content, subject: &Subject) -> Vec<Choice> {
    match (content, subject) {
        (Content::Symbol(item), Subject::Symbol { entry, .. } | Subject::Found { entry, .. }) => {
            let mut copies = copies::of_symbol(entry, &item.symbol, item.location.as_ref());
            let add = obtain::add_line(&item.facts);
            copies.extend(add.map(|line| Choice::copies('a', "add line", line)));
            copies
        }
        (Content::Package(known), Subject::Package { entry, .. }) => {
            copies::of_package(entry, known.offer.add.as_deref(), known.location.as_ref())
        }
        (Content::Section { location, .. }, Subject::Section { entry, file, line }) => {
            copies::of_section(entry, file, *line, location.as_ref())
        }
        _ => Vec::new(),
    }
}

fn links(content: &Content, subject: &Subject) -> Vec<Choice> {
    match (content, subject) {
        (Content::Symbol(item), Subject::Symbol { entry, .. } | Subject::Found { entry, .. }) => {
            links::of_symbol(entry, &item.symbol)
        }
        (Content::Package(known), Subject::Package { entry, .. }) => {
            links::of_package(entry, &package::first_pages(&known.chunks))
        }
        (Content::Section { chunks, .. }, Subject::Section { entry, file, line }) => {
            let shown = section::find(chunks, file, *line);
            shown.map(|chunk| links::of_text(entry, &chunk.content, "")).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn page(content: &Content, subject: &Subject, part: Option<Part>, painter: &Painter) -> Page {
    match (content, subject) {
        (Content::Failed(why), _) => section::failed(why, painter),
        (Content::Package(known), Subject::Package { entry, standing }) => {
            package::page(entry, *standing, known, painter)
        }
        (Content::Symbol(item), _) => match part {
            Some(part) => part::page(item, part, painter),
            None => symbol::page(item, painter),
        },
        (Content::Section { chunks, location }, Subject::Section { file, line, .. }) => match part {
            None | Some(Part::Doc) => section::page(chunks, file, *line, location.clone(), painter),
            Some(Part::Source) => section::source(chunks, file, *line, location.clone(), painter),
            Some(part @ (Part::Uses | Part::Changes)) => section::of_items_alone(part.word(), painter),
        },
        (_, Subject::Tier { tier, packages, symbols, lockfile }) => {
            tier::page(*tier, *packages, *symbols, lockfile.is_some(), painter)
        }
        (Content::Tier | Content::Package(_) | Content::Section { .. }, _) => Page::default(),
    }
}
