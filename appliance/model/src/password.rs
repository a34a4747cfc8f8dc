//! The documented rules for the administrator's password.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The only administrator's user name, compared case-sensitively (as documented).
pub const ADMINISTRATOR: &str = "admin";
/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 8;
/// Most bytes of a password: far more than anybody types, little enough to hash quickly.
pub const MAX_BYTES: usize = 1024;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordError {
    /// Fewer than [`MIN_CHARACTERS`] characters.
    #[error("the password has fewer than 8 characters")]
    TooShort,
    /// More than [`MAX_BYTES`] bytes.
    #[error("the password is longer than 1024 bytes")]
    TooLong,
    /// No upper-case letter.
    #[error("the password has no upper-case letter")]
    NoUpperCase,
    /// No lower-case letter.
    #[error("the password has no lower-case letter")]
    NoLowerCase,
    /// Only letters.
    #[error("the password has no digit or symbol")]
    NoNonAlphabetic,
    /// A control character, which a browser's form and a script may send differently.
    #[error("the password has a control character")]
    ControlCharacter,
}

/// Checks a new password against every rule.
///
/// Letters of any script count: `É` is upper case, `ß` is lower case, `漢` is alphabetic without
/// case. Characters are Unicode scalar values.
///
/// # Errors
///
/// All rules that the password breaks, in the order in which the page lists them.
pub fn check(password: &str) -> Result<(), Vec<PasswordError>> {
    if password.len() > MAX_BYTES {
        return Err(vec![PasswordError::TooLong]);
    }
    let rules = [
        (password.chars().count() < MIN_CHARACTERS, PasswordError::TooShort),
        (!password.chars().any(char::is_uppercase), PasswordError::NoUpperCase),
        (!password.chars().any(char::is_lowercase), PasswordError::NoLowerCase),
        (password.chars().all(char::is_alphabetic), PasswordError::NoNonAlphabetic),
        (password.chars().any(char::is_control), PasswordError::ControlCharacter),
    ];
    let broken: Vec<_> =
        rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, rule)| rule).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

#[cfg(test)]
mod tests {
    use super::PasswordError::*;
    use super::*;

    #[test]
    fn accepts_eight_characters_of_all_classes() {
        for password in ["Abcdefg1", "Abcdefg ", "Éabcdef-", "ABCDEFg9", "Pässwörd!"] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn names_each_broken_rule() {
        for (password, broken) in [
            ("Abcdef1", vec![TooShort]),
            ("abcdefg1", vec![NoUpperCase]),
            ("ABCDEFG1", vec![NoLowerCase]),
            ("Abcdefgh", vec![NoNonAlphabetic]),
            ("Abcdefg1\t", vec![ControlCharacter]),
            ("", vec![TooShort, NoUpperCase, NoLowerCase, NoNonAlphabetic]),
        ] {
            assert_eq!(check(password), Err(broken), "{password:?}");
        }
    }

    #[test]
    fn refuses_a_megabyte_at_once() {
        assert_eq!(check(&"Aa1".repeat(350_000)), Err(vec![TooLong]));
        assert_eq!(check(&format!("Aa1{}", "x".repeat(MAX_BYTES - 3))), Ok(()));
    }
}
