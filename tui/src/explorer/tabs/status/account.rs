//! What is done for the account: signing in, synchronising, pushing; one at a time.

use url::Url;
use zenith_core::index::{PushEvent, PushReport};
use zenith_core::session::{KeptIn, Session, SignedOut};
use zenith_core::shown_address;

use super::form::{Field, Form};
use super::state::{Running, SyncedDatabase};
use super::{Effect, Status, keys};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::list::Motion;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::Seen;
use crate::text::{clean_line, counted};

impl Status {
    /// Whether something can begin now; what is in its way is told.
    fn may_begin(&self, needs_session: bool, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        if let Some(running) = &self.running {
            let key = seen.key::<Status>(keys::STOP, Pane::List);
            out.wrong(&format!("{} is at work; {key} stops it", running.name.to_lowercase()));
        } else if !seen.world.is_open() {
            out.wrong("the data folder is not open yet; try again in a moment");
        } else if needs_session && seen.world.home.session.is_none() {
            let key = seen.key::<Status>(keys::SIGN_IN, Pane::List);
            out.wrong(&format!("nobody is signed in, so that nothing is shared; {key} signs in"));
        } else {
            return true;
        }
        false
    }

    fn begin(&mut self, name: &'static str, effect: Effect, seen: &Seen<'_>, out: &mut Out<Effect>) {
        self.running = Some(Running::new(name, seen.now));
        out.work(effect);
    }

    /// Through the token alone: what is being pushed is made whole.
    pub fn leave_off(&mut self, out: &mut Out<Effect>) {
        if let Some(running) = self.running.as_mut().filter(|running| !running.is_stopping) {
            running.is_stopping = true;
            out.work(Effect::LeaveOff);
        }
    }

    pub fn open_form(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.may_begin(false, seen, out) {
            let home = &seen.world.home;
            let session = home.session.as_ref().map(|session| session.service.clone());
            let known = session.or_else(|| Url::parse(home.service.as_deref()?).ok());
            // What may be a secret in it is not shown.
            let known = known.and_then(|url| shown_address(&url)).unwrap_or_default();
            let service = if self.service.is_empty() { &known } else { &self.service };
            self.form = Some(Form::new(service));
        }
    }

    pub fn step_form(&mut self, motion: Motion) {
        if let (Some(form), Motion::Lines(lines)) = (&mut self.form, motion) {
            form.field = if lines < 0 { Field::Service } else { Field::Token };
        }
    }

    /// From the service to the token, and then signs in.
    pub fn submit(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        let Some(form) = &mut self.form else { return };
        if form.service().is_empty() {
            form.field = Field::Service;
            return out.wrong("name the service to sign in to, as in https://zenith.example");
        }
        if form.field == Field::Service {
            form.field = Field::Token;
            return;
        }
        let Some(token) = form.take_token() else {
            return out.wrong("no token was given; paste the one that your issuer shows you");
        };
        self.service = form.service().to_string();
        self.form = None;
        if self.may_begin(false, seen, out) {
            self.begin("Signing in", Effect::SignIn { service: self.service.clone(), token }, seen, out);
        }
    }

    pub fn take_signed_in(
        &mut self,
        signed_in: Result<(Box<Session>, KeptIn), String>,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) {
        self.running = None;
        match signed_in {
            Err(why) => out.wrong(&format!("not signed in: {why}")),
            Ok((session, kept)) => {
                self.synced = None;
                let kept = match kept {
                    KeptIn::Keyring => "in the keyring",
                    KeptIn::File => "in a file that you alone can read",
                    KeptIn::FileForSilence => {
                        "in a file that you alone can read, since the keyring did not answer"
                    }
                };
                let who = clean_line(&session.subject);
                let key = seen.key::<Status>(keys::SYNC, Pane::List);
                out.done(format!(
                    "signed in as {who}; the tokens of your databases are kept {kept}; {key} fetches what is shared with you"
                ));
                out.renew();
            }
        }
    }

    /// What was fetched goes: that is asked first.
    pub fn ask_sign_out(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.may_begin(true, seen, out) {
            let told = "forget who is signed in, and remove what was fetched of what is shared; what was indexed here stays";
            let choices = vec![
                Choice::does('o', "sign out", told, keys::SIGN_OUT_NOW),
                Choice::leaves("you stay signed in"),
            ];
            out.choose(Menu { title: " Sign out ", choices });
        }
    }

    pub fn start_sign_out(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.may_begin(true, seen, out) {
            self.begin("Signing out", Effect::SignOut, seen, out);
            if let Some(running) = &mut self.running {
                running.holds = Some("what is shared is being removed");
            }
        }
    }

    pub fn take_signed_out(&mut self, signed_out: Result<SignedOut, String>, out: &mut Out<Effect>) {
        (self.running, self.synced) = (None, None);
        match signed_out {
            Err(why) => out.wrong(&format!("not signed out: {why}")),
            Ok(SignedOut { remains, .. }) => {
                for remains in &remains {
                    out.wrong(&format!("could not be removed: {remains}"));
                }
                out.done("signed out; what was indexed here stays");
            }
        }
        out.renew();
    }

    /// Brings the replicas up to date, where somebody is signed in.
    pub fn start_sync(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.may_begin(true, seen, out) {
            self.begin("Syncing", Effect::Sync, seen, out);
        }
    }

    pub fn take_synced(&mut self, synced: Result<Vec<SyncedDatabase>, String>, out: &mut Out<Effect>) {
        self.running = None;
        self.syncs += 1;
        let synced = synced.map(|databases| databases.into_iter().map(safe).collect());
        let synced = synced.map_err(|why| clean_line(&why));
        tell_synced(&synced, out);
        self.synced = Some(synced);
        out.refresh();
    }

    /// What is shared is others' to see: that is asked first.
    pub fn ask_push(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if !self.may_begin(true, seen, out) {
            return;
        }
        let organisation =
            seen.world.home.session.as_ref().and_then(|session| session.organisation.as_deref());
        let told = match organisation {
            Some(organisation) => {
                format!("share with {} what you indexed for your team", clean_line(organisation))
            }
            None => {
                "share what you indexed of the public tier with everybody who has this service".to_string()
            }
        };
        let choices =
            vec![Choice::does('p', "push", told, keys::PUSH_NOW), Choice::leaves("nothing is shared")];
        out.choose(Menu { title: " Push ", choices });
    }

    pub fn start_push(&mut self, seen: &Seen<'_>, out: &mut Out<Effect>) {
        if self.may_begin(true, seen, out) {
            self.begin("Pushing", Effect::Push, seen, out);
            if let Some(running) = &mut self.running {
                running.holds = Some("what is pushed is being made whole");
            }
        }
    }

    pub fn take_pushing(&mut self, event: PushEvent) {
        let Some(running) = &mut self.running else { return };
        let done = running.done.map(|(done, of)| ((done + 1).min(of), of));
        match event {
            PushEvent::Planned { push, .. } => running.done = Some((0, push)),
            PushEvent::Pushed { id, .. } | PushEvent::Failed { id, .. } => {
                (running.done, running.doing) = (done, clean_line(&id.to_string()));
            }
            PushEvent::Waiting(waiting) => {
                let (why, again) = (clean_line(&waiting.why), waiting.again_in.as_secs_f64());
                running.doing = format!("{why}; trying again in {again:.1} s");
            }
        }
    }

    pub fn take_pushed(
        &mut self,
        report: Result<PushReport, String>,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) {
        self.running = None;
        if seen.world.home.has_store {
            self.looks += 1;
        }
        match report {
            Err(why) => out.wrong(&format!("nothing was pushed: {why}")),
            Ok(report) => tell_pushed(&report, out),
        }
    }
}

fn tell_pushed(report: &PushReport, out: &mut Out<Effect>) {
    for failure in &report.failed {
        out.wrong(&format!("not pushed: {}: {}", failure.package, failure.why));
    }
    if let Some(why) = &report.not_tidied {
        out.wrong(&format!("what was replaced still lies on the store: {why}"));
    }
    let pushed = counted(report.pushed, "package");
    let mut told = format!(
        "pushed {pushed} of {} to {}, {} shared before",
        clean_line(&report.scope),
        clean_line(&report.store),
        report.there_before
    );
    for (packages, why) in [
        (report.kept, "left as somebody else shares them"),
        (report.held, "being pushed by somebody else"),
        (report.failed.len(), "not pushed"),
    ] {
        if packages > 0 {
            told += &format!("; {} {why}", counted(packages, "package"));
        }
    }
    if report.cancelled {
        told = format!("stopped: {told}");
    }
    out.done(told);
}

fn safe(synced: SyncedDatabase) -> SyncedDatabase {
    let outcome = synced.outcome.map_err(|why| clean_line(&why));
    SyncedDatabase { database: clean_line(&synced.database), outcome }
}

/// What a sync brought, in a line.
fn tell_synced(synced: &Result<Vec<SyncedDatabase>, String>, out: &mut Out<Effect>) {
    let databases = match synced {
        Ok(databases) => databases,
        Err(why) => return out.wrong(&format!("nothing was synchronised: {why}")),
    };
    let synced = databases.iter().filter_map(|database| database.outcome.as_ref().ok());
    let frames: u64 = synced.map(|synced| synced.frames).sum();
    let failed = |database: &&SyncedDatabase| database.outcome.is_err();
    match databases.iter().find(failed) {
        Some(SyncedDatabase { database, outcome: Err(why) }) => out.wrong(&format!("{database}: {why}")),
        _ => out.done(format!("synchronised: {} came", counted(frames, "frame"))),
    }
}
