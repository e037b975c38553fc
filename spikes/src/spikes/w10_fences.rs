//! W10: two fences stand around a workspace's instances, and either alone holds.
//!
//! Why: one condition that is forgotten in one statement, or one token that was made too wide, is otherwise all it takes to
//! show a customer's texts to another.
//!
//! Method: workspaces with a database each keep instances under the same ids, each with its own canary, and translate them.
//! For all pairs: the one's token against the other's database; the other's name on the own database; then with either
//! fence taken away: a token that opens all databases; tables without their triggers, with a row of another's among them.
//! Each time everything is read that the program reads. Beside that, an authored instance is deprecated, one withdrawn.
//!
//! Accept when no text of another's is read while one fence stands; a deprecated instance is its baseline, with a word, and
//! one that never was an error.

use anyhow::{Context, Result};
use futures::FutureExt;
use secrecy::SecretString;
use serde_json::json;
use zenith_core::catalog::Server;
use zenith_core::identity::service::Access;
use zenith_core::publish::{
    AuthoredId, Locale, PublishError, Publisher, Reader, Reason, Registry, Status, Terms, UserId, WidgetType,
    Workspace,
};
use zenith_harness::{Backend, Evidence, Expected, Fault, Group, Spike, Target, Trial, Unit};

use crate::instances::{english, entitle, publish, publisher};
use crate::people::TOKEN_LIFETIME;
use crate::tenants::connect;

const BOTH: &str = "both-fences-down";

pub const SPIKE: Spike = Spike {
    id: "W10",
    title: "of two fences around a workspace's instances either alone holds",
    group: Group::Publishing,
    backends: &[Backend::Local, Backend::Container],
    expected: Expected::Holds,
    targets: &[Target::gate("texts of another workspace that were read", 0.0, Unit::Count)],
    faults: &[Fault {
        name: BOTH,
        what: "a token opens every database, and another's rows were stamped anew",
    }],
    run: |trial| run(trial).boxed(),
};

const WORKSPACES: usize = 24;
const WORKSPACES_BRIEF: usize = 2;
/// The same in every workspace.
const IDS: [&str; 3] = ["wgt_faq_u_same", "wgt_hero_u_same", "wgt_hero_u_other"];
const STRAY: &str = "wgt_faq_u_stray";

/// A workspace, and how its member reaches its database.
struct Member {
    name: String,
    server: Server,
}

async fn run(trial: Trial) -> Result<Evidence> {
    let mut evidence = trial.evidence();
    let author = publisher(&trial, "author").await?;
    let registry = author.authored.registry()?;
    let count = if trial.is_brief { WORKSPACES_BRIEF } else { WORKSPACES };
    trial.progress(format!("{count} workspaces"));
    let mut members = Vec::new();
    for number in 0..count {
        members.push(member(&trial, &registry, number).await?);
    }
    let names: Vec<(&str, Access)> =
        members.iter().map(|member| (member.name.as_str(), Access::ReadWrite)).collect();
    let wide = trial.lab.issuer().mint_database(&names, TOKEN_LIFETIME)?;

    trial.progress("each against every other");
    let (mut leaks, mut cases) = (0, 0);
    for own in &members {
        for other in members.iter().filter(|other| other.name != own.name) {
            let mut found = Vec::new();
            let at = |token: &SecretString| Server { url: other.server.url.clone(), token: token.clone() };
            if trial.has_fault(BOTH) {
                restamp(&at(&wide), &own.name).await?;
            }
            // The own token, and one that opens all: then what the database says of itself stands alone.
            for token in [&own.server.token, &wide] {
                found.extend(read(&at(token), &own.name, &registry).await);
            }
            // The other's name, where the token is none of its.
            found.extend(read(&own.server, &other.name, &registry).await);
            found.extend(read(&at(&own.server.token), &other.name, &registry).await);
            cases += 4;
            leaks += of(&found, &other.name);
        }
    }
    if !trial.has_fault(BOTH) {
        trial.progress("tables without triggers");
        for (at, own) in members.iter().enumerate() {
            let other = &members[(at + 1) % members.len()];
            stray(&own.server, &other.name).await?;
            let found = read(&own.server, &own.name, &registry).await;
            cases += 1;
            leaks += of(&found, &other.name);
            evidence.check_eq("own texts that are read", of(&found, &own.name), 3 * IDS.len() as u64);
        }
    }
    evidence.count("texts of another workspace that were read", leaks, Unit::Count);
    evidence.count("cases", cases, Unit::Count);

    trial.progress("authored instances that are taken back");
    taken_back(&author, &mut evidence).await?;
    Ok(evidence)
}

fn canary(workspace: &str) -> String {
    format!("canary of {workspace};")
}

/// How many of these texts are a workspace's.
fn of(found: &[String], workspace: &str) -> u64 {
    found.iter().filter(|text| text.contains(&canary(workspace))).count() as u64
}

async fn member(trial: &Trial, registry: &Registry, number: usize) -> Result<Member> {
    let name = format!("workspace-{number:02}");
    let database = trial.lab.database(&name).await?;
    let workspace = Workspace::open(database.open().await?, &name).await?;
    for id in IDS {
        let config = serde_json::to_vec(&json!({ "title": canary(&name) }))?;
        let id = UserId::parse(id)?;
        workspace.save(&id, registry, &config).await?;
        let german = [("/title".to_string(), format!("auf Deutsch: {}", canary(&name)))].into();
        workspace.translate(&id, registry, &Locale::parse("de")?, german).await?;
    }
    Ok(Member { server: database.server()?.clone(), name })
}

/// Every text that the program reads of a database as a workspace's: the list, each by its id, each in German.
async fn read(server: &Server, workspace: &str, registry: &Registry) -> Vec<String> {
    let mut found = Vec::new();
    let all = async {
        let workspace = Workspace::open(server.open().await?, workspace).await?;
        found.extend(workspace.list().await?.into_iter().map(|instance| format!("{:?}", instance.config)));
        for id in IDS.into_iter().chain([STRAY]) {
            let id = UserId::parse(id)?;
            let Ok(one) = workspace.get(&id).await else { continue };
            found.push(format!("{:?}", one.config));
            let german = workspace.resolve(&id, registry, &Locale::parse("de")?).await?;
            found.push(format!("{german:?}"));
        }
        Ok::<(), PublishError>(())
    };
    // What was refused yielded nothing more.
    let _ = all.await;
    found
}

/// Has a database say of itself that it is another workspace's, as nobody can whom its tables hold back.
async fn restamp(server: &Server, workspace: &str) -> Result<()> {
    let connection = connect(server).await?;
    let triggers = [
        "instance_store_stays",
        "widget_instances_stay",
        "widget_instances_forward",
        "widget_instance_locales_stay",
    ];
    for trigger in triggers {
        connection.execute(&format!("DROP TRIGGER IF EXISTS {trigger}"), ()).await?;
    }
    for table in ["instance_store", "widget_instances", "widget_instance_locales"] {
        connection.execute(&format!("UPDATE {table} SET workspace_id = ?1"), [workspace]).await?;
    }
    Ok(())
}

/// Puts a row of another workspace into a database whose triggers are gone.
async fn stray(server: &Server, other: &str) -> Result<()> {
    let connection = connect(server).await?;
    let row = "INSERT INTO widget_instances (public_id, workspace_id, widget_type, config, revision, created_at, \
               updated_at) VALUES (?1, ?2, 'faq', ?3, 1, 0, 0)";
    let values = || (STRAY, other, json!({ "title": canary(other) }).to_string());
    let refused = connection.execute(row, values()).await;
    anyhow::ensure!(refused.is_err(), "the tables took a row of another workspace");
    connection.execute("DROP TRIGGER widget_instances_own", ()).await?;
    connection.execute(row, values()).await.context("without its trigger the table takes it")?;
    Ok(())
}

/// Deprecated, withdrawn and never there are three answers.
async fn taken_back(author: &Publisher, evidence: &mut Evidence) -> Result<()> {
    let [spring, summer, lost] =
        ["wgt_curated_spring", "wgt_curated_summer", "wgt_curated_lost"].map(AuthoredId::parse);
    let (spring, summer, lost) = (spring?, summer?, lost?);
    entitle(author, "wgt_main_hero", "the baseline").await?;
    let hero = WidgetType::parse("hero")?;
    for id in [&spring, &summer] {
        author.authored.save(id, Some(&hero), br#"{"title":"of a season"}"#).await?;
    }
    publish(author).await?;
    author.authored.set_status(&spring, Status::Deprecated).await?;
    author.authored.set_status(&summer, Status::Unpublished).await?;
    publish(author).await?;
    let reader = Reader::new(author.store.clone());
    let (en, terms) = (english()?, Terms::default());
    let get = async |id: &AuthoredId| reader.resolve(id, &en, &terms).await;
    let got = get(&spring).await?;
    let told = (got.got.to_string(), got.reasons, got.content["title"].clone());
    let expected = ("wgt_main_hero".to_string(), vec![Reason::Deprecated], json!("the baseline"));
    evidence.check_eq("what a deprecated one leads to", told, expected);
    let withdrawn = get(&summer).await;
    evidence.check("one that was withdrawn", matches!(withdrawn, Err(PublishError::Withdrawn(_))));
    let never = get(&lost).await;
    evidence.check("one that never was", matches!(never, Err(PublishError::NotPublished(_))));
    Ok(())
}
