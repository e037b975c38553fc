//! Synchronising notes with a Yjs server: y-websocket or Hocuspocus.
//!
//! State vectors prove nothing: a peer in which something is missing may have the same as one that has all. So the server
//! is asked for all of its document, before and after, and what it holds is compared by content.

mod line;

use url::Url;

use super::frame::Framing;
use super::{Left, Synced};
use crate::http::shown_address;
use crate::task;
use crate::workspace::document::{Replica, UPDATE_BYTES_MAX};
use crate::workspace::error::{Refusal, WorkspaceError};
use crate::workspace::handle::Workspace;
use crate::workspace::log::Log;
use crate::workspace::walk;
use line::Line;

/// The state vector of nothing: who has it lacks all.
const NOTHING: [u8; 1] = [0];

/// A Yjs server, and the document there.
#[derive(Clone, Debug)]
pub struct Server {
    /// `ws://…` or `wss://…`; of y-websocket with the room as its path.
    pub url: Url,
    pub framing: Framing,
}

/// Why a server could not be synchronised with. None of its words is in it but why it lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error("the address has no host, or another scheme than ws or wss")]
    Address,
    #[error("it cannot be reached: {0}")]
    Unreached(String),
    #[error(
        "it speaks no TLS with a certificate that this machine trusts; a server without TLS is reached by ws://"
    )]
    Tls,
    #[error("it is no Yjs server, or there is no such room")]
    Handshake,
    #[error("it does not answer")]
    Silent,
    #[error("it ended the connection")]
    Ended,
    #[error("it does not let you in: {0}")]
    Denied(String),
    #[error("it sends more than the {UPDATE_BYTES_MAX} bytes that are taken at once")]
    Large,
    #[error("it did not take all of your notes; nothing here is lost, synchronise again")]
    NotTaken,
    #[error(
        "the document there cannot be taken ({0}), and nothing of yours was put there; use another room, or have that \
         one emptied"
    )]
    NotRead(Refusal),
    #[error(
        "all of your notes were put there, and nothing of the document there was taken ({0}); use another room, or \
         have that removed there"
    )]
    PushedAlone(Refusal),
}

impl Workspace {
    /// Brings notes and the document on a server together, and proves that both hold the same.
    pub async fn sync_server(&self, server: &Server) -> Result<Synced, WorkspaceError> {
        let name = shown_address(&server.url).ok_or(ServerError::Address)?;
        let mut report = Synced { place: name, ..Synced::default() };
        let log = Log::open(self.path()).await?;
        let place = log.place(&report.place).await?;
        let mut line = Line::open(server).await?;
        let theirs = takable(line.all().await?).await;
        if let Some(why) = theirs.cut {
            let why = format!(
                "{why}, and what the same program wrote after it waits for it; all else was taken. Whoever wrote it has \
                 to remove it there"
            );
            report.left.push(Left { key: "a part of the document there".to_owned(), why });
        }
        let taken = self.take(vec![theirs.update.clone()], place.id).await?;
        report.pulled = taken.taken;
        let refused = taken.refused.into_iter().next().map(|(_, why)| why);
        let replica = apart(theirs.update).await;
        // What of it cannot even be read apart is no place to put anything.
        if let (Some(why), None) = (&refused, &replica) {
            return Err(ServerError::NotRead(why.clone()).into());
        }
        let is_alone = refused.is_some();
        if !self.is_held_by(replica.as_ref(), is_alone) {
            report.pushed = 1;
            let vector = replica.map_or_else(|| NOTHING.to_vec(), |theirs| theirs.vector());
            let mut is_same = false;
            // First what it lacks by its own state vector; where that has a hole, all.
            for update in [self.lacked(vector).await?, self.state().await?.0] {
                line.send(line.framing.update(&update)).await?;
                let theirs = takable(line.all().await?).await.update;
                is_same = self.is_held_by(apart(theirs).await.as_ref(), is_alone);
                if is_same {
                    break;
                }
            }
            if !is_same {
                return Err(ServerError::NotTaken.into());
            }
        }
        line.close().await;
        if let Some(why) = refused {
            return Err(ServerError::PushedAlone(why).into());
        }
        report.is_waiting = self.health().await?.is_waiting;
        Ok(report)
    }

    /// Whether another holds the rows and problems of this document; the rows alone and whatever else, where what it
    /// holds was not taken.
    fn is_held_by(&self, theirs: Option<&Replica>, is_alone: bool) -> bool {
        let ours = self.snapshot();
        theirs.is_some_and(|theirs| if is_alone { theirs.has_all_of(&ours) } else { theirs.holds(&ours) })
    }
}

/// What of a document that another holds can be taken.
struct Takable {
    update: Vec<u8>,
    /// Why it is not all of it.
    cut: Option<Refusal>,
}

/// One value that lies too deep costs itself and what waits for it, and nothing of anybody else's.
async fn takable(state: Vec<u8>) -> Takable {
    let kept = state.clone();
    let looked = task::alone(async move {
        match walk::update(&state) {
            Err(why @ Refusal::Deep(_)) => match walk::shallow(&state) {
                Ok(update) => Takable { update, cut: Some(why) },
                Err(_) => Takable { update: state, cut: None },
            },
            _ => Takable { update: state, cut: None },
        }
    });
    looked.await.unwrap_or(Takable { update: kept, cut: None })
}

/// The document that another holds, apart from this one; nothing where it is none.
async fn apart(state: Vec<u8>) -> Option<Replica> {
    let read = task::alone(async move {
        walk::update(&state).ok()?;
        let mut replica = Replica::new("");
        replica.apply(&state).ok()?;
        replica.refresh();
        Some(replica)
    });
    read.await.flatten()
}

#[cfg(test)]
mod tests;
