//! A WebSocket (RFC 6455) as a stream of octets.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::header::{
    HeaderName, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_PROTOCOL, USER_AGENT,
};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::activity::Activity;
use crate::error::TunnelError;
use crate::{PATH, SUBPROTOCOL};

/// Octets of each connection's read buffer. The library's default of 128 KiB is what most of an idle
/// connection's memory goes to.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Octets that are gathered before they are written.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// Octets that may wait to be written.
const MAX_WRITE_BUFFER_BYTES: usize = 128 * 1024;
/// Octets of one message of ours: a record of TLS (RFC 8446, 5.1) fits.
const MESSAGE_BYTES: usize = 17 * 1024;
/// Octets of the longest message that is accepted.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
}

/// Asks a server for a WebSocket, as the appliance.
///
/// `host` is the server's name, with the port unless it is 443; `agent` names the product.
///
/// # Errors
///
/// [`TunnelError::NoWebSocket`] with the server's status, or what else stands in the way.
pub async fn connect<S>(stream: S, host: &str, agent: &str) -> Result<Octets<S>, TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(host, agent)?;
    let outcome =
        tokio_tungstenite::client_async_with_config(request, stream, Some(config())).await;
    let (socket, _) = outcome.map_err(|error| match error {
        Error::Http(response) => TunnelError::NoWebSocket {
            status: response.status().as_u16(),
            retry_after: response
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.parse().ok()),
        },
        Error::Io(error) => TunnelError::WebSocket(error),
        other => TunnelError::NotOurs(other.to_string()),
    })?;
    Ok(Octets::new(socket))
}

fn request(host: &str, agent: &str) -> Result<Request, TunnelError> {
    let wrong = |error: &dyn fmt::Display| TunnelError::NotOurs(error.to_string());
    let mut request =
        format!("wss://{host}{PATH}").into_client_request().map_err(|error| wrong(&error))?;
    let fields: [(HeaderName, &str); 2] =
        [(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL), (USER_AGENT, agent)];
    for (name, value) in fields {
        let value = HeaderValue::from_str(value).map_err(|error| wrong(&error))?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// Value of the field `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` (RFC 6455, 4.2.2).
#[must_use]
pub fn accept_value(key: &[u8]) -> String {
    derive_accept_key(key)
}

/// Takes over a connection whose request for a WebSocket has been answered, as the cloud.
pub async fn accept<S>(stream: S) -> Octets<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    Octets::new(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config())).await)
}

/// The octets of a WebSocket's binary messages, in both directions.
pub struct Octets<S> {
    socket: WebSocketStream<S>,
    unread: Bytes,
    activity: Activity,
}

impl<S> Octets<S> {
    fn new(socket: WebSocketStream<S>) -> Self {
        Self { socket, unread: Bytes::new(), activity: Activity::new() }
    }

    /// Follows what arrives.
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }
}

impl<S> fmt::Debug for Octets<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Octets").field("unread", &self.unread.len()).finish_non_exhaustive()
    }
}

fn broken(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::ConnectionAborted.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Octets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.unread.is_empty() {
            match ready!(Pin::new(&mut this.socket).poll_next(context)) {
                Some(Ok(message)) => {
                    this.activity.hear();
                    match message {
                        Message::Binary(octets) => this.unread = octets,
                        // The library answers questions by itself.
                        Message::Ping(_) | Message::Pong(_) => {}
                        Message::Close(_) => return Poll::Ready(Ok(())),
                        Message::Text(_) | Message::Frame(_) => {
                            let text = "a text where binary messages are expected";
                            return Poll::Ready(Err(io::Error::new(
                                io::ErrorKind::InvalidData,
                                text,
                            )));
                        }
                    }
                }
                Some(Err(Error::ConnectionClosed)) | None => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
            }
        }
        let length = this.unread.len().min(buffer.remaining());
        buffer.put_slice(&this.unread.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Octets<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut socket = Pin::new(&mut self.socket);
        ready!(socket.as_mut().poll_ready(context)).map_err(broken)?;
        let octets = &octets[..octets.len().min(MESSAGE_BYTES)];
        let message = Message::Binary(Bytes::copy_from_slice(octets));
        socket.start_send(message).map_err(broken)?;
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context).map_err(broken)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.socket).poll_close(context)) {
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(broken(error))),
        }
    }
}
