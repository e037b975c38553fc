//! `zenith instance`: what is authored here, and its publication.

pub mod args;
mod print;
mod users;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;
use zenith_core::Zenith;
use zenith_core::lake::export::GRACE;
use zenith_core::publish::{
    Authored, AuthoredId, CONFIG_BYTES_MAX, PublishEvent, PublishReport, Route, Status, Terms, route, texts,
};

use self::args::{Backfill, Edit, Instance, InstanceCommand, Publish, Resolve, Show};
use super::interrupt::Interrupt;
use super::output::{self, clean_line, count};
use super::progress;

pub async fn run(
    zenith: &Zenith,
    folder: &Path,
    instance: Instance,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let desk = Desk { zenith, authored: zenith.authored().await?, folder, json };
    match instance.command.unwrap_or(InstanceCommand::Status) {
        InstanceCommand::List(list) if list.workspace => desk.list_workspace().await,
        InstanceCommand::List(_) => desk.list().await,
        InstanceCommand::Show(show) => desk.show(&show).await,
        InstanceCommand::Edit(edit) => desk.edit(&edit).await,
        InstanceCommand::Diff(which) => desk.diff(&which.ids).await,
        InstanceCommand::Publish(publish) => desk.publish(&publish, interrupt).await,
        InstanceCommand::Status => desk.status().await,
        InstanceCommand::History(named) => desk.history(&named.id).await,
        InstanceCommand::Rollback(rollback) => {
            let publisher = zenith.publisher().await?;
            let report = progress::told(interrupt, LEAVES, print::tell, |events, cancel| async move {
                publisher.rollback(&rollback.id, rollback.number, events, &cancel).await
            });
            desk.tell_report(&report.await?)
        }
        InstanceCommand::Deprecate(named) => {
            let (instance, changed) = desk.authored.set_status(&named.id, Status::Deprecated).await?;
            desk.tell_kept(&named.id.to_string(), instance.revision, changed)
        }
        InstanceCommand::Resolve(resolve) => desk.resolve(&resolve).await,
        InstanceCommand::Verify(verify) if verify.repair => desk.repair().await,
        InstanceCommand::Verify(verify) => desk.verify(verify.deep).await,
        InstanceCommand::Adopt(which) => desk.adopt(&which.ids).await,
        InstanceCommand::Gc => {
            let collected = zenith.publisher().await?.collect(GRACE).await?;
            desk.tell(&collected, || {
                let (removed, young) = (count(collected.removed, "object"), collected.young);
                output::line(format!(
                    "removed {removed}, {} bytes; {young} unnamed are too young",
                    collected.bytes
                ))
            })
        }
        InstanceCommand::Backfill(backfill) => desk.backfill(&backfill).await,
    }
}

const LEAVES: &str = "stopping: readers see what was published; the next publication goes on from there";

/// What every subcommand works with.
struct Desk<'a> {
    zenith: &'a Zenith,
    authored: Authored,
    /// Where the command was typed.
    folder: &'a Path,
    json: bool,
}

impl Desk<'_> {
    fn tell(
        &self,
        line: &impl Serialize,
        print: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<ExitCode> {
        if self.json {
            output::json(line)?
        } else {
            print()?
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn list(&self) -> anyhow::Result<ExitCode> {
        let instances = self.authored.list().await?;
        if self.json {
            instances.iter().try_for_each(output::json)?;
        } else {
            print::list(&instances)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn show(&self, show: &Show) -> anyhow::Result<ExitCode> {
        match route(&show.id)? {
            Route::Authored(id) => {
                let instance = self.authored.get(&id).await?;
                let Some(locale) = &show.locale else {
                    return self.tell(&instance, || print::instance(&instance));
                };
                let composed = self.authored.preview(&id, locale).await?;
                let line = json!({
                    "public_id": id, "locale": locale, "content": composed.content, "told": composed.told,
                    "untranslated": composed.untranslated,
                });
                self.tell(&line, || print::config(&composed.content))
            }
            Route::User(id) => self.show_users(&id, show).await,
        }
    }

    async fn edit(&self, edit: &Edit) -> anyhow::Result<ExitCode> {
        match route(&edit.id)? {
            Route::Authored(id) => self.edit_authored(&id, edit).await,
            Route::User(id) => self.edit_users(&id, edit).await,
        }
    }

    async fn edit_authored(&self, id: &AuthoredId, edit: &Edit) -> anyhow::Result<ExitCode> {
        let (mut changed, name) = (false, id.to_string());
        if let Some(file) = &edit.file {
            let bytes = self.read(file)?;
            if let Some(locale) = &edit.locale {
                let texts = texts(&bytes)?;
                let (kept, gone) = kept(&texts);
                let overlay = self.authored.revise(id, locale, texts).await?;
                return self.tell(&overlay, || {
                    let all = count(overlay.entries.len(), "text");
                    output::line(format!(
                        "kept {kept} of {name} in {locale}{gone}, {all} in all; `zenith instance publish` publishes it"
                    ))
                });
            }
            changed |= self.authored.save(id, edit.widget_type.as_ref(), &bytes).await?.1;
        }
        if let Some(status) = edit.status {
            changed |= self.authored.set_status(id, status.into()).await?.1;
            self.note_dependents(id, status.into()).await?;
        }
        let revision = self.authored.get(id).await?.revision;
        self.tell_kept(&name, revision, changed)
    }

    /// Readers of what is deprecated get the baseline: once that is withdrawn, they get nothing.
    async fn note_dependents(&self, id: &AuthoredId, status: Status) -> anyhow::Result<()> {
        if let Some(widget_type) = id.widget_type().filter(|_| status == Status::Unpublished) {
            let dependents = self.authored.deprecated(widget_type).await?;
            if !dependents.is_empty() {
                let named: Vec<String> = dependents.iter().map(ToString::to_string).collect();
                output::note(&format!("{id} also stands in for {}, which go with it", named.join(", ")));
            }
        }
        Ok(())
    }

    fn tell_kept(&self, id: &str, revision: i64, changed: bool) -> anyhow::Result<ExitCode> {
        let line = json!({ "public_id": id, "revision": revision, "changed": changed });
        self.tell(&line, || match changed {
            true => output::line(format!(
                "kept {id} here, revision {revision}; `zenith instance publish` publishes it"
            )),
            false => output::line(format!("{id} is what it was, revision {revision}")),
        })
    }

    /// A file, or standard input, of at most what a configuration may have.
    fn read(&self, file: &Path) -> anyhow::Result<Vec<u8>> {
        let most = u64::try_from(CONFIG_BYTES_MAX)? + 1;
        let mut bytes = Vec::new();
        if file == Path::new("-") {
            std::io::stdin()
                .lock()
                .take(most)
                .read_to_end(&mut bytes)
                .context("cannot read standard input")?;
            return Ok(bytes);
        }
        let path: PathBuf = self.folder.join(file);
        let opened = std::fs::File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        opened
            .take(most)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(bytes)
    }

    async fn diff(&self, ids: &[AuthoredId]) -> anyhow::Result<ExitCode> {
        let outlooks = self.outlooks(ids).await?;
        for outlook in &outlooks {
            let changes = self.authored.changes(&outlook.public_id).await?;
            if self.json {
                output::json(&json!({ "outlook": outlook, "changes": changes }))?;
            } else {
                print::changes(outlook, changes.as_deref())?;
            }
        }
        self.note_rolled_back(ids).await?;
        if outlooks.is_empty() && !self.json {
            output::line("nothing to publish")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What a publication that names nothing leaves as it is.
    async fn note_rolled_back(&self, ids: &[AuthoredId]) -> anyhow::Result<()> {
        if self.json || !ids.is_empty() {
            return Ok(());
        }
        print::rolled_back(&self.authored.rolled_back().await?.into_iter().collect::<Vec<_>>())
    }

    /// What a publication would put. Nobody is asked.
    async fn outlooks(&self, ids: &[AuthoredId]) -> anyhow::Result<Vec<zenith_core::publish::Outlook>> {
        let (offline, all) = (self.zenith.offline_translations(), self.zenith.translations()?);
        Ok(self.authored.outlook(ids, &all, &offline).await?)
    }

    async fn publish(&self, publish: &Publish, interrupt: &Interrupt) -> anyhow::Result<ExitCode> {
        if publish.dry_run {
            let outlooks = self.outlooks(&publish.which.ids).await?;
            for outlook in &outlooks {
                if self.json { output::json(outlook)? } else { print::outlook(outlook)? }
            }
            self.note_rolled_back(&publish.which.ids).await?;
            if !outlooks.is_empty() && !self.json && self.zenith.config.publish.mirror.is_some() {
                output::line("and its row in the mirror, of each")?;
            }
            if outlooks.is_empty() && !self.json {
                output::line("nothing to publish")?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let publisher = self.zenith.publisher().await?;
        output::note(&format!("publishing to {}", publisher.store.name()));
        let ids = publish.which.ids.clone();
        let report = progress::told(interrupt, LEAVES, print::tell, |events, cancel| async move {
            publisher.publish(&ids, events, &cancel).await
        });
        self.tell_report(&report.await?)
    }

    fn tell_report(&self, report: &PublishReport) -> anyhow::Result<ExitCode> {
        self.tell(report, || print::report(report))?;
        Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn status(&self) -> anyhow::Result<ExitCode> {
        let standings = self.authored.standings(&self.zenith.translations()?).await?;
        if self.json {
            standings.iter().try_for_each(output::json)?;
        } else {
            print::standings(&standings)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn history(&self, id: &AuthoredId) -> anyhow::Result<ExitCode> {
        for past in self.authored.history(id).await? {
            if self.json { output::json(&past.manifest)? } else { print::past(&past)? }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn resolve(&self, asked: &Resolve) -> anyhow::Result<ExitCode> {
        let locale = asked.locale.as_ref();
        match route(&asked.id)? {
            Route::Authored(id) => {
                let reader = self.zenith.reader()?;
                let terms = Terms { strict: asked.strict, max_age: asked.max_age.map(Duration::from_secs) };
                let resolved = match asked.set {
                    true => reader.resolve_in(&reader.set().await?, &id, locale, &terms).await?,
                    false => reader.resolve(&id, locale, &terms).await?,
                };
                self.tell(&resolved, || print::resolved(&resolved))
            }
            Route::User(id) => self.resolve_users(&id, asked).await,
        }
    }

    async fn verify(&self, deep: bool) -> anyhow::Result<ExitCode> {
        let found = self.zenith.publisher().await?.verify(deep).await?;
        for difference in &found {
            if self.json {
                output::json(difference)?;
            } else {
                output::line(print::of(difference.public_id.as_ref(), &difference.what))?;
            }
        }
        if !self.json {
            match found.is_empty() {
                true => output::line("all is as it was published from here")?,
                false => output::note("`zenith instance verify --repair` puts back what can be"),
            }
        }
        Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn repair(&self) -> anyhow::Result<ExitCode> {
        let done = self.zenith.publisher().await?.repair().await?;
        for repaired in &done {
            if self.json {
                output::json(repaired)?;
            } else {
                output::line(print::of(repaired.public_id.as_ref(), &repaired.what))?;
            }
        }
        let is_whole = done.iter().all(|repaired| repaired.is_mended);
        if is_whole && !self.json {
            output::line("all is as it was published from here")?;
        }
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn adopt(&self, ids: &[AuthoredId]) -> anyhow::Result<ExitCode> {
        let adopted = self.zenith.publisher().await?.adopt(ids).await?;
        for one in &adopted {
            if self.json {
                output::json(one)?;
            } else {
                let by = clean_line(&one.publisher);
                output::line(format!("{} is number {} there, by {by}", one.public_id, one.sequence))?;
            }
        }
        if adopted.is_empty() && !self.json {
            output::line("there is nothing that this folder did not know")?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn backfill(&self, backfill: &Backfill) -> anyhow::Result<ExitCode> {
        let done = self.authored.backfill(&self.folder.join(&backfill.old), backfill.remove).await?;
        self.tell(&done, || {
            let (copied, same, removed) = (count(done.copied, "instance"), done.same, done.removed);
            output::line(format!(
                "copied {copied}, {same} were here; all are the same; removed {removed} there; {} more are here alone",
                done.only_here
            ))
        })
    }
}

/// How many texts are kept, and how many are taken back.
fn kept(texts: &BTreeMap<String, Option<String>>) -> (String, String) {
    let gone = texts.values().filter(|text| text.is_none()).count();
    let told = if gone == 0 { String::new() } else { format!(", took back {gone}") };
    (count(texts.len() - gone, "text"), told)
}

/// What happens in a run, as it happens.
pub type Events = mpsc::UnboundedReceiver<PublishEvent>;
