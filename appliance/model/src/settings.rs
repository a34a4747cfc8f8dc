//! The stored settings, and what the settings role says about them.

use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::fingerprint::CertificateFacts;
use crate::network::{NetworkSettings, Origin, Sourced};

/// Everything that an administrator chose and that is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the appliance gets its address.
    pub network: Sourced<NetworkSettings>,
    /// The cloud deployment that the first link named.
    #[serde(default)]
    pub deployment: Option<Deployment>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            network: Sourced::new(NetworkSettings::Automatic, Origin::Default),
            deployment: None,
        }
    }
}

/// What became of the boot parameter `network=` of this start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum BootParameterReport {
    /// It is in use and stored for later starts.
    Stored,
    /// It is in use for this start; storing it failed.
    NotStored {
        /// Why.
        reason: String,
    },
    /// It is malformed; the previous settings are in use.
    Refused {
        /// The parameter as typed.
        parameter: String,
        /// What is wrong with it, in plain words.
        reason: String,
    },
}

/// Whether settings can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StorageState {
    /// The last write succeeded, and the file was readable at the start.
    Good,
    /// Stored settings were unreadable at the start and defaults are in use, or the last write
    /// failed.
    Trouble {
        /// What is wrong, in plain words.
        reason: String,
    },
}

/// What the settings role says to every other role. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsStatus {
    /// Grows with every change while the role runs.
    pub generation: u64,
    /// The settings in use.
    pub settings: Settings,
    /// What became of `network=`, when this start had one.
    pub boot_parameter: Option<BootParameterReport>,
    /// Whether settings can be stored.
    pub storage: StorageState,
    /// Whether the administrator's password has been set.
    pub has_administrator: bool,
    /// The certificate of the admin page, when there is one.
    pub certificate: Option<CertificateFacts>,
}
