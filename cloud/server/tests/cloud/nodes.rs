//! Two nodes that share a database and meet at NATS.

use std::collections::HashSet;

use database::Database;
use nix::sys::signal::Signal;
use protocol::control::{FromCloud, Refusal};
use protocol::request::{Answer, Request};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::appliance::{Appliance, Connection};
use crate::requests::{
    ANSWERED, Asked, LOOKUPS, TAKEN, answer, answer_some, look_up, page, report,
};
use crate::running::Cloud;
use crate::wire::Script;

/// Two nodes that have found each other.
pub(crate) struct Nodes {
    pub(crate) one: Cloud,
    pub(crate) two: Cloud,
    pub(crate) nats: nats::Server,
    pub(crate) database: Database,
}

impl Nodes {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(serve: &[&str]) -> Self {
        let (nats, database) = (nats::Server::start().unwrap(), Database::postgres().unwrap());
        let (nats_address, address) = (nats.address(), database.address());
        let shared = ["--database", &address];
        let serve = |name| [&["--nats", nats_address.as_str(), "--node", name], serve].concat();
        let one = Cloud::start_with(&shared, &serve("node-1"));
        let two = one.another(&shared, &serve("node-2"));
        one.server.says("another node is there");
        two.server.says("another node is there");
        Self { one, two, nats, database }
    }
}

fn lookup(value: &str) -> Value {
    json!({
        "domain_name": "corp.example.com", "kind": "user", "key": "accountName", "value": value,
    })
}

/// Looks somebody up; gives the status and the body.
async fn ask(script: &mut Script, location: &str, value: &str) -> (u16, String) {
    let path = format!("/resourcelocations/{location}/directory/$lookup?Timeout=60");
    let heard = script.ask("POST", &path, &lookup(value).to_string()).await;
    (heard.status, String::from_utf8(heard.body).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_answers_what_another_node_was_asked() {
    let nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let (_told, taken) = watch::channel(0);
    let mut asked = answer(appliance.connect(&nodes.two).await, taken);
    let mut script = Script::connect(&nodes.one, &nodes.one.token().await).await;
    let (status, text) = ask(&mut script, &appliance.told.location, "ada").await;
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("ada"), "{text}");
    assert_eq!(asked.recv().await.unwrap().1, 0);
}

/// Answers one lookup with so many objects that no message takes them.
async fn answer_at_length(mut connection: Connection) {
    let mut stream = connection.link.incoming.accept().await.unwrap();
    let request: Request = stream.reader.message().await.unwrap().unwrap();
    let Answer::Done { mut body, .. } = page(&request) else { panic!() };
    let object = body["objects"][0].clone();
    body["objects"] = vec![object; 2_000].into();
    stream.writer.message(&Answer::Done { body: Value::Null, has_data: true }).await.unwrap();
    stream.writer.data(body.to_string().as_bytes()).await.unwrap();
    stream.writer.end().await.unwrap();
    stream.writer.close().await.unwrap();
    let _ = connection.link.incoming.accept().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_answers_and_reports_come_whole_from_another_node() {
    let nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let mut script = Script::connect(&nodes.one, &nodes.one.token().await).await;
    let long = tokio::spawn(answer_at_length(appliance.connect(&nodes.two).await));
    let (status, text) = ask(&mut script, &appliance.told.location, "ada").await;
    assert_eq!(status, 200, "{text}");
    let page: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["objects"].as_array().unwrap().len(), 2_000);
    long.abort();
    let file: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let path = format!("/connectors/{}/report", appliance.told.connector);
    for is_whole in [true, false] {
        let connection = appliance.connect(&nodes.two).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lookup_is_lost_when_the_node_of_a_connector_is_killed() {
    let nodes = Nodes::start();
    let one = Appliance::register_as(&nodes.one, "ca-1").await;
    let two = Appliance::register_as(&nodes.one, "ca-2").await;
    let (told, mut taken) = watch::channel(0);
    let mut second = answer(one.connect(&nodes.one).await, taken.clone());
    let mut first = answer_some(two.connect(&nodes.two).await, told);
    let (found, ()) = tokio::join!(look_up(&nodes.one, &one.told.location), async {
        taken.wait_for(|taken| *taken >= TAKEN).await.unwrap();
        nodes.two.server.signal(Signal::SIGKILL);
    });
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), LOOKUPS);
    let drain =
        |asked: &mut Asked| std::iter::from_fn(|| asked.try_recv().ok()).collect::<Vec<_>>();
    let (first, second) = (drain(&mut first), drain(&mut second));
    assert_eq!(first.len(), ANSWERED + TAKEN);
    let again: HashSet<_> =
        second.iter().filter(|(_, attempt)| *attempt > 0).map(|(id, _)| id).collect();
    for (id, _) in first.iter().skip(ANSWERED) {
        assert!(again.contains(id), "{id} was not given to the other one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_typed_at_another_node_than_the_appliance_s() {
    let nodes = Nodes::start();
    let appliance = Appliance::register_between(&nodes.two, &nodes.one, "ca-1").await;
    assert!(appliance.connect(&nodes.one).await.is_alive().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_refused_by_the_other_node_and_both_are_told() {
    let nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let mut connection = appliance.connect(&nodes.one).await;
    // The same machine may have a second connection.
    assert!(appliance.connect(&nodes.two).await.is_alive().await);
    let copy = appliance.try_to_connect(nodes.two.dial().await, "copy");
    let answering = async {
        let mut stream = connection.link.incoming.accept().await.unwrap();
        let _ = stream.reader.message::<Value>().await;
        stream.writer.message(&json!({"failed": {"kind": "invalid", "detail": ""}})).await.unwrap();
        connection.hear().await
    };
    let (refused, told) = tokio::join!(copy, answering);
    assert_eq!(refused.err(), Some(Some(Refusal::Clone)));
    assert!(matches!(told, Some(FromCloud::CloneRefused { .. })), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_that_one_node_removes_is_told_by_the_other() {
    let nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let mut connection = appliance.connect(&nodes.two).await;
    let mut script = Script::connect(&nodes.one, &nodes.one.token().await).await;
    let path = format!("/connectors/{}", appliance.told.connector);
    let (heard, told) = tokio::join!(script.ask("DELETE", &path, ""), connection.hear());
    assert!(heard.status < 300, "{}", heard.status);
    assert_eq!(told, Some(FromCloud::Unregistered));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_find_each_other_again_when_nats_is_back() {
    let mut nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let (_told, taken) = watch::channel(0);
    let _asked = answer(appliance.connect(&nodes.two).await, taken.clone());
    let mut script = Script::connect(&nodes.one, &nodes.one.token().await).await;
    let location = &appliance.told.location;
    assert_eq!(ask(&mut script, location, "ada").await.0, 200);
    nodes.nats.stop();
    nodes.one.server.says("NATS is away");
    let (answered, ()) = tokio::join!(ask(&mut script, location, "bob"), async {
        nodes.nats.resume().unwrap();
    });
    assert_eq!(answered.0, 200, "{}", answered.1);
    // Without NATS a node goes on with its own connectors.
    nodes.nats.stop();
    nodes.one.server.says("NATS is away");
    let _near = answer(appliance.connect(&nodes.one).await, taken);
    assert_eq!(ask(&mut script, location, "eve").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_on_between_nodes_while_the_database_is_away() {
    let mut nodes = Nodes::start();
    let appliance = Appliance::register(&nodes.one).await;
    let (_told, taken) = watch::channel(0);
    let _asked = answer(appliance.connect(&nodes.two).await, taken.clone());
    let mut script = Script::connect(&nodes.one, &nodes.one.token().await).await;
    let location = &appliance.told.location;
    assert_eq!(ask(&mut script, location, "ada").await.0, 200);
    let Database::Postgres(postgres) = &mut nodes.database else { panic!() };
    postgres.stop();
    for _ in 0..20 {
        assert_eq!(ask(&mut script, location, "ada").await.0, 200);
    }
    // A node admits a connector again that it has seen, and one that it has not seen it does not.
    let _again = answer(appliance.connect(&nodes.two).await, taken.clone());
    assert_eq!(ask(&mut script, location, "bob").await.0, 200);
    let stranger = appliance.try_to_connect(nodes.one.dial().await, "test").await;
    assert_eq!(stranger.err(), Some(Some(Refusal::Busy)));
    assert_eq!(nodes.one.ask("GET", "/live", "", "").await.0, 200);
    assert_eq!(nodes.one.ask("GET", "/health", "", "").await.0, 503);
    let (status, _) =
        nodes.one.ask("GET", "/resourcelocations", "Authorization: Bearer x\r\n", "").await;
    assert_eq!(status, 503);
    let Database::Postgres(postgres) = &mut nodes.database else { panic!() };
    postgres.resume().unwrap();
    assert_eq!(ask(&mut script, location, "ada").await.0, 200);
}
