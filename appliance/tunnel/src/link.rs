//! Many streams on one connection.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};
use yamux::{Config, Connection, ConnectionError, Mode};

use crate::error::TunnelError;
use crate::stream::Stream;
use crate::{MAX_STREAMS, MAX_WINDOW_BYTES};

/// Streams of the other side that may wait to be accepted; more are reset.
const BACKLOG: usize = 64;
/// Orders to open a stream that may wait.
const ORDERS: usize = 64;

type Order = oneshot::Sender<Result<Stream, TunnelError>>;

/// A connection with many streams. Ends when it is dropped together with all its [`Opener`]s.
#[derive(Debug)]
pub struct Link {
    /// Opens streams.
    pub opener: Opener,
    /// Streams that the other side opens.
    pub incoming: Incoming,
    /// Becomes the reason when the link has ended.
    pub ended: watch::Receiver<Option<String>>,
}

/// Opens streams of a link.
#[derive(Clone, Debug)]
pub struct Opener(mpsc::Sender<Order>);

/// Streams that the other side opens.
#[derive(Debug)]
pub struct Incoming(mpsc::Receiver<Stream>);

impl Link {
    /// Uses a connection, as the appliance, which dialled it.
    pub fn dialled<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::new(stream, Mode::Client)
    }

    /// Uses a connection, as the cloud.
    pub fn accepted<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::new(stream, Mode::Server)
    }

    fn new<S>(stream: S, mode: Mode) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut config = Config::default();
        config.set_max_num_streams(MAX_STREAMS);
        config.set_max_connection_receive_window(Some(MAX_WINDOW_BYTES));
        let (orders, ordered) = mpsc::channel(ORDERS);
        let (arrived, arriving) = mpsc::channel(BACKLOG);
        let (end, ended) = watch::channel(None);
        let driver = Driver {
            connection: Connection::new(stream.compat(), config, mode),
            ordered,
            waiting: VecDeque::new(),
            arrived,
        };
        tokio::spawn(async move {
            let reason = driver.run().await;
            end.send_replace(Some(reason));
        });
        Self { opener: Opener(orders), incoming: Incoming(arriving), ended }
    }
}

impl Opener {
    /// Opens a stream. The other side learns of it with the first octets.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Ended`] if the link has ended.
    pub async fn open(&self) -> Result<Stream, TunnelError> {
        let ended = || TunnelError::Ended("the connection is closed".to_owned());
        let (order, opened) = oneshot::channel();
        self.0.send(order).await.map_err(|_| ended())?;
        opened.await.map_err(|_| ended())?
    }
}

impl Incoming {
    /// The next stream; `None` if the link has ended.
    pub async fn accept(&mut self) -> Option<Stream> {
        self.0.recv().await
    }
}

/// Moves octets between connection and streams.
struct Driver<S> {
    connection: Connection<Compat<S>>,
    ordered: mpsc::Receiver<Order>,
    waiting: VecDeque<Order>,
    arrived: mpsc::Sender<Stream>,
}

impl<S> fmt::Debug for Driver<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Driver")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Driver<S> {
    /// Runs until the link ends, and says why.
    async fn run(mut self) -> String {
        let reason = poll_fn(|context| self.poll(context)).await;
        // Streams that are still open are told; a peer that takes nothing more is not waited for.
        poll_fn(|context| {
            let _ = self.connection.poll_close(context);
            Poll::Ready(())
        })
        .await;
        reason
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<String> {
        loop {
            let mut is_idle = true;
            match self.ordered.poll_recv(context) {
                Poll::Ready(Some(order)) => {
                    self.waiting.push_back(order);
                    is_idle = false;
                }
                Poll::Ready(None) => return Poll::Ready("closed by this side".to_owned()),
                Poll::Pending => {}
            }
            if !self.waiting.is_empty()
                && let Poll::Ready(opened) = self.connection.poll_new_outbound(context)
            {
                let opened =
                    opened.map(Stream::new).map_err(|error| TunnelError::Ended(describe(&error)));
                if let Some(order) = self.waiting.pop_front() {
                    let _ = order.send(opened);
                }
                is_idle = false;
            }
            match self.connection.poll_next_inbound(context) {
                Poll::Ready(Some(Ok(stream))) => {
                    // One that finds no place is dropped, which resets it.
                    let _ = self.arrived.try_send(Stream::new(stream));
                    is_idle = false;
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(describe(&error)),
                Poll::Ready(None) => return Poll::Ready("closed by the other side".to_owned()),
                Poll::Pending => {}
            }
            if is_idle {
                return Poll::Pending;
            }
        }
    }
}

fn describe(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "cut by the network or the other side".to_owned()
        }
        ConnectionError::Io(error) => error.to_string(),
        ConnectionError::Closed => "closed by the other side".to_owned(),
        other => other.to_string(),
    }
}
