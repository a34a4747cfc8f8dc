//! Accepts connections, speaks TLS, and hands requests to the router.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::server::{ResolvesServerCert, ServerConfig};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::certificate::{Active, Certificates};
use crate::connections::{Connections, Place};

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long the first request may take to arrive after the handshake.
const FIRST_REQUEST_LIMIT: Duration = Duration::from_secs(15);
/// How long a connection may be without a request, and how long the header of one may take.
const IDLE_LIMIT: Duration = Duration::from_secs(60);
/// How long open requests may take at the end of the role.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection stays open after another certificate has come into use: the browser loads
/// style sheet and script of the page that says so.
const OUTDATED_PAUSE: Duration = Duration::from_secs(3);
/// Largest request line with header fields, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most header fields of a request.
const MAX_HEADER_FIELDS: usize = 64;
/// Pause after a failed `accept`, which is out of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The first byte of every TLS connection: a record of type `handshake` (RFC 8446, section 5.1).
const TLS_HANDSHAKE_RECORD: u8 = 0x16;
/// What a client hears that speaks HTTP without TLS.
const PLAIN_HTTP_ANSWER: &str = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 72\r\n\r\n\
    This is an HTTPS port. Type https:// in front of the appliance's address";
/// Most bytes that are read from such a client, so that it gets to see the answer.
const PLAIN_HTTP_BYTES: u64 = 16 * 1024;

/// The source address of a request, an extension of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source(pub(crate) IpAddr);

/// The number of the certificate that the connection of a request was opened with, an extension of
/// each ([`Active::number`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presented(pub(crate) u64);

/// Settings of TLS 1.2 and 1.3 for this certificate.
pub(crate) fn tls(
    certificate: Arc<dyn ResolvesServerCert>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// Serves until `stop` resolves, then lets requests that are being answered end.
pub(crate) async fn serve(
    listener: TcpListener,
    certificates: Arc<Certificates>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let connections = Connections::default();
    let (stopping, stopped) = watch::channel(());
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let source = peer.ip().to_canonical();
                    let Some(place) = connections.enter(source, Instant::now()) else {
                        debug!(%source, "Refused a connection of too many");
                        continue;
                    };
                    let connection = Connection {
                        place,
                        source,
                        router: router.clone(),
                        stopped: stopped.clone(),
                        certificates: certificates.subscribe(),
                    };
                    tokio::spawn(connection.run(stream));
                }
                Err(error) => {
                    warn!(%error, "Cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop((listener, stopped));
    stopping.send_replace(());
    if timeout(SHUTDOWN_LIMIT, stopping.closed()).await.is_err() {
        debug!("Requests were cut off at the end of the role");
    }
}

/// One connection, in a task of its own.
struct Connection {
    place: Place,
    source: IpAddr,
    router: Router,
    stopped: watch::Receiver<()>,
    certificates: watch::Receiver<Arc<Active>>,
}

impl Connection {
    async fn run(mut self, stream: TcpStream) {
        let handshake = timeout(HANDSHAKE_LIMIT, handshake(stream, &self.certificates));
        let stream = tokio::select! {
            stream = handshake => stream,
            () = self.place.closed() => return,
            _ = self.stopped.changed() => return,
        };
        match stream {
            Ok(Ok(Some((stream, presented)))) => self.answer(stream, presented).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => debug!(source = %self.source, %error, "A TLS handshake failed"),
            Err(_) => debug!(source = %self.source, "A TLS handshake took too long"),
        }
    }

    async fn answer(self, stream: TlsStream<TcpStream>, presented: Presented) {
        let Self { place, source, router, mut stopped, mut certificates } = self;
        let has_asked = watch::Sender::new(false);
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            has_asked.send_replace(true);
            request.extensions_mut().insert(Source(source));
            request.extensions_mut().insert(presented);
            let (router, busy) = (router.clone(), place.busy());
            async move {
                let response = answer(router, request.map(Body::new)).await;
                drop(busy);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_LIMIT)
            .max_header_size(MAX_HEADER_BYTES)
            .max_buf_size(MAX_HEADER_BYTES)
            .max_headers(MAX_HEADER_FIELDS)
            .title_case_headers(true)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let mut asked = has_asked.subscribe();
        let first_request = async {
            let asked = asked.wait_for(|has_asked| *has_asked);
            if timeout(FIRST_REQUEST_LIMIT, asked).await.is_ok() {
                std::future::pending::<()>().await;
            }
        };
        let outdated = async {
            let is_another = |active: &Arc<Active>| active.number != presented.0;
            let _ = certificates.wait_for(is_another).await;
            sleep(OUTDATED_PAUSE).await;
        };
        let ended = async {
            tokio::select! {
                _ = stopped.changed() => {}
                () = outdated => {}
            }
        };
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = first_request => return,
            () = place.closed() => return,
            () = ended => {
                connection.as_mut().graceful_shutdown();
                connection.as_mut().await
            }
        };
        if let Err(error) = result {
            debug!(%source, %error, "A connection ended");
        }
    }
}

async fn answer(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Shakes hands; `None` when the client speaks plain HTTP and has been told so.
async fn handshake(
    stream: TcpStream,
    certificates: &watch::Receiver<Arc<Active>>,
) -> io::Result<Option<(TlsStream<TcpStream>, Presented)>> {
    stream.set_nodelay(true)?;
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(None);
    }
    if first == [TLS_HANDSHAKE_RECORD] {
        // Chosen as late as this: browsers open connections before they need them.
        let active = Arc::clone(&certificates.borrow());
        let stream = TlsAcceptor::from(Arc::clone(&active.tls)).accept(stream).await?;
        return Ok(Some((stream, Presented(active.number))));
    }
    refuse_plain_http(stream).await?;
    Ok(None)
}

async fn refuse_plain_http(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(PLAIN_HTTP_ANSWER.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with unread bytes would reset the connection before the client has read the answer.
    tokio::io::copy(&mut stream.take(PLAIN_HTTP_BYTES), &mut tokio::io::sink()).await?;
    Ok(())
}
