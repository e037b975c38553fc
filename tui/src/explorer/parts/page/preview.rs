//! The page beside a list, or alone.

use ratatui::layout::Rect;

use super::{Page, PageKey, Part, Subject};
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::latest::Latest;
use crate::explorer::parts::list::{Motion, target};
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::scroll;
use crate::explorer::parts::theme::Theme;

/// A page beside a list, and how far it is scrolled.
#[derive(Debug, Default)]
pub struct Preview {
    pub page: Latest<PageKey, Page>,
    /// The part of its subject that shows; all on one page where that is none.
    pub part: Option<Part>,
    /// The revision of the packages that it is read from.
    pub as_of: u64,
    /// The first row that shows.
    pub offset: usize,
    /// What `offset` belongs to.
    shown: Option<(Subject, Option<Part>)>,
}

impl Preview {
    /// Takes a page; a new subject shows from its beginning, the same one stays where it was.
    pub fn arrive(&mut self, generation: u64, page: Page) -> bool {
        if !self.page.arrive(generation, page) {
            return false;
        }
        let shown = self.page.wanted().map(|key| (key.subject.clone(), key.part));
        if shown != self.shown {
            (self.offset, self.shown) = (0, shown);
        }
        true
    }

    /// Whether something is at work for it.
    pub fn is_at_work(&self) -> bool {
        let goes_on = self.page.value().is_some_and(|page| page.goes_on);
        self.page.wanted().is_some() && (self.page.is_pending() || goes_on)
    }

    pub fn scroll(&mut self, motion: Motion, height: usize) {
        let last = self.len().saturating_sub(height);
        self.offset = target(motion, self.offset, last, height);
    }

    /// Shows the source, or what comes before it where the source shows already.
    pub fn toggle_source(&mut self, height: usize) {
        let last = self.len().saturating_sub(height);
        let row = self.page.value().and_then(|page| page.source_row).unwrap_or(0).min(last);
        self.offset = if self.offset >= row { 0 } else { row };
    }

    /// Asks for the page of a subject where it is another than the one that was asked for, and stays within what is
    /// there. What is still being looked for leaves the old page where it is.
    pub fn want(
        &mut self,
        subject: Option<Subject>,
        is_looking: bool,
        area: Rect,
        theme: Theme,
    ) -> Option<(u64, PageKey)> {
        let width = usize::from(area.width);
        let mut asked = None;
        match subject {
            Some(subject) if width > 0 => {
                let reads_others = self.part.is_some_and(Part::reads_others);
                let as_of = if reads_others { self.as_of } else { 0 };
                let key = PageKey { subject, part: self.part, as_of, width, theme };
                asked = self.page.want(key.clone()).map(|generation| (generation, key));
            }
            Some(_) => {}
            None if is_looking => {}
            None => self.page.clear(),
        }
        self.offset = self.offset.min(self.len().saturating_sub(usize::from(area.height)));
        asked
    }

    /// Opens the editor where the page's item is declared.
    pub fn edit<W>(&self, out: &mut Out<W>) {
        if self.page.is_pending() {
            return out.wrong("still reading where this is declared; try again in a moment");
        }
        match self.page.value().and_then(|page| page.location.clone()) {
            Some(location) => out.edit(location),
            None => out.wrong("there is no source of this on this machine to edit"),
        }
    }

    /// Offers what can be copied: the path of what is selected, and what else its page knows once it is there.
    pub fn offer_copies<W>(&self, path: Option<String>, out: &mut Out<W>) {
        let Some(path) = path else { return };
        let page = self.page.value().filter(|_| !self.page.is_pending());
        let known = page.map(|page| page.copies.as_slice()).unwrap_or_default();
        if known.is_empty() {
            return out.copy(path);
        }
        let mut choices = vec![Choice::copies('y', "path", path)];
        choices.extend_from_slice(known);
        out.choose(Menu { title: " Copy ", choices });
    }

    /// Offers what the page leads to.
    pub fn offer_links<W>(&self, out: &mut Out<W>) {
        if self.page.is_pending() {
            return out.wrong("still reading what this leads to; try again in a moment");
        }
        match self.page.value().map(|page| page.links.clone()).unwrap_or_default() {
            links if links.is_empty() => out.done("nothing here leads elsewhere"),
            choices => out.choose(Menu { title: " Follow ", choices }),
        }
    }

    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
        if let Some(page) = self.page.value() {
            scroll::draw(canvas, area, &page.lines, self.offset, has_focus);
        }
    }

    pub fn len(&self) -> usize {
        self.page.value().map_or(0, |page| page.lines.len())
    }
}
