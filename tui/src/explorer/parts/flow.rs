//! Styled text laid out within a width: words wrapped, code folded.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A word may change its style in the middle: `JoinHandle`**s**.
#[derive(Default)]
struct Word {
    pieces: Vec<Span<'static>>,
    width: usize,
    /// What separates it from the word before looks like this.
    gap: Style,
}

/// Wraps text at spaces; a line break in it stays one. `first` stands before the first line, `rest`
/// before the others. A word longer than a line is broken.
pub fn wrap(
    text: &[Span<'static>],
    width: usize,
    first: &[Span<'static>],
    rest: &[Span<'static>],
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut line = Start::new(first, width);
    for paragraph in words(text) {
        for word in paragraph {
            if !line.is_empty && line.left < word.width + 1 {
                lines.push(std::mem::replace(&mut line, Start::new(rest, width)).line);
            }
            if !line.is_empty {
                line.push(Span::styled(" ", word.gap), 1);
            }
            for piece in word.pieces {
                place(piece, &mut line, &mut lines, rest, width);
            }
        }
        lines.push(std::mem::replace(&mut line, Start::new(rest, width)).line);
    }
    lines
}

/// Breaks a line that must keep its spaces, after a space where there is one not far from the end.
/// What goes on starts after `indent` columns.
pub fn fold(line: Line<'static>, width: usize, indent: usize) -> Vec<Line<'static>> {
    if line.width() <= width {
        return vec![line];
    }
    let rest = [Span::raw(" ".repeat(indent.min(width / 2)))];
    let mut lines = Vec::new();
    let mut start = Start::new(&[], width);
    for span in line.spans {
        for piece in span.content.split_inclusive(' ') {
            let near_the_end = start.left < width / 3;
            if near_the_end && piece.trim_end().width() > start.left {
                lines.push(std::mem::replace(&mut start, Start::new(&rest, width)).line);
            }
            // A space that just does not fit is not worth a line.
            let bare = piece.trim_end();
            let piece = if piece.width() > start.left && bare.width() <= start.left { bare } else { piece };
            place(Span::styled(piece.to_string(), span.style), &mut start, &mut lines, &rest, width);
        }
    }
    lines.push(start.line);
    lines
}

/// Text cut to a width, with an ellipsis where something is missing.
pub fn truncate(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let columns = c.width().unwrap_or(0);
        let fits = columns <= left;
        left = left.saturating_sub(columns);
        fits
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// Text cut to a width from its beginning, where its end says more.
pub fn truncate_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let reversed: String = text.chars().rev().collect();
    truncate(&reversed, width).chars().rev().collect()
}

/// A line under construction.
struct Start {
    line: Line<'static>,
    left: usize,
    is_empty: bool,
}

impl Start {
    fn new(prefix: &[Span<'static>], width: usize) -> Start {
        let line = Line::from(prefix.to_vec());
        Start { left: width.saturating_sub(line.width()).max(1), line, is_empty: true }
    }

    fn push(&mut self, span: Span<'static>, width: usize) {
        self.line.spans.push(span);
        self.left = self.left.saturating_sub(width);
        self.is_empty = false;
    }
}

/// Puts a piece on the line, and on further lines where it does not fit.
fn place(
    piece: Span<'static>,
    line: &mut Start,
    lines: &mut Vec<Line<'static>>,
    rest: &[Span<'static>],
    width: usize,
) {
    let columns = piece.width();
    if columns <= line.left {
        line.push(piece, columns);
        return;
    }
    let mut part = String::new();
    let mut part_columns = 0;
    for c in piece.content.chars() {
        let columns = c.width().unwrap_or(0);
        if part_columns + columns > line.left && !(line.is_empty && part.is_empty()) {
            line.push(Span::styled(std::mem::take(&mut part), piece.style), part_columns);
            lines.push(std::mem::replace(line, Start::new(rest, width)).line);
            part_columns = 0;
        }
        part.push(c);
        part_columns += columns;
    }
    line.push(Span::styled(part, piece.style), part_columns);
}

/// The words of each paragraph, a paragraph ending at a line break.
fn words(text: &[Span<'static>]) -> Vec<Vec<Word>> {
    let mut paragraphs = vec![Vec::new()];
    let mut word = Word::default();
    let finish = |word: &mut Word, paragraphs: &mut Vec<Vec<Word>>| {
        if !word.pieces.is_empty()
            && let Some(paragraph) = paragraphs.last_mut()
        {
            paragraph.push(std::mem::take(word));
        }
    };
    for span in text {
        for piece in span.content.split_inclusive([' ', '\n']) {
            let bare = piece.trim_end_matches([' ', '\n']);
            if !bare.is_empty() {
                word.width += bare.width();
                word.pieces.push(Span::styled(bare.to_string(), span.style));
            }
            if piece.len() > bare.len() {
                finish(&mut word, &mut paragraphs);
                // A gap takes the style of the span that it stands in, so that underlines run on.
                word.gap = span.style;
            }
            if piece.ends_with('\n') {
                paragraphs.push(Vec::new());
            }
        }
    }
    finish(&mut word, &mut paragraphs);
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line<'static>]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_wrap_and_a_change_of_style_breaks_no_word() {
        let text = [Span::raw("a join"), Span::raw("ed word and more")];
        let lines = wrap(&text, 10, &[Span::raw("• ")], &[Span::raw("  ")]);
        assert_eq!(texts(&lines), ["• a joined", "  word and", "  more"]);
    }

    #[test]
    fn what_is_longer_than_a_line_is_broken() {
        assert_eq!(texts(&wrap(&[Span::raw("abcdefgh ij")], 3, &[], &[])), ["abc", "def", "gh", "ij"]);
        assert_eq!(texts(&fold(Line::from("let x = 1234;"), 8, 2)), ["let x = ", "  1234;"]);
        assert_eq!(texts(&fold(Line::from("// a synchronous call"), 16, 2)), ["// a synchronous", "  call"]);
        assert_eq!(texts(&fold(Line::from("unbreakable_name"), 8, 2)), ["unbreaka", "  ble_na", "  me"]);
        assert_eq!(texts(&wrap(&[Span::raw("日本語")], 1, &[], &[])), ["日", "本", "語"]);
        assert_eq!(texts(&wrap(&[Span::raw("one\ntwo")], 9, &[], &[])), ["one", "two"]);
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(truncate("tokio::spawn", 8), "tokio::…");
        assert_eq!(truncate_start("tokio::spawn", 8), "…::spawn");
        assert_eq!((truncate("ab", 2).as_str(), truncate("abc", 0).as_str()), ("ab", ""));
        assert_eq!(truncate("日本語", 4), "日…");
    }
}
