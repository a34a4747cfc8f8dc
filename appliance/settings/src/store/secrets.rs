//! The token for metrics, and the request for a certificate that waits for its answer.

use bus::{SettingsResponse, StoredSigningRequest};
use model::secret::Secret;
use tracing::{info, warn};

use super::{Store, done, failed};
use crate::error::in_one_line;
use crate::{metrics_token, signing_request};

impl Store {
    /// The hash of the token for metrics.
    pub(crate) fn metrics_token_hash(&self) -> Option<Secret> {
        self.metrics_token.clone()
    }

    /// Replaces the token for metrics.
    pub(crate) fn set_metrics_token(&mut self, hash: Secret) -> SettingsResponse {
        if !metrics_token::is_hash(&hash) {
            return failed("the hash of the token is not printable ASCII of the right length");
        }
        self.store_metrics_token(Some(hash))
    }

    /// Forgets the token for metrics.
    pub(crate) fn delete_metrics_token(&mut self) -> SettingsResponse {
        self.store_metrics_token(None)
    }

    fn store_metrics_token(&mut self, hash: Option<Secret>) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let result = metrics_token::store(&*self.files, hash.as_ref());
        done(self.noted(result).map(|()| {
            self.metrics_token = hash;
            self.unseen_changes += 1;
        }))
    }

    /// The request that waits for its answer.
    pub(crate) fn signing_request(&self) -> Option<StoredSigningRequest> {
        self.signing_request.clone()
    }

    /// Keeps a request in place of the one before.
    pub(crate) fn store_signing_request(
        &mut self,
        request: StoredSigningRequest,
    ) -> SettingsResponse {
        if !signing_request::fits(&request) {
            return failed("the request for a certificate is too large");
        }
        self.replace_signing_request(Some(request))
    }

    /// Forgets the request.
    pub(crate) fn delete_signing_request(&mut self) -> SettingsResponse {
        if self.signing_request.is_none() {
            return SettingsResponse::Conflict;
        }
        self.replace_signing_request(None)
    }

    fn replace_signing_request(
        &mut self,
        request: Option<StoredSigningRequest>,
    ) -> SettingsResponse {
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let result = signing_request::store(&*self.files, request.as_ref());
        done(self.noted(result).map(|()| {
            self.signing_request = request;
            self.unseen_changes += 1;
        }))
    }

    /// Forgets the request when the certificate that is stored has its key. A start does so too, so
    /// failing to does no harm.
    pub(super) fn forget_answered_request(&mut self) {
        let pending = self.signing_request.as_ref().zip(self.certificate.as_ref());
        let is_answered =
            |(request, certificate)| signing_request::is_answered_by(request, certificate);
        if !pending.is_some_and(is_answered) {
            return;
        }
        info!("The request for a certificate has its answer");
        self.signing_request = None;
        if self.obstacle.is_none()
            && let Err(error) = signing_request::store(&*self.files, None)
        {
            warn!(error = in_one_line(&error), "Cannot forget an answered request");
        }
    }
}
