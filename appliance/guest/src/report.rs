//! Tells the cloud that the machine serves, or that it needs a person.

use bus::follow;
use model::guest::FirstState;
use model::network::NetworkStatus;
use model::supervision::{InitRequest, InitStatus, RoleState};
use platform::goal_state::Health;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::board::{Board, Published};
use crate::first::await_network;
use crate::metadata::Cloud;

/// Reports once in each start, as soon as all roles work and it is known what became of the first settings.
/// Settings that cannot be used are a failure: whoever rolls machines out has to know.
pub(crate) async fn report(
    cloud: Cloud,
    init: String,
    mut network: watch::Receiver<Option<NetworkStatus>>,
    board: Board,
) {
    await_network(&mut network).await;
    let mut status = follow::<InitRequest>(init);
    let is_ready = |status: &Option<InitStatus>| {
        let is_ready =
            |roles: &InitStatus| roles.roles.iter().all(|it| it.state == RoleState::Ready);
        status.as_ref().is_some_and(is_ready)
    };
    let mut first = board.subscribe();
    let is_known = |(_, status): &Published| status.first != FirstState::Looking;
    if status.wait_for(is_ready).await.is_err() || first.wait_for(is_known).await.is_err() {
        // Following ends only with its receiver, and the board is kept here.
        return;
    }
    let health = health(&first.borrow().1.first);
    match cloud.report(&health).await {
        Ok(()) => info!(?health, "The cloud knows how the machine is"),
        Err(error) => warn!(%error, "The cloud cannot be told how the machine is"),
    }
}

fn health(first: &FirstState) -> Health {
    match first {
        FirstState::Refused { reason, .. } | FirstState::NotStored { reason, .. } => {
            Health::Failed { description: format!("The first settings are not used: {reason}") }
        }
        FirstState::Looking
        | FirstState::None
        | FirstState::Taken
        | FirstState::Registering { .. }
        | FirstState::Unreachable { .. } => Health::Ready,
    }
}
