//! Names of domains, machine accounts and organizational units.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest machine name: the NetBIOS name has 16 bytes, the last of which is its type.
pub const MAX_MACHINE_NAME: usize = 15;
/// Longest name of a domain (RFC 1035, section 2.3.4, without the final dot).
const MAX_DOMAIN_NAME: usize = 253;
/// Longest label of a name (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;
/// Longest distinguished name of an organizational unit that is taken, in bytes.
const MAX_UNIT: usize = 1024;

/// DNS name of a domain in lower case, such as `corp.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

/// Why a text is no DNS name of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DomainNameError {
    /// Nothing was given.
    #[error("the name of the domain is empty")]
    Empty,
    /// More than 253 characters.
    #[error("the name of the domain has {length} characters, and {MAX_DOMAIN_NAME} are the most")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// An IP address.
    #[error("`{address}` is an address: give the DNS name of the domain")]
    Address {
        /// The address.
        address: Ipv4Addr,
    },
    /// A name without a dot, which is most likely the NetBIOS name.
    #[error("`{name}` has no dot: give the DNS name of the domain, such as corp.example.com")]
    SingleLabel {
        /// The name, as it was typed.
        name: String,
    },
    /// Something between two dots is no label.
    #[error("`{label}` in the name of the domain is not made of letters, digits and hyphens")]
    Label {
        /// What stands there as it was typed, shortened.
        label: String,
    },
}

impl DomainName {
    /// Reads a DNS name. White space around it and the final dot are dropped.
    ///
    /// # Errors
    ///
    /// [`DomainNameError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        use DomainNameError as Error;
        let text = text.trim();
        // Problems quote what was typed, in its own case.
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(Error::Empty);
        }
        if let Ok(address) = name.parse() {
            return Err(Error::Address { address });
        }
        let length = name.chars().count();
        if length > MAX_DOMAIN_NAME {
            return Err(Error::TooLong { length });
        }
        if let Some(label) = name.split('.').find(|label| !is_label(label)) {
            return Err(Error::Label { label: label.chars().take(MAX_LABEL).collect() });
        }
        if !name.contains('.') {
            return Err(Error::SingleLabel { name: name.to_owned() });
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name, in lower case and without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Kerberos realm: the name in upper case.
    #[must_use]
    pub fn realm(&self) -> String {
        self.0.to_ascii_uppercase()
    }

    /// The distinguished name of the domain, such as `DC=corp,DC=example,DC=com`.
    #[must_use]
    pub fn distinguished_name(&self) -> String {
        let parts: Vec<String> = self.0.split('.').map(|label| format!("DC={label}")).collect();
        parts.join(",")
    }
}

/// Letters, digits, hyphens and the underscore that some domains have (RFC 2181, section 11).
fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for DomainName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for DomainName {
    type Error = DomainNameError;

    fn try_from(text: String) -> Result<Self, DomainNameError> {
        Self::parse(&text)
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0
    }
}

/// Name of a machine account without its `$`, in upper case, as the directory shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MachineName(String);

/// Why a text cannot be the name of a machine account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MachineNameError {
    /// Nothing was given.
    #[error("the machine name is empty")]
    Empty,
    /// More than 15 characters.
    #[error("the machine name has {length} characters, and {MAX_MACHINE_NAME} are the most")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// A character that is no letter of A to Z, digit or hyphen.
    #[error("the machine name holds `{character}`: letters, digits and hyphens can be used")]
    Character {
        /// The first such character.
        character: char,
    },
    /// A hyphen at its start or end.
    #[error("the machine name begins or ends with a hyphen")]
    Hyphen,
    /// Nothing but digits, which DNS clients would take for an address.
    #[error("the machine name consists of digits only")]
    OnlyDigits,
}

impl MachineName {
    /// Reads a machine name. White space around it and the final `$` are dropped.
    ///
    /// # Errors
    ///
    /// [`MachineNameError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, MachineNameError> {
        use MachineNameError as Error;
        let text = text.trim();
        let name = text.strip_suffix('$').unwrap_or(text).to_ascii_uppercase();
        if name.is_empty() {
            return Err(Error::Empty);
        }
        if let Some(character) =
            name.chars().find(|character| !character.is_ascii_alphanumeric() && *character != '-')
        {
            return Err(Error::Character { character });
        }
        if name.len() > MAX_MACHINE_NAME {
            return Err(Error::TooLong { length: name.len() });
        }
        if name.starts_with('-') || name.ends_with('-') {
            return Err(Error::Hyphen);
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::OnlyDigits);
        }
        Ok(Self(name))
    }

    /// Suggests a name for an appliance: what can be used of its host name, and four characters that
    /// tell it from others of the same name.
    #[must_use]
    pub fn suggest(host_name: &str, distinction: u32) -> Self {
        let label = host_name.split('.').next().unwrap_or_default();
        let kept: String = label
            .chars()
            .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
            .take(MAX_MACHINE_NAME - 5)
            .collect();
        let kept = kept.trim_matches('-');
        let stem = if kept.is_empty() { "CONNECTOR" } else { kept };
        // Base 32 without letters that read like digits: four characters hold 20 bits.
        let digits = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let suffix: String = (0..4)
            .map(|place| {
                let digit = (distinction >> (place * 5)) % 32;
                char::from(digits.get(digit as usize).copied().unwrap_or(b'A'))
            })
            .collect();
        Self(format!("{stem}-{suffix}").to_ascii_uppercase())
    }

    /// The name without `$`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the account as the directory keeps it (`sAMAccountName`), with `$`.
    #[must_use]
    pub fn account(&self) -> String {
        format!("{}$", self.0)
    }
}

impl fmt::Display for MachineName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for MachineName {
    type Error = MachineNameError;

    fn try_from(text: String) -> Result<Self, MachineNameError> {
        Self::parse(&text)
    }
}

impl From<MachineName> for String {
    fn from(name: MachineName) -> Self {
        name.0
    }
}

/// Distinguished name of the organizational unit or container in which an account is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganizationalUnit(String);

/// Why a text cannot be the distinguished name of an organizational unit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OrganizationalUnitError {
    /// More than 1024 bytes.
    #[error("the organizational unit is longer than {MAX_UNIT} bytes")]
    TooLong,
    /// It does not look like `OU=…,DC=…`.
    #[error(
        "`{text}` is not a distinguished name such as OU=Connectors,OU=Servers,DC=example,DC=com"
    )]
    NotDistinguished {
        /// What stands there, shortened.
        text: String,
    },
}

impl OrganizationalUnit {
    /// Reads a distinguished name. White space around it is dropped. Whether it exists, the domain
    /// controller knows.
    ///
    /// # Errors
    ///
    /// [`OrganizationalUnitError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, OrganizationalUnitError> {
        let text = text.trim();
        if text.len() > MAX_UNIT {
            return Err(OrganizationalUnitError::TooLong);
        }
        let lower = text.to_ascii_lowercase();
        let is_container = lower.starts_with("ou=") || lower.starts_with("cn=");
        if !is_container || !lower.contains(",dc=") || text.chars().any(char::is_control) {
            let text = text.chars().take(100).collect();
            return Err(OrganizationalUnitError::NotDistinguished { text });
        }
        Ok(Self(text.to_owned()))
    }

    /// The distinguished name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrganizationalUnit {
    type Error = OrganizationalUnitError;

    fn try_from(text: String) -> Result<Self, OrganizationalUnitError> {
        Self::parse(&text)
    }
}

impl From<OrganizationalUnit> for String {
    fn from(unit: OrganizationalUnit) -> Self {
        unit.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_read_in_any_case_and_with_its_final_dot() {
        let name = DomainName::parse(" Corp.Example.COM. ").unwrap();
        assert_eq!(name.as_str(), "corp.example.com");
        assert_eq!(name.realm(), "CORP.EXAMPLE.COM");
        assert_eq!(name.distinguished_name(), "DC=corp,DC=example,DC=com");
    }

    #[test]
    fn rejects_what_is_no_domain() {
        use DomainNameError as Error;
        let error = |text: &str| DomainName::parse(text).unwrap_err();
        assert_eq!(error(" . "), Error::Empty);
        assert_eq!(error("192.0.2.1"), Error::Address { address: [192, 0, 2, 1].into() });
        assert_eq!(error("CORP"), Error::SingleLabel { name: "CORP".into() });
        for (text, label) in [
            ("corp..com", ""),
            ("-a.com", "-a"),
            ("A b.com", "A b"),
            ("corp.example.com/x", "com/x"),
            ("日本.example", "日本"),
        ] {
            assert_eq!(error(text), Error::Label { label: label.into() }, "{text}");
        }
        let long = format!("{}com", "abcdefg.".repeat(40));
        assert_eq!(error(&long), Error::TooLong { length: 323 });
    }

    #[test]
    fn machine_name_is_kept_in_upper_case_without_its_sign() {
        let name = MachineName::parse(" appl-1$ ").unwrap();
        assert_eq!((name.as_str(), name.account()), ("APPL-1", "APPL-1$".to_owned()));
    }

    #[test]
    fn rejects_what_is_no_machine_name() {
        use MachineNameError as Error;
        let error = |text: &str| MachineName::parse(text).unwrap_err();
        assert_eq!(error(" "), Error::Empty);
        assert!(MachineName::parse("ABCDEFGHIJKLMNO").is_ok(), "15 characters");
        assert_eq!(error("ABCDEFGHIJKLMNOP"), Error::TooLong { length: 16 });
        assert_eq!(error("A_B"), Error::Character { character: '_' });
        assert_eq!(error("A B"), Error::Character { character: ' ' });
        assert_eq!(error("機械"), Error::Character { character: '機' });
        assert_eq!(error("-A"), Error::Hyphen);
        assert_eq!(error("12345"), Error::OnlyDigits);
    }

    #[test]
    fn suggested_names_can_be_used_and_differ() {
        for host_name in ["", "connector", "---", "日本", "a-very-long-host-name.example.com", "1"]
        {
            let (one, other) =
                (MachineName::suggest(host_name, 1), MachineName::suggest(host_name, 2));
            assert_eq!(MachineName::parse(one.as_str()).unwrap(), one, "{host_name}");
            assert_ne!(one, other);
        }
        assert_eq!(MachineName::suggest("edge.example.com", 0).as_str(), "EDGE-AAAA");
    }

    #[test]
    fn unit_is_a_distinguished_name_below_a_domain() {
        assert!(OrganizationalUnit::parse("OU=Servers,DC=example,DC=com").is_ok());
        assert!(OrganizationalUnit::parse(" cn=Computers,dc=example,dc=com").is_ok());
        for text in ["", "Servers", "DC=example,DC=com", "OU=Servers", "OU=a\nb,DC=example"] {
            assert!(OrganizationalUnit::parse(text).is_err(), "{text}");
        }
    }
}
