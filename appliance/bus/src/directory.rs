//! Requests to the directory role.

use std::net::IpAddr;

use model::domain::failure::DomainFailure;
use model::domain::lookup::{Lookup, LookupPage};
use model::domain::status::{DirectoryStatus, Validation};
use model::domain::{DomainName, MachineName, OrganizationalUnit, UserName};
use model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the directory role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum DirectoryRequest {
    /// State of the domains. Any role. Answered at once, or when there is a generation newer than
    /// the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Starts the check of a domain; one that is under way ends. Its results show in the status.
    /// Web only.
    Check {
        /// The domain.
        domain: DomainName,
        /// DNS servers that know the domain; empty = the appliance's own.
        dns_servers: Vec<IpAddr>,
    },
    /// Joins a domain; a conflict while another join is under way. Answered when it is done. Web only.
    Join {
        /// What to join and how.
        join: Join,
    },
    /// Leaves a domain: what the appliance keeps of it goes. With credentials the account is disabled
    /// and deleted first. Web only.
    Leave {
        /// The domain.
        domain: DomainName,
        /// Somebody who may delete the account.
        credentials: Option<Credentials>,
    },
    /// Proves that the machine account works. Answered when it is done. Web only.
    Validate {
        /// The domain.
        domain: DomainName,
    },
    /// Changes the password of the machine account. Answered when it is done. Web only.
    ChangePassword {
        /// The domain.
        domain: DomainName,
    },
    /// Removes what is kept of every domain, without leaving it: part of a factory reset. Web only.
    Forget,
    /// Finds objects. Web and channel only.
    Lookup {
        /// What to find.
        lookup: Lookup,
    },
}

/// User name and password of an administrator, used once and kept nowhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    /// The user name.
    pub user: UserName,
    /// The password.
    pub password: Secret,
}

/// What to join and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Join {
    /// The domain.
    pub domain: DomainName,
    /// Somebody who may make a machine account.
    pub credentials: Credentials,
    /// Name of the account.
    pub machine: MachineName,
    /// Where to make it; `None` = where the domain puts computers.
    pub unit: Option<OrganizationalUnit>,
    /// DNS servers that know the domain; empty = the appliance's own.
    pub dns_servers: Vec<IpAddr>,
    /// Whether a machine account of this name is taken over.
    pub takes_over: bool,
}

/// The answer of the directory role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum DirectoryResponse {
    /// The status.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The state.
        status: DirectoryStatus,
    },
    /// The check has begun; the status shows it once [`DirectoryStatus::begun`] has come to this
    /// number.
    Begun {
        /// How many checks have begun.
        number: u64,
    },
    /// The domain is joined, or its password changed: the status shows it by now.
    Done,
    /// The domain is left: the status shows it by now.
    Left {
        /// Name of the account, for the one who deletes it by hand.
        machine: MachineName,
        /// Whether the account was deleted.
        is_deleted: bool,
        /// Why it was not, although credentials were given. Then nothing has changed.
        failure: Option<DomainFailure>,
    },
    /// What the validation found.
    Validated {
        /// The result.
        validation: Validation,
    },
    /// What was found.
    Page {
        /// The objects.
        page: LookupPage,
    },
    /// Another join is under way.
    Conflict,
    /// It could not be done.
    Failed {
        /// Why.
        failure: DomainFailure,
    },
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for DirectoryRequest {
    type Response = DirectoryResponse;
    type Status = DirectoryStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: DirectoryResponse) -> Option<(u64, DirectoryStatus)> {
        match response {
            DirectoryResponse::Status { generation, status } => Some((generation, status)),
            _ => None,
        }
    }
}
