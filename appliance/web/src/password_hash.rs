//! Hashing of the administrator's password: argon2id (RFC 9106).

use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use model::secret::Secret;
use thiserror::Error;
use tokio::task::{self, JoinError};

use crate::random;

/// Bytes of salt (RFC 9106, section 3.1 recommends 16).
const SALT_BYTES: usize = 16;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
}

impl HashCost {
    /// What OWASP recommends as the least: 19 MiB and two passes. More memory would not fit a small
    /// virtual machine well; the rising pause carries the rest.
    pub const APPLIANCE: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// As cheap as possible, for tests.
    pub const CHEAPEST: Self = Self { memory_kib: Params::MIN_M_COST, passes: 1 };

    fn hasher(self) -> Result<Argon2<'static>, PasswordHashError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None)
            .map_err(|error| PasswordHashError::Hash(error.into()))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// A password could be neither hashed nor compared.
#[derive(Debug, Error)]
pub(crate) enum PasswordHashError {
    /// The stored hash is unreadable, or the parameters are impossible.
    #[error("hash the password")]
    Hash(#[source] HashError),
    /// The thread ended.
    #[error("wait for the password hash")]
    Thread(#[source] JoinError),
}

/// Hashes a new password on a thread of its own; the result is in PHC string format.
pub(crate) async fn hash(password: Secret, cost: HashCost) -> Result<Secret, PasswordHashError> {
    let hash = move || {
        let mut salt = [0; SALT_BYTES];
        random::fill(&mut salt);
        let hash = cost
            .hasher()?
            .hash_password_with_salt(password.expose().as_bytes(), &salt)
            .map_err(PasswordHashError::Hash)?;
        Ok(Secret::new(hash.to_string()))
    };
    task::spawn_blocking(hash).await.map_err(PasswordHashError::Thread)?
}

/// Compares a password with a stored hash on a thread of its own, with the cost that the hash names.
pub(crate) async fn is_correct(password: Secret, hash: Secret) -> Result<bool, PasswordHashError> {
    let compare = move || match Argon2::default()
        .verify_password(password.expose().as_bytes(), hash.expose())
    {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(PasswordHashError::Hash(error)),
    };
    task::spawn_blocking(compare).await.map_err(PasswordHashError::Thread)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn right_password_matches_and_wrong_does_not() {
        let first = hash(secret("Abcdefg1"), HashCost::CHEAPEST).await.unwrap();
        let second = hash(secret("Abcdefg1"), HashCost::CHEAPEST).await.unwrap();
        assert_ne!(first.expose(), second.expose(), "salted");
        assert!(is_correct(secret("Abcdefg1"), first.clone()).await.unwrap());
        assert!(!is_correct(secret("Abcdefg2"), first).await.unwrap());
    }

    #[tokio::test]
    async fn appliance_uses_argon2id_with_19_mib() {
        let hash = hash(secret("Abcdefg1"), HashCost::APPLIANCE).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
    }

    #[tokio::test]
    async fn unreadable_hash_is_an_error_and_no_wrong_password() {
        assert!(is_correct(secret("x"), secret("$argon2id$damaged")).await.is_err());
    }
}
