//! What became of an item: since the version before its own, and up to the newest, as far as both are indexed.

use std::collections::BTreeMap;
use std::path::Path;

use zenith_core::answers::changes::{Change, ItemChange, Origin, Range};
use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::{ApiSymbol, Names};
use zenith_core::search::PackageFilter;
use zenith_core::{Zenith, ZenithError};

use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::text::{clean_line, counted};
use crate::told;

/// Changes that anyone reads of one item.
const CHANGES_MAX: usize = 100;

/// Two versions of a package, and what differs.
#[derive(Clone, Debug)]
pub struct Compared {
    pub range: Range,
    /// `None` where one of them is not indexed.
    pub found: Option<Differences>,
}

/// What differs between two versions.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// Of the item, and of what hangs on it.
    pub of_item: Vec<ItemChange>,
    /// How much of the whole package.
    pub of_package: BTreeMap<Change, usize>,
}

/// Compares the versions of an item's package that are on this machine with its own. Nothing is indexed for it.
pub async fn compare(
    zenith: &Zenith,
    entry: &CatalogEntry,
    symbol: &ApiSymbol,
    lockfile: Option<&Path>,
) -> Result<Vec<Compared>, ZenithError> {
    let name = entry.id.name();
    let own = Some(entry.id.version().to_string());
    let named = PackageFilter { name: name.to_string(), version: None };
    let mut indexed = zenith.find_packages(&named).await?;
    // What is one's own under the same name is another package.
    indexed.retain(|other| other.scope == entry.scope && other.id.name() == name);
    let at = |version: &str| indexed.iter().find(|other| other.id.version() == version);
    let versions = || indexed.iter().map(|other| other.id.version().to_string());
    let mut compared: Vec<Compared> = Vec::new();
    for ends in [(None, own.clone()), (own, None)] {
        let (from, to) = ends.clone();
        let known = zenith.range(name, ends, lockfile).await?;
        let known = known.ok().filter(Range::is_ascending);
        let both = |range: &Range| at(&range.from).zip(at(&range.to));
        // Where a version can be had and is not indexed, another one still tells something.
        let range = match known.as_ref().and_then(&both) {
            Some(_) => known,
            None => Range::beside(from, to, versions()).filter(Range::is_ascending).or(known),
        };
        let Some(range) = range else { continue };
        let found = match both(&range) {
            Some((before, after)) => Some(Differences::of(zenith.changes(before, after).await?, symbol)),
            None => None,
        };
        compared.push(Compared { range, found });
    }
    Ok(compared)
}

impl Differences {
    fn of(changes: Vec<ItemChange>, symbol: &ApiSymbol) -> Differences {
        let mut differences = Differences::default();
        for change in &changes {
            *differences.of_package.entry(change.change).or_default() += 1;
        }
        let mut paths: Vec<String> = Names::of(&symbol.metadata).other_paths().map(str::to_string).collect();
        paths.push(symbol.path.clone());
        let is_of = |path: &String| {
            let rest = |own: &String| path.strip_prefix(own.as_str());
            paths.iter().filter_map(rest).any(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let touches = |change: &ItemChange| change.paths.iter().chain(&change.moved_from).any(is_of);
        differences.of_item = changes.into_iter().filter(touches).collect();
        differences
    }
}

/// What is known; `None` while it is compared.
pub fn put(
    page: &mut Builder<'_>,
    symbol: &ApiSymbol,
    compared: Option<&Result<Vec<Compared>, String>>,
    painter: &Painter,
) {
    let (name, version) = (clean_line(&symbol.package), clean_line(&symbol.version));
    match compared {
        _ if is_inside(symbol) => {
            page.text("It is no part of what others can write, and only that is compared.", Role::Quiet);
        }
        None => page.text("Comparing versions…", Role::Quiet),
        Some(Err(why)) => page.text(&clean_line(why), Role::Bad),
        Some(Ok(compared)) if compared.is_empty() => {
            let nothing = format!(
                "No other version of {name} than {version} is on this machine: there is nothing to compare it with."
            );
            page.text(&nothing, Role::Quiet);
        }
        Some(Ok(compared)) => {
            for one in compared {
                put_one(page, &name, one, painter);
            }
        }
    }
}

fn put_one(page: &mut Builder<'_>, name: &str, Compared { range, found }: &Compared, painter: &Painter) {
    let Range { from, to, origin } = range;
    let origin = if *origin == Origin::Asked { String::new() } else { origin.to_string() };
    page.title(&[
        painter.span(clean_line(&format!("{from} → {to}")), Role::Strong),
        painter.span(clean_line(&origin), Role::Quiet),
    ]);
    let command = clean_line(&format!("`zenith changes {name} {from}..{to}`"));
    let Some(found) = found else {
        page.text(
            &format!("One of them is not indexed; {command} indexes it, if cargo has it, and compares them."),
            Role::Quiet,
        );
        return page.blank();
    };
    if found.of_item.is_empty() {
        page.text("Nothing that others can write of it differs.", Role::Text);
    }
    for change in found.of_item.iter().take(CHANGES_MAX) {
        put_change(page, change, painter);
    }
    if let Some(more) = found.of_item.len().checked_sub(CHANGES_MAX).filter(|more| *more > 0) {
        page.text(&format!("and {} more", counted(more, "change")), Role::Quiet);
    }
    let counts: Vec<String> =
        found.of_package.iter().map(|(change, count)| format!("{count} {}", told::change(*change))).collect();
    if !counts.is_empty() {
        page.text(&format!("In the whole package: {}; {command} tells all.", counts.join(", ")), Role::Quiet);
    }
    page.blank();
}

fn put_change(page: &mut Builder<'_>, change: &ItemChange, painter: &Painter) {
    let role = match change.change {
        Change::Added => Role::Good,
        Change::Removed | Change::Required => Role::Bad,
        Change::Moved | Change::Changed | Change::Gated | Change::Deprecated => Role::Warning,
    };
    let from = change.moved_from.as_deref().map(|from| format!("  from {}", clean_line(from)));
    let from = change.stays_at.as_deref().map_or(from, |at| Some(format!("  stays at {}", clean_line(at))));
    page.title(&[
        painter.span(format!("{} ", told::change(change.change)), role),
        painter.span(format!("{} ", clean_line(&change.kind)), Role::Quiet),
        painter.span(clean_line(&change.path), Role::Text),
        painter.span(from.unwrap_or_default(), Role::Quiet),
    ]);
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    if change.change == Change::Changed || change.change == Change::Moved && before != after {
        for (sign, role, signature) in [("  − ", Role::Bad, before), ("  + ", Role::Good, after)] {
            if let Some(signature) = signature.filter(|text| !text.is_empty()) {
                page.item(sign, &clean_line(signature), role);
            }
        }
    }
    if let Some(note) = change.deprecated.as_deref().filter(|note| !note.is_empty()) {
        page.item("    ", &clean_line(note), Role::Quiet);
    }
}

/// Whether it is an item that changes are not told of: nobody else can write it, or it is what an `impl` gives.
pub fn is_inside(symbol: &ApiSymbol) -> bool {
    let hangs = matches!(symbol.kind.as_str(), "method" | "variant");
    symbol.path.starts_with('<') || (symbol.visibility != "public" && !hangs)
}
