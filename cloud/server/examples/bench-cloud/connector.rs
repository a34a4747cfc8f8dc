//! A connector that has nothing to do.

use std::net::SocketAddr;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use protocol::control::{self, About};
use protocol::name::Name;
use protocol::proof::{BYTES, Prover, Transcript, Verifier};
use protocol::registration::{Application, FromAppliance, FromCloud};
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tunnel::identity::Own;
use tunnel::{Link, Pin, Stream, Trust, identity, websocket};

use crate::Outcome;
use crate::program::{HOST, Office};

/// Settings of the TLS that a connector dials with.
pub(crate) fn outer_tls(root: CertificateDer<'static>) -> Outcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(root)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

async fn dial(tls: &Arc<ClientConfig>, to: SocketAddr) -> Outcome<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let connector = TlsConnector::from(Arc::clone(tls));
    Ok(connector.connect(ServerName::try_from(HOST)?, stream).await?)
}

fn about() -> About {
    About { version: "1.0.0.0".to_owned(), ..About::default() }
}

/// Registers with the secret of a client; gives what a connector dials with.
pub(crate) async fn register(
    office: &Office,
    tls: &Arc<ClientConfig>,
    name: &str,
) -> Outcome<Arc<ClientConfig>> {
    let octets = websocket::connect(dial(tls, office.address).await?, HOST, "bench").await?;
    let config = identity::applicant(Trust::FirstUse)?;
    let (stream, pin) = identity::connect(config, octets).await?;
    let link = Link::dialled(stream);
    let mut stream = link.opener.open().await?;
    let key = KeyPair::generate()?;
    let nonce: [u8; BYTES] = [7; BYTES];
    let request = CertificateParams::default().serialize_request(&key)?;
    let begin = FromAppliance::Unattended {
        client: office.client.clone(),
        nonce: Base64::encode_string(&nonce),
        application: Application {
            name: Name::parse(name)?,
            location: None,
            certificate_request: Base64::encode_string(request.der()),
            about: about(),
        },
    };
    stream.writer.message(&begin).await?;
    let Some(FromCloud::Challenge { nonce: theirs, .. }) = stream.reader.message().await? else {
        return Err("no challenge".into());
    };
    let theirs = Base64::decode_vec(&theirs).map_err(|error| error.to_string())?;
    let transcript = Transcript {
        appliance_nonce: &nonce,
        cloud_nonce: &theirs.try_into().map_err(|_| "a nonce of another length")?,
        appliance_key: &Pin::of_key(&key.subject_public_key_info()).0,
        authority_key: &pin.0,
    };
    let verifier = Verifier::of_secret(office.secret.as_bytes());
    let proof = Base64::encode_string(&transcript.prove(&verifier, Prover::Appliance));
    stream.writer.message(&FromAppliance::Proof { proof }).await?;
    let told = stream.reader.message().await?;
    let Some(FromCloud::Registered(registered)) = told else {
        return Err(format!("not registered: {told:?}").into());
    };
    let certificate = Base64::decode_vec(&registered.certified.certificate);
    let own = Own {
        chain: vec![CertificateDer::from(certificate.map_err(|error| error.to_string())?)],
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
    };
    Ok(identity::appliance(Trust::Pinned(vec![pin]), own)?)
}

/// A connection that was welcomed.
pub(crate) struct Connection {
    link: Link,
    control: Stream,
}

impl Connection {
    /// Dials, and says hello.
    pub(crate) async fn open(
        tls: &Arc<ClientConfig>,
        own: &Arc<ClientConfig>,
        to: SocketAddr,
    ) -> Outcome<Self> {
        Self::over(dial(tls, to).await?, own).await
    }

    async fn over<S>(stream: S, own: &Arc<ClientConfig>) -> Outcome<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let octets = websocket::connect(stream, HOST, "bench").await?;
        let (stream, _) = identity::connect(Arc::clone(own), octets).await?;
        let link = Link::dialled(stream);
        let mut control = link.opener.open().await?;
        let hello = control::FromAppliance::Hello {
            version: control::VERSION,
            instance: "bench".to_owned(),
            about: about(),
            capacity: 8,
        };
        control.writer.message(&hello).await?;
        match control.reader.message().await? {
            Some(control::FromCloud::Welcome { .. }) => Ok(Self { link, control }),
            other => Err(format!("not welcome: {other:?}").into()),
        }
    }

    /// Answers whether it is there, until the connection ends; gives why it did.
    pub(crate) async fn answer(mut self) -> String {
        let why = loop {
            match self.control.reader.message().await {
                Ok(Some(control::FromCloud::Ask)) => {
                    let here = control::FromAppliance::Here;
                    if let Err(error) = self.control.writer.message(&here).await {
                        break error.to_string();
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break "the gateway closed it".to_owned(),
                Err(error) => break error.to_string(),
            }
        };
        drop(self.link);
        why
    }
}
