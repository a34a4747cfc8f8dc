//! The ways that a request may go: a connection of this gateway, or another gateway.

use std::sync::Arc;

use cluster::Remote;

use crate::connection::Connection;

/// A way to a connector.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// A connection.
    Here(Arc<Connection>),
    /// A connector that is connected to another gateway.
    There(Remote),
}

impl Route {
    /// A number that no other way has.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Here(connection) => connection.number,
            Self::There(remote) => remote.number,
        }
    }

    /// Identifier of the connector.
    pub(crate) fn connector(&self) -> &str {
        match self {
            Self::Here(connection) => &connection.owner.connector,
            Self::There(remote) => &remote.about.connector,
        }
    }

    /// Time that a further request would probably take.
    pub(crate) fn cost(&self) -> u64 {
        match self {
            Self::Here(connection) => connection.cost(),
            Self::There(remote) => remote.cost(),
        }
    }

    /// Whether the connector has joined a domain.
    pub(crate) fn serves(&self, domain: &str) -> bool {
        match self {
            Self::Here(connection) => connection.serves(domain),
            Self::There(remote) => {
                remote.about.domains.iter().any(|it| it.eq_ignore_ascii_case(domain))
            }
        }
    }
}
