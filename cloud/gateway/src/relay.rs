//! How a request to a web server inside finds a connector, and goes through it as it comes.
//!
//! Bodies are not kept: what one end does not read the other end cannot send. So the body of a request is
//! taken only once a connector has reached the server, and up to then another one may be asked.

use std::collections::HashMap;
use std::fmt::Display;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use protocol::request::{Failure, MAX_DEADLINE_MILLIS, Operation, Request, Safety};
use protocol::web::{FromAppliance, IDLE_SECONDS, MAX_RELAYS, WebAnswer, WebRequest};
use registry::TenantId;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tunnel::stream::{Reader, Writer};
use tunnel::{Activity, Piece, Stream, TunnelError, pipe};

use crate::connection::{Connection, Relayed as Place};
use crate::dispatch::Undelivered;
use crate::gateway::Gateway;
use crate::tried::Tried;

/// Longest time in which nothing moves.
const IDLE: Duration = Duration::from_secs(IDLE_SECONDS);

/// A request to a web server inside, for any connector of a resource location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayOrder {
    /// Whose.
    pub tenant: TenantId,
    /// Resource location.
    pub location: String,
    /// Identifier, for logs.
    pub id: String,
    /// The request.
    pub request: WebRequest,
    /// Until the server is reached, and then from the last octet of the request until the header of the
    /// answer; at most five minutes.
    pub within: Duration,
}

/// What a web server answers.
#[derive(Debug)]
pub struct Relayed {
    /// Who relays.
    pub connector: String,
    /// The answer.
    pub answer: WebAnswer,
    /// Its body, or the octets of the other protocol.
    pub stream: RelayStream,
}

/// What follows an answer. Dropping it gives the request up.
#[derive(Debug)]
pub struct RelayStream {
    reader: Reader,
    /// For an upgrade. Without one it is only kept open; the task that sends a body has it itself.
    writer: Option<Writer>,
    /// Sends the body of the request.
    _sending: JoinSet<()>,
    _place: Place,
}

/// Why no web server answers.
#[derive(Debug, Error)]
pub enum RelayError {
    /// No connector relays the request.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    /// The client broke off in the middle of the body.
    #[error("the body of the request broke off")]
    Broken,
}

/// What became of one attempt.
enum Attempt {
    Answered(WebAnswer, RelayStream),
    Failed(Failure),
    /// The connection ended, and the server cannot have got a whole request.
    Untouched,
    /// The connection ended.
    Lost,
    Late,
    Broken,
}

impl Gateway {
    /// Relays a request through a connector of a resource location. Another one is asked when that one is
    /// lost before the answer and the request [may be repeated](WebRequest::may_repeat) or its body has
    /// not begun; and when it says that it cannot, for as long as there is time.
    ///
    /// # Errors
    ///
    /// [`RelayError`] says why there is no answer.
    pub async fn relay<B>(&self, order: &RelayOrder, body: B) -> Result<Relayed, RelayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let limit = Duration::from_millis(MAX_DEADLINE_MILLIS.into());
        let deadline = Instant::now() + order.within.min(limit);
        let mut body = Some(body);
        let (mut tried, mut last, mut attempts) = (Tried::default(), None, 0);
        while let Some(connection) = self.pick_relay(order, &tried, last.is_some(), deadline).await
        {
            match attempt(&connection, order, attempts, &mut body, deadline).await {
                Attempt::Answered(answer, stream) => {
                    let connector = connection.owner.connector.clone();
                    return Ok(Relayed { connector, answer, stream });
                }
                Attempt::Failed(failure)
                    if failure.kind.may_differ_elsewhere() && body.is_some() =>
                {
                    last = Some(Undelivered::Failed(failure));
                }
                Attempt::Failed(failure) => return Err(Undelivered::Failed(failure).into()),
                Attempt::Untouched => tried.lose(&connection.owner.connector),
                Attempt::Lost if order.request.may_repeat() => {
                    tried.lose(&connection.owner.connector);
                }
                Attempt::Lost => return Err(Undelivered::InDoubt.into()),
                Attempt::Late => return Err(Undelivered::Deadline.into()),
                Attempt::Broken => return Err(RelayError::Broken),
            }
            tracing::info!(request = order.id, "another connector is asked to relay");
            tried.add(connection.number);
            attempts += 1;
        }
        let there = || !self.0.connections.of_location(&order.place()).is_empty();
        let nobody = || if there() { Undelivered::Busy } else { Undelivered::NobodyThere };
        Err(last.unwrap_or_else(nobody).into())
    }

    /// Picks a connection; waits for one unless a connector has answered that it cannot.
    async fn pick_relay(
        &self,
        order: &RelayOrder,
        tried: &Tried,
        has_answer: bool,
        deadline: Instant,
    ) -> Option<Arc<Connection>> {
        let ways = || self.relays(order, tried);
        let cost = |connection: &Arc<Connection>| connection.cost();
        self.pick_among(&order.place(), ways, cost, || has_answer, deadline).await
    }

    /// Connections whose connectors relay another request: what a connector relays it counts on all of
    /// them together.
    fn relays(&self, order: &RelayOrder, tried: &Tried) -> Vec<Arc<Connection>> {
        let mut all = self.0.connections.of_location(&order.place());
        let mut relayed: HashMap<String, u32> = HashMap::new();
        for connection in &all {
            *relayed.entry(connection.owner.connector.clone()).or_default() += connection.relayed();
        }
        let has_room =
            |connector: &str| relayed.get(connector).is_none_or(|relayed| *relayed < MAX_RELAYS);
        all.retain(|it| {
            it.is_usable() && !tried.contains(it.number) && has_room(&it.owner.connector)
        });
        tried.prefer_others(&mut all, |it| &it.owner.connector);
        all
    }
}

impl RelayOrder {
    fn place(&self) -> (TenantId, String) {
        (self.tenant.clone(), self.location.clone())
    }
}

impl RelayStream {
    /// The next piece of the body; `None` = that was all.
    ///
    /// # Errors
    ///
    /// [`TunnelError`] if the body was cut off, or stood still for five minutes.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, TunnelError> {
        match timeout_at(Instant::now() + IDLE, self.reader.piece()).await {
            Ok(Ok(Some(Piece::Data(octets)))) => Ok(Some(octets)),
            Ok(Ok(Some(Piece::End))) => Ok(None),
            Ok(Ok(Some(Piece::Message(_)))) => Err(TunnelError::Message),
            Ok(Ok(None)) => Err(TunnelError::Ended("the body was cut off".to_owned())),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(TunnelError::Ended("the body stands still".to_owned())),
        }
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
        let writer = self.writer.ok_or(TunnelError::Message)?;
        pipe::join(Stream { reader: self.reader, writer }, octets, IDLE).await
    }
}

/// Sends a request on a connection and waits for the header of the answer. Takes the body once the
/// server is reached.
async fn attempt<B>(
    connection: &Arc<Connection>,
    order: &RelayOrder,
    attempt: u32,
    body: &mut Option<B>,
    deadline: Instant,
) -> Attempt
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    let left = deadline.saturating_duration_since(Instant::now());
    // A body may take longer than all of it, if it only moves.
    let within = if order.request.has_body { order.within } else { left };
    let millis = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
    let request = Request {
        id: order.id.clone(),
        deadline_millis: millis.clamp(1, MAX_DEADLINE_MILLIS),
        attempt,
        safety: if order.request.may_repeat() { Safety::Safe } else { Safety::Once },
        operation: Operation::Web(order.request.clone()),
    };
    let place = Connection::relay(connection);
    // As long as somebody waits for the header, a silent connector is noticed within seconds.
    let _in_flight = connection.begin();
    let mut ended = connection.ended.clone();
    let has_body = order.request.has_body;
    let lost = |body: &Option<B>| match body {
        Some(_) if has_body => Attempt::Untouched,
        _ => Attempt::Lost,
    };
    let (mut stream, first) = tokio::select! {
        biased;
        opened = timeout_at(deadline, open(connection, &request)) => match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(_)) => return lost(body),
            Err(_) => return Attempt::Late,
        },
        _ = ended.wait_for(|has_ended| *has_ended) => return lost(body),
    };
    let mut sending = JoinSet::new();
    let moved = Activity::new();
    let (answer, writer) = match first {
        FromAppliance::Failed(failure) => return Attempt::Failed(failure),
        // A server may answer without wanting the body.
        FromAppliance::Answered(answer) => (answer, Some(stream.writer)),
        FromAppliance::Ready => {
            let Some(body) = body.take() else { return Attempt::Lost };
            let (tell, broken) = oneshot::channel();
            let there = moved.clone();
            sending.spawn(async move {
                let mut writer = stream.writer;
                if let Err(ClientGone) = send(&mut writer, body, there).await {
                    let _ = tell.send(());
                }
                // A stream whose half is closed is not reset when it is dropped, and the connector would
                // go on for nobody.
                pending::<()>().await;
            });
            tokio::select! {
                biased;
                said = stream.reader.message() => match said {
                    Ok(Some(FromAppliance::Answered(answer))) => (answer, None),
                    Ok(Some(FromAppliance::Failed(failure))) => return Attempt::Failed(failure),
                    Ok(Some(FromAppliance::Ready) | None) | Err(_) => return Attempt::Lost,
                },
                Ok(()) = broken => return Attempt::Broken,
                () = moved.silence(order.within) => return Attempt::Late,
                _ = ended.wait_for(|has_ended| *has_ended) => return Attempt::Lost,
            }
        }
    };
    let stream = RelayStream { reader: stream.reader, writer, _sending: sending, _place: place };
    Attempt::Answered(answer, stream)
}

/// Opens a stream with a request; gives the first word about it.
async fn open(
    connection: &Connection,
    request: &Request,
) -> Result<(Stream, FromAppliance), TunnelError> {
    let mut stream = connection.opener.open().await?;
    stream.writer.message(request).await?;
    let cut = || TunnelError::Ended("the connector gave the request up".to_owned());
    let first = stream.reader.message().await?.ok_or_else(cut)?;
    Ok((stream, first))
}

/// Why a body was not sent whole.
struct ClientGone;

/// Sends a body. What breaks off gets no end, so that the server never takes it for whole.
async fn send<B>(writer: &mut Writer, mut body: B, moved: Activity) -> Result<(), ClientGone>
where
    B: Body<Data = Bytes> + Unpin,
{
    while let Some(frame) = body.frame().await {
        moved.hear();
        let Ok(octets) = frame.map_err(|_| ClientGone)?.into_data() else { continue };
        // A connector that takes no more says itself what became of the request.
        if !octets.is_empty() && writer.data(&octets).await.is_err() {
            return Ok(());
        }
        moved.hear();
    }
    let _ = writer.end().await;
    Ok(())
}
