//! What is done to instances, and what is asked of them.

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use zenith_core::Zenith;
use zenith_core::publish::{
    AuthoredId, Difference, PublishEvent, PublishReport, Route, Status, UserInstance,
};

use super::desk::Desk;
use super::work::{Detail, Looked, Message, Planned, Written};
use crate::explorer::parts::job::Sender;

/// An error in its own words.
fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

pub async fn look(zenith: &Zenith, desk: Desk) -> Result<Looked, String> {
    let Some(authored) = desk.found(zenith).await? else { return Ok(Looked::default()) };
    let standings = authored.standings(&zenith.translations().map_err(told)?).await.map_err(told)?;
    Ok(Looked { file: Some(zenith.authored_path()), standings, desk: Desk::of(authored) })
}

pub async fn compare(zenith: &Zenith, deep: bool) -> Result<Vec<Difference>, String> {
    zenith.publisher().await.map_err(told)?.verify(deep).await.map_err(told)
}

pub async fn users(zenith: &Zenith) -> Result<Vec<UserInstance>, String> {
    zenith.workspace().await.map_err(told)?.list().await.map_err(told)
}

pub async fn detail(zenith: &Zenith, desk: Desk, id: &AuthoredId) -> Result<Detail, String> {
    let authored = desk.opened(zenith).await?;
    let (all, offline) = (zenith.translations().map_err(told)?, zenith.offline_translations());
    Ok(Detail {
        instance: authored.get(id).await.map_err(told)?,
        changes: authored.changes(id).await.map_err(told)?,
        outlooks: authored.outlook(std::slice::from_ref(id), &all, &offline).await.map_err(told)?,
        history: authored.history(id).await.map_err(told)?,
    })
}

pub async fn plan(zenith: &Zenith, desk: Desk, id: Option<AuthoredId>) -> Result<Planned, String> {
    let authored = desk.opened(zenith).await?;
    let (translations, offline) = (zenith.translations().map_err(told)?, zenith.offline_translations());
    let all = authored.outlook(&[], &translations, &offline).await.map_err(told)?;
    // One that is named is published also where it was rolled back.
    let one = match id {
        Some(id) => {
            let outlooks = authored.outlook(std::slice::from_ref(&id), &translations, &offline);
            Some((id.clone(), outlooks.await.map_err(told)?))
        }
        None => None,
    };
    Ok(Planned { one, all })
}

pub async fn publish(
    zenith: &Zenith,
    ids: &[AuthoredId],
    sender: &Sender<Message>,
    stop: CancellationToken,
) -> Result<PublishReport, String> {
    let publisher = zenith.publisher().await.map_err(told)?;
    telling(sender, async |events| publisher.publish(ids, events, &stop).await.map_err(told)).await
}

pub async fn rollback(
    zenith: &Zenith,
    id: &AuthoredId,
    sequence: u64,
    sender: &Sender<Message>,
    stop: CancellationToken,
) -> Result<PublishReport, String> {
    let publisher = zenith.publisher().await.map_err(told)?;
    telling(sender, async |events| publisher.rollback(id, sequence, events, &stop).await.map_err(told)).await
}

/// Runs something, and tells what happens meanwhile.
async fn telling(
    sender: &Sender<Message>,
    run: impl AsyncFnOnce(UnboundedSender<PublishEvent>) -> Result<PublishReport, String>,
) -> Result<PublishReport, String> {
    let (events, mut happens) = unbounded_channel();
    let forward = async {
        while let Some(event) = happens.recv().await {
            sender.send(Message::Happened(event));
        }
    };
    tokio::join!(run(events), forward).0
}

pub async fn set_status(
    zenith: &Zenith,
    desk: Desk,
    id: &AuthoredId,
    status: Status,
) -> Result<String, String> {
    let (_, is_changed) = desk.opened(zenith).await?.set_status(id, status).await.map_err(told)?;
    Ok(match is_changed {
        true => format!("{id} is {} in the next publication", status.as_str()),
        false => format!("{id} is {} by now", status.as_str()),
    })
}

/// Keeps what was written: where, follows from the id.
pub async fn save(zenith: &Zenith, desk: Desk, written: &Written) -> Result<String, String> {
    let (authored, bytes) = (desk.opened(zenith).await?, written.text.as_bytes());
    let (name, revision, is_changed) = match &written.id {
        Route::Authored(id) => {
            let saved = authored.save(id, written.widget_type.as_ref(), bytes).await.map_err(told)?;
            (id.to_string(), saved.0.revision, saved.1)
        }
        Route::User(id) => {
            let registry = authored.registry().map_err(told)?;
            let workspace = zenith.workspace().await.map_err(told)?;
            let saved = workspace.save(id, &registry, bytes).await.map_err(told)?;
            (id.to_string(), saved.0.revision, saved.1)
        }
    };
    Ok(match is_changed {
        true => format!("{name} is kept, revision {revision}"),
        false => format!("{name} is what it was"),
    })
}
