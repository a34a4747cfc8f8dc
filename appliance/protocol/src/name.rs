//! The name under which an appliance is registered.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest name, in characters.
pub const MAX_CHARACTERS: usize = 64;

/// Name of an appliance, unique in its resource location and fixed once registered.
///
/// Letters of every script, digits, spaces and `. - _ ( )`: a fully qualified domain name is one,
/// "東京 1" is one as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("the appliance needs a name")]
    Empty,
    /// More than 64 characters.
    #[error("the name has {0} characters; {MAX_CHARACTERS} are allowed")]
    TooLong(usize),
    /// A character that could be taken for markup or cannot be seen.
    #[error("a name cannot have `{}`; letters, digits, spaces and . - _ ( ) are allowed", .0.escape_debug())]
    WrongCharacter(char),
}

impl Name {
    /// Reads a name; spaces at its ends are dropped.
    ///
    /// # Errors
    ///
    /// [`NameError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let characters = text.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(NameError::TooLong(characters));
        }
        let is_allowed = |it: &char| it.is_alphanumeric() || " .-_()".contains(*it);
        match text.chars().find(|character| !is_allowed(character)) {
            Some(character) => Err(NameError::WrongCharacter(character)),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names must not share in one resource location: they differ in more than case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_of_every_script_and_refuses_what_could_be_markup() {
        for name in ["ca-1.corp.example.com", "東京 1", "Zürich (2)", &"é".repeat(64)] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Name::parse(" one ").unwrap().as_str(), "one");
        assert_eq!(Name::parse("ONE").unwrap().key(), Name::parse("one").unwrap().key());
        assert_eq!(Name::parse(" \t"), Err(NameError::Empty));
        assert_eq!(Name::parse(&"a".repeat(300)), Err(NameError::TooLong(300)));
        assert_eq!(Name::parse("<b>"), Err(NameError::WrongCharacter('<')));
        assert_eq!(Name::parse("a\u{202e}b"), Err(NameError::WrongCharacter('\u{202e}')));
    }
}
