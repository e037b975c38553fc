//! `zenith note`: what one keeps about the exact versions that one builds on.

pub mod args;
mod print;
mod stray;
mod write;

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use zenith_core::search::{Mode, Project};
use zenith_core::workspace::{self, Edit, Note, Snapshot, Target, Value, Workspace, new_id};
use zenith_core::{Standing, Zenith};

use self::args::{Add, List, NoteCommand, Notes};
use super::output::{self, clean_line, count};
use super::search;
use crate::notes::meeting::Meeting;
use crate::notes::target::Spoken;
use crate::notes::text::{tags, titled};
use crate::notes::told::{short, spoken, title};

pub async fn run(zenith: &Zenith, folder: &Path, asked: Notes, json: bool) -> anyhow::Result<ExitCode> {
    let notes = zenith.notes().await?;
    tell_health(&notes).await?;
    let desk = Desk { zenith, folder, project: search::project_of(zenith, folder)?, notes, json };
    let command = asked.command.unwrap_or(NoteCommand::List(List::default()));
    let changes = command.changes();
    let done = match command {
        NoteCommand::Add(add) => desk.add(&add).await,
        NoteCommand::List(list) => desk.list(&list).await,
        NoteCommand::Show(named) => desk.show(&named.note).await,
        NoteCommand::Edit(edit) => desk.edit(&edit).await,
        NoteCommand::Rm(removed) => desk.remove(&removed.notes).await,
        NoteCommand::Search(asked) => desk.search(&asked).await,
        NoteCommand::Sync(sync) => desk.sync(&sync).await,
        NoteCommand::Export => desk.export(),
    };
    if changes && done.is_ok() {
        desk.settle_file().await;
    }
    desk.notes.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// Says what of the log cannot be read. All else goes on.
async fn tell_health(notes: &Workspace) -> anyhow::Result<()> {
    let health = notes.health().await?;
    let damaged = [(health.damaged_records.len(), "record"), (health.damaged_snapshots.len(), "fold")];
    let damaged = damaged.iter().filter(|(number, _)| *number > 0);
    let damaged: Vec<String> = damaged.map(|(number, what)| count(*number, what)).collect();
    if !damaged.is_empty() {
        let damaged = damaged.join(" and ");
        output::note(&format!("{damaged} of the notes' log cannot be read; `zenith doctor` says which"));
    }
    Ok(())
}

/// What every subcommand works with.
struct Desk<'a> {
    zenith: &'a Zenith,
    /// Where the command was typed.
    folder: &'a Path,
    project: Option<Arc<Project>>,
    notes: Workspace,
    json: bool,
}

impl Desk<'_> {
    async fn add(&self, add: &Add) -> anyhow::Result<()> {
        let spoken = match &add.on {
            Some(on) => Spoken::find(self.zenith, self.project.clone(), on, add.file.as_deref()).await?,
            None => Spoken::default(),
        };
        spoken.doubt.iter().for_each(|doubt| output::note(doubt));
        let typed = add.title.join(" ");
        let (title, body) = match (typed.trim(), &add.body) {
            ("", None) => write::new().await?,
            ("", Some(_)) => bail!("name the note: `zenith note add TITLE --body …`"),
            (title, body) => (title.to_owned(), text_of(body.as_deref())?.unwrap_or_default()),
        };
        let now = chrono::Utc::now().timestamp_millis();
        let mut values = vec![
            ("title", Value::Text(titled(&title)?)),
            ("body", Value::Text(body)),
            ("tags", Value::Words(tags(add.tag.iter().map(String::as_str))?)),
            ("created_at", Value::Integer(now)),
            ("changed_at", Value::Integer(now)),
        ];
        values.extend(spoken.values());
        let id = new_id();
        let snapshot = self.notes.edit(vec![Edit::Create { table: "notes", id: id.clone(), values }]).await?;
        self.tell(&snapshot, &id, "kept").await
    }

    async fn list(&self, list: &List) -> anyhow::Result<()> {
        let snapshot = self.notes.snapshot();
        if list.problems {
            return print::problems(&snapshot, self.json);
        }
        let mut notes = snapshot.notes();
        let is_of =
            |note: &Note<'_>| list.package.as_deref().is_none_or(|name| note.target.package == Some(name));
        notes.retain(|note| list.tag.as_deref().is_none_or(|tag| note.tags.contains(tag)) && is_of(note));
        if notes.is_empty() && !self.json {
            output::line(match snapshot.notes().is_empty() {
                true => "no notes yet; `zenith note add TITLE --on PACKAGE` writes one",
                false => "no such notes",
            })?;
        }
        self.print_all(&notes).await?;
        match snapshot.problems.len() {
            problems if problems > 0 && !self.json => output::line(format!(
                "{} of the document cannot be read: `zenith note list --problems`",
                count(problems, "row")
            )),
            _ => Ok(()),
        }
    }

    async fn search(&self, asked: &args::Search) -> anyhow::Result<()> {
        let snapshot = self.notes.snapshot();
        let index = self.zenith.note_index(&self.notes);
        let found = index.search(&asked.words.join(" "), asked.mode, asked.limit).await;
        index.close().await;
        if let Some(why) = &found.by_words_alone {
            output::note(&format!("searched by words alone: {why}"));
        } else if asked.mode == Mode::Hybrid && found.hits.first().is_some_and(|hit| !hit.has_words) {
            output::note("no note has these words; what follows is near them in meaning");
        }
        let by_id: HashMap<&str, Note<'_>> =
            snapshot.notes().into_iter().map(|note| (note.id, note)).collect();
        let notes: Vec<Note<'_>> =
            found.hits.iter().filter_map(|hit| by_id.get(hit.id.as_str()).cloned()).collect();
        if notes.is_empty() && !self.json {
            output::line("nothing found")?;
        }
        self.print_all(&notes).await?;
        match found.more {
            more if more > 0 && !self.json => output::line(format!("and {more} more; --limit shows them")),
            _ => Ok(()),
        }
    }

    async fn print_all(&self, notes: &[Note<'_>]) -> anyhow::Result<()> {
        let standings = match &self.project {
            Some(project) => {
                let targets: Vec<Target<'_>> = notes.iter().map(|note| note.target).collect();
                self.zenith.standings(&targets, project).await?
            }
            None => vec![None; notes.len()],
        };
        let mut listed = notes.iter().zip(&standings);
        listed.try_for_each(|(note, standing)| print::line(note, standing.as_ref(), self.json))
    }

    async fn show(&self, named: &str) -> anyhow::Result<()> {
        let snapshot = self.notes.snapshot();
        let note = self.find(&snapshot, named)?;
        print::whole(&note, self.standing(&note).await?.as_ref(), self.json)
    }

    async fn edit(&self, edit: &args::Edit) -> anyhow::Result<()> {
        // What others write while an editor is open is merged with what is written in it.
        let draft = self.notes.draft().await?;
        let snapshot = Arc::clone(draft.snapshot());
        let note = self.find(&snapshot, &edit.note)?;
        let mut values = Vec::new();
        if let Some(on) = &edit.on {
            let spoken = match on.trim() {
                "" => Spoken::default(),
                on => Spoken::find(self.zenith, self.project.clone(), on, None).await?,
            };
            spoken.doubt.iter().for_each(|doubt| output::note(doubt));
            values.extend(spoken.values());
        }
        if let Some(title) = &edit.title {
            values.push(("title", Value::Text(titled(title)?)));
        }
        if let Some(body) = text_of(edit.body.as_deref())? {
            values.push(("body", Value::Text(body)));
        }
        if !edit.tag.is_empty() || !edit.untag.is_empty() {
            let mut words: BTreeSet<String> = note.tags.iter().map(|tag| (*tag).to_owned()).collect();
            words.extend(tags(edit.tag.iter().map(String::as_str))?);
            words.retain(|tag| !edit.untag.contains(tag));
            if !words.iter().eq(note.tags.iter()) {
                values.push(("tags", Value::Words(words)));
            }
        } else if values.is_empty() {
            let (title, body) = write::again(&note).await?;
            if title != note.title {
                values.push(("title", Value::Text(title)));
            }
            if body != note.body {
                values.push(("body", Value::Text(body)));
            }
        }
        if values.is_empty() {
            return self.tell(&snapshot, note.id, "left as it was:").await;
        }
        values.push(("changed_at", Value::Integer(chrono::Utc::now().timestamp_millis())));
        let edit = Edit::Set { table: "notes", id: note.id.to_owned(), values };
        let merged = self.notes.merge(draft, &[edit]).await?;
        match merged.row("notes", note.id) {
            Some(_) => self.tell(&merged, note.id, "changed").await,
            None => bail!("the note was removed meanwhile, on another machine or in another window"),
        }
    }

    async fn remove(&self, named: &[String]) -> anyhow::Result<()> {
        let snapshot = self.notes.snapshot();
        let (mut notes, mut ids) = (Vec::new(), BTreeSet::new());
        for named in named {
            // What a peer wrote and that is no note goes as one does.
            if let Some(id) = stray::named(&snapshot, named) {
                ids.insert(id);
                continue;
            }
            let note = self.find(&snapshot, named)?;
            if ids.insert(note.id) {
                notes.push(note);
            }
        }
        let remove = |id: &&str| Edit::Remove { table: "notes", id: (*id).to_owned() };
        self.notes.edit(ids.iter().map(remove).collect()).await?;
        let rows = ids.iter().filter(|id| !notes.iter().any(|note| note.id == **id));
        for id in rows {
            match self.json {
                true => output::json(&serde_json::json!({ "id": id }))?,
                false => output::line(format!("removed the row {}, which was no note", clean_line(id)))?,
            }
        }
        for note in &notes {
            match self.json {
                true => output::json(note)?,
                false => output::line(format!("removed {}  {}", short(note.id), title(note.title)))?,
            }
        }
        Ok(())
    }

    async fn sync(&self, sync: &args::Sync) -> anyhow::Result<()> {
        let meeting = Meeting::parse(sync.place.as_deref(), sync.hocuspocus.as_deref(), self.folder)?;
        print::synced(&meeting.sync(self.zenith, &self.notes, sync.join).await?, self.json)
    }

    fn export(&self) -> anyhow::Result<()> {
        let snapshot = self.notes.snapshot();
        match self.json {
            true => print::rows(&snapshot),
            false => print::document(&snapshot),
        }
    }

    /// The note that a beginning or an end of its id means.
    fn find<'a>(&self, snapshot: &'a Snapshot, named: &str) -> anyhow::Result<Note<'a>> {
        if named.len() < 4 {
            bail!("four letters of a note's id at least; `zenith note` lists them");
        }
        let is_meant = |note: &Note<'_>| note.id.ends_with(named) || note.id.starts_with(named);
        let mut found = snapshot.notes().into_iter().filter(is_meant);
        match (found.next(), found.count()) {
            (Some(note), 0) => Ok(note),
            (None, _) => bail!("there is no note {}; `zenith note` lists them", clean_line(named)),
            (Some(_), others) => {
                bail!("{} notes are called {}: name more of it", others + 1, clean_line(named))
            }
        }
    }

    async fn standing(&self, note: &Note<'_>) -> anyhow::Result<Option<Standing>> {
        match &self.project {
            Some(project) => Ok(self.zenith.standing(&note.target, project).await?),
            None => Ok(None),
        }
    }

    /// Brings the file for other tools up to date. The notes are kept whatever becomes of it.
    async fn settle_file(&self) {
        if let Err(error) = self.zenith.notes_file(&self.notes).settle().await {
            output::note(&format!("what other tools read of your notes is not up to date: {error}"));
        }
    }

    /// What was done to a note.
    async fn tell(&self, snapshot: &Snapshot, id: &str, done: &str) -> anyhow::Result<()> {
        let Some(note) = snapshot.notes().into_iter().find(|note| note.id == id) else { return Ok(()) };
        if !self.json {
            let target = spoken(&note.target).map_or(String::new(), |target| format!("  on {target}"));
            let (id, title) = (short(note.id), title(note.title));
            return output::line(format!("{done} {id}  {title}{target}"));
        }
        print::line(&note, self.standing(&note).await?.as_ref(), true)
    }
}

/// A text as it was given; `-` is what standard input holds.
fn text_of(given: Option<&str>) -> anyhow::Result<Option<String>> {
    match given {
        Some("-") => {
            let most = u64::try_from(workspace::BODY_BYTES_MAX)? + 1;
            let mut text = String::new();
            std::io::stdin().take(most).read_to_string(&mut text).context("cannot read the text")?;
            Ok(Some(text))
        }
        given => Ok(given.map(str::to_owned)),
    }
}
