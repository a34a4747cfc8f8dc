//! Both ends of what is measured.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tunnel::identity::Own;
use tunnel::{CLOUD_NAME, Link, Piece, SUBPROTOCOL, Trust, identity, websocket};

use crate::wire::wire;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
type Issuer = CertifiedIssuer<'static, KeyPair>;

const HOST: &str = "cloud.test";
/// Octets that are sent at once.
const PIECE: usize = 64 * 1024;

/// Both ends of a tunnel.
pub(crate) struct Ends {
    appliance: Link,
    cloud: Link,
}

impl Ends {
    /// Builds every layer: TCP, TLS, WebSocket, TLS, streams.
    pub(crate) async fn new(delay: Duration) -> Outcome<Self> {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let issuer = Issuer::self_signed(parameters, KeyPair::generate()?)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = wire(listener.local_addr()?, delay).await?;
        let (outer, inner) = (own(&issuer, HOST)?, own(&issuer, CLOUD_NAME)?);
        let mut roots = RootCertStore::empty();
        roots.add(issuer.der().clone())?;
        let provider = || Arc::new(aws_lc_rs::default_provider());
        let server = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(outer.chain, outer.key)?;
        let client = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let cloud = identity::cloud(inner, &[issuer.der().clone()])?;
        let appliance = identity::appliance(Trust::FirstUse, own(&issuer, "appliance")?)?;
        let accept = async {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let mut stream = TlsAcceptor::from(Arc::new(server)).accept(stream).await?;
            upgrade(&mut stream).await?;
            let octets = websocket::accept(stream).await;
            let (stream, _) = identity::accept(cloud, octets).await?;
            Outcome::Ok(Link::accepted(stream))
        };
        let dial = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let name = ServerName::try_from(HOST)?;
            let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await?;
            let octets = websocket::connect(stream, HOST, "bench").await?;
            let (stream, _) = identity::connect(appliance, octets).await?;
            Outcome::Ok(Link::dialled(stream))
        };
        let (cloud, appliance) = tokio::try_join!(accept, dial)?;
        Ok(Self { appliance, cloud })
    }

    /// Sends so many octets on each of so many streams from the appliance to the cloud; gives the time
    /// until all have arrived.
    pub(crate) async fn measure(mut self, streams: usize, octets: usize) -> Outcome<Duration> {
        let begin = Instant::now();
        let mut ends = Vec::new();
        for _ in 0..streams {
            let mut stream = self.appliance.opener.open().await?;
            ends.push(tokio::spawn(async move {
                let piece = vec![7; PIECE];
                for _ in 0..octets / PIECE {
                    stream.writer.data(&piece).await?;
                }
                stream.writer.end().await?;
                // The other side says that it has everything.
                stream.reader.piece().await?;
                Outcome::Ok(())
            }));
        }
        for _ in 0..streams {
            let mut stream = self.cloud.incoming.accept().await.ok_or("the link has ended")?;
            ends.push(tokio::spawn(async move {
                while let Some(Piece::Data(_)) = stream.reader.piece().await? {}
                stream.writer.message(&"all").await?;
                Outcome::Ok(())
            }));
        }
        for end in ends {
            end.await??;
        }
        Ok(begin.elapsed())
    }
}

fn own(issuer: &Issuer, name: &str) -> Outcome<Own> {
    let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
    parameters.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    let certificate = parameters.signed_by(&key, issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Own { chain: vec![certificate.der().clone(), issuer.der().clone()], key })
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

/// The same through plain TCP connections; gives the time until all have arrived.
pub(crate) async fn plain(delay: Duration, streams: usize, octets: usize) -> Outcome<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = wire(listener.local_addr()?, delay).await?;
    let begin = Instant::now();
    let mut ends = Vec::new();
    for _ in 0..streams {
        ends.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            let piece = vec![7; PIECE];
            for _ in 0..octets / PIECE {
                stream.write_all(&piece).await?;
            }
            stream.shutdown().await?;
            stream.read_to_end(&mut Vec::new()).await?;
            Outcome::Ok(())
        }));
    }
    for _ in 0..streams {
        let (mut stream, _) = listener.accept().await?;
        ends.push(tokio::spawn(async move {
            let mut piece = vec![0; PIECE];
            while stream.read(&mut piece).await? > 0 {}
            stream.write_all(b"all").await?;
            Outcome::Ok(())
        }));
    }
    for end in ends {
        end.await??;
    }
    Ok(begin.elapsed())
}
