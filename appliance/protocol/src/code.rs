//! The code that an administrator carries from the appliance's page to the cloud's console.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroize;

/// Characters of a code.
pub const LENGTH: usize = 8;
/// How long a code is good for, in seconds.
pub const LIFETIME_SECONDS: i64 = 15 * 60;
/// Path in the cloud that leads a browser to the page on which a code is entered. Scripts of the
/// appliance get it as `verificationUrl`, as documented.
pub const VERIFICATION_PATH: &str = "/identity/api-access/product-registrations";
/// Characters that a code is made of: digits and capitals without `0`, `1`, `I` and `O`, which are
/// taken for each other. 32 of them, so a code has 40 bits.
pub const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A registration code.
///
/// Whoever has it can attach the appliance that shows it to a customer of theirs, for as long as it
/// is good. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Not eight characters.
    #[error("a code has {LENGTH} characters, this one has {0}")]
    WrongLength(usize),
    /// A character that no code has.
    #[error(
        "no code has the character `{0}`: codes have the digits 2 to 9 and letters except I and O"
    )]
    WrongCharacter(char),
}

impl Code {
    /// Makes a code of five random octets; each code is as likely as the others.
    #[must_use]
    pub fn new(random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0_u64, |bits, octet| bits << 8 | u64::from(*octet));
        let mut code = [0; LENGTH];
        for (position, character) in code.iter_mut().enumerate() {
            let index = bits >> (5 * position) & 31;
            *character = usize::try_from(index).map_or(ALPHABET[0], |index| ALPHABET[index]);
        }
        Self(code)
    }

    /// Reads what a person typed: small letters, spaces and hyphens are accepted.
    ///
    /// # Errors
    ///
    /// [`CodeError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let typed = || text.chars().filter(|it| !it.is_whitespace() && *it != '-');
        let length = typed().count();
        if length != LENGTH {
            return Err(CodeError::WrongLength(length));
        }
        let mut code = [0; LENGTH];
        for (place, character) in code.iter_mut().zip(typed()) {
            let octet = u8::try_from(character.to_ascii_uppercase());
            *place = octet
                .ok()
                .filter(|octet| ALPHABET.contains(octet))
                .ok_or(CodeError::WrongCharacter(character))?;
        }
        Ok(Self(code))
    }

    /// The eight characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_is_read() {
        let code = Code::parse("ABCD2345").unwrap();
        for typed in ["abcd2345", "ABCD-2345", " abcd 2345\n"] {
            assert_eq!(Code::parse(typed).as_ref(), Ok(&code), "{typed}");
        }
        assert_eq!(Code::parse("ABCD234"), Err(CodeError::WrongLength(7)));
        assert_eq!(Code::parse("ABCD23456"), Err(CodeError::WrongLength(9)));
        assert_eq!(Code::parse("ABCD234O"), Err(CodeError::WrongCharacter('O')));
        assert_eq!(Code::parse("ABCD234é"), Err(CodeError::WrongCharacter('é')));
    }

    #[test]
    fn debug_does_not_show_the_code() {
        assert!(!format!("{:?}", Code::new([7; 5])).contains(Code::new([7; 5]).as_str()));
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_written(random: [u8; 5]) {
            let code = Code::new(random);
            prop_assert_eq!(Code::parse(code.as_str()), Ok(code));
        }

        #[test]
        fn nothing_panics(text: String) {
            let _ = Code::parse(&text);
        }
    }
}
