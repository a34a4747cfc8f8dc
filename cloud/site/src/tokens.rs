//! Tokens that were checked lately, so that not every request asks the database.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use registry::{Registry, RegistryError, TokenHolder};
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// How long a checked token is not checked again, in seconds.
pub const TOKEN_FRESH_SECONDS: i64 = 30;
/// How long a checked token goes on being accepted while the database does not answer, in seconds.
pub const TOKEN_GRACE_SECONDS: i64 = 900;
/// Most tokens that are remembered.
const MAX_TOKENS: usize = 50_000;

/// What is remembered of tokens, by their SHA-256.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<[u8; 32], Checked>>);

#[derive(Clone, Debug)]
struct Checked {
    holder: TokenHolder,
    at: i64,
}

impl Tokens {
    /// Who has a token.
    pub(crate) async fn holder(
        &self,
        registry: &Registry,
        token: &str,
        now: i64,
    ) -> Result<TokenHolder, ApiError> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.lock().get(&digest).cloned().filter(|known| now < known.holder.expires_at);
        if let Some(known) = &known
            && now - known.at < TOKEN_FRESH_SECONDS
        {
            return Ok(known.holder.clone());
        }
        match registry.token_holder(token, now).await {
            Ok(Some(holder)) => {
                self.remember(digest, Checked { holder: holder.clone(), at: now });
                Ok(holder)
            }
            Ok(None) => {
                self.lock().remove(&digest);
                Err(ApiError::invalid_authentication())
            }
            Err(error @ RegistryError::Unavailable(_)) => match known {
                Some(known) if now - known.at < TOKEN_GRACE_SECONDS => Ok(known.holder),
                _ => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets every token of a tenant: somebody's access has changed.
    pub(crate) fn forget(&self, tenant: &registry::TenantId) {
        self.lock().retain(|_, known| known.holder.tenant != *tenant);
    }

    fn remember(&self, digest: [u8; 32], checked: Checked) {
        let now = checked.at;
        let mut tokens = self.lock();
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, known| now - known.at < TOKEN_FRESH_SECONDS);
        }
        if tokens.len() < MAX_TOKENS {
            tokens.insert(digest, checked);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Checked>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
