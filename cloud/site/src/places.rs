//! Resource locations that were looked up lately, so that not every request asks the database and
//! requests go on while it does not answer.
//!
//! This only tells a customer early that there is no such location. That nobody reaches connectors of
//! another customer is seen to by the gateways, which know connections by customer and location.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use registry::{Tenant, TenantId};

use crate::error::ApiError;
use crate::tokens::{TOKEN_FRESH_SECONDS, TOKEN_GRACE_SECONDS};

/// Most locations that are remembered.
const MAX_PLACES: usize = 50_000;

/// When which location was there, in seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<(TenantId, String), i64>>);

impl Places {
    /// Refuses a location that the customer does not have.
    pub(crate) async fn check(&self, tenant: &Tenant, id: &str, now: i64) -> Result<(), ApiError> {
        let key = (tenant.id().clone(), id.to_owned());
        let seen = self.lock().get(&key).copied();
        if seen.is_some_and(|seen| now - seen < TOKEN_FRESH_SECONDS) {
            return Ok(());
        }
        match tenant.location(id).await {
            Ok(_) => {
                self.remember(key, now);
                Ok(())
            }
            Err(error) => {
                let was_there = seen.is_some_and(|seen| now - seen < TOKEN_GRACE_SECONDS);
                if was_there && error.is_unavailable() {
                    return Ok(());
                }
                self.lock().remove(&key);
                Err(error.into())
            }
        }
    }

    fn remember(&self, key: (TenantId, String), now: i64) {
        let mut places = self.lock();
        if places.len() >= MAX_PLACES {
            places.retain(|_, seen| now - *seen < TOKEN_FRESH_SECONDS);
        }
        if places.len() < MAX_PLACES {
            places.insert(key, now);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, String), i64>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
