//! One question of an agent: what it needs, how far it is, and how it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, ErrorData, ProgressNotificationParam};
use rmcp::service::{RequestContext, RoleServer};
use zenith_core::Zenith;
use zenith_core::index::project;
use zenith_core::search::Project;

use super::beside::Beside;
use super::freshness;
use super::project::Places;
use super::quote;
use crate::text::{clean, clean_line, with_causes};

/// An error may quote much.
const NOTICE_BYTES_MAX: usize = 300;
/// How often an agent that asked for progress hears that a question still waits.
const STILL: Duration = Duration::from_millis(500);

/// Why a question is not answered, in words for the agent that asked.
#[derive(Debug)]
pub struct Refusal(String);

/// What a question is answered from.
pub struct Call {
    pub zenith: Zenith,
    pub project: Option<Arc<Project>>,
    /// The project's Cargo.lock, if it has one.
    pub lockfile: Option<PathBuf>,
    /// What is to be said beside the answer.
    pub notices: Vec<String>,
}

impl Refusal {
    pub fn new(why: impl Into<String>) -> Refusal {
        Refusal(why.into())
    }

    /// With what an answer would have said beside.
    pub fn with(self, notices: &[String]) -> Refusal {
        Refusal([&[self.0], notices].concat().join("\n"))
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Refusal {
        Refusal(with_causes(&error))
    }
}

impl From<zenith_core::ZenithError> for Refusal {
    fn from(error: zenith_core::ZenithError) -> Refusal {
        Refusal::from(anyhow::Error::new(error))
    }
}

impl IntoCallToolResult for Refusal {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::error(vec![ContentBlock::text(clean(&self.0))]).into())
    }
}

impl Call {
    /// Waits for the data folder, finds the project, and has it indexed beside where that is due.
    pub async fn begin(
        beside: &Arc<Beside>,
        places: &Places,
        context: &RequestContext<RoleServer>,
    ) -> Result<Call, Refusal> {
        let zenith = beside.zenith().await?.clone();
        let place = places.current(&context.peer).await;
        let mut notices = Vec::new();
        let (mut known, mut stale) = (None, None);
        match place.lockfile() {
            Some(lockfile) => {
                stale = freshness::stale(&zenith, lockfile).await;
                let (data_dir, lockfile) = (zenith.config.data_dir.clone(), lockfile.to_path_buf());
                let read = tokio::task::spawn_blocking(move || project(&data_dir, &lockfile));
                match read.await.context("the lockfile was not read")? {
                    Ok(project) => known = Some(Arc::new(project)),
                    Err(error) => notices.push(clean_line(&error.to_string())),
                }
            }
            None if place.source.is_none() => notices.push(format!(
                "no Cargo.toml governs {}: this answer is from all that is indexed on this machine",
                clean_line(&place.folder.display().to_string())
            )),
            None => {}
        }
        beside.index(&zenith, &place, stale.as_deref());
        notices.extend(stale);
        notices.extend(beside.run().told());
        let notices = notices.iter().map(|notice| quote::line(notice, NOTICE_BYTES_MAX)).collect();
        let lockfile = place.lockfile().map(Path::to_path_buf);
        Ok(Call { zenith, project: known, lockfile, notices })
    }
}

/// What work comes to, unless the agent takes the question back: then the work is dropped where it stands. An agent that
/// asked for progress hears now and then what a question waits for.
pub async fn follow<T>(
    context: &RequestContext<RoleServer>,
    beside: &Beside,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let told = async {
        let mut waited = 0.0;
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(STILL) => {
                    // It has to grow each time, and nobody knows what the whole is.
                    waited += 1.0;
                    tell(context, waited, &waits_for(beside)).await;
                }
            }
        }
    };
    // The protocol has no answer to what was taken back: this one goes nowhere.
    context.ct.run_until_cancelled(told).await.unwrap_or_else(|| Err(Refusal::new("taken back")))
}

fn waits_for(beside: &Beside) -> String {
    match beside.run().told() {
        _ if !beside.is_open() => "opening the data folder".to_string(),
        Some(told) => told,
        None => "searching".to_string(),
    }
}

/// Tells a step. An agent that is gone hears nothing.
async fn tell(context: &RequestContext<RoleServer>, progress: f64, words: &str) {
    let Some(token) = context.meta.get_progress_token() else { return };
    let step = ProgressNotificationParam::new(token, progress).with_message(words);
    let _ = context.peer.notify_progress(step).await;
}
