//! The documented rules for passwords of administrators. Pure: what a password must not have been
//! before, and lists of breached ones, are checked where they are stored.

use thiserror::Error;

/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 8;
/// Most characters of a password.
pub const MAX_CHARACTERS: usize = 128;
/// The documented symbols, one of which a password has at least.
pub const SYMBOLS: &str = "!@#$%^*?+=-";
/// How many earlier passwords must not come back.
pub const HISTORY: usize = 5;
/// A password that was not used for so long, in seconds, has to be changed: 60 days.
pub const UNUSED_SECONDS: i64 = 60 * 24 * 3600;
/// Fewest characters of a part of the user's name that is looked for: shorter ones are everywhere.
const MIN_PART: usize = 4;

/// A rule that a new password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Fewer than [`MIN_CHARACTERS`] characters.
    #[error("The password has fewer than 8 characters.")]
    TooShort,
    /// More than [`MAX_CHARACTERS`] characters.
    #[error("The password has more than 128 characters.")]
    TooLong,
    /// No upper-case letter.
    #[error("The password has no upper-case letter.")]
    NoUpperCase,
    /// No lower-case letter.
    #[error("The password has no lower-case letter.")]
    NoLowerCase,
    /// No digit.
    #[error("The password has no digit.")]
    NoDigit,
    /// None of [`SYMBOLS`].
    #[error("The password has none of the symbols ! @ # $ % ^ * ? + = -")]
    NoSymbol,
    /// A control character, which a form and a script may send differently.
    #[error("The password has a control character.")]
    ControlCharacter,
    /// It contains the user's name or a part of the e-mail address.
    #[error("The password is similar to the user's name or e-mail address.")]
    LikeUserName,
    /// It is the current one.
    #[error("The password is the current one.")]
    Current,
    /// It is one of the previous five.
    #[error("The password is one of the previous five.")]
    Previous,
    /// It is in a list of breached passwords.
    #[error("The password has become known in a data breach. Choose another one.")]
    Breached,
}

impl PolicyError {
    /// The name of the rule, for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::TooShort => "tooShort",
            Self::TooLong => "tooLong",
            Self::NoUpperCase => "noUpperCase",
            Self::NoLowerCase => "noLowerCase",
            Self::NoDigit => "noDigit",
            Self::NoSymbol => "noSymbol",
            Self::ControlCharacter => "controlCharacter",
            Self::LikeUserName => "likeUserName",
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Breached => "breached",
        }
    }
}

/// Checks a new password against the rules that need nothing else than the user's names.
///
/// # Errors
///
/// All rules that it breaks.
pub fn check(password: &str, email: &str, display_name: &str) -> Result<(), Vec<PolicyError>> {
    let characters = password.chars().count();
    if characters > MAX_CHARACTERS {
        return Err(vec![PolicyError::TooLong]);
    }
    let has = |is_wanted: fn(char) -> bool| password.chars().any(is_wanted);
    let rules = [
        (characters < MIN_CHARACTERS, PolicyError::TooShort),
        (!has(char::is_uppercase), PolicyError::NoUpperCase),
        (!has(char::is_lowercase), PolicyError::NoLowerCase),
        (!has(|character| character.is_ascii_digit()), PolicyError::NoDigit),
        (!has(|character| SYMBOLS.contains(character)), PolicyError::NoSymbol),
        (has(char::is_control), PolicyError::ControlCharacter),
        (is_like_user(password, email, display_name), PolicyError::LikeUserName),
    ];
    let broken: Vec<_> =
        rules.into_iter().filter(|(is_broken, _)| *is_broken).map(|(_, rule)| rule).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// Whether letters and digits of the password contain a part of a name, forwards or backwards, with
/// the usual digits read as the letters that they stand for.
fn is_like_user(password: &str, email: &str, display_name: &str) -> bool {
    let account = email.split('@').next().unwrap_or_default();
    let readings = [plain(password), read_digits(&plain(password))];
    let parts = parts(account).chain(parts(display_name)).chain([plain(account)]);
    parts.filter(|part| part.chars().count() >= MIN_PART).any(|part| {
        let backwards: String = part.chars().rev().collect();
        readings.iter().any(|text| text.contains(&part) || text.contains(&backwards))
    })
}

/// Words of a name, as they are compared.
fn parts(name: &str) -> impl Iterator<Item = String> {
    name.split(|character: char| !character.is_alphanumeric()).map(plain)
}

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn read_digits(text: &str) -> String {
    let read = |character| match character {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(read).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PolicyError::*;
    use super::*;

    fn errors(password: &str) -> Vec<PolicyError> {
        check(password, "alice.miller@example.com", "Alice Miller").err().unwrap_or_default()
    }

    #[test]
    fn accepts_passwords_of_all_classes() {
        for password in
            ["Abcdefg1!", "Zürich-2026", "Correct horse 7?", &format!("Aa1!{}", "x".repeat(124))]
        {
            assert_eq!(errors(password), [], "{password}");
        }
    }

    #[test]
    fn names_each_broken_rule() {
        for (password, broken) in [
            ("Abcde1!", vec![TooShort]),
            ("abcdefg1!", vec![NoUpperCase]),
            ("ABCDEFG1!", vec![NoLowerCase]),
            ("Abcdefgh!", vec![NoDigit]),
            ("Abcdefg1", vec![NoSymbol]),
            ("Abcdefg1&", vec![NoSymbol]),
            ("Abcdefg1!\t", vec![ControlCharacter]),
            ("", vec![TooShort, NoUpperCase, NoLowerCase, NoDigit, NoSymbol]),
            (&"Aa1!".repeat(33), vec![TooLong]),
        ] {
            assert_eq!(errors(password), broken, "{password:?}");
        }
    }

    #[test]
    fn refuses_the_users_own_names() {
        for password in
            ["Alice-2026!", "xMILLERx1!", "reLLim-77", "M1ll3r-99!", "Alice.Miller1!", "4l1ce!Abc"]
        {
            assert_eq!(errors(password), [LikeUserName], "{password}");
        }
        assert_eq!(check("Bob-Bob-1!", "bob@example.com", "Bob"), Ok(()), "too short to matter");
    }

    proptest! {
        #[test]
        fn any_text_is_judged(password in ".{0,200}", email in ".{0,40}", name in ".{0,40}") {
            let _ = check(&password, &email, &name);
        }
    }
}
