//! One attempt of a relayed request on a connection of this gateway.

use std::fmt::Display;
use std::future::pending;
use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use protocol::request::Request;
use protocol::web::FromAppliance;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tunnel::stream::Writer;
use tunnel::{Activity, Stream, TunnelError};

use super::stream::RelayStream;
use super::{Attempt, RelayOrder, envelope};
use crate::connection::Connection;

/// Sends a request on a connection and waits for the header of the answer. Takes the body once the
/// server is reached.
pub(super) async fn attempt<B>(
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
    let request = envelope(order, attempt, deadline);
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
    Attempt::Answered(answer, RelayStream::here(stream.reader, writer, sending, place))
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
