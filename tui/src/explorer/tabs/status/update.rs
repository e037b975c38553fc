//! What changes it: keys, the mouse, and what its work tells.

use super::state::{SyncPhase, SyncedDatabase};
use super::{Effect, Message, Status, keys, view};
use crate::explorer::parts::areas::inset;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::{Choice, Chosen, Menu};
use crate::explorer::parts::out::{Logged, Out};
use crate::explorer::parts::paint::Painter;
use crate::explorer::tabs::Seen;
use crate::explorer::tabs::actions::Action;
use crate::text::{clean_line, counted};

impl Status {
    pub fn do_action(&mut self, action: Action, seen: &Seen<'_>, out: &mut Out<Effect>) {
        match action {
            Action::Move(motion) => self.scroll(motion, seen),
            keys::SYNC => self.start_sync(seen, out),
            Action::Copy => offer_log(seen, out),
            _ => {}
        }
    }

    pub fn scroll(&mut self, motion: Motion, seen: &Seen<'_>) {
        self.sheet.scroll(motion, usize::from(seen.area.height));
    }

    pub fn take_message(&mut self, message: Message, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Synced(synced) => {
                self.take_synced(synced, out);
                true
            }
            Message::Replicas { generation, replicas } => self.replicas.arrive(generation, replicas),
            Message::Disk { generation, disk } => self.disk.arrive(generation, disk),
        }
    }

    /// Asks for what the tab shows when it shows, and not before, and lays it out. Adding up files again waits
    /// until indexing has ended.
    pub fn show(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let world = seen.world;
        if world.is_open() {
            if world.home.session.is_some()
                && let Some(generation) = self.replicas.want(self.syncs)
            {
                out.work(Effect::Replicas { generation });
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
        let lines = if place.width > 0 { view::page(self, seen, &painter) } else { Vec::new() };
        self.sheet.lay_out(lines, usize::from(place.height));
    }

    /// Brings the replicas up to date, where somebody is signed in.
    fn start_sync(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.is_syncing() {
            return;
        }
        if !seen.world.is_open() {
            out.wrong("the data folder is not open yet; try again in a moment");
        } else if seen.world.home.session.is_none() {
            out.wrong("nobody is signed in, so that there is nothing to synchronise");
        } else {
            self.sync = SyncPhase::Running(seen.now);
            out.work(Effect::Sync);
        }
    }

    fn take_synced(&mut self, synced: Result<Vec<SyncedDatabase>, String>, out: &mut Out<Effect>) {
        self.syncs += 1;
        self.sync = match synced {
            Err(why) => SyncPhase::Failed(clean_line(&why)),
            Ok(databases) => SyncPhase::Ended(databases.into_iter().map(safe).collect()),
        };
        tell(&self.sync, out);
        out.refresh();
    }
}

/// Lets the user choose what of the log to copy, the newest first.
fn offer_log(seen: &Seen<'_>, out: &mut Out<Effect>) {
    let choice = |logged: &Logged| Choice {
        key: None,
        name: logged.notice.level().to_string(),
        text: logged.notice.text().to_string(),
        does: Chosen::Copy(logged.notice.text().to_string()),
    };
    match seen.log {
        [] => out.done("nothing was said yet"),
        log => out.choose(Menu { title: " Copy ", choices: log.iter().rev().map(choice).collect() }),
    }
}

fn safe(synced: SyncedDatabase) -> SyncedDatabase {
    let outcome = synced.outcome.map_err(|why| clean_line(&why));
    SyncedDatabase { database: clean_line(&synced.database), outcome }
}

/// What a sync brought, in a line.
fn tell(sync: &SyncPhase, out: &mut Out<Effect>) {
    let databases = match sync {
        SyncPhase::Ended(databases) => databases,
        SyncPhase::Failed(why) => return out.wrong(why),
        SyncPhase::Idle | SyncPhase::Running(_) => return,
    };
    let synced = databases.iter().filter_map(|database| database.outcome.as_ref().ok());
    let frames: u64 = synced.map(|synced| synced.frames).sum();
    let failed = |database: &&SyncedDatabase| database.outcome.is_err();
    match databases.iter().find(failed) {
        Some(SyncedDatabase { database, outcome: Err(why) }) => out.wrong(&format!("{database}: {why}")),
        _ => out.done(format!("synchronised: {} came", counted(frames, "frame"))),
    }
}
