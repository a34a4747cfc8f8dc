//! The settings with host name and network trial, and the way to and from the product's types.
//!
//! A later release may know more origins and reasons; this one reads them as what comes nearest.

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FORMAT, v1};
use crate::ipv4::{HostNet, PrefixLength};
use crate::{network, settings};

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

impl From<&settings::Settings> for Settings {
    fn from(settings: &settings::Settings) -> Self {
        let confirmed = NetworkChoice::from(settings.confirmed_network());
        Self {
            format: FORMAT,
            network: confirmed.network,
            host_name: confirmed.host_name,
            deployment: settings.deployment.clone().map(String::from),
            network_trial: settings
                .network_trial
                .clone()
                .map(|trial| NetworkTrial { tried: trial.tried.into(), saved: trial.saved }),
            network_reverted: settings.network_reverted.clone().map(|reverted| NetworkReverted {
                tried: reverted.tried.into(),
                at: reverted.at,
                reason: reverted.reason.into(),
            }),
            later: Map::new(),
        }
    }
}

impl TryFrom<Settings> for settings::Settings {
    type Error = serde_json::Error;

    fn try_from(settings: Settings) -> Result<Self, serde_json::Error> {
        let confirmed = NetworkChoice { network: settings.network, host_name: settings.host_name };
        let confirmed = settings::NetworkChoice::try_from(confirmed)?;
        let deployment = settings.deployment.map(TryInto::try_into).transpose().map_err(refused)?;
        let trial = |trial: NetworkTrial| {
            let (tried, previous) = (trial.tried.try_into()?, confirmed.clone());
            Ok::<_, serde_json::Error>(settings::NetworkTrial {
                tried,
                previous,
                saved: trial.saved,
            })
        };
        let network_trial = settings.network_trial.map(trial).transpose()?;
        let reverted = |reverted: NetworkReverted| {
            let (at, reason) = (reverted.at, reverted.reason.into());
            let tried = reverted.tried.try_into()?;
            Ok::<_, serde_json::Error>(settings::NetworkReverted { tried, at, reason })
        };
        let network_reverted = settings.network_reverted.map(reverted).transpose()?;
        Ok(Self {
            network: confirmed.network,
            host_name: confirmed.host_name,
            deployment,
            network_trial,
            network_reverted,
        })
    }
}

impl From<settings::NetworkChoice> for NetworkChoice {
    fn from(choice: settings::NetworkChoice) -> Self {
        let network = match choice.network.value {
            network::NetworkSettings::Automatic => v1::Network::Automatic,
            network::NetworkSettings::Static(fixed) => v1::Network::Static(v1::StaticNetwork {
                address: v1::HostNet {
                    address: fixed.address.address,
                    prefix: fixed.address.prefix.bits(),
                },
                gateway: fixed.gateway,
                dns: fixed.dns,
                ntp: fixed.ntp,
            }),
        };
        Self {
            network: Sourced { value: network, origin: choice.network.origin.into() },
            host_name: choice
                .host_name
                .map(|name| Sourced { value: name.value, origin: name.origin.into() }),
        }
    }
}

impl TryFrom<NetworkChoice> for settings::NetworkChoice {
    type Error = serde_json::Error;

    fn try_from(choice: NetworkChoice) -> Result<Self, serde_json::Error> {
        let value = match choice.network.value {
            v1::Network::Automatic => network::NetworkSettings::Automatic,
            v1::Network::Static(fixed) => {
                let v1::HostNet { address, prefix } = fixed.address;
                let prefix = PrefixLength::new(prefix).map_err(refused)?;
                network::NetworkSettings::Static(network::StaticNetwork {
                    address: HostNet { address, prefix },
                    gateway: fixed.gateway,
                    dns: fixed.dns,
                    ntp: fixed.ntp,
                })
            }
        };
        Ok(Self {
            network: network::Sourced::new(value, choice.network.origin.into()),
            host_name: choice
                .host_name
                .map(|name| network::Sourced::new(name.value, name.origin.into())),
        })
    }
}

impl From<network::Origin> for Origin {
    fn from(origin: network::Origin) -> Self {
        match origin {
            network::Origin::Default => Self::Default,
            network::Origin::BootParameter => Self::BootParameter,
            network::Origin::Dhcp => Self::Dhcp,
            network::Origin::Operator => Self::Operator,
        }
    }
}

impl From<Origin> for network::Origin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Default => Self::Default,
            Origin::BootParameter => Self::BootParameter,
            Origin::Dhcp => Self::Dhcp,
            Origin::Operator => Self::Operator,
        }
    }
}

impl From<settings::RevertReason> for RevertReason {
    fn from(reason: settings::RevertReason) -> Self {
        match reason {
            settings::RevertReason::NotConfirmed => Self::NotConfirmed,
            settings::RevertReason::Operator => Self::Operator,
            settings::RevertReason::Restarted => Self::Restarted,
        }
    }
}

impl From<RevertReason> for settings::RevertReason {
    fn from(reason: RevertReason) -> Self {
        match reason {
            RevertReason::NotConfirmed => Self::NotConfirmed,
            RevertReason::Operator => Self::Operator,
            RevertReason::Restarted => Self::Restarted,
        }
    }
}

fn refused(error: impl std::fmt::Display) -> serde_json::Error {
    serde_json::Error::custom(error)
}
