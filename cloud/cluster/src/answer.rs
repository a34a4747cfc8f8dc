//! Answering other nodes.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};

use async_nats::{Message, Subject, SubscribeError, Subscriber};
use futures_util::StreamExt as _;
use protocol::request::{Failure, FailureKind};
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::cluster::{Cluster, Inner};
use crate::limits;
use crate::message::{Answer, Envelope, Question, questions};
use crate::node::Answered;
use crate::transfer::{Octets, Source};

/// Starts to answer.
pub(crate) async fn start(cluster: &Cluster) -> Result<(), SubscribeError> {
    let asked = cluster.0.client.subscribe(questions(&cluster.0.own)).await?;
    tokio::spawn(listen(Arc::downgrade(&cluster.0), asked));
    Ok(())
}

async fn listen(weak: Weak<Inner>, mut asked: Subscriber) {
    while let Some(Message { reply, payload, .. }) = asked.next().await {
        let Some(inner) = weak.upgrade() else { return };
        let Some(reply) = reply else { continue };
        match serde_json::from_slice::<Envelope>(&payload) {
            Ok(Envelope { id, question, .. }) => take(&inner, id, question, reply).await,
            Err(_) => say(&inner, reply, &Answer::Unsupported).await,
        }
    }
}

async fn take(inner: &Arc<Inner>, id: String, question: Question, reply: Subject) {
    let question = match question {
        Question::Cancel { id } => {
            let answering = inner.answering().remove(&id);
            // After that nothing is kept for the question any more; see `keep`.
            inner.transfers.remove(&id);
            if let Some((task, waiting)) = answering {
                task.abort();
                // Its place in the memory of the other node is free then.
                say(inner, waiting, &Answer::Cancelled).await;
            }
            return say(inner, reply, &Answer::Yes).await;
        }
        Question::Repeat => {
            inner.others.repeats.store(true, Ordering::Relaxed);
            inner.others.touched.notify_one();
            return say(inner, reply, &Answer::Yes).await;
        }
        question => question,
    };
    let Ok(permit) = Arc::clone(&inner.permits).try_acquire_owned() else {
        return say(inner, reply, &busy()).await;
    };
    // Held until the task can be found, so that it does not end before.
    let mut answering = inner.answering();
    let (asked, key, waiting) = (Arc::clone(inner), id.clone(), reply.clone());
    let task = tokio::spawn(async move {
        let _permit = permit;
        answer(&asked, &key, question, waiting).await;
        asked.answering().remove(&key);
    });
    answering.insert(id, (task.abort_handle(), reply));
}

async fn answer(inner: &Inner, id: &str, question: Question, reply: Subject) {
    match question {
        Question::Pull { transfer } => {
            let piece = inner.transfers.next(&transfer).await;
            if inner.client.publish(reply, piece.encode().into()).await.is_err() {
                inner.transfers.remove(&transfer);
            }
        }
        question => {
            let answered = inner.node.answer(question).await;
            let answer = keep_data(inner, id, answered);
            say(inner, reply, &answer).await;
        }
    }
}

/// Keeps what is too long for the answer, and data that belong to it.
fn keep_data(inner: &Inner, id: &str, answered: Answered) -> Answer {
    match answered.answer {
        Answer::Done { body, .. } => keep_body(inner, id, body, answered.data),
        Answer::Relayed { answer, .. } => {
            let transfer = answered.data.and_then(|source| keep(inner, id, source));
            // The server has had the request.
            transfer.map_or(Answer::Lost, |transfer| Answer::Relayed { answer, transfer })
        }
        other => other,
    }
}

fn keep_body(inner: &Inner, id: &str, body: Value, data: Option<Box<dyn Source>>) -> Answer {
    let (body, source, is_body) = match data {
        Some(source) => (body, Some(source), false),
        None => match serde_json::to_vec(&body) {
            Ok(json) if json.len() > limits::INLINE_BYTES => {
                let octets: Box<dyn Source> = Box::new(Octets(json));
                (Value::Null, Some(octets), true)
            }
            _ => (body, None, false),
        },
    };
    let Some(source) = source else {
        return Answer::Done { body, transfer: None, is_body: false };
    };
    match keep(inner, id, source) {
        Some(id) => Answer::Done { body, transfer: Some(id), is_body },
        None => busy(),
    }
}

/// Keeps data for being fetched, under the identifier of the question: whoever gives that up before the
/// answer arrives gives them up, too. `None` if there is no room or nobody waits.
fn keep(inner: &Inner, id: &str, source: Box<dyn Source>) -> Option<String> {
    // Held, so that a question is not given up in between.
    let answering = inner.answering();
    let is_kept = answering.contains_key(id) && inner.transfers.add(id, source);
    is_kept.then(|| id.to_owned())
}

fn busy() -> Answer {
    let detail = "the node of the connector has too much to do".to_owned();
    Answer::Failed(Failure { kind: FailureKind::Busy, detail })
}

async fn say(inner: &Inner, reply: Subject, answer: &Answer) {
    let Ok(json) = serde_json::to_vec(answer) else { return };
    if let Err(error) = inner.client.publish(reply, json.into()).await {
        tracing::warn!(%error, "an answer to another node was not sent");
    }
}

impl Inner {
    fn answering(
        &self,
    ) -> MutexGuard<'_, std::collections::HashMap<String, (AbortHandle, Subject)>> {
        // Nothing panics while it is held.
        self.answering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
