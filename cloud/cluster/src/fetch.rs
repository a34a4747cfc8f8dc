//! Data of an answer of another node.

use serde_json::Value;
use thiserror::Error;
use tokio::time::Instant;

use crate::cluster::{Cluster, Unanswered};
use crate::limits;
use crate::message::Question;
use crate::table::Remote;
use crate::transfer::Piece;

/// Data that another node keeps. Dropping it tells the node.
#[derive(Debug)]
pub struct Fetch {
    cluster: Cluster,
    node: String,
    transfer: String,
    received: u64,
    is_over: bool,
}

/// Why data do not come whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchError {
    /// The node.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The connector, or the way from it.
    #[error("the data were cut off: {0}")]
    Broken(String),
    /// Their length.
    #[error("{received} octets of {sent} arrived")]
    Incomplete {
        /// What was sent.
        sent: u64,
        /// What arrived.
        received: u64,
    },
    /// A body that is too long or no JSON.
    #[error("the body of an answer cannot be read")]
    Body,
}

impl Fetch {
    pub(crate) fn new(cluster: &Cluster, node: &str, transfer: String) -> Self {
        let (cluster, node) = (cluster.clone(), node.to_owned());
        Self { cluster, node, transfer, received: 0, is_over: false }
    }

    /// The next octets, 64 KiB at most; `None` when all are there.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; nothing more comes then.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        if self.is_over {
            return Ok(None);
        }
        let question = Question::Pull { transfer: self.transfer.clone() };
        let (json, _asked) = self.cluster.question(&self.node, question)?;
        let deadline = Instant::now() + limits::PIECE;
        let octets = self.cluster.exchange(&self.node, json, deadline).await?;
        match Piece::decode(&octets).ok_or(Unanswered::Strange)? {
            Piece::Data(data) => {
                self.received += u64::try_from(data.len()).unwrap_or(u64::MAX);
                Ok(Some(data))
            }
            Piece::End(sent) => {
                self.is_over = true;
                let received = self.received;
                if sent == received {
                    Ok(None)
                } else {
                    Err(FetchError::Incomplete { sent, received })
                }
            }
            Piece::Broken(why) => {
                self.is_over = true;
                Err(FetchError::Broken(why))
            }
        }
    }

    /// All of it, as JSON.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub async fn body(mut self) -> Result<Value, FetchError> {
        let mut json = Vec::new();
        while let Some(data) = self.next().await? {
            if json.len() + data.len() > limits::BODY_BYTES {
                return Err(FetchError::Body);
            }
            json.extend(data);
        }
        serde_json::from_slice(&json).map_err(|_| FetchError::Body)
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if !self.is_over {
            self.cluster.cancel(&self.node, &self.transfer);
        }
    }
}

impl Cluster {
    /// Data that belong to an answer of the node of a connector.
    #[must_use]
    pub fn fetch(&self, remote: &Remote, transfer: String) -> Fetch {
        Fetch::new(self, &remote.node, transfer)
    }
}
