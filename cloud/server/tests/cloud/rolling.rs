//! Nodes that are restarted one after the other behind a load balancer.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;
use protocol::control::{FromAppliance, FromCloud};
use protocol::request::Request;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::client::TlsStream;
use tunnel::Inbox;

use crate::appliance::Appliance;
use crate::balancer::Balancer;
use crate::nodes::Nodes;
use crate::requests::page;
use crate::running::{HOST, Server, dial};

const SCRIPTS: usize = 4;

/// The way to the nodes.
#[derive(Clone)]
struct Way {
    root: PathBuf,
    address: SocketAddr,
}

impl Way {
    async fn dial(&self) -> TlsStream<TcpStream> {
        dial(&self.root, self.address).await
    }
}

type Roaming = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Keeps one connection, as an appliance does: dials another one before it leaves a node that stops.
fn roam(way: Way, appliance: Arc<Appliance>, ready: oneshot::Sender<()>) -> Roaming {
    Box::pin(async move {
        let connection = loop {
            match appliance.try_to_connect(way.dial().await, "test").await {
                Ok(connection) => break connection,
                // The balancer does not know yet that a node stops; a real appliance waits longer.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        };
        let _ = ready.send(());
        let (mut link, stream) = connection.split();
        let (mut writer, mut inbox) = (stream.writer, Inbox::<FromCloud>::new(stream.reader));
        let (mut next, mut is_over) = (None, false);
        loop {
            tokio::select! {
                request = link.incoming.accept() => match request {
                    Some(mut stream) => {
                        tokio::spawn(async move {
                            let Ok(Some(request)) = stream.reader.message::<Request>().await else {
                                return;
                            };
                            let _ = stream.writer.message(&page(&request)).await;
                            let _ = stream.writer.close().await;
                        });
                    }
                    None => return,
                },
                message = inbox.next(), if !is_over => match message {
                    Ok(Some(FromCloud::Ask)) => {
                        let _ = writer.message(&FromAppliance::Here).await;
                    }
                    Ok(Some(FromCloud::Drain { .. })) => {
                        let (ready, is_ready) = oneshot::channel();
                        tokio::spawn(roam(way.clone(), Arc::clone(&appliance), ready));
                        next = Some(is_ready);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => is_over = true,
                },
                _ = async { next.as_mut().unwrap().await }, if next.is_some() => {
                    next = None;
                    let _ = writer.close().await;
                }
            }
        }
    })
}

/// Looks people up on connections that stay open, until it is to stop; gives how many.
async fn look_up(way: Way, location: String, token: String, stop: Arc<AtomicBool>) -> usize {
    let mut count = 0;
    let mut stream: Option<BufReader<TlsStream<TcpStream>>> = None;
    while !stop.load(Ordering::Relaxed) {
        let mut open = match stream.take() {
            Some(open) => open,
            None => BufReader::new(way.dial().await),
        };
        let body = json!({
            "domain_name": "corp.example.com", "kind": "user", "key": "accountName", "value": "ada",
        })
        .to_string();
        let request = format!(
            "POST /resourcelocations/{location}/directory/$lookup HTTP/1.1\r\nHost: {HOST}\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        open.write_all(request.as_bytes()).await.unwrap();
        let (mut head, mut length, mut is_last) = (String::new(), 0, false);
        loop {
            let mut line = String::new();
            assert_ne!(open.read_line(&mut line).await.unwrap(), 0, "lost after {head:?}");
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            is_last |= lower.starts_with("connection: close");
            if let Some(value) = lower.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
        }
        let mut answer = vec![0; length];
        open.read_exact(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}{answer}");
        assert!(answer.contains("ada"), "{answer}");
        count += 1;
        if !is_last {
            stream = Some(open);
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_request_is_lost_while_all_nodes_are_restarted() {
    let mut nodes = Nodes::start_with(&["--drain", "3"]);
    let appliance = Arc::new(Appliance::register(&nodes.one).await);
    let balancer = Balancer::start(&[nodes.one.server.address, nodes.two.server.address]).await;
    let way = Way { root: nodes.one.root.clone(), address: balancer.address };
    for _ in 0..2 {
        let (ready, is_ready) = oneshot::channel();
        tokio::spawn(roam(way.clone(), Arc::clone(&appliance), ready));
        is_ready.await.unwrap();
    }
    let (token, stop) = (nodes.one.token().await, Arc::new(AtomicBool::new(false)));
    let mut scripts = JoinSet::new();
    for _ in 0..SCRIPTS {
        let (location, stop) = (appliance.told.location.clone(), Arc::clone(&stop));
        scripts.spawn(look_up(way.clone(), location, token.clone(), stop));
    }
    let (nats, database) = (nodes.nats.address(), nodes.database.address());
    for name in ["node-1", "node-2"] {
        let (old, other) = match name {
            "node-1" => (&mut nodes.one, &nodes.two),
            _ => (&mut nodes.two, &nodes.one),
        };
        old.server.signal(Signal::SIGTERM);
        old.server.says("the control plane stops");
        assert_eq!(old.ask("GET", "/live", "", "").await.0, 503);
        balancer.sees(name, false).await;
        assert!(old.server.wait());
        other.server.says("another node has left");
        let options = ["--database", &database, "--nats", &nats, "--node", name, "--drain", "3"];
        old.server = Server::start(&old.data(), &options);
        other.server.says("another node is there");
        old.server.says("another node is there");
        balancer.moved(name, old.server.address);
        balancer.sees(name, true).await;
    }
    stop.store(true, Ordering::Relaxed);
    let counts = scripts.join_all().await;
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
