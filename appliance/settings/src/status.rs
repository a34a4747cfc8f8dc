//! What the role says about itself.

use model::settings::{SettingsStatus, StorageState};
use tokio::sync::watch;

/// Why settings cannot be trusted to last.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    /// Found at the start; stands until the next one.
    pub(crate) start: Vec<String>,
    /// Of the last write.
    pub(crate) write: Option<String>,
}

impl Troubles {
    /// The worst of them in one sentence.
    pub(crate) fn state(&self) -> StorageState {
        let reasons: Vec<_> = self.write.iter().chain(&self.start).map(String::as_str).collect();
        if reasons.is_empty() {
            return StorageState::Good;
        }
        StorageState::Trouble { reason: reasons.join("; ") }
    }
}

/// Publishes a status under the next generation, if anything in it is new or followers have to ask
/// for what it does not show.
pub(crate) fn publish(
    sender: &watch::Sender<SettingsStatus>,
    mut status: SettingsStatus,
    has_unseen_change: bool,
) {
    sender.send_if_modified(|published| {
        status.generation = published.generation;
        if *published == status && !has_unseen_change {
            return false;
        }
        status.generation += 1;
        *published = status;
        true
    });
}
