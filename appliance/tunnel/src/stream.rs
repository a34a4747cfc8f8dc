//! One stream of a link: messages, and data of any length.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt};

use crate::error::TunnelError;
use crate::frame::{self, FrameError, HEADER_BYTES, Header, Kind, MAX_PAYLOAD_BYTES};

/// The octets of a stream, shared by its halves. When both are dropped it is reset, unless both sides
/// are done.
#[derive(Clone)]
struct Octets(Arc<Mutex<Compat<yamux::Stream>>>);

impl Octets {
    fn lock(&self) -> MutexGuard<'_, Compat<yamux::Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Octets {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Octets {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.lock()).poll_write(context, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_shutdown(context)
    }
}

/// A stream; dropping it before both sides are done resets it.
#[derive(Debug)]
pub struct Stream {
    /// What the other side sends.
    pub reader: Reader,
    /// What this side sends.
    pub writer: Writer,
}

/// The half of a stream that receives.
pub struct Reader {
    octets: Octets,
    /// Octets of data that arrived.
    received: u64,
}

/// The half of a stream that sends.
pub struct Writer {
    octets: Octets,
    /// Octets of data that were sent.
    sent: u64,
}

/// What arrives on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A message in JSON.
    Message(Vec<u8>),
    /// A piece of data.
    Data(Vec<u8>),
    /// All data has arrived.
    End,
}

impl Stream {
    pub(crate) fn new(stream: yamux::Stream) -> Self {
        let octets = Octets(Arc::new(Mutex::new(stream.compat())));
        Self {
            reader: Reader { octets: octets.clone(), received: 0 },
            writer: Writer { octets, sent: 0 },
        }
    }
}

impl Reader {
    /// The next piece; `None` if the other side sends no more.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Stream`] if the stream was cut off, [`TunnelError::Frame`] if no frame arrives,
    /// [`TunnelError::Incomplete`] if data is missing.
    pub async fn piece(&mut self) -> Result<Option<Piece>, TunnelError> {
        let mut octets = [0; HEADER_BYTES];
        if self.octets.read(&mut octets[..1]).await.map_err(TunnelError::Stream)? == 0 {
            return Ok(None);
        }
        self.octets.read_exact(&mut octets[1..]).await.map_err(TunnelError::Stream)?;
        let header = Header::decode(octets)?;
        let mut payload = vec![0; header.length];
        self.octets.read_exact(&mut payload).await.map_err(TunnelError::Stream)?;
        Ok(Some(match header.kind {
            Kind::Message => Piece::Message(payload),
            Kind::Data => {
                self.received += u64::try_from(payload.len()).unwrap_or(u64::MAX);
                Piece::Data(payload)
            }
            Kind::End => {
                let sent = frame::decode_end(&payload)?;
                if sent != self.received {
                    return Err(TunnelError::Incomplete { sent, received: self.received });
                }
                self.received = 0;
                Piece::End
            }
        }))
    }

    /// Whether the stream is over in both directions. Before this side has closed its half, that is
    /// because the other side has given the stream up, or the link has ended; the other side having
    /// sent all is not enough.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.octets.lock().get_ref().is_closed()
    }

    /// The next message.
    ///
    /// Members that are not known are passed over, so that a later version may add some.
    ///
    /// # Errors
    ///
    /// As [`Self::piece`]; [`TunnelError::Message`] if it is another message or data.
    pub async fn message<M: DeserializeOwned>(&mut self) -> Result<Option<M>, TunnelError> {
        match self.piece().await? {
            Some(Piece::Message(json)) => {
                serde_json::from_slice(&json).map(Some).map_err(|_| TunnelError::Message)
            }
            Some(Piece::Data(_) | Piece::End) => Err(TunnelError::Message),
            None => Ok(None),
        }
    }
}

impl Writer {
    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Stream`] if the stream has ended, [`TunnelError::Frame`] if the message is
    /// longer than [`MAX_PAYLOAD_BYTES`].
    pub async fn message(&mut self, message: &impl Serialize) -> Result<(), TunnelError> {
        let json = serde_json::to_vec(message).map_err(|_| TunnelError::Message)?;
        self.frame(Kind::Message, &json).await?;
        self.octets.flush().await.map_err(TunnelError::Stream)
    }

    /// Sends data, in as many frames as it takes. Waits while the other side does not read.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Stream`] if the stream has ended.
    pub async fn data(&mut self, data: &[u8]) -> Result<(), TunnelError> {
        for piece in data.chunks(MAX_PAYLOAD_BYTES) {
            self.frame(Kind::Data, piece).await?;
            self.sent += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        }
        self.octets.flush().await.map_err(TunnelError::Stream)
    }

    /// Says that all data has been sent.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Stream`] if the stream has ended.
    pub async fn end(&mut self) -> Result<(), TunnelError> {
        let frame = frame::end(self.sent);
        self.sent = 0;
        self.octets.write_all(&frame).await.map_err(TunnelError::Stream)?;
        self.octets.flush().await.map_err(TunnelError::Stream)
    }

    /// Says that nothing more is sent at all.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Stream`] if the stream has ended.
    pub async fn close(&mut self) -> Result<(), TunnelError> {
        self.octets.shutdown().await.map_err(TunnelError::Stream)
    }

    async fn frame(&mut self, kind: Kind, payload: &[u8]) -> Result<(), TunnelError> {
        let header =
            Header { kind, length: payload.len() }.encode().map_err(|error| match error {
                // Too long for a frame's length even.
                FrameError::WrongLength => FrameError::TooLong(payload.len()),
                other => other,
            })?;
        self.octets.write_all(&header).await.map_err(TunnelError::Stream)?;
        self.octets.write_all(payload).await.map_err(TunnelError::Stream)
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reader").field("received", &self.received).finish_non_exhaustive()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Writer").field("sent", &self.sent).finish_non_exhaustive()
    }
}
