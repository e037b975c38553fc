//! What a change of the state asks for.

use super::menu::Menu;
use super::page::Location;
use super::place::Place;
use crate::text::clean_line;

/// A word to the user, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    Wrong(String),
}

impl Notice {
    pub fn text(&self) -> &str {
        match self {
            Notice::Done(text) | Notice::Wrong(text) => text,
        }
    }

    /// How much it matters, as a log says it.
    pub fn level(&self) -> &'static str {
        match self {
            Notice::Done(_) => "info",
            Notice::Wrong(_) => "error",
        }
    }
}

/// A word to the user, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// In milliseconds since 1970.
    pub at_ms: i64,
    pub notice: Notice,
}

/// Something that is to be done. `W` is the kind of work of who asks.
#[derive(Debug)]
pub enum Ask<W> {
    /// Work beside the screen.
    Work(W),
    Tell(Notice),
    /// Go where another tab leads.
    Go(Place),
    /// The same from a place where what was wanted is not: nobody comes back to that.
    GoInstead(Place),
    /// Go back to where one was: what was wanted is nowhere.
    GoBack,
    /// Put text on the clipboard.
    Copy(String),
    /// Let the user choose.
    Choose(Menu),
    /// Open the user's editor.
    Edit(Location),
    /// Let the user write a text in their editor, which begins as this one. The tab that asks is told what was written.
    Compose(Composition),
    /// Look again at what is searchable: it changed.
    Refresh,
    /// Go on as whoever is signed in by now.
    Renew,
    /// Stop what is at work by this name, whoever has it at work.
    Stop(&'static str),
}

/// A text that is to be written in the user's editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    pub text: String,
    /// What its file's name ends with, by which an editor knows what it is.
    pub suffix: &'static str,
}

/// Everything that a change asks for, in order.
#[derive(Debug)]
pub struct Out<W>(Vec<Ask<W>>);

impl<W> Default for Out<W> {
    fn default() -> Self {
        Out(Vec::new())
    }
}

impl<W> Out<W> {
    pub fn work(&mut self, work: W) {
        self.0.push(Ask::Work(work));
    }

    /// Something good, in words of our own.
    pub fn done(&mut self, what: impl Into<String>) {
        self.0.push(Ask::Tell(Notice::Done(what.into())));
    }

    /// Something that went wrong. The words may be anyone's.
    pub fn wrong(&mut self, why: &str) {
        self.0.push(Ask::Tell(Notice::Wrong(clean_line(why))));
    }

    pub fn go(&mut self, place: Place) {
        self.0.push(Ask::Go(place));
    }

    pub fn go_instead(&mut self, place: Place) {
        self.0.push(Ask::GoInstead(place));
    }

    pub fn go_back(&mut self) {
        self.0.push(Ask::GoBack);
    }

    pub fn copy(&mut self, text: impl Into<String>) {
        self.0.push(Ask::Copy(text.into()));
    }

    pub fn choose(&mut self, menu: Menu) {
        self.0.push(Ask::Choose(menu));
    }

    pub fn edit(&mut self, location: Location) {
        self.0.push(Ask::Edit(location));
    }

    pub fn compose(&mut self, text: impl Into<String>, suffix: &'static str) {
        self.0.push(Ask::Compose(Composition { text: text.into(), suffix }));
    }

    pub fn refresh(&mut self) {
        self.0.push(Ask::Refresh);
    }

    pub fn renew(&mut self) {
        self.0.push(Ask::Renew);
    }

    pub fn stop(&mut self, task: &'static str) {
        self.0.push(Ask::Stop(task));
    }

    /// The same with work of another kind.
    pub fn map<V>(self, change: impl Fn(W) -> V) -> Out<V> {
        let asks = self.0.into_iter().map(|ask| match ask {
            Ask::Work(work) => Ask::Work(change(work)),
            Ask::Tell(notice) => Ask::Tell(notice),
            Ask::Go(place) => Ask::Go(place),
            Ask::GoInstead(place) => Ask::GoInstead(place),
            Ask::GoBack => Ask::GoBack,
            Ask::Copy(text) => Ask::Copy(text),
            Ask::Choose(menu) => Ask::Choose(menu),
            Ask::Edit(location) => Ask::Edit(location),
            Ask::Compose(composition) => Ask::Compose(composition),
            Ask::Refresh => Ask::Refresh,
            Ask::Renew => Ask::Renew,
            Ask::Stop(task) => Ask::Stop(task),
        });
        Out(asks.collect())
    }

    pub fn append(&mut self, mut other: Out<W>) {
        self.0.append(&mut other.0);
    }
}

impl<W> IntoIterator for Out<W> {
    type Item = Ask<W>;
    type IntoIter = std::vec::IntoIter<Ask<W>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
