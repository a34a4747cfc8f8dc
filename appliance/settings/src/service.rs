//! Who may ask what, and the answers.

use bus::{Peer, Service, SettingsRequest, SettingsResponse};
use model::role::Role;
use model::settings::SettingsStatus;
use tokio::sync::{Mutex, watch};

use crate::status::publish;
use crate::store::Store;

/// Answers the other roles. Changes wait for each other; each is answered when it is on the disk.
///
/// Writing happens on the reactor: files are small, the role has nothing else to do, and the status
/// that others follow would not change meanwhile.
pub(crate) struct SettingsService {
    store: Mutex<Store>,
    status: watch::Sender<SettingsStatus>,
}

impl SettingsService {
    /// A service over what has been read.
    pub(crate) fn new(store: Store) -> Self {
        let status = watch::Sender::new(store.status());
        Self { store: Mutex::new(store), status }
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

    async fn change(
        &self,
        change: impl FnOnce(&mut Store) -> SettingsResponse,
    ) -> SettingsResponse {
        let mut store = self.store.lock().await;
        let response = change(&mut store);
        publish(&self.status, store.status());
        response
    }
}

impl Service for SettingsService {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, peer: Peer, request: SettingsRequest) -> SettingsResponse {
        let is_allowed = match request {
            SettingsRequest::Status { .. } => peer.is_known(),
            _ => peer.is(Role::Web),
        };
        if !is_allowed {
            return SettingsResponse::Forbidden;
        }
        match request {
            SettingsRequest::Status { newer_than } => self.status(newer_than).await,
            SettingsRequest::AdministratorHash => self.store.lock().await.administrator_hash(),
            SettingsRequest::CreateAdministrator { hash, deployment } => {
                self.change(|store| store.create_administrator(hash, deployment)).await
            }
            SettingsRequest::ReplaceAdministrator { expected, hash } => {
                self.change(|store| store.replace_administrator(&expected, hash)).await
            }
            SettingsRequest::Certificate => self.store.lock().await.certificate(),
            SettingsRequest::StoreCertificate { certificate } => {
                self.change(|store| store.store_certificate(certificate)).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bus::StoredCertificate;
    use model::fingerprint::{CertificateFacts, Fingerprint};

    use super::*;
    use crate::file_system::Directory;

    fn requests() -> Vec<SettingsRequest> {
        let secret = || "$hash".to_owned().into();
        let facts = CertificateFacts {
            sha1: Fingerprint::new(&[]),
            sha256: Fingerprint::new(&[]),
            names: Vec::new(),
            not_before: 0,
            not_after: 0,
        };
        let certificate = StoredCertificate { chain_pem: String::new(), key_pem: secret(), facts };
        vec![
            SettingsRequest::AdministratorHash,
            SettingsRequest::CreateAdministrator { hash: secret(), deployment: None },
            SettingsRequest::ReplaceAdministrator { expected: secret(), hash: secret() },
            SettingsRequest::Certificate,
            SettingsRequest::StoreCertificate { certificate },
        ]
    }

    #[tokio::test]
    async fn secrets_are_for_the_web_role_alone() {
        let directory = tempfile::tempdir().expect("directory");
        let store = Store::open(Box::new(Directory::open(directory.path().to_owned())));
        let service = SettingsService::new(store);
        let others = [Role::Settings, Role::Network, Role::Console].map(Peer::Role);
        for peer in others.into_iter().chain([Peer::Other(1000)]) {
            for request in requests() {
                let answer = service.call(peer, request).await;
                assert!(matches!(answer, SettingsResponse::Forbidden), "{peer:?}: {answer:?}");
            }
        }
        for request in requests() {
            let answer = service.call(Peer::Role(Role::Web), request).await;
            assert!(!matches!(answer, SettingsResponse::Forbidden), "{answer:?}");
        }
    }

    #[tokio::test]
    async fn the_status_is_for_every_role_and_no_stranger() {
        let directory = tempfile::tempdir().expect("directory");
        let store = Store::open(Box::new(Directory::open(directory.path().to_owned())));
        let service = SettingsService::new(store);
        let status = SettingsRequest::Status { newer_than: None };
        for role in Role::ALL {
            let answer = service.call(Peer::Role(role), status.clone()).await;
            assert!(matches!(answer, SettingsResponse::Status(_)), "{answer:?}");
        }
        let answer = service.call(Peer::Other(1000), status).await;
        assert!(matches!(answer, SettingsResponse::Forbidden));
    }
}
