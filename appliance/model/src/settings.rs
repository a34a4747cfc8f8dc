//! The stored settings, and what the settings role says about them.

use serde::{Deserialize, Serialize};

use thiserror::Error;

use crate::bypass::BypassRule;
use crate::deployment::Deployment;
use crate::fingerprint::CertificateFacts;
use crate::guest::FirstTaken;
use crate::network::{NetworkSettings, Origin, Sourced};
use crate::proxy::{MAX_PROXIES, ProxyListError, ProxyServer};
use crate::root_ca::RootCaFacts;
use crate::signing_request::SigningRequestFacts;
use crate::syslog::SyslogSetting;

/// Everything that an administrator chose and that is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the appliance gets its address: in use now, confirmed or on trial.
    pub network: Sourced<NetworkSettings>,
    /// The host name that the operator gave; without one DHCP's is used, then the default.
    #[serde(default)]
    pub host_name: Option<Sourced<String>>,
    /// The cloud deployment that the first link named.
    #[serde(default)]
    pub deployment: Option<Deployment>,
    /// Network settings that nobody has confirmed yet, and what returns if nobody does.
    #[serde(default)]
    pub network_trial: Option<NetworkTrial>,
    /// Network settings that were taken back, until the operator has seen it.
    #[serde(default)]
    pub network_reverted: Option<NetworkReverted>,
    /// Web proxies in the order in which they are tried. Their passwords are kept apart.
    #[serde(default)]
    pub proxies: Vec<ProxyServer>,
    /// What is contacted directly although there are proxies.
    #[serde(default)]
    pub proxy_bypass: Vec<BypassRule>,
    /// Authorities that are trusted beside the built-in ones. Their certificates are kept beside.
    #[serde(default)]
    pub roots: Vec<RootCaFacts>,
    /// Where the log is sent; `None` = nowhere.
    #[serde(default)]
    pub syslog: Option<SyslogSetting>,
}

/// What is changed together, tried together and taken back together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkChoice {
    /// How the appliance gets its address.
    pub network: Sourced<NetworkSettings>,
    /// The host name that the operator gave.
    #[serde(default)]
    pub host_name: Option<Sourced<String>>,
}

/// A network change that holds only once somebody has confirmed it at the new address. Stored beside
/// the confirmed settings, so that the trial spans the restart that a network change takes, and a
/// release that knows no trials finds the confirmed ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkTrial {
    /// What is tried: in use from the next start on.
    pub tried: NetworkChoice,
    /// What returns when nobody confirms.
    pub previous: NetworkChoice,
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
    /// Nobody confirmed it in time.
    NotConfirmed,
    /// The operator asked for it.
    Operator,
    /// The appliance restarted while it was on trial, so nobody can have seen it work.
    Restarted,
}

impl Settings {
    /// The network settings that somebody has confirmed: what returns when a trial ends without
    /// confirmation, and what is in use when there is none.
    #[must_use]
    pub fn confirmed_network(&self) -> NetworkChoice {
        match &self.network_trial {
            Some(trial) => trial.previous.clone(),
            None => {
                NetworkChoice { network: self.network.clone(), host_name: self.host_name.clone() }
            }
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            network: Sourced::new(NetworkSettings::Automatic, Origin::Default),
            host_name: None,
            deployment: None,
            network_trial: None,
            network_reverted: None,
            proxies: Vec::new(),
            proxy_bypass: Vec::new(),
            roots: Vec::new(),
            syslog: None,
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

/// How long a change waits to be confirmed, in seconds.
pub const TRIAL_SECONDS: u64 = 60;

/// A change that is on trial now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum TrialPhase {
    /// Stored; it takes effect with the restart that comes next.
    AwaitsRestart,
    /// In effect, and the appliance is not reachable yet: the time to confirm has not begun.
    Starting,
    /// In effect; without confirmation the previous values return at this time.
    Running {
        /// In milliseconds of the machine's running time (`CLOCK_BOOTTIME`), which no correction of
        /// the clock moves.
        ends_at_uptime_ms: u64,
    },
}

/// A certificate that is on trial, or one that was taken back. Forgotten with a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CertificateTrial {
    /// In use; without confirmation the previous one returns.
    Running {
        /// In milliseconds of the machine's running time (`CLOCK_BOOTTIME`).
        ends_at_uptime_ms: u64,
        /// What returns.
        previous: CertificateFacts,
    },
    /// Taken back.
    Reverted {
        /// What had been tried.
        tried: CertificateFacts,
        /// When it was taken back, in seconds since 1970.
        at: i64,
        /// Why.
        reason: RevertReason,
    },
}

/// Whether this machine is the one that the settings were made on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Identity {
    /// Yes, or the firmware gives nothing to tell machines apart by.
    Known,
    /// The firmware's UUID is another one: the virtual machine was copied, or moved in a way that
    /// gave it a new one. Only the operator can tell which.
    Copied {
        /// UUID of the machine that the settings were made on.
        original: String,
        /// UUID of this machine.
        present: String,
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
    /// How far the trial of new network settings is; `None` when there is none.
    pub network_trial: Option<TrialPhase>,
    /// The trial of a new certificate, or how the last one ended.
    pub certificate_trial: Option<CertificateTrial>,
    /// Whether this machine is the one that the settings were made on.
    pub identity: Identity,
    /// Whether there is a token with which metrics are read.
    #[serde(default)]
    pub has_metrics_token: bool,
    /// The request for a certificate that waits for its answer.
    #[serde(default)]
    pub signing_request: Option<SigningRequestFacts>,
    /// The first settings that were taken from the platform, if any were.
    #[serde(default)]
    pub first_taken: Option<FirstTaken>,
}

impl SettingsStatus {
    /// Settings that can be stored, on a machine that nobody has set up.
    #[must_use]
    pub const fn new(generation: u64, settings: Settings) -> Self {
        Self {
            generation,
            settings,
            boot_parameter: None,
            storage: StorageState::Good,
            has_administrator: false,
            certificate: None,
            network_trial: None,
            certificate_trial: None,
            identity: Identity::Known,
            has_metrics_token: false,
            signing_request: None,
            first_taken: None,
        }
    }
}

/// Why a change is refused that only the settings role can judge, since others change them too.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum SettingsRefusal {
    /// There are as many proxies as are kept.
    #[error("there are {limit} proxies already, and no more are kept")]
    TooManyProxies {
        /// [`crate::proxy::MAX_PROXIES`].
        limit: usize,
    },
    /// Another proxy has this location.
    #[error("the proxy {location} is there already")]
    DuplicateProxy {
        /// `host:port`.
        location: String,
    },
    /// No proxy has this id; it may have been deleted meanwhile.
    #[error("no proxy has this id")]
    UnknownProxy,
    /// A new order that does not name each proxy exactly once.
    #[error("the order does not name each proxy exactly once")]
    ProxyOrder,
    /// The password is kept for another location or user name: it is not sent to a server that it
    /// was not entered for.
    #[error("the password has to be entered again for another location or user name")]
    ProxyPasswordNeeded,
    /// There are as many rules as are kept.
    #[error("more than {limit} rules in the bypass list")]
    TooManyBypassRules {
        /// [`crate::bypass::MAX_BYPASS_RULES`].
        limit: usize,
    },
    /// This authority is there already.
    #[error("the authority `{subject}` is there already")]
    DuplicateRoot {
        /// Its subject.
        subject: String,
    },
    /// There are as many authorities as are kept.
    #[error("there are {limit} authorities already, and no more are kept")]
    TooManyRoots {
        /// [`crate::root_ca::MAX_ROOTS`].
        limit: usize,
    },
    /// All authorities together would be too large.
    #[error("the certificates of all authorities are longer than {limit_bytes} bytes")]
    RootsTooLarge {
        /// [`crate::root_ca::MAX_ROOTS_PEM_BYTES`].
        limit_bytes: usize,
    },
    /// No authority has this id; it may have been deleted meanwhile.
    #[error("no authority has this id")]
    UnknownRoot,
}

impl SettingsRefusal {
    /// A name without language for programs and support.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::TooManyProxies { .. } => "tooManyProxies",
            Self::DuplicateProxy { .. } => "duplicateProxy",
            Self::UnknownProxy => "unknownProxy",
            Self::ProxyOrder => "proxyOrder",
            Self::ProxyPasswordNeeded => "proxyPasswordNeeded",
            Self::TooManyBypassRules { .. } => "tooManyBypassRules",
            Self::DuplicateRoot { .. } => "duplicateRoot",
            Self::TooManyRoots { .. } => "tooManyRoots",
            Self::RootsTooLarge { .. } => "rootsTooLarge",
            Self::UnknownRoot => "unknownRoot",
        }
    }
}

impl From<ProxyListError> for SettingsRefusal {
    fn from(error: ProxyListError) -> Self {
        match error {
            ProxyListError::TooMany => Self::TooManyProxies { limit: MAX_PROXIES },
            ProxyListError::Duplicate { location } => {
                Self::DuplicateProxy { location: location.to_string() }
            }
            ProxyListError::Unknown { .. } => Self::UnknownProxy,
            ProxyListError::NotAnOrder => Self::ProxyOrder,
        }
    }
}
