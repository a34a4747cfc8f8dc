//! What the role says to the others, and how it changes.

use model::channel::{ChannelStatus, ConnectionStatus};
use tokio::sync::watch;

/// A status and its generation.
pub(crate) type Published = (u64, ChannelStatus);

/// The status that everybody follows. Its clones are the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    sender: watch::Sender<Published>,
}

impl Board {
    /// An empty status of generation 1.
    pub(crate) fn new() -> Self {
        Self { sender: watch::Sender::new((1, ChannelStatus::default())) }
    }

    /// Follows the status.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Published> {
        self.sender.subscribe()
    }

    /// The status now.
    pub(crate) fn status(&self) -> ChannelStatus {
        self.sender.borrow().1.clone()
    }

    /// Changes the status. It gets the next generation if anything is different afterwards.
    pub(crate) fn change(&self, change: impl FnOnce(&mut ChannelStatus)) {
        self.sender.send_if_modified(|(generation, status)| {
            let before = status.clone();
            change(status);
            let is_new = *status != before;
            *generation += u64::from(is_new);
            is_new
        });
    }

    /// Changes what is said of one connection.
    pub(crate) fn change_connection(
        &self,
        place: usize,
        change: impl FnOnce(&mut ConnectionStatus),
    ) {
        self.change(|status| {
            if let Some(connection) = status.connections.get_mut(place) {
                change(connection);
            }
        });
    }
}
