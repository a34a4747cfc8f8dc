//! The check of a domain before it is joined: a list with results.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::failure::{ControllerTrouble, DomainFailure};
use super::name::DomainName;

/// One thing that is checked, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckItem {
    /// The domain's domain controllers in DNS.
    Dns,
    /// Domain controllers that answer (CLDAP, UDP 389).
    Controllers,
    /// Kerberos, TCP 88.
    Kerberos,
    /// LDAP, TCP 389.
    Ldap,
    /// Password changes, TCP 464.
    PasswordChange,
    /// Global Catalog, TCP 3268.
    GlobalCatalog,
    /// The difference of the clocks.
    Clock,
    /// The functional level of the domain.
    FunctionalLevel,
}

impl CheckItem {
    /// All, in the order of the list.
    pub const ALL: [Self; 8] = [
        Self::Dns,
        Self::Controllers,
        Self::Kerberos,
        Self::Ldap,
        Self::PasswordChange,
        Self::GlobalCatalog,
        Self::Clock,
        Self::FunctionalLevel,
    ];
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CheckResult {
    /// Not done yet, or not possible because one before it failed.
    Waiting,
    /// It is as it should be.
    Passed {
        /// What was found.
        fact: CheckFact,
    },
    /// The domain can be joined; something will not work or should be changed.
    Warned {
        /// What was found.
        fact: CheckFact,
    },
    /// The domain cannot be joined.
    Failed {
        /// Why.
        failure: DomainFailure,
    },
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum CheckFact {
    /// Names of the domain controllers in DNS.
    Controllers {
        /// Their names, at most ten.
        hosts: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// Domain controllers that answer.
    Answering {
        /// How many answer.
        answering: usize,
        /// How many there are.
        count: usize,
        /// The one that is used.
        host: String,
        /// Its site; empty = it did not say.
        site: String,
        /// Those that do not answer, at most ten.
        silent: Vec<ControllerTrouble>,
    },
    /// The port answers.
    Port {
        /// The server.
        host: String,
        /// Milliseconds that the connection took.
        milliseconds: u64,
    },
    /// A port that is needed for less than everything does not answer.
    PortClosed {
        /// The server.
        host: String,
        /// The port.
        port: u16,
    },
    /// The clocks differ by this.
    Clock {
        /// The domain controller's clock less ours, in seconds.
        seconds: i64,
    },
    /// The functional level.
    Level {
        /// `msDS-Behavior-Version` of the domain (MS-ADTS 6.1.4.3): 4 = 2008 R2, 7 = 2016.
        level: u32,
    },
}

/// A check of a domain, under way or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// The domain.
    pub domain: DomainName,
    /// DNS servers that were given for the domain; empty = the appliance's own.
    pub dns_servers: Vec<IpAddr>,
    /// Whether it is still under way.
    pub is_running: bool,
    /// Every item of [`CheckItem::ALL`] in its order.
    pub items: Vec<CheckedItem>,
    /// DNS name of the forest, once it is known.
    pub forest: Option<String>,
    /// NetBIOS name of the domain, once it is known.
    pub netbios: Option<String>,
}

/// An item and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedItem {
    /// What was checked.
    pub item: CheckItem,
    /// What came of it.
    #[serde(flatten)]
    pub result: CheckResult,
}

impl DomainCheck {
    /// A check at its start.
    #[must_use]
    pub fn begin(domain: DomainName, dns_servers: Vec<IpAddr>) -> Self {
        let items = CheckItem::ALL.map(|item| CheckedItem { item, result: CheckResult::Waiting });
        Self {
            domain,
            dns_servers,
            is_running: true,
            items: items.into(),
            forest: None,
            netbios: None,
        }
    }

    /// Notes what came of an item.
    pub fn note(&mut self, item: CheckItem, result: CheckResult) {
        if let Some(checked) = self.items.iter_mut().find(|checked| checked.item == item) {
            checked.result = result;
        }
    }

    /// Whether the domain can be joined: everything was checked and nothing failed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        let is_good = |checked: &CheckedItem| {
            matches!(checked.result, CheckResult::Passed { .. } | CheckResult::Warned { .. })
        };
        !self.is_running && self.items.iter().all(is_good)
    }

    /// The first failure.
    #[must_use]
    pub fn failure(&self) -> Option<&DomainFailure> {
        self.items.iter().find_map(|checked| match &checked.result {
            CheckResult::Failed { failure } => Some(failure),
            _ => None,
        })
    }
}
