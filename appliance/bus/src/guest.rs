//! Requests to the guest role.

use model::guest::GuestStatus;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the guest role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum GuestRequest {
    /// The platform, and what became of its first settings. Any role. Answered at once, or when there is a
    /// generation newer than the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
}

/// The answer of the guest role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum GuestResponse {
    /// The status.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The state.
        status: GuestStatus,
    },
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for GuestRequest {
    type Response = GuestResponse;
    type Status = GuestStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: GuestResponse) -> Option<(u64, GuestStatus)> {
        match response {
            GuestResponse::Status { generation, status } => Some((generation, status)),
            GuestResponse::Forbidden => None,
        }
    }
}
