//! `zenith examples`, and what `zenith show` says with `--examples`, `--implementors` and `--uses`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use tokio::sync::mpsc;
use zenith_core::answers::{Example, How, Implementor, SurveyEvent, Use};
use zenith_core::catalog::CatalogEntry;
use zenith_core::lake::ApiSymbol;
use zenith_core::package::PackageId;
use zenith_core::search::Project;
use zenith_core::{Among, Answer, Asked, Zenith};

use super::args::{Bounds, Examples};
use super::interrupt::Interrupt;
use super::output::{self, Style, clean, clean_line};
use super::progress::{self, Teller};
use super::search::project_of;
use super::show::{self, Sought};
use crate::told;

const EXAMPLES: usize = 5;
const LINES: usize = 100;
const SECONDS_FOR_EXAMPLES: u64 = 5;
const SECONDS: u64 = 60;

/// Something asked of an item, and how the answer is told.
pub struct Asking<'a> {
    pub zenith: &'a Zenith,
    pub project: Option<Arc<Project>>,
    pub interrupt: &'a Interrupt,
    pub bounds: Bounds,
    pub json: bool,
}

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    arguments: Examples,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let project = project_of(zenith, folder)?;
    let Examples { package, symbol, bounds } = arguments;
    let Sought { package, path, entries } = show::sought(zenith, package, symbol, project.clone()).await?;
    let first = show::first(zenith, &entries, &package, path.as_deref()).await?;
    let Some(path) = &path else {
        bail!("of which item of {}? `zenith show {}` lists them", first.id, first.id.name());
    };
    let (entry, symbols) = show::item(zenith, &entries, first, path).await?;
    show::tell_versions(entries.iter().find(|one| one.id == entry.id).unwrap_or(first), &entries);
    let asking = Asking { zenith, project, interrupt, bounds, json };
    asking.examples(&entry, &symbols).await
}

impl Asking<'_> {
    /// The best examples of the first of the symbols that a path means.
    pub async fn examples(&self, entry: &CatalogEntry, symbols: &[ApiSymbol]) -> anyhow::Result<ExitCode> {
        let asked = self.asked(entry, symbols, SECONDS_FOR_EXAMPLES)?;
        let limit = self.bounds.limit.unwrap_or(EXAMPLES);
        let stop = self.interrupt.wanted().clone();
        let answer = self.zenith.examples(&asked, limit, stop).await?;
        for example in &answer.found {
            if self.json { output::json(example)? } else { print_example(example)? }
        }
        if answer.found.is_empty() && !self.json {
            output::line(format!("no example of {} is known here", clean(&asked.symbol.path)))?;
        }
        self.ended(&answer)
    }

    /// What implements a trait.
    pub async fn implementors(
        &self,
        entry: &CatalogEntry,
        symbols: &[ApiSymbol],
    ) -> anyhow::Result<ExitCode> {
        let traits: Vec<ApiSymbol> = symbols.iter().filter(|one| one.kind == "trait").cloned().collect();
        if let ([], Some(other)) = (traits.as_slice(), symbols.first()) {
            bail!("{} is no trait: it is a {}", other.path, other.kind);
        }
        let asked = self.asked(entry, &traits, SECONDS)?;
        let answer =
            self.told(async |events, stop| self.zenith.implementors(&asked, events, stop).await).await?;
        let shown = self.bounds.limit.unwrap_or(LINES);
        for one in answer.found.iter().take(shown) {
            if self.json { output::json(one)? } else { print_implementor(one)? }
        }
        if !self.json && !self.interrupt.wanted().is_cancelled() {
            more(answer.found.len(), shown, "implementor", &asked.symbol.path)?;
        }
        self.ended(&answer)
    }

    /// Who uses an item.
    pub async fn uses(&self, entry: &CatalogEntry, symbols: &[ApiSymbol]) -> anyhow::Result<ExitCode> {
        let asked = self.asked(entry, symbols, SECONDS)?;
        let answer = self.told(async |events, stop| self.zenith.uses(&asked, events, stop).await).await?;
        let shown = self.bounds.limit.unwrap_or(LINES);
        let sure = answer.found.iter().take_while(|one| one.certain).count();
        for (at, one) in answer.found.iter().take(shown).enumerate() {
            if self.json {
                output::json(one)?;
                continue;
            }
            if at == sure {
                let maybe = answer.found.len() - sure;
                output::line(format!(
                    "{}maybe, by the name of what it is called on ({maybe}):",
                    if at > 0 { "\n" } else { "" }
                ))?;
            }
            print_use(one)?;
        }
        if !self.json && !self.interrupt.wanted().is_cancelled() {
            more(answer.found.len(), shown, "use", &asked.symbol.path)?;
        }
        self.ended(&answer)
    }

    fn asked(&self, entry: &CatalogEntry, symbols: &[ApiSymbol], seconds: u64) -> anyhow::Result<Asked> {
        let Some(symbol) = show::chosen(symbols).cloned() else { bail!("there is no such item") };
        let within = Duration::from_secs(self.bounds.deadline.unwrap_or(seconds));
        Ok(Asked { entry: entry.clone(), symbol, project: self.project.clone(), among: Among::All, within })
    }

    async fn told<T, F, W>(&self, work: F) -> anyhow::Result<T>
    where
        F: FnOnce(mpsc::UnboundedSender<SurveyEvent>, tokio_util::sync::CancellationToken) -> W,
        W: Future<Output = Result<T, zenith_core::ZenithError>>,
    {
        let leaves = "stopping; what was found until now is shown";
        progress::told(self.interrupt, leaves, tell, work).await
    }

    /// Says on standard error what the answer is not from.
    fn ended<T>(&self, answer: &Answer<T>) -> anyhow::Result<ExitCode> {
        let Answer { read, packages, changed, in_doubt, .. } = answer;
        if let Some(first) = in_doubt.first() {
            let (names, build) = match in_doubt.len() {
                1 => (first.to_string(), "builds"),
                all => (format!("{first} and {} more", all - 1), "build"),
            };
            eprintln!(
                "no Cargo.lock says on which version {names} {build}: what is told of it may be of another; \
                 ask in the folder of a project, whose Cargo.lock says it (`cargo generate-lockfile` writes one)"
            );
        }
        if let Some(first) = changed.first() {
            let (names, is) = match changed.len() {
                1 => (first.to_string(), "is"),
                all => (format!("{first} and {} more", all - 1), "are"),
            };
            eprintln!(
                "{names} {is} not what was indexed any more, and left out; `zenith index` indexes anew"
            );
        }
        if self.interrupt.wanted().is_cancelled() {
            eprintln!("stopped: {read} of {} read", output::count(*packages, "package"));
            return Ok(ExitCode::FAILURE);
        }
        if read < packages {
            eprintln!(
                "{read} of {} read to the end; `--deadline SECONDS` gives more time",
                output::count(*packages, "package")
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Tells how far it is where somebody looks: elsewhere the answer is all that is wanted.
async fn tell(mut events: mpsc::UnboundedReceiver<SurveyEvent>) {
    if !output::is_live(&std::io::stderr()) {
        return;
    }
    let mut teller = Teller::counting("uses");
    while let Some(event) = events.recv().await {
        match event {
            SurveyEvent::Planned { packages } => {
                teller.plan(packages, format!("{} to read", output::count(packages, "package")));
            }
            SurveyEvent::Read { id, uses } => teller.step(&id, uses),
        }
    }
    teller.end();
}

fn more(all: usize, shown: usize, what: &str, path: &str) -> anyhow::Result<()> {
    match all.checked_sub(shown) {
        _ if all == 0 => output::line(format!("no {what} of {} is known here", clean(path))),
        Some(left) if left > 0 => output::line(format!("and {left} more; `--limit {all}` shows all")),
        _ => Ok(()),
    }
}

fn print_example(example: &Example) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let package = named(&example.package, &example.version);
    let place = format!("{package} · {}:{}", example.file, example.line);
    let mut remarks = vec![told::kind(example.kind, example.relation).to_string()];
    remarks.extend(
        example.within.as_deref().filter(|_| !example.whole).map(|name| format!("in {}", clean_line(name))),
    );
    remarks.extend((!example.certain).then(|| "maybe".to_string()));
    output::line(format!(
        "{:>3}  {}  {}",
        example.rank,
        style.bold(&clean_line(&place)),
        style.dim(&remarks.join(", "))
    ))?;
    for text in example.code.lines() {
        output::line(format!("     {}", clean(text)))?;
    }
    output::line("")
}

fn print_implementor(one: &Implementor) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let place = format!("{} · {}:{}", named(&one.package, &one.version), one.file, one.line);
    let how = if one.how == How::Derive { " derived" } else { "" };
    let maybe = if one.certain { "" } else { " maybe" };
    output::line(format!(
        "{}{how}{maybe}  {}",
        style.bold(&clean_line(&one.on_type)),
        style.dim(&clean_line(&place))
    ))
}

fn print_use(one: &Use) -> anyhow::Result<()> {
    let style = Style::of_stdout();
    let place = format!("{} · {}:{}", named(&one.package, &one.version), one.file, one.line);
    let mut remarks = vec![told::kind(one.kind, one.relation).to_string()];
    remarks.extend(one.within.as_deref().map(|name| format!("in {}", clean_line(name))));
    remarks.extend((!one.certain).then(|| "maybe".to_string()));
    output::line(format!("{}  {}", style.bold(&clean_line(&place)), style.dim(&remarks.join(", "))))?;
    output::line(format!("     {}", clean_line(&one.text)))
}

fn named(package: &str, version: &str) -> String {
    PackageId::rust(package, version).map_or_else(|_| package.to_string(), |id| id.to_string())
}
