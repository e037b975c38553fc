//! What changes it: keys, and what follows from the whole.

use tui_input::Input;
use zenith_core::publish::{AuthoredId, Kind, Route, Status, WidgetType, route};

use super::state::{For, Run, Typed, Writing};
use super::work::Written;
use super::{Effect, Instances, NOT_OPEN, Side, keys, named, page};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::parts::paint::Painter;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::text::escaped_json;

impl Instances {
    pub fn can_do(&self, action: Action) -> bool {
        match action {
            keys::PUBLISH => {
                !self.standings().is_empty() && self.run.is_none() && self.side == Side::Authored
            }
            keys::STOP => self.run.as_ref().is_some_and(|run| !run.is_stopping),
            keys::STATUS => self.standing().is_some(),
            keys::ROLLBACK => self.run.is_none() && self.standing().is_some_and(|of| of.sequence.is_some()),
            keys::VERIFY => self.has_published() && !(self.live.is_pending() && self.comparisons.1),
            Action::Copy | Action::Compose => self.selected().is_some(),
            keys::AGAIN => self.unkept.is_some(),
            Action::Open => self.typed.is_some() || self.pane == Pane::Input || !self.rows.is_empty(),
            _ => true,
        }
    }

    fn has_published(&self) -> bool {
        self.standings().iter().any(|of| of.sequence.is_some())
    }

    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.typed.is_some() {
            return self.act_in_line(action, seen, out);
        }
        let areas = self.areas(seen.area, seen.is_roomy);
        match action {
            Action::Move(motion) if self.pane == Pane::Preview => {
                self.page.scroll(motion, areas.preview_height())
            }
            Action::Move(motion) => self.cursor.step(motion, self.rows.len(), areas.list_height()),
            Action::Scroll(motion) => self.page.scroll(motion, areas.preview_height()),
            Action::Open if self.pane == Pane::Input => self.pane = Pane::List,
            Action::Open | Action::Forward if !self.rows.is_empty() => self.pane = Pane::Preview,
            Action::Back | Action::Escape => self.go_out(),
            Action::Find => self.pane = Pane::Input,
            Action::Copy => self.offer_copies(out),
            Action::Compose => self.begin_writing(seen, out),
            keys::AGAIN => self.write_again(out),
            keys::NEW => self.typed = Some(Typed { of: For::New, line: Input::new(self.beginning()) }),
            keys::SIDE => {
                self.side = if self.side == Side::Authored { Side::Workspace } else { Side::Authored };
                (self.pane, self.cursor.selected) = (Pane::List, 0);
                self.filter.reset();
                self.refresh(None);
                self.own.rest();
            }
            keys::STATUS => self.ask_status(out),
            keys::ROLLBACK if self.can_do(keys::ROLLBACK) => {
                if let Some(of) = self.standing() {
                    let of = For::Number(of.public_id.clone());
                    self.typed = Some(Typed { of, line: Input::default() });
                }
            }
            keys::VERIFY if self.can_do(keys::VERIFY) => self.comparisons = (self.comparisons.0 + 1, true),
            Action::Own(keys::PUBLISHED) => self.set_status(Status::Published, out),
            Action::Own(keys::UNPUBLISHED) => self.set_status(Status::Unpublished, out),
            Action::Own(keys::DEPRECATED) => self.set_status(Status::Deprecated, out),
            _ => self.act_on_publication(action, seen, out),
        }
    }

    fn act_on_publication(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match action {
            keys::PUBLISH if self.side == Side::Workspace => {
                out.done("a user's instance is not published: it is what its workspace says");
            }
            keys::PUBLISH if self.can_do(keys::PUBLISH) => {
                let id = self.standing().map(|of| of.public_id.clone());
                out.work(Effect::Plan { desk: self.desk.clone(), id });
            }
            Action::Own(keys::PUBLISH_ONE) => {
                if let Some((id, _)) = self.planned.take().and_then(|planned| planned.one) {
                    self.publish(Effect::Publish { ids: vec![id] }, seen, out);
                }
            }
            Action::Own(keys::PUBLISH_ALL) => {
                self.planned = None;
                self.publish(Effect::Publish { ids: Vec::new() }, seen, out);
            }
            keys::STOP => self.stop_publishing(out),
            _ => {}
        }
    }

    fn publish(&mut self, effect: Effect, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.run.is_none() {
            self.run = Some(Run { since: seen.now, planned: None, is_stopping: false });
            out.work(effect);
        }
    }

    pub fn stop_publishing(&mut self, out: &mut Out<Effect>) {
        if let Some(run) = self.run.as_mut().filter(|run| !run.is_stopping) {
            run.is_stopping = true;
            out.work(Effect::StopPublishing);
        }
    }

    fn act_in_line(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match action {
            Action::Escape => self.typed = None,
            Action::Open => {
                let Some(Typed { of, line }) = self.typed.take() else { return };
                let taken = match &of {
                    For::New => self.begin_new(line.value(), seen, out),
                    For::Number(id) => self.go_back_to(id, line.value(), seen, out),
                };
                if let Err(why) = taken {
                    out.wrong(&why);
                    self.typed = Some(Typed { of, line });
                }
            }
            _ => {}
        }
    }

    /// What the line of a new one begins with.
    fn beginning(&self) -> String {
        match self.side {
            Side::Authored => "wgt_curated_".to_string(),
            Side::Workspace => "wgt_".to_string(),
        }
    }

    fn begin_new(&mut self, line: &str, seen: &Seen<'_>, out: &mut Out<Effect>) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let id = route(words.next().unwrap_or_default()).map_err(|error| error.to_string())?;
        let widget_type =
            words.next().map(WidgetType::parse).transpose().map_err(|error| error.to_string())?;
        if matches!(&id, Route::Authored(id) if id.kind() == Kind::Curated) && widget_type.is_none() {
            return Err("say its type behind a blank, as wgt_curated_spring hero".to_string());
        }
        let name = named(&id);
        let is_there = self.standings().iter().any(|of| of.public_id.to_string() == name)
            || self.users().iter().any(|of| of.public_id.to_string() == name);
        if is_there {
            return Err(format!("{name} is there already; e on it writes it"));
        }
        self.compose(Writing { id, widget_type }, "{\n}\n".to_string(), seen, out)
    }

    fn go_back_to(
        &mut self,
        id: &AuthoredId,
        line: &str,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) -> Result<(), String> {
        let sequence =
            line.trim().parse().map_err(|_| "write the number that its history tells".to_string())?;
        if !seen.world.is_open() {
            return Err(NOT_OPEN.to_string());
        }
        self.publish(Effect::Rollback { id: id.clone(), sequence }, seen, out);
        Ok(())
    }

    fn begin_writing(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let config = match (self.detailed(), self.user()) {
            (Some(Ok(detail)), _) => {
                Some((Route::Authored(detail.instance.public_id.clone()), &detail.instance.config))
            }
            (_, Some(user)) => Some((Route::User(user.public_id.clone()), &user.config)),
            _ => None,
        };
        let Some((id, config)) = config else {
            return out.done("nothing that could be written is selected, or it is being read");
        };
        let text = serde_json::to_string_pretty(config).unwrap_or_default() + "\n";
        if let Err(why) = self.compose(Writing { id, widget_type: None }, text, seen, out) {
            out.wrong(&why);
        }
    }

    fn compose(
        &mut self,
        writing: Writing,
        text: String,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) -> Result<(), String> {
        if !seen.world.is_open() {
            return Err(NOT_OPEN.to_string());
        }
        self.writing = Some(writing);
        out.compose(text, "json");
        Ok(())
    }

    /// What was written and could not be kept stands in the editor again.
    fn write_again(&mut self, out: &mut Out<Effect>) {
        if let Some(Written { id, widget_type, text }) = self.unkept.clone() {
            self.writing = Some(Writing { id, widget_type });
            out.compose(text, "json");
        }
    }

    pub fn take_composed(&mut self, written: Result<String, String>, out: &mut Out<Effect>) {
        match (written, self.writing.take()) {
            (Err(why), _) => out.wrong(&why),
            (Ok(text), Some(Writing { id, widget_type })) => {
                let written = Written { id, widget_type, text };
                out.work(Effect::Save { desk: self.desk.clone(), written });
            }
            (Ok(_), None) => {}
        }
    }

    fn set_status(&self, status: Status, out: &mut Out<Effect>) {
        if let Some(of) = self.standing() {
            out.work(Effect::SetStatus { desk: self.desk.clone(), id: of.public_id.clone(), status });
        }
    }

    fn ask_status(&self, out: &mut Out<Effect>) {
        let Some(of) = self.standing() else { return };
        let id = &of.public_id;
        let known = [
            ('d', "deprecate", Status::Deprecated, "readers get the baseline of its type", keys::DEPRECATED),
            (
                'u',
                "withdraw",
                Status::Unpublished,
                "readers are told that it is withdrawn",
                keys::UNPUBLISHED,
            ),
            ('p', "publish", Status::Published, "readers get it", keys::PUBLISHED),
        ];
        // Nothing stands in for a baseline.
        let fits =
            |status| status != of.status && (status != Status::Deprecated || id.kind() == Kind::Curated);
        let mut choices: Vec<Choice> = known
            .into_iter()
            .filter(|(_, _, status, ..)| fits(*status))
            .map(|(key, name, _, becomes, does)| Choice::does(key, name, format!("{id}: {becomes}"), does))
            .collect();
        choices.push(Choice::leaves(format!("it stays {}", of.status.as_str())));
        out.choose(Menu { title: " From the next publication on ", choices });
    }

    fn offer_copies(&self, out: &mut Out<Effect>) {
        let Some(id) = self.selected() else { return };
        let mut choices = vec![Choice::copies('y', "id", id)];
        let config = match (self.detailed(), self.user()) {
            (Some(Ok(detail)), _) => Some(&detail.instance.config),
            (_, user) => user.map(|user| &user.config),
        };
        if let Some(config) = config.and_then(|config| serde_json::to_string(config).ok()) {
            choices.push(Choice::copies('c', "configuration", escaped_json(&config)));
        }
        out.choose(Menu { title: " Copy ", choices });
    }

    /// One step back: from the page to the list, out of what was typed.
    fn go_out(&mut self) {
        match self.pane {
            Pane::Preview => self.pane = Pane::List,
            Pane::List | Pane::Input => {
                self.pane = Pane::List;
                let selected = self.selected();
                self.filter.reset();
                self.refresh(selected.as_deref());
            }
        }
    }

    /// Asks for what shows and is not there.
    pub fn keep_up(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if !self.is_shown {
            self.looks += 1;
            // Whoever could not be reached may be by now.
            self.comparisons.0 += usize::from(matches!(self.live.value(), Some(Err(_))));
        }
        if let Some(generation) = self.look.want(self.looks) {
            out.work(Effect::Look { generation, desk: self.desk.clone() });
        }
        if let Some(file) = self.looked.as_ref().and_then(|looked| looked.file.clone())
            && !std::mem::replace(&mut self.is_watching, true)
        {
            out.work(Effect::Watch(file));
        }
        // The network fills this in beside the screen; what was never published has nothing there.
        if self.has_published()
            && let Some(generation) = self.live.want(self.comparisons)
        {
            out.work(Effect::Compare { generation, deep: self.comparisons.1 });
        }
        match self.side {
            Side::Workspace => {
                let session = seen.world.home.session.as_ref().map(|session| session.id.clone());
                if let Some(generation) = self.own.want((self.looks, session)) {
                    out.work(Effect::Users { generation });
                }
            }
            Side::Authored => {
                if let Some(id) = self.standing().map(|of| of.public_id.clone())
                    && let Some(generation) = self.detail.want((self.answers, id.clone()))
                {
                    out.work(Effect::Detail { generation, desk: self.desk.clone(), id });
                }
            }
        }
    }

    /// Puts everything in bounds, and lays out the page of what is selected.
    pub fn lay_out(&mut self, seen: &Seen<'_>) {
        let areas = self.areas(seen.area, seen.is_roomy);
        self.cursor.settle(self.rows.len(), areas.list_height());
        let selected = self.selected();
        let width = usize::from(areas.preview.width);
        let lines = match width {
            0 => Vec::new(),
            _ => page::page(self, seen, &Painter { theme: seen.theme, width, highlighter: None }),
        };
        if self.shown != selected {
            self.shown = selected;
            self.page.offset = 0;
        }
        self.page.lay_out(lines, areas.preview_height());
        if self.pane == Pane::Preview && areas.preview.height == 0 {
            self.pane = Pane::List;
        }
    }
}
