//! Answers about the trace.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bus::{CaptureRequest, CaptureResponse, Peer, Service};
use model::capture_status::TraceOrigin;
use model::role::Role;

use crate::keeper::{Keeper, Published};

/// Tells every role the status, and does what the web role and probes ask for.
pub(crate) struct CaptureService {
    pub(crate) keeper: Arc<Keeper>,
}

impl CaptureService {
    async fn status(&self, newer_than: Option<u64>) -> CaptureResponse {
        let mut state = self.keeper.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = state.wait_for(is_news).await;
        let (generation, state) = state.borrow().clone();
        CaptureResponse::Status { generation, status: self.keeper.status(state) }
    }
}

impl Service for CaptureService {
    type Request = CaptureRequest;
    type Response = CaptureResponse;

    async fn call(&self, peer: Peer, request: CaptureRequest) -> CaptureResponse {
        let is_web = peer.is(Role::Web);
        let may_record = is_web || peer.is(Role::Diagnostics);
        match request {
            CaptureRequest::Status { newer_than } if peer.is_known() => {
                self.status(newer_than).await
            }
            CaptureRequest::Start { order } if may_record => {
                let origin = if is_web { TraceOrigin::Operator } else { TraceOrigin::Probe };
                self.keeper.start(order, origin).await
            }
            CaptureRequest::Stop { id } if may_record => self.keeper.stop(&id).await,
            CaptureRequest::Delete { id } if is_web => self.keeper.delete(&id).await,
            CaptureRequest::File { id } if is_web => self.keeper.file(&id).0,
            _ => CaptureResponse::Forbidden,
        }
    }

    async fn call_with_file(
        &self,
        peer: Peer,
        request: CaptureRequest,
    ) -> (CaptureResponse, Option<OwnedFd>) {
        match request {
            CaptureRequest::File { id } if peer.is(Role::Web) => self.keeper.file(&id),
            request => (self.call(peer, request).await, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::capture::TraceOrder;
    use model::capture_status::TraceState;

    use super::*;
    use crate::store::Store;

    const ID: &str = "00112233445566ff";

    fn service() -> (tempfile::TempDir, CaptureService) {
        let directory = tempfile::tempdir().expect("directory");
        let store = Store::open(directory.path().join("capture"), 0).expect("store");
        // No packet socket, so that a start fails, which is no refusal of the peer.
        let socket = std::fs::File::open("/dev/null").expect("opened").into();
        (directory, CaptureService { keeper: Keeper::open(store, socket, 1 << 20) })
    }

    #[tokio::test]
    async fn only_web_and_probes_record_and_only_web_gets_files() {
        let (_directory, service) = service();
        let start = CaptureRequest::Start { order: TraceOrder::default() };
        let stop = CaptureRequest::Stop { id: ID.to_owned() };
        let delete = CaptureRequest::Delete { id: ID.to_owned() };
        let file = CaptureRequest::File { id: ID.to_owned() };
        for (role, may_record, may_have) in [
            (Role::Web, true, true),
            (Role::Diagnostics, true, false),
            (Role::Console, false, false),
            (Role::Journal, false, false),
        ] {
            for (request, is_allowed) in
                [(&start, may_record), (&stop, may_record), (&delete, may_have), (&file, may_have)]
            {
                let answer = service.call_with_file(Peer::Role(role), request.clone()).await;
                let is_forbidden = matches!(answer, (CaptureResponse::Forbidden, None));
                assert_eq!(is_forbidden, !is_allowed, "{role:?} {request:?}: {answer:?}");
            }
            let status = CaptureRequest::Status { newer_than: None };
            let answer = service.call(Peer::Role(role), status).await;
            assert!(matches!(answer, CaptureResponse::Status { .. }), "{role:?}: {answer:?}");
        }
        let status = CaptureRequest::Status { newer_than: None };
        let answer = service.call(Peer::Other(65_534), status).await;
        assert_eq!(answer, CaptureResponse::Forbidden);
    }

    #[tokio::test]
    async fn trace_that_cannot_start_says_why_and_leaves_nothing() {
        let (directory, service) = service();
        let start = CaptureRequest::Start { order: TraceOrder::default() };
        let answer = service.call(Peer::Role(Role::Web), start).await;
        let CaptureResponse::Refused(bus::StartRefusal::Failed { reason }) = answer else {
            panic!("{answer:?}")
        };
        assert!(reason.contains("packet socket"), "{reason}");
        let status = service.status(None).await;
        let CaptureResponse::Status { status, .. } = status else { panic!("{status:?}") };
        assert_eq!(status.state, TraceState::Idle);
        assert_eq!(std::fs::read_dir(directory.path().join("capture")).expect("read").count(), 0);
    }
}
