//! Where one stands in a list, and which part of it shows.

/// A motion within a list or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Lines(isize),
    HalfPages(isize),
    Pages(isize),
    First,
    Last,
}

/// The selected row and the first row that shows. Only the rows that show are ever drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub selected: usize,
    pub offset: usize,
}

impl Cursor {
    /// Moves the selection; `height` is that of the view, `len` that of the list.
    pub fn step(&mut self, motion: Motion, len: usize, height: usize) {
        self.selected = target(motion, self.selected, len.saturating_sub(1), height);
    }

    /// Puts the selection in the middle of the view.
    pub fn center(&mut self, height: usize) {
        self.offset = self.selected.saturating_sub(height / 2);
    }

    /// Scrolls the view and takes the selection along only where it would leave it.
    pub fn scroll(&mut self, lines: isize, len: usize, height: usize) {
        self.offset = self.offset.saturating_add_signed(lines).min(len.saturating_sub(height));
        let last = (self.offset + height).saturating_sub(1).max(self.offset);
        self.selected = self.selected.clamp(self.offset, last);
    }

    /// Selects a row of those that show; whether it was selected already. `None` where there is none.
    pub fn click(&mut self, row: usize, len: usize) -> Option<bool> {
        let clicked = Some(self.offset + row).filter(|clicked| *clicked < len)?;
        Some(std::mem::replace(&mut self.selected, clicked) == clicked)
    }

    /// Puts both in bounds and the selection in view.
    pub fn settle(&mut self, len: usize, height: usize) {
        self.selected = self.selected.min(len.saturating_sub(1));
        self.offset = self.offset.min(len.saturating_sub(height)).min(self.selected);
        if self.selected >= self.offset + height {
            self.offset = self.selected + 1 - height.max(1);
        }
    }
}

/// Where a motion leads from a position, at most to `last`.
pub fn target(motion: Motion, from: usize, last: usize, height: usize) -> usize {
    let height = isize::try_from(height.max(1)).unwrap_or(1);
    let by = |lines: isize| from.saturating_add_signed(lines).min(last);
    match motion {
        Motion::Lines(lines) => by(lines),
        Motion::HalfPages(pages) => by(pages * (height / 2).max(1)),
        Motion::Pages(pages) => by(pages * (height - 1).max(1)),
        Motion::First => 0,
        Motion::Last => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_in_the_list_and_in_view() {
        let mut cursor = Cursor::default();
        for (motion, expected) in [
            (Motion::Lines(-1), (0, 0)),
            (Motion::Lines(3), (3, 0)),
            (Motion::Pages(1), (12, 3)),
            (Motion::Last, (99, 90)),
            (Motion::Pages(9), (99, 90)),
            (Motion::HalfPages(-1), (94, 90)),
            (Motion::First, (0, 0)),
        ] {
            cursor.step(motion, 100, 10);
            cursor.settle(100, 10);
            assert_eq!((cursor.selected, cursor.offset), expected, "{motion:?}");
        }
    }

    #[test]
    fn a_list_that_shrinks_and_a_view_without_height_are_no_trouble() {
        let mut cursor = Cursor { selected: 50, offset: 45 };
        cursor.settle(3, 10);
        assert_eq!(cursor, Cursor { selected: 2, offset: 0 });
        cursor.settle(0, 0);
        cursor.step(Motion::Pages(1), 0, 0);
        cursor.scroll(5, 0, 0);
        assert_eq!(cursor.selected, 0);
    }

    #[test]
    fn scrolling_takes_the_selection_along_at_the_edge_only() {
        let mut cursor = Cursor { selected: 5, offset: 0 };
        cursor.scroll(3, 100, 10);
        assert_eq!(cursor, Cursor { selected: 5, offset: 3 });
        cursor.scroll(10, 100, 10);
        assert_eq!(cursor, Cursor { selected: 13, offset: 13 });
    }
}
