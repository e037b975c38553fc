//! The lines of what is at work.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;
use zenith_core::package::PackageId;

use crate::explorer::parts::bar::filled;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::clock::{STILL, elapsed, spinner};
use crate::explorer::parts::theme::Role;
use crate::explorer::shell::actions::{Command, Does};
use crate::explorer::shell::app::App;
use crate::explorer::tabs::Task;
use crate::explorer::world::{Indexing, Phase};

/// Columns of the bar of progress.
const BAR_COLUMNS: usize = 28;

/// A line for everything that is at work, or one of what the end waits for.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    if app.leaving_since.is_some() {
        let text = format!(" Stopping: {}; Ctrl-C again leaves at once", awaited(app));
        return canvas.put(area, 0, &Line::from(canvas.span(text, Role::Warning)));
    }
    let mut row = 0;
    if app.world.indexing.is_running() {
        draw_indexing(canvas, area, app);
        row += 1;
    }
    for (index, tab) in app.tabs.iter().enumerate() {
        let task = tab.task();
        if let Some((task, done)) = task.as_ref().and_then(|task| Some((task, task.done?))) {
            draw_task(canvas, area, row, (index, task, done), app);
            row += 1;
        }
    }
}

/// What the end waits for.
fn awaited(app: &App) -> String {
    let published = app.world.is_busy().then_some("what is written is being published");
    let tasks = app.tasks();
    let held = tasks.iter().filter_map(|task| task.holds);
    published.into_iter().chain(held).collect::<Vec<_>>().join(", ")
}

fn draw_indexing(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let indexing = &app.world.indexing;
    if indexing.phase == Phase::Stopping {
        let text = " Stopping: what is written is being published";
        return canvas.put(area, 0, &Line::from(canvas.span(text, Role::Warning)));
    }
    let columns = bar_columns(app, area);
    let width = indexing.packages.to_string().len();
    let mut left = vec![canvas.span(" Indexing ", Role::Strong)];
    left.extend(bar(canvas, indexing.done, indexing.packages, columns));
    left.push(canvas.span(format!(" {:>width$}/{}", indexing.done, indexing.packages), Role::Text));
    if let Some(rate) = indexing.rate(app.now) {
        left.push(canvas.span(format!(" {rate:>4.1}/s"), Role::Quiet));
    }
    if !indexing.failures.is_empty() {
        left.push(canvas.span(format!("  {} failed", indexing.failures.len()), Role::Bad));
    }
    left.push(canvas.span(doing(indexing), Role::Quiet));
    let right = stops(canvas, app, Does::Command(Command::CancelIndex));
    canvas.put_sides(area, 0, &Line::from(left), &right);
}

/// The packages that are at work, or who else has them.
fn doing(indexing: &Indexing) -> String {
    let names: Vec<&str> = indexing.current.iter().map(PackageId::name).collect();
    match (indexing.waiting, names.is_empty()) {
        (0, false) => format!("  {}", names.join(", ")),
        (0, true) => String::new(),
        (packages, _) => format!("  waiting for another process, which indexes {packages}"),
    }
}

fn draw_task(
    canvas: &mut Canvas<'_>,
    area: Rect,
    row: usize,
    (index, task, (done, of)): (usize, &Task, (usize, usize)),
    app: &App,
) {
    let columns = bar_columns(app, area);
    let mut left = vec![canvas.span(format!(" {:8} ", task.name), Role::Strong)];
    left.extend(bar(canvas, done, of, columns));
    left.push(canvas.span(format!(" {done}/{of}"), Role::Text));
    if let Some(stopping) = task.stopping {
        left.push(canvas.span(format!("  stopping: {stopping}"), Role::Warning));
    } else if let Some((what, since)) = &task.at {
        let turns = if app.is_still { STILL } else { spinner(*since, app.now) };
        left.push(canvas.span(format!("  {turns} "), Role::Accent));
        left.push(canvas.span(what.clone(), Role::Text));
        left.push(canvas.span(format!(" · {}", elapsed(*since, app.now)), Role::Quiet));
        if !task.doing.is_empty() {
            left.push(canvas.span(format!(" · {}", task.doing), Role::Quiet));
        }
    }
    let right = match task.stop.filter(|_| task.stopping.is_none()) {
        Some(action) => stops(canvas, app, Does::Tab(index, action)),
        None => Line::default(),
    };
    canvas.put_sides(area, row, &Line::from(left), &right);
}

/// Where nothing moves the numbers beside it are enough.
fn bar_columns(app: &App, area: Rect) -> usize {
    if app.is_still { 0 } else { BAR_COLUMNS.min(usize::from(area.width / 5)) }
}

/// A bar of columns, in eighths of one.
fn bar(canvas: &Canvas<'_>, done: usize, of: usize, columns: usize) -> [Span<'static>; 2] {
    let filled = filled(done, of, columns);
    let rest = columns.saturating_sub(filled.chars().count());
    [canvas.span(filled, Role::Accent), canvas.span("─".repeat(rest), Role::Rule)]
}

/// The words that stop something, each where it stands.
pub fn placed(app: &App, area: Rect) -> Vec<(Rect, Does)> {
    let indexing = &app.world.indexing;
    let mut rows: Vec<Option<Does>> = Vec::new();
    if indexing.is_running() {
        rows.push((indexing.phase != Phase::Stopping).then_some(Does::Command(Command::CancelIndex)));
    }
    for (index, tab) in app.tabs.iter().enumerate() {
        if let Some(task) = tab.task().filter(|task| task.done.is_some()) {
            rows.push(task.stop.filter(|_| task.stopping.is_none()).map(|action| Does::Tab(index, action)));
        }
    }
    let place = |(y, does): (u16, Option<Does>)| {
        let does = does.filter(|_| app.leaving_since.is_none() && y < area.bottom())?;
        let width = u16::try_from(stop_word(app, does).width()).unwrap_or(u16::MAX);
        let x = area.right().saturating_sub(width.saturating_add(1));
        (width > 0).then_some((Rect { x, y, width, height: 1 }.intersection(area), does))
    };
    (area.y..).zip(rows).filter_map(place).collect()
}

/// The key that stops something; where none does here, a word for the mouse.
fn stop_word(app: &App, does: Does) -> String {
    match app.key_for(does) {
        key if !key.is_empty() => format!("{key} stops"),
        _ if app.mouse && app.overlay.is_none() => "stop".to_string(),
        _ => String::new(),
    }
}

fn stops(canvas: &Canvas<'_>, app: &App, does: Does) -> Line<'static> {
    match stop_word(app, does) {
        word if word.is_empty() => Line::default(),
        word => Line::from(canvas.span(format!("{word} "), Role::Quiet)),
    }
}
