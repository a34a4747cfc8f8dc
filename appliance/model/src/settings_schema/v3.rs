//! Frozen: the settings with proxies, bypass list, added authorities and remote syslog.
//!
//! Everything that is new here may be missing: releases before this schema write their files without
//! it, and keep it in a file that they found.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{v1, v2};

/// The schema's number.
pub const FORMAT: u32 = 3;

/// The JSON of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The schema that the file was written with.
    pub format: u32,
    /// How the appliance gets its address, as confirmed.
    pub network: v2::Sourced<v1::Network>,
    /// Host name, as confirmed.
    #[serde(default)]
    pub host_name: Option<v2::Sourced<String>>,
    /// Name of the cloud deployment.
    #[serde(default)]
    pub deployment: Option<String>,
    /// Network settings on trial.
    #[serde(default)]
    pub network_trial: Option<v2::NetworkTrial>,
    /// Network settings that were taken back.
    #[serde(default)]
    pub network_reverted: Option<v2::NetworkReverted>,
    /// Web proxies in the order in which they are tried.
    #[serde(default)]
    pub proxies: Vec<Proxy>,
    /// Rules of the bypass list, as text.
    #[serde(default)]
    pub proxy_bypass: Vec<String>,
    /// Authorities that are trusted beside the built-in ones.
    #[serde(default)]
    pub roots: Vec<Root>,
    /// Where the log is sent.
    #[serde(default)]
    pub syslog: Option<Syslog>,
    /// Members of later releases.
    #[serde(flatten)]
    pub later: Map<String, Value>,
}

/// A web proxy. Its password is in the file of secrets, under id, location and user name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// UUID as text.
    pub id: String,
    /// `host:port`.
    pub location: String,
    /// User name for Basic authentication.
    #[serde(default)]
    pub user_name: Option<String>,
    /// Whether there is a password.
    #[serde(default)]
    pub has_password: bool,
}

/// An added authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The certificate, PEM.
    pub pem: String,
    /// SHA-256 over its DER bytes, upper-case hexadecimal bytes with colons.
    pub sha256: String,
    /// SHA-1 over its DER bytes, in the same form.
    pub sha1: String,
    /// Whom it names (RFC 4514).
    pub subject: String,
    /// Who has issued it (RFC 4514).
    pub issuer: String,
    /// Upper-case hexadecimal bytes with colons.
    pub serial: String,
    /// In seconds since 1970.
    pub not_before: i64,
    /// In seconds since 1970.
    pub not_after: i64,
    /// Kind of its key, such as `RSA 2048`.
    pub key: String,
    /// Whether it has signed itself.
    pub is_self_signed: bool,
}

/// A syslog server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syslog {
    /// Host name or IPv4 address.
    pub server: String,
    /// Its port, not 0.
    pub port: u16,
    /// `tls`, `tcp` or `udp`.
    pub transport: String,
    /// Name of the least severe that is sent, such as `informational`.
    pub severity: String,
}

impl From<v2::Settings> for Settings {
    fn from(settings: v2::Settings) -> Self {
        Self {
            format: FORMAT,
            network: settings.network,
            host_name: settings.host_name,
            deployment: settings.deployment,
            network_trial: settings.network_trial,
            network_reverted: settings.network_reverted,
            proxies: Vec::new(),
            proxy_bypass: Vec::new(),
            roots: Vec::new(),
            syslog: None,
            later: settings.later,
        }
    }
}
