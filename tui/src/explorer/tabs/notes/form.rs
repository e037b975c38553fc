//! A note in lines, as it is made or changed.

use ratatui::layout::{Position, Rect};
use tui_input::Input;
use zenith_core::identity::Scope;
use zenith_core::package::PackageId;
use zenith_core::workspace::Note;

use super::work::{Given, On};
use crate::explorer::parts::areas::take_top;
use crate::explorer::parts::tree::Item;
use crate::notes::text::{one_line, split, tags, titled};
use crate::text::clean_line;

/// The heading and a blank stand before the lines.
const ROWS_BEFORE: u16 = 2;

/// A line of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Title,
    Text,
    On,
    Tags,
}

/// What cannot stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong {
    field: Field,
    why: String,
    /// The line that this is about: another one may be right.
    of: String,
}

#[derive(Debug, Default)]
pub struct Form {
    /// The note that is changed; none where it is new.
    pub id: Option<String>,
    title: Input,
    text: Input,
    on: Input,
    tags: Input,
    /// The lines as they stood at first: what is as it was is not written.
    before: [String; 4],
    /// What the line of what it speaks of stood for at first.
    known: Option<(Scope, PackageId, Option<Item>)>,
    pub field: Field,
    wrong: Option<Wrong>,
    /// It is being kept: its answer is still to come.
    pub is_keeping: bool,
    /// One came to it from elsewhere, and goes back there.
    pub is_from_elsewhere: bool,
}

impl Field {
    pub fn name(self) -> &'static str {
        match self {
            Field::Title => "Title",
            Field::Text => "Text",
            Field::On => "About",
            Field::Tags => "Tags",
        }
    }

    /// What stands in an empty line.
    pub fn hint(self) -> &'static str {
        match self {
            Field::Title => "one line",
            Field::Text => "more of it, in Markdown; Alt-e writes all of it in your editor",
            Field::On => "tokio, tokio@1.48.0 or tokio::task::spawn; nothing in particular where it is empty",
            Field::Tags => "words, with blanks between them",
        }
    }
}

impl Form {
    /// For a new note about nothing in particular.
    pub fn new() -> Form {
        Form::default()
    }

    /// For a new note about a package, or about something in it.
    pub fn about(scope: Scope, id: PackageId, item: Option<Item>) -> Form {
        let on = match &item {
            Some(Item::Symbol { path, .. }) => clean_line(path),
            Some(Item::Section { file, line }) => format!("{id} {}:{line}", clean_line(file)),
            Some(Item::Group) | None => id.to_string(),
        };
        let known = Some((scope, id, item));
        Form { on: Input::new(on), known, is_from_elsewhere: true, ..Form::default() }.begun()
    }

    /// For a change of a note. Its text is written in the editor.
    pub fn of(note: &Note<'_>) -> Form {
        let on = note.target.package.map(|package| {
            let version = note.target.version.map_or(String::new(), |version| format!("@{version}"));
            note.target.item.map_or_else(|| format!("{package}{version}"), str::to_owned)
        });
        let tags: Vec<&str> = note.tags.iter().copied().collect();
        let line = |text: &str| Input::new(clean_line(text));
        Form {
            id: Some(note.id.to_owned()),
            title: line(note.title),
            on: line(&on.unwrap_or_default()),
            tags: line(&tags.join(" ")),
            ..Form::default()
        }
        .begun()
    }

    fn begun(mut self) -> Form {
        self.before = [&self.title, &self.text, &self.on, &self.tags].map(|line| line.value().to_owned());
        self
    }

    /// The lines that it has.
    pub fn fields(&self) -> &'static [Field] {
        match self.id {
            Some(_) => &[Field::Title, Field::On, Field::Tags],
            None => &[Field::Title, Field::Text, Field::On, Field::Tags],
        }
    }

    pub fn line(&self, field: Field) -> &Input {
        match field {
            Field::Title => &self.title,
            Field::Text => &self.text,
            Field::On => &self.on,
            Field::Tags => &self.tags,
        }
    }

    /// The line that one types.
    pub fn line_mut(&mut self) -> &mut Input {
        match self.field {
            Field::Title => &mut self.title,
            Field::Text => &mut self.text,
            Field::On => &mut self.on,
            Field::Tags => &mut self.tags,
        }
    }

    /// To the line so many below; the same where there is none.
    pub fn step(&mut self, lines: isize) {
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = fields.get(at.saturating_add_signed(lines)).copied().unwrap_or(self.field);
    }

    /// On to the next line; `false` at the last.
    pub fn go_on(&mut self) -> bool {
        let before = self.field;
        self.step(1);
        self.field != before
    }

    /// What is wrong with a line, as long as it stands as it was.
    pub fn wrong(&self) -> Option<(Field, &str)> {
        let wrong = self.wrong.as_ref().filter(|wrong| self.line(wrong.field).value() == wrong.of)?;
        Some((wrong.field, &wrong.why))
    }

    /// Tells what is wrong below a line, which gets the focus.
    pub fn take_wrong(&mut self, field: Field, why: &str) {
        let of = self.line(field).value().to_owned();
        self.wrong = Some(Wrong { field, why: clean_line(why), of });
        self.field = field;
    }

    /// The note that the lines are. What is in its way is told below its line.
    pub fn given(&mut self) -> Option<Given> {
        let title = match titled(self.title.value()) {
            Ok(title) => title,
            Err(error) => {
                self.take_wrong(Field::Title, &error.to_string());
                return None;
            }
        };
        self.with(title, self.text.value().to_owned())
    }

    /// The same with a title and a text that were written in the editor. Nothing where nothing was written.
    pub fn written(&mut self, text: &str) -> Option<Given> {
        let (title, body) = split(text)?;
        self.with(title, body)
    }

    /// What stands in the lines of title and text, to be written on.
    pub fn text(&self) -> (String, String) {
        (one_line(self.title.value()), self.text.value().to_owned())
    }

    fn with(&mut self, title: String, body: String) -> Option<Given> {
        let tags = match tags(self.tags.value().split_whitespace()) {
            Ok(tags) => tags,
            Err(error) => {
                self.take_wrong(Field::Tags, &error.to_string());
                return None;
            }
        };
        let [title_before, _, on_before, tags_before] = &self.before;
        let (is_new, on) = (self.id.is_none(), self.on.value().trim());
        let on = match &self.known {
            _ if !is_new && on == on_before => On::Same,
            Some((scope, id, item)) if on == on_before => {
                On::Known { scope: scope.clone(), id: id.clone(), item: item.clone() }
            }
            _ if on.is_empty() => On::Nothing,
            _ => On::Typed(on.to_owned()),
        };
        Some(Given {
            id: self.id.clone(),
            title: (is_new || title != *title_before).then_some(title),
            body: is_new.then_some(body),
            tags: (is_new || self.tags.value() != tags_before).then_some(tags),
            on,
        })
    }

    pub fn click(&mut self, at: Position, area: Rect) {
        for (field, place) in self.places(area).0 {
            if place.contains(at) {
                self.field = field;
            }
        }
    }

    /// Where the lines stand, where what is wrong is told, and what is left below.
    pub fn places(&self, mut area: Rect) -> (Vec<(Field, Rect)>, Rect, Rect) {
        take_top(&mut area, ROWS_BEFORE);
        let (mut lines, mut wrong) = (Vec::new(), Rect::default());
        for field in self.fields() {
            lines.push((*field, take_top(&mut area, 1)));
            if self.wrong().is_some_and(|(of, _)| of == *field) {
                wrong = take_top(&mut area, 1);
            }
        }
        take_top(&mut area, 1);
        (lines, wrong, area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(form: &mut Form, lines: [&str; 4]) {
        [form.title, form.text, form.on, form.tags] = lines.map(|line| Input::new(line.to_owned()));
    }

    #[test]
    fn a_new_note_is_what_stands_in_the_lines() {
        let mut form = Form::new();
        assert_eq!(form.given(), None);
        assert_eq!(form.wrong(), Some((Field::Title, "a note has a title that can be seen")));
        typed(&mut form, [" why  so ", "text", "tokio", "#a b"]);
        let given = form.given().unwrap();
        assert_eq!((given.title.as_deref(), given.body.as_deref()), (Some("why so"), Some("text")));
        assert_eq!(given.on, On::Typed("tokio".to_owned()));
        assert_eq!(given.tags.unwrap().into_iter().collect::<Vec<_>>(), ["a", "b"]);
        typed(&mut form, ["t", "", "", ""]);
        assert_eq!(form.given().unwrap().on, On::Nothing);
        assert_eq!(form.written("\n"), None);
        let written = form.written("T\n\none\ntwo\n").unwrap();
        assert_eq!((written.title.as_deref(), written.body.as_deref()), (Some("T"), Some("one\ntwo\n")));
    }

    #[test]
    fn what_it_is_about_is_known_as_long_as_its_line_stands_as_it_was() {
        let id = PackageId::rust("md-5", "1.0.0").unwrap();
        let item = Item::Symbol { id: String::new(), path: "md5::Md5".to_owned(), line: 7 };
        let mut form = Form::about(Scope::Public, id.clone(), Some(item.clone()));
        assert_eq!(form.line(Field::On).value(), "md5::Md5");
        form.title = Input::new("t".to_owned());
        let known = On::Known { scope: Scope::Public, id, item: Some(item) };
        assert_eq!(form.given().unwrap().on, known);
        form.on = Input::new("md5::Md5Core".to_owned());
        assert_eq!(form.given().unwrap().on, On::Typed("md5::Md5Core".to_owned()));
    }

    #[test]
    fn of_a_note_that_there_is_only_what_changed_is_written() {
        let note = Note { id: "1", title: "t", tags: ["a"].into(), ..Note::default() };
        let mut form = Form::of(&note);
        let unchanged = Given { id: Some("1".to_owned()), ..Given::default() };
        assert_eq!(form.given(), Some(unchanged.clone()));
        form.tags = Input::new(String::new());
        assert_eq!(form.given(), Some(Given { tags: Some(Default::default()), ..unchanged }));
    }
}
