//! What a page of the preview is painted with: a theme, a width, and colours for code once they are
//! loaded.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::highlight::{Highlighter, plain};
use super::theme::{Role, Theme};

/// The tools to lay out one page.
#[derive(Clone, Copy)]
pub struct Painter {
    pub theme: Theme,
    /// Columns of the page.
    pub width: usize,
    /// Code is plain without one.
    pub highlighter: Option<&'static Highlighter>,
}

impl Painter {
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub fn span(&self, text: impl Into<String>, role: Role) -> Span<'static> {
        Span::styled(text.into(), self.style(role))
    }

    /// Code of a language, one line each, of any width.
    pub fn code(&self, code: &str, language: &str) -> Vec<Line<'static>> {
        match self.highlighter {
            Some(highlighter) => highlighter.lines(code, language, self.theme),
            None => plain(code),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::super::theme::{Appearance, Depth};
    use super::*;

    /// A painter without colours for code.
    pub fn painter(width: usize) -> Painter {
        let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
        Painter { theme, width, highlighter: None }
    }
}
