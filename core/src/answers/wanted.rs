//! The item that uses are looked for, by all that code may call it.

use std::collections::HashSet;

use crate::lake::{ApiSymbol, Names, SymbolOutline};

/// Functions that give out a value of the type that a method is of.
const MAKERS_MAX: usize = 2_000;
/// Paths that lead to an item; modules may show one another.
const PATHS_MAX: usize = 256;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub name: String,
    pub kind: String,
    /// Every path that is known to lead to it, in the one spelling that is compared.
    pub paths: HashSet<String>,
    /// The type, trait or enum that it hangs on.
    pub owner: Option<Owner>,
    /// Of what hangs on something: words of which a text that uses it has one.
    pub near: HashSet<String>,
}

/// Paths that modules of a package give by their imports to an item, and to what it hangs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub items: HashSet<String>,
    pub owners: HashSet<String>,
}

impl Shown {
    pub fn extend(&mut self, more: Shown) {
        self.items.extend(more.items);
        self.owners.extend(more.owners);
    }
}

/// What a method, an associated constant or a variant hangs on.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub name: String,
    pub paths: HashSet<String>,
    pub is_trait: bool,
    /// Functions of its package that return one, by path; of several things, with its place: `a::channel#1`.
    pub makers: HashSet<String>,
    /// The last names of those that give out one thing alone.
    pub maker_names: HashSet<String>,
}

impl Wanted {
    /// The item of a row, among the symbols of its package.
    pub fn of(symbol: &ApiSymbol, symbols: &[SymbolOutline]) -> Wanted {
        let names = Names::of(&symbol.metadata);
        let written = [symbol.path.as_str()].into_iter().chain(names.other_paths());
        let mut paths: HashSet<String> = written.map(key_of).collect();
        add_through_holders(&mut paths, symbols);
        let hangs = matches!(symbol.kind.as_str(), "method" | "variant") || {
            // A constant of a type is a constant.
            let outer = symbol.path.rsplit_once("::").map_or("", |(outer, _)| outer);
            symbol.kind == "const" && symbols.iter().any(|one| one.path == outer && is_type(&one.kind))
        };
        let owner = hangs.then(|| Owner::of(symbol, &paths, symbols));
        let near = owner.iter().flat_map(|owner| {
            let crates = paths.iter().filter_map(|path| path.split("::").next());
            let makers = owner.makers.iter().map(|path| last(path));
            crates.chain(makers).chain([owner.name.as_str()]).map(str::to_owned)
        });
        let near = near.collect();
        Wanted { name: key_of(&symbol.name), kind: symbol.kind.clone(), paths, owner, near }
    }

    /// With the paths by which another package shows it, and the symbols of that.
    pub fn also_at(&mut self, shown: &[String], symbols: &[SymbolOutline]) {
        let mut paths: HashSet<String> = shown.iter().map(|path| key_of(path)).collect();
        add_through_holders(&mut paths, symbols);
        if let Some(owner) = &mut self.owner {
            let outer = paths.iter().filter_map(|path| path.rsplit_once("::"));
            owner.paths.extend(outer.map(|(outer, _)| outer.to_owned()));
            self.near.extend(paths.iter().filter_map(|path| path.split("::").next()).map(str::to_owned));
        }
        self.paths.extend(paths);
    }

    /// The same item in a package whose modules show it, or what it hangs on, by other paths too.
    pub fn shown_by(&self, shown: &Shown) -> Wanted {
        let mut wanted = self.clone();
        wanted.paths.extend(shown.items.iter().cloned());
        if let Some(owner) = &mut wanted.owner {
            wanted.paths.extend(shown.owners.iter().map(|path| format!("{path}::{}", self.name)));
            owner.paths.extend(shown.owners.iter().cloned());
        }
        wanted
    }

    pub fn is(&self, path: &[String]) -> bool {
        self.paths.contains(&key(path))
    }

    /// Whether a text may use it at all: a look that costs little beside parsing it.
    /// `hints` are names of what is of its type.
    pub fn may_be_in(&self, text: &str, hints: &HashSet<String>) -> bool {
        if !text.contains(&self.name) {
            return false;
        }
        let (mut is_named, mut is_near) = (false, self.owner.is_none());
        for word in words(text) {
            is_named |= word == self.name;
            is_near = is_near || self.near.contains(word) || hints.contains(word);
            if is_named && is_near {
                return true;
            }
        }
        false
    }

    /// Whether a text has its name.
    pub fn is_named_in(&self, text: &str) -> bool {
        has_word(text, &self.name)
    }

    /// Whether names can hint at what is of the type that the item hangs on. Of a trait, anything may be.
    pub fn has_hints(&self) -> bool {
        let owner = self.owner.as_ref().filter(|owner| self.kind == "method" && !owner.is_trait);
        owner.is_some_and(|owner| !owner.name.is_empty())
    }

    /// Whether a text may say what is of that type.
    pub fn may_be_hinted_in(&self, text: &str) -> bool {
        self.owner.as_ref().is_some_and(|owner| has_word(text, &owner.name))
    }

    /// Whether modules, types and traits may be named on the way to something else.
    pub fn is_passed_through(&self) -> bool {
        self.kind == "mod" || self.kind == "trait" || is_type(&self.kind)
    }
}

impl Owner {
    fn of(symbol: &ApiSymbol, paths: &HashSet<String>, symbols: &[SymbolOutline]) -> Owner {
        let outer = |path: &str| path.rsplit_once("::").map(|(outer, _)| outer.to_owned());
        let mut owner =
            Owner { paths: paths.iter().filter_map(|path| outer(path)).collect(), ..Owner::default() };
        let own = outer(&symbol.path).unwrap_or_default();
        for row in symbols.iter().filter(|row| row.path == own && row.kind != "mod" && row.kind != "macro") {
            owner.is_trait |= row.kind == "trait";
            let names = Names::of(&row.metadata);
            owner.paths.extend(names.other_paths().map(key_of));
        }
        owner.name = own.rsplit("::").next().map(key_of).unwrap_or_default();
        let makes = |row: &SymbolOutline| {
            let outer = row.path.rsplit_once("::").map_or("", |(outer, _)| outer);
            let own = owner.paths.contains(&key_of(outer));
            let given = row.signature.as_deref().map(returned).unwrap_or_default();
            let is_it = |name: &&str| *name == owner.name || (*name == "Self" && own);
            let single = given.len() == 1;
            let at = given.iter().position(|name| name.as_ref().is_some_and(is_it))?;
            Some(if single { String::new() } else { format!("#{at}") })
        };
        let mut makers = HashSet::new();
        for row in symbols.iter().filter(|row| matches!(row.kind.as_str(), "fn" | "method")) {
            if let Some(place) = makes(row).filter(|_| makers.len() < MAKERS_MAX) {
                let names = Names::of(&row.metadata);
                let paths = [row.path.as_str()].into_iter().chain(names.other_paths());
                makers.extend(paths.map(|path| format!("{}{place}", key_of(path))));
            }
        }
        // Every type has these.
        let common = |name: &str| matches!(name, "new" | "default" | "from" | "clone" | "with_capacity");
        let names = makers.iter().filter(|path| !path.contains('#')).map(|path| last(path));
        owner.maker_names = names.filter(|name| !common(name)).map(str::to_owned).collect();
        owner.makers = makers;
        owner
    }
}

/// Adds the paths that lead through another path of a module or type which holds what paths lead to: `pub use parts
/// as pieces` shows all that is in it, and no row of that says so.
fn add_through_holders(paths: &mut HashSet<String>, symbols: &[SymbolOutline]) {
    let holds = |row: &&SymbolOutline| {
        let may_have_others = row.metadata.contains("\"paths\"") || row.metadata.contains("\"declared_");
        may_have_others && (matches!(row.kind.as_str(), "mod" | "trait") || is_type(&row.kind))
    };
    let holders: Vec<Vec<String>> = symbols
        .iter()
        .filter(holds)
        .map(|row| {
            let names = Names::of(&row.metadata);
            [row.path.as_str()].into_iter().chain(names.other_paths()).map(key_of).collect()
        })
        .collect();
    let mut open: Vec<String> = paths.iter().cloned().collect();
    open.sort_unstable();
    while let Some(path) = open.pop() {
        for names in &holders {
            let rest = names
                .iter()
                .find_map(|name| path.strip_prefix(name.as_str()).filter(|rest| rest.starts_with("::")));
            for name in rest.iter().flat_map(|_| names) {
                let other = format!("{name}{}", rest.unwrap_or_default());
                if paths.len() < PATHS_MAX && paths.insert(other.clone()) {
                    open.push(other);
                }
            }
        }
    }
}

/// The last name of a path, without the place that may stand behind it.
pub fn last(path: &str) -> &str {
    let name = path.rsplit("::").next().unwrap_or(path);
    name.split('#').next().unwrap_or(name)
}

/// What could be names in a text, one after another.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

fn has_word(text: &str, word: &str) -> bool {
    text.contains(word) && words(text).any(|one| one == word)
}

/// A path in the one spelling that is compared. What `core` and `alloc` declare, `std` shows.
pub fn key(path: &[String]) -> String {
    let mut key = String::new();
    for (at, segment) in path.iter().enumerate() {
        if at > 0 {
            key.push_str("::");
        }
        match (at, segment.as_str()) {
            (0, "core" | "alloc") => key.push_str("std"),
            (_, segment) => key.push_str(segment.strip_prefix("r#").unwrap_or(segment)),
        }
    }
    key
}

/// The same of a path that is written.
pub fn key_of(path: &str) -> String {
    key(&path.split("::").map(str::to_owned).collect::<Vec<_>>())
}

fn is_type(kind: &str) -> bool {
    matches!(kind, "struct" | "enum" | "union" | "type")
}

/// The names of the types that a function gives out, one for each part of a tuple.
fn returned(signature: &str) -> Vec<Option<&str>> {
    let Some((_, after)) = signature.rsplit_once("->") else { return Vec::new() };
    let text = after.split(" where ").next().unwrap_or(after).trim();
    let Some(inside) = text.strip_prefix('(') else { return vec![head(text)] };
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => {
                parts.push(head(inside.get(start..at).unwrap_or_default()));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The name of a type, whatever may be wrapped around it.
fn head(text: &str) -> Option<&str> {
    const WRAPPED_MAX: usize = 6;
    let mut text = text.trim();
    for _ in 0..WRAPPED_MAX {
        text = text.trim_start_matches('&').trim_start();
        if text.starts_with('\'') {
            text = text.split_once(' ').map_or("", |(_, rest)| rest);
        }
        for word in ["mut ", "impl ", "dyn "] {
            text = text.strip_prefix(word).unwrap_or(text).trim_start();
        }
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
        let (path, rest) = text.split_at(end);
        let name = path.trim_matches(':').rsplit("::").next().unwrap_or(path);
        match (name, rest.strip_prefix('<')) {
            ("Result" | "Option" | "Box" | "Arc" | "Rc" | "Pin", Some(inside)) => text = inside,
            ("Future", Some(inside)) => text = inside.trim_start().strip_prefix("Output =")?.trim_start(),
            ("", _) => return None,
            _ => return Some(name),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_gives_out_is_told_by_its_signature() {
        for (signature, names) in [
            ("pub fn new() -> Self", &[Some("Self")][..]),
            ("pub fn open(&self) -> io::Result<File>", &[Some("File")]),
            (
                "fn f<F: Fn() -> u8>(f: F) -> Result<Option<&'static mut Engine<T>>, E> where T: X",
                &[Some("Engine")],
            ),
            ("async fn f() -> Pin<Box<dyn Future<Output = a::b::C>>>", &[Some("C")]),
            (
                "fn channel<T>(n: usize) -> (Sender<(T, T)>, a::Receiver<T>)",
                &[Some("Sender"), Some("Receiver")],
            ),
            ("fn f() -> ()", &[None]),
            ("fn f()", &[]),
            ("fn f() -> ", &[None]),
            ("fn f() -> <<<<", &[None]),
            ("fn f() -> (((((", &[]),
            ("fn f() -> Result<Result<Result<Result<Result<Result<Result<u8>>>>>>>", &[None]),
        ] {
            assert_eq!(returned(signature), names, "{signature}");
        }
    }

    #[test]
    fn a_text_is_looked_at_word_by_word() {
        let wanted = Wanted {
            name: "slice".to_owned(),
            near: HashSet::from(["Bytes".to_owned()]),
            owner: Some(Owner { name: "Bytes".to_owned(), ..Owner::default() }),
            ..Wanted::default()
        };
        let hints = HashSet::from(["body".to_owned()]);
        for (text, may) in [
            ("fn f(b: Bytes) { b.slice(..) }", true),
            ("body.r#slice(1)", true),
            ("x.slice(1)", false),
            ("BytesMut::slice(b)", false),
            ("Bytes::slices()", false),
            ("Bytes", false),
            ("é.slice(1) + body", true),
        ] {
            assert_eq!(wanted.may_be_in(text, &hints), may, "{text}");
        }
        assert!(wanted.may_be_hinted_in("Vec<Bytes>") && !wanted.may_be_hinted_in("BytesMut"));
        assert!(Wanted { owner: None, ..wanted }.may_be_in("x.slice()", &HashSet::new()));
    }

    fn row(kind: &str, path: &str, metadata: &str) -> SymbolOutline {
        SymbolOutline {
            id: path.to_owned(),
            file_path: "src/lib.rs".to_owned(),
            kind: kind.to_owned(),
            name: last(path).to_owned(),
            path: path.to_owned(),
            signature: None,
            line_start: 1,
            line_end: 1,
            visibility: "public".to_owned(),
            metadata: metadata.to_owned(),
        }
    }

    #[test]
    fn what_a_module_holds_is_written_by_each_of_its_paths() {
        let symbols = [
            row("mod", "a::parts", r#"{"paths":["a::pieces"]}"#),
            row("mod", "a::pieces::small", r#"{"paths":["a::tiny","a::tiny::tiny"]}"#),
            row("fn", "a::parts::small", r#"{"paths":["a::other"]}"#),
        ];
        let mut paths = HashSet::from(["a::parts::small::f".to_owned()]);
        add_through_holders(&mut paths, &symbols);
        for path in ["a::pieces::small::f", "a::tiny::f", "a::tiny::tiny::f"] {
            assert!(paths.contains(path), "{path} is not in {paths:?}");
        }
        assert!(!paths.contains("a::other::f") && paths.len() <= PATHS_MAX);
        let mut wanted =
            Wanted { name: "f".to_owned(), paths: HashSet::from(["b::f".to_owned()]), ..Wanted::default() };
        wanted.also_at(&["a::parts::small::f".to_owned()], &symbols);
        assert!(wanted.paths.contains("a::tiny::f") && wanted.paths.contains("b::f"));
    }

    #[test]
    fn the_standard_library_is_one() {
        assert_eq!(key_of("core::option::Option"), key_of("std::option::Option"));
        assert_eq!(key_of("a::r#type::core"), "a::type::core");
    }
}
