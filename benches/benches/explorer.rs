//! What does the explorer take for a frame, and from a key to its frame, whatever the length of the list? Everything that it
//! does itself is in it, and no terminal. What shows is checked before it is timed.

use std::cell::RefCell;
use std::process::ExitCode;

use zenith::Headless;
use zenith_benches::gate::{Gates, OfSize, Pace};
use zenith_benches::samples::entry;
use zenith_benches::targets;
use zenith_core::package::PackageId;

const WIDTH: u16 = 120;
const HEIGHT: u16 = 40;

fn main() -> ExitCode {
    let mut gates = Gates::new("explorer");
    let sizes: [usize; 3] = match gates.settings.pace {
        Pace::Test => [100, 200, 400],
        Pace::Quick | Pace::Full => [100, 3_000, 100_000],
    };
    let screens = sizes.map(|rows| RefCell::new(screen(rows)));
    let [few, usual, many] = &screens;
    gates.answers(many.borrow().text());
    let frame = |screen: &RefCell<Headless>| screen.borrow_mut().draw();
    gates.criterion.bench_function("explorer/a frame", |bench| bench.iter(|| frame(usual)));
    gates.time("a frame", targets::FRAME_MAX, || frame(usual));
    gates.time("two keys to their frames", targets::KEY_TO_FRAME_MAX * 2, || keys(usual));
    let rows = sizes[2];
    let most = targets::FRAME_OF_MANY_OF_FEW_MAX;
    gates.ratio(
        &format!("a frame over {rows} rows, of one over {}", sizes[0]),
        most,
        || frame(many),
        || frame(few),
    );

    let growth = |gates: &mut Gates, name: &str, work: fn(&RefCell<Headless>)| {
        let of_size = |at: usize| -> OfSize<'_> {
            let screen = &screens[at];
            (sizes[at] as u64, Box::new(move || work(screen)))
        };
        gates.growth(name, targets::FRAME_GROWTH_MAX, &mut [0, 1, 2].map(of_size));
    };
    growth(&mut gates, "a frame, by the rows of the list", |screen| screen.borrow_mut().draw());
    growth(&mut gates, "two keys to their frames, by the rows", keys);
    gates.finish()
}

/// An explorer over so many packages, of which some were drawn.
fn screen(rows: usize) -> Headless {
    let package = |number: usize| {
        let id = PackageId::rust(format!("package-{number:06}"), "1.0.0").expect("a name");
        entry(&id, &format!("lance/public/rust/package-{number:06}/1.0.0/a"), "model")
    };
    let mut screen = Headless::over((0..rows).map(package).collect(), WIDTH, HEIGHT);
    screen.draw();
    let text = screen.text();
    let shown = (0..rows).take_while(|number| text.contains(&format!("package-{number:06}"))).count();
    assert!((20..60).contains(&shown), "{shown} packages show of\n{text}");
    screen
}

/// A key, the frame that shows what it did, and both the other way: no list comes to its end by that.
fn keys(screen: &RefCell<Headless>) {
    let mut screen = screen.borrow_mut();
    screen.down();
    screen.draw();
    screen.up();
    screen.draw();
}
