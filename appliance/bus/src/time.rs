//! Requests to the time role.

use model::clock::ClockStatus;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the time role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum TimeRequest {
    /// Whether the clock is right. Any role. Answered at once, or when there is a generation newer
    /// than the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Asks a time server once, before it is stored or for the prechecks. Web and diagnostics only.
    CheckServer {
        /// Address or host name.
        server: String,
    },
}

/// What a time server that was asked once answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum ServerCheck {
    /// It answers with a time that can be used.
    Good,
    /// It cannot be used.
    Bad {
        /// Why, in plain words: it does not answer, it is not synchronised itself.
        reason: String,
    },
}

/// The answer of the time role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum TimeResponse {
    /// Whether the clock is right.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The state.
        status: ClockStatus,
    },
    /// What the server answered.
    ServerCheck(ServerCheck),
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for TimeRequest {
    type Response = TimeResponse;
    type Status = ClockStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: TimeResponse) -> Option<(u64, ClockStatus)> {
        match response {
            TimeResponse::Status { generation, status } => Some((generation, status)),
            TimeResponse::ServerCheck(_) | TimeResponse::Forbidden => None,
        }
    }
}
