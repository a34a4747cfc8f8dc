//! What the directory role says of the domains to every other role. Holds no secret.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::check::DomainCheck;
use super::failure::DomainFailure;
use super::name::{DomainName, MachineName};

/// A joined domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainStatus {
    /// The domain.
    pub domain: DomainName,
    /// DNS name of the forest's root domain.
    pub forest: String,
    /// NetBIOS name of the domain.
    pub netbios: String,
    /// The machine account.
    pub machine: MachineName,
    /// Distinguished name of the machine account, as far as it is known.
    pub account_place: Option<String>,
    /// DNS servers that were given for the domain; empty = the appliance's own.
    pub dns_servers: Vec<IpAddr>,
    /// When it was joined, in seconds since 1970.
    pub joined_at: i64,
    /// The domain controller in use.
    pub controller: Option<ControllerInUse>,
    /// What the last check found: `None` = none has been done since the role started.
    pub health: Option<DomainHealth>,
    /// The last validation of Kerberos that an administrator asked for.
    pub validation: Option<Validation>,
    /// When the machine's password was changed last, in seconds since 1970.
    pub password_changed_at: i64,
    /// Why the last change of the password did not work.
    pub password_failure: Option<DomainFailure>,
    /// Why no domain controller of the forest's root domain can be reached.
    pub forest_failure: Option<DomainFailure>,
    /// Domains that the domain trusts or that trust it, as its directory says.
    pub trusts: Vec<Trust>,
}

/// A domain controller that is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerInUse {
    /// Its DNS name.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    /// Its site.
    pub site: String,
    /// The site of the appliance as the domain controller sees it; empty = none.
    pub client_site: String,
    /// Microseconds until it answered a CLDAP ping.
    pub latency_micros: u64,
}

/// What a check of a joined domain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainHealth {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Since when it has been so, in seconds since 1970.
    pub since: i64,
    /// What is wrong; `None` = the machine can sign in and read the directory.
    pub failure: Option<DomainFailure>,
}

/// A validation of Kerberos: a fresh ticket as the machine, a sealed bind, and the proof that the
/// Key Distribution Center is genuine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The domain controller that was asked.
    pub host: Option<String>,
    /// Milliseconds that all steps took.
    pub milliseconds: u64,
    /// What is wrong; `None` = everything holds.
    pub failure: Option<DomainFailure>,
}

/// A trust that a joined domain has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// DNS name of the other domain, or its NetBIOS name when it has none.
    pub name: String,
    /// Who trusts whom.
    pub direction: TrustDirection,
    /// What kind it is.
    pub kind: TrustKind,
    /// Whether a domain controller of the other domain answers; `None` = not tried.
    pub is_reachable: Option<bool>,
}

/// Who trusts whom (MS-ADTS 6.1.6.7.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustDirection {
    /// Switched off.
    Disabled,
    /// The other domain trusts the joined one.
    Inbound,
    /// The joined domain trusts the other one.
    Outbound,
    /// Both.
    Bidirectional,
}

/// What kind of trust it is (MS-ADTS 6.1.6.7.9 and 6.1.6.7.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustKind {
    /// Between domains of one forest.
    WithinForest,
    /// Between forests.
    Forest,
    /// With one domain of another forest.
    External,
    /// With a Kerberos realm that is no Windows domain.
    Realm,
}

/// How far a join is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinStep {
    /// Looks for a domain controller that can be written to.
    Finding,
    /// Signs in as the administrator.
    SigningIn,
    /// Makes or takes over the account.
    MakingAccount,
    /// Proves that the account works.
    Proving,
}

/// A join that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinProgress {
    /// The domain.
    pub domain: DomainName,
    /// What it does now.
    pub step: JoinStep,
}

/// What the directory role says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryStatus {
    /// Joined domains in the order of their names.
    pub domains: Vec<DomainStatus>,
    /// The last check of a domain that is to be joined.
    pub check: Option<DomainCheck>,
    /// The join that is under way.
    pub join: Option<JoinProgress>,
    /// How many checks have begun since the role started: whoever starts one waits for the number.
    pub begun: u64,
}

impl DirectoryStatus {
    /// A joined domain.
    #[must_use]
    pub fn of(&self, domain: &DomainName) -> Option<&DomainStatus> {
        self.domains.iter().find(|status| status.domain == *domain)
    }
}
