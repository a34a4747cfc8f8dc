//! Answers about diagnostics.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bus::{DiagnosticsRequest, DiagnosticsResponse, Peer, ProxyCandidate, Service};
use model::outbound::ProxyAccess;
use model::role::Role;

use crate::dialing::Settings;
use crate::prechecks::Prechecks;
use crate::probe::{Prober, Started};
use crate::proxies;
use crate::reporting::Reporter;
use crate::status::{Board, Published};

/// Tells every role the status, and works for the web role.
pub(crate) struct DiagnosticsService {
    pub(crate) board: Board,
    pub(crate) settings: Settings,
    pub(crate) prober: Arc<Prober>,
    pub(crate) prechecks: Arc<Prechecks>,
    pub(crate) reporter: Reporter,
}

impl Service for DiagnosticsService {
    type Request = DiagnosticsRequest;
    type Response = DiagnosticsResponse;

    async fn call(&self, peer: Peer, request: DiagnosticsRequest) -> DiagnosticsResponse {
        match request {
            DiagnosticsRequest::Status { newer_than } if peer.is_known() => {
                self.tell(newer_than).await
            }
            // The cloud may want them as well.
            DiagnosticsRequest::RunPrechecks if peer.is(Role::Channel) => {
                self.run_prechecks().await
            }
            _ if !peer.is(Role::Web) => DiagnosticsResponse::Forbidden,
            DiagnosticsRequest::Status { .. } => DiagnosticsResponse::Forbidden,
            DiagnosticsRequest::StartProbe { probe } => match self.prober.start(probe).await {
                Started::Yes(number) => DiagnosticsResponse::Begun { number },
                Started::Busy => DiagnosticsResponse::Conflict,
                Started::NoSuchProxy => DiagnosticsResponse::UnknownProxy,
            },
            DiagnosticsRequest::StopProbe => done_or_conflict(self.prober.stop().await),
            DiagnosticsRequest::RunPrechecks => self.run_prechecks().await,
            DiagnosticsRequest::CheckProxy { proxy } => self.check_proxy(proxy).await,
            DiagnosticsRequest::Report { .. } => DiagnosticsResponse::Failed {
                reason: "the report is asked for together with its file".to_owned(),
            },
        }
    }

    async fn call_with_file(
        &self,
        peer: Peer,
        request: DiagnosticsRequest,
    ) -> (DiagnosticsResponse, Option<OwnedFd>) {
        match request {
            DiagnosticsRequest::Report { mask } if peer.is(Role::Web) || peer.is(Role::Channel) => {
                self.reporter.make(mask).await
            }
            request => (self.call(peer, request).await, None),
        }
    }
}

impl DiagnosticsService {
    async fn tell(&self, newer_than: Option<u64>) -> DiagnosticsResponse {
        let mut status = self.board.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = status.wait_for(is_news).await;
        let (generation, status) = status.borrow().clone();
        DiagnosticsResponse::Status { generation, status }
    }

    async fn run_prechecks(&self) -> DiagnosticsResponse {
        match self.prechecks.start().await {
            Some(number) => DiagnosticsResponse::Begun { number },
            None => DiagnosticsResponse::Conflict,
        }
    }

    async fn check_proxy(&self, candidate: ProxyCandidate) -> DiagnosticsResponse {
        let Some(dialing) = self.settings.current().await else {
            let reason = "the settings are not known yet".to_owned();
            return DiagnosticsResponse::Failed { reason };
        };
        let access = match candidate {
            ProxyCandidate::Stored { id } => match dialing.proxy(&id) {
                Some(access) => access.clone(),
                None => return DiagnosticsResponse::UnknownProxy,
            },
            ProxyCandidate::New { location, user_name, password } => {
                ProxyAccess { id: String::new(), location, user_name, password }
            }
        };
        let state = dialing.check_quickly(&access).await;
        if !access.id.is_empty() {
            proxies::note(&self.board, &access, state.clone());
        }
        DiagnosticsResponse::ProxyCheck { proxy: state }
    }
}

const fn done_or_conflict(is_done: bool) -> DiagnosticsResponse {
    if is_done { DiagnosticsResponse::Done } else { DiagnosticsResponse::Conflict }
}

#[cfg(test)]
mod tests {
    use bus::Client;

    use super::*;
    use crate::task::DiagnosticsConfig;

    fn service() -> DiagnosticsService {
        let (board, config) = (Board::new(), DiagnosticsConfig::appliance());
        let settings = Settings::unknown();
        let prechecks = Arc::new(Prechecks::new(&config, board.clone(), settings.clone()));
        DiagnosticsService {
            prober: Arc::new(Prober::new(board.clone(), settings.clone(), Client::new("/none"))),
            reporter: Reporter::new(&config, board.clone(), Arc::clone(&prechecks)),
            board,
            settings,
            prechecks,
        }
    }

    #[tokio::test]
    async fn every_role_may_look_and_only_web_may_ask_for_work() {
        let service = service();
        let status = DiagnosticsRequest::Status { newer_than: None };
        let answer = service.call(Peer::Role(Role::Console), status.clone()).await;
        assert!(matches!(answer, DiagnosticsResponse::Status { generation: 1, .. }));
        assert_eq!(service.call(Peer::Other(1000), status).await, DiagnosticsResponse::Forbidden);
        for peer in [Peer::Other(1000), Peer::Role(Role::Console), Peer::Role(Role::Journal)] {
            for request in [
                DiagnosticsRequest::StopProbe,
                DiagnosticsRequest::RunPrechecks,
                DiagnosticsRequest::Report { mask: false },
                DiagnosticsRequest::CheckProxy {
                    proxy: ProxyCandidate::Stored { id: "1".to_owned() },
                },
            ] {
                let (answer, file) = service.call_with_file(peer, request).await;
                assert_eq!(answer, DiagnosticsResponse::Forbidden);
                assert!(file.is_none());
            }
        }
        let probe = DiagnosticsRequest::StopProbe;
        let channel = Peer::Role(Role::Channel);
        assert_eq!(service.call(channel, probe).await, DiagnosticsResponse::Forbidden);
        let prechecks = service.call(channel, DiagnosticsRequest::RunPrechecks).await;
        assert!(matches!(prechecks, DiagnosticsResponse::Begun { .. }), "{prechecks:?}");
        let web = Peer::Role(Role::Web);
        let answer = service.call(web, DiagnosticsRequest::StopProbe).await;
        assert_eq!(answer, DiagnosticsResponse::Conflict);
    }
}
