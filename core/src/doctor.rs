//! Checks a data folder, names what is wrong, and repairs what can be derived.

mod databases;
mod notes_file;

use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;

use crate::catalog::{Catalog, CatalogEntry, CatalogError, LEASE, Member, Status};
use crate::config::Config;
use crate::holder;
use crate::index::{leftovers as leftovers_of, reshelve};
use crate::session::standing;
use crate::workspace::{Health, Workspace, WorkspaceError, log_path};
use crate::zenith::{Zenith, ZenithError, catalog_path};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `catalog`, `datasets`, `shelf`, `claims`, `replicas`, `leftovers`, `notes`,
    /// `instances`, `jobs`, `service`.
    pub part: &'static str,
    pub state: State,
    /// What was found, in a sentence.
    pub what: String,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// Was wrong, and is not any more.
    Repaired,
    /// Is wrong; `--repair` mends it.
    Broken,
    /// Lies elsewhere, and does not answer or let this user in: nothing of this folder is wrong.
    Away,
}

/// Looks at a catalog that may not even open. With `repair`, one that cannot be read is set aside
/// under another name, so that an empty one takes its place and packages are indexed again.
pub async fn check_catalog(config: &Config, repair: bool) -> Result<Finding, CatalogError> {
    let path = catalog_path(&config.data_dir);
    let finding = |state, what: String| Ok(Finding { part: "catalog", state, what });
    if !path.exists() {
        return finding(State::Ok, "there is none yet; `zenith index` makes it".to_string());
    }
    let checked = match Catalog::open(&path).await {
        Ok(catalog) => catalog.check().await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(()) => finding(State::Ok, "it reads whole".to_string()),
        Err(error @ CatalogError::OtherSchema { .. }) => Err(error),
        Err(error) if !repair => finding(State::Broken, error.to_string()),
        Err(error) => match set_aside(&path) {
            Ok(aside) => finding(
                State::Repaired,
                format!("{error}; it was set aside as {aside}: run `zenith index` to index again"),
            ),
            Err(why) => finding(State::Broken, format!("{error}; it cannot be set aside: {why}")),
        },
    }
}

/// Checks everything but the catalog's file, which [`Zenith::open`] has read by now.
pub async fn examine(zenith: &Zenith, repair: bool) -> Result<Vec<Finding>, ZenithError> {
    let mut findings = Vec::new();
    findings.push(claims(zenith, repair).await?);
    findings.push(datasets(zenith, repair).await?);
    for scope in zenith.identity.scopes() {
        let entries = zenith.packages().await?;
        let of_scope =
            entries.iter().filter(|entry| entry.scope == scope && entry.status == Status::Ready).count();
        let what = format!("{} shelf of {of_scope} packages", scope.tier());
        findings.push(if repair {
            let done = reshelve(&zenith.search, &zenith.lake, &scope, &entries).await?;
            let changed = done.rebuilt || done.added + done.removed > 0;
            let state = if changed { State::Repaired } else { State::Ok };
            let what = match changed {
                true => format!("{what}: {} packages added, {} removed", done.added, done.removed),
                false => format!("{what} holds them all"),
            };
            Finding { part: "shelf", state, what }
        } else {
            shelf(zenith, &scope, &entries, &what)
        });
    }
    for member in zenith.federation.members() {
        findings.push(replica(member, repair).await);
    }
    findings.push(leftovers(zenith, repair).await?);
    findings.push(notes(zenith, repair).await);
    findings.extend(notes_file::look(zenith, repair).await);
    findings.extend(databases::look(&zenith.config.data_dir).await);
    findings.extend(service(zenith).await);
    Ok(findings)
}

/// The service that one is signed in to, and each database that it gave access to: all are asked, for some seconds at
/// most, with the tokens of this machine.
async fn service(zenith: &Zenith) -> Vec<Finding> {
    let finding = |state, what: String| Finding { part: "service", state, what };
    let Some(session) = &zenith.session else {
        let Some(named) = &zenith.config.service else { return Vec::new() };
        return vec![match standing(named).await {
            Ok(host) => {
                finding(State::Ok, format!("{host} answers; nobody is signed in: `zenith login` does"))
            }
            Err(error) => finding(State::Away, format!("nobody is signed in, and {error}")),
        }];
    };
    let who = match &session.organisation {
        Some(organisation) => format!("{} of {organisation}", session.subject),
        None => session.subject.clone(),
    };
    let (service, access) = tokio::join!(standing(session.service.as_str()), zenith.access());
    let mut findings = vec![match service {
        Ok(host) => finding(State::Ok, format!("{host} answers; you are {who} there")),
        Err(error) => finding(State::Away, format!("you are {who} there, but {error}")),
    }];
    match access {
        Ok(access) => findings.extend(access.into_iter().map(|(role, trouble)| match trouble {
            None => finding(State::Ok, format!("the {role} database takes your token")),
            Some(trouble) => finding(State::Away, format!("the {role} database: {trouble}")),
        })),
        // A keyring that refuses, say.
        Err(error) => findings.push(finding(State::Away, format!("your databases cannot be asked: {error}"))),
    }
    findings
}

/// The copy of a shared catalog. No server is asked here: one that is damaged is set aside, and the next sync
/// fetches it.
async fn replica(member: &Member, repair: bool) -> Finding {
    let (database, replica) = (&member.role, &member.replica);
    let finding = |state, what: String| Finding { part: "replicas", state, what };
    let doubt = match replica.examine().await {
        None if replica.state().synced_at_ms.is_none() => {
            let what = format!("the copy of the {database} database was never synchronised");
            return finding(State::Ok, what);
        }
        None => {
            return finding(
                State::Ok,
                format!("the copy of the {database} database is as its last sync left it"),
            );
        }
        Some(doubt) => format!("the copy of the {database} database is damaged: {doubt}"),
    };
    if !repair {
        return finding(State::Broken, format!("{doubt}; `zenith sync` fetches it anew"));
    }
    match replica.give_up().await {
        Ok(()) => {
            finding(State::Repaired, format!("{doubt}; it was set aside: run `zenith sync` to fetch it anew"))
        }
        Err(why) => finding(State::Broken, format!("{doubt}; it cannot be set aside: {why}")),
    }
}

/// The log of the notes. Nothing can be derived of it: what is damaged is put where nobody reads it, and comes again from
/// where it was synchronised to, if it was.
async fn notes(zenith: &Zenith, repair: bool) -> Finding {
    let finding = |state, what: String| Finding { part: "notes", state, what };
    if !log_path(&zenith.config.data_dir).exists() {
        return finding(State::Ok, "there are none yet; `zenith note add` writes one".to_string());
    }
    match look_at_notes(zenith, repair).await {
        Ok((state, what)) => finding(state, what),
        Err(error) => finding(State::Broken, error.to_string()),
    }
}

async fn look_at_notes(zenith: &Zenith, repair: bool) -> Result<(State, String), ZenithError> {
    let notes = zenith.notes().await?;
    let found = look_at_log(&notes, repair).await;
    notes.close().await;
    Ok(found?)
}

async fn look_at_log(notes: &Workspace, repair: bool) -> Result<(State, String), WorkspaceError> {
    if let Some(wrong) = notes.check().await?.first() {
        return Ok((
            State::Broken,
            format!("the file of their log is damaged: {}; keep a copy of it", databases::one_line(wrong)),
        ));
    }
    let health = notes.health().await?;
    let Some(damage) = damage(&health) else {
        let snapshot = notes.snapshot();
        let (rows, problems) = (snapshot.row_count(), snapshot.problems.len());
        return Ok((State::Ok, format!("{rows} rows, and {problems} that are none; the log reads whole")));
    };
    if !repair {
        return Ok((State::Broken, damage));
    }
    let moved = notes.set_aside().await?;
    let brings = "`zenith note sync` brings what a place that they were synchronised with has of it";
    Ok(match (moved, health.lost_upto) {
        (_, Some(_)) => (State::Broken, format!("{damage}; keep a copy of the log: {brings}")),
        (0, None) => (State::Repaired, format!("{damage}; what cannot be read was taken away")),
        (_, None) => (State::Repaired, format!("{damage}; what cannot be read was set aside: {brings}")),
    })
}

/// What of the log cannot be read, if anything.
fn damage(health: &Health) -> Option<String> {
    let (records, folds) = (&health.damaged_records, &health.damaged_snapshots);
    let mut damage = Vec::new();
    if !records.is_empty() {
        let (record, is) = if records.len() == 1 { ("record", "is") } else { ("records", "are") };
        damage.push(format!("{record} {} of their log {is} damaged", listed(records)));
    }
    match health.lost_upto {
        Some(lost) => damage.push(format!(
            "no fold of their log can be read ({}), and what was written up to record {lost} is in none but these",
            listed(folds)
        )),
        None if !folds.is_empty() => damage.push(format!(
            "the fold of their log up to record {} is damaged, and what was kept beside it stands in",
            listed(folds)
        )),
        None => {}
    }
    (!damage.is_empty()).then(|| damage.join("; "))
}

/// The first few of some records.
fn listed(records: &[i64]) -> String {
    const SHOWN: usize = 5;
    let shown = records.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match records.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Claims whose holder is gone.
async fn claims(zenith: &Zenith, repair: bool) -> Result<Finding, ZenithError> {
    let run_folder = zenith.run_folder();
    let now_ms = chrono::Utc::now().timestamp_millis();
    let lease_ms = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
    let entries = zenith.packages().await?;
    let abandoned: HashSet<&str> = entries
        .iter()
        .filter_map(|entry| entry.claim.as_ref())
        .filter(|claim| now_ms - claim.since_ms > lease_ms || holder::is_gone(&run_folder, &claim.holder))
        .map(|claim| claim.holder.as_str())
        .collect();
    if repair {
        for holder in &abandoned {
            zenith.catalog.release_all(holder).await?;
        }
    }
    Ok(match (abandoned.len(), repair) {
        (0, _) => Finding { part: "claims", state: State::Ok, what: "none is abandoned".to_string() },
        (count, true) => {
            let what = format!("those of {count} dead processes were given back");
            Finding { part: "claims", state: State::Repaired, what }
        }
        (count, false) => {
            let of = if count == 1 { "a killed process" } else { "killed processes" };
            let what = format!("those of {of} go to the next `zenith index`");
            Finding { part: "claims", state: State::Ok, what }
        }
    })
}

/// Ready packages whose datasets are missing, short or changed since. Those are forgotten, to be indexed again;
/// those that cannot be read are not, since nobody knows how they are.
async fn datasets(zenith: &Zenith, repair: bool) -> Result<Finding, ZenithError> {
    let entries = zenith.packages().await?;
    let mut broken = Vec::new();
    let mut hindered = None;
    for entry in entries.iter().filter(|entry| entry.status == Status::Ready) {
        if is_whole(zenith, entry).await {
            continue;
        }
        match entry.dataset.as_deref().and_then(|dataset| zenith.lake.hindrance(dataset)) {
            Some(why) => hindered = hindered.or(Some((entry.id.to_string(), why))),
            None => broken.push(entry),
        }
    }
    if let Some((package, why)) = hindered {
        let what = format!("the files of {package} cannot be read here: {why}; nothing was forgotten");
        return Ok(Finding { part: "datasets", state: State::Broken, what });
    }
    if repair {
        for entry in &broken {
            if let Some(dataset) = zenith.catalog.remove(&entry.scope, &entry.id).await? {
                // What is left of it is found among the leftovers if it does not go now.
                let _ = zenith.lake.remove(&dataset);
            }
        }
    }
    let names: Vec<String> = broken.iter().take(5).map(|entry| entry.id.to_string()).collect();
    Ok(match (broken.len(), repair) {
        (0, _) => Finding { part: "datasets", state: State::Ok, what: "all are whole".to_string() },
        (count, true) => {
            let what = format!(
                "{count} damaged packages were forgotten ({}…): run `zenith index`",
                names.join(", ")
            );
            Finding { part: "datasets", state: State::Repaired, what }
        }
        (count, false) => {
            let what = format!("{count} packages are damaged ({}…)", names.join(", "));
            Finding { part: "datasets", state: State::Broken, what }
        }
    })
}

async fn is_whole(zenith: &Zenith, entry: &CatalogEntry) -> bool {
    let Some(dataset) = &entry.dataset else { return false };
    zenith.lake.check(dataset, entry.symbol_count, entry.chunk_count).await.is_ok()
}

fn shelf(zenith: &Zenith, scope: &crate::identity::Scope, entries: &[CatalogEntry], what: &str) -> Finding {
    let broken = |what| Finding { part: "shelf", state: State::Broken, what };
    let snapshot = match zenith.search.shelf(scope).snapshot() {
        Err(error) => return broken(error.to_string()),
        Ok(snapshot) => snapshot,
    };
    let lies_there = |entry: &&CatalogEntry| {
        let dataset = entry.dataset.as_deref().unwrap_or_default();
        snapshot.as_ref().is_some_and(|snapshot| snapshot.package(&entry.id, dataset).is_some())
    };
    let ready = entries.iter().filter(|entry| entry.scope == *scope && entry.status == Status::Ready);
    match ready.filter(|entry| !lies_there(entry)).count() {
        0 => Finding { part: "shelf", state: State::Ok, what: format!("{what} holds them all") },
        missing => broken(format!("{what} lacks {missing}")),
    }
}

/// Datasets that no row names and files of dead processes: they cost space alone.
async fn leftovers(zenith: &Zenith, repair: bool) -> Result<Finding, ZenithError> {
    let (catalog, run_folder) = (&zenith.catalog, zenith.run_folder());
    let Some(unnamed) = leftovers_of(catalog, &zenith.identity, &zenith.lake, &run_folder).await? else {
        let what = "not looked for while something is being indexed".to_string();
        return Ok(Finding { part: "leftovers", state: State::Ok, what });
    };
    if repair {
        for place in &unnamed {
            zenith.lake.remove(place)?;
        }
        holder::sweep(&zenith.run_folder());
    }
    Ok(match (unnamed.len(), repair) {
        (0, _) => Finding { part: "leftovers", state: State::Ok, what: "there are none".to_string() },
        (count, true) => Finding {
            part: "leftovers",
            state: State::Repaired,
            what: format!("{count} unnamed datasets were removed"),
        },
        (count, false) => Finding {
            part: "leftovers",
            state: State::Ok,
            what: format!(
                "{count} datasets that no package names, of killed processes: they go when the next package is indexed"
            ),
        },
    })
}

fn set_aside(path: &Path) -> std::io::Result<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = format!("{name}.damaged-{}", chrono::Utc::now().format("%Y%m%d-%H%M%S"));
    std::fs::rename(path, path.with_file_name(&aside))?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_of_the_notes_is_told_as_what_it_is() {
        let told = |records: &[i64], folds: &[i64], lost_upto| {
            let (damaged_records, damaged_snapshots) = (records.to_vec(), folds.to_vec());
            damage(&Health { damaged_records, damaged_snapshots, lost_upto, ..Health::default() })
        };
        assert_eq!(told(&[], &[], None), None);
        let told = |records, folds, lost_upto| told(records, folds, lost_upto).unwrap();
        assert_eq!(told(&[2], &[], None), "record 2 of their log is damaged");
        let many = told(&[1, 2, 3, 4, 5, 6, 7], &[], None);
        assert_eq!(many, "records 1, 2, 3, 4, 5 and 2 more of their log are damaged");
        let fold = "the fold of their log up to record 512 is damaged, and what was kept beside it stands in";
        assert_eq!(told(&[], &[512], None), fold);
        assert_eq!(told(&[2], &[512], None), format!("record 2 of their log is damaged; {fold}"));
        let lost = told(&[], &[512, 256], Some(256));
        assert!(
            lost.contains("(512, 256)") && lost.contains("up to record 256 is in none but these"),
            "{lost}"
        );
    }
}
