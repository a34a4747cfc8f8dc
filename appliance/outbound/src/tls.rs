//! The TLS handshake with the server, in which the chain is judged and kept.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::outbound::{
    CertificateTrouble, DnsTrouble, FailureCause, Interception, Refusal, TrustAnchor,
};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::roots::Facts;
use crate::trust::{Presented, Trust};

/// What is wanted of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsPlan {
    /// Name that the certificate must be for, and that is sent as SNI; `None` = the host that is
    /// dialled.
    pub server_name: Option<String>,
    /// Application protocols that are offered, the preferred one first, such as `http/1.1`.
    pub alpn: Vec<Vec<u8>>,
}

/// What TLS settled on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// `1.2` or `1.3`.
    pub version: &'static str,
    /// Cipher suite by its IANA name.
    pub cipher: String,
    /// The application protocol that the server chose.
    pub alpn: Option<Vec<u8>>,
    /// Where the chain ends.
    pub anchor: TrustAnchor,
    /// The certificates that the server presented, DER, its own first.
    pub chain: Vec<Vec<u8>>,
}

/// A handshake that came to its end.
#[derive(Debug)]
pub struct Handshake {
    /// The connection.
    pub stream: Box<TlsStream<TcpStream>>,
    /// What it settled on.
    pub facts: TlsFacts,
    /// Who reads along.
    pub interception: Option<Interception>,
}

/// A handshake that failed.
#[derive(Clone, Debug)]
pub struct HandshakeError {
    /// Why.
    pub cause: FailureCause,
    /// The certificates that the server presented, as far as it came; DER, its own first.
    pub chain: Vec<Vec<u8>>,
}

/// Makes TLS on an open connection.
pub(crate) async fn handshake(
    trust: &Trust,
    stream: TcpStream,
    host: &str,
    plan: &TlsPlan,
    is_private: bool,
    limit: Duration,
) -> Result<Handshake, HandshakeError> {
    let name = plan.server_name.as_deref().unwrap_or(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let Ok(server_name) = ServerName::try_from(name.to_owned()) else {
        let (name, reason) = (name.to_owned(), DnsTrouble::NotFound);
        let cause = FailureCause::DnsFailed { name, reason };
        return Err(HandshakeError { cause, chain: Vec::new() });
    };
    let verifier = Arc::new(Verifier { trust: trust.clone(), is_private, seen: Mutex::default() });
    let config = config(trust, Arc::clone(&verifier), &plan.alpn);
    let connecting = TlsConnector::from(Arc::new(config)).connect(server_name, stream);
    let result = timeout(limit, connecting).await;
    let seen = verifier.take();
    let stream = match result {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            let cause = seen.cause.clone().unwrap_or_else(|| cause_of(&error, &seen));
            return Err(HandshakeError { cause, chain: seen.chain });
        }
        Err(_) => {
            let cause = FailureCause::ServerRefused { reason: Refusal::NoAnswer };
            return Err(HandshakeError { cause, chain: seen.chain });
        }
    };
    let anchor = seen.anchor.unwrap_or(TrustAnchor::Public);
    let interception = match &anchor {
        TrustAnchor::Added { subject, fingerprint } if !is_private => {
            let (issuer, fingerprint) = (subject.clone(), fingerprint.clone());
            Some(Interception { issuer, fingerprint })
        }
        _ => None,
    };
    let connection = stream.get_ref().1;
    let is_tls13 = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
    let suite = connection.negotiated_cipher_suite();
    let facts = TlsFacts {
        version: if is_tls13 { "1.3" } else { "1.2" },
        cipher: suite.and_then(|suite| suite.suite().as_str()).unwrap_or("?").to_owned(),
        alpn: connection.alpn_protocol().map(<[u8]>::to_vec),
        anchor,
        chain: seen.chain,
    };
    Ok(Handshake { stream: Box::new(stream), facts, interception })
}

fn config(trust: &Trust, verifier: Arc<Verifier>, alpn: &[Vec<u8>]) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider has cipher suites for both versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = alpn.to_vec();
    // A resumed session presents no chain, so that an interceptor would go unseen.
    config.resumption = Resumption::disabled();
    config
}

/// What a handshake has shown.
#[derive(Clone, Debug, Default)]
struct Seen {
    chain: Vec<Vec<u8>>,
    anchor: Option<TrustAnchor>,
    cause: Option<FailureCause>,
}

/// Judges the chain and keeps it, for one handshake.
struct Verifier {
    trust: Trust,
    is_private: bool,
    seen: Mutex<Seen>,
}

impl Verifier {
    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trust.fmt(formatter)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(leaf).chain(others).map(|der| der.to_vec()).collect();
        let presented = Presented { leaf, others, name, is_private: self.is_private };
        let verdict = self.trust.judge(&presented);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.chain = chain;
        match verdict {
            Ok(anchor) => {
                seen.anchor = Some(anchor);
                Ok(ServerCertVerified::assertion())
            }
            Err(cause) => {
                let alert = alert_for(&cause);
                seen.cause = Some(cause);
                Err(rustls::Error::InvalidCertificate(alert))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What the server is told by an alert.
fn alert_for(cause: &FailureCause) -> CertificateError {
    match cause {
        FailureCause::TlsUntrusted { reason, .. } => match reason {
            CertificateTrouble::WrongName { .. } => CertificateError::NotValidForName,
            CertificateTrouble::Expired { .. } => CertificateError::Expired,
            CertificateTrouble::Signature => CertificateError::BadSignature,
            CertificateTrouble::Usage => CertificateError::InvalidPurpose,
            CertificateTrouble::Malformed => CertificateError::BadEncoding,
            _ => CertificateError::UnknownIssuer,
        },
        FailureCause::ClockWrong { .. } => CertificateError::Expired,
        _ => CertificateError::UnknownIssuer,
    }
}

/// The cause of a handshake that failed for another reason than its chain.
fn cause_of(error: &io::Error, seen: &Seen) -> FailureCause {
    let refused = |reason| FailureCause::ServerRefused { reason };
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            ErrorKind::UnexpectedEof => refused(Refusal::Closed),
            _ => refused(Refusal::Reset),
        };
    };
    match tls {
        rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
        )
        | rustls::Error::PeerIncompatible(_) => refused(Refusal::OldTls),
        rustls::Error::AlertReceived(alert) => refused(Refusal::Alert { alert: name_of(*alert) }),
        rustls::Error::InvalidMessage(_) if seen.chain.is_empty() => refused(Refusal::NotTls),
        // The chain holds, and whoever presents it does not have its key.
        _ => {
            let leaf = seen.chain.first().map(Vec::as_slice).unwrap_or_default();
            let facts = Facts::read(leaf).unwrap_or_else(|| Facts::unreadable(leaf));
            FailureCause::TlsUntrusted {
                reason: CertificateTrouble::Signature,
                subject: facts.subject,
                issuer: facts.issuer,
                fingerprint: facts.fingerprint,
            }
        }
    }
}

/// The name of an alert as RFC 8446, section 6, writes it; its number when it has none.
fn name_of(alert: AlertDescription) -> String {
    let Some(name) = alert.as_str() else { return u8::from(alert).to_string() };
    let mut text = String::new();
    let mut was_lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && was_lower {
            text.push('_');
        }
        was_lower = character.is_ascii_lowercase();
        text.push(character.to_ascii_lowercase());
    }
    text
}
