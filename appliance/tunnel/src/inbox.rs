//! Messages that are waited for beside other things.
//!
//! Reading a frame takes several steps, so a reader that is dropped in between loses its place. Here a
//! task of its own reads, and waiting for what it has read can be given up at any time.

use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::error::TunnelError;
use crate::stream::Reader;

/// Messages that may wait; after that the other side has to.
const WAITING: usize = 16;

/// The messages that arrive on a stream. Dropping it stops reading.
///
/// They wait in boxes: a channel has room for 32 from the beginning, which a connection with nothing to
/// say would pay for.
#[derive(Debug)]
pub struct Inbox<M> {
    messages: mpsc::Receiver<Box<Result<M, TunnelError>>>,
    task: JoinHandle<()>,
}

impl<M: DeserializeOwned + Send + 'static> Inbox<M> {
    /// Reads the messages of a stream from now on.
    #[must_use]
    pub fn new(mut reader: Reader) -> Self {
        let (sender, messages) = mpsc::channel(WAITING);
        let task = tokio::spawn(async move {
            while let Some(message) = reader.message().await.transpose() {
                let is_last = message.is_err();
                if sender.send(Box::new(message)).await.is_err() || is_last {
                    break;
                }
            }
        });
        Self { messages, task }
    }

    /// The next message; `None` if the other side sends no more. May be given up at any time.
    ///
    /// # Errors
    ///
    /// As [`Reader::message`]; nothing comes after an error.
    pub async fn next(&mut self) -> Result<Option<M>, TunnelError> {
        self.messages.recv().await.map(|message| *message).transpose()
    }
}

impl<M> Drop for Inbox<M> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
