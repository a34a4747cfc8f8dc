//! A wire with a delay.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::Outcome;

/// Octets that are read at once.
const PIECE: usize = 64 * 1024;
/// Pieces that are on the wire at most, in each direction: more than any window of a tunnel.
const PIECES: usize = 4096;

/// A wire; dropping it cuts it.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Wire {
    /// Listens, and forwards each connection to an address with a delay in each direction.
    pub(crate) async fn new(at: SocketAddr, to: SocketAddr, delay: Duration) -> Outcome<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                // The other end has gone: then this connection ends as well.
                let Ok(far) = TcpStream::connect(to).await else { continue };
                for stream in [&near, &far] {
                    let _ = stream.set_nodelay(true);
                }
                let ((near_in, near_out), (far_in, far_out)) =
                    (near.into_split(), far.into_split());
                carry(near_in, far_out, delay);
                carry(far_in, near_out, delay);
            }
        });
        Ok(Self { address, task })
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn carry(
    mut from: impl AsyncRead + Send + Unpin + 'static,
    mut to: impl AsyncWrite + Send + Unpin + 'static,
    delay: Duration,
) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    tokio::spawn(async move {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            if sender.send((Instant::now() + delay, piece[..length].to_vec())).await.is_err() {
                break;
            }
        }
    });
    tokio::spawn(async move {
        while let Some((moment, piece)) = receiver.recv().await {
            if !delay.is_zero() {
                sleep_until(moment).await;
            }
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    });
}
