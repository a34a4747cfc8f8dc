//! What is relayed to a web server inside, and what comes back.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Uri};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use protocol::web::{WebAnswer, WebRequest};
use registry::TenantId;
use tracing::debug;

use crate::in_flight::Place;
use crate::order::Data;

/// A request for a web server inside a resource location.
#[derive(Debug)]
pub struct RelayOrder {
    /// Whose.
    pub tenant: TenantId,
    /// Resource location.
    pub location: String,
    /// Identifier, the same in the logs of both sides.
    pub id: String,
    /// The request.
    pub request: WebRequest,
    /// The body, which is read as fast as the server reads it.
    pub body: Body,
    /// The client's connection, if it wants to go on with another protocol.
    pub upgrade: Option<Upgrade>,
    /// Until the server is reached, and then from the last octet of the request until the header of the
    /// answer; at most five minutes.
    pub within: Duration,
}

/// What a web server answers.
#[derive(Debug)]
pub struct Relayed {
    /// Which connector relays.
    pub connector: String,
    /// The answer.
    pub answer: WebAnswer,
    /// Its body; `None` after an upgrade, which has the connection.
    pub data: Option<Data>,
}

/// A client's connection that is to go on with another protocol.
pub struct Upgrade {
    pub(crate) upgraded: OnUpgrade,
    /// Held until the connection ends.
    pub(crate) place: Arc<Place>,
}

impl Upgrade {
    /// Serves the connection once the client has its answer, until it ends.
    pub async fn serve<F>(self, serve: impl FnOnce(TokioIo<Upgraded>) -> F)
    where
        F: Future<Output = ()>,
    {
        match self.upgraded.await {
            Ok(upgraded) => serve(TokioIo::new(upgraded)).await,
            Err(error) => debug!(%error, "A client left before its upgrade"),
        }
        drop(self.place);
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// A request whose body is not read before its handler.
#[derive(Debug)]
pub(crate) struct Streamed {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) body: Body,
    pub(crate) upgraded: Option<OnUpgrade>,
}
