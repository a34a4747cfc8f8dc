//! Both ends of a tunnel, with every layer: TCP, TLS, WebSocket, TLS, streams.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tunnel::identity::Own;
use tunnel::{CLOUD_NAME, Link, SUBPROTOCOL, Trust, identity, websocket};

use crate::Outcome;

const HOST: &str = "cloud.test";
const APPLIANCE: &str = "appliance";
const AUTHORITY: &str = "authority.crt";

/// Makes the certificates and keys of both ends, in a directory.
pub(crate) fn make_keys(directory: &Path) -> Outcome<()> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
    fs::write(directory.join(AUTHORITY), issuer.der())?;
    for name in [HOST, CLOUD_NAME, APPLIANCE] {
        let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
        parameters.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &issuer)?;
        fs::write(directory.join(name).with_extension("crt"), certificate.der())?;
        fs::write(directory.join(name).with_extension("key"), key.serialize_der())?;
    }
    Ok(())
}

fn authority(directory: &Path) -> Outcome<CertificateDer<'static>> {
    Ok(fs::read(directory.join(AUTHORITY))?.into())
}

fn own(directory: &Path, name: &str) -> Outcome<Own> {
    let certificate = fs::read(directory.join(name).with_extension("crt"))?.into();
    let key = fs::read(directory.join(name).with_extension("key"))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    Ok(Own { chain: vec![certificate, authority(directory)?], key })
}

/// Waits for the appliance, as the cloud.
pub(crate) async fn accept(listener: &TcpListener, keys: &Path) -> Outcome<Link> {
    let outer = own(keys, HOST)?;
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(outer.chain, outer.key)?;
    let inner = identity::cloud(own(keys, CLOUD_NAME)?, &[authority(keys)?])?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let mut stream = TlsAcceptor::from(Arc::new(server)).accept(stream).await?;
    upgrade(&mut stream).await?;
    let octets = websocket::accept(stream).await;
    let (stream, _) = identity::accept(inner, octets).await?;
    Ok(Link::accepted(stream))
}

/// Dials the cloud, as the appliance.
pub(crate) async fn dial(to: SocketAddr, keys: &Path) -> Outcome<Link> {
    let mut roots = RootCertStore::empty();
    roots.add(authority(keys)?)?;
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let inner = identity::appliance(Trust::FirstUse, own(keys, APPLIANCE)?)?;
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(HOST)?;
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await?;
    let octets = websocket::connect(stream, HOST, "bench").await?;
    let (stream, _) = identity::connect(inner, octets).await?;
    Ok(Link::dialled(stream))
}

/// Answers the request for a WebSocket.
async fn upgrade(stream: &mut tokio_rustls::server::TlsStream<TcpStream>) -> Outcome<()> {
    let mut accept = String::new();
    let mut reader = BufReader::with_capacity(1, &mut *stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        match line.trim_end().split_once(": ") {
            Some((name, key)) if name.eq_ignore_ascii_case("sec-websocket-key") => {
                accept = websocket::accept_value(key.as_bytes());
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}
