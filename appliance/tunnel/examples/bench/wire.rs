//! A wire with a delay.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Octets that are read at once.
const PIECE: usize = 256 * 1024;
/// Pieces that are on the wire at most: more than any window of a tunnel.
const PIECES: usize = 4096;

/// Listens, and forwards each connection to an address with a delay in each direction.
pub(crate) async fn wire(to: SocketAddr, delay: Duration) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(to).await else { break };
            for stream in [&near, &far] {
                let _ = stream.set_nodelay(true);
            }
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            carry(near_in, far_out, delay);
            carry(far_in, near_out, delay);
        }
    });
    Ok(address)
}

fn carry(
    mut from: impl AsyncRead + Send + Unpin + 'static,
    mut to: impl AsyncWrite + Send + Unpin + 'static,
    delay: Duration,
) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    tokio::spawn(async move {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            match from.read_buf(&mut piece).await {
                Ok(length) if length > 0 => {
                    if sender.send((Instant::now() + delay, piece)).await.is_err() {
                        break;
                    }
                }
                _ => break,
            }
        }
    });
    tokio::spawn(async move {
        while let Some((moment, piece)) = receiver.recv().await {
            sleep_until(moment).await;
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    });
}
