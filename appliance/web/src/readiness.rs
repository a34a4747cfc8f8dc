//! Says "ready" only when the admin page answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bus::Client;
use model::supervision::{InitRequest, InitResponse};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tracing::info;

use crate::error::{SelfCheckError, WebError};

/// How long the own answer may take.
const LIMIT: Duration = Duration::from_secs(20);
/// What is asked: it reaches the settings role.
const QUESTION: &[u8] =
    b"GET /credentials HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// How the answer begins.
const STATUS_LINE: &str = "HTTP/1.1 200 ";

/// Asks the own port over TLS, then tells PID 1.
pub(crate) async fn report(
    port: SocketAddr,
    certificate: CertificateDer<'static>,
    init: &Client,
) -> Result<(), WebError> {
    timeout(LIMIT, ask(port, certificate))
        .await
        .unwrap_or(Err(SelfCheckError::TimedOut { seconds: LIMIT.as_secs() }))
        .map_err(WebError::SelfCheck)?;
    let _: InitResponse = init.call(&InitRequest::Ready).await.map_err(WebError::Init)?;
    info!("The admin page answers");
    Ok(())
}

async fn ask(
    mut port: SocketAddr,
    certificate: CertificateDer<'static>,
) -> Result<(), SelfCheckError> {
    if port.ip().is_unspecified() {
        port.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let line = first_line(port, client(certificate)?).await.map_err(SelfCheckError::Io)?;
    if line.starts_with(STATUS_LINE) { Ok(()) } else { Err(SelfCheckError::Answer(line)) }
}

async fn first_line(port: SocketAddr, tls: ClientConfig) -> io::Result<String> {
    let stream = TcpStream::connect(port).await?;
    let name = ServerName::IpAddress(port.ip().into());
    let mut stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await?;
    stream.write_all(QUESTION).await?;
    let mut answer = vec![0; STATUS_LINE.len()];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn client(certificate: CertificateDer<'static>) -> Result<ClientConfig, SelfCheckError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = OwnCertificate { certificate, provider: Arc::clone(&provider) };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SelfCheckError::Client)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Trusts one certificate, byte for byte, whatever its names and dates.
#[derive(Debug)]
struct OwnCertificate {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OwnCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
