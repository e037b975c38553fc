//! What a signature says once its names mean what they stand for: type aliases, those of the standard library among
//! them, and names that an import gave.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::compared::list;
use super::lex::{Token, tokens};

/// An alias may stand for another one; what goes round in a circle ends.
const ROUNDS_MAX: usize = 4;
/// Longer signatures stay as they are.
const BYTES_MAX: usize = 8 << 10;
/// Aliases that every program knows, by the module before them: they have no rows where std is not indexed.
const STANDARD: [(&str, &str); 3] = [
    ("io", "type Result<T> = Result<T, io::Error>"),
    ("fmt", "type Result = Result<(), fmt::Error>"),
    ("thread", "type Result<T> = Result<T, Box<dyn Any + Send + 'static>>"),
];
/// What every module calls by its last name.
const PRELUDE: [&str; 5] = ["result::Result", "option::Option", "string::String", "vec::Vec", "boxed::Box"];
/// What stands before the name of an item.
const DECLARING: [&str; 9] = ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod"];

/// The type aliases of a version of a package.
#[derive(Debug, Default)]
pub struct Aliases {
    by_name: HashMap<String, Vec<Alias>>,
    /// Names of types that are none.
    types: HashSet<String>,
}

#[derive(Clone, Debug)]
struct Alias {
    /// The modules that lead to it, as `::a::b`.
    modules: Vec<String>,
    parameters: Vec<Parameter>,
    target: String,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    default: Option<String>,
}

impl Aliases {
    /// Notes a type of the version, and what it stands for where it is an alias: of its signature, and of every path
    /// that leads to it.
    pub fn note(&mut self, kind: &str, name: &str, signature: &str, paths: &[String]) {
        let alias = (kind == "type").then(|| Alias::read(signature)).flatten();
        match alias {
            Some(mut alias) => {
                let modules = |path: &String| Some(format!("::{}", path.rsplit_once("::")?.0));
                alias.modules = paths.iter().filter_map(modules).collect();
                self.by_name.entry(name.to_owned()).or_default().push(alias);
            }
            None => drop(self.types.insert(name.to_owned())),
        }
    }

    /// A signature with what its aliases stand for in their place, and what every module knows by its last name.
    pub fn expanded(&self, signature: &str) -> String {
        let mut text = signature.to_owned();
        for _ in 0..ROUNDS_MAX {
            match self.once(&text) {
                Some(next) if next.len() <= BYTES_MAX => text = next,
                _ => break,
            }
        }
        without_prelude(&text)
    }

    fn once(&self, signature: &str) -> Option<String> {
        let mut changed = false;
        let text = with_paths(signature, |path, arguments| {
            let stands_for = self.find(path)?.with(arguments)?;
            changed = true;
            Some(stands_for)
        });
        changed.then_some(text)
    }

    fn find(&self, path: &str) -> Option<Alias> {
        let (modules, name) = path.rsplit_once("::").unwrap_or(("", path));
        let own = modules.split("::").skip_while(|one| matches!(*one, "crate" | "self" | "super" | ""));
        let own: String = own.flat_map(|one| ["::", one]).collect();
        let fits = |alias: &&Alias| alias.modules.iter().any(|modules| modules.ends_with(&own));
        let mut found = self.by_name.get(name).into_iter().flatten().filter(fits);
        match (found.next(), modules.is_empty() && self.types.contains(name)) {
            // Alternatives may stand for this or that, and a name alone for a type.
            (Some(one), false) if found.all(|other| other.target == one.target) => Some(one.clone()),
            (None, _) => {
                let (module, signature) =
                    STANDARD.iter().find(|(module, _)| modules.rsplit("::").next() == Some(module))?;
                let alias = Alias::read(signature).filter(|_| name == "Result")?;
                let leads = matches!(modules.strip_suffix(module)?, "" | "std::" | "core::");
                leads.then_some(alias)
            }
            _ => None,
        }
    }
}

impl Alias {
    /// Of `type Name<T, E = Error> = Target`; none where a part of it was left out.
    fn read(signature: &str) -> Option<Alias> {
        let after = signature.split_once("type ")?.1;
        let name_end = after.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '#')))?;
        let rest = after.get(name_end..)?.trim_start();
        let (parameters, rest) = match rest.starts_with('<') {
            true => {
                let end = angle_end(rest)?;
                (list(rest.get(1..end - 1)?), rest.get(end..)?)
            }
            false => (Vec::new(), rest),
        };
        let target = rest.trim_start().strip_prefix('=')?.trim();
        if target.is_empty() || target.ends_with('…') {
            return None;
        }
        let parameter = |text: &str| {
            let (head, default) = match text.split_once(" = ") {
                Some((head, default)) => (head, Some(default.trim().to_owned())),
                None => (text, None),
            };
            let head = head.trim().strip_prefix("const ").unwrap_or(head.trim());
            Parameter { name: head.split(':').next().unwrap_or_default().trim().to_owned(), default }
        };
        let parameters = parameters.into_iter().map(parameter).collect();
        Some(Alias { modules: Vec::new(), parameters, target: target.to_owned() })
    }

    /// What it stands for with these arguments; none where they are not its own, so that another type is meant.
    fn with(&self, arguments: &[&str]) -> Option<String> {
        let is_lifetime = |text: &str| text.starts_with('\'');
        let mut lifetimes = arguments.iter().filter(|one| is_lifetime(one));
        let mut types = arguments.iter().filter(|one| !is_lifetime(one));
        let mut values: HashMap<&str, String> = HashMap::new();
        for parameter in &self.parameters {
            let value = match is_lifetime(&parameter.name) {
                true => Some(lifetimes.next().map_or("'_", |one| *one).to_owned()),
                false => types.next().map(|one| (*one).to_owned()).or_else(|| parameter.default.clone()),
            };
            values.insert(&parameter.name, value?);
        }
        if lifetimes.next().is_some() || types.next().is_some() {
            return None;
        }
        let mut text = String::new();
        for (_, range) in tokens(&self.target, 0) {
            let piece = self.target.get(range).unwrap_or_default();
            let is_parameter = !text.ends_with("::");
            text.push_str(values.get(piece).filter(|_| is_parameter).map_or(piece, String::as_str));
        }
        Some(text)
    }
}

/// A signature with the names that imports gave as the paths that they stand for.
pub fn without_renames(signature: &str, renamed: &[(String, String)]) -> String {
    let mut text = String::with_capacity(signature.len());
    for (token, range) in tokens(signature, 0) {
        let piece = signature.get(range).unwrap_or_default();
        let begins = token == Token::Word && !text.ends_with("::") && !text.ends_with('\'');
        let path = renamed.iter().find(|(name, _)| begins && name == piece).map(|(_, path)| path.as_str());
        text.push_str(path.unwrap_or(piece));
    }
    text
}

/// A signature in which `replaced` says what stands in place of a path with its arguments.
fn with_paths(signature: &str, mut replaced: impl FnMut(&str, &[&str]) -> Option<String>) -> String {
    let pieces: Vec<(Token, Range<usize>)> = tokens(signature, 0).collect();
    let piece =
        |at: usize| pieces.get(at).and_then(|(_, range)| signature.get(range.clone())).unwrap_or_default();
    let is = |at: usize, token: Token| pieces.get(at).is_some_and(|one| one.0 == token);
    let leads = |at: usize| piece(at) == ":" && piece(at + 1) == ":" && is(at + 2, Token::Word);
    let begin = |at: usize| pieces.get(at).map_or(signature.len(), |(_, range)| range.start);
    let (mut text, mut at, mut before) = (String::with_capacity(signature.len()), 0, "");
    while at < pieces.len() {
        let start = at;
        while is(start, Token::Word) && leads(at + 1) {
            at += 3;
        }
        at += 1;
        let path = signature.get(begin(start)..begin(at)).unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or_default();
        // What follows a type is its own, and what is declared here is no use.
        let goes_on = text.ends_with(">::") || DECLARING.contains(&before);
        let is_use = is(start, Token::Word) && name.starts_with(char::is_uppercase) && !goes_on;
        let rest = signature.get(begin(at)..).filter(|rest| is_use && rest.starts_with('<'));
        let end = rest.and_then(angle_end).unwrap_or(0);
        let arguments = rest.and_then(|rest| rest.get(1..end.checked_sub(1)?)).map(list).unwrap_or_default();
        match if is_use { replaced(path, &arguments) } else { None } {
            Some(stands_for) => {
                text.push_str(&stands_for);
                let end = begin(at) + end;
                while at < pieces.len() && begin(at) < end {
                    at += 1;
                }
            }
            None => text.push_str(path),
        }
        if !is(start, Token::Space) {
            before = path;
        }
    }
    text
}

/// Where the angle bracket is closed with which a text begins: the position behind it.
fn angle_end(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (0_usize, "");
    for (_, range) in tokens(text, 0) {
        let (end, piece) = (range.end, text.get(range).unwrap_or_default());
        match piece {
            "<" => depth += 1,
            ">" if !matches!(before, "-" | "=") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(end);
                }
            }
            _ => {}
        }
        before = piece;
    }
    None
}

/// With what every module knows by its last name alone.
fn without_prelude(text: &str) -> String {
    let mut text = text.to_owned();
    for path in PRELUDE {
        let name = path.rsplit("::").next().unwrap_or_default();
        for root in ["std::", "core::", "alloc::"] {
            text = text.replace(&format!("{root}{path}"), name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases() -> Aliases {
        let mut aliases = Aliases::default();
        let mut note = |kind: &str, signature: &str, path: &str| {
            let name = path.rsplit("::").next().unwrap();
            aliases.note(kind, name, signature, &[path.to_owned()]);
        };
        note("type", "pub type Result<T, E = Error> = std::result::Result<T, E>", "own::Result");
        note("type", "pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>", "own::a::Boxed");
        note("type", "pub type Twice = Boxed<'static, u8>", "own::Twice");
        note("type", "pub type Round = Round", "own::Round");
        note("type", "pub type One = u8", "own::a::One");
        note("type", "pub type One = u16", "own::b::One");
        note("struct", "pub struct Other", "own::Other");
        note("type", "pub type Other = u8", "own::c::Other");
        note("type", "pub type Cut = HashMap<…", "own::Cut");
        aliases
    }

    #[test]
    fn an_alias_is_what_it_stands_for() {
        let aliases = aliases();
        for (written, meant) in [
            ("fn f() -> Result<u8>", "fn f() -> Result<u8, Error>"),
            ("fn f() -> crate::Result<Vec<u8>, B>", "fn f() -> Result<Vec<u8>, B>"),
            (
                "fn f(a: io::Result<()>) -> fmt::Result",
                "fn f(a: Result<(), io::Error>) -> Result<(), fmt::Error>",
            ),
            ("fn f() -> std::io::Result<Result<u8>>", "fn f() -> Result<Result<u8, Error>, io::Error>"),
            ("fn f() -> Boxed<u8>", "fn f() -> Pin<Box<dyn Future<Output = u8> + Send + '_>>"),
            ("fn f() -> Twice", "fn f() -> Pin<Box<dyn Future<Output = u8> + Send + 'static>>"),
            ("fn f() -> a::One", "fn f() -> u8"),
        ] {
            assert_eq!(aliases.expanded(written), meant, "{written}");
        }
    }

    #[test]
    fn what_is_no_alias_or_may_be_another_stays() {
        let aliases = aliases();
        for written in [
            "fn f() -> One",
            "fn f() -> Other",
            "fn f() -> Cut",
            "fn f() -> x::Result<u8>",
            // Another crate's io.
            "fn f() -> x::io::Result<u8>",
            "fn f() -> Result<u8, u8, u8>",
            "fn f<T: A>() -> <T as A>::Twice",
            "type Result<T>",
            "struct Twice",
            "fn Twice()",
            "fn f() -> Round",
            "",
            "<",
            "a::",
            "fn f() -> Result<",
            "::",
        ] {
            assert_eq!(aliases.expanded(written), written, "{written}");
        }
    }

    #[test]
    fn a_name_that_an_import_gave_is_the_path() {
        let renamed =
            [("StdFile".to_owned(), "std::fs::File".to_owned()), ("stdio".to_owned(), "std::io".to_owned())];
        assert_eq!(
            without_renames("fn f(a: &StdFile, b: x::StdFile) -> stdio::Result<StdFile>", &renamed),
            "fn f(a: &std::fs::File, b: x::StdFile) -> std::io::Result<std::fs::File>"
        );
    }
}
