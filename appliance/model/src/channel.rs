//! The connection with the cloud: what the channel role says about registration and connections.

mod address;
mod trouble;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use address::{CloudAddress, CloudAddressError};
pub use trouble::{ConnectionRefusal, ConnectionTrouble, RegistrationRefusal};

use crate::outbound::Interception;
use crate::proxy::ProxyLocation;

/// Connections that an appliance holds at once, each to another address of the cloud if it has
/// several: one that is cut leaves the other.
pub const CONNECTIONS: usize = 2;

/// What the channel role says to every other role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStatus {
    /// Whether the appliance is known to a cloud.
    pub registration: RegistrationState,
    /// Its connections; none while it is not registered.
    pub connections: Vec<ConnectionStatus>,
    /// Another machine with the key of this one that the cloud turned away last.
    pub clone_refused: Option<CloneRefused>,
    /// Whether the private key is sealed by the machine's TPM.
    #[serde(default)]
    pub key_is_sealed: bool,
}

impl ChannelStatus {
    /// The registration, if the appliance is registered.
    #[must_use]
    pub fn registered(&self) -> Option<&Registration> {
        match &self.registration {
            RegistrationState::Registered { registration } => Some(registration),
            RegistrationState::NotRegistered { .. } | RegistrationState::Registering { .. } => None,
        }
    }

    /// Connections on which the cloud has welcomed the appliance.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.connections.iter().filter(|it| it.state == ConnectionState::Connected).count()
    }

    /// The status for roles that must not see the code, which attaches the appliance to whoever has
    /// it.
    #[must_use]
    pub fn without_code(mut self) -> Self {
        if let RegistrationState::Registering { step, .. } = &mut self.registration
            && let RegistrationStep::CodeShown { code, .. }
            | RegistrationStep::Confirming { code, .. } = step
        {
            *code = ShownCode::default();
        }
        self
    }
}

/// Whether the appliance is known to a cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RegistrationState {
    /// It is not.
    NotRegistered {
        /// How the last registration ended, unless the administrator ended it.
        last: Option<Ending>,
    },
    /// It is about to be.
    Registering {
        /// What is asked for.
        applicant: Applicant,
        /// How far it is.
        step: RegistrationStep,
        /// What keeps the appliance from the cloud at the moment.
        trouble: Option<ConnectionTrouble>,
    },
    /// It is.
    Registered {
        /// As what.
        registration: Registration,
    },
}

impl Default for RegistrationState {
    fn default() -> Self {
        Self::NotRegistered { last: None }
    }
}

/// What a registration asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// Name that the appliance is to have.
    pub name: String,
    /// Where the cloud is.
    pub cloud: CloudAddress,
    /// Identifier of the resource location; `None` = the cloud or its administrator chooses.
    pub location: Option<String>,
}

/// How far a registration is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RegistrationStep {
    /// The cloud is dialled, or asked for a code.
    Connecting,
    /// A code is good and has not been entered.
    CodeShown {
        /// The code.
        code: ShownCode,
        /// What has to stand beside the details in the console as well.
        security_number: String,
        /// When the code runs out, in seconds since 1970 by the clock of the appliance.
        expires_at: i64,
    },
    /// An administrator has entered the code and looks at the details.
    Confirming {
        /// The code.
        code: ShownCode,
        /// What has to stand beside the details in the console as well.
        security_number: String,
        /// When the code runs out, in seconds since 1970 by the clock of the appliance.
        expires_at: i64,
    },
    /// The code ran out; the administrator may ask for another one.
    CodeExpired {
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The secret of a secure client is proven; no person is needed.
    Proving,
}

/// A registration code as it is shown. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownCode(pub String);

impl fmt::Debug for ShownCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ShownCode(..)")
    }
}

/// How a registration ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Name that the appliance had or was to have.
    pub name: String,
    /// The cloud.
    pub cloud: CloudAddress,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Why.
    pub reason: EndingReason,
}

/// Why a registration ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum EndingReason {
    /// It did not come about.
    Refused {
        /// Why.
        reason: RegistrationRefusal,
    },
    /// The appliance was removed in the cloud.
    Removed,
    /// It has not ended, but a TPM that has sealed its key does not give it out.
    Sealed {
        /// Why not.
        trouble: SealTrouble,
    },
}

/// Why a key that a TPM has sealed cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "seal", rename_all = "snake_case")]
pub enum SealTrouble {
    /// The machine has no TPM.
    #[error("a TPM has sealed its key, and this machine has none")]
    NoTpm,
    /// It was another TPM.
    #[error("another TPM has sealed its key, or this one before it was cleared")]
    OtherTpm,
    /// The TPM does not do it now.
    #[error("its key is sealed: {detail}")]
    Failed {
        /// What the TPM says.
        detail: String,
    },
}

/// What a registered appliance is to the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Name of the appliance; fixed.
    pub name: String,
    /// Where the cloud is.
    pub cloud: CloudAddress,
    /// Identifier of the appliance in the cloud.
    pub connector: String,
    /// Identifier of the customer.
    pub customer: String,
    /// The customer's name.
    pub customer_name: String,
    /// Identifier of the resource location.
    pub location: String,
    /// Its name.
    pub location_name: String,
    /// When it was registered, in seconds since 1970.
    pub registered_at: i64,
    /// When its certificate ends, in seconds since 1970.
    pub certificate_ends_at: i64,
    /// Since when the cloud refuses to renew the certificate, in seconds since 1970.
    pub renewal_refused_at: Option<i64>,
}

/// One of the connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionStatus {
    /// State and cause.
    pub state: ConnectionState,
    /// Since when it has been connected, or has not, in seconds since 1970.
    pub since: i64,
    /// The address at the other end, `address:port`: of the cloud, or of the proxy.
    pub peer: Option<String>,
    /// The proxy on the way; `None` = direct.
    pub proxy: Option<ProxyLocation>,
    /// The gateway's name.
    pub gateway: Option<String>,
    /// Who intercepts the outer TLS. The inner one keeps them from reading.
    pub interception: Option<Interception>,
}

/// State of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// Dialled for the first time.
    Connecting,
    /// Welcomed by the cloud.
    Connected,
    /// It does not work, and is tried again.
    Failed {
        /// Why.
        trouble: ConnectionTrouble,
    },
}

/// Another machine with the key of this appliance that was turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloneRefused {
    /// Its host name.
    pub host_name: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// When the cloud said so, in seconds since 1970.
    pub at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_that_need_no_code_get_none() {
        let code = ShownCode("ABCD2345".to_owned());
        assert!(!format!("{code:?}").contains("ABCD"));
        let cloud = CloudAddress::parse("cloud.example.com").unwrap();
        let applicant = Applicant { name: "one".to_owned(), cloud, location: None };
        for step in [
            RegistrationStep::CodeShown {
                code: code.clone(),
                security_number: "AAAA".to_owned(),
                expires_at: 1,
            },
            RegistrationStep::Confirming {
                code: code.clone(),
                security_number: "AAAA".to_owned(),
                expires_at: 1,
            },
        ] {
            let registration = RegistrationState::Registering {
                applicant: applicant.clone(),
                step,
                trouble: None,
            };
            let status = ChannelStatus { registration, ..ChannelStatus::default() };
            let json = serde_json::to_string(&status).unwrap();
            assert!(json.contains("ABCD2345"));
            assert_eq!(serde_json::from_str::<ChannelStatus>(&json).unwrap(), status);
            assert!(!serde_json::to_string(&status.without_code()).unwrap().contains("ABCD2345"));
        }
    }
}
