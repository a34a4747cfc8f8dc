//! Requests to web servers inside.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gateway::{RelayError, RelayOrder, Relayed, Undelivered};
use http_body_util::{Empty, Full};
use hyper::body::{Body, Bytes, Frame};
use protocol::request::{Answer, Failure, FailureKind, Operation, Request};
use protocol::web::{FromAppliance, WebAnswer, WebRequest};
use registry::TenantId;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::task::JoinHandle;
use tunnel::{Piece, Stream};

use crate::site::{Appliance, Channel, Site, send_until_given_up};

const BODY: &[u8] = b"what is sent";

/// A request to a server inside.
pub(crate) fn request(method: &str) -> WebRequest {
    WebRequest {
        method: method.to_owned(),
        server: "http://intranet.example.com".parse().unwrap(),
        path: "/a?b".to_owned(),
        fields: vec![("accept".to_owned(), "*/*".to_owned())],
        upgrade: None,
        has_body: false,
    }
}

fn order(site: &Site, appliance: &Appliance, request: WebRequest) -> RelayOrder {
    RelayOrder {
        tenant: site.tenant.clone(),
        location: appliance.registered.location.clone(),
        id: "request".to_owned(),
        request,
        within: Duration::from_secs(20),
    }
}

type Relaying = JoinHandle<Result<Relayed, RelayError>>;

fn relay<B>(site: &Site, order: RelayOrder, body: B) -> Relaying
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::fmt::Display + Send,
{
    let gateway = site.gateway.clone();
    tokio::spawn(async move { gateway.relay(&order, body).await })
}

/// The next request of a connection.
async fn asked(channel: &mut Channel) -> (Stream, WebRequest) {
    let mut stream = channel.link.incoming.accept().await.unwrap();
    let request: Request = stream.reader.message().await.unwrap().unwrap();
    let Operation::Web(web) = request.operation else { panic!("{request:?}") };
    (stream, web)
}

fn ok() -> FromAppliance {
    let fields = vec![("x-server".to_owned(), "1".to_owned())];
    FromAppliance::Answered(WebAnswer { status: 200, fields, upgrade: None })
}

fn cannot(kind: FailureKind) -> FromAppliance {
    FromAppliance::Failed(Failure { kind, detail: "no".to_owned() })
}

/// Answers with a body, and stays until the other side has read it.
async fn answer(mut stream: Stream, body: &[u8]) {
    stream.writer.message(&ok()).await.unwrap();
    stream.writer.data(body).await.unwrap();
    stream.writer.end().await.unwrap();
    stream.writer.close().await.unwrap();
}

/// The rest of the body of an answer.
async fn rest(relayed: &mut Relayed) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(piece) = relayed.stream.piece().await.unwrap() {
        body.extend(piece);
    }
    body
}

/// A body that breaks off.
struct Broken(VecDeque<Bytes>);

impl Body for Broken {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        let piece = self.0.pop_front().map(Frame::data);
        Poll::Ready(Some(piece.ok_or_else(|| "gone".to_owned())))
    }
}

fn with_body(method: &str) -> WebRequest {
    WebRequest { has_body: true, ..request(method) }
}

#[tokio::test]
async fn a_sibling_takes_over_what_may_be_sent_twice() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let mut dying = one.connect(&site, "one").await;
    let relaying = relay(&site, order(&site, &one, request("GET")), Empty::new());
    drop(asked(&mut dying).await);
    drop(dying);
    let mut sibling = two.connect(&site, "two").await;
    let (stream, asked) = asked(&mut sibling).await;
    assert_eq!(asked, request("GET"));
    answer(stream, b"found").await;
    let mut relayed = relaying.await.unwrap().unwrap();
    assert_eq!(relayed.connector, two.registered.connector);
    assert_eq!((relayed.answer.status, rest(&mut relayed).await), (200, b"found".to_vec()));
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_again() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    for (request, body) in [(request("DELETE"), ""), (with_body("POST"), "sent")] {
        let mut dying = one.connect(&site, "one").await;
        let relaying = relay(&site, order(&site, &one, request.clone()), Full::from(body));
        let (mut stream, _) = asked(&mut dying).await;
        let mut sibling = two.connect(&site, "two").await;
        if request.has_body {
            stream.writer.message(&FromAppliance::Ready).await.unwrap();
            assert!(matches!(stream.reader.piece().await.unwrap(), Some(Piece::Data(_))));
        }
        drop((stream, dying));
        let error = relaying.await.unwrap().unwrap_err();
        assert!(
            matches!(error, RelayError::Undelivered(Undelivered::InDoubt)),
            "{} {error:?}",
            request.method
        );
        let accepted = tokio::time::timeout(Duration::ZERO, sibling.link.incoming.accept()).await;
        assert!(accepted.is_err(), "{} was sent twice", request.method);
    }
}

#[tokio::test]
async fn a_body_stays_here_until_a_server_is_reached() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let mut first = one.connect(&site, "one").await;
    let relaying = relay(&site, order(&site, &one, with_body("POST")), Full::from(BODY));
    let (mut stream, _) = asked(&mut first).await;
    let mut second = two.connect(&site, "two").await;
    stream.writer.message(&cannot(FailureKind::Unreachable)).await.unwrap();
    let (mut stream, _) = asked(&mut second).await;
    stream.writer.message(&FromAppliance::Ready).await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(BODY.to_vec())));
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::End));
    answer(stream, b"").await;
    let mut relayed = relaying.await.unwrap().unwrap();
    assert!(rest(&mut relayed).await.is_empty());
    assert_eq!(relayed.answer.fields[0].1, "1");
}

#[tokio::test]
async fn an_appliance_that_knows_nothing_of_web_servers_says_so() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let failure = Failure { kind: FailureKind::Unsupported, detail: "no".to_owned() };
    let old = Answer::Failed(failure.clone());
    let _asked = appliance.connect(&site, "one").await.answer(move |_| Some(old.clone()));
    let error = site.gateway.relay(&order(&site, &appliance, request("GET")), Empty::new()).await;
    let Err(RelayError::Undelivered(Undelivered::Failed(said))) = error else {
        panic!("{error:?}")
    };
    assert_eq!(said, failure);
}

#[tokio::test]
async fn what_is_cut_off_is_never_taken_for_complete() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    // By the client.
    let broken = Broken([Bytes::from_static(BODY)].into());
    let relaying = relay(&site, order(&site, &appliance, with_body("PUT")), broken);
    let (mut stream, _) = asked(&mut channel).await;
    stream.writer.message(&FromAppliance::Ready).await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(BODY.to_vec())));
    let next = stream.reader.piece().await;
    assert!(!matches!(next, Ok(Some(_))), "{next:?}");
    assert!(matches!(relaying.await.unwrap(), Err(RelayError::Broken)));
    // By the appliance.
    let relaying = relay(&site, order(&site, &appliance, request("GET")), Empty::new());
    let (mut stream, _) = asked(&mut channel).await;
    stream.writer.message(&ok()).await.unwrap();
    stream.writer.data(BODY).await.unwrap();
    let mut relayed = relaying.await.unwrap().unwrap();
    assert_eq!(relayed.stream.piece().await.unwrap(), Some(BODY.to_vec()));
    drop(stream);
    relayed.stream.piece().await.unwrap_err();
}

#[tokio::test]
async fn who_takes_no_more_of_an_answer_gives_the_request_up() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let relaying = relay(&site, order(&site, &appliance, request("GET")), Empty::new());
    let (mut stream, _) = asked(&mut channel).await;
    stream.writer.message(&ok()).await.unwrap();
    drop(relaying.await.unwrap().unwrap());
    send_until_given_up(&mut stream).await;
}

#[tokio::test]
async fn octets_of_another_protocol_go_both_ways() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let upgrade = WebRequest { upgrade: Some("websocket".to_owned()), ..request("GET") };
    let relaying = relay(&site, order(&site, &appliance, upgrade), Empty::new());
    let (mut stream, web) = asked(&mut channel).await;
    let answer = WebAnswer { status: 101, fields: Vec::new(), upgrade: web.upgrade };
    stream.writer.message(&FromAppliance::Answered(answer)).await.unwrap();
    let relayed = relaying.await.unwrap().unwrap();
    let (near, mut client) = duplex(1024);
    let joined = tokio::spawn(relayed.stream.join(near));
    client.write_all(b"ping").await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::Data(b"ping".to_vec())));
    stream.writer.data(b"pong").await.unwrap();
    let mut heard = [0; 4];
    client.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"pong");
    client.shutdown().await.unwrap();
    assert_eq!(stream.reader.piece().await.unwrap(), Some(Piece::End));
    stream.writer.end().await.unwrap();
    assert_eq!(client.read(&mut heard).await.unwrap(), 0);
    joined.await.unwrap().unwrap();
}

#[tokio::test]
async fn connectors_of_another_customer_relay_nothing() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let _channel = appliance.connect(&site, "one").await;
    let order = RelayOrder {
        tenant: TenantId::parse("other").unwrap(),
        within: Duration::from_millis(50),
        ..order(&site, &appliance, request("GET"))
    };
    let error = site.gateway.relay(&order, Empty::new()).await.unwrap_err();
    assert!(matches!(error, RelayError::Undelivered(Undelivered::NobodyThere)), "{error:?}");
}
