//! What `zenith instance` says.

use serde_json::{Map, Value};
use zenith_core::publish::{
    AuthoredId, Change, Instance, Locale, Outlook, Past, Progress, PublishEvent, PublishReport, Reason,
    Resolved, Standing,
};

use super::Events;
use crate::cli::output::{self, clean_line, count};
use crate::instances::{progress, short};
use crate::text::escaped_json;

pub async fn tell(mut events: Events) {
    while let Some(event) = events.recv().await {
        match event {
            PublishEvent::Planned { instances } => {
                output::note(&format!("looking at {}", count(instances, "instance")))
            }
            // It is in the report, with what else came of the run.
            PublishEvent::Failed { .. } => {}
        }
    }
}

pub fn list(instances: &[Instance]) -> anyhow::Result<()> {
    let wide = instances.iter().map(|of| of.public_id.to_string().len()).max().unwrap_or_default();
    for of in instances {
        let (id, status) = (of.public_id.to_string(), of.status.as_str());
        output::line(format!("{id:wide$}  {}  {status}  revision {}", of.widget_type, of.revision))?;
    }
    match instances.is_empty() {
        true => output::line("nothing is authored here; `zenith instance edit wgt_main_TYPE FILE` begins"),
        false => Ok(()),
    }
}

/// Nothing is left out of it: what it prints is what can be kept again.
pub fn config(config: &Map<String, Value>) -> anyhow::Result<()> {
    let pretty = serde_json::to_string_pretty(config)?;
    output::line(pretty.lines().map(escaped_json).collect::<Vec<_>>().join("\n"))
}

pub fn instance(of: &Instance) -> anyhow::Result<()> {
    let (widget_type, status) = (&of.widget_type, of.status.as_str());
    output::note(&format!("{}, of type {widget_type}, {status}, revision {}", of.public_id, of.revision));
    config(&of.config)
}

pub fn changes(of: &Outlook, changes: Option<&[Change]>) -> anyhow::Result<()> {
    outlook(of)?;
    match changes {
        None => output::line("  it was never published from here"),
        Some(changes) => changes.iter().try_for_each(|change| {
            let (was, now) = (short(change.was.as_ref()), short(change.now.as_ref()));
            output::line(format!("  {}: {was} -> {now}", clean_line(&change.at)))
        }),
    }
}

pub fn outlook(of: &Outlook) -> anyhow::Result<()> {
    if let Some(why) = &of.unusable {
        return output::line(format!("{} cannot be published: {}", of.public_id, clean_line(why)));
    }
    output::line(format!("{} would become number {}", of.public_id, of.sequence))?;
    of.puts.iter().try_for_each(|key| output::line(format!("  put {key}")))?;
    left_out(&of.left_out)
}

fn left_out(left_out: &[(String, String)]) -> anyhow::Result<()> {
    left_out
        .iter()
        .try_for_each(|(locale, why)| output::line(format!("  without {locale}: {}", clean_line(why))))
}

pub fn report(report: &PublishReport) -> anyhow::Result<()> {
    for of in &report.published {
        // There is always one, the base, of what was not withdrawn.
        let (id, number) = (&of.public_id, of.sequence);
        output::line(match of.locales {
            0 => format!("withdrew {id} as number {number}"),
            locales => format!("published {id} as number {number}, in {}", count(locales, "locale")),
        })?;
        left_out(&of.left_out)?;
    }
    for (id, why) in &report.failed {
        // Some words begin with it.
        let named = if why.starts_with(&id.to_string()) { String::new() } else { format!("{id}: ") };
        output::line(format!("not published: {named}{}", clean_line(why)))?;
    }
    rolled_back(&report.rolled_back)?;
    match report.set {
        Some(set) => output::line(format!("the set is number {set}"))?,
        None if !report.failed.is_empty() => output::line("the set stays as it was")?,
        None => {}
    }
    if !report.held.is_empty() {
        let held: Vec<String> = report.held.iter().map(ToString::to_string).collect();
        let held = held.join(", ");
        output::line(format!("not in the set until what was published with them is: {held}"))?;
    }
    match report.published.is_empty() && report.failed.is_empty() && report.rolled_back.is_empty() {
        true => output::line("nothing changed since the last publication"),
        false => Ok(()),
    }
}

/// What is not published as it is authored until somebody means it.
pub fn rolled_back(rolled_back: &[(AuthoredId, u64)]) -> anyhow::Result<()> {
    rolled_back.iter().try_for_each(|(id, number)| {
        output::line(format!(
            "{id} stays rolled back to number {number}; `zenith instance publish {id}` publishes what is authored"
        ))
    })
}

pub fn standings(standings: &[Standing]) -> anyhow::Result<()> {
    let wide = standings.iter().map(|of| of.public_id.to_string().len()).max().unwrap_or_default();
    for of in standings {
        let mut told = progress(&of.progress);
        if matches!(of.progress, Progress::RolledBack { .. }) {
            told += &format!("; `zenith instance publish {}` publishes what is authored", of.public_id);
        }
        let number = of.sequence.map_or_else(String::new, |sequence| format!(", number {sequence}"));
        let id = of.public_id.to_string();
        output::line(format!("{id:wide$}  {}  {told}{number}", of.status.as_str()))?;
        for locale in
            of.locales.iter().filter(|locale| !locale.stale.is_empty() || !locale.orphans.is_empty())
        {
            let told = |what: &str, places: &[String]| {
                places
                    .iter()
                    .try_for_each(|at| output::line(format!("  {} {what} {}", locale.locale, clean_line(at))))
            };
            told("stale", &locale.stale)?;
            told("gone", &locale.orphans)?;
        }
    }
    match standings.is_empty() {
        true => output::line("nothing is authored here; `zenith instance edit wgt_main_TYPE FILE` begins"),
        false => Ok(()),
    }
}

/// What is told of an instance, or of the set.
pub fn of(id: Option<&AuthoredId>, what: &str) -> String {
    let of = id.map_or("the set".to_string(), ToString::to_string);
    format!("{of}: {}", clean_line(what))
}

pub fn past(past: &Past) -> anyhow::Result<()> {
    let of = &past.manifest;
    let (at, by) = (of.published_at.format("%Y-%m-%d %H:%M:%S"), clean_line(&of.publisher));
    let locales = count(of.locales.len(), "locale");
    output::line(format!("{}  {at}  {}  {locales}  by {by}", past.sequence, of.status.as_str()))
}

/// What stands in for what was asked.
pub fn why(
    reason: Reason,
    (asked, got): (&str, &str),
    (asked_locale, got_locale): (&Locale, &Locale),
) -> String {
    match reason {
        Reason::Deprecated => format!("{asked} is deprecated: {got} stands in"),
        Reason::Parent => format!("{asked_locale} is not there: its parent {got_locale} stands in"),
        Reason::Declared => format!("{asked_locale} is not there: {got_locale} is declared to stand in"),
        Reason::Base => format!("{asked_locale} is not there: the base, {got_locale}, stands in"),
    }
}

pub fn resolved(of: &Resolved) -> anyhow::Result<()> {
    let (ids, locales) = ((&of.asked.to_string(), &of.got.to_string()), (&of.asked_locale, &of.got_locale));
    of.reasons.iter().for_each(|reason| output::note(&why(*reason, (ids.0, ids.1), locales)));
    let at = of.published_at.format("%Y-%m-%d %H:%M:%S");
    output::note(&format!("{} in {}, number {}, published {at}", of.got, of.got_locale, of.sequence));
    config(&of.content)
}
