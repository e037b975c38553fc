//! Documented items of Rust packages, found line by line.
//!
//! Good enough to learn words from, and independent of the parser whose output the model serves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zenith_core::embed::symbol_text;
use zenith_core::ingest::SymbolKind;

const FILE_BYTES_MAX: u64 = 1 << 20;
const SIGNATURE_LINES_MAX: usize = 6;

/// An item with its documentation.
pub struct Item {
    pub package: String,
    pub path: String,
    pub signature: String,
    pub doc: String,
}

/// One package in so many is never learnt from, only measured on.
const HELD_OUT_EVERY: u8 = 12;

impl Item {
    /// What is embedded when the item is indexed.
    pub fn text(&self) -> String {
        symbol_text(&self.path, &self.signature, Some(&self.doc))
    }

    /// The same of an item without documentation.
    pub fn name_text(&self) -> String {
        symbol_text(&self.path, &self.signature, None)
    }

    /// What the item does, as someone who looks for it might say it.
    pub fn first_sentence(&self) -> String {
        let text = self.doc.trim_start();
        let paragraph = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
        let end = paragraph.find(". ").unwrap_or(paragraph.len());
        paragraph[..end].trim_end_matches('.').to_owned()
    }

    /// Whether its whole package is kept from learning.
    pub fn is_held_out(&self) -> bool {
        blake3::hash(self.package.as_bytes()).as_bytes()[0].is_multiple_of(HELD_OUT_EVERY)
    }
}

/// The documented items of every package in `lockfile` that has a folder `name-version` in one of
/// `sources`, in a fixed order.
pub fn read(sources: &[PathBuf], lockfile: &Path) -> Result<Vec<Item>> {
    let lock =
        std::fs::read_to_string(lockfile).with_context(|| format!("reading {}", lockfile.display()))?;
    let lock: toml::Table = lock.parse().with_context(|| format!("parsing {}", lockfile.display()))?;
    let packages = lock.get("package").and_then(|packages| packages.as_array()).into_iter().flatten();
    let mut items = Vec::new();
    for package in packages {
        let field = |name: &str| package.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let folder = format!("{}-{}", field("name"), field("version"));
        let Some(root) =
            sources.iter().map(|source| source.join(&folder).join("src")).find(|root| root.is_dir())
        else {
            continue;
        };
        let package = field("name").replace('-', "_");
        let mut files = BTreeSet::new();
        collect_files(&root, &mut files)?;
        for file in files {
            if file.metadata().is_ok_and(|file| file.len() <= FILE_BYTES_MAX)
                && let Ok(source) = std::fs::read_to_string(&file)
            {
                let module = module_path(&package, file.strip_prefix(&root).unwrap_or(&file));
                read_file(&package, &module, &source, &mut items);
            }
        }
    }
    Ok(items)
}

fn collect_files(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(path);
        }
    }
    Ok(())
}

fn module_path(package: &str, file: &Path) -> String {
    let segments = file.with_extension("");
    let segments = segments.iter().filter_map(|segment| segment.to_str());
    std::iter::once(package)
        .chain(segments.filter(|segment| !matches!(*segment, "lib" | "main" | "mod")))
        .collect::<Vec<_>>()
        .join("::")
}

fn read_file(package: &str, module: &str, source: &str, items: &mut Vec<Item>) {
    let mut owner = String::new();
    let mut doc = String::new();
    let mut module_doc = String::new();
    let lines: Vec<&str> = source.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim();
        if let Some(text) = code.strip_prefix("//!") {
            push_line(&mut module_doc, text);
        } else if let Some(text) = code.strip_prefix("///") {
            push_line(&mut doc, text);
        } else if code.is_empty() || code.starts_with("#[") || code.starts_with("//") {
            continue;
        } else {
            let nested = line.starts_with(' ');
            if !nested && let Some(name) = owner_of(code) {
                owner = name;
            }
            if let Some((kind, name)) = item_of(code) {
                let nested = nested && kind == SymbolKind::Fn && !owner.is_empty();
                if !doc.is_empty() {
                    items.push(Item {
                        package: package.to_owned(),
                        path: if nested {
                            format!("{module}::{owner}::{name}")
                        } else {
                            format!("{module}::{name}")
                        },
                        signature: signature(&lines[at..]),
                        doc: std::mem::take(&mut doc),
                    });
                }
            }
            doc.clear();
        }
    }
    if !module_doc.is_empty() {
        items.push(Item {
            package: package.to_owned(),
            path: module.to_owned(),
            signature: String::new(),
            doc: module_doc,
        });
    }
}

fn push_line(doc: &mut String, text: &str) {
    doc.push_str(text.strip_prefix(' ').unwrap_or(text));
    doc.push('\n');
}

/// The type that an `impl` or `trait` at the left margin is about.
fn owner_of(code: &str) -> Option<String> {
    let code = code.trim_start_matches("unsafe ");
    let rest = match code.strip_prefix("impl") {
        Some(rest) if rest.starts_with('<') => {
            let mut depth = 0;
            let end = rest.find(|c| {
                depth += i32::from(c == '<') - i32::from(c == '>');
                depth == 0
            })?;
            &rest[end + 1..]
        }
        Some(rest) if rest.starts_with(' ') => rest,
        Some(_) => return None,
        None => item_of(code)
            .filter(|(kind, _)| *kind == SymbolKind::Trait)
            .map(|_| code.split_once("trait").unwrap_or_default().1)?,
    };
    let subject =
        rest.split_once(" for ").map_or(rest, |(_, subject)| subject).trim_start_matches([' ', '&']);
    let end = subject.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(subject.len());
    Some(subject[..end].rsplit("::").next().unwrap_or_default().to_owned())
}

fn item_of(code: &str) -> Option<(SymbolKind, &str)> {
    let mut words = code.split([' ', '<', '(', ':', ';', '{', '=']).filter(|word| !word.is_empty());
    let mut kind = None;
    for word in words.by_ref() {
        kind = match word {
            "pub" | "async" | "unsafe" | "extern" | "\"C\"" | "crate)" | "super)" | "default" => continue,
            "fn" => Some(SymbolKind::Fn),
            "struct" => Some(SymbolKind::Struct),
            "enum" => Some(SymbolKind::Enum),
            "union" => Some(SymbolKind::Union),
            "trait" => Some(SymbolKind::Trait),
            "type" => Some(SymbolKind::Type),
            "const" => Some(SymbolKind::Const),
            "static" => Some(SymbolKind::Static),
            "mod" => Some(SymbolKind::Mod),
            "macro_rules!" => Some(SymbolKind::Macro),
            _ => return None,
        };
        break;
    }
    let (mut kind, mut name) = (kind?, words.next()?);
    while kind == SymbolKind::Const && matches!(name, "fn" | "unsafe" | "async") {
        (kind, name) = (if name == "fn" { SymbolKind::Fn } else { kind }, words.next()?);
    }
    name.chars().all(|c| c.is_alphanumeric() || c == '_').then_some((kind, name))
}

fn signature(lines: &[&str]) -> String {
    let mut signature = String::new();
    for line in lines.iter().take(SIGNATURE_LINES_MAX) {
        let code = line.trim();
        let end = code.find(['{', ';']).unwrap_or(code.len());
        if !signature.is_empty() {
            signature.push(' ');
        }
        signature.push_str(code[..end].trim_end());
        if end < code.len() {
            break;
        }
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_with_their_owners() {
        let source = "//! About it.\n\n/// Runs.\n#[inline]\npub async fn run(\n    a: u8,\n) -> u8 {\n}\n\
                      impl<T: Into<u8>> Clone for Wide<T> {\n    /// Twice.\n    pub const unsafe fn dup(&self) {}\n}\n\
                      pub trait Shape {\n    /// How large.\n    fn area(&self) -> f64;\n}\n/// Lost\nlet x = 1;\nfn bare() {}\n";
        let mut items = Vec::new();
        read_file("p", "p::m", source, &mut items);
        let found: Vec<_> = items.iter().map(|item| (item.path.as_str(), item.signature.as_str())).collect();
        assert_eq!(
            found,
            [
                ("p::m::run", "pub async fn run( a: u8, ) -> u8"),
                ("p::m::Wide::dup", "pub const unsafe fn dup(&self)"),
                ("p::m::Shape::area", "fn area(&self) -> f64"),
                ("p::m", ""),
            ]
        );
    }
}
