//! What a note speaks of: the item as it is in the version that the project locks.

use std::sync::Arc;

use anyhow::bail;
use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::search::{PackageFilter, Project};
use zenith_core::workspace::Value;

use crate::cli::show::{self, Sought, sought};

/// What a note is to speak of.
#[derive(Default)]
pub struct Spoken {
    package: Option<String>,
    version: Option<String>,
    item: Option<String>,
    signature: Option<String>,
    file: Option<String>,
    line: Option<i64>,
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
        let (file, line) = file.map_or((None, None), of_file);
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
            let (package, version) = (Some(package.name), Some(version));
            return Ok(Spoken { package, version, item: path, signature: None, file, line });
        };
        let (mut item, mut signature) = (None, None);
        if let Some(path) = &path {
            let (_, symbols) = show::item(zenith, &entries, first, path).await?;
            let chosen = show::chosen(&symbols);
            item = chosen.map(|symbol| symbol.path.clone());
            signature = chosen.and_then(|symbol| symbol.signature.clone());
        }
        let (package, version) = (Some(first.id.name().to_owned()), Some(first.id.version().to_owned()));
        Ok(Spoken { package, version, item, signature, file, line })
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

/// `src/lib.rs:7`, or the file alone.
fn of_file(typed: &str) -> (Option<String>, Option<i64>) {
    let line = |text: &str| text.parse().ok().filter(|line| *line > 0);
    match typed.rsplit_once(':').and_then(|(file, at)| Some((file, line(at)?))) {
        Some((file, line)) => (Some(file.to_owned()), Some(line)),
        None => (Some(typed.to_owned()), None),
    }
}
