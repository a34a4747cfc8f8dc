//! Names of users, machines and services (RFC 4120, section 6.2).

use std::fmt;

use crate::asn1::{Integer, KerberosString};
use crate::message::PrincipalName;

/// `NT-PRINCIPAL`: a user or machine.
const PRINCIPAL: Integer = Integer(1);
/// `NT-SRV-INST`: a service.
const SERVICE: Integer = Integer(2);
/// `NT-ENTERPRISE`: a name that the server looks up (RFC 6806, section 5).
const ENTERPRISE: Integer = Integer(10);

/// A name and its realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub(crate) name: PrincipalName,
    pub(crate) realm: String,
}

impl Principal {
    /// A user or machine account of a realm.
    #[must_use]
    pub fn account(name: &str, realm: &str) -> Self {
        Self::new(PRINCIPAL, &[name], realm)
    }

    /// A user by a name of the form `user@suffix`, which the realm looks up.
    #[must_use]
    pub fn enterprise(name: &str, realm: &str) -> Self {
        Self::new(ENTERPRISE, &[name], realm)
    }

    /// A service on a host, such as `ldap` on `dc1.example.com`.
    #[must_use]
    pub fn service(service: &str, host: &str, realm: &str) -> Self {
        Self::new(SERVICE, &[service, host], realm)
    }

    /// The ticket-granting service of a realm.
    #[must_use]
    pub fn ticket_granting(realm: &str) -> Self {
        Self::new(SERVICE, &["krbtgt", realm], realm)
    }

    fn new(name_type: Integer, parts: &[&str], realm: &str) -> Self {
        let name_string = parts.iter().map(|part| KerberosString((*part).to_owned())).collect();
        Self { name: PrincipalName { name_type, name_string }, realm: realm.to_owned() }
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Whether the server looks the name up, so that the answer may be for another one.
    pub(crate) fn is_enterprise(&self) -> bool {
        self.name.name_type == ENTERPRISE
    }

    /// The salt of a password when the server names none (RFC 4120, section 4): realm and name.
    pub(crate) fn default_salt(&self) -> String {
        let parts = self.name.name_string.iter().map(|part| part.0.as_str());
        std::iter::once(self.realm.as_str()).chain(parts).collect()
    }
}

impl PrincipalName {
    /// Whether both have the same parts: the type is a hint only (RFC 4120, section 6.2).
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name_string.len() == other.name_string.len()
            && self.name_string.iter().zip(&other.name_string).all(|(one, other)| {
                // Active Directory compares names without regard to case.
                one.0.eq_ignore_ascii_case(&other.0)
            })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.name.name_string.iter().enumerate() {
            if place > 0 {
                formatter.write_str("/")?;
            }
            formatter.write_str(&part.0)?;
        }
        write!(formatter, "@{}", self.realm)
    }
}
