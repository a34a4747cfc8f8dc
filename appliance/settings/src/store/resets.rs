//! Forgetting everything.

use bus::SettingsResponse;
use model::settings::{NetworkChoice, Settings};
use tracing::{info, warn};

use super::{Obstacle, Store};
use crate::copies::Copies;
use crate::error::in_one_line;
use crate::file_system::FileSystem;
use crate::reset::{self, OrderError};

impl Store {
    /// Forgets everything on the disk, and the rest with the next start: what is in use stays so
    /// until then, so that the page can say goodbye.
    pub(crate) fn reset(&mut self, keeps_network: bool) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let mut kept = Settings::default();
        if keeps_network {
            // What nobody has confirmed is not worth keeping.
            NetworkChoice { network: kept.network, host_name: kept.host_name } =
                self.settings.confirmed_network();
        }
        match reset::order(&*self.files, kept) {
            Ok(()) => {}
            Err(OrderError::Refused(error)) => {
                let reason = self.noted::<()>(Err(error)).err().unwrap_or_default();
                return SettingsResponse::Failed { reason };
            }
            Err(OrderError::Uncertain(error)) => {
                // Whatever is stored now might be forgotten.
                self.obstacle = Some(Obstacle::ResetOrdered);
                let reason = self.noted::<()>(Err(error)).err().unwrap_or_default();
                let reason = format!("{reason}; the next start may reset the appliance");
                return SettingsResponse::Failed { reason };
            }
        }
        info!("The appliance is being reset");
        self.obstacle = Some(Obstacle::ResetOrdered);
        if let Err(error) = reset::carry_out(&*self.files) {
            warn!(error = in_one_line(&error), "The next start completes the reset");
        }
        SettingsResponse::Done
    }

    /// Whether something can be stored that lasts. Tries a reset again that the disk did not let
    /// finish.
    pub(super) fn can_store(&mut self) -> Result<(), String> {
        if let Some(Obstacle::ResetUnfinished(_)) = self.obstacle {
            self.obstacle = finish(&*self.files);
            if self.obstacle.is_none() {
                // Only what the order kept is there now, and that is in use.
                self.copies = Copies::load(&*self.files).copies;
                self.troubles.start.clear();
                self.note_machine();
            }
        }
        self.obstacle.as_ref().map_or(Ok(()), |obstacle| Err(obstacle.reason()))
    }
}

/// Carries out a reset that has been ordered.
pub(super) fn finish(files: &dyn FileSystem) -> Option<Obstacle> {
    if !reset::is_ordered(files) {
        return None;
    }
    let error = reset::carry_out(files).err()?;
    let reason = in_one_line(&error);
    warn!(error = reason, "Cannot complete the reset");
    Some(Obstacle::ResetUnfinished(reason))
}
