//! Why there is no connection with the cloud, or no registration.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::outbound::FailureCause;

/// What keeps the appliance from the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub enum ConnectionTrouble {
    /// The proxies and added authorities are not known: the settings do not answer.
    #[error("the settings of the appliance are not known yet")]
    SettingsUnknown,
    /// There is no connection to the server.
    #[error("{cause}")]
    Outbound {
        /// One of the nine causes.
        cause: FailureCause,
    },
    /// A server answers that is no cloud, or something before the cloud does.
    #[error("the server answers and is no cloud of connectors: {detail}")]
    NotCloud {
        /// HTTP status, if it was one.
        status: Option<u16>,
        /// What it said, in English.
        detail: String,
    },
    /// The server cannot prove that it is the cloud that the appliance is registered with.
    #[error("the server cannot prove that it is the cloud that this appliance is registered with")]
    WrongIdentity,
    /// The cloud does not accept the appliance.
    #[error("the cloud refuses the connection: {reason}")]
    Refused {
        /// Why.
        reason: ConnectionRefusal,
    },
    /// The connection stood and ended.
    #[error("the connection was lost: {detail}")]
    Lost {
        /// How, in English.
        detail: String,
    },
    /// The other side said nothing for too long.
    #[error("the cloud was silent for too long")]
    Silent,
    /// The certificate ran out, and the cloud does not renew it.
    #[error("the certificate ran out and the cloud does not renew it")]
    NotRenewed,
    /// What the cloud said does not fit the protocol.
    #[error("the cloud speaks another version: {detail}")]
    Protocol {
        /// What, in English; no content of a message.
        detail: String,
    },
}

impl ConnectionTrouble {
    /// Language-neutral identifier.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::SettingsUnknown => "cloud.settings-unknown",
            Self::Outbound { cause } => cause.id(),
            Self::NotCloud { .. } => "cloud.not-cloud",
            Self::WrongIdentity => "cloud.wrong-identity",
            Self::Refused { reason } => match reason {
                ConnectionRefusal::Clone => "cloud.clone",
                ConnectionRefusal::Unregistered => "cloud.unregistered",
                ConnectionRefusal::VersionTooOld => "cloud.version-too-old",
                ConnectionRefusal::VersionTooNew => "cloud.version-too-new",
                ConnectionRefusal::Busy => "cloud.busy",
            },
            Self::Lost { .. } => "cloud.lost",
            Self::Silent => "cloud.silent",
            Self::NotRenewed => "cloud.not-renewed",
            Self::Protocol { .. } => "cloud.protocol",
        }
    }
}

/// Why the cloud does not accept a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionRefusal {
    /// Another machine with the same key is connected.
    #[error("another machine with the key of this appliance is connected; one of both is a copy")]
    Clone,
    /// The appliance was removed or its certificate revoked.
    #[error("the appliance is not registered any more")]
    Unregistered,
    /// The appliance is too old.
    #[error("this version of the appliance is too old")]
    VersionTooOld,
    /// The cloud is too old.
    #[error("this version of the appliance is too new")]
    VersionTooNew,
    /// The cloud has too many connections at the moment.
    #[error("the cloud has too many connections at the moment")]
    Busy,
}

/// Why an appliance was not registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum RegistrationRefusal {
    /// The administrator of the cloud refused it.
    #[error("an administrator refused the appliance in the console of the cloud")]
    Rejected,
    /// Another appliance of the resource location has the name.
    #[error("another appliance of the resource location has this name; choose another one")]
    NameTaken,
    /// There is no such resource location.
    #[error("the customer has no such resource location; check its identifier in the console")]
    UnknownLocation,
    /// The secure client may not do this.
    #[error(
        "the cloud does not take this secure client: it does not exist, was revoked, may not register, or the secret is wrong"
    )]
    ClientRefused,
    /// Too many registrations.
    #[error("too many registrations come from here; try again in a minute")]
    TooMany,
    /// The cloud does not understand the request.
    #[error(
        "the cloud does not understand the request: appliance and cloud are of different versions"
    )]
    Malformed,
    /// The cloud cannot at the moment.
    #[error("the cloud cannot register an appliance at the moment; try again later")]
    Unavailable,
    /// The server does not know the secret of the secure client, so it is not the cloud, or the secret
    /// is wrong. Nothing was sent to it.
    #[error(
        "the server does not know the secret of this secure client: the secret is wrong, or somebody intercepts the connection; nothing was disclosed"
    )]
    CloudNotProven,
    /// What the cloud issued does not fit this appliance.
    #[error("the cloud issued a certificate that cannot be used: {detail}")]
    WrongCertificate {
        /// What is wrong, in English.
        detail: String,
    },
    /// The cloud was not reached.
    #[error("the cloud was not reached: {trouble}")]
    Unreached {
        /// Why.
        trouble: ConnectionTrouble,
    },
    /// The registration cannot be kept on the disk.
    #[error("the registration cannot be stored: {detail}")]
    NotStored {
        /// Why, in English.
        detail: String,
    },
}

impl RegistrationRefusal {
    /// Language-neutral identifier.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Rejected => "registration.rejected",
            Self::NameTaken => "registration.name-taken",
            Self::UnknownLocation => "registration.unknown-location",
            Self::ClientRefused => "registration.client-refused",
            Self::TooMany => "registration.too-many",
            Self::Malformed => "registration.malformed",
            Self::Unavailable => "registration.unavailable",
            Self::CloudNotProven => "registration.cloud-not-proven",
            Self::WrongCertificate { .. } => "registration.wrong-certificate",
            Self::Unreached { .. } => "registration.unreached",
            Self::NotStored { .. } => "registration.not-stored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Refusal;

    #[test]
    fn troubles_survive_json() {
        let cause = FailureCause::ServerRefused { reason: Refusal::Refused };
        for trouble in [
            ConnectionTrouble::Outbound { cause },
            ConnectionTrouble::Refused { reason: ConnectionRefusal::Clone },
            ConnectionTrouble::Silent,
        ] {
            let refusal = RegistrationRefusal::Unreached { trouble };
            let json = serde_json::to_string(&refusal).unwrap();
            assert_eq!(
                serde_json::from_str::<RegistrationRefusal>(&json).unwrap(),
                refusal,
                "{json}"
            );
        }
    }
}
