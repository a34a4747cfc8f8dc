//! Changes of the certificate: handed in, made again, kept, taken back.

use std::sync::Arc;
use std::time::Duration;

use bus::{BusError, SettingsRequest, SettingsResponse, StoredCertificate, StoredSigningRequest};
use certificate::{Bundle, Input, SigningRequest};
use model::certificate::CertificateRefusal;
use model::error::chain;
use model::network::NetworkStatus;
use model::pkcs12::Pkcs12Refusal;
use model::secret::Secret;
use model::settings::{CertificateTrial, SettingsStatus};
use model::signing_request::{SigningRequestInput, SigningRequestRefusal};
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::certificate::active::{Active, Certificates, store};
use crate::certificate::error::CertificateError;
use crate::certificate::self_signed::{self, Subject};
use crate::state::now;

/// How long an address or name has to stay before the certificate is made again for it.
const REMAKE_PAUSE: Duration = Duration::from_secs(5);

/// How a new certificate is put into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commitment {
    /// For good.
    Final,
    /// Until it is kept, or until the trial ends and the previous one returns.
    Trial,
}

/// The certificate was not changed.
#[derive(Debug, Error)]
pub(crate) enum ChangeError {
    /// It is not usable.
    #[error("use what was handed in")]
    Refused(#[source] CertificateRefusal),
    /// The PKCS #12 file is not usable.
    #[error("use the file that was handed in")]
    File(#[source] Pkcs12Refusal),
    /// A signing request cannot be made as asked.
    #[error("make a signing request")]
    Request(#[source] SigningRequestRefusal),
    /// No signing request waits for its certificate.
    #[error("find a signing request")]
    NoRequest,
    /// There is no trial any more.
    #[error("find a trial under way")]
    NoTrial,
    /// The settings role does not answer.
    #[error("ask the settings role")]
    Settings(#[source] BusError),
    /// The settings role answers that it cannot.
    #[error("store the certificate: {0}")]
    NotStored(String),
    /// A self-signed one cannot be made.
    #[error("make a certificate")]
    Make(#[source] CertificateError),
    /// The check ended with a panic.
    #[error("wait for the check of a certificate")]
    Check(#[source] JoinError),
}

impl Certificates {
    /// Checks what is handed in, proves it, and puts it into use.
    pub(crate) async fn replace(
        &self,
        input: Input,
        commitment: Commitment,
    ) -> Result<Arc<Active>, ChangeError> {
        let now = now();
        // Opening an encrypted key takes up to a second of computing.
        let bundle = spawn_blocking(move || certificate::check(&input, now))
            .await
            .map_err(ChangeError::Check)?
            .map_err(ChangeError::Refused)?;
        self.put_into_use(stored(bundle), commitment).await
    }

    /// Checks a PKCS #12 file, proves what is in it, and puts it into use.
    pub(crate) async fn import(
        &self,
        file: Zeroizing<Vec<u8>>,
        passphrase: Secret,
        commitment: Commitment,
    ) -> Result<Arc<Active>, ChangeError> {
        let now = now();
        let bundle = spawn_blocking(move || certificate::check_pkcs12(&file, &passphrase, now))
            .await
            .map_err(ChangeError::Check)?
            .map_err(ChangeError::File)?;
        self.put_into_use(stored(bundle), commitment).await
    }

    /// Makes a key and a signing request for it, which wait for their certificate.
    pub(crate) async fn make_request(
        &self,
        input: SigningRequestInput,
    ) -> Result<StoredSigningRequest, ChangeError> {
        let now = now();
        let made = spawn_blocking(move || certificate::make_request(&input, now))
            .await
            .map_err(ChangeError::Check)?
            .map_err(ChangeError::Request)?;
        let SigningRequest { facts, request_pem, key_pem } = made;
        let request = StoredSigningRequest { facts, request_pem, key_pem };
        self.ask(SettingsRequest::StoreSigningRequest { signing_request: request.clone() }).await?;
        info!("A signing request has been made");
        Ok(request)
    }

    /// The signing request that waits for its certificate.
    pub(crate) async fn request(&self) -> Result<StoredSigningRequest, ChangeError> {
        let answer = self.settings.call(&SettingsRequest::SigningRequest).await;
        match answer.map_err(ChangeError::Settings)? {
            SettingsResponse::SigningRequest { request } => request.ok_or(ChangeError::NoRequest),
            SettingsResponse::Failed { reason } => Err(ChangeError::NotStored(reason)),
            _ => Err(ChangeError::NotStored("the settings role does not allow it".to_owned())),
        }
    }

    /// Forgets the signing request that waits, with its key.
    pub(crate) async fn drop_request(&self) -> Result<(), ChangeError> {
        match self.ask(SettingsRequest::DeleteSigningRequest).await {
            Err(ChangeError::NoTrial) => Err(ChangeError::NoRequest),
            outcome => outcome,
        }
    }

    /// Checks the certificate that was signed for the request that waits, proves it, and puts it into
    /// use.
    pub(crate) async fn install(
        &self,
        certificate: Secret,
        commitment: Commitment,
    ) -> Result<Arc<Active>, ChangeError> {
        let request = self.request().await?;
        let now = now();
        let check = move || certificate::check_signed(&certificate, &request.key_pem, now);
        let bundle = spawn_blocking(check)
            .await
            .map_err(ChangeError::Check)?
            .map_err(ChangeError::Refused)?;
        self.put_into_use(stored(bundle), commitment).await
    }

    /// Makes a self-signed certificate with a new key for the present address and names, and tries
    /// it.
    pub(crate) async fn renew_self_signed(
        &self,
        network: Option<&NetworkStatus>,
    ) -> Result<Arc<Active>, ChangeError> {
        let made = self_signed::make(&Subject::of(network), now()).map_err(ChangeError::Make)?;
        self.put_into_use(made, Commitment::Trial).await
    }

    /// Ends the trial by keeping the certificate in use.
    pub(crate) async fn keep(&self) -> Result<(), ChangeError> {
        self.ask(SettingsRequest::ConfirmCertificate).await?;
        info!("The new certificate is kept");
        Ok(())
    }

    /// Ends the trial by returning to the previous certificate.
    pub(crate) async fn revert(&self) -> Result<(), ChangeError> {
        let outcome = self.ask(SettingsRequest::RevertCertificate).await;
        self.reload().await;
        outcome
    }

    /// Follows what the settings role holds, and makes the appliance's own certificate again when
    /// it does not name the address or the host name in use. Does not end while the roles are
    /// followed.
    pub(crate) async fn follow(
        &self,
        mut settings: watch::Receiver<Option<SettingsStatus>>,
        mut network: watch::Receiver<Option<NetworkStatus>>,
    ) {
        let mut seen = None;
        let mut wanted: Option<(Subject, Instant)> = None;
        loop {
            let stated = settings
                .borrow_and_update()
                .as_ref()
                .map(|status| (status.certificate.clone(), status.certificate_trial.clone()));
            if stated.is_some() && stated != seen {
                self.reload().await;
                seen.clone_from(&stated);
            }
            let is_on_trial =
                matches!(stated, Some((_, Some(CertificateTrial::Running { .. }))) | None);
            let missed = if is_on_trial { None } else { self.missed(&network.borrow_and_update()) };
            wanted = missed.map(|subject| match wanted.take() {
                Some((same, at)) if same == subject => (subject, at),
                _ => (subject, Instant::now() + REMAKE_PAUSE),
            });
            let due = wanted.as_ref().map_or_else(Instant::now, |(_, at)| *at);
            tokio::select! {
                Ok(()) = settings.changed() => {}
                Ok(()) = network.changed() => {}
                () = sleep_until(due), if wanted.is_some() => {
                    if let Some((subject, _)) = wanted.take() {
                        self.remake(&subject).await;
                    }
                }
                else => return,
            }
        }
    }

    /// The present subject, when the certificate is our own and does not name all of it.
    fn missed(&self, network: &Option<NetworkStatus>) -> Option<Subject> {
        let active = self.active();
        let subject = Subject::of(network.as_ref());
        subject.address?;
        let is_named = |name: &String| active.facts.names.contains(name);
        let is_missed = !subject.names().iter().all(is_named);
        (is_missed && self_signed::is_own(&active.description)).then_some(subject)
    }

    /// Makes the appliance's own certificate again with the same key, for good.
    async fn remake(&self, subject: &Subject) {
        let _changing = self.changing.lock().await;
        let made = self_signed::remake(subject, &self.active().stored.key_pem, now())
            .and_then(|made| self.prepare(made));
        match made {
            // In use even when it cannot be stored: the next start makes it again.
            Ok(active) => {
                store(&self.settings, active.stored.clone()).await;
                self.adopt(active);
            }
            Err(error) => warn!(%error, "Cannot make the certificate again"),
        }
    }

    async fn put_into_use(
        &self,
        certificate: StoredCertificate,
        commitment: Commitment,
    ) -> Result<Arc<Active>, ChangeError> {
        let _changing = self.changing.lock().await;
        let active = self.prepare(certificate.clone()).map_err(|error| {
            ChangeError::Refused(CertificateRefusal::Handshake { reason: chain(&error) })
        })?;
        self.ask(match commitment {
            Commitment::Final => SettingsRequest::StoreCertificate { certificate },
            Commitment::Trial => SettingsRequest::TryCertificate { certificate },
        })
        .await?;
        self.adopt(active);
        Ok(self.active())
    }

    async fn ask(&self, request: SettingsRequest) -> Result<(), ChangeError> {
        match self.settings.call(&request).await.map_err(ChangeError::Settings)? {
            SettingsResponse::Done => Ok(()),
            SettingsResponse::Conflict => Err(ChangeError::NoTrial),
            SettingsResponse::Failed { reason } => Err(ChangeError::NotStored(reason)),
            _ => Err(ChangeError::NotStored("the settings role does not allow it".to_owned())),
        }
    }
}

fn stored(bundle: Bundle) -> StoredCertificate {
    let Bundle { chain_pem, key_pem, facts, .. } = bundle;
    StoredCertificate { chain_pem, key_pem, facts }
}
