//! The parts of an item's page, for where there is not room for all of them at once.

use zenith_core::answers::{Example, Fact};
use zenith_core::lake::ApiSymbol;

use super::changes::{self, Compared};
use super::uses::{self, Known};
use super::{Location, Page, obtain, symbol};
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;

/// A part of what there is to show of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// How one gets it, and its documentation.
    #[default]
    Doc,
    Source,
    Uses,
    Changes,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Part; 4] = [Part::Doc, Part::Source, Part::Uses, Part::Changes];

    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Part::Doc => "doc",
            Part::Source => "source",
            Part::Uses => "uses",
            Part::Changes => "changes",
        }
    }

    /// Whether what it says is of other packages as well, and changes with them.
    pub fn reads_others(self) -> bool {
        matches!(self, Part::Uses | Part::Changes)
    }

    /// The one behind it; behind the last the first.
    pub fn next(self) -> Part {
        let at = Part::ALL.iter().position(|part| *part == self).map_or(0, |at| at + 1);
        Part::ALL.get(at).copied().unwrap_or(Part::Doc)
    }
}

/// An item, and what is known of it beside its row.
#[derive(Clone, Debug)]
pub struct Item {
    pub symbol: ApiSymbol,
    pub examples: Vec<Example>,
    pub location: Option<Location>,
    /// How one gets it.
    pub facts: Vec<Fact>,
    pub uses: Known,
    /// `None` while it is compared.
    pub changes: Option<Result<Vec<Compared>, String>>,
}

impl Item {
    /// An item of which nothing else is known yet.
    pub fn new(symbol: ApiSymbol, location: Option<Location>) -> Item {
        let (examples, facts, uses) = (Vec::new(), Vec::new(), Known::default());
        Item { symbol, examples, location, facts, uses, changes: None }
    }
}

/// A part of an item's page.
pub fn page(item: &Item, part: Part, painter: &Painter) -> Page {
    let Item { symbol, examples, location, .. } = item;
    let mut page = Builder::new(painter);
    symbol::title(&mut page, symbol, painter);
    match part {
        Part::Doc => {
            symbol::remarks(&mut page, symbol);
            page.blank();
            obtain::put(&mut page, &item.facts);
            symbol::documentation(&mut page, symbol, painter);
            symbol::examples(&mut page, examples);
        }
        Part::Source => {
            page.blank();
            if symbol.source.as_deref() == Some("") {
                page.text("It has no source of its own.", Role::Quiet);
            }
            symbol::source(&mut page, symbol);
        }
        Part::Uses => {
            page.blank();
            uses::put(&mut page, &item.uses, painter);
        }
        Part::Changes => {
            page.blank();
            changes::put(&mut page, symbol, item.changes.as_ref(), painter);
        }
    }
    let goes_on = match part {
        Part::Doc | Part::Source => false,
        Part::Uses => !item.uses.is_done,
        Part::Changes => item.changes.is_none() && !changes::is_inside(symbol),
    };
    Page { goes_on, location: location.clone(), ..page.finish() }
}

#[cfg(test)]
pub mod tests {
    use zenith_core::answers::changes::{Change, ItemChange, Origin, Range};
    use zenith_core::answers::{How, Kind, Relation, Use};

    use super::super::super::paint::tests::painter;
    use super::super::changes::Differences;
    use super::super::symbol::tests::sample;
    use super::*;

    fn item() -> Item {
        let fact = |what, value: &str| Fact { what, value: value.to_string(), source: "x".to_string() };
        Item {
            symbol: ApiSymbol { metadata: "{}".to_string(), ..sample() },
            examples: Vec::new(),
            location: None,
            facts: vec![
                fact("use", "use tokio::task::spawn_blocking;"),
                fact("feature", "rt; on in this project"),
                fact("add", "cargo add tokio@1.48.0 --features rt"),
                fact("msrv", "Rust 1.71\u{1b}[2J"),
            ],
            uses: Known::default(),
            changes: None,
        }
    }

    /// A part of the page of a function.
    pub fn sample_page(part: Part, painter: &Painter) -> Page {
        page(&item(), part, painter)
    }

    fn text(item: &Item, part: Part) -> String {
        page(item, part, &painter(70)).lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn at(text: &str, part: &str) -> usize {
        text.find(part).unwrap_or_else(|| panic!("{part:?} is not in\n{text}"))
    }

    #[test]
    fn how_to_get_it_stands_on_top_of_the_documentation_and_the_source_elsewhere() {
        let doc = text(&item(), Part::Doc);
        let order =
            ["cargo add tokio@1.48.0", "Feature ", "use tokio::task", "pub fn spawn_blocking", "Runs a"];
        assert!(order.windows(2).all(|pair| at(&doc, pair[0]) < at(&doc, pair[1])), "{doc}");
        assert!(!doc.contains("go()") && !doc.contains('\u{1b}'), "{doc}");
        let source = text(&item(), Part::Source);
        assert!(source.contains(" 99  pub fn spawn_blocking() {") && !source.contains("Runs a"), "{source}");
        let mut without = item();
        without.symbol.source = Some(String::new());
        at(&text(&without, Part::Source), "It has no source of its own.");
        assert_eq!(obtain::add_line(&item().facts).as_deref(), Some("cargo add tokio@1.48.0 --features rt"));
    }

    #[test]
    fn uses_say_how_far_they_are_known() {
        let mut item = item();
        let goes_on = |item: &Item| page(item, Part::Uses, &painter(70)).goes_on;
        at(&text(&item, Part::Uses), "Looking for what may use it…");
        (item.uses.read, item.uses.packages) = (3, 7);
        at(&text(&item, Part::Uses), "Reading what may use it: 3 of 7 packages…");
        assert!(goes_on(&item));
        item.uses.is_done = true;
        let none = text(&item, Part::Uses);
        at(&none, "Nothing on this machine that may use it does.");
        at(&none, "3 of 7 packages were read in time.");
        let of = |package: &str, line| Use {
            kind: Kind::Code,
            how: How::Call,
            certain: line != 9,
            relation: Relation::Own,
            tier: zenith_core::package::Tier::Private,
            package: package.to_string(),
            version: "0.1.0".to_string(),
            file: "src/lib.rs".to_string(),
            line,
            within: Some("go".to_string()),
            text: "spawn_blocking(|| 1);\u{1b}[2J".to_string(),
            piece: Default::default(),
        };
        item.uses.uses = vec![of("mine", 7), of("mine", 9), of("yours", 8)];
        let uses = text(&item, Part::Uses);
        at(&uses, "3 uses ──");
        at(&uses, "src/lib.rs:7 · your own code, in go\n    spawn_blocking(|| 1);");
        at(&uses, "src/lib.rs:9 · your own code, in go, maybe");
        assert!(at(&uses, "mine 0.1.0") < at(&uses, "yours 0.1.0") && !uses.contains('\u{1b}'), "{uses}");
        assert!(uses.matches("mine 0.1.0").count() == 1 && !goes_on(&item), "{uses}");
    }

    #[test]
    fn changes_say_what_was_compared_and_what_could_not_be() {
        let mut item = item();
        at(&text(&item, Part::Changes), "Comparing versions…");
        assert!(page(&item, Part::Changes, &painter(70)).goes_on);
        item.changes = Some(Ok(Vec::new()));
        at(&text(&item, Part::Changes), "No other version of tokio than 1.48.0 is on this machine");
        let range = |from: &str, to: &str| Range {
            from: from.to_string(),
            to: to.to_string(),
            origin: Origin::Newest,
        };
        let change = ItemChange {
            change: Change::Changed,
            kind: "fn".to_string(),
            path: "tokio::task::spawn_blocking".to_string(),
            moved_from: None,
            stays_at: None,
            before: Some("pub fn spawn_blocking()\u{1b}[2J".to_string()),
            after: Some("pub fn spawn_blocking(f: F)".to_string()),
            deprecated: None,
            needed: None,
            needs: None,
            file: "a.rs".to_string(),
            line: 1,
            paths: vec!["tokio::task::spawn_blocking".to_string()],
        };
        let differs = Differences { of_item: vec![change], of_package: [(Change::Changed, 5)].into() };
        let compared = |range, found| Compared { range, found };
        item.changes = Some(Ok(vec![
            compared(range("1.47.0", "1.48.0"), Some(differs)),
            compared(range("1.48.0", "1.49.0"), Some(Differences::default())),
            compared(range("1.48.0", "1.50.0"), None),
        ]));
        let told = text(&item, Part::Changes);
        at(&told, "1.47.0 → 1.48.0, the newest on this machine\nchanged fn tokio::task::spawn_blocking");
        at(&told, "  − pub fn spawn_blocking()\n  + pub fn spawn_blocking(f: F)\n");
        at(&told, "In the whole package: 5 changed; `zenith changes tokio");
        at(&told, "Nothing that others can write of it differs.");
        at(&told, "One of them is not indexed; `zenith changes tokio 1.48.0..1.50.0`");
        assert!(!told.contains('\u{1b}'), "{told}");
        item.symbol.visibility = "private".to_string();
        at(&text(&item, Part::Changes), "It is no part of what others can write");
    }
}
