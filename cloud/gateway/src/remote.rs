//! One attempt of a request by way of another gateway.

use std::sync::Arc;

use cluster::{Answer, Cluster, Question, Remote, Unanswered};
use protocol::request::{Failure, FailureKind};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::data::Data;
use crate::dispatch::{Attempt, Order, request};

/// Tells those that wait for room, however the attempt ends.
struct Room(Arc<Notify>);

impl Drop for Room {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}

/// Sends a request to the gateway of a connector and waits for its answer.
pub(crate) async fn attempt(
    cluster: &Cluster,
    remote: &Remote,
    order: &Order,
    (attempt, deadline): (u32, Instant),
    room: Arc<Notify>,
) -> Attempt {
    let began = Instant::now();
    let question = Question::Request {
        tenant: order.tenant.as_str().to_owned(),
        location: order.location.clone(),
        connector: remote.about.connector.clone(),
        request: request(order, attempt, deadline),
    };
    let _room = Room(room);
    let _in_flight = remote.begin();
    match cluster.ask(remote, question, deadline).await {
        Ok(Answer::Done { body, transfer, is_body }) => {
            remote.note_latency(began.elapsed());
            done(cluster, remote, (body, transfer, is_body), deadline).await
        }
        Ok(Answer::Failed(failure)) => Attempt::Failed(failure),
        Ok(Answer::Late) | Err(Unanswered::Late) => Attempt::Late,
        Ok(Answer::NotHere | Answer::Unsupported) | Err(Unanswered::Unsent) => Attempt::Unsent,
        Ok(
            Answer::Relayed { .. } | Answer::Lost | Answer::Cancelled | Answer::Yes | Answer::No,
        )
        | Err(Unanswered::Gone | Unanswered::Strange) => Attempt::Lost,
        Err(error @ Unanswered::TooLong) => {
            let (kind, detail) = (FailureKind::Internal, error.to_string());
            Attempt::Failed(Failure { kind, detail })
        }
    }
}

async fn done(
    cluster: &Cluster,
    remote: &Remote,
    (body, transfer, is_body): (Value, Option<String>, bool),
    deadline: Instant,
) -> Attempt {
    let Some(transfer) = transfer else { return Attempt::Done { body, data: None } };
    let fetch = cluster.fetch(remote, transfer);
    if !is_body {
        return Attempt::Done { body, data: Some(Data::There(fetch)) };
    }
    match timeout_at(deadline, fetch.body()).await {
        Ok(Ok(body)) => Attempt::Done { body, data: None },
        Ok(Err(error)) => {
            tracing::info!(%error, "an answer of another gateway was cut off");
            Attempt::Lost
        }
        Err(_) => Attempt::Late,
    }
}
