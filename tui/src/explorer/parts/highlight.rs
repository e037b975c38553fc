//! Source code in colours. Loading the grammars takes longer than a frame may, so only background
//! tasks ask for a highlighter.

use std::sync::OnceLock;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use syntect::highlighting::{FontStyle, HighlightIterator, HighlightState, Highlighter as Rules};
use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};
use two_face::theme::{EmbeddedLazyThemeSet, EmbeddedThemeName};

use super::theme::{Appearance, Theme};

/// Lines that are highlighted; what follows is plain, since grammars are slow.
const LINES_MAX: usize = 1_500;
/// Longer lines are generated ones, which no grammar makes clearer.
const LINE_BYTES_MAX: usize = 400;

/// Grammars and colour themes.
pub struct Highlighter {
    syntaxes: SyntaxSet,
    themes: EmbeddedLazyThemeSet,
}

static LOADED: OnceLock<Highlighter> = OnceLock::new();

impl Highlighter {
    /// The one highlighter, if it is loaded.
    pub fn loaded() -> Option<&'static Highlighter> {
        LOADED.get()
    }

    /// The one highlighter, loaded now where it is not. Blocks for some tens of milliseconds.
    pub fn load() -> &'static Highlighter {
        LOADED.get_or_init(|| Highlighter {
            syntaxes: two_face::syntax::extra_newlines(),
            themes: two_face::theme::extra(),
        })
    }

    /// Code of a language by its name or file extension, one line each.
    pub fn lines(&self, code: &str, language: &str, theme: Theme) -> Vec<Line<'static>> {
        let name = match theme.appearance {
            Appearance::Dark | Appearance::HighContrastDark | Appearance::HighContrastPainted => {
                EmbeddedThemeName::TwoDark
            }
            Appearance::Light | Appearance::HighContrastLight => EmbeddedThemeName::OneHalfLight,
            Appearance::Monochrome => return plain(code),
        };
        let Some(syntax) = self.syntax(language) else { return plain(code) };
        let rules = Rules::new(self.themes.get(name));
        let mut parser = ParseState::new(syntax);
        let mut state = HighlightState::new(&rules, ScopeStack::new());
        let mut lines = Vec::new();
        for (number, line) in code.lines().enumerate() {
            if number >= LINES_MAX || line.len() > LINE_BYTES_MAX {
                lines.push(Line::from(line.to_string()));
                continue;
            }
            let ended = format!("{line}\n");
            let Ok(operations) = parser.parse_line(&ended, &self.syntaxes) else {
                lines.push(Line::from(line.to_string()));
                continue;
            };
            let pieces = HighlightIterator::new(&mut state, &operations, &ended, &rules);
            let spans = pieces.map(|(style, text)| span(text.trim_end_matches('\n'), style, theme));
            lines.push(spans.filter(|span| !span.content.is_empty()).collect());
        }
        lines
    }

    fn syntax(&self, language: &str) -> Option<&SyntaxReference> {
        self.syntaxes.find_syntax_by_token(language)
    }
}

/// Code without colours, one line each.
pub fn plain(code: &str) -> Vec<Line<'static>> {
    code.lines().map(|line| Line::from(line.to_string())).collect()
}

fn span(text: &str, style: syntect::highlighting::Style, theme: Theme) -> Span<'static> {
    let colour = style.foreground;
    let mut looks = Style { fg: theme.colour(colour.r, colour.g, colour.b), ..Style::default() };
    if style.font_style.contains(FontStyle::ITALIC) {
        looks = looks.add_modifier(Modifier::ITALIC);
    }
    Span::styled(text.to_string(), looks)
}

#[cfg(test)]
mod tests {
    use super::super::theme::Depth;
    use super::*;

    #[test]
    fn code_keeps_its_text_and_gains_colours() {
        let code = "/// Doc.\nfn main() {\n    let text = \"a\";\n}\n";
        let theme = Theme { appearance: Appearance::Dark, depth: Depth::Full };
        let lines = Highlighter::load().lines(code, "rust", theme);
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text, code.lines().collect::<Vec<_>>());
        let colours =
            |line: &Line<'_>| line.spans.iter().filter_map(|span| span.style.fg).collect::<Vec<_>>();
        assert!(colours(&lines[2]).windows(2).any(|pair| pair[0] != pair[1]), "{:?}", lines[2]);
    }

    #[test]
    fn an_unknown_language_is_plain() {
        let theme = Theme { appearance: Appearance::Light, depth: Depth::Palette };
        assert_eq!(Highlighter::load().lines("a b", "no such language", theme), plain("a b"));
    }
}
