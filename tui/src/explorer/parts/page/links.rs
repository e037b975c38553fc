//! What leads from a page to others: links of its documentation, and names in its signature.

use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::ApiSymbol;

use super::copies::documented_at;
use crate::explorer::parts::markdown;
use crate::explorer::parts::menu::{Choice, Chosen};
use crate::explorer::parts::place::Place;
use crate::text::{clean, clean_line};

/// Links of a page that anyone chooses from.
const LINKS_MAX: usize = 100;

/// Names of the signature first, then links in the order of the documentation.
pub fn of_symbol(entry: &CatalogEntry, symbol: &ApiSymbol) -> Vec<Choice> {
    let (path, signature) = (clean_line(&symbol.path), symbol.signature.as_deref().unwrap_or_default());
    let names = signature_names(&clean_line(signature), &clean_line(&symbol.name));
    let mut links: Vec<Choice> = names
        .into_iter()
        .map(|name| choice(&name, "in the signature".to_string(), named(entry, &name, &path)))
        .collect();
    links.extend(of_text(entry, symbol.doc_comment.as_deref().unwrap_or_default(), &path));
    bounded(links)
}

/// Where a package is documented and kept, then the links of its first pages.
pub fn of_package(entry: &CatalogEntry, text: &str) -> Vec<Choice> {
    let known = [("documentation", documented_at(entry)), ("repository", entry.repo_url.clone())];
    let copied = |(name, to): (&str, Option<String>)| {
        let to = clean_line(&to?);
        Some(choice(name, format!("copies {to}"), Chosen::Copy(to)))
    };
    let mut links: Vec<Choice> = known.into_iter().filter_map(copied).collect();
    links.extend(of_text(entry, text, ""));
    bounded(links)
}

/// Links of documentation that is written at a path of a package.
pub fn of_text(entry: &CatalogEntry, text: &str, from: &str) -> Vec<Choice> {
    let link = |(text, to): (String, String)| {
        let (text, to) = (clean_line(&text), clean_line(&to));
        if to.contains("://") {
            return Some(choice(&text, format!("copies {to}"), Chosen::Copy(to)));
        }
        let name = item_name(&to)?;
        Some(choice(&text, name.clone(), named(entry, &name, from)))
    };
    bounded(markdown::links(&clean(text)).into_iter().filter_map(link).collect())
}

fn choice(name: &str, text: String, does: Chosen) -> Choice {
    Choice { key: None, name: name.to_string(), text, does }
}

fn named(entry: &CatalogEntry, name: &str, from: &str) -> Chosen {
    Chosen::Go(Place::Named {
        scope: entry.scope.clone(),
        id: entry.id.clone(),
        name: name.to_string(),
        from: from.to_string(),
    })
}

/// Each once, and not without end.
fn bounded(links: Vec<Choice>) -> Vec<Choice> {
    let mut kept: Vec<Choice> = Vec::new();
    for link in links {
        if kept.len() < LINKS_MAX && !kept.iter().any(|other| other.does == link.does) {
            kept.push(link);
        }
    }
    kept
}

/// The item that rustdoc would lead to, as a path: `struct@Handle`, `Handle::abort()` and
/// `struct.Handle.html#method.abort` are names too. `None` where it is something else.
fn item_name(to: &str) -> Option<String> {
    let to = to.trim_matches('`');
    let name = match to.split_once(".html") {
        Some((file, rest)) => {
            let own = |part: &str| part.rsplit(['/', '.']).next().unwrap_or_default().to_string();
            let member = rest.strip_prefix('#').map(own).filter(|member| !member.is_empty());
            [Some(own(file)), member].into_iter().flatten().collect::<Vec<_>>().join("::")
        }
        None => {
            let name = to.split_once('@').map_or(to, |(_, name)| name);
            let name = name.split(['<', '#', '(', ' ']).next().unwrap_or_default();
            name.trim_end_matches(['!', ':']).to_string()
        }
    };
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_path = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
    (starts_well && is_path).then_some(name)
}

/// The types and traits that a signature names, without its own name and its parameters.
fn signature_names(signature: &str, own: &str) -> Vec<String> {
    let generics = generics(signature, own);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let mut names: Vec<String> = Vec::new();
    for word in signature.split(|c| !is_part(c)) {
        let word = word.trim_matches(':');
        let last = word.rsplit("::").next().unwrap_or_default();
        let first = word.split("::").next().unwrap_or_default();
        let is_type = last.starts_with(char::is_uppercase) && !["Self", own].contains(&last);
        if is_type && !generics.iter().any(|name| name == first) && !names.iter().any(|name| name == word) {
            names.push(word.to_string());
        }
    }
    names
}

/// The parameters behind an item's name.
fn generics(signature: &str, own: &str) -> Vec<String> {
    let begin = format!("{own}<");
    let Some((_, behind)) = signature.split_once(&begin) else { return Vec::new() };
    let (mut depth, mut parameters) = (1_usize, vec![String::new()]);
    for c in behind.chars() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => parameters.push(String::new()),
            c => parameters.last_mut().into_iter().for_each(|parameter| parameter.push(c)),
        }
        if depth == 0 {
            break;
        }
    }
    let name = |parameter: &String| {
        let bare = parameter.trim().trim_start_matches("const ");
        bare.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_string()
    };
    parameters.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_leads_to_what_it_names_and_not_to_its_parameters() {
        let names = |signature, own| signature_names(signature, own);
        assert_eq!(
            names(
                "pub fn spawn<F, Out: Clone>(f: F) -> JoinHandle<F::Out> where F: std::future::Future",
                "spawn"
            ),
            ["Clone", "JoinHandle", "std::future::Future"]
        );
        assert_eq!(names("impl<T> From<T> for Handle", "Handle"), ["T", "From"]);
        assert_eq!(names("pub fn new() -> Self", "new"), [""; 0]);
        for odd in ["fn a<", "fn a<<>>>>(", "fn ::::Ab<ü>", ""] {
            names(odd, "a");
        }
    }

    #[test]
    fn each_way_to_write_a_link_is_one_name() {
        let name = |to| item_name(to).unwrap_or_default();
        for (to, expected) in [
            ("`Handle`", "Handle"),
            ("crate::task::spawn()", "crate::task::spawn"),
            ("struct@Handle", "Handle"),
            ("select!", "select"),
            ("Vec<T>", "Vec"),
            ("struct.Handle.html#method.abort", "Handle::abort"),
            ("../task/fn.spawn.html", "spawn"),
            ("index.html", "index"),
            ("#heading", ""),
            ("./file.md", ""),
        ] {
            assert_eq!(name(to), expected, "{to}");
        }
    }
}
