//! Data of an answer, wherever its connector is connected.

use cluster::Fetch;
use tunnel::{Piece, Stream, TunnelError};

/// Data of an answer. Dropping them before their end tells the connector.
#[derive(Debug)]
pub enum Data {
    /// From a connector of this gateway.
    Here(Stream),
    /// From another gateway.
    There(Fetch),
}

impl Data {
    /// The next piece, up to [`Piece::End`].
    ///
    /// # Errors
    ///
    /// The rest is lost.
    pub async fn piece(&mut self) -> Result<Option<Piece>, TunnelError> {
        match self {
            Self::Here(stream) => {
                let piece = stream.reader.piece().await?;
                if piece == Some(Piece::End) {
                    // All is there, whether the connector hears of it or not.
                    let _ = stream.writer.close().await;
                }
                Ok(piece)
            }
            Self::There(fetch) => match fetch.next().await {
                Ok(Some(data)) => Ok(Some(Piece::Data(data))),
                Ok(None) => Ok(Some(Piece::End)),
                Err(error) => Err(TunnelError::Ended(error.to_string())),
            },
        }
    }
}
