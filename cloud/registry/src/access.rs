//! What an administrator, or a client made by one, may do.

use std::collections::BTreeSet;

use serde::Serialize;

/// A right of custom access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Right {
    /// See the overview.
    Dashboard,
    /// See domains, choose who serves them, enable and disable them.
    Domains,
    /// See and dismiss notifications.
    Notifications,
    /// See and change resource locations, connectors and their updates.
    ResourceLocations,
    /// Make and revoke secure clients of one's own.
    SecureClients,
    /// Read the system log.
    SystemLog,
    /// Ask directories and web servers of the company through the connectors.
    Requests,
}

impl Right {
    /// All of them, in the order in which the console lists them.
    pub const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Domains,
        Self::Notifications,
        Self::ResourceLocations,
        Self::SecureClients,
        Self::SystemLog,
        Self::Requests,
    ];

    /// The name that programs compare.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Domains => "Domains",
            Self::Notifications => "Notifications",
            Self::ResourceLocations => "ResourceLocations",
            Self::SecureClients => "SecureClients",
            Self::SystemLog => "SystemLog",
            Self::Requests => "Requests",
        }
    }

    /// The right with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }
}

/// Rights of custom access.
pub type Rights = BTreeSet<Right>;

/// What somebody may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Access {
    /// Everything, which includes administrators and product registrations.
    Full,
    /// What the rights say.
    Custom(Rights),
}

impl Access {
    /// Whether a right is included.
    #[must_use]
    pub fn allows(&self, right: Right) -> bool {
        match self {
            Self::Full => true,
            Self::Custom(rights) => rights.contains(&right),
        }
    }

    /// Whether it is everything.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }

    /// `Full` or `Custom`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Full => "Full",
            Self::Custom(_) => "Custom",
        }
    }

    /// The rights as they are stored.
    pub(crate) fn stored_rights(&self) -> String {
        match self {
            Self::Full => String::new(),
            Self::Custom(rights) => {
                rights.iter().map(|right| right.name()).collect::<Vec<_>>().join(",")
            }
        }
    }

    /// Reads what is stored. A right that this release does not know is left out: less is allowed.
    pub(crate) fn read(access: &str, rights: &str) -> Option<Self> {
        match access {
            "Full" => Some(Self::Full),
            "Custom" => Some(Self::Custom(rights.split(',').filter_map(Right::parse).collect())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_access_is_read_again() {
        let custom = Access::Custom([Right::Domains, Right::SystemLog].into());
        for access in [Access::Full, custom, Access::Custom(Rights::new())] {
            assert_eq!(Access::read(access.name(), &access.stored_rights()), Some(access));
        }
        assert_eq!(Access::read("Half", ""), None);
    }

    #[test]
    fn custom_access_allows_its_rights_only() {
        let access = Access::read("Custom", "Domains,Unknown").unwrap();
        let allowed: Vec<_> =
            Right::ALL.into_iter().filter(|right| access.allows(*right)).collect();
        assert_eq!(allowed, [Right::Domains]);
        assert!(Right::ALL.into_iter().all(|right| Access::Full.allows(right)));
    }
}
