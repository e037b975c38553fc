//! What items are found by beside their names and documentation: how they are used, what they say when they
//! fail, what they were called, and of one's own code plain comments and pieces of long bodies.
//!
//! # Decisions
//!
//! - **The text of a package counts for that package alone**, and for what it shows of others under its own
//!   paths. What an example says of another package's items would have to go into that package's rows, which
//!   are another dataset's: immutable, shared, and perhaps seen by more people than the example. A shelf could
//!   carry it across, but a row there would then depend on which packages were indexed before it, and words of
//!   a narrower tier could end up in a wider one's.
//! - **Names are resolved by the imports of the code that uses them**, and methods by the types that it names;
//!   where neither decides, only a name that the package has once counts.
//! - **One's own code is used where it is called**: few write examples for it, and what much of it leans on is what one
//!   looks for. Of others' packages what they show to their users counts, not what they do inside.
//! - **Bounded by item and by package**: the words that a hundred tests share say nothing.

mod code;
mod comments;
mod items;
mod messages;
mod parts;
mod programs;
mod renamed;
mod snippets;
mod uses;

use std::path::Path;

use serde_json::Value;

use self::items::Items;
use self::uses::Uses;
use crate::ingest::discover::{Origin, SourcePackage};
use crate::ingest::{Symbol, docs};

/// Adds the second texts of a package's symbols to their metadata.
pub(super) fn add(source: &SourcePackage, root: &Path, symbols: &mut [Symbol]) {
    renamed::note(symbols);
    messages::note(symbols);
    if source.origin == Origin::Own {
        comments::note(root, symbols);
        parts::note(symbols);
    }
    let crate_name = source.library().map(|library| library.crate_name()).unwrap_or_default();
    let items = Items::of(symbols, &crate_name);
    let mut uses = Uses::new(&items);
    for (at, symbol) in symbols.iter().enumerate() {
        if let Some(text) = symbol.doc_comment.as_deref().filter(|text| snippets::has_code(text)) {
            uses.documentation(text, Some(at));
        }
    }
    for text in docs::documents(source, root) {
        uses.documentation(&text, None);
    }
    for (relative, text) in programs::files(root, source.origin) {
        uses.program(&relative, &text);
    }
    if source.origin == Origin::Own {
        for text in programs::sources(root, source.origin) {
            uses.source(&text);
        }
    }
    let found = uses.finish();
    for (at, texts, used) in found {
        let Some(symbol) = symbols.get_mut(at) else { continue };
        if !texts.is_empty() {
            put(symbol, "uses", texts.into());
        }
        if used > 0 {
            put(symbol, "used", used.into());
        }
    }
}

fn put(symbol: &mut Symbol, key: &str, value: Value) {
    symbol.metadata.insert(key.to_owned(), value);
}

/// The last segment of a path, and what stands before it.
fn split_path(path: &str) -> (&str, &str) {
    path.rsplit_once("::").map_or(("", path), |(outer, name)| (outer, name))
}
