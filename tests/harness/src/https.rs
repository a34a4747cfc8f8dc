//! An HTTPS client that takes any certificate and says which one it got: the appliance's
//! certificate is self-signed, and its fingerprint is what tests compare with the console.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::fingerprint::Fingerprint;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::HarnessError;
use crate::limits;

/// Largest answer that is read, in bytes.
const MAX_REPLY_BYTES: u64 = 16 << 20;
/// Most header lines of an answer.
const MAX_HEADERS: usize = 64;

/// Speaks HTTPS with one address, one connection per request.
#[derive(Clone, Debug)]
pub struct HttpsClient {
    /// Where to connect to.
    pub peer: SocketAddr,
    /// What the `Host` field says: the address that the appliance shows on its console.
    pub host: String,
    config: Arc<ClientConfig>,
}

/// A TLS connection to the appliance.
pub type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// What to ask.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method, such as `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Fields besides `Host`, `Connection` and `Content-Length`.
    pub fields: Vec<(String, String)>,
    /// Body; without one no `Content-Length` is sent.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without body.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a body of a media type.
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.field("Content-Type", media_type);
        request.body = Some(body.into());
        request
    }
}

/// The answer.
#[derive(Clone)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Fields, names in lower case.
    pub fields: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// The certificate of the server, DER.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.status)
            .field("fields", &self.fields)
            .field("body", &self.text())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// The first field of this name, given in lower case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// SHA-1 over the server's certificate, as browsers show it.
    #[must_use]
    pub fn sha1(&self) -> Fingerprint {
        Fingerprint::new(&Sha1::digest(&self.certificate))
    }

    /// SHA-256 over the server's certificate.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::new(&Sha256::digest(&self.certificate))
    }
}

impl HttpsClient {
    /// A client for a peer that is reached under the name that the appliance goes by.
    ///
    /// # Panics
    ///
    /// Never: the provider supports the default protocol versions.
    #[must_use]
    pub fn new(peer: SocketAddr, host: Ipv4Addr) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        Self { peer, host: host.to_string(), config: Arc::new(config) }
    }

    /// Opens a TLS connection and completes the handshake.
    ///
    /// # Errors
    ///
    /// When the peer does not answer, or not with TLS.
    pub fn connect(&self, limit: Duration) -> Result<TlsStream, HarnessError> {
        let action = || HarnessError::io(format!("connect to {}", self.peer));
        let tcp = TcpStream::connect_timeout(&self.peer, limit).map_err(action())?;
        self.shake_hands(tcp, limit)
    }

    /// Opens a TLS connection from one of the addresses of this machine.
    ///
    /// # Errors
    ///
    /// When this machine does not have the address, or the peer does not answer with TLS.
    pub fn connect_from(
        &self,
        source: Ipv4Addr,
        limit: Duration,
    ) -> Result<TlsStream, HarnessError> {
        let action = || HarnessError::io(format!("connect from {source} to {}", self.peer));
        let SocketAddr::V4(peer) = self.peer else {
            return Err(HarnessError::Http("the peer has no IPv4 address".to_owned()));
        };
        let connected = || {
            let flags = SockFlag::SOCK_CLOEXEC;
            let socket = socket(AddressFamily::Inet, SockType::Stream, flags, None)?;
            bind(socket.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0)))?;
            connect(socket.as_raw_fd(), &SockaddrIn::from(peer))?;
            Ok::<_, std::io::Error>(TcpStream::from(socket))
        };
        self.shake_hands(connected().map_err(action())?, limit)
    }

    fn shake_hands(&self, tcp: TcpStream, limit: Duration) -> Result<TlsStream, HarnessError> {
        let action = || HarnessError::io(format!("shake hands with {}", self.peer));
        tcp.set_read_timeout(Some(limit)).map_err(action())?;
        tcp.set_write_timeout(Some(limit)).map_err(action())?;
        let tls = |source| HarnessError::Tls { peer: self.peer.to_string(), source };
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| HarnessError::Http(error.to_string()))?;
        let connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(tls)?;
        let mut stream = StreamOwned::new(connection, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(action())?;
        }
        Ok(stream)
    }

    /// Sends a request over a connection of its own and reads the whole answer.
    ///
    /// # Errors
    ///
    /// When the exchange fails or the answer is not HTTP.
    pub fn send(&self, request: &Request) -> Result<Reply, HarnessError> {
        self.send_within(request, limits::HTTPS)
    }

    /// [`HttpsClient::send`] with a limit for each step.
    ///
    /// # Errors
    ///
    /// When the exchange fails or the answer is not HTTP.
    pub fn send_within(&self, request: &Request, limit: Duration) -> Result<Reply, HarnessError> {
        let mut stream = self.connect(limit)?;
        let certificate = stream
            .conn
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|certificate| certificate.as_ref().to_vec())
            .unwrap_or_default();
        let head = self.head(request, "close");
        let action = || HarnessError::io(format!("ask {} for {}", self.peer, request.path));
        stream.write_all(head.as_bytes()).map_err(action())?;
        // A server that refuses a long body may answer and close before it has read all of it.
        if let Some(body) = &request.body {
            let _ = stream.write_all(body).and_then(|()| stream.flush());
        }
        let mut bytes = Vec::new();
        match (&mut stream).take(MAX_REPLY_BYTES).read_to_end(&mut bytes) {
            Ok(_) => {}
            // Closed without close_notify, or reset after the answer.
            Err(error) if is_end(&error) && !bytes.is_empty() => {}
            Err(error) => return Err(action()(error)),
        }
        parse(&bytes, certificate)
    }

    /// Request line and fields, up to the body. `connection` is what becomes of the connection.
    pub(crate) fn head(&self, request: &Request, connection: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
        if !request.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.host));
        }
        head.push_str(&format!("Connection: {connection}\r\n"));
        if let Some(body) = &request.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in &request.fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    /// Asks for a page until it is answered, whatever the status.
    ///
    /// # Errors
    ///
    /// The last failure when nothing answers in time.
    pub fn wait_until_answering(&self, limit: Duration) -> Result<Reply, HarnessError> {
        let deadline = Instant::now() + limit;
        let request = Request::new("GET", "/");
        loop {
            match self.send_within(&request, limits::ATTEMPT) {
                Ok(reply) => return Ok(reply),
                Err(error) if Instant::now() >= deadline => return Err(error),
                Err(_) => std::thread::sleep(limits::POLL_INTERVAL),
            }
        }
    }
}

fn is_end(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

/// Reads a whole answer.
pub(crate) fn parse(bytes: &[u8], certificate: Vec<u8>) -> Result<Reply, HarnessError> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut fields);
    let unreadable = |what: &str| HarnessError::Http(format!("{what} in {} bytes", bytes.len()));
    let status = head.parse(bytes).map_err(|error| HarnessError::Http(error.to_string()))?;
    let httparse::Status::Complete(body_start) = status else {
        return Err(unreadable("no complete head"));
    };
    let status = head.code.ok_or_else(|| unreadable("no status"))?;
    let fields: Vec<_> = head
        .headers
        .iter()
        .map(|field| {
            (field.name.to_ascii_lowercase(), String::from_utf8_lossy(field.value).into_owned())
        })
        .collect();
    let body = bytes.get(body_start..).unwrap_or_default().to_vec();
    let reply = Reply { status, fields, body, certificate };
    if reply.field("transfer-encoding").is_some() {
        return Err(unreadable("a transfer coding that this client does not read"));
    }
    let announced = reply.field("content-length").map(str::parse::<usize>).transpose();
    match announced {
        Ok(Some(length)) if length != reply.body.len() => Err(unreadable("a body cut short")),
        Ok(_) => Ok(reply),
        Err(_) => Err(unreadable("an unreadable length")),
    }
}

/// Accepts every certificate, and checks that the peer holds its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_status_fields_and_body() {
        let bytes =
            b"HTTP/1.1 401 Unauthorized\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi";
        let reply = parse(bytes, vec![]).expect("readable");
        assert_eq!((reply.status, reply.text().as_str()), (401, "hi"));
        assert_eq!(reply.field("content-type"), Some("a/b"));
    }

    #[test]
    fn refuses_a_body_that_was_cut_short() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi";
        assert!(parse(bytes, vec![]).is_err());
        assert!(parse(b"HTTP/1.1 200 OK\r\nConte", vec![]).is_err());
    }

    #[test]
    fn shows_fingerprints_as_browsers_do() {
        let bytes = b"HTTP/1.1 204 No Content\r\n\r\n";
        let reply = parse(bytes, b"abc".to_vec()).expect("readable");
        let sha1 = "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D";
        assert_eq!(reply.sha1().to_string(), sha1);
    }
}
