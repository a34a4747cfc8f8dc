//! Frozen: the settings with host name and network trial, as releases wrote and read them before they
//! knew proxies.
//!
//! A later release may know more origins and reasons; they are read as what comes nearest.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::v1;

/// The schema's number.
pub const FORMAT: u32 = 2;

/// The JSON of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The schema that the file was written with.
    pub format: u32,
    /// How the appliance gets its address, as confirmed.
    pub network: Sourced<v1::Network>,
    /// Host name, as confirmed.
    #[serde(default)]
    pub host_name: Option<Sourced<String>>,
    /// Name of the cloud deployment.
    #[serde(default)]
    pub deployment: Option<String>,
    /// Network settings on trial.
    #[serde(default)]
    pub network_trial: Option<NetworkTrial>,
    /// Network settings that were taken back.
    #[serde(default)]
    pub network_reverted: Option<NetworkReverted>,
    /// Members of later releases.
    #[serde(flatten)]
    pub later: Map<String, Value>,
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a value came from. Release 0.1.0 refuses a file with any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody chose it.
    Default,
    /// Typed in GRUB.
    BootParameter,
    /// Offered by a DHCP server.
    Dhcp,
    /// Entered on the admin page. Also what a later release calls something else: somebody chose it.
    #[serde(other)]
    Operator,
}

/// What is changed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkChoice {
    /// How the appliance gets its address.
    pub network: Sourced<v1::Network>,
    /// Host name.
    #[serde(default)]
    pub host_name: Option<Sourced<String>>,
}

/// Network settings on trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkTrial {
    /// What is tried.
    pub tried: NetworkChoice,
    /// When it was saved, in seconds since 1970.
    pub saved: i64,
}

/// Network settings that were taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkReverted {
    /// What had been tried.
    pub tried: NetworkChoice,
    /// When it was taken back, in seconds since 1970.
    pub at: i64,
    /// Why.
    pub reason: RevertReason,
}

/// Why a change was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevertReason {
    /// The operator asked for it.
    Operator,
    /// The appliance restarted meanwhile.
    Restarted,
    /// Nobody confirmed it. Also whatever a later release calls something else.
    #[serde(other)]
    NotConfirmed,
}

impl From<v1::Settings> for Settings {
    fn from(settings: v1::Settings) -> Self {
        let v1::Sourced { value, origin } = settings.network;
        let origin = match origin {
            v1::Origin::Default => Origin::Default,
            v1::Origin::BootParameter => Origin::BootParameter,
            v1::Origin::Dhcp => Origin::Dhcp,
            v1::Origin::Operator => Origin::Operator,
        };
        Self {
            format: FORMAT,
            network: Sourced { value, origin },
            host_name: None,
            deployment: settings.deployment,
            network_trial: None,
            network_reverted: None,
            later: Map::new(),
        }
    }
}
