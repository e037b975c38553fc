//! What a note speaks of: the item as it is in the version that the project locks.

use std::path::{Component, Path};
use std::sync::Arc;

use anyhow::bail;
use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::search::{PackageFilter, Project};
use zenith_core::workspace::Value;

use crate::cli::show::{self, Sought, sought};
use crate::text::clean_line;

/// What a note is to speak of.
#[derive(Default)]
pub struct Spoken {
    package: Option<String>,
    version: Option<String>,
    item: Option<String>,
    signature: Option<String>,
    file: Option<String>,
    line: Option<i64>,
    /// What of it could not be checked, for whoever typed it.
    pub doubt: Option<String>,
}

impl Spoken {
    /// What is typed: `tokio`, `tokio@1.47.0`, `tokio::task::spawn`. Of what is indexed, the item is looked up; of what is
    /// only locked, it is kept as it was typed.
    pub async fn find(
        zenith: &Zenith,
        project: Option<Arc<Project>>,
        on: &str,
        file: Option<&str>,
    ) -> anyhow::Result<Spoken> {
        let Sought { package, path, entries } =
            sought(zenith, PackageFilter::parse(on), None, project.clone()).await?;
        if package.name.is_empty() {
            bail!("no package is named; NAME, NAME@VERSION or the path of an item is what a note speaks of");
        }
        if let Some(version) = package.version.as_deref().filter(|version| !is_version(version)) {
            bail!("{} is no version; 1.2.3 is one", clean_line(version));
        }
        let (file, line) = match file {
            Some(typed) => of_file(typed)?,
            None => (None, None),
        };
        let Some(first) = entries.first() else {
            let ids = project.map(|project| project.ids()).unwrap_or_default();
            let mut locked: Vec<_> =
                ids.iter().filter(|id| package.holds(id)).map(|id| id.version().to_owned()).collect();
            let version = match (locked.pop(), &package.version) {
                (Some(version), _) if locked.is_empty() => version,
                (_, Some(version)) => version.clone(),
                (Some(last), None) => {
                    let all = [locked, vec![last]].concat().join(", ");
                    bail!("{} is locked in several versions ({all}); name one: {0}@VERSION", package.name)
                }
                (None, None) => bail!(
                    "{} is neither indexed nor locked here; name its version: {0}@VERSION",
                    package.name
                ),
            };
            let shown = clean_line(&format!("{}@{version}", package.name));
            let doubt = Some(format!(
                "{shown} is not indexed here: what the note says of it is kept as it was typed"
            ));
            // A path of which the version was typed begins with no name of its own.
            let item = path.map(|path| match path.strip_prefix("crate::") {
                Some(rest) => format!("{}::{rest}", package.name.replace('-', "_")),
                None => path,
            });
            let (package, version) = (Some(package.name), Some(version));
            return Ok(Spoken { package, version, item, signature: None, file, line, doubt });
        };
        let (mut item, mut signature) = (None, None);
        if let Some(path) = &path {
            let (_, symbols) = show::item(zenith, &entries, first, path).await?;
            let chosen = show::chosen(&symbols);
            item = chosen.map(|symbol| symbol.path.clone());
            signature = chosen.and_then(|symbol| symbol.signature.clone());
        }
        let mut doubt = None;
        if let Some(file) = &file
            && !zenith.symbols(first).await?.iter().any(|symbol| symbol.file_path == *file)
        {
            let (id, file) = (first.id.to_string(), clean_line(file));
            doubt = Some(format!("no item of {id} lies in {file}: it is kept as it was typed"));
        }
        let (package, version) = (Some(first.id.name().to_owned()), Some(first.id.version().to_owned()));
        Ok(Spoken { package, version, item, signature, file, line, doubt })
    }

    /// A package that is known, or something in it: an item by its path and line, or a file and its line.
    pub async fn of(
        zenith: &Zenith,
        entry: &CatalogEntry,
        item: Option<(&str, u32)>,
        file: Option<(&str, u32)>,
    ) -> anyhow::Result<Spoken> {
        let mut signature = None;
        if let Some((path, line)) = item {
            let symbols = zenith.symbol(entry, path).await?;
            let likeness = |symbol: &&zenith_core::lake::ApiSymbol| {
                (symbol.path == path, u32::try_from(symbol.line_start) == Ok(line))
            };
            signature = symbols.iter().rev().max_by_key(likeness).and_then(|symbol| symbol.signature.clone());
        }
        Ok(Spoken {
            package: Some(entry.id.name().to_owned()),
            version: Some(entry.id.version().to_owned()),
            item: item.map(|(path, _)| path.to_owned()),
            signature,
            file: file.map(|(file, _)| file.to_owned()),
            line: file.map(|(_, line)| i64::from(line)),
            doubt: None,
        })
    }

    /// The fields of a note: what it spoke of before is taken away.
    pub fn values(self) -> Vec<(&'static str, Value)> {
        let text = |text: Option<String>| text.map_or(Value::None, Value::Text);
        let ecosystem = self.package.as_ref().map(|_| "rust".to_owned());
        vec![
            ("ecosystem", text(ecosystem)),
            ("package", text(self.package)),
            ("version", text(self.version)),
            ("item", text(self.item)),
            ("signature", text(self.signature)),
            ("file", text(self.file)),
            ("line", self.line.map_or(Value::None, Value::Integer)),
        ]
    }
}

/// A version, or the beginning of one: `1.47.0`, `0.4`.
fn is_version(typed: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, rest) = typed.split_at(typed.find(['-', '+']).unwrap_or(typed.len()));
    let count = numbers.split('.').count();
    // What follows the numbers follows all three of them.
    numbers.split('.').all(is_number)
        && if rest.is_empty() { count <= 3 } else { count == 3 && rest.len() > 1 }
}

/// `src/lib.rs:7`, or the file alone: one below the folder of its package.
fn of_file(typed: &str) -> anyhow::Result<(Option<String>, Option<i64>)> {
    let (file, line) = match typed.rsplit_once(':') {
        None => (typed, None),
        Some((file, at)) => match at.parse::<u32>() {
            Ok(line) if line > 0 => (file, Some(i64::from(line))),
            _ => bail!("{} is no number of a line; FILE:LINE is src/lib.rs:7, say", clean_line(at)),
        },
    };
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
    if file.is_empty() || !Path::new(file).components().all(is_below) {
        bail!("{} lies in no package; name a file as its package has it, src/lib.rs say", clean_line(file));
    }
    Ok((Some(file.to_owned()), line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_and_a_file_are_what_they_are_to_be() {
        for (typed, is) in [
            ("1.47.0", true),
            ("0.4", true),
            ("1", true),
            ("1.0.0-rc.1", true),
            ("hello", false),
            ("1.x", false),
            ("1..", false),
        ] {
            assert_eq!(is_version(typed), is, "{typed}");
        }
        assert_eq!(of_file("src/lib.rs:7").unwrap(), (Some("src/lib.rs".to_owned()), Some(7)));
        assert_eq!(of_file("src/lib.rs").unwrap(), (Some("src/lib.rs".to_owned()), None));
        for wrong in [
            "src/lib.rs:abc",
            "src/lib.rs:0",
            "src/lib.rs:",
            "../../etc/passwd",
            "/etc/passwd",
            "",
            ":7",
            "a/../../b",
        ] {
            assert!(of_file(wrong).is_err(), "{wrong:?}");
        }
    }
}
