//! The certificate of the admin page, stored and on trial.

use bus::{SettingsResponse, StoredCertificate};
use model::settings::{CertificateTrial as Report, RevertReason};
use tracing::info;

use super::{Store, done, failed};
use crate::certificate;
use crate::certificate_trial::{self, CertificateTrial};
use crate::moment::Moment;

const TOO_LARGE: &str = "the certificate chain is too large";

impl Store {
    /// The certificate in use, with its key.
    pub(crate) fn certificate(&self) -> SettingsResponse {
        SettingsResponse::Certificate { certificate: self.certificate_in_use().cloned() }
    }

    /// Replaces the certificate for good; ends a trial. The first one is in use even when the disk
    /// does not take it: without any there is no page that could say what is wrong.
    pub(crate) fn store_certificate(&mut self, certificate: StoredCertificate) -> SettingsResponse {
        if !certificate::fits(&certificate) {
            return failed(TOO_LARGE);
        }
        let stored = self.can_store().and_then(|()| {
            let result = certificate::store(&*self.files, &certificate);
            self.noted(result)
        });
        if stored.is_ok() || self.certificate.is_none() {
            self.certificate = Some(certificate);
        }
        done(stored.map(|()| {
            self.end_certificate_trial();
            self.certificate_reverted = None;
            self.forget_answered_request();
        }))
    }

    /// Puts a certificate into use on trial.
    pub(crate) fn try_certificate(
        &mut self,
        tried: StoredCertificate,
        now: Moment,
    ) -> SettingsResponse {
        if !certificate::fits(&tried) {
            return failed(TOO_LARGE);
        }
        if self.certificate.is_none() {
            return failed("there is no certificate yet that could return");
        }
        if let Err(reason) = self.can_store() {
            return SettingsResponse::Failed { reason };
        }
        let result = CertificateTrial::begin(&*self.files, tried, now);
        done(self.noted(result).map(|trial| {
            self.certificate_trial = Some(trial);
            self.certificate_reverted = None;
        }))
    }

    /// Keeps the certificate that is on trial.
    pub(crate) fn confirm_certificate(&mut self) -> SettingsResponse {
        match &self.certificate_trial {
            None => SettingsResponse::Conflict,
            Some(trial) => self.store_certificate(trial.tried.clone()),
        }
    }

    /// Takes the certificate that is on trial back.
    pub(crate) fn revert_certificate(
        &mut self,
        reason: RevertReason,
        now: Moment,
    ) -> SettingsResponse {
        let Some(trial) = self.end_certificate_trial() else {
            return SettingsResponse::Conflict;
        };
        self.certificate_reverted = Some(trial.reverted(now, reason));
        info!(?reason, "The certificate has been taken back");
        SettingsResponse::Done
    }

    pub(super) fn end_overdue_certificate_trial(&mut self, now: Moment) {
        if self.certificate_trial.as_ref().is_some_and(|trial| trial.until <= now.uptime_ms) {
            self.revert_certificate(RevertReason::NotConfirmed, now);
        }
    }

    pub(super) fn certificate_in_use(&self) -> Option<&StoredCertificate> {
        self.certificate_trial.as_ref().map(|trial| &trial.tried).or(self.certificate.as_ref())
    }

    pub(super) fn certificate_trial_status(&self) -> Option<Report> {
        let running = self.certificate_trial.as_ref().zip(self.certificate.as_ref());
        running
            .map(|(trial, previous)| trial.status(&previous.facts))
            .or_else(|| self.certificate_reverted.clone())
    }

    fn end_certificate_trial(&mut self) -> Option<CertificateTrial> {
        let trial = self.certificate_trial.take()?;
        if self.obstacle.is_none() {
            certificate_trial::forget(&*self.files);
        }
        Some(trial)
    }
}
