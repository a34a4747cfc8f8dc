//! Web servers that were looked up lately, so that not every request asks the database and requests go on
//! while it does not answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use registry::{Tenant, TenantId, WebServer};

use crate::error::ApiError;
use crate::tokens::{TOKEN_FRESH_SECONDS, TOKEN_GRACE_SECONDS};

/// Most web servers that are remembered.
const MAX_SERVERS: usize = 50_000;

/// Customer, location and identifier.
type Key = (TenantId, String, String);

/// Which web server was there, and when, in seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct WebServers(Mutex<HashMap<Key, (WebServer, i64)>>);

impl WebServers {
    /// A web server of a customer's location.
    pub(crate) async fn find(
        &self,
        tenant: &Tenant,
        location: &str,
        id: &str,
        now: i64,
    ) -> Result<WebServer, ApiError> {
        let key = (tenant.id().clone(), location.to_owned(), id.to_owned());
        let seen = self.lock().get(&key).cloned();
        if let Some((server, at)) = &seen
            && now - at < TOKEN_FRESH_SECONDS
        {
            return Ok(server.clone());
        }
        match tenant.web_server(location, id).await {
            Ok(server) => {
                self.remember(key, &server, now);
                Ok(server)
            }
            Err(error) if error.is_unavailable() => match seen {
                Some((server, at)) if now - at < TOKEN_GRACE_SECONDS => Ok(server),
                _ => Err(error.into()),
            },
            Err(error) => {
                self.lock().remove(&key);
                Err(error.into())
            }
        }
    }

    /// Forgets one that was removed.
    pub(crate) fn forget(&self, tenant: &TenantId, id: &str) {
        self.lock().retain(|(other, _, server), _| other != tenant || server != id);
    }

    fn remember(&self, key: Key, server: &WebServer, now: i64) {
        let mut servers = self.lock();
        if servers.len() >= MAX_SERVERS {
            servers.retain(|_, (_, at)| now - *at < TOKEN_FRESH_SECONDS);
        }
        if servers.len() < MAX_SERVERS {
            servers.insert(key, (server.clone(), now));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, (WebServer, i64)>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
