//! Answers about the network.

use bus::{NetworkRequest, NetworkResponse, Peer, Service};
use tokio::sync::watch;

use crate::status::Published;

/// Tells every role the status.
pub(crate) struct NetworkService(pub(crate) watch::Receiver<Published>);

impl Service for NetworkService {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, peer: Peer, request: NetworkRequest) -> NetworkResponse {
        if !peer.is_known() {
            return NetworkResponse::Forbidden;
        }
        let NetworkRequest::Status { newer_than } = request;
        let mut state = self.0.clone();
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
    use model::role::Role;

    use super::*;
    use crate::status::channel;

    #[tokio::test]
    async fn answers_roles_and_no_stranger() {
        let sender = channel();
        let service = NetworkService(sender.subscribe());
        let status = NetworkRequest::Status { newer_than: None };
        let answer = service.call(Peer::Other(1000), status.clone()).await;
        assert_eq!(answer, NetworkResponse::Forbidden);
        let answer = service.call(Peer::Role(Role::Console), status).await;
        assert!(matches!(answer, NetworkResponse::Status { generation: 1, .. }));
    }
}
