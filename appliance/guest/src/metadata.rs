//! Clouds: where their services give first settings, and hear that the machine serves.

mod amazon;
mod azure;
mod google;
mod http;

use platform::detect::Platform;
use platform::goal_state::Health;
use platform::guest::FirstSettings;
use thiserror::Error;

use crate::error::{ServiceError, UnusableError};

/// A cloud with services of its own. Each has a module with the same two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cloud {
    Azure,
    Amazon,
    Google,
}

/// Why there are no first settings from a cloud.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    /// Those that it gives cannot be used.
    #[error(transparent)]
    Unusable(#[from] UnusableError),
    /// It does not answer.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Cloud {
    /// The cloud that the machine is in.
    pub(crate) const fn of(platform: Platform) -> Option<Self> {
        match platform {
            Platform::Azure => Some(Self::Azure),
            Platform::Amazon => Some(Self::Amazon),
            Platform::Google => Some(Self::Google),
            Platform::Vmware
            | Platform::HyperV
            | Platform::Xen
            | Platform::Nutanix
            | Platform::Qemu => None,
        }
    }

    /// Asks for first settings, as often and as long as the rule of the service says.
    pub(crate) async fn first_settings(self) -> Result<FirstSettings, FetchError> {
        match self {
            Self::Azure => azure::first_settings().await,
            Self::Amazon => amazon::first_settings().await,
            Self::Google => google::first_settings().await,
        }
    }

    /// Says how the machine is.
    pub(crate) async fn report(self, health: &Health) -> Result<(), ServiceError> {
        match self {
            Self::Azure => azure::report(health).await,
            // Amazon asks the machine from outside and wants no report.
            Self::Amazon => Ok(()),
            Self::Google => google::report(health).await,
        }
    }
}
