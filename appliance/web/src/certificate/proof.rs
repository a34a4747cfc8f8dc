//! Proof that a certificate works before anybody depends on it.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion};

use crate::certificate::CertificateError;
use crate::own_certificate;

/// Flights of a handshake, with room to spare: TLS 1.2 needs four.
const MAX_FLIGHTS: usize = 8;

/// Shakes hands in memory with each version of TLS, as a client that trusts the certificate.
pub(crate) fn prove(
    tls: &Arc<ServerConfig>,
    leaf: &CertificateDer<'static>,
) -> Result<(), CertificateError> {
    for (name, version) in [("TLS 1.3", &TLS13), ("TLS 1.2", &TLS12)] {
        shake_hands(tls, leaf, version)
            .map_err(|source| CertificateError::Handshake { version: name, source })?;
    }
    Ok(())
}

fn shake_hands(
    tls: &Arc<ServerConfig>,
    leaf: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> Result<(), rustls::Error> {
    let client = own_certificate::client(leaf.clone(), &[version])?;
    let name = ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into());
    let mut client = ClientConnection::new(Arc::new(client), name)?;
    let mut server = ServerConnection::new(Arc::clone(tls))?;
    for _ in 0..MAX_FLIGHTS {
        carry(|bytes| client.write_tls(bytes), |bytes| server.read_tls(bytes))?;
        server.process_new_packets()?;
        carry(|bytes| server.write_tls(bytes), |bytes| client.read_tls(bytes))?;
        client.process_new_packets()?;
        if !client.is_handshaking() && !server.is_handshaking() {
            return Ok(());
        }
    }
    Err(rustls::Error::HandshakeNotComplete)
}

/// Carries what one side has written to the other.
fn carry(
    mut write: impl FnMut(&mut dyn Write) -> io::Result<usize>,
    mut read: impl FnMut(&mut dyn Read) -> io::Result<usize>,
) -> Result<(), rustls::Error> {
    let failed = |error: io::Error| rustls::Error::General(error.to_string());
    let mut bytes = Vec::new();
    while write(&mut bytes).map_err(failed)? > 0 {}
    let mut rest = bytes.as_slice();
    while !rest.is_empty() && read(&mut rest).map_err(failed)? > 0 {}
    Ok(())
}
