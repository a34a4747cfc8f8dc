//! A cloud, as far as its wire goes: what it says is up to each test.

use std::sync::{Arc, Mutex};

use base64ct::{Base64, Encoding};
use model::channel::CloudAddress;
use protocol::control;
use protocol::registration::{self, Certified, Registered};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tunnel::identity::{self, Own, Peer};
use tunnel::stream::Writer;
use tunnel::{CLOUD_NAME, Inbox, Link, PATH, Pin, SUBPROTOCOL, websocket};
use x509_cert::der::{Decode, Encode};
use x509_cert::request::CertReq;

use crate::appliance::LIMIT;

/// An authority of a cloud.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(parameters, key).unwrap())
    }

    pub(crate) fn pin(&self) -> Pin {
        Pin::of_certificate(self.0.der()).unwrap()
    }

    /// A certificate for a name, and its key.
    fn certificate(&self, name: &str) -> (Certificate, KeyPair) {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        (parameters.signed_by(&key, &self.0).unwrap(), key)
    }

    /// A certificate for a name, and its key, in PEM.
    pub(crate) fn web_server(&self, name: &str) -> (String, String) {
        let (certificate, key) = self.certificate(name);
        (certificate.pem(), key.serialize_pem())
    }

    fn server(&self, name: &str) -> Own {
        let (certificate, key) = self.certificate(name);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Own { chain: vec![certificate.der().clone(), self.0.der().clone()], key }
    }

    /// A certificate for the key of a request that is valid in these years.
    pub(crate) fn certify(&self, request: &str, from: i32, until: i32) -> Certified {
        let mut parameters = CertificateParams::default();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = parameters.signed_by(&Requested::read(request), &self.0).unwrap();
        Certified {
            certificate: Base64::encode_string(certificate.der()),
            authorities: vec![self.pin().to_base64()],
        }
    }

    /// What a registered appliance is told.
    pub(crate) fn registered(&self, request: &str, until: i32) -> Registered {
        Registered {
            connector: "c-1".to_owned(),
            customer: "t-1".to_owned(),
            customer_name: "Acme".to_owned(),
            location: "tokyo".to_owned(),
            location_name: "Tokyo".to_owned(),
            certified: self.certify(request, 2020, until),
        }
    }
}

/// The public key of a certificate request.
struct Requested(Vec<u8>);

impl Requested {
    fn read(request: &str) -> Self {
        let request = CertReq::from_der(&Base64::decode_vec(request).unwrap()).unwrap();
        Self(request.info.public_key.subject_public_key.as_bytes().unwrap().to_vec())
    }
}

impl PublicKeyData for Requested {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// SHA-256 of the public key of a certificate request.
pub(crate) fn pin_of(request: &str) -> Pin {
    let request = CertReq::from_der(&Base64::decode_vec(request).unwrap()).unwrap();
    Pin::of_key(&request.info.public_key.to_der().unwrap())
}

/// A cloud on a port of this machine.
pub(crate) struct Cloud {
    outer: Authority,
    inner: Arc<Mutex<Arc<ServerConfig>>>,
    address: CloudAddress,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

/// An appliance that has arrived.
pub(crate) struct Arrival {
    pub(crate) link: Link,
    pub(crate) peer: Peer,
}

impl Cloud {
    pub(crate) async fn start(authority: &Authority) -> Self {
        Self::start_with(authority, Authority::new()).await
    }

    /// Starts one with the authority of its outer certificate, which the appliance trusts.
    pub(crate) async fn start_with(authority: &Authority, outer: Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = CloudAddress::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let Own { chain, key } = outer.server("127.0.0.1");
        let mut config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let inner = Arc::new(Mutex::new(inner(authority)));
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let config_of_the_moment = Arc::clone(&inner);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&config_of_the_moment.lock().unwrap());
                tokio::spawn(receive(stream, acceptor.clone(), inner, arrived.clone()));
            }
        });
        Self { outer, inner, address, arrivals }
    }

    /// Another cloud takes its place.
    pub(crate) fn replace(&self, authority: &Authority) {
        *self.inner.lock().unwrap() = inner(authority);
    }

    pub(crate) fn address(&self) -> CloudAddress {
        self.address.clone()
    }

    /// The authority that vouches for the outer certificate.
    pub(crate) fn outer_root(&self) -> String {
        self.outer.0.pem()
    }

    /// The next appliance.
    pub(crate) async fn next(&mut self) -> Arrival {
        timeout(LIMIT, self.arrivals.recv()).await.expect("an appliance").unwrap()
    }

    /// The next appliance that wants to be registered.
    pub(crate) async fn applicant(
        &mut self,
    ) -> Talk<registration::FromAppliance, registration::FromCloud> {
        let arrival = self.next().await;
        assert_eq!(arrival.peer, Peer::Applicant);
        Talk::begin(arrival).await
    }

    /// The next connection of a registered appliance.
    pub(crate) async fn connector(&mut self) -> Talk<control::FromAppliance, control::FromCloud> {
        let arrival = self.next().await;
        assert!(matches!(arrival.peer, Peer::Appliance(_)));
        Talk::begin(arrival).await
    }

    /// The next connection of a registered appliance, welcomed.
    pub(crate) async fn welcomed(&mut self) -> Talk<control::FromAppliance, control::FromCloud> {
        let mut talk = self.connector().await;
        let hello = talk.hear().await;
        assert!(matches!(hello, control::FromAppliance::Hello { .. }), "{hello:?}");
        talk.say(&welcome()).await;
        talk
    }

    /// Whether nobody is waiting.
    pub(crate) fn is_deserted(&mut self) -> bool {
        self.arrivals.try_recv().is_err()
    }
}

/// A welcome of a day on which certificates of these tests are fresh.
pub(crate) fn welcome() -> control::FromCloud {
    control::FromCloud::Welcome {
        clock: date_time_ymd(2020, 1, 2).unix_timestamp(),
        gateway: "g-1".to_owned(),
        renewal_only: false,
    }
}

fn inner(authority: &Authority) -> Arc<ServerConfig> {
    let authorities: [CertificateDer<'static>; 1] = [authority.0.der().clone()];
    identity::cloud(authority.server(CLOUD_NAME), &authorities).unwrap()
}

async fn receive(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    inner: Arc<ServerConfig>,
    arrived: mpsc::UnboundedSender<Arrival>,
) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let octets = websocket::accept(upgraded(stream).await).await;
    if let Ok((stream, peer)) = identity::accept(inner, octets).await {
        let _ = arrived.send(Arrival { link: Link::accepted(stream), peer });
    }
}

/// Answers a request for a WebSocket.
async fn upgraded<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> S {
    let (mut key, mut first) = (None, None);
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
        first.get_or_insert_with(|| line.to_owned());
    }
    assert_eq!(first, Some(format!("GET {PATH} HTTP/1.1")));
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n",
        key.unwrap()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream
}

/// A talk on the first stream.
pub(crate) struct Talk<In, Out> {
    pub(crate) link: Link,
    pub(crate) peer: Peer,
    inbox: Inbox<In>,
    writer: Writer,
    out: std::marker::PhantomData<Out>,
}

impl<In: DeserializeOwned + Send + 'static, Out: Serialize> Talk<In, Out> {
    async fn begin(arrival: Arrival) -> Self {
        let Arrival { mut link, peer } = arrival;
        let stream = timeout(LIMIT, link.incoming.accept()).await.unwrap().unwrap();
        let out = std::marker::PhantomData;
        Self { link, peer, inbox: Inbox::new(stream.reader), writer: stream.writer, out }
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> In {
        self.hear_or_end().await.expect("a message")
    }

    /// The next message; `None` at the end.
    pub(crate) async fn hear_or_end(&mut self) -> Option<In> {
        timeout(LIMIT, self.inbox.next()).await.expect("something happens").unwrap_or(None)
    }

    pub(crate) async fn say(&mut self, message: &Out) {
        self.writer.message(message).await.unwrap();
    }
}
