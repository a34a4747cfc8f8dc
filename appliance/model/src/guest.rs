//! What the hypervisor or cloud hands over at the first start, and what the role `guest` says of it.

use serde::{Deserialize, Serialize};

use crate::network::NetworkSettings;
use crate::proxy::ProxyLocation;
use crate::root_ca::RootCa;
use crate::secret::Secret;

/// Where first settings were found. The order is the one in which places are looked at; the first that
/// has any counts alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstSource {
    /// Files of QEMU's fw_cfg, `opt/connector/...`.
    FwCfg,
    /// OEM strings of SMBIOS (type 11), `connector.<key>=<value>`.
    OemStrings,
    /// The OVF environment, which VMware hands over in `guestinfo` or on a medium.
    OvfEnvironment,
    /// `user-data` on a medium named `cidata` (NoCloud).
    Medium,
    /// The metadata service of a cloud.
    Metadata,
}

impl FirstSource {
    /// What it is called in English.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FwCfg => "fw_cfg",
            Self::OemStrings => "SMBIOS OEM strings",
            Self::OvfEnvironment => "OVF environment",
            Self::Medium => "NoCloud medium",
            Self::Metadata => "metadata service",
        }
    }
}

/// Settings that an appliance takes before anybody has opened its page. Everything may be missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstValues {
    /// Where they were found.
    pub source: FirstSource,
    /// Host name.
    pub host_name: Option<String>,
    /// How the appliance gets its address.
    pub network: Option<NetworkSettings>,
    /// Web proxies in the order in which they are tried, at most [`crate::proxy::MAX_PROXIES`].
    pub proxies: Vec<FirstProxy>,
    /// Authorities that have passed every check, at most [`crate::root_ca::MAX_ROOTS`].
    pub roots: Vec<RootCa>,
    /// Hash of the administrator's password: argon2id in PHC string format.
    pub password_hash: Option<Secret>,
    /// Whether a registration follows, as the role `guest` carries it out.
    pub registers: bool,
}

/// A web proxy among first settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstProxy {
    /// Where it is.
    pub location: ProxyLocation,
    /// User name for Basic authentication; `None` = no authentication.
    pub user_name: Option<String>,
    /// Password of that user.
    pub password: Option<Secret>,
}

/// The record that first settings were taken: they are taken once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstTaken {
    /// Where they were found.
    pub source: FirstSource,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Whether the registration that they ask for is still to be done.
    pub awaits_registration: bool,
}

/// What the role `guest` says. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestStatus {
    /// Name of the hypervisor or cloud, as its maker writes it; `None` = unknown, or no virtual machine.
    pub platform: Option<String>,
    /// What became of the first settings.
    pub first: FirstState,
}

/// What became of the first settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FirstState {
    /// Places that have some are being asked.
    Looking,
    /// There are none, or nobody needs them: somebody has set the appliance up already.
    None,
    /// They are in use.
    Taken,
    /// They are in use but for the registration, which is being tried.
    Registering {
        /// Why the last attempt has failed, in English; `None` = none has.
        trouble: Option<String>,
    },
    /// What was found cannot be used, and nothing of it is.
    Refused {
        /// Where it was found.
        source: FirstSource,
        /// What is wrong, in English; never quotes a secret.
        reason: String,
    },
    /// They are good and could not be stored.
    NotStored {
        /// Where they were found.
        source: FirstSource,
        /// Why, in English.
        reason: String,
    },
    /// The metadata service of the cloud does not answer as it should.
    Unreachable {
        /// Why, in English.
        reason: String,
    },
}

impl GuestStatus {
    /// The status at the start.
    #[must_use]
    pub const fn starting() -> Self {
        Self { platform: None, first: FirstState::Looking }
    }
}
