//! Relaying for another gateway, which has the client.

use std::time::Duration;

use cluster::{Answer, Answered, Fetch, FetchError, Source, Upload};
use futures_util::stream::try_unfold;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http_body_util::StreamBody;
use hyper::body::{Body, Bytes, Frame};
use protocol::request::{Operation, Request};
use registry::TenantId;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tunnel::stream::{Reader, Writer};
use tunnel::{Piece, TunnelError};

use super::stream::RelayStream;
use super::there::cut_off;
use super::{RelayError, RelayOrder, Relayed};
use crate::dispatch::Undelivered;
use crate::gateway::Gateway;
use crate::others::busy;

/// What the other gateway fetches next, as [`Source::next`] gives it.
pub(super) type Next = Result<Option<Vec<u8>>, String>;

impl Gateway {
    /// Relays a request of another gateway through a connector that is connected to this one.
    pub(crate) async fn relay_for_other(
        &self,
        place: (TenantId, String),
        connector: &str,
        request: Request,
        upload: Option<Upload>,
    ) -> Answered {
        let (Operation::Web(web), Some(others)) = (request.operation, self.0.others.get()) else {
            return Answer::Unsupported.into();
        };
        let fetch = upload.map(|upload| others.fetch_upload(upload));
        let (has_body, is_upgrade) = (web.has_body, web.upgrade.is_some());
        let order = RelayOrder {
            tenant: place.0,
            location: place.1,
            id: request.id,
            request: web,
            within: Duration::from_millis(request.deadline_millis.into()),
        };
        let (body, octets) = if has_body { (fetch, None) } else { (None, fetch) };
        let only = Some((connector, request.attempt));
        match self.relay_by(&order, only, upload_body(body)).await {
            Ok(Relayed { answer, stream, .. }) => {
                let source = match octets.filter(|_| is_upgrade && answer.upgrade.is_some()) {
                    Some(octets) => upgraded(stream, octets),
                    None => answered(stream),
                };
                let answer = Answer::Relayed { answer, transfer: String::new() };
                Answered { answer, data: Some(Box::new(source)) }
            }
            Err(RelayError::Undelivered(Undelivered::Failed(failure))) => {
                Answer::Failed(failure).into()
            }
            Err(RelayError::Undelivered(Undelivered::Busy)) => busy().into(),
            Err(RelayError::Undelivered(Undelivered::NobodyThere)) => Answer::NotHere.into(),
            Err(RelayError::Undelivered(Undelivered::Deadline)) => Answer::Late.into(),
            Err(RelayError::Undelivered(Undelivered::InDoubt | Undelivered::NoJournal(_)))
            | Err(RelayError::Broken) => Answer::Lost.into(),
        }
    }
}

/// The body of a request, as the other gateway has it; empty without one.
fn upload_body(
    fetch: Option<Fetch>,
) -> impl Body<Data = Bytes, Error = FetchError> + Send + Unpin + 'static {
    let pieces = try_unfold(fetch, |fetch| async move {
        let Some(mut fetch) = fetch else { return Ok(None) };
        let octets = fetch.next().await?;
        Ok(octets.map(|octets| (octets, Some(fetch))))
    });
    StreamBody::new(pieces.map_ok(|octets| Frame::data(Bytes::from(octets))).boxed())
}

/// What follows an answer, for the other gateway.
struct Pieces {
    receiver: mpsc::Receiver<Next>,
    _tasks: JoinSet<()>,
}

impl Source for Pieces {
    fn next(&mut self) -> cluster::Next<'_> {
        Box::pin(async {
            let lost = || Err("the connector was lost".to_owned());
            self.receiver.recv().await.unwrap_or_else(lost)
        })
    }

    fn may_pause(&self) -> bool {
        true
    }
}

fn answered(mut stream: RelayStream) -> Pieces {
    let (sender, receiver) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let piece = stream.piece().await.map_err(|error| error.to_string());
            let is_last = !matches!(piece, Ok(Some(_)));
            if sender.send(piece).await.is_err() || is_last {
                return;
            }
        }
    });
    Pieces { receiver, _tasks: tasks }
}

/// The same after an upgrade. Its task outlives what is fetched here, since the other direction may.
fn upgraded(stream: RelayStream, octets: Fetch) -> Pieces {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        if let Err(error) = stream.join_fetch(octets, &sender).await {
            tracing::debug!(%error, "octets for another gateway ended");
        }
    });
    Pieces { receiver, _tasks: JoinSet::new() }
}

/// Joins a stream of a connector with what another gateway fetches and keeps.
pub(super) async fn join(
    mut reader: Reader,
    mut writer: Writer,
    mut fetch: Fetch,
    pieces: &mpsc::Sender<Next>,
) -> Result<(), TunnelError> {
    let unwanted = || TunnelError::Ended("the other gateway wants no more".to_owned());
    let up = async {
        while let Some(octets) = fetch.next().await.map_err(cut_off)? {
            writer.data(&octets).await?;
        }
        writer.end().await?;
        writer.close().await
    };
    let down = async {
        loop {
            let piece = tokio::select! {
                piece = reader.piece() => piece?,
                () = pieces.closed() => return Err(unwanted()),
            };
            let next = match piece {
                Some(Piece::Data(octets)) => Some(octets),
                Some(Piece::End) => None,
                Some(Piece::Message(_)) => return Err(TunnelError::Message),
                None => return Err(TunnelError::Ended("the octets were cut off".to_owned())),
            };
            let is_end = next.is_none();
            pieces.send(Ok(next)).await.map_err(|_| unwanted())?;
            if is_end {
                return Ok(());
            }
        }
    };
    tokio::try_join!(up, down).map(|_| ())
}
