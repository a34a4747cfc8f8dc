//! What appliances are asked to do, and what comes back.

use std::io;
use std::time::Duration;

use axum::body::Bytes;
use protocol::request::{Failure, Operation};
use registry::TenantId;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::mpsc;

/// A request for connectors of a resource location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub tenant: TenantId,
    /// Resource location.
    pub location: String,
    /// Only this connector; `None` = any of them.
    pub connector: Option<String>,
    /// Identifier, the same in the logs of both sides.
    pub id: String,
    /// What to do.
    pub operation: Operation,
    /// Until when the answer is of use; at most five minutes.
    pub within: Duration,
}

/// Data of an answer in pieces. A piece that is an error says that the rest is lost.
pub type Data = mpsc::Receiver<io::Result<Bytes>>;

/// What a connector answers.
#[derive(Debug)]
pub struct Answered {
    /// Which one it was.
    pub connector: String,
    /// What the operation gives.
    pub body: Value,
    /// Data that belong to it.
    pub data: Option<Data>,
}

/// Why no connector answers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unanswered {
    /// None is connected, and none came in time.
    #[error("no connector is connected")]
    NobodyThere,
    /// Connectors are connected, but none had room for the request in time.
    #[error("all connectors are busy")]
    Busy,
    /// The last one that was asked did not answer in time.
    #[error("no connector answered in time")]
    Deadline,
    /// A connector answered that it cannot.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The connector that had the request was lost, and it must not be sent twice.
    #[error("the connector was lost; nobody knows whether it carried out the request")]
    InDoubt,
    /// The client broke off in the middle of the body.
    #[error("the body of the request broke off")]
    Broken,
    /// The gateways cannot take the request.
    #[error("{0}")]
    Unavailable(String),
}
