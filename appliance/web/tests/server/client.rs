//! An HTTP client that can also speak nonsense.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A client that trusts these certificates and checks everything else.
pub(crate) fn tls_client(pem: &str) -> Arc<ClientConfig> {
    tls_client_offering(pem, &[&TLS13, &TLS12], &[])
}

/// The same with these versions of TLS and these protocols.
pub(crate) fn tls_client_offering(
    pem: &str,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(tls)
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    host: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            host: "127.0.0.1".into(),
            fields: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = host.into();
        self
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.field("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.field("Content-Type", "application/json").body(body)
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let encode = |text: &str| {
            text.bytes().fold(String::new(), |mut encoded, byte| {
                let _ = write!(encoded, "%{byte:02X}");
                encoded
            })
        };
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.field("Content-Type", "application/x-www-form-urlencoded").body(pairs.join("&"))
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.host.is_empty() {
            let _ = write!(head, "Host: {}\r\n", self.host);
        }
        for (name, value) in &self.fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(field, value)| field.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The value that `Set-Cookie` gives a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.strip_prefix("Set-Cookie: "))
            .filter_map(|line| line.split(';').next()?.split_once('='))
            .find_map(|(cookie, value)| (cookie == name).then_some(value))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The last part of the `type` of an error object with its family.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        let kind = json["type"].as_str().unwrap();
        assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:?}");
        kind.strip_prefix("https://errors-api.cloud.com/").unwrap().to_owned()
    }

    /// The values of a parameter of an error object.
    pub(crate) fn parameter(&self, name: &str) -> Vec<String> {
        let json = self.json();
        let parameters = json["parameters"].as_array().cloned().unwrap_or_default();
        parameters
            .iter()
            .filter(|parameter| parameter["name"] == name)
            .map(|parameter| parameter["value"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A TLS connection.
#[derive(Debug)]
pub(crate) struct Connection(TlsStream<TcpStream>);

impl Connection {
    pub(crate) async fn open(
        server: SocketAddr,
        source: &str,
        tls: Arc<ClientConfig>,
    ) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(format!("{source}:0").parse().unwrap())?;
        let stream = socket.connect(server).await?;
        let name = ServerName::try_from("127.0.0.1").unwrap();
        Ok(Self(TlsConnector::from(tls).connect(name, stream).await?))
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// Sends a request that may find the connection closed.
    pub(crate) async fn try_send(&mut self, request: &Request) -> io::Result<Answer> {
        self.write(&request.bytes()).await?;
        self.read().await
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Reads one answer. That of a HEAD request must have no `Content-Length` or end the connection.
    pub(crate) async fn read(&mut self) -> io::Result<Answer> {
        let head = self.read_head().await?;
        let answer = Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: String::new(),
        };
        let length = answer.field("Content-Length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(Answer { body: String::from_utf8(body).unwrap(), ..answer })
    }

    /// Reads an answer up to the empty line.
    pub(crate) async fn read_head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        Ok(String::from_utf8(head).unwrap())
    }

    /// Waits until the server has closed the connection.
    pub(crate) async fn closed(&mut self) {
        let mut bytes = [0; 256];
        while let Ok(1..) = self.0.read(&mut bytes).await {}
    }

    /// Version of TLS and protocol that were agreed.
    pub(crate) fn agreed(&self) -> (Option<rustls::ProtocolVersion>, Option<Vec<u8>>) {
        let connection = self.0.get_ref().1;
        (connection.protocol_version(), connection.alpn_protocol().map(<[u8]>::to_vec))
    }

    /// Whether the handshake was a full one or resumed an earlier session.
    pub(crate) fn handshake_kind(&self) -> Option<rustls::HandshakeKind> {
        self.0.get_ref().1.handshake_kind()
    }
}
