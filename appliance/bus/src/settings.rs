//! Requests to the settings role.

use model::deployment::Deployment;
use model::fingerprint::CertificateFacts;
use model::secret::Secret;
use model::settings::SettingsStatus;
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
    /// Stores certificate and key of the admin page. Web only.
    StoreCertificate {
        /// What to store.
        certificate: StoredCertificate,
    },
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
    /// Done, and on the disk.
    Done,
    /// The state has changed meanwhile: a password exists already, or it is another one.
    Conflict,
    /// This role may not ask that.
    Forbidden,
    /// It could not be stored; nothing has changed.
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
