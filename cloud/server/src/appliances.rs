//! The gateway of this program, and by it the others, as the site asks them.

use std::io;
use std::time::Duration;

use gateway::{
    ConfirmError, Data as Arriving, Gateway, RegisterError, RelayError, RelayStream, Undelivered,
};
use protocol::web::IDLE_SECONDS;
use registry::{Change, Connector, TenantId};
use site::{
    Answer, Answered, ApplianceError, Appliances, Asking, Confirmed, Connected, Data, Order,
    Origin, RelayOrder, Relayed, Relaying, Unanswered,
};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::time::timeout;
use tunnel::{Piece, TunnelError};

/// Pieces of data, 64 KiB each at most, that wait for a client that reads slowly.
const PIECES: usize = 4;
/// Longest pause between two pieces of data.
const PIECE_LIMIT: Duration = Duration::from_secs(30);

/// Appliances that are connected to this program.
#[derive(Debug)]
pub(crate) struct Here(pub(crate) Gateway);

impl Appliances for Here {
    fn confirm<'a>(
        &'a self,
        tenant: &'a TenantId,
        code: &'a str,
        change: &'a Change,
    ) -> Answer<'a, Confirmed> {
        Box::pin(async move {
            match self.0.confirm(tenant, code, change).await {
                Ok((registration, security_number)) => {
                    Ok(Confirmed { registration, security_number })
                }
                Err(ConfirmError::Registry(error)) => Err(error.into()),
                Err(ConfirmError::Unreachable) => Err(ApplianceError::Unreachable),
            }
        })
    }

    fn register<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        location: Option<&'a str>,
        change: &'a Change,
    ) -> Answer<'a, Connector> {
        Box::pin(async move {
            let registered = self.0.register(tenant, registration, location, change).await;
            registered.map_err(|error| match error {
                RegisterError::Registry(error) => error.into(),
                other => ApplianceError::Unavailable(other.to_string()),
            })
        })
    }

    fn refuse<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        change: &'a Change,
    ) -> Answer<'a, ()> {
        Box::pin(async move { Ok(self.0.refuse(tenant, registration, change).await?) })
    }

    fn forget<'a>(
        &'a self,
        tenant: &'a TenantId,
        location: &'a str,
        connector: &'a str,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            self.0.forget(tenant, location, connector).await;
            Ok(())
        })
    }

    fn ask(&self, order: Order) -> Asking<'_> {
        Box::pin(async move {
            let order = gateway::Order {
                tenant: order.tenant,
                location: order.location,
                id: order.id,
                operation: order.operation,
                connector: order.connector,
                within: order.within,
            };
            let reply = self.0.send(order).await.map_err(unanswered)?;
            let data = reply.data.map(relay);
            Ok(Answered { connector: reply.connector, body: reply.body, data })
        })
    }

    fn relay(&self, order: RelayOrder) -> Relaying<'_> {
        Box::pin(async move {
            let RelayOrder { tenant, location, id, request, body, upgrade, within } = order;
            let order = gateway::RelayOrder { tenant, location, id, request, within };
            let relayed = self.0.relay(&order, body).await.map_err(|error| match error {
                RelayError::Undelivered(cause) => unanswered(cause),
                RelayError::Broken => Unanswered::Broken,
            })?;
            let gateway::Relayed { connector, answer, stream } = relayed;
            let data = match (answer.upgrade.is_some(), upgrade) {
                (false, _) => Some(body_of(stream)),
                (true, None) => {
                    let cause = "an upgrade that nobody asked for".to_owned();
                    return Err(Unanswered::Unavailable(cause));
                }
                (true, Some(upgrade)) => {
                    tokio::spawn(upgrade.serve(async move |octets| {
                        if let Err(error) = stream.join(octets).await {
                            tracing::debug!(request = order.id, %error, "a WebSocket ended");
                        }
                    }));
                    None
                }
            };
            Ok(Relayed { connector, answer, data })
        })
    }

    fn connected(&self, tenant: &TenantId, location: &str, connector: &str) -> Option<Connected> {
        let known = self.0.connected(tenant, location, connector)?;
        Some(Connected {
            gateway: known.gateway,
            addresses: known.about.addresses,
            load_percent: known.load.processor_percent.min(100),
            latency: (!known.latency.is_zero()).then_some(known.latency),
            connections: known
                .connections
                .into_iter()
                .map(|it| Origin { since: it.since, source: it.source })
                .collect(),
        })
    }

    fn is_leaving(&self) -> bool {
        self.0.is_draining()
    }
}

fn unanswered(cause: Undelivered) -> Unanswered {
    match cause {
        Undelivered::NobodyThere => Unanswered::NobodyThere,
        Undelivered::Busy => Unanswered::Busy,
        Undelivered::Deadline => Unanswered::Deadline,
        Undelivered::Failed(failure) => Unanswered::Failed(failure),
        Undelivered::InDoubt => Unanswered::InDoubt,
        Undelivered::NoJournal(cause) => Unanswered::Unavailable(cause),
    }
}

/// Hands data on as fast as they are taken. When nobody takes them any more, the connector is told.
fn relay(mut arriving: Arriving) -> Data {
    let (pieces, data) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        loop {
            let piece = tokio::select! {
                piece = timeout(PIECE_LIMIT, arriving.piece()) => piece,
                () = pieces.closed() => return,
            };
            let piece = match piece {
                Ok(Ok(Some(Piece::Data(octets)))) => Ok(octets.into()),
                Ok(Ok(Some(Piece::End))) => return,
                Ok(Ok(Some(Piece::Message(_)) | None)) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(Err(TunnelError::Stream(error))) => Err(error),
                Ok(Err(error)) => Err(io::Error::other(error)),
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            };
            let is_last = piece.is_err();
            if pieces.send(piece).await.is_err() || is_last {
                return;
            }
        }
    });
    data
}

/// Hands the body of a web server's answer on as fast as the client takes it. A client that takes nothing
/// for too long gets no more.
fn body_of(mut stream: RelayStream) -> Data {
    let (pieces, data) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        loop {
            let piece = tokio::select! {
                piece = stream.piece() => piece,
                () = pieces.closed() => return,
            };
            let piece = match piece {
                Ok(Some(octets)) => Ok(octets.into()),
                Ok(None) => return,
                Err(error) => Err(io::Error::other(error)),
            };
            let is_last = piece.is_err();
            let limit = Duration::from_secs(IDLE_SECONDS);
            match pieces.send_timeout(piece, limit).await {
                Ok(()) if !is_last => {}
                Err(SendTimeoutError::Timeout(_)) => {
                    // The connector is not kept waiting. Without this piece the rest is not complete, and
                    // must not look as if it were.
                    drop(stream);
                    let late: io::Error = io::ErrorKind::TimedOut.into();
                    let _ = pieces.send(Err(late)).await;
                    return;
                }
                _ => return,
            }
        }
    });
    data
}
