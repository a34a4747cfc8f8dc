//! An appliance and a cloud in one process, with real certificates.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tunnel::identity::{Own, Peer};
use tunnel::{CLOUD_NAME, Link, Pin, SUBPROTOCOL, Trust, TunnelError, identity, websocket};

/// Octets on the way between both ends.
const WIRE_BYTES: usize = 64 * 1024;

/// An authority of a cloud.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(parameters, key).unwrap())
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub(crate) fn pin(&self) -> Pin {
        Pin::of_certificate(self.0.der()).unwrap()
    }

    fn own(&self, mut parameters: CertificateParams, usage: ExtendedKeyUsagePurpose) -> Own {
        parameters.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Own { chain: vec![certificate.der().clone(), self.certificate()], key }
    }

    pub(crate) fn gateway(&self) -> Own {
        let parameters = CertificateParams::new(vec![CLOUD_NAME.to_owned()]).unwrap();
        self.own(parameters, ExtendedKeyUsagePurpose::ServerAuth)
    }

    pub(crate) fn appliance(&self) -> Own {
        self.own(CertificateParams::default(), ExtendedKeyUsagePurpose::ClientAuth)
    }

    pub(crate) fn expired_appliance(&self) -> Own {
        let mut parameters = CertificateParams::default();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2020, 2, 1);
        self.own(parameters, ExtendedKeyUsagePurpose::ClientAuth)
    }
}

/// Which end gave up.
#[derive(Debug)]
pub(crate) enum Failed {
    Appliance(TunnelError),
    Cloud(TunnelError),
}

/// A registered appliance that dials with a certificate of this authority.
pub(crate) fn registered(authority: &Authority, trust: Trust) -> Arc<ClientConfig> {
    identity::appliance(trust, authority.appliance()).unwrap()
}

/// Both ends of a link: the appliance's and the cloud's.
pub(crate) async fn link() -> (Link, Link) {
    let authority = Authority::new();
    let trust = Trust::Pinned(vec![authority.pin()]);
    let (appliance, cloud, ..) =
        link_with(registered(&authority, trust), &authority).await.unwrap();
    (appliance, cloud)
}

/// Both ends of a link, whom the appliance found, and whom the cloud found.
pub(crate) async fn link_with(
    appliance: Arc<ClientConfig>,
    authority: &Authority,
) -> Result<(Link, Link, Pin, Peer), Failed> {
    let (near, far) = tokio::io::duplex(WIRE_BYTES);
    let cloud = identity::cloud(authority.gateway(), &[authority.certificate()]).unwrap();
    let dial = async {
        let octets = websocket::connect(near, "cloud.example.com", "test/1").await?;
        let (stream, pin) = identity::connect(appliance, octets).await?;
        let mut link = Link::dialled(stream);
        // In TLS 1.3 the appliance is done before the cloud has seen its certificate.
        if let Ok(mut stream) = link.opener.open().await {
            let _ = stream.writer.message(&"hello").await;
            let _ = stream.writer.close().await;
        }
        let _ = &mut link;
        Ok((link, pin))
    };
    let answer = async {
        let octets = websocket::accept(upgraded(far).await).await;
        let (stream, peer) = identity::accept(cloud, octets).await?;
        let mut link = Link::accepted(stream);
        let mut hello = link.incoming.accept().await.ok_or(TunnelError::NoProtocol)?;
        assert_eq!(hello.reader.message::<String>().await?.as_deref(), Some("hello"));
        Ok((link, peer))
    };
    let (near, far) = tokio::join!(dial, answer);
    let (near, pin) = near.map_err(Failed::Appliance)?;
    let (far, peer) = far.map_err(Failed::Cloud)?;
    Ok((near, far, pin, peer))
}

/// Answers a request for a WebSocket, as the cloud's HTTP server does.
async fn upgraded(mut stream: DuplexStream) -> DuplexStream {
    let mut key = None;
    let mut reader = BufReader::with_capacity(1, &mut stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = Some(websocket::accept_value(value.as_bytes()));
        }
    }
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n",
        key.unwrap()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream
}
