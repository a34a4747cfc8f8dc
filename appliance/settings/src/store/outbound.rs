//! How other machines are reached: proxies, bypass list, added authorities, remote syslog.

use bus::{PasswordChange, SettingsResponse};
use model::bypass::{BypassRule, MAX_BYPASS_RULES};
use model::outbound::{OutboundSettings, ProxyAccess};
use model::proxy::{self, ProxyLocation, ProxyServer};
use model::root_ca::{
    MAX_ROOT_CA_BYTES, MAX_ROOTS, MAX_ROOTS_PEM_BYTES, MAX_SHOWN_NAME_BYTES, RootCa, RootCaFacts,
};
use model::secret::Secret;
use model::settings::{Settings, SettingsRefusal as Refusal};
use model::settings_schema::RootPems;
use model::signing_request::MAX_DNS_NAME_BYTES;
use model::syslog::SyslogSetting;
use tracing::{info, warn};

use super::{Store, done, failed, refused};
use crate::error::in_one_line;
use crate::file_system::set_aside;
use crate::proxy_passwords::ProxyPasswords;

const UNFIT: &str = "the certificate of the authority is too large or its id is another one";

impl Store {
    /// What a dialer goes by.
    pub(crate) fn outbound(&self) -> SettingsResponse {
        let access = |proxy: &ProxyServer| ProxyAccess {
            id: proxy.id.clone(),
            location: proxy.location.clone(),
            user_name: proxy.user_name.clone(),
            password: self.passwords.of(proxy).cloned(),
        };
        let pems = &self.copies.root_pems;
        SettingsResponse::Outbound(OutboundSettings {
            proxies: self.settings.proxies.iter().map(access).collect(),
            bypass: self.settings.proxy_bypass.clone(),
            roots: self.settings.roots.iter().filter_map(|it| pems.get(&it.id).cloned()).collect(),
        })
    }

    /// Adds a proxy behind the others.
    pub(crate) fn add_proxy(
        &mut self,
        id: String,
        location: ProxyLocation,
        user_name: Option<String>,
        password: Option<Secret>,
    ) -> SettingsResponse {
        let (user_name, password) = (entered(user_name), password.filter(is_entered));
        if let Err(reason) = check_credentials(user_name.as_deref(), password.as_ref()) {
            return SettingsResponse::Failed { reason };
        }
        if let Err(error) = proxy::check_addition(&self.settings.proxies, &location) {
            return refused(error);
        }
        let has_password = password.is_some();
        let added = ProxyServer { id: id.clone(), location, user_name, has_password };
        let mut proxies = self.settings.proxies.clone();
        proxies.push(added.clone());
        match self.store_proxies(proxies, password.map(|password| (added, password))) {
            SettingsResponse::Done => SettingsResponse::Added { id },
            other => other,
        }
    }

    /// Changes a proxy in its place.
    pub(crate) fn update_proxy(
        &mut self,
        id: &str,
        location: ProxyLocation,
        user_name: Option<String>,
        password: PasswordChange,
    ) -> SettingsResponse {
        if let Err(error) = proxy::check_change(&self.settings.proxies, id, &location) {
            return refused(error);
        }
        let user_name = entered(user_name);
        let mut proxies = self.settings.proxies.clone();
        let Some(changed) = proxies.iter_mut().find(|proxy| proxy.id == id) else {
            return refused(Refusal::UnknownProxy);
        };
        let is_elsewhere = changed.location != location || changed.user_name != user_name;
        let had_password = changed.has_password;
        changed.location = location;
        changed.user_name = user_name;
        let password = match password {
            PasswordChange::Keep if had_password && changed.user_name.is_some() => {
                if is_elsewhere {
                    return refused(Refusal::ProxyPasswordNeeded);
                }
                None
            }
            PasswordChange::Set { secret } if is_entered(&secret) => Some(secret),
            PasswordChange::Keep | PasswordChange::Remove | PasswordChange::Set { .. } => {
                changed.has_password = false;
                None
            }
        };
        if let Err(reason) = check_credentials(changed.user_name.as_deref(), password.as_ref()) {
            return SettingsResponse::Failed { reason };
        }
        changed.has_password |= password.is_some();
        let changed = changed.clone();
        self.store_proxies(proxies, password.map(|password| (changed, password)))
    }

    /// Forgets a proxy with its password.
    pub(crate) fn delete_proxy(&mut self, id: &str) -> SettingsResponse {
        let mut proxies = self.settings.proxies.clone();
        proxies.retain(|proxy| proxy.id != id);
        if proxies.len() == self.settings.proxies.len() {
            return refused(Refusal::UnknownProxy);
        }
        self.store_proxies(proxies, None)
    }

    /// Brings the proxies into another order.
    pub(crate) fn order_proxies(&mut self, ids: &[String]) -> SettingsResponse {
        let proxies = &self.settings.proxies;
        match proxy::positions(proxies, ids) {
            Err(error) => refused(error),
            Ok(positions) => {
                let ordered = positions.into_iter().filter_map(|index| proxies.get(index).cloned());
                let ordered = ordered.collect();
                self.store_proxies(ordered, None)
            }
        }
    }

    /// Replaces the bypass list, if it still is the one expected.
    pub(crate) fn set_proxy_bypass(
        &mut self,
        rules: Vec<BypassRule>,
        expected: Option<&[BypassRule]>,
    ) -> SettingsResponse {
        if expected.is_some_and(|expected| expected != self.settings.proxy_bypass) {
            return SettingsResponse::Conflict;
        }
        if rules.len() > MAX_BYPASS_RULES {
            return refused(Refusal::TooManyBypassRules { limit: MAX_BYPASS_RULES });
        }
        let wanted = Settings { proxy_bypass: rules, ..self.settings.clone() };
        done(self.store_settings(wanted))
    }

    /// Adds an authority behind the others. Whether it is one has been checked before.
    pub(crate) fn add_root(&mut self, root: RootCa) -> SettingsResponse {
        if !fits(&root) {
            return failed(UNFIT);
        }
        let (id, subject) = (root.facts.id.clone(), root.facts.subject.clone());
        let mut wanted = self.settings.clone();
        if let Err(refusal) = check_addition(&wanted.roots, &self.copies.root_pems, &root) {
            return refused(refusal);
        }
        wanted.roots.push(root.facts);
        self.copies.root_pems.insert(id.clone(), root.pem);
        done(match self.store_settings(wanted) {
            Ok(()) => {
                info!(subject, "An authority has been added");
                Ok(())
            }
            Err(reason) => {
                self.copies.root_pems.remove(&id);
                Err(reason)
            }
        })
    }

    /// Forgets an authority.
    pub(crate) fn delete_root(&mut self, id: &str) -> SettingsResponse {
        let mut wanted = self.settings.clone();
        wanted.roots.retain(|root| root.id != id);
        if wanted.roots.len() == self.settings.roots.len() {
            return refused(Refusal::UnknownRoot);
        }
        done(self.store_settings(wanted).map(|()| info!(id, "An authority has been forgotten")))
    }

    /// Sets where the log is sent.
    pub(crate) fn set_syslog(&mut self, syslog: Option<SyslogSetting>) -> SettingsResponse {
        if syslog.as_ref().is_some_and(|setting| setting.server.len() > MAX_DNS_NAME_BYTES) {
            return failed("the name of the syslog server is too long");
        }
        done(self.store_settings(Settings { syslog, ..self.settings.clone() }))
    }

    /// Stores proxies, with the password of one of them. The settings decide: the password is stored
    /// before, and those that are needed no more are forgotten after.
    fn store_proxies(
        &mut self,
        proxies: Vec<ProxyServer>,
        password: Option<(ProxyServer, Secret)>,
    ) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        if let Some((proxy, password)) = password {
            let result = self.passwords.set(&*self.files, &proxy, password);
            if let Err(reason) = self.noted(result) {
                return SettingsResponse::Failed { reason };
            }
            self.unseen_changes += 1;
        }
        let wanted = Settings { proxies, ..self.settings.clone() };
        let stored = self.store_settings(wanted);
        self.forget_unneeded_passwords();
        done(stored)
    }

    /// What fails here is tried again with the next change of a proxy and with the next start.
    fn forget_unneeded_passwords(&mut self) {
        let result = self.passwords.forget_unneeded(&*self.files, &self.settings.proxies);
        if let Err(error) = result {
            warn!(error = in_one_line(&error), "Cannot forget a password that is needed no more");
        }
    }

    /// Reads the passwords of the proxies. One that is lost is known to be missing. Those that no
    /// proxy needs are forgotten, unless the settings that would tell are lost.
    pub(super) fn load_passwords(&mut self, has_settings: bool) {
        match ProxyPasswords::load(&*self.files) {
            Ok(passwords) => self.passwords = passwords,
            Err(error) => {
                set_aside(&*self.files, ProxyPasswords::file());
                self.troubles.start.push(in_one_line(&error));
            }
        }
        if has_settings && self.obstacle.is_none() {
            self.forget_unneeded_passwords();
        }
        for proxy in &mut self.settings.proxies {
            if proxy.has_password && self.passwords.of(proxy).is_none() {
                proxy.has_password = false;
                self.is_unsaved = true;
                let lost = format!("the password of the proxy {} is lost", proxy.location);
                self.troubles.start.push(format!("{lost}; enter it again"));
            }
        }
    }
}

/// Adds authorities to settings and to their certificates, unless they are there already. After an error some
/// may have been added.
pub(super) fn add_roots(
    settings: &mut Settings,
    pems: &mut RootPems,
    roots: Vec<RootCa>,
) -> Result<(), String> {
    for root in roots {
        if settings.roots.iter().any(|other| other.id == root.facts.id) {
            continue;
        }
        if !fits(&root) {
            return Err(UNFIT.to_owned());
        }
        check_addition(&settings.roots, pems, &root).map_err(|refusal| refusal.to_string())?;
        pems.insert(root.facts.id.clone(), root.pem);
        settings.roots.push(root.facts);
    }
    Ok(())
}

/// Whether there is room for one more authority.
fn check_addition(present: &[RootCaFacts], pems: &RootPems, root: &RootCa) -> Result<(), Refusal> {
    if present.iter().any(|other| other.id == root.facts.id) {
        return Err(Refusal::DuplicateRoot { subject: root.facts.subject.clone() });
    }
    if present.len() >= MAX_ROOTS {
        return Err(Refusal::TooManyRoots { limit: MAX_ROOTS });
    }
    let together: usize = pems.values().map(String::len).sum();
    if together + root.pem.len() > MAX_ROOTS_PEM_BYTES {
        return Err(Refusal::RootsTooLarge { limit_bytes: MAX_ROOTS_PEM_BYTES });
    }
    Ok(())
}

pub(super) fn check_credentials(
    user_name: Option<&str>,
    password: Option<&Secret>,
) -> Result<(), String> {
    let password = password.map(Secret::expose).unwrap_or_default();
    proxy::check_credentials(user_name.unwrap_or_default(), password)
        .map_err(|error| error.to_string())
}

/// A user name; an empty one is none.
fn entered(user_name: Option<String>) -> Option<String> {
    user_name.filter(|name| !name.is_empty())
}

fn is_entered(password: &Secret) -> bool {
    !password.expose().is_empty()
}

/// Whether an authority is small enough to store and to be told to every role.
fn fits(root: &RootCa) -> bool {
    /// Longest serial number (20 bytes, RFC 5280, section 4.1.2.2) and name of a kind of key; some
    /// authorities do not keep to it.
    const MAX_DETAIL_BYTES: usize = 256;
    let facts = &root.facts;
    let is_short = |text: &String, limit: usize| text.len() <= limit;
    root.pem.len() <= MAX_ROOT_CA_BYTES
        && facts.id == facts.sha256.id()
        && facts.sha256.as_bytes().len() == 32
        && facts.sha1.as_bytes().len() == 20
        && is_short(&facts.subject, MAX_SHOWN_NAME_BYTES)
        && is_short(&facts.issuer, MAX_SHOWN_NAME_BYTES)
        && is_short(&facts.serial, MAX_DETAIL_BYTES)
        && is_short(&facts.key, MAX_DETAIL_BYTES)
}
