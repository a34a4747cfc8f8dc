//! Who may ask what, and the answers.

use std::convert::Infallible;
use std::time::Duration;

use bus::{Peer, Service, SettingsRequest, SettingsResponse};
use model::network::{NetworkState, NetworkStatus};
use model::role::Role;
use model::settings::{RevertReason, SettingsStatus};
use tokio::sync::{Mutex, watch};

use crate::moment::Moment;
use crate::status::publish;
use crate::store::Store;

/// What time it is; tests have a clock of their own.
pub(crate) type Clock = fn() -> Moment;

/// Answers the other roles. Changes wait for each other; each is answered when it is on the disk.
///
/// Writing happens on the reactor: files are small, the role has nothing else to do, and the status
/// that others follow would not change meanwhile.
pub(crate) struct SettingsService {
    store: Mutex<Store>,
    status: watch::Sender<SettingsStatus>,
    clock: Clock,
}

impl SettingsService {
    /// A service over what has been read.
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        let status = watch::Sender::new(store.status());
        Self { store: Mutex::new(store), status, clock }
    }

    /// Ends trials in time. `follow_network` is asked for the state of the network while a trial
    /// waits for it.
    pub(crate) async fn keep_time(
        &self,
        follow_network: impl Fn() -> watch::Receiver<Option<NetworkStatus>>,
    ) -> Infallible {
        let mut status = self.status.subscribe();
        let mut network = None;
        loop {
            let (deadline, awaits_network) = {
                let store = self.store.lock().await;
                (store.deadline(), store.awaits_network())
            };
            if !awaits_network {
                network = None;
            } else if network.is_none() {
                network = Some(follow_network());
            }
            tokio::select! {
                // The sender lives in `self`.
                _ = status.changed() => {}
                () = self.sleep_until(deadline) => self.change(|_, _| ()).await,
                () = configured(&mut network) => {
                    self.change(|store, now| store.take_network_up(now)).await;
                }
            }
        }
    }

    async fn sleep_until(&self, uptime_ms: Option<u64>) {
        match uptime_ms {
            Some(deadline) => {
                let left = deadline.saturating_sub((self.clock)().uptime_ms);
                tokio::time::sleep(Duration::from_millis(left)).await;
            }
            None => std::future::pending().await,
        }
    }

    async fn status(&self, newer_than: Option<u64>) -> SettingsResponse {
        let mut status = self.status.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |status: &SettingsStatus| Some(status.generation) != newer_than;
        match status.wait_for(is_news).await {
            Ok(status) => SettingsResponse::Status(status.clone()),
            // The sender lives in `self`.
            Err(_) => SettingsResponse::Status(self.status.borrow().clone()),
        }
    }

    /// Changes something, after what was due before.
    async fn change<T>(&self, change: impl FnOnce(&mut Store, Moment) -> T) -> T {
        let mut store = self.store.lock().await;
        let now = (self.clock)();
        let unseen = store.unseen_changes();
        store.take_time(now);
        let result = change(&mut store, now);
        publish(&self.status, store.status(), store.unseen_changes() != unseen);
        result
    }
}

/// Waits until an address is in use; for ever when nobody says so.
async fn configured(network: &mut Option<watch::Receiver<Option<NetworkStatus>>>) {
    let is_up = |status: &Option<NetworkStatus>| {
        status.as_ref().is_some_and(|status| status.state == NetworkState::Configured)
    };
    if let Some(network) = network
        && network.wait_for(is_up).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

impl Service for SettingsService {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, peer: Peer, request: SettingsRequest) -> SettingsResponse {
        let is_allowed = match request {
            SettingsRequest::Status { .. } => peer.is_known(),
            SettingsRequest::Outbound => {
                [Role::Diagnostics, Role::Journal, Role::Channel].into_iter().any(|it| peer.is(it))
            }
            SettingsRequest::TakeFirst { .. } | SettingsRequest::EndFirstRegistration => {
                peer.is(Role::Guest)
            }
            _ => peer.is(Role::Web),
        };
        if !is_allowed {
            return SettingsResponse::Forbidden;
        }
        self.answer(request).await
    }
}

impl SettingsService {
    async fn answer(&self, request: SettingsRequest) -> SettingsResponse {
        match request {
            SettingsRequest::Status { newer_than } => self.status(newer_than).await,
            SettingsRequest::AdministratorHash => self.store.lock().await.administrator_hash(),
            SettingsRequest::CreateAdministrator { hash, deployment } => {
                self.change(|store, _| store.create_administrator(hash, deployment)).await
            }
            SettingsRequest::ReplaceAdministrator { expected, hash } => {
                self.change(|store, _| store.replace_administrator(&expected, hash)).await
            }
            SettingsRequest::Certificate => self.store.lock().await.certificate(),
            SettingsRequest::StoreCertificate { certificate } => {
                self.change(|store, _| store.store_certificate(certificate)).await
            }
            SettingsRequest::TryCertificate { certificate } => {
                self.change(|store, now| store.try_certificate(certificate, now)).await
            }
            SettingsRequest::ConfirmCertificate => {
                self.change(|store, _| store.confirm_certificate()).await
            }
            SettingsRequest::RevertCertificate => {
                let reason = RevertReason::Operator;
                self.change(|store, now| store.revert_certificate(reason, now)).await
            }
            SettingsRequest::TryNetwork { choice } => {
                self.change(|store, now| store.try_network(choice, now)).await
            }
            SettingsRequest::ConfirmNetwork => {
                self.change(|store, _| store.confirm_network()).await
            }
            SettingsRequest::RevertNetwork => {
                let reason = RevertReason::Operator;
                self.change(|store, now| store.revert_network(reason, now)).await
            }
            SettingsRequest::DismissReverted => {
                self.change(|store, _| store.dismiss_reverted()).await
            }
            SettingsRequest::KeepIdentity => self.change(|store, _| store.keep_identity()).await,
            SettingsRequest::Reset { keep_network } => {
                self.change(|store, _| store.reset(keep_network)).await
            }
            SettingsRequest::Outbound => self.store.lock().await.outbound(),
            SettingsRequest::AddProxy { location, user_name, password } => {
                let id = match new_id() {
                    Ok(id) => id,
                    Err(error) => return without_id(error),
                };
                self.change(|store, _| store.add_proxy(id, location, user_name, password)).await
            }
            SettingsRequest::UpdateProxy { id, location, user_name, password } => {
                self.change(|store, _| store.update_proxy(&id, location, user_name, password)).await
            }
            SettingsRequest::DeleteProxy { id } => {
                self.change(|store, _| store.delete_proxy(&id)).await
            }
            SettingsRequest::OrderProxies { ids } => {
                self.change(|store, _| store.order_proxies(&ids)).await
            }
            SettingsRequest::SetProxyBypass { rules, expected } => {
                self.change(|store, _| store.set_proxy_bypass(rules, expected.as_deref())).await
            }
            SettingsRequest::AddRoot { root } => self.change(|store, _| store.add_root(root)).await,
            SettingsRequest::DeleteRoot { id } => {
                self.change(|store, _| store.delete_root(&id)).await
            }
            SettingsRequest::SetSyslog { setting } => {
                self.change(|store, _| store.set_syslog(setting)).await
            }
            SettingsRequest::MetricsTokenHash => {
                let hash = self.store.lock().await.metrics_token_hash();
                SettingsResponse::MetricsTokenHash { hash }
            }
            SettingsRequest::SetMetricsToken { hash } => {
                self.change(|store, _| store.set_metrics_token(hash)).await
            }
            SettingsRequest::DeleteMetricsToken => {
                self.change(|store, _| store.delete_metrics_token()).await
            }
            SettingsRequest::StoreSigningRequest { signing_request } => {
                self.change(|store, _| store.store_signing_request(signing_request)).await
            }
            SettingsRequest::SigningRequest => {
                let request = self.store.lock().await.signing_request();
                SettingsResponse::SigningRequest { request }
            }
            SettingsRequest::DeleteSigningRequest => {
                self.change(|store, _| store.delete_signing_request()).await
            }
            SettingsRequest::TakeFirst { first } => {
                let ids: Result<Vec<_>, _> = first.proxies.iter().map(|_| new_id()).collect();
                match ids {
                    Ok(ids) => self.change(|store, now| store.take_first(first, ids, now)).await,
                    Err(error) => without_id(error),
                }
            }
            SettingsRequest::EndFirstRegistration => {
                self.change(|store, _| store.end_first_registration()).await
            }
        }
    }
}

fn without_id(error: getrandom::Error) -> SettingsResponse {
    SettingsResponse::Failed { reason: format!("there is no randomness for an id: {error}") }
}

/// A random UUID (RFC 9562, section 5.4).
fn new_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let random = u128::from_be_bytes(bytes);
    let uuid = random & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{uuid:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    Ok(parts.join("-"))
}

#[cfg(test)]
mod tests;
