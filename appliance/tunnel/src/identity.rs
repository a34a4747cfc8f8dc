//! The inner TLS: who the cloud is to an appliance, and an appliance to the cloud.
//!
//! The cloud has an authority of its own. Its gateways show a certificate for [`CLOUD_NAME`] and
//! after it that of the authority; an appliance knows the authority by the hash of its public key, its
//! [`Pin`], from the registration. An appliance shows a certificate that the same authority made.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore,
    ServerConfig, SignatureScheme, version,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use crate::error::TunnelError;
use crate::{ALPN_CHANNEL, ALPN_REGISTRATION, CLOUD_NAME};

/// SHA-256 of a subject public key information (RFC 5280, 4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Of a certificate; `None` if it is none.
    #[must_use]
    pub fn of_certificate(certificate: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(certificate).ok()?;
        let key = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
        Some(Self::of_key(&key))
    }

    /// Of a subject public key information.
    #[must_use]
    pub fn of_key(information: &[u8]) -> Self {
        Self(Sha256::digest(information).into())
    }

    /// In base64, as it is stored and sent.
    #[must_use]
    pub fn to_base64(self) -> String {
        Base64::encode_string(&self.0)
    }

    /// Reads what [`Self::to_base64`] writes.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        Base64::decode_vec(text).ok()?.try_into().ok().map(Self)
    }
}

/// Whom an appliance believes to be the cloud.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Gateways of these authorities.
    Pinned(Vec<Pin>),
    /// Anybody: before the registration nothing is known. What is found is bound to the code that a
    /// person carries over, or to the secret of a secure client.
    FirstUse,
}

/// The certificate of one end and its key.
#[derive(Debug)]
pub struct Own {
    /// The certificate, and for the cloud the authority's after it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

/// What a registered appliance dials with.
///
/// # Errors
///
/// [`TunnelError::OwnCertificate`] if certificate and key do not fit.
pub fn appliance(trust: Trust, own: Own) -> Result<Arc<ClientConfig>, TunnelError> {
    let builder = client_builder(trust)?;
    let mut config =
        builder.with_client_auth_cert(own.chain, own.key).map_err(TunnelError::OwnCertificate)?;
    config.alpn_protocols = vec![ALPN_CHANNEL.to_vec()];
    Ok(Arc::new(without_resumption(config)))
}

/// What an appliance that is to be registered dials with.
///
/// # Errors
///
/// [`TunnelError::OwnCertificate`] if the build has no TLS 1.3.
pub fn applicant(trust: Trust) -> Result<Arc<ClientConfig>, TunnelError> {
    let mut config = client_builder(trust)?.with_no_client_auth();
    config.alpn_protocols = vec![ALPN_REGISTRATION.to_vec()];
    Ok(Arc::new(without_resumption(config)))
}

fn client_builder(
    trust: Trust,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, TunnelError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(CloudVerifier { trust, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(TunnelError::OwnCertificate)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier))
}

/// A link lasts for weeks: a ticket for the next one would be memory for nothing.
fn without_resumption(mut config: ClientConfig) -> ClientConfig {
    config.resumption = rustls::client::Resumption::disabled();
    config
}

/// What a gateway answers with; `authorities` are those that made certificates of appliances.
///
/// # Errors
///
/// [`TunnelError::OwnCertificate`] if certificate, key and authorities do not fit.
pub fn cloud(
    own: Own,
    authorities: &[CertificateDer<'static>],
) -> Result<Arc<ServerConfig>, TunnelError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.clone()).map_err(TunnelError::OwnCertificate)?;
    }
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .map_err(|error| {
                TunnelError::OwnCertificate(rustls::Error::General(error.to_string()))
            })?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(TunnelError::OwnCertificate)?
        .with_client_cert_verifier(Arc::new(ApplianceVerifier { verifier }))
        .with_single_cert(own.chain, own.key)
        .map_err(TunnelError::OwnCertificate)?;
    config.alpn_protocols = vec![ALPN_CHANNEL.to_vec(), ALPN_REGISTRATION.to_vec()];
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Shakes hands as the appliance; gives the pin of the authority that vouches for the cloud as well.
///
/// # Errors
///
/// [`TunnelError::Identity`] if the other side is not the cloud.
pub async fn connect<S>(
    config: Arc<ClientConfig>,
    stream: S,
) -> Result<(client::TlsStream<S>, Pin), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(CLOUD_NAME).map_err(|_| TunnelError::NoProtocol)?;
    let stream =
        TlsConnector::from(config).connect(name, stream).await.map_err(TunnelError::Identity)?;
    let (_, connection) = stream.get_ref();
    if connection.alpn_protocol().is_none() {
        return Err(TunnelError::NoProtocol);
    }
    let pin = connection
        .peer_certificates()
        .and_then(|chain| Pin::of_certificate(chain.last()?))
        .ok_or(TunnelError::NoProtocol)?;
    Ok((stream, pin))
}

/// Who the other side of a gateway's connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A registered appliance, with its certificate, which may have expired.
    Appliance(CertificateDer<'static>),
    /// An appliance that wants to be registered.
    Applicant,
}

/// Shakes hands as the cloud.
///
/// # Errors
///
/// [`TunnelError::Identity`] if the other side shows a certificate that the cloud's authorities did
/// not make, [`TunnelError::NoProtocol`] if it shows none where one is needed.
pub async fn accept<S>(
    config: Arc<ServerConfig>,
    stream: S,
) -> Result<(server::TlsStream<S>, Peer), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stream = TlsAcceptor::from(config).accept(stream).await.map_err(TunnelError::Identity)?;
    let (_, connection) = stream.get_ref();
    let certificate = connection.peer_certificates().and_then(|chain| chain.first());
    let peer = match (connection.alpn_protocol(), certificate) {
        (Some(protocol), Some(certificate)) if protocol == ALPN_CHANNEL => {
            Peer::Appliance(certificate.clone())
        }
        (Some(protocol), None) if protocol == ALPN_REGISTRATION => Peer::Applicant,
        _ => return Err(TunnelError::NoProtocol),
    };
    Ok((stream, peer))
}

/// Checks a gateway: its authority is one that is trusted, and has made its certificate.
#[derive(Debug)]
struct CloudVerifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for CloudVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let authority = intermediates.last().ok_or(CertificateError::UnknownIssuer)?;
        let pin = Pin::of_certificate(authority).ok_or(CertificateError::BadEncoding)?;
        if let Trust::Pinned(pins) = &self.trust
            && !pins.contains(&pin)
        {
            return Err(CertificateError::UnknownIssuer.into());
        }
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let provider = Arc::clone(&self.provider);
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?
            .verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only TLS 1.3 is spoken inside".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Checks an appliance's certificate but not whether it has expired: an appliance that was off for
/// long may still ask for a new one, and nothing else, which the gateway sees to.
#[derive(Debug)]
struct ApplianceVerifier {
    verifier: Arc<dyn ClientCertVerifier>,
}

impl ClientCertVerifier for ApplianceVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verify = |now| self.verifier.verify_client_cert(end_entity, intermediates, now);
        match verify(now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            )) => verify(beginning(end_entity).ok_or(CertificateError::BadEncoding)?),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// From when on a certificate is valid.
fn beginning(certificate: &[u8]) -> Option<UnixTime> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let begin = certificate.tbs_certificate().validity().not_before.to_unix_duration();
    Some(UnixTime::since_unix_epoch(begin))
}
