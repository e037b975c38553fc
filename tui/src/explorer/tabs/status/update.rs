//! What changes it: keys, the mouse, and what its work tells.

use ratatui::layout::Position;

use super::state::Deed;
use super::{Effect, Message, Status, keys, view};
use crate::explorer::parts::areas::inset;
use crate::explorer::parts::entries::Met;
use crate::explorer::parts::listing::Listing;
use crate::explorer::parts::out::Out;
use crate::explorer::parts::paint::Painter;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::explorer::world::INDEXING;
use crate::text::clean_line;

impl Status {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let height = usize::from(seen.area.height);
        match action {
            Action::Move(motion) if self.form.is_some() => self.step_form(motion),
            Action::Move(motion) => self.page.step(motion, height),
            Action::Forward | Action::Back => self.page.step_section(action == Action::Forward, height),
            Action::Open if self.form.is_some() => self.submit(seen, out),
            Action::Open => {
                if let Some(deed) = self.page.selected().and_then(|entry| entry.does) {
                    self.perform(deed, seen, out);
                }
            }
            Action::Escape => self.form = None,
            Action::Copy => {
                if let Some(entry) = self.page.selected() {
                    out.copy(entry.text.clone());
                }
            }
            keys::STOP => self.stop_one(seen, out),
            keys::LEAVE_OFF => self.leave_off(out),
            keys::SIGN_IN => self.open_form(seen, out),
            keys::SIGN_OUT => self.ask_sign_out(seen, out),
            Action::Own(keys::SIGN_OUT_NOW) => self.start_sign_out(seen, out),
            keys::SYNC => self.start_sync(seen, out),
            keys::PUSH => self.ask_push(seen, out),
            Action::Own(keys::PUSH_NOW) => self.start_push(seen, out),
            keys::LOOK if seen.world.home.has_store => self.looks += 1,
            keys::LOOK => out.wrong("no store is set: ZENITH_STORE or `store` in the settings names one"),
            _ => {}
        }
    }

    fn perform(&mut self, deed: Deed, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match deed {
            Deed::Act(action) => self.do_action(action, seen, out),
            Deed::Stop(task) => out.stop(task),
        }
    }

    pub fn take_click(&mut self, at: Position, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        let area = inset(seen.area);
        if let Some(form) = &mut self.form {
            form.click(at, area);
        } else if let Met::Does(deed) = self.page.click(at, area) {
            self.perform(deed, seen, out);
        }
        seen.area.contains(at)
    }

    /// Stops what is selected of what is at work, or the first of it.
    fn stop_one(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let selected = match self.page.selected().and_then(|entry| entry.does) {
            Some(Deed::Stop(task)) => Some(task),
            _ => None,
        };
        let indexing = seen.world.indexing.is_active().then_some(INDEXING);
        let others = seen.tasks.iter().filter(|task| task.stop.is_some()).map(|task| task.name);
        match selected.or(indexing).or_else(|| others.into_iter().next()) {
            Some(task) => out.stop(task),
            None => out.done("nothing is at work"),
        }
    }

    pub fn take_message(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::SignedIn(signed_in) => self.take_signed_in(signed_in, seen, out),
            Message::SignedOut(signed_out) => self.take_signed_out(signed_out, out),
            Message::Synced(synced) => self.take_synced(synced, out),
            Message::Pushing(event) => self.take_pushing(event),
            Message::Pushed(report) => self.take_pushed(report, seen, out),
            Message::Replicas { generation, replicas } => return self.replicas.arrive(generation, replicas),
            Message::Disk { generation, disk } => return self.disk.arrive(generation, disk),
            Message::Looked { generation, look } => {
                return self.store.arrive(generation, look.map_err(|why| clean_line(&why)));
            }
        }
        true
    }

    /// Asks for what the tab shows when it shows, and not before, and lays it out. Adding up files again waits
    /// until indexing has ended.
    pub fn show(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let world = seen.world;
        if world.is_open() {
            let since = world.home.session.as_ref().map(|session| session.id.clone());
            if since.is_some()
                && let Some(generation) = self.replicas.want((self.syncs, since.clone()))
            {
                out.work(Effect::Replicas { generation });
            }
            if world.home.has_store
                && let Some(generation) = self.store.want((self.looks, since))
            {
                out.work(Effect::Look { generation });
            }
            let is_first = self.disk.wanted().is_none();
            if (is_first || !world.indexing.is_active())
                && let Some(generation) = self.disk.want(world.revision)
            {
                out.work(Effect::Measure { generation });
            }
        }
        let place = inset(seen.area);
        let painter = Painter { theme: seen.theme, width: usize::from(place.width), highlighter: None };
        let mut listing = Listing::new(&painter);
        if place.width > 0 {
            view::write(self, seen, &mut listing);
        }
        self.page.lay_out(listing, usize::from(place.height));
    }
}
