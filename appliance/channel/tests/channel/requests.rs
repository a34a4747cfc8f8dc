//! Requests of the cloud.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bus::{
    DiagnosticsRequest, DiagnosticsResponse, DirectoryRequest, DirectoryResponse, Peer, Service,
};
use model::diagnostics::DiagnosticsStatus;
use model::domain::DomainName;
use model::domain::failure::DomainFailure;
use model::domain::lookup::{DirectoryObject, Lookup, LookupKey, LookupPage, ObjectKind};
use model::domain::status::DirectoryStatus;
use model::precheck::PrecheckRun;
use protocol::control;
use protocol::request::{Answer, FailureKind, MAX_DEADLINE_MILLIS, Operation, Request, Safety};
use serde_json::Value;
use tokio::time::timeout;
use tunnel::{Piece, Stream};

use crate::appliance::{Appliance, LIMIT};
use crate::cloud::{Authority, Cloud, Talk};
use crate::registration::registered;

type Control = Talk<control::FromAppliance, control::FromCloud>;

/// A directory role. It never answers `slow`, and counts what it is asked.
#[derive(Default)]
struct Directory {
    asked: Arc<AtomicU32>,
}

impl Service for Directory {
    type Request = DirectoryRequest;
    type Response = DirectoryResponse;

    async fn call(&self, _: Peer, request: DirectoryRequest) -> DirectoryResponse {
        match request {
            DirectoryRequest::Status { newer_than: None } => {
                DirectoryResponse::Status { generation: 1, status: DirectoryStatus::default() }
            }
            DirectoryRequest::Lookup { lookup } => {
                self.asked.fetch_add(1, Ordering::SeqCst);
                if lookup.domain.as_str() == "unknown.example.com" {
                    let failure = DomainFailure::NotJoined { domain: lookup.domain };
                    return DirectoryResponse::Failed { failure };
                }
                if lookup.value == "slow" {
                    std::future::pending::<()>().await;
                }
                let count = if lookup.value == "many" { 400 } else { 1 };
                DirectoryResponse::Page { page: page(&lookup.value, count) }
            }
            _ => std::future::pending().await,
        }
    }
}

fn page(name: &str, count: usize) -> LookupPage {
    let object = DirectoryObject {
        sid: "S-1-5-21-1-2-3-500".to_owned(),
        guid: "0d2bd5c5-03a5-4f0b-a06e-3d4d1c1fa2f4".to_owned(),
        distinguished_name: format!("CN={name}"),
        account_name: name.to_owned(),
        user_principal_name: None,
        display_name: None,
        mail: None,
        is_enabled: true,
        groups: None,
        members: None,
    };
    LookupPage {
        objects: vec![object; count],
        cursor: None,
        host: "dc1.example.com".to_owned(),
        milliseconds: 1,
    }
}

fn lookup(domain: &str, value: &str) -> Operation {
    Operation::Lookup(Lookup {
        domain: DomainName::parse(domain).unwrap(),
        kind: ObjectKind::User,
        key: LookupKey::AccountName,
        value: value.to_owned(),
        with_groups: false,
        cursor: None,
    })
}

fn find(value: &str) -> Operation {
    lookup("corp.example.com", value)
}

/// A diagnostics role whose report is longer than a frame.
struct Diagnostics;

const REPORT_BYTES: usize = 200_000;

impl Service for Diagnostics {
    type Request = DiagnosticsRequest;
    type Response = DiagnosticsResponse;

    async fn call(&self, _: Peer, request: DiagnosticsRequest) -> DiagnosticsResponse {
        match request {
            DiagnosticsRequest::Status { newer_than: None } => {
                let run = PrecheckRun { started: 1, took_us: Some(2), checks: Vec::new() };
                let status = DiagnosticsStatus {
                    prechecks: Some(run),
                    begun: 1,
                    ..DiagnosticsStatus::default()
                };
                DiagnosticsResponse::Status { generation: 1, status }
            }
            DiagnosticsRequest::RunPrechecks => DiagnosticsResponse::Begun { number: 1 },
            _ => std::future::pending().await,
        }
    }

    async fn call_with_file(
        &self,
        peer: Peer,
        request: DiagnosticsRequest,
    ) -> (DiagnosticsResponse, Option<OwnedFd>) {
        match request {
            DiagnosticsRequest::Report { mask: true } => {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(&vec![7; REPORT_BYTES]).unwrap();
                let bytes = u64::try_from(REPORT_BYTES).unwrap();
                (DiagnosticsResponse::Report { bytes }, Some(file.into()))
            }
            request => (self.call(peer, request).await, None),
        }
    }
}

/// A registered appliance with a directory, and its first connection.
async fn connected(authority: &Authority) -> (Cloud, Appliance, Control, Arc<AtomicU32>) {
    let mut cloud = Cloud::start(authority).await;
    let appliance = registered(&mut cloud, authority, 2050).await;
    let directory = Directory::default();
    let asked = Arc::clone(&directory.asked);
    appliance.serve("directory", directory);
    appliance.serve("diagnostics", Diagnostics);
    let connection = cloud.welcomed().await;
    (cloud, appliance, connection, asked)
}

async fn send(connection: &Control, id: &str, operation: Operation) -> Stream {
    let safety = operation.safety();
    send_as(connection, id, operation, safety, 20_000).await
}

async fn send_as(
    connection: &Control,
    id: &str,
    operation: Operation,
    safety: Safety,
    deadline_millis: u32,
) -> Stream {
    let mut stream = connection.link.opener.open().await.unwrap();
    let request = Request { id: id.to_owned(), deadline_millis, attempt: 0, safety, operation };
    stream.writer.message(&request).await.unwrap();
    stream
}

async fn answer(stream: &mut Stream) -> Answer {
    timeout(LIMIT, stream.reader.message()).await.unwrap().unwrap().unwrap()
}

async fn body(stream: &mut Stream) -> Value {
    match answer(stream).await {
        Answer::Done { body, has_data: false } => body,
        other => panic!("{other:?}"),
    }
}

async fn failure(stream: &mut Stream) -> FailureKind {
    match answer(stream).await {
        Answer::Failed(failure) => failure.kind,
        other => panic!("{other:?}"),
    }
}

async fn data(stream: &mut Stream) -> Vec<u8> {
    let mut data = Vec::new();
    loop {
        match timeout(LIMIT, stream.reader.piece()).await.unwrap().unwrap() {
            Some(Piece::Data(piece)) => data.extend(piece),
            Some(Piece::End) => return data,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_cloud_looks_up_objects_and_hears_why_it_cannot() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, _) = connected(&authority).await;
    let mut found = send(&connection, "1", find("ada")).await;
    assert_eq!(body(&mut found).await["objects"][0]["account_name"], "ada");
    let mut other = send(&connection, "2", lookup("unknown.example.com", "ada")).await;
    assert_eq!(failure(&mut other).await, FailureKind::Unreachable);
    let mut empty = send(&connection, "3", find(" ")).await;
    assert_eq!(failure(&mut empty).await, FailureKind::Invalid);
}

#[tokio::test]
async fn an_answer_that_is_too_long_for_a_message_comes_as_data() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, _) = connected(&authority).await;
    let mut many = send(&connection, "1", find("many")).await;
    assert_eq!(answer(&mut many).await, Answer::Done { body: Value::Null, has_data: true });
    let page: LookupPage = serde_json::from_slice(&data(&mut many).await).unwrap();
    assert_eq!(page, self::page("many", 400));
}

#[tokio::test]
async fn health_and_prechecks_are_told_whatever_roles_are_silent() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, _) = connected(&authority).await;
    let health = body(&mut send(&connection, "1", Operation::Health).await).await;
    let ids: Vec<_> =
        health["findings"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert!(ids.contains(&Value::from("services.starting")), "{health}");
    let prechecks = body(&mut send(&connection, "2", Operation::Prechecks).await).await;
    assert_eq!(prechecks["took_us"], 2);
}

#[tokio::test]
async fn a_report_comes_as_data_with_its_end() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, _) = connected(&authority).await;
    let mut report = send(&connection, "1", Operation::Report).await;
    match answer(&mut report).await {
        Answer::Done { body, has_data: true } => assert_eq!(body["bytes"], REPORT_BYTES),
        other => panic!("{other:?}"),
    }
    assert_eq!(data(&mut report).await, vec![7; REPORT_BYTES]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_kind() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, asked) = connected(&authority).await;
    for (id, deadline) in
        [("1", 0), ("2", MAX_DEADLINE_MILLIS + 1), ("", 100), (&*"x".repeat(129), 100)]
    {
        let mut stream = send_as(&connection, id, find("ada"), Safety::Safe, deadline).await;
        assert_eq!(failure(&mut stream).await, FailureKind::Invalid, "{id} {deadline}");
    }
    let mut later = connection.link.opener.open().await.unwrap();
    later.writer.message(&serde_json::json!({ "operation": "dance" })).await.unwrap();
    assert_eq!(failure(&mut later).await, FailureKind::Unsupported);
    let mut none = connection.link.opener.open().await.unwrap();
    none.writer.message(&"dance").await.unwrap();
    assert_eq!(failure(&mut none).await, FailureKind::Invalid);
    let mut data = connection.link.opener.open().await.unwrap();
    data.writer.data(b"dance").await.unwrap();
    assert_eq!(failure(&mut data).await, FailureKind::Invalid);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_deadline_ends_a_request() {
    let authority = Authority::new();
    let (_cloud, _appliance, connection, _) = connected(&authority).await;
    let mut slow = send_as(&connection, "1", find("slow"), Safety::Safe, 1).await;
    let kind = failure(&mut slow).await;
    // Whoever gives up first: the wait for the role, or that for the operation.
    assert!(matches!(kind, FailureKind::Deadline | FailureKind::Internal), "{kind:?}");
}

#[tokio::test]
async fn more_requests_than_it_takes_are_refused_at_once() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let directory = Directory::default();
    let asked = Arc::clone(&directory.asked);
    appliance.serve("directory", directory);
    let mut connection = cloud.connector().await;
    let capacity = match connection.hear().await {
        control::FromAppliance::Hello { capacity, .. } => capacity,
        other => panic!("{other:?}"),
    };
    connection.say(&crate::cloud::welcome()).await;
    let mut kept = Vec::new();
    for number in 0..capacity {
        kept.push(send(&connection, &number.to_string(), find("slow")).await);
    }
    let all = async {
        while asked.load(Ordering::SeqCst) < capacity {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, all).await.unwrap();
    let mut refused = send(&connection, "one more", find("ada")).await;
    assert_eq!(failure(&mut refused).await, FailureKind::Busy);
    // What the cloud gives up makes room.
    kept.truncate(1);
    loop {
        let mut stream = send(&connection, "again", find("ada")).await;
        match answer(&mut stream).await {
            Answer::Done { .. } => break,
            Answer::Failed(failure) => assert_eq!(failure.kind, FailureKind::Busy),
        }
    }
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_done_once_even_after_a_restart() {
    let authority = Authority::new();
    let (mut cloud, mut appliance, connection, asked) = connected(&authority).await;
    let once = async |connection: &Control, id: &str| {
        send_as(connection, id, find("ada"), Safety::Once, 20_000).await
    };
    let first = body(&mut once(&connection, "one").await).await;
    let of = |id: &str| Operation::Outcome { of: id.to_owned() };
    assert_eq!(body(&mut once(&connection, "one").await).await, first);
    assert_eq!(body(&mut send(&connection, "2", of("one")).await).await, first);
    let never = failure(&mut send(&connection, "3", of("other")).await).await;
    assert_eq!(never, FailureKind::NotFound);
    let _second = cloud.welcomed().await;
    appliance.restart().await;
    let connection = cloud.welcomed().await;
    assert_eq!(body(&mut send(&connection, "4", of("one")).await).await, first);
    assert_eq!(body(&mut once(&connection, "one").await).await, first);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
