//! The lines above and below everything: tabs, progress, status.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Canvas;
use crate::explorer::app::{App, Catalog, Notice, Pane, Ready, Tab};
use crate::explorer::flow::{truncate, truncate_start};
use crate::explorer::indexing::Phase;
use crate::explorer::keys::{Action, Context, key_for};
use crate::explorer::layout::{Areas, TABS, tab_label};
use crate::explorer::list::Motion;
use crate::explorer::spikes::SpikeRun;
use crate::explorer::theme::Role;
use crate::text::{clean_line, counted};

/// Columns of the bar of progress.
const BAR_COLUMNS: usize = 28;
/// Narrower screens show keys alone.
const COLUMNS_WITH_COUNTS: u16 = 60;

pub fn draw_tabs(canvas: &mut Canvas<'_>, areas: &Areas, app: &App) {
    let place = match (&app.indexing.lockfile, &app.catalog) {
        (Some(lockfile), _) => clean_line(&lockfile.display().to_string()),
        (None, Catalog::Open) => "no Cargo.lock here".to_string(),
        (None, _) => String::new(),
    };
    let room = areas.tabs.right().saturating_sub(areas.tab_labels[TABS.len() - 1].right() + 3);
    let place = truncate_start(&place, usize::from(room));
    let right = Line::from(vec![canvas.span(place, Role::Quiet), Span::raw(" ")]);
    canvas.put_sides(
        areas.tabs,
        0,
        &Line::from(vec![Span::raw(" "), canvas.span("zenith", Role::Strong)]),
        &right,
    );
    for (area, (tab, label)) in areas.tab_labels.into_iter().zip(TABS) {
        let chosen = tab == app.tab;
        let mut style = canvas.theme.style(if chosen { Role::Accent } else { Role::Quiet });
        if chosen {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        let label = tab_label(label, chosen, areas.tabs.width);
        canvas.put(area, 0, &Line::from(vec![Span::raw(" "), Span::styled(label, style)]));
    }
    canvas.rule(areas.rule);
}

/// A line for everything that is at work, or one of what the end waits for.
pub fn draw_progress(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    if app.leaving_since.is_some() {
        let what = match (app.indexing.is_active(), app.spikes.is_running()) {
            (_, false) => "what is written is being published",
            (false, true) => "labs are being closed",
            (true, true) => "what is written is being published, labs are being closed",
        };
        let text = format!(" Stopping: {what}; Ctrl-C again leaves at once");
        return canvas.put(area, 0, &Line::from(canvas.span(text, Role::Warning)));
    }
    let mut row = 0;
    if app.indexing.is_running() {
        draw_indexing(canvas, area, app);
        row += 1;
    }
    if let Some(run) = &app.spikes.run {
        draw_spikes(canvas, area, row, run, app);
    }
}

fn draw_indexing(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let indexing = &app.indexing;
    if indexing.phase == Phase::Stopping {
        let text = " Stopping: what is written is being published";
        return canvas.put(area, 0, &Line::from(canvas.span(text, Role::Warning)));
    }
    let columns = BAR_COLUMNS.min(usize::from(area.width / 5));
    let filled = filled(indexing.ratio(), columns);
    let width = indexing.packages.to_string().len();
    let mut left = vec![
        canvas.span(" Indexing ", Role::Strong),
        canvas.span("━".repeat(filled), Role::Accent),
        canvas.span("─".repeat(columns - filled), Role::Rule),
        canvas.span(format!(" {:>width$}/{}", indexing.done, indexing.packages), Role::Text),
    ];
    if let Some(rate) = indexing.rate(app.now) {
        left.push(canvas.span(format!(" {rate:>4.1}/s"), Role::Quiet));
    }
    if !indexing.failures.is_empty() {
        left.push(canvas.span(format!("  {} failed", indexing.failures.len()), Role::Bad));
    }
    let names: Vec<&str> = indexing.current.iter().map(zenith_core::package::PackageId::name).collect();
    let doing = match (indexing.waiting, names.is_empty()) {
        (0, false) => format!("  {}", names.join(", ")),
        (0, true) => String::new(),
        (packages, _) => format!("  waiting for another process, which indexes {packages}"),
    };
    left.push(canvas.span(doing, Role::Quiet));
    let right = stops(canvas, app, Action::CancelIndex);
    canvas.put_sides(area, 0, &Line::from(left), &right);
}

fn draw_spikes(canvas: &mut Canvas<'_>, area: Rect, row: usize, run: &SpikeRun, app: &App) {
    let (finished, planned) = (run.finished, run.planned());
    let columns = BAR_COLUMNS.min(usize::from(area.width / 5));
    let filled = finished * columns / planned.max(1);
    let mut left = vec![
        canvas.span(" Spikes   ", Role::Strong),
        canvas.span("━".repeat(filled), Role::Accent),
        canvas.span("─".repeat(columns - filled), Role::Rule),
        canvas.span(format!(" {finished}/{planned}"), Role::Text),
    ];
    if run.is_stopping {
        left.push(canvas.span("  stopping: its lab is being closed", Role::Warning));
    } else if let Some(current) = &run.current {
        let (spinner, elapsed) = (current.spinner(app.now), current.elapsed(app.now));
        left.push(canvas.span(format!("  {spinner} "), Role::Accent));
        left.push(canvas.span(format!("{} on {}", current.id, current.backend), Role::Text));
        left.push(canvas.span(format!(" · {elapsed}"), Role::Quiet));
        if !current.doing.is_empty() {
            left.push(canvas.span(format!(" · {}", current.doing), Role::Quiet));
        }
    }
    let right = match run.is_stopping {
        true => Line::default(),
        false => stops(canvas, app, Action::CancelSpikes),
    };
    canvas.put_sides(area, row, &Line::from(left), &right);
}

/// The key that stops something, where one does.
fn stops(canvas: &Canvas<'_>, app: &App, action: Action) -> Line<'static> {
    match key_for(app.context(), action) {
        key if key.is_empty() => Line::default(),
        key => Line::from(canvas.span(format!("{key} stops "), Role::Quiet)),
    }
}

/// Columns that are filled; the last one only when all is done.
fn filled(ratio: f64, columns: usize) -> usize {
    let columns_f64 = u32::try_from(columns).map_or(0.0, f64::from);
    (1..=columns)
        .take_while(|column| f64::from(u32::try_from(*column).unwrap_or(u32::MAX)) <= ratio * columns_f64)
        .count()
}

pub fn draw_status(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let counts = if area.width < COLUMNS_WITH_COUNTS { String::new() } else { counts(app) };
    let right = Line::from(vec![canvas.span(counts, Role::Quiet), Span::raw(" ")]);
    let nothing = Line::default();
    let left = match &app.notice {
        Some(notice) => {
            let (text, role) = match notice {
                Notice::Done(text) => (text, Role::Good),
                Notice::Wrong(text) => (text, Role::Bad),
            };
            // A message matters more than the counts.
            let text = truncate(text, usize::from(area.width).saturating_sub(2));
            let line = Line::from(vec![Span::raw(" "), canvas.span(text, role)]);
            let fits = line.width() + right.width() < usize::from(area.width);
            return canvas.put_sides(area, 0, &line, if fits { &right } else { &nothing });
        }
        None => hints(canvas, app, usize::from(area.width).saturating_sub(right.width() + 2)),
    };
    canvas.put_sides(area, 0, &left, &right);
}

fn counts(app: &App) -> String {
    match (&app.catalog, &app.indexing.phase) {
        (Catalog::Opening, _) => "opening…".to_string(),
        (Catalog::Unusable(_), _) => String::new(),
        (Catalog::Open, Phase::Checking) => "checking the lockfile…".to_string(),
        (Catalog::Open, Phase::Failed(_)) => "indexing failed; i tries again".to_string(),
        (Catalog::Open, phase) => {
            let Ready { count: packages, symbols } = app.ready(None);
            let failed = match (phase, app.indexing.failures.len()) {
                (Phase::Ended(_), failed @ 1..) => format!(" · {failed} not indexed"),
                _ => String::new(),
            };
            format!("{packages} · {}{failed}", counted(symbols, "symbol"))
        }
    }
}

/// The keys that matter most where one is, as many as fit.
fn hints(canvas: &Canvas<'_>, app: &App, width: usize) -> Line<'static> {
    let context = app.context();
    let mut line = Line::default();
    for (action, label) in wanted_hints(app, context) {
        let key = key_for(context, *action);
        if key.is_empty() || line.width() + key.chars().count() + label.len() + 3 > width {
            continue;
        }
        line.push_span(Span::raw(if line.spans.is_empty() { " " } else { "  " }));
        line.push_span(canvas.span(key, Role::Text));
        line.push_span(canvas.span(format!(" {label}"), Role::Quiet));
    }
    line
}

fn wanted_hints(app: &App, context: Context) -> &'static [(Action, &'static str)] {
    match (app.tab, context) {
        (_, Context::Overlay) => &[(Action::Move(Motion::Lines(1)), "scroll"), (Action::Escape, "close")],
        (Tab::Explore, Context::Browse) => &[
            (Action::Help, "help"),
            (Action::Open, "open"),
            (Action::Find, "filter"),
            (Action::NextTab, "search"),
            (Action::Copy, "copy"),
            (Action::Edit, "edit"),
            (Action::Quit, "quit"),
        ],
        (Tab::Explore, Context::Type) => &[(Action::Open, "keep"), (Action::Escape, "clear")],
        (Tab::Search, Context::Browse) => &[
            (Action::Help, "help"),
            (Action::Find, "type"),
            (Action::Open, "in Explore"),
            (Action::Mode, "mode"),
            (Action::Tier, "tier"),
            (Action::Copy, "copy"),
            (Action::Edit, "edit"),
            (Action::Quit, "quit"),
        ],
        (Tab::Search, Context::Type) => &[
            (Action::Help, "help"),
            (Action::Open, "in Explore"),
            (Action::Mode, "mode"),
            (Action::Tier, "tier"),
            (Action::Escape, "to the list"),
            (Action::NextTab, "spikes"),
        ],
        (Tab::Spikes, _) => match (app.spikes.is_running(), app.spikes.pane) {
            (_, Pane::Preview) => &[(Action::Help, "help"), (Action::Back, "back"), (Action::Copy, "copy")],
            (true, _) => &[
                (Action::Help, "help"),
                (Action::CancelSpikes, "stop"),
                (Action::Forward, "details"),
                (Action::NextTab, "status"),
                (Action::Quit, "quit"),
            ],
            (false, _) => &[
                (Action::Help, "help"),
                (Action::RunSpike, "run"),
                (Action::RunAllSpikes, "run all"),
                (Action::Backends, "backend"),
                (Action::Forward, "details"),
                (Action::Copy, "copy"),
                (Action::Quit, "quit"),
            ],
        },
        (Tab::Status, _) => &[
            (Action::Help, "help"),
            (Action::Sync, "sync"),
            (Action::NextTab, "explore"),
            (Action::Quit, "quit"),
        ],
        (_, Context::Read | Context::Spikes | Context::Status) => &[
            (Action::Help, "help"),
            (Action::Back, "back"),
            (Action::Source, "source"),
            (Action::Copy, "copy"),
            (Action::Edit, "edit"),
            (Action::Quit, "quit"),
        ],
    }
}
