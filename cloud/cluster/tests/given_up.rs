//! A node whose question was answered, but which gave it up before the answer arrived.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use cluster::{
    Address, Announced, Answer, Answered, Answering, Cluster, Next, Node, Question, Source,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Answers everything with data, and tells when they are dropped.
struct Answerer(mpsc::UnboundedSender<()>);

impl Node for Answerer {
    fn connectors(&self) -> Vec<Announced> {
        Vec::new()
    }

    fn answer(&self, _: Question) -> Answering {
        let data = Box::new(Data(self.0.clone()));
        let answer = Answer::Done { body: Value::Null, transfer: None, is_body: false };
        Box::pin(async { Answered { answer, data: Some(data) } })
    }

    fn changed(&self) {}

    fn returned(&self) {}
}

/// Data without end.
struct Data(mpsc::UnboundedSender<()>);

impl Source for Data {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async { Ok(Some(b"data".to_vec())) })
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Asks a node as another one does.
async fn ask(client: &Client, node: &str, id: &str, question: Value) -> Vec<u8> {
    let envelope = json!({"from": "another", "id": id, "question": question});
    let subject = format!("connector.v{}.node.{node}", cluster::VERSION);
    client.request(subject, envelope.to_string().into()).await.expect("an answer").payload.into()
}

#[tokio::test]
async fn data_of_an_answer_that_nobody_waits_for_are_dropped() {
    let nats = nats::Server::start().unwrap();
    let address = Address::parse(&nats.address(), (None, None), None).unwrap();
    let (sender, mut dropped) = mpsc::unbounded_channel();
    let options = ConnectOptions::with_user_and_password(nats::USER.into(), nats::PASSWORD.into());
    let client = options.connect(nats.address()).await.unwrap();
    let mut heard = client.subscribe("connector.*.announce").await.unwrap();
    let _cluster = Cluster::join(&address, "node-1", Arc::new(Answerer(sender))).await.unwrap();
    let announced = futures_util::StreamExt::next(&mut heard).await.unwrap();
    let announced: Value = serde_json::from_slice(&announced.payload).unwrap();
    let node = announced["node"].as_str().unwrap();

    let question = json!({"forget": {"tenant": "t", "location": "l", "connector": "c"}});
    let answer = ask(&client, node, "one", question).await;
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let pull = json!({"pull": {"transfer": answer["done"]["transfer"]}});
    assert_eq!(ask(&client, node, "two", pull).await, b"Ddata");
    assert!(dropped.try_recv().is_err());

    ask(&client, node, "three", json!({"cancel": {"id": "one"}})).await;
    // Much less than the time for which data wait for being fetched.
    tokio::time::timeout(Duration::from_secs(10), dropped.recv()).await.unwrap().unwrap();
}
