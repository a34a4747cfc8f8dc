//! Requests to the network role.

use std::net::Ipv4Addr;

use model::network::NetworkStatus;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the network role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum NetworkRequest {
    /// The values in use. Any role. Answered at once, or when there is a generation newer than the
    /// one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Asks by ARP whether another machine has this address. Web and diagnostics only.
    CheckAddress {
        /// The address.
        address: Ipv4Addr,
    },
}

/// Whether an address is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum AddressCheck {
    /// Nobody answered for it, or this machine has it.
    Free,
    /// Another machine answered.
    Taken {
        /// Its hardware address, `52:54:00:12:34:56`.
        holder: String,
    },
    /// It could not be asked, such as without a link.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// The answer of the network role.
#[expect(clippy::large_enum_variant, reason = "a few messages at a time, each sent at once")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum NetworkResponse {
    /// The values in use.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The values.
        status: NetworkStatus,
    },
    /// Whether the address is free.
    AddressCheck(AddressCheck),
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for NetworkRequest {
    type Response = NetworkResponse;
    type Status = NetworkStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: NetworkResponse) -> Option<(u64, NetworkStatus)> {
        match response {
            NetworkResponse::Status { generation, status } => Some((generation, status)),
            NetworkResponse::AddressCheck(_) | NetworkResponse::Forbidden => None,
        }
    }
}
