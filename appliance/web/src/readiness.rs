//! Says "ready" only when the admin page answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bus::Client;
use model::supervision::{InitRequest, InitResponse};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, DEFAULT_VERSIONS};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tracing::info;

use crate::error::{SelfCheckError, WebError};
use crate::own_certificate;

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
    let tls =
        own_certificate::client(certificate, DEFAULT_VERSIONS).map_err(SelfCheckError::Client)?;
    let line = first_line(port, tls).await.map_err(SelfCheckError::Io)?;
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
