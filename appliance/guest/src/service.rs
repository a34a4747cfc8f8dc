//! Answers about the platform.

use bus::{GuestRequest, GuestResponse, Peer, Service};

use crate::board::{Board, Published};

/// Tells every role the status.
pub(crate) struct GuestService(pub(crate) Board);

impl Service for GuestService {
    type Request = GuestRequest;
    type Response = GuestResponse;

    async fn call(&self, peer: Peer, request: GuestRequest) -> GuestResponse {
        let GuestRequest::Status { newer_than } = request;
        if !peer.is_known() {
            return GuestResponse::Forbidden;
        }
        let mut status = self.0.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = status.wait_for(is_news).await;
        let (generation, status) = status.borrow().clone();
        GuestResponse::Status { generation, status }
    }
}
