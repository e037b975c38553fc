//! What its work tells.

use std::sync::Arc;

use zenith_core::workspace::Snapshot;
use zenith_core::workspace::sync::Synced;

use super::desk::Desk;
use super::form::Field;
use super::rows::listed;
use super::work::{Drafted, Kept, SyncFailed};
use super::{Effect, Message, Notes, keys};
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::Seen;
use crate::notes::meeting;
use crate::notes::text::joined;
use crate::text::clean_line;

impl Notes {
    pub fn take_message(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Opened(opened) => self.take_opened(opened, out),
            Message::Moment(snapshot) => self.take_moment(snapshot),
            Message::File(stands) => self.file = stands,
            Message::Standings { generation, standings } => {
                return self.standings.arrive(generation, standings);
            }
            Message::Found { generation, found } => {
                let is_current = self.found.arrive(generation, found);
                if is_current {
                    let selected = self.selected().filter(|_| self.cursor.selected > 0);
                    let selected = selected.map(|note| note.id.clone());
                    self.refresh(selected.as_deref());
                }
                return is_current;
            }
            Message::Kept(kept) => self.take_kept(kept, out),
            Message::Drafted(drafted) => self.take_drafted(drafted, seen, out),
            Message::Removed(Ok(told)) => out.done(told),
            Message::Removed(Err(why)) => out.wrong(&why),
            Message::Synced { place, join, synced } => self.take_synced(place, join, synced, out),
        }
        true
    }

    fn take_opened(&mut self, opened: Result<Option<(Desk, Arc<Snapshot>)>, String>, out: &mut Out<Effect>) {
        match opened {
            Ok(Some((desk, snapshot))) => {
                (self.desk, self.trouble) = (desk, None);
                self.take_moment(snapshot);
            }
            Ok(None) => {
                (self.is_asked, self.trouble) = (false, None);
                self.take_moment(Arc::default());
                // The first one may have been kept meanwhile.
                if self.select_next.is_some() {
                    self.open_first(out);
                }
            }
            Err(why) => (self.is_asked, self.trouble) = (false, Some(clean_line(&why))),
        }
    }

    fn take_moment(&mut self, snapshot: Arc<Snapshot>) {
        let stood = self.selected().map(|note| note.id.clone());
        self.all = listed(&snapshot);
        self.problems = snapshot.problems.values().flatten().cloned().collect();
        self.shows_problems &= !self.problems.is_empty();
        self.snapshot = Some(snapshot);
        let is_there = |id: &String| self.all.iter().any(|note| note.id == *id);
        let selected = self.select_next.take_if(|id| is_there(id)).or(stood);
        self.refresh(selected.as_deref());
    }

    fn take_kept(&mut self, kept: Result<Kept, String>, out: &mut Out<Effect>) {
        if let Some(form) = &mut self.form {
            form.is_keeping = false;
        }
        match kept {
            Ok(Kept { id, told }) => {
                self.filter.reset();
                self.select_next = Some(id);
                // It may be there already.
                if let Some(snapshot) = self.snapshot.clone() {
                    self.take_moment(snapshot);
                }
                self.leave_form(out);
                out.done(told);
                self.open_first(out);
            }
            Err(why) => match &mut self.form {
                Some(form) => form.take_wrong(Field::On, &why),
                None => out.wrong(&why),
            },
        }
    }

    /// Opens the notes of which the first was written just now.
    fn open_first(&mut self, out: &mut Out<Effect>) {
        if !self.desk.is_open() && !self.is_asked {
            self.is_asked = true;
            out.work(Effect::Open);
        }
    }

    fn take_drafted(
        &mut self,
        drafted: Result<Box<Drafted>, String>,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) {
        match drafted {
            Err(why) => out.wrong(&why),
            // Who went elsewhere meanwhile has the screen for something else.
            Ok(_) if !seen.is_shown || self.form.is_some() => {}
            Ok(drafted) => {
                out.compose(joined(&drafted.title, &drafted.body), "md");
                self.drafted = Some(drafted);
            }
        }
    }

    fn take_synced(
        &mut self,
        place: String,
        join: bool,
        synced: Result<Synced, SyncFailed>,
        out: &mut Out<Effect>,
    ) {
        self.syncing = None;
        match synced {
            Ok(synced) => {
                out.done(meeting::told(&synced));
                meeting::lacks(&synced).iter().for_each(|lack| out.wrong(lack));
                self.open_first(out);
            }
            Err(SyncFailed::OtherDocument) if !join => {
                self.joins = Some(place);
                let told = "take up the notes that lie there, and put yours to them";
                let choices =
                    vec![Choice::does('j', "join", told, keys::JOIN_NOW), Choice::leaves("they stay apart")];
                out.choose(Menu { title: " Other notes than yours lie there ", choices });
            }
            Err(SyncFailed::OtherDocument) => out.wrong("other notes than yours lie there"),
            Err(SyncFailed::Because(why)) => out.wrong(&why),
        }
    }
}
