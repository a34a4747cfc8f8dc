//! What the role says to the others, and how it changes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::diagnostics::DiagnosticsStatus;
use tokio::sync::watch;

/// A status and its generation.
pub(crate) type Published = (u64, DiagnosticsStatus);

/// The status that everybody follows. Its clones are the same board.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    sender: watch::Sender<Published>,
}

impl Board {
    /// An empty status of generation 1.
    pub(crate) fn new() -> Self {
        Self { sender: watch::Sender::new((1, DiagnosticsStatus::default())) }
    }

    /// Follows the status.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Published> {
        self.sender.subscribe()
    }

    /// The status now.
    pub(crate) fn status(&self) -> DiagnosticsStatus {
        self.sender.borrow().1.clone()
    }

    /// Changes the status. It gets the next generation if anything is different afterwards.
    pub(crate) fn change<Outcome>(
        &self,
        change: impl FnOnce(&mut DiagnosticsStatus) -> Outcome,
    ) -> Outcome {
        let mut outcome = None;
        self.sender.send_if_modified(|(generation, status)| {
            let before = status.clone();
            outcome = Some(change(status));
            let is_new = *status != before;
            *generation += u64::from(is_new);
            is_new
        });
        outcome.expect("the closure has been called")
    }
}

/// The time in seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A duration in whole microseconds.
pub(crate) fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_gets_a_generation() {
        let board = Board::new();
        let mut follower = board.subscribe();
        board.change(|status| status.probe = None);
        assert!(!follower.has_changed().expect("the board lives"));
        board.change(|status| {
            status.prechecks = Some(model::precheck::PrecheckRun {
                started: 1,
                took_us: None,
                checks: Vec::new(),
            });
        });
        assert_eq!(follower.borrow_and_update().0, 2);
    }
}
