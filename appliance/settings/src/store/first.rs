//! First settings, which the platform hands over before anybody has opened the page.
//!
//! A person beats them: they fill only what nobody has set, and they are taken once. What they need is
//! stored in an order in which a power cut leaves either nothing that counts or a state from which taking
//! them again ends the same: settings in one write, then the password, then the record that they were
//! taken.

use bus::SettingsResponse;
use model::guest::{FirstProxy, FirstTaken, FirstValues};
use model::network::{Origin, Sourced};
use model::proxy::ProxyServer;
use model::secret::Secret;
use model::settings::Settings;
use tracing::info;

use super::{NO_HASH, Store, done, failed, networks, outbound};
use crate::administrator::{Administrator, is_hash};
use crate::first_taken;
use crate::moment::Moment;

impl Store {
    /// Takes first settings. `ids` names each proxy.
    pub(crate) fn take_first(
        &mut self,
        first: FirstValues,
        ids: Vec<String>,
        now: Moment,
    ) -> SettingsResponse {
        let is_administered = match &self.administrator {
            Administrator::Absent => false,
            // The power went after the password of these settings was stored, and before their record.
            Administrator::Present(_) => {
                !first.password_hash.as_ref().is_some_and(|hash| self.administrator.is(hash))
            }
            Administrator::Unreadable(_) => true,
        };
        if self.first_taken.is_some() || is_administered {
            return SettingsResponse::Conflict;
        }
        match self.store_first(first, ids, now) {
            Ok(()) => SettingsResponse::Done,
            Err(reason) => SettingsResponse::Failed { reason },
        }
    }

    fn store_first(
        &mut self,
        first: FirstValues,
        ids: Vec<String>,
        now: Moment,
    ) -> Result<(), String> {
        self.can_store()?;
        let FirstValues { source, password_hash, registers, .. } = &first;
        if password_hash.as_ref().is_some_and(|hash| !is_hash(hash)) {
            return Err(NO_HASH.to_owned());
        }
        let taken =
            FirstTaken { source: *source, at: now.unix_seconds, awaits_registration: *registers };
        let hash = password_hash.clone();
        self.fill(first, ids)?;
        if let Some(hash) = hash.filter(|_| matches!(self.administrator, Administrator::Absent)) {
            let result = Administrator::store(&*self.files, hash);
            self.administrator = self.noted(result)?;
        }
        let result = first_taken::store(&*self.files, &taken);
        self.noted(result)?;
        self.first_taken = Some(taken);
        info!(source = taken.source.name(), "The first settings of the platform are in use");
        Ok(())
    }

    /// Stores what nobody has set so far.
    fn fill(&mut self, first: FirstValues, ids: Vec<String>) -> Result<(), String> {
        let FirstValues { host_name, network, proxies, roots, .. } = first;
        let mut wanted = self.settings.clone();
        if let Some(network) = network.filter(|_| wanted.network.origin == Origin::Default) {
            wanted.network = Sourced::new(network, Origin::Operator);
        }
        if wanted.host_name.is_none() {
            wanted.host_name = host_name.map(|name| Sourced::new(name, Origin::Operator));
        }
        networks::check(&wanted)?;
        let passwords =
            if wanted.proxies.is_empty() { add(&mut wanted, proxies, ids)? } else { Vec::new() };
        let added = outbound::add_roots(&mut wanted, &mut self.copies.root_pems, roots);
        let stored = added.and_then(|()| self.store_with_passwords(wanted, passwords));
        if stored.is_err() {
            let kept: Vec<_> = self.settings.roots.iter().map(|root| root.id.clone()).collect();
            self.copies.root_pems.retain(|id, _| kept.contains(id));
        }
        stored
    }

    fn store_with_passwords(
        &mut self,
        wanted: Settings,
        passwords: Vec<(ProxyServer, Secret)>,
    ) -> Result<(), String> {
        for (proxy, password) in passwords {
            let result = self.passwords.set(&*self.files, &proxy, password);
            self.noted(result)?;
        }
        self.store_settings(wanted)?;
        self.unseen_changes += 1;
        Ok(())
    }

    /// The registration that first settings asked for is done, or nobody wants it any more.
    pub(crate) fn end_first_registration(&mut self) -> SettingsResponse {
        let Some(taken) = self.first_taken.filter(|taken| taken.awaits_registration) else {
            return SettingsResponse::Conflict;
        };
        if let Err(reason) = self.can_store() {
            return failed(&reason);
        }
        let ended = FirstTaken { awaits_registration: false, ..taken };
        let result = first_taken::store(&*self.files, &ended);
        done(self.noted(result).map(|()| self.first_taken = Some(ended)))
    }
}

/// Adds the proxies to the settings; says which passwords are stored with them.
fn add(
    settings: &mut Settings,
    proxies: Vec<FirstProxy>,
    ids: Vec<String>,
) -> Result<Vec<(ProxyServer, Secret)>, String> {
    let mut passwords = Vec::new();
    for (proxy, id) in proxies.into_iter().zip(ids) {
        let FirstProxy { location, user_name, password } = proxy;
        outbound::check_credentials(user_name.as_deref(), password.as_ref())?;
        model::proxy::check_addition(&settings.proxies, &location)
            .map_err(|error| error.to_string())?;
        let has_password = password.is_some();
        let server = ProxyServer { id, location, user_name, has_password };
        passwords.extend(password.map(|password| (server.clone(), password)));
        settings.proxies.push(server);
    }
    Ok(passwords)
}
