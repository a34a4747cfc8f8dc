//! What the role says to the others, and how it changes.

use model::guest::{FirstState, GuestStatus};
use tokio::sync::watch;

/// A status and its generation.
pub(crate) type Published = (u64, GuestStatus);

/// The status that everybody follows. Its clones are the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board(watch::Sender<Published>);

impl Board {
    /// The status at the start, of generation 1.
    pub(crate) fn new(platform: Option<&str>) -> Self {
        let status =
            GuestStatus { platform: platform.map(str::to_owned), ..GuestStatus::starting() };
        Self(watch::Sender::new((1, status)))
    }

    /// Follows the status.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Published> {
        self.0.subscribe()
    }

    /// Says what became of the first settings.
    pub(crate) fn set_first(&self, first: FirstState) {
        self.0.send_if_modified(|(generation, status)| {
            let is_new = status.first != first;
            *generation += u64::from(is_new);
            status.first = first;
            is_new
        });
    }
}
