//! Hashing of passwords: argon2id (RFC 9106).

use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use model::secret::Secret;
use tokio::task;

use crate::error::RegistryError;
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
    /// The second choice of RFC 9106, section 4: 64 MiB and three passes.
    pub const SERVER: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// As cheap as possible, for tests.
    pub const CHEAPEST: Self = Self { memory_kib: Params::MIN_M_COST, passes: 1 };

    fn hasher(self) -> Result<Argon2<'static>, RegistryError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None)
            .map_err(|error| RegistryError::Hash(error.to_string()))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes a new password on a thread of its own; the result is in PHC string format.
pub(crate) async fn hash(password: Secret, cost: HashCost) -> Result<String, RegistryError> {
    on_thread(move || {
        let mut salt = [0; SALT_BYTES];
        random::fill(&mut salt);
        let hash = cost
            .hasher()?
            .hash_password_with_salt(password.expose().as_bytes(), &salt)
            .map_err(|error| RegistryError::Hash(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Which of some stored hashes a password has, if any, on a thread of its own.
pub(crate) async fn find(
    password: Secret,
    hashes: Vec<String>,
) -> Result<Option<usize>, RegistryError> {
    on_thread(move || {
        for (index, hash) in hashes.iter().enumerate() {
            match Argon2::default().verify_password(password.expose().as_bytes(), hash.as_str()) {
                Ok(()) => return Ok(Some(index)),
                Err(HashError::PasswordInvalid) => {}
                Err(error) => return Err(RegistryError::Hash(error.to_string())),
            }
        }
        Ok(None)
    })
    .await
}

/// Takes as long as comparing a password does, for people who do not exist.
pub(crate) async fn pretend(password: Secret, cost: HashCost) -> Result<(), RegistryError> {
    hash(password, cost).await.map(drop)
}

async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, RegistryError> {
    task::spawn_blocking(work).await.map_err(|error| RegistryError::Hash(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn finds_the_hash_of_a_password() {
        let first = hash(secret("Abcdefg1!"), HashCost::CHEAPEST).await.unwrap();
        let second = hash(secret("Abcdefg2!"), HashCost::CHEAPEST).await.unwrap();
        let hashes = vec![first.clone(), second];
        assert_eq!(find(secret("Abcdefg1!"), hashes.clone()).await.unwrap(), Some(0));
        assert_eq!(find(secret("Abcdefg2!"), hashes.clone()).await.unwrap(), Some(1));
        assert_eq!(find(secret("Abcdefg3!"), hashes).await.unwrap(), None);
        assert_ne!(first, hash(secret("Abcdefg1!"), HashCost::CHEAPEST).await.unwrap(), "salted");
    }

    #[tokio::test]
    async fn server_uses_argon2id_with_64_mib() {
        let hash = hash(secret("Abcdefg1!"), HashCost::SERVER).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{hash}");
    }

    #[tokio::test]
    async fn unreadable_hash_is_an_error_and_no_wrong_password() {
        assert!(find(secret("x"), vec!["$argon2id$damaged".to_owned()]).await.is_err());
    }
}
