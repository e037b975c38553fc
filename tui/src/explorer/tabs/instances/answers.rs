//! What its work tells.

use std::collections::BTreeSet;

use zenith_core::publish::{Outlook, PublishEvent, PublishReport};

use super::work::{Looked, Planned, Written};
use super::{Effect, Instances, Message, keys, named, side_of};
use crate::explorer::parts::areas::Pane;
use crate::explorer::parts::menu::{Choice, Menu};
use crate::explorer::parts::out::Out;
use crate::explorer::tabs::Seen;
use crate::text::{clean_line, counted};

impl Instances {
    pub fn take_message(&mut self, message: Message, seen: &Seen<'_>, out: &mut Out<Effect>) -> bool {
        match message {
            Message::Looked { generation, looked } => return self.take_look(generation, looked),
            Message::Changed => self.looks += usize::from(seen.is_shown),
            Message::Compared { generation, compared } => {
                let compared = compared.map_err(|why| clean_line(&why));
                return self.live.arrive(generation, compared);
            }
            Message::Users { generation, users } => {
                let stood = self.selected();
                let users = users.map_err(|why| clean_line(&why));
                if !self.own.arrive(generation, users) {
                    return false;
                }
                self.choose_again(stood);
            }
            Message::Detail { generation, detail } => {
                let detail = detail.map_err(|why| clean_line(&why));
                return self.detail.arrive(generation, detail);
            }
            Message::Planned(planned) => self.take_plan(planned, out),
            Message::Happened(PublishEvent::Planned { instances }) => {
                if let Some(run) = &mut self.run {
                    run.planned = Some(instances);
                }
            }
            Message::Happened(PublishEvent::Failed { id, why }) => out.wrong(&format!("{id}: {why}")),
            Message::Published(report) => self.take_report(report, out),
            Message::Done(done) => {
                self.looks += 1;
                match done {
                    Ok(told) => out.done(told),
                    Err(why) => out.wrong(&why),
                }
            }
            Message::Saved(written, saved) => self.take_saved(written, saved, seen, out),
        }
        true
    }

    fn take_look(&mut self, generation: u64, looked: Result<Looked, String>) -> bool {
        let (outcome, looked) = match looked {
            Ok(looked) => (Ok(()), Some(looked)),
            Err(why) => (Err(clean_line(&why)), None),
        };
        if !self.look.arrive(generation, outcome) {
            return false;
        }
        self.answers += 1;
        // What was read before stays where it cannot be read now; the file is opened anew the next time.
        self.desk = looked.as_ref().map(|looked| looked.desk.clone()).unwrap_or_default();
        if let Some(looked) = looked {
            let stood = self.selected();
            self.looked = Some(looked);
            self.choose_again(stood);
        }
        true
    }

    /// Makes the rows anew, on the one that waits to be selected, or the one that was.
    fn choose_again(&mut self, stood: Option<String>) {
        self.refresh(stood.as_deref());
        if let Some(next) = self.select_next.take() {
            self.refresh(Some(&next));
            if self.selected().as_ref() != Some(&next) {
                self.select_next = Some(next);
            }
        }
    }

    /// What a publication would change stands on the page by now; here is what it would put.
    fn take_plan(&mut self, planned: Result<Planned, String>, out: &mut Out<Effect>) {
        let planned = match planned {
            Ok(planned) => planned,
            Err(why) => return out.wrong(&why),
        };
        let usable = |outlooks: &[Outlook]| outlooks.iter().filter(|of| of.unusable.is_none()).count();
        let mut choices = Vec::new();
        if let Some((id, outlooks)) = planned.one.as_ref().filter(|(_, outlooks)| usable(outlooks) > 0) {
            let text = format!("{id}: {}", would_put(outlooks));
            choices.push(Choice::does('p', "this one", text, keys::PUBLISH_ONE));
        }
        if usable(&planned.all) > 0 {
            let mut ids: Vec<&_> = planned.all.iter().map(|of| &of.public_id).collect();
            ids.dedup();
            let text = format!("{}: {}", counted(ids.len(), "instance"), would_put(&planned.all));
            choices.push(Choice::does('a', "all that changed", text, keys::PUBLISH_ALL));
        }
        if choices.is_empty() {
            let why = planned.all.iter().find_map(|of| Some((&of.public_id, of.unusable.as_ref()?)));
            return match why {
                Some((id, why)) => out.wrong(&format!("{id} cannot be published: {why}")),
                None => out.done("nothing changed since the last publication"),
            };
        }
        choices.push(Choice::leaves("nothing is put"));
        self.planned = Some(planned);
        out.choose(Menu { title: " Publish ", choices });
    }

    fn take_report(&mut self, report: Result<PublishReport, String>, out: &mut Out<Effect>) {
        self.run = None;
        self.looks += 1;
        self.comparisons = (self.comparisons.0 + 1, false);
        let report = match report {
            Ok(report) => report,
            Err(why) => return out.wrong(&why),
        };
        for of in &report.published {
            for (locale, why) in &of.left_out {
                out.wrong(&format!("{} is without {locale}: {why}", of.public_id));
            }
        }
        for (id, why) in &report.failed {
            out.wrong(&format!("not published: {id}: {why}"));
        }
        if !report.held.is_empty() {
            let held: Vec<String> = report.held.iter().map(ToString::to_string).collect();
            out.wrong(&format!("not in the set until what was published with them is: {}", held.join(", ")));
        }
        match report.published.as_slice() {
            [] if !report.rolled_back.is_empty() => {
                out.done("what was rolled back stays so: publish that one by itself, or edit it");
            }
            [] if report.failed.is_empty() => out.done("nothing changed since the last publication"),
            [] => {}
            [one] => out.done(format!("{} is published as number {}", one.public_id, one.sequence)),
            all => out.done(format!("{} are published", counted(all.len(), "instance"))),
        }
    }

    fn take_saved(
        &mut self,
        written: Written,
        saved: Result<String, String>,
        seen: &Seen<'_>,
        out: &mut Out<Effect>,
    ) {
        self.looks += 1;
        match saved {
            Ok(told) => {
                self.unkept = None;
                self.filter.reset();
                self.select_next = Some(named(&written.id));
                self.side = side_of(&written.id);
                self.refresh(None);
                out.done(told);
            }
            Err(why) => {
                self.unkept = Some(written);
                let key = seen.key::<Instances>(keys::AGAIN, Pane::List);
                out.wrong(&format!("not kept: {why}; {key} goes on with what you wrote"));
            }
        }
    }
}

/// What publications would put, in a few words.
fn would_put(outlooks: &[Outlook]) -> String {
    let puts: BTreeSet<&String> = outlooks.iter().flat_map(|of| &of.puts).collect();
    match outlooks {
        [one] => format!("number {}, {} put", one.sequence, counted(puts.len(), "object")),
        _ => format!("{} put", counted(puts.len(), "object")),
    }
}
