//! Accepts connections, speaks TLS, and hands requests to a router.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Extensions;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::server::{ResolvesServerCert, ServerConfig};
use rustls::version::{TLS12, TLS13};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;
use tracing::{debug, warn};

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long a connection may be without a request, and how long the header of one may take.
const IDLE_LIMIT: Duration = Duration::from_secs(60);
/// How long open requests may take at the end.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);
/// Largest request line with header fields, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Most header fields of a request.
const MAX_HEADER_FIELDS: usize = 64;
/// Most connections that have not finished their handshake.
const MAX_HANDSHAKES: usize = 512;
/// Pause after a failed `accept`, which is out of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The source address of a request, an extension of each.
#[derive(Clone, Copy, Debug)]
pub struct Source(pub IpAddr);

/// Where a request came from; a request without a listener came from nowhere.
pub(crate) fn source_of(extensions: &Extensions) -> IpAddr {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    extensions.get::<Source>().map_or(nowhere, |source| source.0)
}

/// Settings of TLS 1.2 and 1.3 for a certificate.
///
/// # Errors
///
/// The provider of cryptography lacks something.
pub fn tls(certificate: Arc<dyn ResolvesServerCert>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// Serves until `stop` resolves, then lets requests that are being answered end. Connections that a
/// handler has upgraded go on without it.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let handshakes = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    let accept = async {
        loop {
            let Ok(place) = Arc::clone(&handshakes).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let source = Source(peer.ip().to_canonical());
                    let acceptor = TlsAcceptor::from(Arc::clone(&tls));
                    let (router, stopped) = (router.clone(), stopped.clone());
                    tokio::spawn(async move {
                        let shaken = shake_hands(&acceptor, stream).await;
                        drop(place);
                        match shaken {
                            Ok(stream) => answer(stream, source, router, stopped).await,
                            Err(error) => debug!(source = %source.0, %error, "No TLS"),
                        }
                    });
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
        debug!("Requests were cut off at the end");
    }
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

async fn shake_hands(acceptor: &TlsAcceptor, stream: TcpStream) -> io::Result<Stream> {
    stream.set_nodelay(true)?;
    let shaken = timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await;
    shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn answer(stream: Stream, source: Source, router: Router, mut stopped: watch::Receiver<()>) {
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(source);
        let router = router.clone();
        async move {
            let response: Result<Response, Infallible> =
                router.oneshot(request.map(Body::new)).await;
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_LIMIT)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADER_FIELDS)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = result {
        debug!(source = %source.0, %error, "A connection ended");
    }
}
