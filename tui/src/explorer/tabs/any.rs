//! A tab as the shell sees it: whatever its effects and messages are, they are carried, not read.

use std::any::Any;
use std::fmt::Debug;

use ratatui::layout::Position;
use serde_json::Value;
use tui_input::Input;
use zenith_core::Zenith;

use super::actions::{Action, Binding};
use super::{Seen, Tab, Task};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::job::Job;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::place::Place;

/// An effect or a message of a tab.
pub trait Erased: Any + Debug + Send {}

impl<T: Any + Debug + Send> Erased for T {}

/// Every [`Tab`] is one; each function is the tab's own.
pub trait AnyTab: Any + Debug {
    fn name(&self) -> &'static str;
    fn actions(&self) -> &'static [&'static [Binding]];
    fn pane(&self) -> Pane;
    fn line(&mut self) -> Option<&mut Input>;
    fn takes_over(&self) -> bool;
    fn typed(&mut self, seen: &Seen<'_>);
    fn can(&self, action: Action) -> bool;
    fn hint(&self, action: Action) -> Option<&'static str>;
    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>);
    fn click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) -> bool;
    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool;
    fn take(&mut self, message: Box<dyn Erased>, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) -> bool;
    fn composed(&mut self, written: Result<String, String>, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>);
    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>);
    fn enter(&mut self);
    fn place(&self) -> Place;
    fn open(&mut self, place: &Place, seen: &Seen<'_>) -> bool;
    fn task(&self) -> Option<Task>;
    fn stop(&mut self, out: &mut Out<Box<dyn Erased>>);
    fn kept(&self) -> Option<Value>;
    fn resume(&mut self, kept: &Value);
    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>);
    /// The job that an effect of this tab is; none where it is another's.
    fn work(&self, effect: Box<dyn Erased>, zenith: &Zenith) -> Option<Job<Box<dyn Erased>>>;
}

impl<T: Tab> AnyTab for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn actions(&self) -> &'static [&'static [Binding]] {
        T::ACTIONS
    }

    fn pane(&self) -> Pane {
        Tab::pane(self)
    }

    fn line(&mut self) -> Option<&mut Input> {
        Tab::line(self)
    }

    fn takes_over(&self) -> bool {
        Tab::takes_over(self)
    }

    fn typed(&mut self, seen: &Seen<'_>) {
        Tab::typed(self, seen);
    }

    fn can(&self, action: Action) -> bool {
        Tab::can(self, action)
    }

    fn hint(&self, action: Action) -> Option<&'static str> {
        Tab::hint(self, action)
    }

    fn act(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) {
        erased(out, |own| Tab::act(self, action, seen, own));
    }

    fn click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) -> bool {
        erased(out, |own| Tab::click(self, at, seen, own))
    }

    fn wheel(&mut self, at: Position, lines: isize, seen: &Seen<'_>) -> bool {
        Tab::wheel(self, at, lines, seen)
    }

    fn take(&mut self, message: Box<dyn Erased>, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) -> bool {
        match read::<T::Message>(message) {
            Some(message) => erased(out, |own| Tab::take(self, message, seen, own)),
            None => false,
        }
    }

    fn composed(&mut self, written: Result<String, String>, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) {
        erased(out, |own| Tab::composed(self, written, seen, own));
    }

    fn settle(&mut self, seen: &Seen<'_>, out: &mut Out<Box<dyn Erased>>) {
        erased(out, |own| Tab::settle(self, seen, own));
    }

    fn enter(&mut self) {
        Tab::enter(self);
    }

    fn place(&self) -> Place {
        Tab::place(self)
    }

    fn open(&mut self, place: &Place, seen: &Seen<'_>) -> bool {
        Tab::open(self, place, seen)
    }

    fn task(&self) -> Option<Task> {
        Tab::task(self)
    }

    fn stop(&mut self, out: &mut Out<Box<dyn Erased>>) {
        erased(out, |own| Tab::stop(self, own));
    }

    fn kept(&self) -> Option<Value> {
        Tab::kept(self)
    }

    fn resume(&mut self, kept: &Value) {
        Tab::resume(self, kept);
    }

    fn draw(&self, canvas: &mut Canvas<'_>, seen: &Seen<'_>) {
        Tab::draw(self, canvas, seen);
    }

    fn work(&self, effect: Box<dyn Erased>, zenith: &Zenith) -> Option<Job<Box<dyn Erased>>> {
        let job = T::work(read::<T::Effect>(effect)?, zenith);
        Some(job.map(|message| -> Box<dyn Erased> { Box::new(message) }))
    }
}

/// Lets a tab ask in its own words, and hands on what it asked.
fn erased<E: Erased, R>(out: &mut Out<Box<dyn Erased>>, ask: impl FnOnce(&mut Out<E>) -> R) -> R {
    let mut own = Out::default();
    let answer = ask(&mut own);
    out.append(own.map(|effect| -> Box<dyn Erased> { Box::new(effect) }));
    answer
}

fn read<T: 'static>(erased: Box<dyn Erased>) -> Option<T> {
    let any: Box<dyn Any> = erased;
    any.downcast().ok().map(|own| *own)
}
