//! Answers about the clock.

use std::sync::Arc;

use bus::{Peer, ServerCheck, Service, TimeRequest, TimeResponse};
use model::clock::ClockStatus;
use model::role::Role;
use tokio::sync::watch;

use crate::exchange;
use crate::system_clock::SystemClock;

/// A status and its generation.
pub(crate) type Published = (u64, ClockStatus);

/// Tells every role the status, and asks servers for the web and the diagnostics role.
pub(crate) struct ClockService {
    pub(crate) status: watch::Receiver<Published>,
    pub(crate) clock: Arc<dyn SystemClock>,
    pub(crate) port: u16,
}

impl Service for ClockService {
    type Request = TimeRequest;
    type Response = TimeResponse;

    async fn call(&self, peer: Peer, request: TimeRequest) -> TimeResponse {
        match request {
            TimeRequest::Status { newer_than } if peer.is_known() => {
                let mut state = self.status.clone();
                // Another generation, not only a higher one: the asker may have seen one of the
                // process before this one.
                let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
                // Without a sender the role is about to end; what was last known is the answer.
                let _ = state.wait_for(is_news).await;
                let (generation, status) = state.borrow().clone();
                TimeResponse::Status { generation, status }
            }
            TimeRequest::CheckServer { server }
                if peer.is(Role::Web) || peer.is(Role::Diagnostics) =>
            {
                let result = exchange::ask(&server, self.port, &*self.clock).await;
                TimeResponse::ServerCheck(match result {
                    Ok(_) => ServerCheck::Good,
                    Err(error) => ServerCheck::Bad { reason: error.in_one_line() },
                })
            }
            TimeRequest::Status { .. } | TimeRequest::CheckServer { .. } => TimeResponse::Forbidden,
        }
    }
}

/// Publishes a status under the next generation, if anything in it is new. Its trust holds since
/// now when it is another one.
pub(crate) fn publish(sender: &watch::Sender<Published>, mut status: ClockStatus) {
    sender.send_if_modified(|(generation, published)| {
        if std::mem::discriminant(&published.trust) == std::mem::discriminant(&status.trust) {
            status.since = published.since;
        }
        if *published == status {
            return false;
        }
        *generation += 1;
        *published = status;
        true
    });
}
