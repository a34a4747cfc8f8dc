//! Messages that are sent without waiting for the other side to read them.

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tunnel::stream::Writer;

/// Messages that may wait; a peer that leaves more of them unread is as good as dead.
const WAITING: usize = 32;

/// Sends messages on a stream in a task of its own. Dropping it stops sending.
#[derive(Debug)]
pub(crate) struct Outbox<M> {
    /// `None` once nothing more is sent.
    messages: Option<mpsc::Sender<M>>,
    task: JoinHandle<()>,
}

/// The stream has ended, or the other side does not read.
#[derive(Debug)]
pub(crate) struct Stuck;

impl<M: Serialize + Send + Sync + 'static> Outbox<M> {
    /// Sends on a stream from now on.
    pub(crate) fn new(mut writer: Writer) -> Self {
        let (messages, mut waiting) = mpsc::channel::<M>(WAITING);
        let task = tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                if writer.message(&message).await.is_err() {
                    return;
                }
            }
            let _ = writer.close().await;
            // Dropping it now would reset the stream, and the other side may still say something.
            std::future::pending::<()>().await;
        });
        Self { messages: Some(messages), task }
    }

    /// Sends a message; nothing after [`Self::close`].
    pub(crate) fn send(&self, message: M) -> Result<(), Stuck> {
        match &self.messages {
            Some(messages) => messages.try_send(message).map_err(|_| Stuck),
            None => Ok(()),
        }
    }

    /// Says that nothing more is sent.
    pub(crate) fn close(&mut self) {
        self.messages = None;
    }
}

impl<M> Drop for Outbox<M> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
