//! What the appliance keeps of a domain: the machine account and its passwords.

use std::net::IpAddr;

use model::domain::{DomainName, MachineName};
use model::secret::Secret;
use serde::{Deserialize, Serialize};

/// Version of the file's format.
pub(crate) const SCHEMA: u32 = 1;
/// Characters of a password. They are some 380 bits, more than the key made of them has.
const PASSWORD_LENGTH: usize = 64;

/// How far an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Its password is stored; whether the account exists is not known yet.
    Pending,
    /// It has been used.
    Joined,
}

/// A machine account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Version of the format: [`SCHEMA`].
    pub schema: u32,
    /// How far it is.
    pub state: AccountState,
    /// The domain.
    pub domain: DomainName,
    /// DNS name of the forest's root domain.
    pub forest: String,
    /// NetBIOS name of the domain.
    pub netbios: String,
    /// Its name.
    pub machine: MachineName,
    /// Its distinguished name.
    pub place: String,
    /// DNS servers that were given for the domain.
    pub dns_servers: Vec<IpAddr>,
    /// The domain controller on which it was changed last: others may not know of it yet.
    pub controller: String,
    /// When it was made, in seconds since 1970.
    pub joined_at: i64,
    /// When its password was changed last, in seconds since 1970.
    pub password_changed_at: i64,
    /// The passwords, those to try first in front: the present one, one that is about to be or may
    /// have been set, and the one before, which a domain controller may still have.
    pub passwords: Vec<Secret>,
}

impl Account {
    /// The account of the directory, with `$`.
    #[must_use]
    pub fn name(&self) -> String {
        self.machine.account()
    }

    /// DNS name of the machine.
    #[must_use]
    pub fn dns_name(&self) -> String {
        dns_name(&self.machine, &self.domain)
    }
}

/// DNS name of a machine of a domain.
pub(crate) fn dns_name(machine: &MachineName, domain: &DomainName) -> String {
    format!("{}.{domain}", machine.as_str().to_ascii_lowercase())
}

/// A new password: letters and digits, all three kinds of which the rules of a domain may ask for.
pub(crate) fn new_password() -> Result<Secret, getrandom::Error> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    loop {
        let mut password = String::with_capacity(PASSWORD_LENGTH);
        while password.len() < PASSWORD_LENGTH {
            let mut bytes = zeroize::Zeroizing::new([0; PASSWORD_LENGTH]);
            getrandom::fill(bytes.as_mut())?;
            // A number from 62 on would make some letters more likely than others.
            let places = bytes.iter().map(|byte| usize::from(byte & 63));
            let letters = places.filter_map(|place| LETTERS.get(place));
            let free = PASSWORD_LENGTH - password.len();
            password.extend(letters.take(free).map(|letter| char::from(*letter)));
        }
        let has = |kind: fn(&char) -> bool| password.chars().any(|letter| kind(&letter));
        if has(char::is_ascii_uppercase)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_digit)
        {
            return Ok(Secret::new(password));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_all_kinds_of_letters_and_differ() {
        let passwords: Vec<_> = (0..20).map(|_| new_password().unwrap()).collect();
        for password in &passwords {
            let text = password.expose();
            assert_eq!(text.len(), PASSWORD_LENGTH);
            assert!(text.chars().any(|letter| letter.is_ascii_digit()));
            assert_eq!(passwords.iter().filter(|other| other.expose() == text).count(), 1);
        }
    }
}
