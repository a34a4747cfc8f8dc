//! The body of a request, from the cloud's frames to the server.

use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::sync::mpsc;
use tunnel::stream::Reader;
use tunnel::{Activity, Piece};

/// Pieces, 64 KiB each at most, that wait for a server that reads slowly.
const PIECES: usize = 2;

/// A body whose end is told: without it, it was cut off.
#[derive(Debug)]
pub(super) struct Body {
    /// What came while its beginning was waited for.
    first: Option<Option<Bytes>>,
    rest: Option<mpsc::Receiver<Option<Bytes>>>,
}

/// Takes pieces of a body; `None` is its end.
pub(super) type Pieces = mpsc::Sender<Option<Bytes>>;

/// A body and where its pieces go; one that is empty takes none.
pub(super) fn channel(has_body: bool) -> (Pieces, Body) {
    let (sender, receiver) = mpsc::channel(PIECES);
    (sender, Body { first: None, rest: has_body.then_some(receiver) })
}

impl Body {
    /// Waits for the first piece, or for the end of a body that is empty. `false` = it was cut off before.
    pub(super) async fn begin(&mut self) -> bool {
        if let Some(rest) = &mut self.rest {
            self.first = rest.recv().await;
            return self.first.is_some();
        }
        true
    }
}

/// Hands the pieces on that the cloud sends. Ends when the cloud gives the request up.
pub(super) async fn feed(reader: &mut Reader, pieces: Pieces, moved: &Activity) {
    let mut pieces = Some(pieces);
    loop {
        match reader.piece().await {
            Ok(Some(Piece::Data(octets))) => {
                moved.hear();
                if let Some(pieces) = &pieces {
                    // A server that has answered takes no more.
                    let _ = pieces.send(Some(octets.into())).await;
                    moved.hear();
                }
            }
            Ok(Some(Piece::End)) => {
                moved.hear();
                if let Some(pieces) = pieces.take() {
                    let _ = pieces.send(None).await;
                }
            }
            Ok(Some(Piece::Message(_))) | Err(_) => return,
            // That the cloud sends no more is no sign that it has given the request up.
            Ok(None) if reader.is_over() => return,
            Ok(None) => {
                drop(pieces);
                return pending().await;
            }
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let first = self.first.take();
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let piece = match first {
            Some(piece) => Some(piece),
            None => ready!(rest.poll_recv(context)),
        };
        Poll::Ready(match piece {
            Some(Some(octets)) => Some(Ok(Frame::data(octets))),
            Some(None) => {
                self.rest = None;
                None
            }
            None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.rest.is_none() { SizeHint::with_exact(0) } else { SizeHint::default() }
    }
}
