//! Requests to the settings role.

use model::bypass::BypassRule;
use model::deployment::Deployment;
use model::fingerprint::CertificateFacts;
use model::guest::FirstValues;
use model::outbound::OutboundSettings;
use model::proxy::ProxyLocation;
use model::root_ca::RootCa;
use model::secret::Secret;
use model::settings::{NetworkChoice, SettingsRefusal, SettingsStatus};
use model::signing_request::SigningRequestFacts;
use model::syslog::SyslogSetting;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the settings role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum SettingsRequest {
    /// Settings and their state. Any role. Answered at once, or when there is a generation newer than
    /// the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// The hash of the administrator's password. Web only.
    AdministratorHash,
    /// Stores the first hash; refused when there is one. Web only.
    CreateAdministrator {
        /// Hash in PHC string format.
        hash: Secret,
        /// The deployment that the first link named, kept with the settings.
        deployment: Option<Deployment>,
    },
    /// Replaces the hash if it still is the one expected. Web only.
    ReplaceAdministrator {
        /// The hash that the current password was checked against.
        expected: Secret,
        /// The new one.
        hash: Secret,
    },
    /// Certificate and key of the admin page. Web only.
    Certificate,
    /// Stores certificate and key of the admin page for good, and ends a trial. The first one is in
    /// use even when the answer is that it could not be stored. Web only.
    StoreCertificate {
        /// What to store.
        certificate: StoredCertificate,
    },
    /// Puts certificate and key into use on trial: without confirmation within
    /// [`model::settings::TRIAL_SECONDS`] the previous ones return, as they do with a start. Refused
    /// while there is none that could return. Web only.
    TryCertificate {
        /// What to try.
        certificate: StoredCertificate,
    },
    /// Keeps the certificate that is on trial; a conflict when none is. Web only.
    ConfirmCertificate,
    /// Takes the certificate that is on trial back; a conflict when none is. Web only.
    RevertCertificate,
    /// Stores network settings on trial. They take effect with the next start, for which the asker
    /// sends; those in use stay until then. If the start does not come within a minute they are
    /// dropped. Web only.
    TryNetwork {
        /// What to try.
        choice: NetworkChoice,
    },
    /// Keeps the network settings that are on trial; a conflict when none are, or while they are not
    /// in effect yet. Web only.
    ConfirmNetwork,
    /// Takes the network settings that are on trial back; takes effect at once, and until the next
    /// start even when the answer is that it could not be stored. A conflict when none are on trial.
    /// Web only.
    RevertNetwork,
    /// Forgets what is said about a change that was taken back. Web only.
    DismissReverted,
    /// This machine is the same appliance, moved or restored: its identity is the stored one from
    /// now on. Web only.
    KeepIdentity,
    /// Forgets everything: password, certificate, settings. Takes effect with the next start, for
    /// which the asker sends: what is in use stays until then, and nothing more is stored. A power cut
    /// leaves all or nothing. Web only.
    Reset {
        /// Whether the network settings stay.
        keep_network: bool,
    },
    /// Proxies with their passwords, bypass list and added authorities. Whenever the status has a
    /// new generation they may be others. Diagnostics, Journal
    /// and Channel only.
    Outbound,
    /// Adds a proxy behind the others. Web only.
    AddProxy {
        /// Where it is.
        location: ProxyLocation,
        /// User name for Basic authentication; `None` = no authentication.
        user_name: Option<String>,
        /// Password of that user.
        password: Option<Secret>,
    },
    /// Changes a proxy; its place among the others stays. Web only.
    UpdateProxy {
        /// Which.
        id: String,
        /// Where it is.
        location: ProxyLocation,
        /// User name for Basic authentication; `None` = no authentication, and the password is
        /// forgotten.
        user_name: Option<String>,
        /// What becomes of the password.
        password: PasswordChange,
    },
    /// Forgets a proxy with its password. Web only.
    DeleteProxy {
        /// Which.
        id: String,
    },
    /// Brings the proxies into another order. Web only.
    OrderProxies {
        /// The id of each proxy, in the new order.
        ids: Vec<String>,
    },
    /// Replaces the bypass list. Web only.
    SetProxyBypass {
        /// The new list.
        rules: Vec<BypassRule>,
        /// The list that the asker has seen; a conflict when it is another one by now. `None` =
        /// whatever it is.
        expected: Option<Vec<BypassRule>>,
    },
    /// Adds an authority that has passed every check. Web only.
    AddRoot {
        /// The authority.
        root: RootCa,
    },
    /// Forgets an authority. Web only.
    DeleteRoot {
        /// Which.
        id: String,
    },
    /// Sets where the log is sent. Web only.
    SetSyslog {
        /// Where; `None` = nowhere.
        setting: Option<SyslogSetting>,
    },
    /// The hash of the token with which metrics are read. Web only.
    MetricsTokenHash,
    /// Replaces the token with which metrics are read. Web only.
    SetMetricsToken {
        /// Hash of the token: printable ASCII, at most [`MAX_TOKEN_HASH_BYTES`].
        hash: Secret,
    },
    /// Forgets the token with which metrics are read, if there is one. Web only.
    DeleteMetricsToken,
    /// Keeps a request for a certificate with its key; it replaces the one before. It is forgotten
    /// when a certificate with its key is kept. Web only.
    StoreSigningRequest {
        /// The request.
        signing_request: StoredSigningRequest,
    },
    /// The request for a certificate that waits for its answer, with its key. Web only.
    SigningRequest,
    /// Forgets the request for a certificate; a conflict when there is none. Web only.
    DeleteSigningRequest,
    /// Takes first settings, all of them or none. Only what nobody has set is set by them: network
    /// settings from the boot line stay. A conflict when some were taken before, or an administrator
    /// has chosen a password. Guest only.
    TakeFirst {
        /// The settings.
        first: FirstValues,
    },
    /// The registration that first settings asked for is done, or nobody wants it any more; a conflict
    /// when none was awaited. Guest only.
    EndFirstRegistration,
}

/// Longest hash of a token, in bytes: SHA-256 in hexadecimal has 64.
pub const MAX_TOKEN_HASH_BYTES: usize = 128;

/// What becomes of the password of a proxy that is changed. It is never shown again, so it can only
/// be kept, set or removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "password", rename_all = "snake_case")]
pub enum PasswordChange {
    /// It stays, and is refused for another location or user name
    /// ([`SettingsRefusal::ProxyPasswordNeeded`]).
    Keep,
    /// It is replaced.
    Set {
        /// The new one.
        secret: Secret,
    },
    /// It is forgotten.
    Remove,
}

/// A request for a certificate with its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredSigningRequest {
    /// What is shown of it.
    pub facts: SigningRequestFacts,
    /// The request, PKCS#10 PEM.
    pub request_pem: String,
    /// The private key, PKCS#8 PEM.
    pub key_pem: Secret,
}

/// The certificate of the admin page with its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredCertificate {
    /// The chain, PEM, leaf first.
    pub chain_pem: String,
    /// The private key, PKCS#8 PEM.
    pub key_pem: Secret,
    /// What is shown of the leaf.
    pub facts: CertificateFacts,
}

/// The answer of the settings role.
#[expect(clippy::large_enum_variant, reason = "a few messages at a time, each sent at once")]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum SettingsResponse {
    /// Settings and their state.
    Status(SettingsStatus),
    /// The hash, if a password has been set.
    AdministratorHash {
        /// Hash in PHC string format.
        hash: Option<Secret>,
    },
    /// The certificate, if there is one.
    Certificate {
        /// Certificate and key.
        certificate: Option<StoredCertificate>,
    },
    /// Proxies, bypass list and authorities.
    Outbound(OutboundSettings),
    /// The proxy has been added.
    Added {
        /// Its id.
        id: String,
    },
    /// The hash of the token for metrics, if there is one.
    MetricsTokenHash {
        /// As it was set.
        hash: Option<Secret>,
    },
    /// The request for a certificate, if there is one.
    SigningRequest {
        /// The request with its key.
        request: Option<StoredSigningRequest>,
    },
    /// Done, and on the disk.
    Done,
    /// It does not fit what is stored now; nothing has changed.
    Refused {
        /// Why.
        refusal: SettingsRefusal,
    },
    /// The state has changed meanwhile: a password exists already, or it is another one, or what was
    /// on trial no longer is.
    Conflict,
    /// This role may not ask that.
    Forbidden,
    /// It could not be stored; nothing has changed, unless the request says otherwise.
    Failed {
        /// Why.
        reason: String,
    },
}

impl StatusRequest for SettingsRequest {
    type Response = SettingsResponse;
    type Status = SettingsStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: SettingsResponse) -> Option<(u64, SettingsStatus)> {
        match response {
            SettingsResponse::Status(status) => Some((status.generation, status)),
            _ => None,
        }
    }
}
