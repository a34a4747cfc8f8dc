//! Names of the users who join or leave a domain.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::name::DomainName;

/// Longest user name in any of its forms, in bytes.
const MAX_USER_NAME: usize = 512;
/// Longest password of a user, in bytes. Windows takes 127 characters (256 in newer tools).
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Name of a user: `user`, `user@suffix` or `DOMAIN\user`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName {
    /// NetBIOS name before the `\`.
    netbios: Option<String>,
    account: String,
    /// What stands behind the last `@`.
    suffix: Option<String>,
}

/// Why a text is no user name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UserNameError {
    /// Nothing was given.
    #[error("the user name is empty")]
    Empty,
    /// More than 512 bytes.
    #[error("the user name is longer than {MAX_USER_NAME} bytes")]
    TooLong,
    /// A control character or one that no account name can have.
    #[error("the user name holds `{character}`, which no account name can have")]
    Character {
        /// The first such character.
        character: char,
    },
    /// Nothing before the `@`, behind it, before the `\` or behind it.
    #[error("a part of the user name is missing: user, user@domain or DOMAIN\\user")]
    Part,
}

impl UserName {
    /// Reads a user name. White space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`UserNameError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, UserNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UserNameError::Empty);
        }
        if text.len() > MAX_USER_NAME {
            return Err(UserNameError::TooLong);
        }
        let (netbios, rest) = match text.split_once('\\') {
            Some((netbios, rest)) => (Some(netbios), rest),
            None => (None, text),
        };
        let (account, suffix) = match rest.rsplit_once('@') {
            Some((account, suffix)) if netbios.is_none() => (account, Some(suffix)),
            _ => (rest, None),
        };
        if [netbios, Some(account), suffix].iter().flatten().any(|part| part.trim().is_empty()) {
            return Err(UserNameError::Part);
        }
        // The characters that a sAMAccountName cannot have (MS-SAMR 3.1.1.6).
        let is_wrong = |it: &char| it.is_control() || "\"/\\[]:;|=,+*?<>".contains(*it);
        let parts = [netbios, Some(account), suffix];
        match parts.iter().flatten().find_map(|part| part.chars().find(is_wrong)) {
            Some(character) => Err(UserNameError::Character { character }),
            None => Ok(Self {
                netbios: netbios.map(str::to_owned),
                account: account.to_owned(),
                suffix: suffix.map(str::to_owned),
            }),
        }
    }

    /// NetBIOS name of the user's domain, of the form `DOMAIN\user`.
    #[must_use]
    pub fn netbios(&self) -> Option<&str> {
        self.netbios.as_deref()
    }

    /// The name without its domain.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What stands behind the `@`, of the form `user@suffix`.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// Whether the suffix is missing or names this domain: then the account is one of its realm.
    #[must_use]
    pub fn is_of(&self, domain: &DomainName) -> bool {
        self.suffix().is_none_or(|suffix| suffix.eq_ignore_ascii_case(domain.as_str()))
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(netbios) = &self.netbios {
            write!(formatter, "{netbios}\\")?;
        }
        formatter.write_str(&self.account)?;
        match &self.suffix {
            Some(suffix) => write!(formatter, "@{suffix}"),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for UserName {
    type Error = UserNameError;

    fn try_from(text: String) -> Result<Self, UserNameError> {
        Self::parse(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read_and_shown_again() {
        for (text, netbios, account, suffix) in [
            ("ada", None, "ada", None),
            ("ada.l@corp.example.com", None, "ada.l", Some("corp.example.com")),
            ("a@b@example.com", None, "a@b", Some("example.com")),
            ("CORP\\ada", Some("CORP"), "ada", None),
        ] {
            let name = UserName::parse(text).unwrap();
            assert_eq!((name.netbios(), name.account(), name.suffix()), (netbios, account, suffix));
            assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn suffix_tells_whether_the_user_is_of_the_domain() {
        let domain = DomainName::parse("corp.example.com").unwrap();
        let is_of = |text: &str| UserName::parse(text).unwrap().is_of(&domain);
        assert!(is_of("ada") && is_of("CORP\\ada") && is_of("ada@CORP.example.com"));
        assert!(!is_of("ada@example.com"));
    }

    #[test]
    fn rejects_what_is_no_user_name() {
        use UserNameError as Error;
        let error = |text: &str| UserName::parse(text).unwrap_err();
        assert_eq!(error("  "), Error::Empty);
        assert_eq!(error(&"a".repeat(513)), Error::TooLong);
        for text in ["@example.com", "ada@", "\\ada", "CORP\\"] {
            assert_eq!(error(text), Error::Part, "{text}");
        }
        assert_eq!(error("a*b"), Error::Character { character: '*' });
        assert_eq!(error("CORP\\a\\b"), Error::Character { character: '\\' });
        assert_eq!(error("a\u{7}b"), Error::Character { character: '\u{7}' });
    }
}
