//! Requests that must not be carried out twice.
//!
//! The registry's journal says to whom such a request was given before it is sent. When that connector
//! is lost, the request is not sent again; the connector, which keeps a journal too, is asked what became
//! of it as soon as it is back.

use protocol::request::{FailureKind, Operation};
use registry::{NewOnce, Tenant};
use serde_json::Value;
use tokio::time::Instant;

use crate::dispatch::{Attempt, Order, Reply, Undelivered};
use crate::gateway::Gateway;
use crate::tried::Tried;

/// Sends such a request.
pub(crate) async fn send(
    gateway: &Gateway,
    order: &Order,
    deadline: Instant,
) -> Result<Reply, Undelivered> {
    let tenant = gateway.0.registry.tenant(&order.tenant);
    let now = gateway.now();
    let seconds = deadline.saturating_duration_since(Instant::now()).as_secs();
    let new = NewOnce {
        id: order.id.clone(),
        location: order.location.clone(),
        operation: name(&order.operation).to_owned(),
        deadline: now.saturating_add_unsigned(seconds),
    };
    let no_journal = |error: registry::RegistryError| Undelivered::NoJournal(error.to_string());
    tenant.open_once(&new, now).await.map_err(no_journal)?;
    let route = gateway.pick(order, &Tried::default(), false, deadline).await;
    let route = route.ok_or(Undelivered::NobodyThere)?;
    let connector = route.connector().to_owned();
    tenant.hand_over_once(&order.id, &connector, gateway.now()).await.map_err(no_journal)?;
    match gateway.attempt(&route, order, 0, deadline).await {
        Attempt::Done { body, data } => {
            note(gateway, &tenant, order, &connector, &body).await;
            Ok(Reply { connector, attempts: 1, body, data })
        }
        Attempt::Failed(failure) if failure.kind == FailureKind::Unknown => {
            Err(Undelivered::InDoubt)
        }
        Attempt::Failed(failure) => {
            note(gateway, &tenant, order, &connector, &Value::Null).await;
            Err(failure.into())
        }
        // It was handed over in the journal, so that nobody gets it any more; nobody had it.
        Attempt::Unsent => {
            note(gateway, &tenant, order, &connector, &Value::Null).await;
            Err(Undelivered::Busy)
        }
        Attempt::Late => Err(Undelivered::InDoubt),
        Attempt::Lost => ask(gateway, &tenant, order, &connector, deadline).await,
    }
}

/// Asks the connector that had a request what became of it.
async fn ask(
    gateway: &Gateway,
    tenant: &Tenant,
    order: &Order,
    connector: &str,
    deadline: Instant,
) -> Result<Reply, Undelivered> {
    let question = Order {
        operation: Operation::Outcome { of: order.id.clone() },
        connector: Some(connector.to_owned()),
        ..order.clone()
    };
    let mut tried = Tried::default();
    while let Some(route) = gateway.pick(&question, &tried, false, deadline).await {
        match gateway.attempt(&route, &question, 0, deadline).await {
            Attempt::Done { body, .. } => {
                note(gateway, tenant, order, connector, &body).await;
                return Ok(Reply {
                    connector: connector.to_owned(),
                    attempts: 1,
                    body,
                    data: None,
                });
            }
            Attempt::Failed(failure) if failure.kind == FailureKind::Unknown => break,
            Attempt::Failed(failure) => return Err(failure.into()),
            Attempt::Lost | Attempt::Unsent => tried.add(route.number()),
            Attempt::Late => break,
        }
    }
    Err(Undelivered::InDoubt)
}

/// Stores that a request was answered; the caller has the answer in any case.
async fn note(gateway: &Gateway, tenant: &Tenant, order: &Order, connector: &str, body: &Value) {
    let stored = tenant.answer_once(&order.id, connector, &body.to_string(), gateway.now()).await;
    if let Err(error) = stored {
        tracing::warn!(request = order.id, %error, "the answer to a request was not journaled");
    }
}

fn name(operation: &Operation) -> &'static str {
    match operation {
        Operation::Health => "health",
        Operation::Prechecks => "prechecks",
        Operation::Report => "report",
        Operation::Lookup(_) => "lookup",
        Operation::Outcome { .. } => "outcome",
        Operation::Web(_) => "web",
    }
}
