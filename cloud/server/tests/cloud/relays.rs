//! A script reaches a web server inside through the program, and through two of them that meet at NATS.

use std::fs;

use futures_util::FutureExt as _;
use nix::sys::signal::Signal;
use protocol::request::{Operation, Request};
use protocol::web::{Field, FromAppliance, WebAnswer, WebRequest};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tunnel::{Piece, Stream};

use crate::appliance::{Appliance, Connection};
use crate::nodes::Nodes;
use crate::running::{Cloud, HOST};

/// Octets that are more than all buffers on the way together.
const LONG: usize = 64 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// What runs.
enum Programs {
    One(Box<Cloud>),
    /// The script talks to the first one, the appliance to the second one.
    Two(Box<Nodes>),
}

/// A program, or two, with an appliance and a web server in its list.
struct Place {
    programs: Programs,
    appliance: Appliance,
    connection: Connection,
    token: String,
    path: String,
}

impl Place {
    async fn of_one() -> Self {
        Self::new(Programs::One(Box::new(Cloud::start()))).await
    }

    async fn of_two() -> Self {
        Self::new(Programs::Two(Box::new(Nodes::start()))).await
    }

    async fn new(programs: Programs) -> Self {
        let (near, far) = match &programs {
            Programs::One(cloud) => (&**cloud, &**cloud),
            Programs::Two(nodes) => (&nodes.one, &nodes.two),
        };
        let appliance = Appliance::register(near).await;
        let connection = appliance.connect(far).await;
        let location = format!("/resourcelocations/{}", appliance.told.location);
        let body = json!({"name": "wiki", "address": "http://wiki.example.com"});
        let listed = near.post(&format!("{location}/webservers"), &body).await;
        let path = format!("{location}/web/{}", listed["id"].as_str().unwrap());
        let token = near.token().await;
        Self { programs, appliance, connection, token, path }
    }

    /// The program that the script talks to.
    fn near(&self) -> &Cloud {
        match &self.programs {
            Programs::One(cloud) => cloud,
            Programs::Two(nodes) => &nodes.one,
        }
    }

    /// Sends the header of a request.
    async fn begin(&self, method: &str, fields: &str) -> TlsStream<TcpStream> {
        let mut stream = self.near().dial().await;
        let (path, token) = (&self.path, &self.token);
        let head = format!(
            "{method} {path}/x HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\
             {fields}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }

    /// What the appliance is asked.
    async fn asked(&mut self) -> (Stream, WebRequest) {
        let (stream, web) = asked(&mut self.connection).await;
        assert!(!format!("{web:?}").contains(&self.token), "the token leaves the cloud");
        (stream, web)
    }

    /// The most memory that each of the programs has used, in MiB.
    fn peaks_mib(&self) -> Vec<u64> {
        match &self.programs {
            Programs::One(cloud) => vec![peak_mib(cloud)],
            Programs::Two(nodes) => vec![peak_mib(&nodes.one), peak_mib(&nodes.two)],
        }
    }
}

/// What an appliance is asked on a connection.
async fn asked(connection: &mut Connection) -> (Stream, WebRequest) {
    let mut stream = connection.link.incoming.accept().await.unwrap();
    let request: Request = stream.reader.message().await.unwrap().unwrap();
    let Operation::Web(web) = request.operation else { panic!("{request:?}") };
    (stream, web)
}

fn peak_mib(cloud: &Cloud) -> u64 {
    let path = format!("/proc/{}/status", cloud.server.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

async fn answer(stream: &mut Stream, status: u16, fields: &[(&str, &str)]) {
    let field = |(name, value): &(&str, &str)| -> Field { ((*name).into(), (*value).into()) };
    let fields = fields.iter().map(field).collect();
    let upgrade = (status == 101).then(|| "websocket".to_owned());
    let answer = FromAppliance::Answered(WebAnswer { status, fields, upgrade });
    stream.writer.message(&answer).await.unwrap();
}

/// The header of an answer in lower case.
async fn head(stream: &mut TlsStream<TcpStream>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_bodies_go_through_in_bounded_memory() {
    long_bodies(Place::of_one().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_bodies_go_through_two_nodes_in_bounded_memory() {
    long_bodies(Place::of_two().await).await;
}

async fn long_bodies(mut place: Place) {
    let before = place.peaks_mib();
    let mut client = place.begin("PUT", &format!("Content-Length: {LONG}\r\n")).await;
    let (mut stream, web) = place.asked().await;
    assert!(web.has_body && web.path == "/x");
    stream.writer.message(&FromAppliance::Ready).await.unwrap();
    let sending = tokio::spawn(async move {
        for _ in 0..LONG / PIECE {
            client.write_all(&[7; PIECE]).await.unwrap();
        }
        // TLS keeps what the connection did not take at once.
        client.flush().await.unwrap();
        client
    });
    let mut got = 0;
    loop {
        match stream.reader.piece().await.unwrap() {
            Some(Piece::Data(piece)) => got += piece.len(),
            Some(Piece::End) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(got, LONG);
    let mut client = sending.await.unwrap();
    let length = LONG.to_string();
    answer(&mut stream, 200, &[("content-length", &length)]).await;
    let answering = tokio::spawn(async move {
        for _ in 0..LONG / PIECE {
            stream.writer.data(&[7; PIECE]).await.unwrap();
        }
        stream.writer.end().await.unwrap();
        stream.writer.close().await.unwrap();
        stream
    });
    assert!(head(&mut client).await.starts_with("http/1.1 200 "));
    let mut body = vec![0; LONG];
    client.read_exact(&mut body).await.unwrap();
    assert!(body.iter().all(|octet| *octet == 7));
    answering.await.unwrap();
    for (after, before) in place.peaks_mib().iter().zip(before) {
        let grown = after - before;
        assert!(grown < 48, "a program has grown by {grown} MiB");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_has_no_end() {
    cut_off(Place::of_one().await).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_off_has_no_end_at_another_node() {
    cut_off(Place::of_two().await).await;
}

async fn cut_off(mut place: Place) {
    let mut client = place.begin("GET", "").await;
    let (mut stream, _) = place.asked().await;
    answer(&mut stream, 200, &[("content-type", "text/plain")]).await;
    stream.writer.data(b"half").await.unwrap();
    let head = head(&mut client).await;
    assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
    assert!(head.contains("\r\nrelay-connector: "), "{head}");
    let mut chunk = [0; 9];
    client.read_exact(&mut chunk).await.unwrap();
    assert_eq!(&chunk, b"4\r\nhalf\r\n");
    drop(stream);
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn octets_of_a_websocket_go_both_ways() {
    websocket(Place::of_one().await).await;
}

#[tokio::test]
async fn octets_of_a_websocket_go_both_ways_through_two_nodes() {
    websocket(Place::of_two().await).await;
}

async fn websocket(mut place: Place) {
    let fields = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut client = place.begin("GET", fields).await;
    let (mut stream, web) = place.asked().await;
    assert_eq!(web.upgrade.as_deref(), Some("websocket"));
    assert!(web.fields.iter().any(|(name, _)| name == "sec-websocket-key"));
    answer(&mut stream, 101, &[("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]).await;
    let head = head(&mut client).await;
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    for field in ["connection: upgrade", "upgrade: websocket", "sec-websocket-accept: s3pplmb"] {
        assert!(head.contains(field), "{field}: {head}");
    }
    client.write_all(b"ping").await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(b"ping".to_vec())));
    stream.writer.data(b"pong").await.unwrap();
    let mut heard = [0; 4];
    client.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"pong");
    // Each direction ends for itself.
    client.shutdown().await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::End));
    stream.writer.data(b"more").await.unwrap();
    stream.writer.end().await.unwrap();
    stream.writer.close().await.unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"more");
}

#[tokio::test]
async fn who_gives_up_at_one_node_is_noticed_by_the_appliance_at_another() {
    let mut place = Place::of_two().await;
    let client = place.begin("GET", "").await;
    let (mut waiting, _) = place.asked().await;
    drop(client);
    assert!(waiting.reader.message::<Request>().await.is_err() || waiting.reader.is_over());
    let client = place.begin("GET", "").await;
    let (mut answering, _) = place.asked().await;
    answer(&mut answering, 200, &[]).await;
    drop(client);
    while answering.writer.data(&[7; PIECE]).await.is_ok() {}
}

#[tokio::test]
async fn a_body_that_has_not_begun_goes_elsewhere_when_the_other_node_dies() {
    let mut place = Place::of_two().await;
    let mut client = place.begin("POST", "Content-Length: 4\r\n").await;
    client.write_all(b"once").await.unwrap();
    client.flush().await.unwrap();
    let (stream, _) = place.asked().await;
    let Programs::Two(nodes) = &place.programs else { unreachable!() };
    nodes.two.server.signal(Signal::SIGKILL);
    let mut again = place.appliance.connect(&nodes.one).await;
    drop(stream);
    let (mut stream, web) = asked(&mut again).await;
    assert!(web.has_body && web.method == "POST");
    stream.writer.message(&FromAppliance::Ready).await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(b"once".to_vec())));
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::End));
    answer(&mut stream, 200, &[]).await;
    stream.writer.end().await.unwrap();
    stream.writer.close().await.unwrap();
    assert!(head(&mut client).await.starts_with("http/1.1 200 "));
}

#[tokio::test]
async fn a_body_that_has_begun_is_given_to_nobody_else_when_the_other_node_dies() {
    let mut place = Place::of_two().await;
    let mut client = place.begin("POST", "Content-Length: 8\r\n").await;
    client.write_all(b"once").await.unwrap();
    client.flush().await.unwrap();
    let (mut stream, _) = place.asked().await;
    stream.writer.message(&FromAppliance::Ready).await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(b"once".to_vec())));
    let Programs::Two(nodes) = &place.programs else { unreachable!() };
    let mut another = place.appliance.connect(&nodes.one).await;
    nodes.two.server.signal(Signal::SIGKILL);
    let head = head(&mut client).await;
    assert!(head.starts_with("http/1.1 502 "), "{head}");
    assert!(another.is_alive().await);
    assert!(another.link.incoming.accept().now_or_never().is_none(), "it was sent again");
}
