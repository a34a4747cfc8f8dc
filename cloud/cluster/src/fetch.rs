//! Data that another node keeps.

use serde_json::Value;
use thiserror::Error;
use tokio::time::Instant;

use crate::cluster::{Cluster, Unanswered, random_text};
use crate::limits;
use crate::message::{Question, Upload};
use crate::table::Remote;
use crate::transfer::{Piece, Source};

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

    /// The next octets, 64 KiB at most; `None` when all are there. Where the source may pause, this waits for
    /// as long as it does.
    ///
    /// # Errors
    ///
    /// [`FetchError`]; nothing more comes then.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        if self.is_over {
            return Ok(None);
        }
        loop {
            match self.pull().await? {
                Piece::Data(data) => {
                    self.received += u64::try_from(data.len()).unwrap_or(u64::MAX);
                    return Ok(Some(data));
                }
                Piece::End(sent) => {
                    self.is_over = true;
                    let received = self.received;
                    if sent == received {
                        return Ok(None);
                    }
                    return Err(FetchError::Incomplete { sent, received });
                }
                Piece::Broken(why) => {
                    self.is_over = true;
                    return Err(FetchError::Broken(why));
                }
                Piece::Waiting => {}
            }
        }
    }

    async fn pull(&self) -> Result<Piece, Unanswered> {
        let question = Question::Pull { transfer: self.transfer.clone() };
        let (json, _asked) = self.cluster.question(&self.node, question)?;
        let deadline = Instant::now() + limits::PIECE;
        let octets = self.cluster.exchange(&self.node, json, deadline).await?;
        Piece::decode(&octets).ok_or(Unanswered::Strange)
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

    /// Data that belong to a question of another node.
    #[must_use]
    pub fn fetch_upload(&self, upload: Upload) -> Fetch {
        Fetch::new(self, &upload.node, upload.transfer)
    }

    /// Keeps data for a node that is going to be asked; `None` if there is no room.
    #[must_use]
    pub fn offer(&self, source: Box<dyn Source>) -> Option<Offer> {
        let transfer = random_text();
        let has_room = self.0.transfers.offer(&transfer, source);
        has_room.then(|| Offer { cluster: self.clone(), transfer })
    }
}

/// Data that this node keeps for another one. Dropping it drops them.
#[derive(Debug)]
pub struct Offer {
    cluster: Cluster,
    transfer: String,
}

impl Offer {
    /// What the other node has to be told.
    #[must_use]
    pub fn upload(&self) -> Upload {
        Upload { node: self.cluster.0.own.clone(), transfer: self.transfer.clone() }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.cluster.0.transfers.remove(&self.transfer);
    }
}
