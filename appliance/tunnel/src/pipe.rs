//! Octets of another protocol on a stream, as data in both directions.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use crate::activity::Activity;
use crate::error::TunnelError;
use crate::stream::{Piece, Stream};

/// Octets that are read at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// Joins a stream and a connection until both directions have ended. Each waits while its reader does not
/// read. One direction may end before the other.
///
/// # Errors
///
/// [`TunnelError`] if either side is cut off, or nothing has moved in any direction for the time `idle`.
/// The stream is reset then, so that the other end learns of it.
pub async fn join<S>(stream: Stream, octets: S, idle: Duration) -> Result<(), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Stream { mut reader, mut writer } = stream;
    let (mut source, mut sink) = split(octets);
    let activity = Activity::new();
    let sending = async {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = source.read(&mut buffer).await.map_err(TunnelError::Stream)?;
            activity.hear();
            let Some(octets) = buffer.get(..count).filter(|octets| !octets.is_empty()) else {
                writer.end().await?;
                return writer.close().await;
            };
            writer.data(octets).await?;
            activity.hear();
        }
    };
    let receiving = async {
        loop {
            match reader.piece().await? {
                Some(Piece::Data(octets)) => {
                    activity.hear();
                    sink.write_all(&octets).await.map_err(TunnelError::Stream)?;
                    sink.flush().await.map_err(TunnelError::Stream)?;
                    activity.hear();
                }
                Some(Piece::End) => return sink.shutdown().await.map_err(TunnelError::Stream),
                Some(Piece::Message(_)) => return Err(TunnelError::Message),
                None => return Err(TunnelError::Ended("the octets were cut off".to_owned())),
            }
        }
    };
    let both = async { tokio::try_join!(sending, receiving).map(|_| ()) };
    tokio::select! {
        ended = both => ended,
        () = activity.silence(idle) => {
            Err(TunnelError::Ended("nothing has moved for too long".to_owned()))
        }
    }
}
