//! What one wants elsewhere of what a page is about: a line of code, a link, a place.

use url::Url;
use zenith_core::answers::{file_package, is_standard};
use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::ApiSymbol;
use zenith_core::package::{PackageId, Tier};

use super::Location;
use crate::explorer::parts::kind::Kind;
use crate::explorer::parts::menu::Choice;
use crate::text::{clean, clean_line};

pub fn of_symbol(entry: &CatalogEntry, symbol: &ApiSymbol, location: Option<&Location>) -> Vec<Choice> {
    let (path, kind) = (clean_line(&symbol.path), Kind::parse(&symbol.kind));
    let mut copies = Vec::new();
    if let Some(line) = use_line(&path, kind) {
        copies.push(Choice::copies('u', "use line", line));
    }
    if let Some(signature) = symbol.signature.as_deref().filter(|signature| !signature.is_empty()) {
        copies.push(Choice::copies('s', "signature", clean(signature)));
    }
    if let Some(link) = documented_at(entry).and_then(|base| item_at(&base, &path, kind)) {
        copies.push(Choice::copies('l', "link", link));
    }
    let line = u32::try_from(symbol.line_start).unwrap_or(1);
    copies.push(place(&file_package(entry, symbol), &symbol.file_path, line, location));
    copies
}

pub fn of_package(entry: &CatalogEntry, add: Option<&str>, location: Option<&Location>) -> Vec<Choice> {
    let mut copies = Vec::new();
    copies.extend(add.map(|add| Choice::copies('a', "add line", clean_line(add))));
    if let Some(link) = documented_at(entry) {
        // What lies beside rustc is there without a line.
        if !is_standard(entry) {
            let line = format!("{} = \"{}\"", entry.id.name(), entry.id.version());
            copies.push(Choice::copies('u', "use line", line));
        }
        copies.push(Choice::copies('l', "link", link));
    }
    copies.extend(location.map(|location| Choice::copies('p', "place", at(location))));
    copies
}

pub fn of_section(entry: &CatalogEntry, file: &str, line: u32, location: Option<&Location>) -> Vec<Choice> {
    vec![place(&entry.id, file, line, location)]
}

/// Where it is declared: the file on this machine, else its name in the package.
fn place(package: &PackageId, file: &str, line: u32, location: Option<&Location>) -> Choice {
    let within = || format!("{package}/{}:{line}", clean_line(file));
    Choice::copies('p', "place", location.map_or_else(within, at))
}

fn at(location: &Location) -> String {
    clean_line(&format!("{}:{}", location.file.display(), location.line))
}

/// The line that brings an item into a file. What belongs to a type comes with it.
fn use_line(path: &str, kind: Kind) -> Option<String> {
    let brought = if is_member(path, kind) { path.rsplit_once("::")?.0 } else { path };
    brought.contains("::").then(|| format!("use {brought};"))
}

/// Whether an item is a part of a type: its page is that of the type.
fn is_member(path: &str, kind: Kind) -> bool {
    let holder = path.rsplit("::").nth(1).unwrap_or_default();
    matches!(kind, Kind::Method | Kind::Variant) || holder.starts_with(char::is_uppercase)
}

/// The folder of a public package's documentation. What comes from another source than crates.io says so in its
/// version, and has none there.
pub fn documented_at(entry: &CatalogEntry) -> Option<String> {
    let (name, version) = (entry.id.name(), entry.id.version());
    match entry.tier() {
        Tier::Public if is_standard(entry) => Some(format!("https://doc.rust-lang.org/{version}/")),
        Tier::Public if !version.contains('+') => Some(format!("https://docs.rs/{name}/{version}/")),
        _ => None,
    }
}

/// The page of an item, as rustdoc names it; where its name does not tell, the search for it.
fn item_at(base: &str, path: &str, kind: Kind) -> Option<String> {
    let path = path.replace("r#", "");
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut page = Url::parse(base).ok()?;
    let file = match kind {
        Kind::Module => Some("index.html".to_string()),
        _ if is_member(&path, kind) => None,
        _ => rustdoc_name(kind).map(|kind| format!("{kind}.{}.html", segments.last().unwrap_or(&""))),
    };
    match file {
        Some(file) => {
            if kind != Kind::Module {
                segments.pop();
            }
            page.path_segments_mut().ok()?.pop_if_empty().extend(segments).push(&file);
        }
        None => {
            page.path_segments_mut().ok()?.pop_if_empty().extend(segments.first()).push("");
            page.set_query(Some(&format!("search={path}")));
        }
    }
    Some(page.to_string())
}

fn rustdoc_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Const => Some("constant"),
        Kind::Struct | Kind::Enum | Kind::Union | Kind::Trait | Kind::Type | Kind::Fn | Kind::Static => {
            Some(kind.word())
        }
        // A macro's page depends on what kind of macro it is.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_line_brings_the_item_or_its_type() {
        let line = |path, kind| use_line(path, kind).unwrap_or_default();
        assert_eq!(line("tokio::task::spawn", Kind::Fn), "use tokio::task::spawn;");
        assert_eq!(line("tokio::task::JoinHandle::abort", Kind::Method), "use tokio::task::JoinHandle;");
        assert_eq!(line("std::cmp::Ordering::Less", Kind::Variant), "use std::cmp::Ordering;");
        assert_eq!(line("tokio", Kind::Module), "");
    }

    #[test]
    fn a_link_is_to_the_page_of_the_item_or_of_a_search_for_it() {
        let link = |path, kind| item_at("https://docs.rs/tokio/1.48.0/", path, kind).unwrap();
        assert_eq!(
            link("tokio::task::JoinHandle", Kind::Struct),
            "https://docs.rs/tokio/1.48.0/tokio/task/struct.JoinHandle.html"
        );
        assert_eq!(link("tokio::task", Kind::Module), "https://docs.rs/tokio/1.48.0/tokio/task/index.html");
        assert_eq!(
            link("tokio::r#async::MAX", Kind::Const),
            "https://docs.rs/tokio/1.48.0/tokio/async/constant.MAX.html"
        );
        assert_eq!(
            link("tokio::task::JoinHandle::abort", Kind::Method),
            "https://docs.rs/tokio/1.48.0/tokio/?search=tokio::task::JoinHandle::abort"
        );
        assert_eq!(
            link("tokio::select", Kind::Macro),
            "https://docs.rs/tokio/1.48.0/tokio/?search=tokio::select"
        );
    }
}
