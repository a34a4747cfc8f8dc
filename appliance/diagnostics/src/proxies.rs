//! Checks each proxy at once when it is added or changed, and every minute.
//!
//! Each proxy has a task of its own, so that one that does not answer holds up no other.

use std::sync::Arc;
use std::time::Duration;

use model::diagnostics::{PROXY_CHECK_SECONDS, ProxyHealth};
use model::outbound::{ProxyAccess, ProxyState};
use model::proxy::MAX_PROXIES;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::status::{Board, now};

const PAUSE: Duration = Duration::from_secs(PROXY_CHECK_SECONDS);
/// How many proxies are asked at the same time: all that can be stored.
const MAX_AT_ONCE: usize = MAX_PROXIES;

/// Proxies that can be checked.
pub(crate) trait Proxies: Send + Sync + 'static {
    /// The proxies in their order.
    fn list(&self) -> &[ProxyAccess];

    /// Checks the proxy with this id.
    fn check(&self, id: &str) -> impl Future<Output = ProxyState> + Send;
}

/// Keeps the state of each proxy on the board, until the settings are dropped. A new number in
/// `again` has all of them checked at once.
pub(crate) async fn watch_all<P: Proxies>(
    mut settings: watch::Receiver<Option<Arc<P>>>,
    again: watch::Receiver<u64>,
    board: Board,
) {
    let places = Arc::new(Semaphore::new(MAX_AT_ONCE));
    let mut watched: Vec<Watched> = Vec::new();
    loop {
        let current = settings.borrow_and_update().clone();
        if let Some(current) = current {
            let mut before = std::mem::take(&mut watched);
            let (mut kept, mut added) = (Vec::new(), Vec::new());
            for access in current.list() {
                match before.iter().position(|watched| is_same(&watched.access, access)) {
                    Some(position) => kept.push(before.swap_remove(position)),
                    None => added.push(access.clone()),
                }
            }
            // Tasks of proxies that are gone or changed must not speak any more.
            drop(before);
            let is_kept = |id: &str| kept.iter().any(|watched| watched.access.id == id);
            board.change(|status| {
                let earlier = std::mem::take(&mut status.proxies);
                let entry = |access: &ProxyAccess| {
                    let known = earlier.iter().find(|proxy| proxy.id == access.id);
                    let known = known.filter(|proxy| is_kept(&proxy.id)).cloned();
                    known.unwrap_or_else(|| unknown(access))
                };
                status.proxies = current.list().iter().map(entry).collect();
            });
            let task = |access: ProxyAccess| {
                let checks = check_for_ever(
                    access.clone(),
                    settings.clone(),
                    again.clone(),
                    board.clone(),
                    Arc::clone(&places),
                );
                Watched { access, task: tokio::spawn(checks) }
            };
            watched = kept;
            watched.extend(added.into_iter().map(task));
        }
        if settings.changed().await.is_err() {
            return;
        }
    }
}

/// A proxy and the task that checks it, which ends with it.
struct Watched {
    access: ProxyAccess,
    task: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn check_for_ever<P: Proxies>(
    access: ProxyAccess,
    settings: watch::Receiver<Option<Arc<P>>>,
    mut again: watch::Receiver<u64>,
    board: Board,
    places: Arc<Semaphore>,
) {
    loop {
        again.borrow_and_update();
        let Some(current) = settings.borrow().clone() else { return };
        let Ok(place) = places.acquire().await else { return };
        let state = current.check(&access.id).await;
        drop(place);
        note(&board, &access, state);
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            // Without a sender nobody asks, and the minute goes on.
            Ok(()) = again.changed() => {}
        }
    }
}

/// Writes down what a check said.
pub(crate) fn note(board: &Board, access: &ProxyAccess, state: ProxyState) {
    let at = now();
    board.change(|status| {
        let is_meant =
            |proxy: &&mut ProxyHealth| proxy.id == access.id && proxy.location == access.location;
        let Some(proxy) = status.proxies.iter_mut().find(is_meant) else { return };
        if id(&proxy.state) != id(&state) {
            proxy.since = at;
            match &state {
                ProxyState::Unreachable { cause } => {
                    warn!(proxy = %access.location, error = %cause, "A proxy cannot be used");
                }
                _ => info!(proxy = %access.location, "A proxy can be used"),
            }
        }
        proxy.state = state;
        proxy.checked = Some(at);
    });
}

/// What makes a state another one: whether it works, and the kind of the cause.
const fn id(state: &ProxyState) -> &'static str {
    match state {
        ProxyState::Unknown => "unknown",
        ProxyState::Reachable { .. } => "reachable",
        ProxyState::Unreachable { cause } => cause.id(),
    }
}

fn unknown(access: &ProxyAccess) -> ProxyHealth {
    ProxyHealth {
        id: access.id.clone(),
        location: access.location.clone(),
        state: ProxyState::Unknown,
        since: now(),
        checked: None,
    }
}

/// Whether nothing that a check depends on is different.
fn is_same(one: &ProxyAccess, other: &ProxyAccess) -> bool {
    let password = |access: &ProxyAccess| access.password.as_ref().map(|it| it.expose().to_owned());
    one.id == other.id
        && one.location == other.location
        && one.user_name == other.user_name
        && password(one) == password(other)
}

#[cfg(test)]
mod tests;
