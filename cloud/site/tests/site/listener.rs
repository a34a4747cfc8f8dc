//! The site over real TLS.

use std::sync::Arc;

use database::Database;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey as ServerKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

use crate::bench::Bench;

async fn ask(address: std::net::SocketAddr, client: Arc<ClientConfig>, request: &str) -> String {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("cloud.example.com").unwrap();
    let mut stream = TlsConnector::from(client).connect(name, stream).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that refuses a header need not say good-bye in TLS.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn serves_over_tls_until_it_is_told_to_stop() {
    let database = Database::sqlite().unwrap();
    let bench = Bench::new(&database).await;
    let owner = bench.customer("Owner").await;
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["cloud.example.com".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = aws_lc_rs::default_provider();
    let key = ServerKey::from_der(vec![cert.der().clone()], key, &provider).unwrap();
    let certificate: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(key));
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Arc::new(client);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let tls = site::tls(certificate).unwrap();
    let router = bench.site.router();
    let serving = tokio::spawn(site::serve(listener, tls, router, async {
        let _ = stopped.await;
    }));
    let request = format!(
        "GET /resourcelocations/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: CwsAuth Bearer={}\r\n\r\n",
        owner.token
    );
    let answer = ask(address, Arc::clone(&client), &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nCitrix-Transactionid: ") && answer.ends_with("{\"items\":[]}"));
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let answer = ask(address, Arc::clone(&client), &large).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}
