//! Answers about domains.

use std::sync::Arc;

use bus::{DirectoryRequest, DirectoryResponse, Peer, Service};
use model::domain::lookup::Lookup;
use model::role::Role;

use crate::board::Published;
use crate::domains::{Domains, JoinError};

/// Tells every role the status, and works for the web role.
pub(crate) struct DirectoryService {
    pub(crate) domains: Arc<Domains>,
}

impl Service for DirectoryService {
    type Request = DirectoryRequest;
    type Response = DirectoryResponse;

    async fn call(&self, peer: Peer, request: DirectoryRequest) -> DirectoryResponse {
        match request {
            DirectoryRequest::Status { newer_than } if peer.is_known() => {
                self.tell(newer_than).await
            }
            // The cloud looks up as well, and does nothing else.
            DirectoryRequest::Lookup { lookup } if peer.is(Role::Channel) => {
                self.look_up(&lookup).await
            }
            _ if !peer.is(Role::Web) => DirectoryResponse::Forbidden,
            DirectoryRequest::Status { .. } => DirectoryResponse::Forbidden,
            DirectoryRequest::Check { domain, dns_servers } => {
                let number = self.domains.begin_check(domain, dns_servers);
                DirectoryResponse::Begun { number }
            }
            DirectoryRequest::Join { join } => done(self.domains.join(&join).await),
            DirectoryRequest::Leave { domain, credentials } => {
                match self.domains.leave(&domain, credentials.as_ref()).await {
                    Ok(machine) => {
                        let is_deleted = credentials.is_some();
                        DirectoryResponse::Left { machine, is_deleted, failure: None }
                    }
                    Err(JoinError::Busy) => DirectoryResponse::Conflict,
                    Err(JoinError::Failed(failure)) => DirectoryResponse::Failed { failure },
                }
            }
            DirectoryRequest::Validate { domain } => match self.domains.validate(&domain).await {
                Ok(validation) => DirectoryResponse::Validated { validation },
                Err(failure) => DirectoryResponse::Failed { failure },
            },
            DirectoryRequest::ChangePassword { domain } => {
                let changed = self.domains.change_password(&domain).await;
                done(changed.map_err(JoinError::Failed))
            }
            DirectoryRequest::Forget => match self.domains.forget_all().await {
                Ok(()) => DirectoryResponse::Done,
                Err(failure) => DirectoryResponse::Failed { failure },
            },
            DirectoryRequest::Lookup { lookup } => self.look_up(&lookup).await,
        }
    }
}

impl DirectoryService {
    async fn look_up(&self, lookup: &Lookup) -> DirectoryResponse {
        match self.domains.lookup(lookup).await {
            Ok(page) => DirectoryResponse::Page { page },
            Err(failure) => DirectoryResponse::Failed { failure },
        }
    }

    async fn tell(&self, newer_than: Option<u64>) -> DirectoryResponse {
        let mut status = self.domains.board.subscribe();
        // Another generation, not only a higher one: the asker may have seen one of the process
        // before this one.
        let is_news = |(generation, _): &Published| Some(*generation) != newer_than;
        // Without a sender the role is about to end; what was last known is the answer.
        let _ = status.wait_for(is_news).await;
        let (generation, status) = status.borrow().clone();
        DirectoryResponse::Status { generation, status }
    }
}

fn done(result: Result<(), JoinError>) -> DirectoryResponse {
    match result {
        Ok(()) => DirectoryResponse::Done,
        Err(JoinError::Busy) => DirectoryResponse::Conflict,
        Err(JoinError::Failed(failure)) => DirectoryResponse::Failed { failure },
    }
}

#[cfg(test)]
mod tests {
    use model::domain::DomainName;
    use model::domain::failure::DomainFailure;
    use model::domain::lookup::{LookupKey, ObjectKind};
    use tokio::sync::watch;

    use super::*;
    use crate::clock::Clock;
    use crate::store::Store;

    #[tokio::test]
    async fn every_role_may_look_and_only_web_may_ask_for_work() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().to_owned());
        let own_dns = watch::channel(Vec::new()).1;
        let domains = Domains::open(store, Clock::default(), own_dns).unwrap();
        let service = DirectoryService { domains };
        let domain = DomainName::parse("corp.example.com").unwrap();
        for peer in [Peer::Role(Role::Console), Peer::Role(Role::Diagnostics), Peer::Other(1000)] {
            let status = service.call(peer, DirectoryRequest::Status { newer_than: None }).await;
            assert_eq!(status == DirectoryResponse::Forbidden, !peer.is_known());
            let validate = DirectoryRequest::Validate { domain: domain.clone() };
            assert_eq!(service.call(peer, validate).await, DirectoryResponse::Forbidden);
        }
        let lookup = Lookup {
            domain: domain.clone(),
            kind: ObjectKind::User,
            key: LookupKey::AccountName,
            value: "ada".to_owned(),
            with_groups: false,
            cursor: None,
        };
        for (role, is_answered) in [(Role::Channel, true), (Role::Console, false)] {
            let lookup = DirectoryRequest::Lookup { lookup: lookup.clone() };
            let answer = service.call(Peer::Role(role), lookup).await;
            assert_eq!(answer != DirectoryResponse::Forbidden, is_answered, "{answer:?}");
        }
        let validate = DirectoryRequest::Validate { domain: domain.clone() };
        assert_eq!(
            service.call(Peer::Role(Role::Channel), validate.clone()).await,
            DirectoryResponse::Forbidden
        );
        let answer = service.call(Peer::Role(Role::Web), validate).await;
        assert_eq!(
            answer,
            DirectoryResponse::Failed { failure: DomainFailure::NotJoined { domain } }
        );
    }
}
