//! Requests to the journal role.

use model::journal::{JournalStatus, Page, Query, Records};
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the journal role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum JournalRequest {
    /// Sizes, losses and the state of the remote server. Any role. Answered at once, or when there is
    /// a generation newer than the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// A page of records. Web and Diagnostics only.
    Read {
        /// Which records.
        #[serde(default)]
        query: Query,
        /// Where to begin, and in which direction to go.
        #[serde(default)]
        page: Page,
        /// Most records in the answer; at most [`model::journal::MAX_PAGE_RECORDS`].
        limit: u32,
    },
    /// Removes every record of earlier times from memory and disk: part of a factory reset. Web only.
    Forget,
}

/// The answer of the journal role.
#[expect(clippy::large_enum_variant, reason = "a few messages at a time, each sent at once")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum JournalResponse {
    /// Sizes, losses and the state of the remote server.
    Status(JournalStatus),
    /// A page of records.
    Records(Records),
    /// Done.
    Done,
    /// It could not be done.
    Failed {
        /// Why.
        reason: String,
    },
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for JournalRequest {
    type Response = JournalResponse;
    type Status = JournalStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: JournalResponse) -> Option<(u64, JournalStatus)> {
        match response {
            JournalResponse::Status(status) => Some((status.generation, status)),
            _ => None,
        }
    }
}
