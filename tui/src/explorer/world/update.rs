//! How the world changes: by what its own work tells, and by what the user asks of indexing.

use std::sync::Arc;
use std::time::Instant;

use zenith_core::catalog::CatalogEntry;
use zenith_core::index::{IndexReport, Progress, Reached};
use zenith_core::search::Project;

use super::{Catalog, Effect, Home, Message, Opened, Phase, World};
use crate::explorer::parts::out::Out;
use crate::text::clean_line;

impl World {
    /// Takes a message; whether anything changed.
    pub fn take(&mut self, message: Message, now: Instant, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Opened(opened) => self.take_opened(opened, out),
            Message::Renewed(home) => self.take_renewed(home, out),
            Message::Unreadable(why) => {
                out.wrong(&why);
                true
            }
            Message::Packages(packages) => self.take_packages(packages, out),
            Message::Cut(cut) => std::mem::replace(&mut self.cut, cut) != self.cut,
            Message::Project(project) => self.take_project(project),
            Message::Progress(progress) => {
                if matches!(progress, Progress::Searchable { .. }) {
                    out.work(Effect::LoadPackages);
                }
                // What a run tells while it goes on, hundreds of times a second, is drawn with the clock.
                let was_running = self.indexing.is_running();
                self.indexing.take(progress, now);
                !was_running
            }
            Message::Indexed(report) => self.take_indexed(report, now, out),
            Message::Written => {
                self.take_written(now, out);
                false
            }
            Message::Looked(looked) => self.take_look(looked, now, out),
            Message::Reached(reached) => self.take_reached(reached, out),
        }
    }

    /// Looks again at what is searchable here and where others share.
    pub fn refresh(&self, out: &mut Out<Effect>) {
        out.work(Effect::LoadPackages);
        out.work(Effect::Reach(self.project.clone()));
    }

    /// Begins nothing any more, and stops what is at work.
    pub fn close(&mut self, out: &mut Out<Effect>) {
        self.is_closing = true;
        self.cancel_indexing(out);
    }

    /// Whether something is at work that the program lets come to its end before it ends itself.
    pub fn is_busy(&self) -> bool {
        self.indexing.is_active()
    }

    /// Indexes the lockfile because the user asks for it.
    pub fn index(&mut self, out: &mut Out<Effect>) {
        if self.indexing.is_active() {
            return;
        }
        if self.home.is_read_only {
            return out.wrong(&self.only_readable());
        }
        if self.indexing.lockfile.is_none() {
            let folder = clean_line(&self.folder.display().to_string());
            out.wrong(&format!("no Cargo.lock governs {folder}; `zenith index PATH` indexes another folder"));
        }
        self.start_indexing(out);
    }

    pub fn cancel_indexing(&mut self, out: &mut Out<Effect>) {
        if self.indexing.is_active() && self.indexing.phase != Phase::Stopping {
            self.indexing.phase = Phase::Stopping;
            out.work(Effect::CancelIndex);
        }
    }

    /// Why nothing is indexed.
    fn only_readable(&self) -> String {
        let folder = self.home.data_dir.display();
        format!(
            "opened read-only: {folder} cannot be written to; what is in it is searched, nothing is indexed"
        )
    }

    /// Indexes the lockfile, if there is one and nothing is being indexed.
    pub fn start_indexing(&mut self, out: &mut Out<Effect>) {
        if self.indexing.is_active() || !self.is_open() || self.home.is_read_only {
            return;
        }
        match self.indexing.lockfile.clone() {
            Some(lockfile) => {
                self.indexing.start();
                out.work(Effect::Index(lockfile));
            }
            None => self.indexing.phase = Phase::Idle,
        }
    }

    fn take_opened(&mut self, opened: Result<Opened, String>, out: &mut Out<Effect>) -> bool {
        match opened {
            Err(why) => self.catalog = Catalog::Unusable(why),
            Ok(opened) => {
                self.catalog = Catalog::Open;
                self.project = opened.project;
                self.home = opened.home;
                self.indexing.lockfile = opened.lockfile;
                out.work(Effect::LoadPackages);
                if self.home.session.is_some() {
                    out.work(Effect::Reach(self.project.clone()));
                }
                if let Some(lockfile) = self.indexing.lockfile.clone() {
                    out.work(Effect::Watch(lockfile));
                }
                if self.home.is_read_only {
                    out.wrong(&self.only_readable());
                }
                self.start_indexing(out);
            }
        }
        true
    }

    /// Another user sees other packages, here and where others share.
    fn take_renewed(&mut self, home: Result<Home, String>, out: &mut Out<Effect>) -> bool {
        match home {
            Ok(home) => {
                self.home = home;
                self.reached = None;
                self.refresh(out);
            }
            Err(why) => out.wrong(&why),
        }
        true
    }

    fn take_project(&mut self, project: Arc<Project>) -> bool {
        if self.project.as_ref() == Some(&project) {
            return false;
        }
        self.project = Some(project);
        // What is searched for again is ranked by it.
        self.revision += 1;
        true
    }

    fn take_packages(&mut self, packages: Result<Vec<CatalogEntry>, String>, out: &mut Out<Effect>) -> bool {
        let packages = match packages {
            Ok(packages) => packages,
            Err(why) => {
                out.wrong(&why);
                return true;
            }
        };
        let was_listed = std::mem::replace(&mut self.is_listed, true);
        if was_listed && packages.iter().eq(self.packages.iter().map(Arc::as_ref)) {
            return false;
        }
        self.packages = packages.into_iter().map(Arc::new).collect();
        self.revision += 1;
        out.work(Effect::LookForCuts(self.packages.clone()));
        true
    }

    fn take_indexed(
        &mut self,
        report: Result<IndexReport, String>,
        now: Instant,
        out: &mut Out<Effect>,
    ) -> bool {
        let was_stopped = report.as_ref().map_or(true, |report| report.cancelled);
        self.watch.settle(was_stopped, now);
        match self.indexing.end(report) {
            (why, true) => out.wrong(&why),
            (said, false) if said.is_empty() => {}
            (said, false) => out.done(said),
        }
        if !self.is_closing {
            out.work(Effect::LoadPackages);
            self.look_at_what_was_written(now, out);
        }
        true
    }

    /// What is searched on the store shows with what is here.
    fn take_reached(&mut self, reached: Result<Reached, String>, out: &mut Out<Effect>) -> bool {
        self.reached = Some(reached.map_err(|why| clean_line(&why)));
        out.work(Effect::LoadPackages);
        true
    }
}
