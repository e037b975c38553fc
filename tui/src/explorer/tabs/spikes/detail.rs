//! The page beside the list of spikes: the claim, and what came of it on each backend.

use ratatui::text::Line;
use zenith_harness::{Figure, Outcome, Spike, Unit};

use super::{Spikes, formats, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::builder::Builder;
use crate::explorer::parts::clock::ago;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::theme::Role;
use crate::explorer::tabs::Seen;
use crate::text::counted;

/// The page of a spike, at a time of the wall clock.
pub fn page(tab: &Spikes, spike: &Spike, seen: &Seen<'_>, painter: &Painter) -> Vec<Line<'static>> {
    let now_ms = seen.wall_ms;
    let mut page = Builder::new(painter);
    page.title(&[
        painter.span(format!("{} ", spike.id), Role::Accent),
        painter.span(spike.title, Role::Strong),
    ]);
    let backends: Vec<&str> = spike.backends.iter().map(|backend| backend.as_str()).collect();
    let expected = spike.expected.as_str();
    page.text(&format!("{} · on {} · expected: {expected}", spike.group, backends.join(", ")), Role::Quiet);
    running(tab, spike, &mut page);
    let outcomes = tab.results.of(spike.id);
    if spike.id == zenith_spikes::formats::SPIKE_ID {
        formats::chart(&outcomes, now_ms, painter, &mut page);
    }
    if outcomes.is_empty() {
        untried(tab, spike, seen, &mut page);
    }
    for outcome in outcomes {
        tried(tab, outcome, now_ms, &mut page);
    }
    page.rule("Look again");
    page.code(&format!("spike run {} --keep", spike.id), "sh");
    page.code(&format!("spike report {}", spike.id), "sh");
    history(tab, &mut page);
    page.lines
}

fn running(tab: &Spikes, spike: &Spike, page: &mut Builder<'_>) {
    let Some(run) = &tab.run else { return };
    let told = match &run.current {
        Some(current) if current.id == spike.id => {
            let colon = if current.doing.is_empty() { "" } else { ": " };
            format!("running on {}{colon}{}", current.backend, current.doing)
        }
        _ if run.is_waiting(spike.id) => "it runs when those before it have ended".to_string(),
        _ => return,
    };
    page.blank();
    page.text(&told, Role::Accent);
}

fn untried(tab: &Spikes, spike: &Spike, seen: &Seen<'_>, page: &mut Builder<'_>) {
    let key = |action| seen.key::<Spikes>(action, Pane::List);
    let how = match tab.backends.run(spike) {
        _ if tab.is_running() => String::new(),
        true => format!(" {} runs it.", key(keys::RUN)),
        false => {
            format!(" It does not run on {}; {} chooses another.", tab.backends.label(), key(keys::BACKENDS))
        }
    };
    page.blank();
    page.text(&format!("It was not tried yet.{how}"), Role::Text);
    if !spike.targets.is_empty() {
        page.rule("Targets");
    }
    for target in spike.targets {
        page.item("  ", &format!("{}: ≤ {}", target.figure, target.unit.show(target.at_most)), Role::Text);
    }
}

fn tried(tab: &Spikes, outcome: &Outcome, now_ms: i64, page: &mut Builder<'_>) {
    let when = ago(outcome.at.timestamp_millis(), now_ms);
    let (verdict, backend) = (&outcome.verdict, outcome.backend);
    page.rule(&format!("{verdict} on {backend}, {when}"));
    if outcome.failed() {
        page.text(&format!("expected: {}", outcome.expected.as_str()), Role::Bad);
    }
    let role = if outcome.failed() { Role::Bad } else { Role::Text };
    for reason in verdict.reasons() {
        page.item("✗ ", reason, role);
    }
    // What was found before something else broke it.
    for check in outcome.checks.iter().filter(|check| !check.holds) {
        if !verdict.reasons().iter().any(|reason| reason.starts_with(&check.what)) {
            page.item("✗ ", &check.what, role);
        }
    }
    if verdict.is_reached() {
        let held = outcome.checks.iter().filter(|check| check.holds).count();
        let checks = counted(held, "check");
        page.item("✓ ", &format!("{checks} true, in {}", Unit::Seconds.show(outcome.seconds)), Role::Good);
    }
    for figure in &outcome.figures {
        figure_line(tab, outcome, figure, page);
    }
    for note in &outcome.notes {
        page.item("· ", note, Role::Quiet);
    }
    if let Some(kept) = &outcome.kept {
        page.text("its lab was kept:", Role::Quiet);
        page.code(kept, "sh");
    }
}

fn figure_line(tab: &Spikes, outcome: &Outcome, figure: &Figure, page: &mut Builder<'_>) {
    let missed = figure.met == Some(false);
    let trend = tab.results.trend(outcome, Some(&figure.name)).map_or_else(String::new, |trend| {
        format!(" · {} median {}", trend.sparkline(), trend.unit.show(trend.median()))
    });
    let told = format!("{}: {}{}{trend}", figure.name, figure.show(), if missed { " · missed" } else { "" });
    page.item("  ", &told, if missed { Role::Bad } else { Role::Text });
}

fn history(tab: &Spikes, page: &mut Builder<'_>) {
    let damaged = tab.results.damaged();
    let unreadable = tab.history.value().and_then(|read| read.as_ref().err());
    if damaged.is_empty() && unreadable.is_none() {
        return;
    }
    page.rule("Kept runs");
    if let Some(why) = unreadable {
        page.text(why, Role::Bad);
    }
    for file in damaged {
        page.item("passed over ", file, Role::Warning);
    }
}
