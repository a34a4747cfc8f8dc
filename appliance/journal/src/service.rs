//! Answers about the journal.

use std::sync::Arc;

use bus::{JournalRequest, JournalResponse, Peer, Service};
use model::journal::JournalStatus;
use model::role::Role;

use crate::collected::Collected;
use crate::read;

/// Tells every role the status, and shows records to those who may see what all roles said.
#[derive(Debug)]
pub(crate) struct JournalService {
    pub(crate) journal: Arc<Collected>,
}

impl Service for JournalService {
    type Request = JournalRequest;
    type Response = JournalResponse;

    async fn call(&self, peer: Peer, request: JournalRequest) -> JournalResponse {
        match request {
            JournalRequest::Status { newer_than } if peer.is_known() => {
                let mut status = self.journal.status();
                // Another generation, not only a higher one: the asker may have seen one of the
                // process before this one.
                let is_news = |status: &JournalStatus| Some(status.generation) != newer_than;
                // Without a sender the role is about to end; what was last known is the answer.
                let _ = status.wait_for(is_news).await;
                let status = status.borrow().clone();
                JournalResponse::Status(status)
            }
            JournalRequest::Read { query, page, limit }
                if peer.is(Role::Web) || peer.is(Role::Diagnostics) =>
            {
                let journal = Arc::clone(&self.journal);
                let read = move || read::read(&journal, query, page, limit);
                match tokio::task::spawn_blocking(read).await {
                    Ok(records) => JournalResponse::Records(records),
                    Err(error) => JournalResponse::Failed { reason: error.to_string() },
                }
            }
            JournalRequest::Forget if peer.is(Role::Web) => {
                let journal = Arc::clone(&self.journal);
                match tokio::task::spawn_blocking(move || journal.forget()).await {
                    Ok(Ok(())) => JournalResponse::Done,
                    Ok(Err(error)) => JournalResponse::Failed { reason: error.in_one_line() },
                    Err(error) => JournalResponse::Failed { reason: error.to_string() },
                }
            }
            JournalRequest::Status { .. }
            | JournalRequest::Read { .. }
            | JournalRequest::Forget => JournalResponse::Forbidden,
        }
    }
}
