//! What keys and answers do to the tab Status.

use zenith_core::catalog::MemberState;
use zenith_core::index::Reached;

use super::{Disk, SyncPhase, SyncedDatabase, page};
use crate::explorer::app::{App, Catalog, Notice, Tab};
use crate::explorer::layout::Areas;
use crate::explorer::message::Effect;
use crate::explorer::paint::Painter;
use crate::text::{clean_line, counted};

impl App {
    /// Brings the replicas up to date, where somebody is signed in.
    pub fn sync(&mut self, effects: &mut Vec<Effect>) {
        if self.status.is_syncing() {
            return;
        }
        if self.catalog != Catalog::Open {
            self.wrong("the data folder is not open yet; try again in a moment".to_string());
        } else if self.status.home.session.is_none() {
            self.wrong("nobody is signed in, so that there is nothing to synchronise".to_string());
        } else {
            self.status.sync = SyncPhase::Running(self.now);
            effects.push(Effect::Sync);
        }
    }

    pub fn take_synced(
        &mut self,
        synced: Result<Vec<SyncedDatabase>, String>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        self.status.syncs += 1;
        self.status.sync = match synced {
            Err(why) => SyncPhase::Failed(clean_line(&why)),
            Ok(databases) => SyncPhase::Ended(databases.into_iter().map(safe).collect()),
        };
        self.notice = Some(told(&self.status.sync));
        effects.extend([Effect::LoadPackages, Effect::Reach(self.project.clone())]);
        true
    }

    /// What is searched on the store shows with what is here.
    pub fn take_reached(&mut self, reached: Result<Reached, String>, effects: &mut Vec<Effect>) -> bool {
        self.status.reached = Some(reached.map_err(|why| clean_line(&why)));
        effects.push(Effect::LoadPackages);
        true
    }

    pub fn take_replicas(&mut self, generation: u64, replicas: Vec<MemberState>) -> bool {
        self.status.replicas.arrive(generation, replicas)
    }

    pub fn take_disk(&mut self, generation: u64, disk: Disk) -> bool {
        self.status.disk.arrive(generation, disk)
    }

    /// Asks for what the tab shows when it shows, and not before. Adding up files again waits until
    /// indexing has ended.
    pub fn want_status(&mut self, effects: &mut Vec<Effect>) {
        if self.tab != Tab::Status || self.catalog != Catalog::Open {
            return;
        }
        if self.status.home.session.is_some()
            && let Some(generation) = self.status.replicas.want(self.status.syncs)
        {
            effects.push(Effect::LoadReplicas { generation });
        }
        let is_first = self.status.disk.wanted().is_none();
        if (is_first || !self.indexing.is_active())
            && let Some(generation) = self.status.disk.want(self.revision)
        {
            effects.push(Effect::Measure { generation });
        }
    }

    pub fn lay_out_status(&mut self, areas: &Areas) {
        let (width, height) = (usize::from(areas.preview.width), usize::from(areas.preview.height));
        let painter = Painter { theme: self.theme, width, highlighter: None };
        let lines = if width > 0 { page::page(self, &painter) } else { Vec::new() };
        self.status.sheet.lay_out(lines, height);
    }
}

fn safe(synced: SyncedDatabase) -> SyncedDatabase {
    let outcome = synced.outcome.map_err(|why| clean_line(&why));
    SyncedDatabase { database: clean_line(&synced.database), outcome }
}

/// What a sync brought, in a line.
fn told(sync: &SyncPhase) -> Notice {
    let SyncPhase::Ended(databases) = sync else {
        let SyncPhase::Failed(why) = sync else { return Notice::Done(String::new()) };
        return Notice::Wrong(why.clone());
    };
    let frames: u64 = databases
        .iter()
        .filter_map(|database| database.outcome.as_ref().ok())
        .map(|synced| synced.frames)
        .sum();
    let failed = |database: &&SyncedDatabase| database.outcome.is_err();
    match databases.iter().find(failed) {
        Some(SyncedDatabase { database, outcome: Err(why) }) => Notice::Wrong(format!("{database}: {why}")),
        _ => Notice::Done(format!("synchronised: {} came", counted(frames, "frame"))),
    }
}
