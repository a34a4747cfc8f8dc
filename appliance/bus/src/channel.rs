//! Requests to the channel role.

use model::channel::{ChannelStatus, CloudAddress, RegistrationRefusal};
use model::deployment::Deployment;
use model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the channel role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum ChannelRequest {
    /// Registration and connections. Any role; the code is for web only. Answered at once, or when
    /// there is a generation newer than the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Begins a registration by code; the code shows in the status. A conflict when the appliance is
    /// registered or a registration is under way. Web only.
    Register {
        /// What is asked for.
        application: Application,
    },
    /// Asks for another code in place of one that ran out, or of one that nobody is to use. A conflict
    /// when no registration by code is under way. Web only.
    NewCode,
    /// Gives up the registration that is under way; a conflict when none is. Web only.
    Withdraw,
    /// Registers without a person, by the secret of a secure client. Answered when it is done, within
    /// [`UNATTENDED_SECONDS`]. Web and guest only.
    Unattended {
        /// What is asked for.
        application: Application,
        /// Identifier of the secure client.
        client: String,
        /// Its secret, as the cloud showed it. Used once and kept nowhere.
        secret: Secret,
    },
    /// Ends the registration, in the cloud as well if it is reached. A conflict when the appliance is
    /// not registered. Web only.
    Unregister,
    /// Removes what is kept, without telling the cloud: part of a factory reset. Web only.
    Forget,
}

/// Longest time of a registration without a person, in seconds.
pub const UNATTENDED_SECONDS: u64 = 90;

/// What a registration asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Name that the appliance is to have.
    pub name: String,
    /// Where the cloud is; `None` = the address of the deployment.
    pub cloud: Option<CloudAddress>,
    /// The deployment; `None` = the one that the first link named, or else the first.
    pub deployment: Option<Deployment>,
    /// Identifier of the resource location; `None` = the cloud or its administrator chooses.
    pub location: Option<String>,
}

/// What is wrong with an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum ApplicationProblem {
    /// The name cannot be used.
    Name {
        /// Why, in English.
        detail: String,
    },
    /// There is no such deployment.
    Deployment,
    /// The identifier of the resource location, or of the secure client, cannot be one.
    Identifier,
}

/// The answer of the channel role.
#[expect(clippy::large_enum_variant, reason = "a few messages at a time, each sent at once")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum ChannelResponse {
    /// The status.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The state.
        status: ChannelStatus,
    },
    /// It is done, or begun: the status shows it by now.
    Done,
    /// The registration is ended.
    Unregistered {
        /// Whether the cloud was told; otherwise it still lists the appliance.
        is_told: bool,
    },
    /// The application cannot be used.
    Invalid {
        /// Why.
        problem: ApplicationProblem,
    },
    /// It does not fit the state: the appliance is registered already, or is not.
    Conflict,
    /// The appliance was not registered.
    Refused {
        /// Why.
        reason: RegistrationRefusal,
    },
    /// It could not be stored.
    Failed {
        /// Why, in English.
        reason: String,
    },
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for ChannelRequest {
    type Response = ChannelResponse;
    type Status = ChannelStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: ChannelResponse) -> Option<(u64, ChannelStatus)> {
        match response {
            ChannelResponse::Status { generation, status } => Some((generation, status)),
            _ => None,
        }
    }
}
