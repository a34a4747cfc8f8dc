//! The certificate in use.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bus::{BusError, Client, SettingsRequest, SettingsResponse, StoredCertificate};
use certificate::Description;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::network::NetworkStatus;
use model::role::Role;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::certificate::self_signed::{self, Subject};
use crate::certificate::{CertificateError, proof};
use crate::error::WebError;
use crate::listener;
use crate::state::now;

/// How long the first start waits for an address to write into the certificate.
const ADDRESS_LIMIT: Duration = Duration::from_secs(5);
/// How long the start waits for the settings role.
const SETTINGS_LIMIT: Duration = Duration::from_secs(30);
/// Pause before the settings role is asked again.
const SETTINGS_PAUSE: Duration = Duration::from_millis(100);

/// A certificate that can be served.
#[derive(Debug)]
pub(crate) struct Active {
    /// What is shown of it everywhere.
    pub(crate) facts: CertificateFacts,
    /// What is shown of it where there is room.
    pub(crate) description: Description,
    /// The certificate of the server itself.
    pub(crate) leaf: CertificateDer<'static>,
    /// TLS with it, which no other certificate shares.
    pub(crate) tls: Arc<ServerConfig>,
    /// Counts the certificates of this process, so that each connection knows its own.
    pub(crate) number: u64,
    /// Chain and key.
    pub(crate) stored: StoredCertificate,
}

impl Active {
    /// Checks a certificate and makes it ready for use.
    pub(crate) fn new(stored: StoredCertificate, number: u64) -> Result<Self, CertificateError> {
        let chain = CertificateDer::pem_slice_iter(stored.chain_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(CertificateError::Pem)?;
        let leaf = chain.first().ok_or(CertificateError::Empty)?.clone();
        if Fingerprint::new(&Sha256::digest(&leaf)) != stored.facts.sha256 {
            return Err(CertificateError::Fingerprint);
        }
        let (_, description) = certificate::describe(&leaf).ok_or(CertificateError::Damaged)?;
        let key = PrivateKeyDer::from_pem_slice(stored.key_pem.expose().as_bytes())
            .map_err(CertificateError::Pem)?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(CertificateError::Key)?;
        let tls =
            listener::tls(Arc::new(SingleCertAndKey::from(key))).map_err(CertificateError::Key)?;
        proof::prove(&tls, &leaf)?;
        Ok(Self { facts: stored.facts.clone(), description, leaf, tls, number, stored })
    }
}

/// The certificate in use, and what changes it.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(super) settings: Client,
    active: watch::Sender<Arc<Active>>,
    /// Held while the certificate changes.
    pub(super) changing: Mutex<()>,
}

impl Certificates {
    /// Loads the certificate, or makes the first one.
    pub(crate) async fn load_or_make(
        settings: Client,
        network: watch::Receiver<Option<NetworkStatus>>,
    ) -> Result<Self, WebError> {
        let stored = load(&settings).await?.and_then(|stored| {
            Active::new(stored, 0)
                .inspect_err(|error| {
                    warn!(%error, "The stored certificate is unusable; a new one is made");
                })
                .ok()
        });
        let active = match stored {
            Some(active) => active,
            None => {
                let subject = subject(network).await;
                let made = self_signed::make(&subject, now()).map_err(WebError::Certificate)?;
                store(&settings, made.clone()).await;
                Active::new(made, 0).map_err(WebError::Certificate)?
            }
        };
        let active = watch::Sender::new(Arc::new(active));
        Ok(Self { settings, active, changing: Mutex::default() })
    }

    /// The certificate in use.
    pub(crate) fn active(&self) -> Arc<Active> {
        Arc::clone(&self.active.borrow())
    }

    /// Follows which certificate is in use.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Active>> {
        self.active.subscribe()
    }

    /// What is shown of the certificate in use.
    pub(crate) fn facts(&self) -> CertificateFacts {
        self.active.borrow().facts.clone()
    }

    /// Makes a certificate ready that is to follow the one in use.
    pub(super) fn prepare(&self, stored: StoredCertificate) -> Result<Active, CertificateError> {
        let number = self.active.borrow().number + 1;
        Active::new(stored, number)
    }

    /// Serves new connections with another certificate.
    pub(super) fn adopt(&self, active: Active) {
        info!(sha1 = %active.facts.sha1, "Another certificate is in use");
        self.active.send_replace(Arc::new(active));
    }

    /// Takes over what the settings role holds. Without an answer the one in use stays.
    pub(super) async fn reload(&self) {
        let _changing = self.changing.lock().await;
        match self.settings.call(&SettingsRequest::Certificate).await {
            Ok(SettingsResponse::Certificate { certificate: Some(stored) }) => {
                if stored.chain_pem == self.active().stored.chain_pem {
                    return;
                }
                match self.prepare(stored) {
                    Ok(active) => self.adopt(active),
                    Err(error) => warn!(%error, "The stored certificate is unusable"),
                }
            }
            // A settings role that could not read its disk after a restart.
            Ok(SettingsResponse::Certificate { certificate: None }) => {
                store(&self.settings, self.active().stored.clone()).await;
            }
            Ok(_) => warn!("The settings role does not hand out the certificate"),
            Err(error) => warn!(%error, "Cannot ask for the certificate"),
        }
    }
}

/// Asks for the stored certificate until the settings role answers.
async fn load(settings: &Client) -> Result<Option<StoredCertificate>, WebError> {
    let start = Instant::now();
    loop {
        match settings.call(&SettingsRequest::Certificate).await {
            Ok(SettingsResponse::Certificate { certificate }) => return Ok(certificate),
            Ok(_) => return Err(WebError::Settings(refused())),
            Err(error) if start.elapsed() > SETTINGS_LIMIT => {
                return Err(WebError::Settings(error));
            }
            Err(_) => sleep(SETTINGS_PAUSE).await,
        }
    }
}

fn refused() -> BusError {
    let source = io::Error::new(io::ErrorKind::PermissionDenied, "the role does not allow it");
    BusError::Io { path: Role::Settings.socket_path(), source }
}

/// Stores a certificate that was made here. If that fails the appliance works with it until the next
/// start, and the settings role says what is wrong.
pub(super) async fn store(settings: &Client, certificate: StoredCertificate) -> bool {
    let facts = certificate.facts.clone();
    match settings.call(&SettingsRequest::StoreCertificate { certificate }).await {
        Ok(SettingsResponse::Done) => {
            info!(sha1 = %facts.sha1, "A certificate has been made");
            return true;
        }
        Ok(SettingsResponse::Failed { reason }) => {
            warn!(error = reason, "Cannot store the certificate");
        }
        Ok(_) => warn!("The settings role does not take the certificate"),
        Err(error) => warn!(%error, "Cannot store the certificate"),
    }
    false
}

/// What the certificate is made for; waits some time for an address.
async fn subject(mut network: watch::Receiver<Option<NetworkStatus>>) -> Subject {
    let has_address = |status: &Option<NetworkStatus>| {
        status.as_ref().is_some_and(|status| status.address.is_some())
    };
    if timeout(ADDRESS_LIMIT, network.wait_for(has_address)).await.is_err() {
        warn!("There is no address yet; the certificate names the host only");
    }
    let status = network.borrow();
    Subject::of(status.as_ref())
}

#[cfg(test)]
mod tests {
    use model::secret::Secret;

    use super::*;

    fn made() -> StoredCertificate {
        self_signed::make(&Subject::of(None), 0).unwrap()
    }

    #[test]
    fn refuses_a_damaged_one() {
        let (good, other) = (made(), made());
        let damaged = [
            StoredCertificate { chain_pem: String::new(), ..good.clone() },
            StoredCertificate { chain_pem: other.chain_pem.clone(), ..good.clone() },
            StoredCertificate { key_pem: other.key_pem.clone(), ..good.clone() },
            StoredCertificate { key_pem: Secret::new("key".into()), ..good },
        ];
        for stored in damaged {
            assert!(Active::new(stored, 0).is_err());
        }
    }
}
