//! How a request to a web server inside finds a connector, and goes through it as it comes.
//!
//! Bodies are not kept: what one end does not read the other end cannot send. So the body of a request is
//! taken only once a connector has reached the server, and up to then another one may be asked.

mod for_other;
mod here;
mod stream;
mod there;

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use hyper::body::{Body, Bytes};
use protocol::request::{Failure, MAX_DEADLINE_MILLIS, Operation, Request, Safety};
use protocol::web::{MAX_RELAYS, WebAnswer, WebRequest};
use registry::TenantId;
use thiserror::Error;
use tokio::time::Instant;

use crate::dispatch::Undelivered;
use crate::gateway::Gateway;
use crate::route::Route;
use crate::tried::Tried;

pub use stream::RelayStream;

/// A request to a web server inside, for any connector of a resource location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayOrder {
    /// Whose.
    pub tenant: TenantId,
    /// Resource location.
    pub location: String,
    /// Identifier, for logs.
    pub id: String,
    /// The request.
    pub request: WebRequest,
    /// Until the server is reached, and then from the last octet of the request until the header of the
    /// answer; at most five minutes.
    pub within: Duration,
}

/// What a web server answers.
#[derive(Debug)]
pub struct Relayed {
    /// Who relays.
    pub connector: String,
    /// The answer.
    pub answer: WebAnswer,
    /// Its body, or the octets of the other protocol.
    pub stream: RelayStream,
}

/// Why no web server answers.
#[derive(Debug, Error)]
pub enum RelayError {
    /// No connector relays the request.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    /// The client broke off in the middle of the body.
    #[error("the body of the request broke off")]
    Broken,
}

/// What became of one attempt.
enum Attempt {
    Answered(WebAnswer, RelayStream),
    Failed(Failure),
    /// The connector has not got the request.
    Unsent,
    /// The connection ended, and the server cannot have got a whole request.
    Untouched,
    /// The connection ended.
    Lost,
    Late,
    Broken,
}

impl Gateway {
    /// Relays a request through a connector of a resource location. Another one is asked when that one is
    /// lost before the answer and the request [may be repeated](WebRequest::may_repeat) or its body has
    /// not begun; and when it says that it cannot, for as long as there is time.
    ///
    /// # Errors
    ///
    /// [`RelayError`] says why there is no answer.
    pub async fn relay<B>(&self, order: &RelayOrder, body: B) -> Result<Relayed, RelayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        self.relay_by(order, None, body).await
    }

    /// The same; if `only` is given, through this connector, if it is connected to this gateway, with the
    /// number of the first attempt.
    async fn relay_by<B>(
        &self,
        order: &RelayOrder,
        only: Option<(&str, u32)>,
        body: B,
    ) -> Result<Relayed, RelayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let limit = Duration::from_millis(MAX_DEADLINE_MILLIS.into());
        let deadline = Instant::now() + order.within.min(limit);
        let mut body = Some(body);
        let (only, mut attempts) = only.map_or((None, 0), |(only, first)| (Some(only), first));
        let (mut tried, mut last) = (Tried::default(), None);
        while let Some(route) = self.pick_relay(order, only, &tried, last.is_some(), deadline).await
        {
            match self.attempt_relay(&route, order, attempts, &mut body, deadline).await {
                Attempt::Answered(answer, stream) => {
                    let connector = route.connector().to_owned();
                    return Ok(Relayed { connector, answer, stream });
                }
                Attempt::Failed(failure)
                    if failure.kind.may_differ_elsewhere() && body.is_some() =>
                {
                    last = Some(Undelivered::Failed(failure));
                }
                Attempt::Failed(failure) => return Err(Undelivered::Failed(failure).into()),
                Attempt::Unsent => {}
                Attempt::Untouched => tried.lose(route.connector()),
                Attempt::Lost if order.request.may_repeat() => tried.lose(route.connector()),
                Attempt::Lost => return Err(Undelivered::InDoubt.into()),
                Attempt::Late => return Err(Undelivered::Deadline.into()),
                Attempt::Broken => return Err(RelayError::Broken),
            }
            tracing::info!(request = order.id, "another connector is asked to relay");
            tried.add(route.number());
            attempts += 1;
        }
        let there = || self.has_connector(order, only);
        let nobody = || if there() { Undelivered::Busy } else { Undelivered::NobodyThere };
        Err(last.unwrap_or_else(nobody).into())
    }

    /// Picks a way to a connector; waits for one unless a connector has answered that it cannot, or only one
    /// comes into question.
    async fn pick_relay(
        &self,
        order: &RelayOrder,
        only: Option<&str>,
        tried: &Tried,
        has_answer: bool,
        deadline: Instant,
    ) -> Option<Route> {
        let ways = || self.relays(order, only, tried);
        let is_hopeless = || has_answer || only.is_some();
        self.pick_among(&order.place(), ways, Route::cost, is_hopeless, deadline).await
    }

    /// Ways to connectors that relay another request: what a connector relays it counts on all of its
    /// connections together.
    fn relays(&self, order: &RelayOrder, only: Option<&str>, tried: &Tried) -> Vec<Route> {
        let mut here = self.0.connections.of_location(&order.place());
        here.retain(|it| only.is_none_or(|only| only == it.owner.connector));
        let mut relayed: HashMap<String, u32> = HashMap::new();
        for connection in &here {
            *relayed.entry(connection.owner.connector.clone()).or_default() += connection.relayed();
        }
        let has_room =
            |connector: &str| relayed.get(connector).is_none_or(|relayed| *relayed < MAX_RELAYS);
        here.retain(|it| {
            it.is_usable() && !tried.contains(it.number) && has_room(&it.owner.connector)
        });
        let mut all: Vec<_> = here.into_iter().map(Route::Here).collect();
        if only.is_none() {
            for remote in self.elsewhere(&order.place()) {
                let is_here = |connector: &str| all.iter().any(|it| it.connector() == connector);
                if !tried.contains(remote.number) && !is_here(&remote.about.connector) {
                    all.push(Route::There(remote));
                }
            }
        }
        tried.prefer_others(&mut all, Route::connector);
        all
    }

    /// Whether a connector is there that may relay, with room or without.
    fn has_connector(&self, order: &RelayOrder, only: Option<&str>) -> bool {
        let here = self.0.connections.of_location(&order.place());
        here.iter().any(|it| only.is_none_or(|only| only == it.owner.connector))
            || (only.is_none() && !self.elsewhere(&order.place()).is_empty())
    }

    /// Sends a request one way, and waits for the header of the answer.
    async fn attempt_relay<B>(
        &self,
        route: &Route,
        order: &RelayOrder,
        attempt: u32,
        body: &mut Option<B>,
        deadline: Instant,
    ) -> Attempt
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        match (route, self.0.others.get()) {
            (Route::Here(connection), _) => {
                here::attempt(connection, order, attempt, body, deadline).await
            }
            (Route::There(remote), Some(others)) => {
                there::attempt(others, remote, order, attempt, body, deadline).await
            }
            (Route::There(_), None) => Attempt::Unsent,
        }
    }
}

/// The request as a connector gets it.
fn envelope(order: &RelayOrder, attempt: u32, deadline: Instant) -> Request {
    let left = deadline.saturating_duration_since(Instant::now());
    // A body may take longer than all of it, if it only moves.
    let within = if order.request.has_body { order.within } else { left };
    let millis = u32::try_from(within.as_millis()).unwrap_or(u32::MAX);
    Request {
        id: order.id.clone(),
        deadline_millis: millis.clamp(1, MAX_DEADLINE_MILLIS),
        attempt,
        safety: if order.request.may_repeat() { Safety::Safe } else { Safety::Once },
        operation: Operation::Web(order.request.clone()),
    }
}

impl RelayOrder {
    fn place(&self) -> (TenantId, String) {
        (self.tenant.clone(), self.location.clone())
    }
}
