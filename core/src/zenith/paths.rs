//! Which symbols of a package a path means, however it is written.
//!
//! A row keeps its best path and the others that lead straight to it. What lies below a module or
//! type that has another path (`pub use parts as pieces`) has no path of its own through it: there
//! the beginning that is known is put in place of the one that was written, until a path is known
//! whole. Where the known beginning is declared in another package, the rest is to be looked for there.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::lake::{Declaration, Names, Needs, SymbolOutline};
use crate::search::shelf::{fold_alias, fold_path};

/// Nobody writes longer paths.
const SEGMENTS_MAX: usize = 64;
/// Paths that are tried in place of the one that was written; modules may re-export one another.
const TRIED_MAX: usize = 256;

/// What a path means in one package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Places in the list of symbols, the nearest first.
    pub here: Vec<usize>,
    /// Where the item would be declared, if not here: the path within that package.
    pub elsewhere: Vec<Declaration>,
}

/// A package's symbols by all the names that they have.
#[derive(Default)]
struct Paths {
    /// By symbol: its own path, folded, then the others.
    rows: Vec<Vec<String>>,
    declared: Vec<Option<Declaration>>,
    /// By symbol: what it is called elsewhere, folded.
    aliases: Vec<Vec<String>>,
    by_path: HashMap<String, Vec<usize>>,
}

/// What `written` means among a package's symbols.
pub(super) fn meaning(symbols: &[SymbolOutline], written: &str) -> Meaning {
    let (wanted, rooted) = plain(written);
    if wanted.split("::").count() > SEGMENTS_MAX {
        return Meaning::default();
    }
    let paths = Paths::of(symbols);
    if wanted.is_empty() {
        return Meaning { here: paths.called(written), elsewhere: Vec::new() };
    }
    let mut here = match rooted {
        true => paths.roots().iter().flat_map(|root| paths.known(&format!("{root}::{wanted}"))).collect(),
        false => paths.ending_with(&wanted),
    };
    let mut elsewhere = Vec::new();
    if here.is_empty() {
        let starts: Vec<String> = match rooted {
            true => paths.roots().iter().map(|root| format!("{root}::{wanted}")).collect(),
            false => vec![wanted.clone()],
        };
        (here, elsewhere) = paths.rewritten(starts);
        elsewhere.extend(paths.declaring(&wanted));
    }
    if here.is_empty() {
        here = paths.called(written);
    }
    let last = written.rsplit("::").next().unwrap_or(written).trim();
    here.sort_by_key(|&at| {
        let symbol = symbols.get(at);
        let exact = symbol.is_some_and(|symbol| symbol.path == written || symbol.name == last);
        let off = symbol.is_some_and(|symbol| !Needs::of(&symbol.metadata).is_empty());
        (!exact, symbol.map_or(0, |symbol| symbol.path.len()), off, at)
    });
    here.dedup();
    elsewhere.dedup();
    Meaning { here, elsewhere }
}

/// A path as code writes it (`crate::a::B::<u8>::c()`, `<B as Trait>::c`), folded; whether it starts at
/// the crate's root.
fn plain(written: &str) -> (String, bool) {
    let mut text = written.trim().to_string();
    if let Some((on, rest)) = qualified(&text) {
        text = format!("{on}{rest}");
    }
    let mut kept = String::with_capacity(text.len());
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => break,
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    let rest = ["$crate::", "crate::"].iter().find_map(|root| kept.strip_prefix(root));
    (fold_path(rest.unwrap_or(&kept)), rest.is_some())
}

/// The type of `<Type as Trait>::rest`, and `::rest`.
fn qualified(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('<')?;
    let mut depth = 1_usize;
    let end = inside.char_indices().find_map(|(at, c)| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    let (on, rest) = (inside.get(..end)?, inside.get(end + 1..)?);
    Some((on.split_once(" as ").map_or(on, |(on, _)| on), rest))
}

impl Paths {
    fn of(symbols: &[SymbolOutline]) -> Paths {
        let mut paths = Paths::default();
        for (at, symbol) in symbols.iter().enumerate() {
            let names = Names::of(&symbol.metadata);
            let mut row = vec![fold_path(&symbol.path)];
            for other in names.other_paths().map(fold_path) {
                if !row.contains(&other) {
                    row.push(other);
                }
            }
            for path in &row {
                paths.by_path.entry(path.clone()).or_default().push(at);
            }
            paths.rows.push(row);
            paths.declared.push(names.declared_in);
            paths.aliases.push(names.aliases.iter().map(|alias| fold_alias(alias)).collect());
        }
        paths
    }

    /// The symbols that bear a whole path.
    fn known(&self, path: &str) -> Vec<usize> {
        self.by_path.get(path).cloned().unwrap_or_default()
    }

    /// The symbols that are called so elsewhere.
    fn called(&self, written: &str) -> Vec<usize> {
        let wanted = fold_alias(written);
        let rows = self.aliases.iter().enumerate();
        rows.filter(|(_, aliases)| aliases.contains(&wanted)).map(|(at, _)| at).collect()
    }

    /// The symbols that bear a path with this end.
    fn ending_with(&self, wanted: &str) -> Vec<usize> {
        let ends = |path: &String| {
            path.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with("::"))
        };
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| row.iter().any(ends)).map(|(at, _)| at).collect()
    }

    /// The names of the package's crates.
    fn roots(&self) -> Vec<&str> {
        let firsts = self.rows.iter().filter_map(|row| row.first()?.split("::").next());
        let mut roots: Vec<&str> = firsts.collect::<HashSet<_>>().into_iter().collect();
        roots.sort_unstable();
        roots
    }

    /// What is found once a path's beginning is replaced by the best one of what it leads to.
    fn rewritten(&self, starts: Vec<String>) -> (Vec<usize>, Vec<Declaration>) {
        let roots = self.roots();
        let mut tried: HashSet<String> = starts.iter().cloned().collect();
        let mut open = VecDeque::from(starts);
        let mut elsewhere = Vec::new();
        while let Some(path) = open.pop_front() {
            let whole = path.split("::").next().is_some_and(|first| roots.contains(&first));
            let cuts: Vec<usize> = path.match_indices("::").map(|(at, _)| at).collect();
            for cut in cuts.into_iter().rev() {
                let (Some(before), Some(rest)) = (path.get(..cut), path.get(cut + 2..)) else { continue };
                for at in if whole { self.known(before) } else { self.ending_with(before) } {
                    if let Some(declared) = self.declared.get(at).and_then(Option::as_ref)
                        && !declared.path.is_empty()
                    {
                        let path = format!("{}::{rest}", declared.path);
                        elsewhere.push(Declaration { path, ..declared.clone() });
                    }
                    let Some(best) = self.rows.get(at).and_then(|row| row.first()) else { continue };
                    let next = format!("{best}::{rest}");
                    let found = self.known(&next);
                    if !found.is_empty() {
                        return (found, Vec::new());
                    }
                    if tried.len() < TRIED_MAX && tried.insert(next.clone()) {
                        open.push_back(next);
                    }
                }
            }
        }
        (Vec::new(), elsewhere)
    }

    /// The packages whose crate a path begins with, if this one shows something of theirs.
    fn declaring(&self, wanted: &str) -> Vec<Declaration> {
        let Some((first, _)) = wanted.split_once("::") else { return Vec::new() };
        let mut packages: Vec<Declaration> = Vec::new();
        for declared in self.declared.iter().flatten() {
            let of_it = declared.path.split("::").next().is_some_and(|name| fold_path(name) == first);
            let new =
                |one: &Declaration| (&one.package, &one.version) != (&declared.package, &declared.version);
            if of_it && packages.iter().all(new) {
                packages.push(Declaration { path: wanted.to_string(), ..declared.clone() });
            }
        }
        packages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(path: &str, metadata: &str) -> SymbolOutline {
        SymbolOutline {
            id: path.to_string(),
            file_path: "src/lib.rs".to_string(),
            kind: "fn".to_string(),
            name: path.rsplit("::").next().unwrap_or(path).to_string(),
            path: path.to_string(),
            signature: None,
            line_start: 1,
            line_end: 1,
            visibility: "public".to_string(),
            metadata: metadata.to_string(),
        }
    }

    fn sample() -> Vec<SymbolOutline> {
        vec![
            symbol("p", "{}"),
            symbol("p::parts", r#"{"paths":["p::pieces","p::looped::parts"]}"#),
            symbol("p::parts::small", "{}"),
            symbol("p::parts::small::screw", "{}"),
            symbol("p::looped", r#"{"paths":["p::looped::looped"]}"#),
            symbol("p::Engine", r#"{"paths":["p::motor::Motor"],"declared_at":"p::imp::engine::Engine"}"#),
            symbol("p::Engine::start", r#"{"aliases":["ignite","++"]}"#),
            symbol("p::r#match::r#type", "{}"),
            symbol("p::other", r#"{"declared_in":{"package":"other","version":"2.0.0","path":"other"}}"#),
        ]
    }

    fn means(written: &str) -> Vec<String> {
        let symbols = sample();
        meaning(&symbols, written).here.into_iter().map(|at| symbols[at].path.clone()).collect()
    }

    #[test]
    fn every_path_that_compiles_leads_to_the_item() {
        for written in [
            "p::parts::small::screw",
            "small::screw",
            "::p::parts::small::screw",
            "crate::parts::small::screw",
            "p::pieces::small::screw",
            "pieces::small::screw",
            "p::looped::looped::parts::small::screw",
            "p::looped::parts::small::screw",
        ] {
            assert_eq!(means(written), ["p::parts::small::screw"], "{written}");
        }
        for written in [
            "Engine::start",
            "p::motor::Motor::start",
            "p::imp::engine::Engine::start",
            "Engine::<u8>::start",
            "<Engine as Machine>::start",
            "<p::Engine<'_>>::start",
            "p::Engine::start(&engine)",
            "Ignite",
            "++",
        ] {
            assert_eq!(means(written), ["p::Engine::start"], "{written}");
        }
        for written in ["match::type", "r#match::r#type", "type", "p::match::type"] {
            assert_eq!(means(written), ["p::r#match::r#type"], "{written}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        for written in ["", "::", "crate::screw", "p::engine::parts", "q::parts::nothing", "<", "<>::", "()"]
        {
            assert!(means(written).is_empty(), "{written}");
        }
        assert!(means(&"p::looped::".repeat(5_000)).is_empty());
    }

    #[test]
    fn the_rest_of_a_path_into_another_package_is_looked_for_there() {
        let found = meaning(&sample(), "p::other::deep::Thing");
        assert!(found.here.is_empty());
        let declared = Declaration {
            package: "other".to_string(),
            version: "2.0.0".to_string(),
            path: "other::deep::thing".to_string(),
        };
        assert_eq!(found.elsewhere, [declared]);
        assert_eq!(meaning(&sample(), "other::deep::Thing").elsewhere[0].path, "other::deep::thing");
    }
}
