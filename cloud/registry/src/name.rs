//! Names that people give to resource locations and secure clients. Those of appliances are the
//! protocol's ([`protocol::name`]).

use thiserror::Error;

/// Most characters of a name.
pub const MAX_NAME_CHARACTERS: usize = 64;
/// What the documented pattern of a location's name does not allow.
const FORBIDDEN: &str = "/\\#?%|[]{}<>$^&+";

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// It is empty, or blank.
    #[error("The name is empty. Give it one.")]
    Empty,
    /// It is too long.
    #[error("The name is longer than {0} characters. Shorten it.")]
    TooLong(usize),
    /// It has a character that is not allowed.
    #[error("The name contains the character {0:?}, which is not allowed. Leave it out.")]
    Forbidden(char),
}

impl NameError {
    /// The name of the reason, for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Empty => "emptyName",
            Self::TooLong(_) => "nameTooLong",
            Self::Forbidden(_) => "forbiddenCharacter",
        }
    }
}

/// A name without the blanks around it, and what it is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) key: String,
}

impl Name {
    /// Any script, without the characters that the documented pattern of locations forbids.
    pub(crate) fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX_NAME_CHARACTERS {
            return Err(NameError::TooLong(MAX_NAME_CHARACTERS));
        }
        let is_forbidden = |character: &char| {
            FORBIDDEN.contains(*character) || character.is_control() || is_invisible(*character)
        };
        match text.chars().find(is_forbidden) {
            Some(character) => Err(NameError::Forbidden(character)),
            None => Ok(Self { text: text.to_owned(), key: key(text) }),
        }
    }
}

/// What texts are compared by that differ in more than case.
pub(crate) fn key(text: &str) -> String {
    text.to_lowercase()
}

/// Characters that change how a text looks without being seen: two names could look the same, or
/// run backwards.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_names_of_any_script() {
        for name in ["Berlin", "東京 1", "Zürich-2", "a", "Büro (Süd), 3. Etage", &"x".repeat(64)]
        {
            assert_eq!(Name::parse(name).unwrap().text, name);
        }
        assert_eq!(Name::parse("  Berlin ").unwrap().text, "Berlin");
        assert_eq!(Name::parse("BERLIN").unwrap().key, Name::parse("berlin").unwrap().key);
    }

    #[test]
    fn says_what_is_wrong() {
        for (name, error) in [
            ("", NameError::Empty),
            (" \t ", NameError::Empty),
            ("a/b", NameError::Forbidden('/')),
            ("a\\b", NameError::Forbidden('\\')),
            ("a+b", NameError::Forbidden('+')),
            ("a\nb", NameError::Forbidden('\n')),
            ("a\u{202E}b", NameError::Forbidden('\u{202E}')),
            (&"x".repeat(300), NameError::TooLong(64)),
        ] {
            assert_eq!(Name::parse(name), Err(error), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn accepted_names_match_the_documented_pattern(text in ".{0,80}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert!(!name.text.chars().any(|character| FORBIDDEN.contains(character)));
                prop_assert_eq!(Name::parse(&name.text).unwrap(), name);
            }
        }
    }
}
