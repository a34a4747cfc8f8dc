//! A script asks appliances through the program, while one of them is lost.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::request::{Answer, Operation, Request};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tunnel::Stream;

use crate::appliance::{Appliance, Connection};
use crate::running::Cloud;
use crate::wire::{Fate, Script, Wire};

pub(crate) const LOOKUPS: usize = 2_000;
const SCRIPTS: usize = 32;
/// Lookups that the first appliance answers before it falls silent.
pub(crate) const ANSWERED: usize = 100;
/// Lookups that it takes then: as many as it takes at once.
pub(crate) const TAKEN: usize = 8;

/// What an appliance was asked, in order: the request and how often it had been sent before.
pub(crate) type Asked = mpsc::UnboundedReceiver<(String, u32)>;

/// The answer to a lookup repeats what was looked for.
pub(crate) fn page(request: &Request) -> Answer {
    let Operation::Lookup(lookup) = &request.operation else { panic!("{request:?}") };
    let object = json!({
        "sid": "S-1-5-21-1-2-3-1104",
        "guid": "0d2bd5c5-03a5-4f0b-a06e-3d4d1c1fa2f4",
        "distinguished_name": "CN=Ada",
        "account_name": lookup.value,
        "user_principal_name": null,
        "display_name": null,
        "mail": null,
        "is_enabled": true,
        "groups": null,
        "members": null,
    });
    let body = json!({"objects": [object], "cursor": null, "host": "dc1", "milliseconds": 1});
    Answer::Done { body, has_data: false }
}

/// Answers lookups, but not while another appliance takes some; gives what it was asked.
pub(crate) fn answer(connection: Connection, mut taken: watch::Receiver<usize>) -> Asked {
    let (sender, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        // All of it: an appliance that drops its first stream leaves.
        let mut connection = connection;
        while let Some(mut stream) = connection.link.incoming.accept().await {
            let Ok(Some(request)) = stream.reader.message::<Request>().await else { continue };
            let _ = sender.send((request.id.clone(), request.attempt));
            taken.wait_for(|taken| *taken == 0 || *taken >= TAKEN).await.unwrap();
            stream.writer.message(&page(&request)).await.unwrap();
            stream.writer.close().await.unwrap();
        }
    });
    asked
}

/// Answers some lookups and then only takes them, and tells how many. The other one waits meanwhile, so
/// that this one gets as many as it takes.
pub(crate) fn answer_some(connection: Connection, told: watch::Sender<usize>) -> Asked {
    let (sender, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut connection = connection;
        let mut taken: Vec<Stream> = Vec::new();
        for count in 1.. {
            let Some(mut stream) = connection.link.incoming.accept().await else { return };
            let Ok(Some(request)) = stream.reader.message::<Request>().await else { continue };
            let _ = sender.send((request.id.clone(), request.attempt));
            if count <= ANSWERED {
                stream.writer.message(&page(&request)).await.unwrap();
                stream.writer.close().await.unwrap();
                continue;
            }
            taken.push(stream);
            told.send_replace(taken.len());
        }
    });
    asked
}

/// Asks until all lookups are answered; gives what was found.
pub(crate) async fn look_up(cloud: &Cloud, location: &str) -> Vec<String> {
    let path = Arc::new(format!("/resourcelocations/{location}/directory/$lookup"));
    let (token, next) = (cloud.token().await, Arc::new(AtomicUsize::new(0)));
    let mut scripts = JoinSet::new();
    for _ in 0..SCRIPTS {
        let mut script = Script::connect(cloud, &token).await;
        let (path, next) = (Arc::clone(&path), Arc::clone(&next));
        scripts.spawn(async move {
            let mut found = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= LOOKUPS {
                    assert!(script.has_heard_all(), "an answer came twice");
                    return found;
                }
                let value = format!("user-{number}");
                let body = json!({
                    "domain_name": "corp.example.com",
                    "kind": "user",
                    "key": "accountName",
                    "value": value,
                });
                let heard = script.ask("POST", &path, &body.to_string()).await;
                let text = String::from_utf8(heard.body).unwrap();
                assert_eq!(heard.status, 200, "{text}");
                let page: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(page["objects"][0]["account_name"], value, "another one's answer");
                found.push(value);
            }
        });
    }
    scripts.join_all().await.concat()
}

/// One of two appliances is lost in the middle of 2,000 lookups.
async fn lose_one(fate: Fate) {
    let cloud = Cloud::start();
    let one = Appliance::register_as(&cloud, "ca-1").await;
    let two = Appliance::register_as(&cloud, "ca-2").await;
    assert_eq!(one.told.location, two.told.location);
    let wire = Wire::to(cloud.server.address).await;
    let first = one.connect_over(cloud.dial_at(wire.address).await).await;
    let (told, mut taken) = watch::channel(0);
    let mut second = answer(two.connect(&cloud).await, taken.clone());
    let mut first = answer_some(first, told);
    let (found, ()) = tokio::join!(look_up(&cloud, &one.told.location), async {
        taken.wait_for(|taken| *taken >= TAKEN).await.unwrap();
        wire.meets(fate);
    });
    assert_eq!(found.len(), LOOKUPS);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), LOOKUPS, "one was answered twice");
    let drain =
        |asked: &mut Asked| std::iter::from_fn(|| asked.try_recv().ok()).collect::<Vec<_>>();
    let (first, second) = (drain(&mut first), drain(&mut second));
    assert!(first.len() >= ANSWERED + TAKEN);
    let again: HashSet<_> =
        second.iter().filter(|(_, attempt)| *attempt > 0).map(|(id, _)| id).collect();
    for (id, _) in first.iter().skip(ANSWERED) {
        assert!(again.contains(id), "{id} was not given to the other one");
    }
    assert!(second.len() >= LOOKUPS - ANSWERED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lookup_is_lost_when_a_connection_is_cut() {
    lose_one(Fate::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lookup_is_lost_when_a_cable_is_pulled() {
    lose_one(Fate::Dead).await;
}

/// Makes a report, or only a part of it.
pub(crate) async fn report(mut connection: Connection, report: &[u8], is_whole: bool) {
    let mut stream = connection.link.incoming.accept().await.unwrap();
    let request: Request = stream.reader.message().await.unwrap().unwrap();
    assert_eq!(request.operation, Operation::Report);
    let body = json!({"mediaType": "application/zip", "bytes": report.len()});
    stream.writer.message(&Answer::Done { body, has_data: true }).await.unwrap();
    let (part, rest) = report.split_at(report.len() / 2);
    stream.writer.data(part).await.unwrap();
    if is_whole {
        stream.writer.data(rest).await.unwrap();
        stream.writer.end().await.unwrap();
        stream.writer.close().await.unwrap();
        // Until all has been read.
        let _ = stream.reader.piece().await;
        let _ = connection.link.incoming.accept().await;
    }
}

#[tokio::test]
async fn a_report_comes_whole_and_one_that_is_cut_off_is_seen_to_be() {
    let cloud = Cloud::start();
    let appliance = Appliance::register(&cloud).await;
    let path = format!("/connectors/{}/report", appliance.told.connector);
    let file: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let token = cloud.token().await;
    for is_whole in [true, false] {
        let connection = appliance.connect(&cloud).await;
        let mut script = Script::connect(&cloud, &token).await;
        let heard = tokio::select! {
            heard = script.ask("GET", &path, "") => heard,
            () = async {
                report(connection, &file, is_whole).await;
                std::future::pending::<()>().await;
            } => unreachable!(),
        };
        assert_eq!((heard.status, heard.length), (200, file.len()));
        assert_eq!(heard.body == file, is_whole);
    }
}
