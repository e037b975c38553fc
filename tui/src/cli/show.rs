//! `zenith show`

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use serde::Serialize;
use zenith_core::Zenith;
use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::{ApiSymbol, SymbolOutline};
use zenith_core::package::Tier;

use super::args::Show;
use super::output::{self, Style, clean, clean_line};
use super::search::project_of;

/// A symbol in a package's list, as `--json` prints it.
#[derive(Serialize)]
struct OutlineLine<'a> {
    kind: &'a str,
    path: &'a str,
    name: &'a str,
    signature: Option<&'a str>,
    visibility: &'a str,
    file: &'a str,
    line: i32,
}

/// A whole symbol, as `--json` prints it.
#[derive(Serialize)]
struct SymbolLine<'a> {
    tier: Tier,
    ecosystem: &'a str,
    package: &'a str,
    version: &'a str,
    kind: &'a str,
    path: &'a str,
    name: &'a str,
    signature: Option<&'a str>,
    visibility: &'a str,
    file: &'a str,
    line: i32,
    line_end: i32,
    is_async: bool,
    is_unsafe: bool,
    is_error_type: bool,
    returns_result: bool,
    attributes: Vec<&'a str>,
    metadata: serde_json::Value,
    doc: Option<&'a str>,
    source: Option<&'a str>,
}

pub async fn run(zenith: &Zenith, folder: &Path, arguments: Show, json: bool) -> anyhow::Result<ExitCode> {
    let mut entries = zenith.find_packages(&arguments.package).await?;
    // Of several versions, the one that this project builds on is meant.
    if let Some(project) = project_of(zenith, folder)?
        && entries.iter().any(|entry| project.holds(entry))
    {
        entries.retain(|entry| project.holds(entry));
    }
    let Some(first) = entries.first() else {
        bail!("no package {} is indexed; `zenith packages` lists what is", arguments.package.name);
    };
    let Some(path) = &arguments.symbol else {
        list(zenith, first, json).await?;
        return Ok(ExitCode::SUCCESS);
    };
    for entry in &entries {
        let symbols = zenith.symbol(entry, path).await?;
        for symbol in &symbols {
            if json { output::json(&SymbolLine::of(entry, symbol))? } else { print(entry, symbol)? }
        }
        if !symbols.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    bail!(
        "{} has no symbol {path}; `zenith search {path} --package {}` may find its name",
        first.id,
        first.id.name()
    );
}

async fn list(zenith: &Zenith, entry: &CatalogEntry, json: bool) -> anyhow::Result<()> {
    let symbols = zenith.symbols(entry).await?;
    if json {
        return symbols.iter().try_for_each(|symbol| output::json(&OutlineLine::of(symbol)));
    }
    let style = Style::of_stdout();
    output::line(format!("{}  {}", style.bold(&entry.id.to_string()), style.tier(entry.tier())))?;
    for text in [&entry.description, &entry.repo_url].into_iter().flatten() {
        output::line(clean_line(text))?;
    }
    output::line(format!(
        "{} symbols, {} sections of documentation\n",
        entry.symbol_count, entry.chunk_count
    ))?;
    symbols.iter().try_for_each(|symbol| {
        output::line(format!("{} {}", style.dim(&format!("{:>7}", symbol.kind)), clean(&symbol.path)))
    })
}

fn print(entry: &CatalogEntry, symbol: &ApiSymbol) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let place = format!("{} · {}:{}", entry.id, symbol.file_path, symbol.line_start);
    output::line(format!("{}  {}", style.bold(&clean(&symbol.path)), style.dim(&symbol.kind)))?;
    output::line(style.dim(&clean(&place)))?;
    for part in [&symbol.doc_comment, &symbol.source].into_iter().flatten() {
        output::line("")?;
        for text in part.lines() {
            output::line(clean(text))?;
        }
    }
    output::line("")
}

impl OutlineLine<'_> {
    fn of(symbol: &SymbolOutline) -> OutlineLine<'_> {
        OutlineLine {
            kind: &symbol.kind,
            path: &symbol.path,
            name: &symbol.name,
            signature: symbol.signature.as_deref(),
            visibility: &symbol.visibility,
            file: &symbol.file_path,
            line: symbol.line_start,
        }
    }
}

impl<'a> SymbolLine<'a> {
    fn of(entry: &'a CatalogEntry, symbol: &'a ApiSymbol) -> SymbolLine<'a> {
        SymbolLine {
            tier: entry.tier(),
            ecosystem: &symbol.ecosystem,
            package: &symbol.package,
            version: &symbol.version,
            kind: &symbol.kind,
            path: &symbol.path,
            name: &symbol.name,
            signature: symbol.signature.as_deref(),
            visibility: &symbol.visibility,
            file: &symbol.file_path,
            line: symbol.line_start,
            line_end: symbol.line_end,
            is_async: symbol.is_async,
            is_unsafe: symbol.is_unsafe,
            is_error_type: symbol.is_error_type,
            returns_result: symbol.returns_result,
            attributes: symbol.attributes.as_deref().map(|text| text.lines().collect()).unwrap_or_default(),
            metadata: serde_json::from_str(&symbol.metadata).unwrap_or_default(),
            doc: symbol.doc_comment.as_deref(),
            source: symbol.source.as_deref(),
        }
    }
}
