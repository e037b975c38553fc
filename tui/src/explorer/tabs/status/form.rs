//! Signing in: two lines, the service and the token that its issuer shows. The token is drawn as dots alone.

use std::fmt;

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use secrecy::SecretString;
use tui_input::Input;

use crate::explorer::parts::areas::take_top;
use crate::explorer::parts::canvas::Canvas;
use crate::explorer::parts::theme::Role;

const NAME_COLUMNS: u16 = 9;
/// A blank, the heading and a blank stand before the lines.
const ROWS_BEFORE: u16 = 2;
const HOW: &str = "Sign in to your issuer in a browser, copy the token that it shows you, and paste it here. It is drawn as \
                   dots, exchanged once for access to your databases, and forgotten.";
const KEYS: &str = "Enter goes on and signs in, ↑ and ↓ change the line, Esc leaves.";

/// A line that is never drawn nor told as it is.
#[derive(Default)]
pub struct Secret(Input);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The line that has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Service,
    Token,
}

#[derive(Debug, Default)]
pub struct Form {
    service: Input,
    token: Secret,
    pub field: Field,
}

impl Form {
    /// With the service as far as it is known.
    pub fn new(service: &str) -> Form {
        let field = if service.is_empty() { Field::Service } else { Field::Token };
        Form { service: Input::new(service.to_string()), token: Secret::default(), field }
    }

    /// The line that one types.
    pub fn line(&mut self) -> &mut Input {
        match self.field {
            Field::Service => &mut self.service,
            Field::Token => &mut self.token.0,
        }
    }

    pub fn service(&self) -> &str {
        self.service.value().trim()
    }

    /// The token, which is taken out of the line; none where nothing stands there.
    pub fn take_token(&mut self) -> Option<SecretString> {
        let token = std::mem::take(&mut self.token.0).value().trim().to_string();
        (!token.is_empty()).then(|| SecretString::from(token))
    }

    pub fn click(&mut self, at: Position, area: Rect) {
        for (field, place) in places(area) {
            if place.contains(at) {
                self.field = field;
            }
        }
    }

    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        canvas.put(area, 0, &Line::from(canvas.span("Sign in", Role::Heading)));
        let dots = "•".repeat(self.token.0.value().chars().count());
        let token = Input::new(dots).with_cursor(self.token.0.cursor());
        for (field, place) in places(area) {
            let (name, line, hint) = match field {
                Field::Service => ("Service", &self.service, "https://zenith.example"),
                Field::Token => ("Token", &token, "the token that your issuer shows you"),
            };
            canvas.put(place, 0, &Line::from(canvas.span(name, Role::Quiet)));
            let x = place.x + NAME_COLUMNS.min(place.width);
            let typed = Rect { x, width: place.right() - x, ..place };
            canvas.input(typed, "› ", line, field == self.field, hint);
        }
        let mut rest = area;
        take_top(&mut rest, ROWS_BEFORE + 3);
        canvas.say(Rect { x: rest.x.saturating_sub(2), ..rest }, Role::Quiet, "", &[HOW, KEYS]);
    }
}

/// Where the lines stand.
fn places(mut area: Rect) -> [(Field, Rect); 2] {
    take_top(&mut area, ROWS_BEFORE);
    [(Field::Service, take_top(&mut area, 1)), (Field::Token, take_top(&mut area, 1))]
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_is_taken_once_and_told_by_nobody() {
        let mut form = Form::new("https://a.example");
        assert_eq!(form.field, Field::Token);
        *form.line() = Input::new("  hunter2 \n".to_string());
        assert!(!format!("{form:?}").contains("hunter2"));
        assert_eq!(form.take_token().unwrap().expose_secret(), "hunter2");
        assert!(form.take_token().is_none() && form.line().value().is_empty());
    }
}
