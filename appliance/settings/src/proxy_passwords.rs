//! The file with the passwords of proxies.
//!
//! A password belongs to the proxy, the location and the user name that it was entered for. So it is
//! never sent to another server, and a change that replaces all of them at once is decided by the one
//! write of the settings: the new password is stored beside the old one before it, and whatever the
//! settings do not name is forgotten after it.

use model::proxy::{ProxyLocation, ProxyServer};
use model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::error::{ReadError, WriteError};
use crate::file_system::{FileSystem, remove};
use crate::secret_file;

const NAME: &str = "proxy.passwords";
/// Largest file in bytes: twice what passwords of all proxies take.
const MAX_BYTES: usize = 64 * 1024;

/// A password and what it was entered for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    id: String,
    location: ProxyLocation,
    user_name: String,
    password: Secret,
}

impl Entry {
    fn belongs_to(&self, proxy: &ProxyServer) -> bool {
        self.id == proxy.id
            && self.location == proxy.location
            && Some(&self.user_name) == proxy.user_name.as_ref()
    }
}

/// The passwords, as they are known to be on the disk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ProxyPasswords(Vec<Entry>);

impl ProxyPasswords {
    /// Reads the file.
    pub(crate) fn load(files: &dyn FileSystem) -> Result<Self, ReadError> {
        Ok(secret_file::load(files, NAME, MAX_BYTES)?.unwrap_or_default())
    }

    /// The name of the file, for whoever sets a damaged one aside.
    pub(crate) const fn file() -> &'static str {
        NAME
    }

    /// The password of a proxy.
    pub(crate) fn of(&self, proxy: &ProxyServer) -> Option<&Secret> {
        let entry = self.0.iter().find(|entry| proxy.has_password && entry.belongs_to(proxy));
        entry.map(|entry| &entry.password)
    }

    /// Stores the password of a proxy in place of the one for the same location and user name, if
    /// there is one. A proxy without user name has none.
    pub(crate) fn set(
        &mut self,
        files: &dyn FileSystem,
        proxy: &ProxyServer,
        password: Secret,
    ) -> Result<(), WriteError> {
        let Some(user_name) = proxy.user_name.clone() else { return Ok(()) };
        let mut wanted = self.clone();
        wanted.0.retain(|entry| !entry.belongs_to(proxy));
        let (id, location) = (proxy.id.clone(), proxy.location.clone());
        wanted.0.push(Entry { id, location, user_name, password });
        secret_file::store(files, NAME, &wanted)?;
        *self = wanted;
        Ok(())
    }

    /// Whether there is one that no proxy needs.
    pub(crate) fn has_unneeded(&self, proxies: &[ProxyServer]) -> bool {
        self.0.iter().any(|entry| !is_needed(entry, proxies))
    }

    /// Forgets what no proxy needs.
    pub(crate) fn forget_unneeded(
        &mut self,
        files: &dyn FileSystem,
        proxies: &[ProxyServer],
    ) -> Result<(), WriteError> {
        if !self.has_unneeded(proxies) {
            return Ok(());
        }
        let mut wanted = self.clone();
        wanted.0.retain(|entry| is_needed(entry, proxies));
        if wanted.0.is_empty() {
            remove(files, NAME)?;
        } else {
            secret_file::store(files, NAME, &wanted)?;
        }
        *self = wanted;
        Ok(())
    }
}

fn is_needed(entry: &Entry, proxies: &[ProxyServer]) -> bool {
    proxies.iter().any(|proxy| proxy.has_password && entry.belongs_to(proxy))
}
