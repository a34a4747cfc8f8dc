//! What dialling gives.

use std::net::SocketAddr;

use model::outbound::{FailureCause, Interception, RouteTaken, Step, StepTimes};
use model::proxy::ProxyLocation;
use thiserror::Error;

use crate::stream::Stream;
use crate::tls::TlsFacts;

/// A connection that stands.
#[derive(Debug)]
pub struct Connection {
    /// Its bytes.
    pub stream: Stream,
    /// The way that it takes.
    pub route: RouteTaken,
    /// The server, or the proxy that it goes through.
    pub peer: SocketAddr,
    /// How long each step took.
    pub times: StepTimes,
    /// What TLS settled on; `None` = no TLS was asked for.
    pub tls: Option<TlsFacts>,
    /// Who reads along.
    pub interception: Option<Interception>,
}

/// A proxy that was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAttempt {
    /// Which.
    pub proxy: ProxyLocation,
    /// What came of it.
    pub cause: FailureCause,
}

/// Why there is no connection.
#[derive(Clone, Debug, Error)]
#[error("{cause}")]
pub struct DialError {
    /// Which of the nine causes; of several proxies, the one that tells most.
    pub cause: FailureCause,
    /// The step that failed.
    pub step: Step,
    /// The way that was taken; `None` = it failed before there was one.
    pub route: Option<RouteTaken>,
    /// How long each step took, the one that failed included.
    pub times: StepTimes,
    /// The proxies that were tried in vain, in order.
    pub attempts: Vec<ProxyAttempt>,
    /// The certificates that the server presented, as far as it came; DER, its own first.
    pub chain: Vec<Vec<u8>>,
}
