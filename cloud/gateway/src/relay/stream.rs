//! What follows the answer of a web server.

use std::time::Duration;

use cluster::{Fetch, Offer};
use protocol::web::IDLE_SECONDS;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tunnel::stream::{Reader, Writer};
use tunnel::{Piece, Stream, TunnelError, pipe};

use super::{for_other, there};
use crate::connection::Relayed as Place;

/// Longest time in which nothing moves.
pub(super) const IDLE: Duration = Duration::from_secs(IDLE_SECONDS);

/// What follows an answer. Dropping it gives the request up.
#[derive(Debug)]
pub struct RelayStream(Way);

/// The way that it takes.
#[derive(Debug)]
enum Way {
    Here {
        reader: Reader,
        /// For an upgrade. Without one it is only kept open; the task that sends a body has it itself.
        writer: Option<Writer>,
        /// Sends the body of the request.
        _sending: JoinSet<()>,
        _place: Place,
    },
    There {
        fetch: Fetch,
        /// For an upgrade: octets in the direction of the server, `None` at their end.
        octets: Option<mpsc::Sender<Option<Vec<u8>>>>,
        /// The body of the request, or these octets.
        _offer: Option<Offer>,
    },
}

impl RelayStream {
    pub(super) fn here(
        reader: Reader,
        writer: Option<Writer>,
        sending: JoinSet<()>,
        place: Place,
    ) -> Self {
        Self(Way::Here { reader, writer, _sending: sending, _place: place })
    }

    pub(super) fn there(
        fetch: Fetch,
        octets: Option<mpsc::Sender<Option<Vec<u8>>>>,
        offer: Option<Offer>,
    ) -> Self {
        Self(Way::There { fetch, octets, _offer: offer })
    }

    /// The next piece of the body; `None` = that was all.
    ///
    /// # Errors
    ///
    /// [`TunnelError`] if the body was cut off, or stood still for five minutes.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, TunnelError> {
        let next = async {
            match &mut self.0 {
                Way::Here { reader, .. } => match reader.piece().await? {
                    Some(Piece::Data(octets)) => Ok(Some(octets)),
                    Some(Piece::End) => Ok(None),
                    Some(Piece::Message(_)) => Err(TunnelError::Message),
                    None => Err(TunnelError::Ended("the body was cut off".to_owned())),
                },
                Way::There { fetch, .. } => fetch.next().await.map_err(there::cut_off),
            }
        };
        let still = |_| TunnelError::Ended("the body stands still".to_owned());
        timeout(IDLE, next).await.map_err(still)?
    }

    /// Joins what follows an upgrade with the client's connection, until both directions have ended.
    ///
    /// # Errors
    ///
    /// [`TunnelError`] if either side is cut off, nothing moves for five minutes, or the answer was no
    /// upgrade.
    pub async fn join<S>(self, octets: S) -> Result<(), TunnelError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match self.0 {
            Way::Here { reader, writer, _sending, _place } => {
                let writer = writer.ok_or(TunnelError::Message)?;
                pipe::join(Stream { reader, writer }, octets, IDLE).await
            }
            Way::There { fetch, octets: sender, _offer } => {
                let sender = sender.ok_or(TunnelError::Message)?;
                there::join(fetch, &sender, octets).await
            }
        }
    }

    /// Joins what follows an upgrade with a client at another gateway, whose octets are fetched, until both
    /// directions have ended or that gateway wants no more.
    pub(super) async fn join_fetch(
        self,
        fetch: Fetch,
        pieces: &mpsc::Sender<for_other::Next>,
    ) -> Result<(), TunnelError> {
        match self.0 {
            Way::Here { reader, writer, _sending, _place } => {
                let writer = writer.ok_or(TunnelError::Message)?;
                for_other::join(reader, writer, fetch, pieces).await
            }
            // Nothing is handed on twice.
            Way::There { .. } => Err(TunnelError::Message),
        }
    }
}
