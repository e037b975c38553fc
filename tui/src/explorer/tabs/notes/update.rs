//! What changes it: keys, and what follows from the whole.

use tui_input::Input;

use super::form::{Field, Form};
use super::state::PageKey;
use super::work::On;
use super::{Effect, Notes, keys, page};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::paint::Painter;
use crate::explorer::parts::place::Place;
use crate::explorer::parts::tree::Item;
use crate::explorer::tabs::actions::Action;
use crate::explorer::tabs::{Seen, Tab};
use crate::notes::meeting;
use crate::notes::text::joined;
use crate::notes::told::short;
use crate::text::{clean, clean_line};

impl Notes {
    pub fn can_do(&self, action: Action) -> bool {
        match action {
            keys::CHANGE | keys::DELETE | Action::Copy => self.selected().is_some(),
            Action::Compose => match &self.form {
                Some(form) => form.id.is_none(),
                None => self.meets.is_none() && self.pane != Pane::Input && self.selected().is_some(),
            },
            Action::Follow => self.selected().is_some_and(|note| note.target.is_some()),
            keys::KEEP => self.form.is_some(),
            keys::SYNC => self.syncing.is_none(),
            keys::PROBLEMS => self.shows_problems || !self.problems.is_empty(),
            Action::Find => !self.shows_problems && !self.all.is_empty(),
            Action::Open => {
                self.form.is_some() || self.meets.is_some() || self.pane == Pane::Input || self.len() > 0
            }
            _ => true,
        }
    }

    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.form.is_some() {
            return self.act_in_form(action, seen, out);
        }
        if self.meets.is_some() {
            return self.act_in_place(action, seen, out);
        }
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.pane == Pane::Preview => {
                self.page.scroll(motion, areas.preview_height())
            }
            Action::Move(motion) => {
                let len = self.len();
                self.cursor.step(motion, len, areas.list_height());
            }
            Action::Scroll(motion) => self.page.scroll(motion, areas.preview_height()),
            Action::Open if self.pane == Pane::Input => self.pane = Pane::List,
            Action::Open | Action::Forward if self.len() > 0 => self.pane = Pane::Preview,
            Action::Back | Action::Escape => self.go_out(),
            Action::Find if self.can_do(Action::Find) => self.pane = Pane::Input,
            Action::Note => self.form = Some(Form::new()),
            keys::CHANGE => self.form = self.note().map(|note| Form::of(&note)),
            Action::Compose => self.begin_writing(seen, out),
            keys::DELETE => self.ask_delete(out),
            Action::Own(keys::DELETE_NOW) => {
                if let Some(id) = self.selected().map(|note| note.id.clone()) {
                    out.work(Effect::Remove { desk: self.desk.clone(), id });
                }
            }
            Action::Follow => self.follow(seen, out),
            Action::Copy => self.offer_copies(out),
            keys::SYNC if self.syncing.is_none() => self.meets = Some(Input::new(self.place.clone())),
            Action::Own(keys::JOIN_NOW) => {
                if let Some(place) = self.joins.take() {
                    self.sync(place, true, seen, out);
                }
            }
            keys::PROBLEMS => {
                self.shows_problems = !self.shows_problems && !self.problems.is_empty();
                (self.pane, self.cursor.selected) = (Pane::List, 0);
            }
            _ => {}
        }
    }

    fn act_in_form(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(form) = &mut self.form else { return };
        match action {
            Action::Move(Motion::Lines(lines)) => form.step(lines),
            Action::Open if form.go_on() => {}
            Action::Open | keys::KEEP => self.keep(None, seen, out),
            Action::Compose if form.id.is_none() && !form.is_keeping => {
                let (title, body) = form.text();
                out.compose(joined(&title, &body), "md");
            }
            Action::Escape => self.leave_form(out),
            _ => {}
        }
    }

    fn act_in_place(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match action {
            Action::Open => {
                let place = self.meets.take().map(|line| line.value().trim().to_owned()).unwrap_or_default();
                self.place.clone_from(&place);
                self.sync(place, false, seen, out);
            }
            Action::Escape => self.meets = None,
            _ => {}
        }
    }

    /// Leaves the lines, and goes back to where one came from.
    pub fn leave_form(&mut self, out: &mut Out<Effect>) {
        if self.form.take().is_some_and(|form| form.is_from_elsewhere) {
            out.go_back();
        }
    }

    /// Keeps what stands in the lines, or what was written in the editor, where it can be kept.
    pub fn keep(&mut self, written: Option<&str>, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(form) = self.form.as_mut().filter(|form| !form.is_keeping) else { return };
        if !seen.world.is_open() {
            return out.wrong("the data folder is not open yet; try again in a moment");
        }
        let given = match written {
            Some(text) => form.written(text),
            None => form.given(),
        };
        let Some(given) = given else {
            if form.wrong().is_none() {
                form.take_wrong(Field::Title, "nothing was written; a note has a first line");
            }
            return;
        };
        let is_unchanged = given.title.is_none() && given.tags.is_none() && given.on == On::Same;
        if given.id.is_some() && is_unchanged {
            return self.leave_form(out);
        }
        form.is_keeping = true;
        let (desk, project) = (self.desk.clone(), seen.world.project.clone());
        out.work(Effect::Keep { desk, given: Box::new(given), project });
    }

    /// Has the selected note written in the editor.
    fn begin_writing(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match self.selected().map(|note| note.id.clone()) {
            None => out.done("no note is selected"),
            Some(_) if !seen.world.is_open() => {
                out.wrong("the data folder is not open yet; try again in a moment");
            }
            Some(id) => out.work(Effect::Draft { desk: self.desk.clone(), id }),
        }
    }

    pub fn take_composed(&mut self, written: Result<String, String>, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let drafted = self.drafted.take();
        match (written, drafted) {
            (Err(why), _) => out.wrong(&why),
            (Ok(written), Some(drafted)) => {
                out.work(Effect::Merge { desk: self.desk.clone(), drafted, written });
            }
            (Ok(written), None) => self.keep(Some(&written), seen, out),
        }
    }

    fn sync(&mut self, place: String, join: bool, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if !seen.world.is_open() {
            return out.wrong("the data folder is not open yet; try again in a moment");
        }
        self.syncing = Some((meeting::shown(&place), seen.now));
        let (desk, folder) = (self.desk.clone(), seen.world.folder.clone());
        out.work(Effect::Sync { desk, place, join, folder });
    }

    fn ask_delete(&mut self, out: &mut Out<Effect>) {
        let Some(note) = self.selected() else { return };
        let told = format!("remove {}, here and wherever it is synchronised to", note.title);
        let choices = vec![Choice::does('d', "delete", told, keys::DELETE_NOW), Choice::leaves("it stays")];
        out.choose(Menu { title: " Delete ", choices });
    }

    fn offer_copies(&self, out: &mut Out<Effect>) {
        let Some(note) = self.note() else { return };
        let mut choices = vec![
            Choice::copies('y', "title", clean_line(note.title)),
            Choice::copies('i', "id", short(note.id)),
        ];
        if !note.body.is_empty() {
            choices.push(Choice::copies('t', "text", clean(note.body)));
        }
        if let Some(item) = note.target.item.or(note.target.package) {
            choices.push(Choice::copies('p', "path", clean_line(item)));
        }
        out.choose(Menu { title: " Copy ", choices });
    }

    /// Leads to what the selected note speaks of: in the version that is locked by now, else in the one that it was written
    /// at, else in any.
    fn follow(&self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(note) = self.note() else { return };
        let Some(package) = note.target.package else {
            return out.done("this note speaks of nothing in particular");
        };
        let is_locked = |version: &str| {
            seen.world.project.as_ref().is_some_and(|project| {
                project.ids().iter().any(|id| id.name() == package && id.version() == version)
            })
        };
        let likeness = |version: &str| (is_locked(version), Some(version) == note.target.version);
        let of_name =
            seen.world.packages.iter().filter(|entry| entry.id.name() == package && entry.dataset.is_some());
        let Some(entry) = of_name.max_by_key(|entry| likeness(entry.id.version())) else {
            return out.done(format!("{} is not indexed here", clean_line(package)));
        };
        let line = note.target.line.and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
        let item = match (note.target.item, note.target.file) {
            (Some(path), _) => Some(Item::Symbol { id: String::new(), path: path.to_owned(), line: 0 }),
            (None, Some(file)) => Some(Item::Section { file: file.to_owned(), line }),
            (None, None) => None,
        };
        out.go(Place::Package { scope: entry.scope.clone(), id: entry.id.clone(), item });
    }

    /// One step back: from the page to the list, out of the problems, out of what was typed.
    fn go_out(&mut self) {
        match self.pane {
            Pane::Preview => self.pane = Pane::List,
            Pane::List if self.shows_problems => self.shows_problems = false,
            Pane::List | Pane::Input => {
                self.pane = Pane::List;
                let selected = self.selected().map(|note| note.id.clone());
                self.filter.reset();
                self.refresh(selected.as_deref());
            }
        }
    }

    /// Goes to the notes, or to the lines of a new one.
    pub fn go(&mut self, place: &Place, _seen: &Seen<'_>) -> bool {
        match place {
            Place::NewNote { scope, id, item } => {
                self.form = Some(Form::about(scope.clone(), id.clone(), item.clone()));
                true
            }
            Place::Within { tab, .. } => *tab == Notes::NAME,
            _ => false,
        }
    }

    /// Asks for what shows and is not there.
    pub fn keep_up(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        // Another process may have written the first one meanwhile.
        let comes = seen.is_shown && !self.is_shown;
        let is_unknown = !self.is_asked && self.snapshot.is_none() && self.trouble.is_none();
        if !self.desk.is_open() && (is_unknown || (comes && !self.is_asked)) {
            self.is_asked = true;
            out.work(Effect::Open);
        }
        let Some(snapshot) = self.snapshot.clone().filter(|_| seen.is_shown) else { return };
        let generation = snapshot.generation;
        match &seen.world.project {
            Some(project) => {
                if let Some(asked) = self.standings.want((generation, seen.world.revision)) {
                    let project = project.clone();
                    out.work(Effect::Standings { generation: asked, snapshot, project });
                }
            }
            None => self.standings.clear(),
        }
        let words = self.words().to_owned();
        if words.is_empty() || !self.desk.is_open() {
            self.found.rest();
        } else if let Some(asked) = self.found.want((words.clone(), generation)) {
            out.work(Effect::Find { generation: asked, desk: self.desk.clone(), words });
        }
    }

    /// Puts everything in bounds, and lays the page out where it is of something else than before.
    pub fn lay_out(&mut self, seen: &Seen<'_>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        let len = self.len();
        self.cursor.settle(len, areas.list_height());
        let selected = match self.shows_problems {
            true => Some(format!("problem {}", self.cursor.selected)),
            false => self.selected().map(|note| note.id.clone()),
        };
        let key = PageKey {
            generation: self.snapshot.as_ref().map_or(0, |snapshot| snapshot.generation),
            standing: selected.as_deref().and_then(|id| self.standing(id)).cloned(),
            selected,
            width: areas.preview.width,
            theme: seen.theme,
        };
        if self.laid_out.as_ref() != Some(&key) {
            let is_another = self.laid_out.as_ref().is_none_or(|before| before.selected != key.selected);
            let painter = Painter { theme: seen.theme, width: usize::from(key.width), highlighter: None };
            let lines = if key.width > 0 { page::page(self, seen, &painter) } else { Vec::new() };
            if is_another {
                self.page.offset = 0;
            }
            self.page.lay_out(lines, areas.preview_height());
            self.laid_out = Some(key);
        } else {
            let lines = std::mem::take(&mut self.page.lines);
            self.page.lay_out(lines, areas.preview_height());
        }
        if self.pane == Pane::Preview && areas.preview.height == 0 {
            self.pane = Pane::List;
        }
    }
}
