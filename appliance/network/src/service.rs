//! Answers about the network.

use bus::{AddressCheck, NetworkRequest, NetworkResponse, Peer, Service};
use model::role::Role;
use tokio::sync::{Mutex, watch};

use crate::arp::{Segment, check};
use crate::status::Published;

/// Tells every role the status, and web and diagnostics whether an address is free.
pub(crate) struct NetworkService {
    status: watch::Receiver<Published>,
    segment: watch::Receiver<Segment>,
    /// Held while an address is asked for: one at a time.
    is_checking: Mutex<()>,
}

impl NetworkService {
    pub(crate) fn new(
        status: watch::Receiver<Published>,
        segment: watch::Receiver<Segment>,
    ) -> Self {
        Self { status, segment, is_checking: Mutex::new(()) }
    }
}

impl Service for NetworkService {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, peer: Peer, request: NetworkRequest) -> NetworkResponse {
        match request {
            _ if !peer.is_known() => NetworkResponse::Forbidden,
            NetworkRequest::Status { newer_than } => self.tell(newer_than).await,
            NetworkRequest::CheckAddress { .. }
                if !peer.is(Role::Web) && !peer.is(Role::Diagnostics) =>
            {
                NetworkResponse::Forbidden
            }
            NetworkRequest::CheckAddress { address } => {
                let Ok(_turn) = self.is_checking.try_lock() else {
                    let reason = "another address is being checked".to_owned();
                    return NetworkResponse::AddressCheck(AddressCheck::Unknown { reason });
                };
                let segment = self.segment.borrow().clone();
                NetworkResponse::AddressCheck(check(segment, address).await)
            }
        }
    }
}

impl NetworkService {
    async fn tell(&self, newer_than: Option<u64>) -> NetworkResponse {
        let mut state = self.status.clone();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = state.wait_for(is_news).await;
        let (generation, status) = state.borrow().clone();
        NetworkResponse::Status { generation, status }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::status::channel;

    fn service() -> NetworkService {
        let segment = watch::Sender::new(Segment::default());
        NetworkService::new(channel().subscribe(), segment.subscribe())
    }

    #[tokio::test]
    async fn answers_roles_and_no_stranger() {
        let service = service();
        let status = NetworkRequest::Status { newer_than: None };
        let answer = service.call(Peer::Other(1000), status.clone()).await;
        assert_eq!(answer, NetworkResponse::Forbidden);
        let answer = service.call(Peer::Role(Role::Console), status).await;
        assert!(matches!(answer, NetworkResponse::Status { generation: 1, .. }));
    }

    #[tokio::test]
    async fn only_web_and_diagnostics_may_have_an_address_checked() {
        let service = service();
        let ask = |address| NetworkRequest::CheckAddress { address };
        let address = Ipv4Addr::new(10, 0, 2, 9);
        for peer in [Peer::Other(1000), Peer::Role(Role::Console), Peer::Role(Role::Time)] {
            assert_eq!(service.call(peer, ask(address)).await, NetworkResponse::Forbidden);
        }
        for (address, reason) in [
            (address, "the machine has no network card"),
            (Ipv4Addr::LOCALHOST, "127.x.x.x is the machine itself"),
        ] {
            let reason = reason.to_owned();
            let wanted = NetworkResponse::AddressCheck(AddressCheck::Unknown { reason });
            for role in [Role::Web, Role::Diagnostics] {
                assert_eq!(service.call(Peer::Role(role), ask(address)).await, wanted);
            }
        }
    }
}
