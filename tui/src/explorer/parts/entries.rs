//! A page of which parts are selected: each can be copied, and some do something.

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::canvas::Canvas;
use super::list::{Motion, target};
use super::listing::{Entry, Listing};
use super::scroll;

/// The page, what of it is selected, and how far it is scrolled.
#[derive(Debug)]
pub struct Entries<D> {
    lines: Vec<Line<'static>>,
    entries: Vec<Entry<D>>,
    selected: usize,
    offset: usize,
}

impl<D> Default for Entries<D> {
    fn default() -> Self {
        Entries { lines: Vec::new(), entries: Vec::new(), selected: 0, offset: 0 }
    }
}

/// What a click met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met<D> {
    /// A word that does this, or what was selected already and does it.
    Does(D),
    Selected,
    Nothing,
}

impl<D: Clone> Entries<D> {
    pub fn selected(&self) -> Option<&Entry<D>> {
        self.entries.get(self.selected)
    }

    /// Takes the page as it is now. What was selected stays so, wherever it stands by now.
    pub fn lay_out(&mut self, listing: Listing<'_, D>, height: usize) {
        let before = self.selected().map(|entry| (entry.id.clone(), self.is_seen(self.selected, height)));
        (self.lines, self.entries) = listing.finish();
        let last = self.entries.len().saturating_sub(1);
        let (id, was_seen) = before.unwrap_or_default();
        let found = self.entries.iter().position(|entry| entry.id == id);
        self.selected = found.unwrap_or(self.selected).min(last);
        self.offset = self.offset.min(self.lines.len().saturating_sub(height));
        if was_seen && !self.is_seen(self.selected, height) {
            self.reveal(height);
        }
    }

    /// Moves the selection; the page follows it, and goes on to its own ends.
    pub fn step(&mut self, motion: Motion, height: usize) {
        let Some(entry) = self.selected() else { return };
        let last = self.entries.len().saturating_sub(1);
        let before = self.selected;
        self.selected = match motion {
            Motion::Lines(_) | Motion::First | Motion::Last => target(motion, before, last, height),
            Motion::Pages(_) | Motion::HalfPages(_) => {
                let line = target(motion, entry.lines.start, self.lines.len().saturating_sub(1), height);
                self.entries.iter().rposition(|entry| entry.lines.start <= line).unwrap_or(0)
            }
        };
        self.reveal(height);
        if self.selected == 0 {
            self.offset = 0;
        } else if self.selected == last {
            self.offset = self.lines.len().saturating_sub(height);
        }
    }

    /// To the first entry of the next section, or of this one and those before it.
    pub fn step_section(&mut self, forward: bool, height: usize) {
        let begins = |index: &usize| {
            self.entries.get(*index).is_some_and(|entry| *index == 0 || entry.top < entry.lines.start)
        };
        let found = match forward {
            true => (self.selected + 1..self.entries.len()).find(begins),
            false => (0..self.selected).rev().find(begins),
        };
        self.selected = found.unwrap_or(self.selected);
        self.reveal(height);
    }

    /// Scrolls, and takes the selection along only where it would leave the view.
    pub fn scroll(&mut self, lines: isize, height: usize) {
        self.offset = self.offset.saturating_add_signed(lines).min(self.lines.len().saturating_sub(height));
        if !self.is_seen(self.selected, height) {
            let mut seen = (0..self.entries.len()).filter(|index| self.is_seen(*index, height));
            let found = if lines > 0 { seen.next() } else { seen.next_back() };
            self.selected = found.unwrap_or(self.selected);
        }
    }

    /// Takes a click at a position of the screen, where the page stands in an area.
    pub fn click(&mut self, at: Position, area: Rect) -> Met<D> {
        if !area.contains(at) {
            return Met::Nothing;
        }
        let line = self.offset + usize::from(at.y - area.y);
        let Some(index) = self.entries.iter().position(|entry| entry.lines.contains(&line)) else {
            return Met::Nothing;
        };
        let again = std::mem::replace(&mut self.selected, index) == index;
        let Some(entry) = self.selected() else { return Met::Nothing };
        let in_page = Position::new(at.x - area.x, u16::try_from(line).unwrap_or(u16::MAX));
        match (&entry.word, &entry.does) {
            (Some((place, does)), _) if place.contains(in_page) => Met::Does(does.clone()),
            (_, Some(does)) if again => Met::Does(does.clone()),
            _ => Met::Selected,
        }
    }

    /// Draws the page in an area with a blank column before it, where the mark of what is selected stands.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
        if let Some(entry) = self.selected() {
            let marked = Rect { x: area.x.saturating_sub(1), width: area.width + 1, ..area };
            let rows = entry.lines.clone().rev().filter_map(|line| line.checked_sub(self.offset));
            rows.for_each(|row| canvas.select(marked, row, has_focus));
        }
        scroll::draw(canvas, area, &self.lines, self.offset, has_focus);
    }

    /// Whether the beginning of an entry is in view.
    fn is_seen(&self, index: usize, height: usize) -> bool {
        let view = self.offset..self.offset + height;
        self.entries.get(index).is_some_and(|entry| view.contains(&entry.lines.start))
    }

    /// Scrolls until what is selected is in view, with the heading above it: all of it, or as much as there is room for.
    fn reveal(&mut self, height: usize) {
        let Some(Entry { lines, top, .. }) = self.selected() else { return };
        let (first, top, end) = (lines.start, *top, lines.end);
        self.offset = self.offset.max(end.saturating_sub(height)).min(first);
        self.offset = self.offset.min(top.max(first.saturating_sub(height.saturating_sub(1))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::paint::tests::painter;
    use super::super::theme::Role;
    use super::*;

    /// Two sections of three entries, each two lines.
    fn page(names: &[&str], entries: &mut Entries<u8>) {
        let painter = painter(40);
        let mut listing = Listing::new(&painter);
        for (index, name) in names.iter().enumerate() {
            if index % 3 == 0 {
                listing.heading("section");
            }
            listing.entry(*name, *name, None, |page| {
                page.text(name, Role::Text);
                page.text("more", Role::Text);
            });
        }
        listing.word("stop", 7);
        entries.lay_out(listing, 5);
    }

    fn selected(entries: &Entries<u8>) -> &str {
        &entries.selected().unwrap().id
    }

    #[test]
    fn the_selection_moves_by_entries_and_sections_and_is_always_seen() {
        let mut entries = Entries::default();
        page(&["a", "b", "c", "d", "e", "f"], &mut entries);
        for (motion, expected) in [
            (Motion::Lines(1), "b"),
            (Motion::Lines(2), "d"),
            (Motion::Last, "f"),
            (Motion::Pages(-1), "d"),
            (Motion::Pages(-9), "a"),
            (Motion::Pages(1), "c"),
            (Motion::First, "a"),
        ] {
            entries.step(motion, 5);
            assert_eq!(selected(&entries), expected, "{motion:?}");
            assert!(entries.is_seen(entries.selected, 5), "{motion:?}: {entries:?}");
        }
        for (forward, expected) in [(true, "d"), (true, "d"), (false, "a"), (false, "a")] {
            entries.step_section(forward, 5);
            assert_eq!(selected(&entries), expected);
        }
        assert_eq!(entries.offset, 0, "with the heading above it");
        entries.scroll(100, 5);
        assert_eq!(selected(&entries), "e", "it is taken along");
    }

    #[test]
    fn what_is_selected_stays_so_where_others_come_before_it_and_goes_with_its_entry() {
        let mut entries = Entries::default();
        page(&["a", "b", "c"], &mut entries);
        entries.step(Motion::Lines(1), 5);
        page(&["x", "y", "z", "a", "b", "c"], &mut entries);
        assert_eq!(selected(&entries), "b");
        assert!(entries.is_seen(entries.selected, 5));
        page(&["a"], &mut entries);
        assert_eq!(selected(&entries), "a");
        page(&[], &mut entries);
        assert!(entries.selected().is_none());
        entries.step(Motion::Pages(1), 0);
        entries.scroll(-3, 0);
    }

    #[test]
    fn a_click_on_a_word_does_it_and_one_beside_it_selects() {
        let mut entries = Entries::default();
        page(&["a", "b"], &mut entries);
        let area = Rect::new(10, 20, 40, 5);
        let mut click = |x, y| entries.click(Position::new(x, y), area);
        assert_eq!(click(10, 20), Met::Nothing, "the heading");
        assert_eq!(click(10, 23), Met::Selected);
        assert_eq!([click(16, 24), click(19, 24)], [Met::Does(7); 2]);
        assert_eq!(
            [click(15, 24), click(20, 24), click(9, 24)],
            [Met::Selected, Met::Selected, Met::Nothing]
        );
    }
}
