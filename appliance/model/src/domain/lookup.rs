//! Requests to the directory of a domain, and what they find.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::name::DomainName;

/// Most objects of one page.
pub const MAX_PAGE: usize = 500;
/// Most values of one attribute that are given.
pub const MAX_VALUES: usize = 5_000;
/// Longest text that is searched for, in bytes.
pub const MAX_TEXT: usize = 256;
/// Shortest prefix of a display name, in characters: shorter ones would list half the directory.
pub const MIN_PREFIX: usize = 2;

/// What kind of object is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Computers.
    Computer,
}

/// By what an object is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupKey {
    /// Security identifier, `S-1-5-21-…`.
    Sid,
    /// `objectGUID`, as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
    Guid,
    /// User principal name.
    UserPrincipalName,
    /// `sAMAccountName`.
    AccountName,
    /// E-mail address.
    Mail,
    /// Beginning of the display name, at least two characters.
    DisplayName,
}

/// A request for objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// The domain.
    pub domain: DomainName,
    /// What kind of object.
    pub kind: ObjectKind,
    /// By what.
    pub key: LookupKey,
    /// The value that it has.
    pub value: String,
    /// Whether memberships are read: of users and computers the security identifiers of all groups,
    /// nested and universal ones included; of groups the distinguished names of their members.
    pub with_groups: bool,
    /// Where to go on, from the page before; `None` = the first page.
    pub cursor: Option<String>,
}

/// Why a value cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LookupError {
    /// Nothing was given.
    #[error("there is nothing to look for")]
    Empty,
    /// More than 256 bytes.
    #[error("what is looked for is longer than {MAX_TEXT} bytes")]
    TooLong,
    /// A prefix of one character.
    #[error("a display name is looked for by at least {MIN_PREFIX} characters")]
    PrefixTooShort,
    /// It is no security identifier.
    #[error("`{value}` is no security identifier such as S-1-5-21-1-2-3-500")]
    NotSid {
        /// What was given.
        value: String,
    },
    /// It is no GUID.
    #[error("`{value}` is no GUID")]
    NotGuid {
        /// What was given.
        value: String,
    },
}

impl Lookup {
    /// Checks that the value can be looked for by its key.
    ///
    /// # Errors
    ///
    /// [`LookupError`] says what is wrong with it.
    pub fn check(&self) -> Result<(), LookupError> {
        let value = self.value.trim();
        if value.is_empty() {
            return Err(LookupError::Empty);
        }
        if value.len() > MAX_TEXT {
            return Err(LookupError::TooLong);
        }
        let value = || value.to_owned();
        match self.key {
            LookupKey::Sid if !is_sid(&value()) => Err(LookupError::NotSid { value: value() }),
            LookupKey::Guid if !is_guid(&value()) => Err(LookupError::NotGuid { value: value() }),
            LookupKey::DisplayName if value().chars().count() < MIN_PREFIX => {
                Err(LookupError::PrefixTooShort)
            }
            _ => Ok(()),
        }
    }
}

/// Whether a text is a security identifier in its usual form (MS-DTYP 2.4.2.1).
fn is_sid(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_number = |part: &str| part.parse::<u32>().is_ok() && !part.starts_with('+');
    parts.next().is_some_and(|letter| letter.eq_ignore_ascii_case("S"))
        && parts.next() == Some("1")
        && parts.clone().all(is_number)
        && (2..=16).contains(&parts.count())
}

/// Whether a text is a GUID in its usual form, with or without braces (MS-DTYP 2.3.4.3).
fn is_guid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(text);
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// An object of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryObject {
    /// Security identifier.
    pub sid: String,
    /// `objectGUID`.
    pub guid: String,
    /// Distinguished name.
    pub distinguished_name: String,
    /// `sAMAccountName`.
    pub account_name: String,
    /// User principal name.
    pub user_principal_name: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// E-mail address.
    pub mail: Option<String>,
    /// Whether the account can be used.
    pub is_enabled: bool,
    /// Security identifiers of all its groups, when they were asked for.
    pub groups: Option<Vec<String>>,
    /// Distinguished names of the direct members of a group, when they were asked for; at most
    /// [`MAX_VALUES`].
    pub members: Option<Vec<String>>,
}

/// A page of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupPage {
    /// The objects.
    pub objects: Vec<DirectoryObject>,
    /// Where to go on; `None` = these were the last.
    pub cursor: Option<String>,
    /// The domain controller that answered.
    pub host: String,
    /// Milliseconds that it took.
    pub milliseconds: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_checked_by_its_key() {
        let check = |key, value: &str| {
            let domain = DomainName::parse("corp.example.com").unwrap();
            let (kind, value) = (ObjectKind::User, value.to_owned());
            Lookup { domain, kind, key, value, with_groups: false, cursor: None }.check()
        };
        assert_eq!(check(LookupKey::Sid, "S-1-5-21-1-2-3-500"), Ok(()));
        for value in ["S-1", "S-2-5-21", "S-1-5-x", "S-1-5-99999999999", "ada"] {
            assert_eq!(
                check(LookupKey::Sid, value),
                Err(LookupError::NotSid { value: value.into() })
            );
        }
        assert_eq!(check(LookupKey::Guid, "{0d2bd5c5-03a5-4f0b-a06e-3d4d1c1fa2f4}"), Ok(()));
        let value = "0d2bd5c5";
        assert_eq!(
            check(LookupKey::Guid, value),
            Err(LookupError::NotGuid { value: value.into() })
        );
        assert_eq!(check(LookupKey::DisplayName, "A"), Err(LookupError::PrefixTooShort));
        assert_eq!(check(LookupKey::DisplayName, "日本"), Ok(()));
        assert_eq!(check(LookupKey::Mail, " "), Err(LookupError::Empty));
        assert_eq!(check(LookupKey::Mail, &"a".repeat(257)), Err(LookupError::TooLong));
    }
}
