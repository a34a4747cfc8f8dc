//! What the role says to the others, and how it changes.

use model::domain::DomainName;
use model::domain::status::{DirectoryStatus, DomainStatus};
use tokio::sync::watch;

/// A status and its generation.
pub(crate) type Published = (u64, DirectoryStatus);

/// The status that everybody follows. Its clones are the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    sender: watch::Sender<Published>,
}

impl Board {
    /// An empty status of generation 1.
    pub(crate) fn new() -> Self {
        Self { sender: watch::Sender::new((1, DirectoryStatus::default())) }
    }

    /// Follows the status.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Published> {
        self.sender.subscribe()
    }

    /// The status now.
    pub(crate) fn status(&self) -> DirectoryStatus {
        self.sender.borrow().1.clone()
    }

    /// Changes the status. It gets the next generation if anything is different afterwards.
    pub(crate) fn change(&self, change: impl FnOnce(&mut DirectoryStatus)) {
        self.sender.send_if_modified(|(generation, status)| {
            let before = status.clone();
            change(status);
            let is_new = *status != before;
            *generation += u64::from(is_new);
            is_new
        });
    }

    /// Changes what is said of one domain, if it is joined.
    pub(crate) fn change_domain(
        &self,
        domain: &DomainName,
        change: impl FnOnce(&mut DomainStatus),
    ) {
        self.change(|status| {
            if let Some(status) = status.domains.iter_mut().find(|it| it.domain == *domain) {
                change(status);
            }
        });
    }
}
