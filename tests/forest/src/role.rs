//! The controllers that there can be, and where.
//!
//! | address | host |
//! |---|---|
//! | 10.99.0.2 | the company's DNS server, which knows every domain of the network |
//! | 10.99.0.11, 10.99.0.12 | `dc1` and `dc2` of `corp.example.com` |
//! | 10.99.0.14 | `branch1`, a read-only controller of `corp.example.com` |
//! | 10.99.0.21 | `partner1` of `partner.example.net`, another forest |
//! | 10.99.0.100 | the appliance |
//!
//! All are on one network with a mask of 16 bits; 10.99.1.0/24 belongs to the site "Branch".

use std::net::Ipv4Addr;

/// Length of the network's mask.
pub const PREFIX_LENGTH: u8 = 16;
/// Address of the company's DNS server.
pub const DNS_SERVER: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 2);
/// Address of the appliance.
pub const APPLIANCE: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 100);
/// Address for an appliance in the site "Branch".
pub const APPLIANCE_IN_BRANCH: Ipv4Addr = Ipv4Addr::new(10, 99, 1, 100);

/// What a controller is made as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// The first of a forest.
    NewForest,
    /// A further one of the domain of another.
    Joined(&'static Role),
    /// A read-only one of the domain of another.
    ReadOnly(&'static Role),
}

/// A controller's place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Role {
    /// Host name.
    pub name: &'static str,
    /// Address.
    pub address: Ipv4Addr,
    /// DNS name of its domain.
    pub domain: &'static str,
    /// NetBIOS name of its domain.
    pub netbios: &'static str,
    pub(crate) origin: Origin,
}

impl Role {
    /// Name of the Kerberos realm.
    #[must_use]
    pub fn realm(&self) -> String {
        self.domain.to_uppercase()
    }

    /// Its name in DNS.
    #[must_use]
    pub fn host_name(&self) -> String {
        format!("{}.{}", self.name, self.domain)
    }

    /// Distinguished name of its domain.
    #[must_use]
    pub fn base(&self) -> String {
        let parts: Vec<_> = self.domain.split('.').map(|part| format!("DC={part}")).collect();
        parts.join(",")
    }
}

/// First controller of `corp.example.com`.
pub const DC1: Role = Role {
    name: "dc1",
    address: Ipv4Addr::new(10, 99, 0, 11),
    domain: "corp.example.com",
    netbios: "CORP",
    origin: Origin::NewForest,
};

/// Second controller of `corp.example.com`.
pub const DC2: Role = Role {
    name: "dc2",
    address: Ipv4Addr::new(10, 99, 0, 12),
    origin: Origin::Joined(&DC1),
    ..DC1
};

/// Read-only controller of `corp.example.com`.
pub const BRANCH1: Role = Role {
    name: "branch1",
    address: Ipv4Addr::new(10, 99, 0, 14),
    origin: Origin::ReadOnly(&DC1),
    ..DC1
};

/// Controller of the other forest.
pub const PARTNER1: Role = Role {
    name: "partner1",
    address: Ipv4Addr::new(10, 99, 0, 21),
    domain: "partner.example.net",
    netbios: "PARTNER",
    origin: Origin::NewForest,
};
