//! How a request finds a connector, and another one when that one dies.

use std::collections::HashMap;
use std::time::Duration;

use protocol::request::{
    Answer, Failure, FailureKind, MAX_DEADLINE_MILLIS, Operation, Request, Safety,
};
use registry::TenantId;
use serde_json::Value;
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};
use tunnel::stream::Reader;
use tunnel::{Piece, TunnelError};

use crate::choice::choose;
use crate::connection::Connection;
use crate::data::Data;
use crate::gateway::Gateway;
use crate::route::Route;
use crate::tried::Tried;
use crate::{limits, once, remote};

/// A request for any connector of a resource location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub tenant: TenantId,
    /// Resource location.
    pub location: String,
    /// Identifier, for logs and for [`Safety::Once`].
    pub id: String,
    /// What to do.
    pub operation: Operation,
    /// Only this connector, if one is given.
    pub connector: Option<String>,
    /// Until when the answer is of use; at most five minutes.
    pub within: Duration,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Reply {
    /// Who answered.
    pub connector: String,
    /// How often the request was sent.
    pub attempts: u32,
    /// What the operation gives.
    pub body: Value,
    /// Data that follow, up to their end frame.
    pub data: Option<Data>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Undelivered {
    /// No connector of the resource location is connected, and none came in time.
    #[error("no connector of the resource location is connected")]
    NobodyThere,
    /// Connectors are connected, but none had room for the request in time.
    #[error("all connectors of the resource location are busy")]
    Busy,
    /// The last connector that was asked did not answer in time.
    #[error("no connector answered in time")]
    Deadline,
    /// A connector answered that it cannot.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The connector that had the request was lost, and it must not be sent twice.
    #[error("the connector was lost; nobody knows whether it carried out the request")]
    InDoubt,
    /// The journal of requests does not answer, so the request was not sent.
    #[error("the request cannot be journaled at the moment: {0}")]
    NoJournal(String),
}

/// What became of one attempt.
pub(crate) enum Attempt {
    Done {
        body: Value,
        data: Option<Data>,
    },
    Failed(Failure),
    /// The connector has not got the request.
    Unsent,
    /// The connection ended before the answer.
    Lost,
    Late,
}

impl Gateway {
    /// Sends a request to a connector of a resource location, and to others when that one is lost or
    /// cannot, for as long as there is time.
    ///
    /// # Errors
    ///
    /// [`Undelivered`] says why there is no answer.
    pub async fn send(&self, order: Order) -> Result<Reply, Undelivered> {
        let limit = Duration::from_millis(MAX_DEADLINE_MILLIS.into());
        let deadline = Instant::now() + order.within.min(limit);
        match order.operation.safety() {
            Safety::Safe | Safety::Idempotent => self.send_until_answered(&order, deadline).await,
            Safety::Once => once::send(self, &order, deadline).await,
        }
    }

    async fn send_until_answered(
        &self,
        order: &Order,
        deadline: Instant,
    ) -> Result<Reply, Undelivered> {
        let mut tried = Tried::default();
        let mut busy: Vec<u64> = Vec::new();
        let (mut last, mut attempts) = (None, 0);
        loop {
            let Some(route) = self.pick(order, &tried, last.is_some(), deadline).await else {
                // A connector that other gateways ask as well may have more to do than is known here.
                if busy.is_empty() || !pause(deadline).await {
                    break;
                }
                tried.forget(&busy);
                busy.clear();
                continue;
            };
            attempts += 1;
            match self.attempt(&route, order, attempts - 1, deadline).await {
                Attempt::Done { body, data } => {
                    let connector = route.connector().to_owned();
                    return Ok(Reply { connector, attempts, body, data });
                }
                Attempt::Failed(failure) if failure.kind.may_differ_elsewhere() => {
                    if failure.kind == FailureKind::Busy {
                        busy.push(route.number());
                    }
                    last = Some(Undelivered::Failed(failure));
                }
                Attempt::Failed(failure) => return Err(failure.into()),
                Attempt::Lost => {
                    tracing::info!(
                        request = order.id,
                        "a connector was lost; another one is asked"
                    );
                    tried.lose(route.connector());
                }
                Attempt::Unsent => {}
                Attempt::Late => return Err(Undelivered::Deadline),
            }
            tried.add(route.number());
        }
        Err(last.unwrap_or_else(|| {
            let there = self.0.connections.of_location(&order.place());
            let is_there = there.iter().any(|it| order.may_go_to(&it.owner.connector))
                || self
                    .elsewhere(&order.place())
                    .iter()
                    .any(|it| order.may_go_to(&it.about.connector));
            if is_there { Undelivered::Busy } else { Undelivered::NobodyThere }
        }))
    }

    /// Picks a way to a connector. Waits for one. After a connector has answered that it cannot, only one
    /// that is there and has no room is waited for: others that are not there yet hardly can.
    pub(crate) async fn pick(
        &self,
        order: &Order,
        tried: &Tried,
        has_answer: bool,
        deadline: Instant,
    ) -> Option<Route> {
        let ways = || self.candidates(order, tried);
        let is_hopeless = || has_answer && !self.has_untried(order, tried);
        self.pick_among(&order.place(), ways, Route::cost, is_hopeless, deadline).await
    }

    /// Picks one of the ways that there are at the moment. While there is none, waits for connections and
    /// room in a resource location, unless that is hopeless.
    pub(crate) async fn pick_among<W>(
        &self,
        place: &(TenantId, String),
        ways: impl Fn() -> Vec<W>,
        cost: impl Fn(&W) -> u64,
        is_hopeless: impl Fn() -> bool,
        deadline: Instant,
    ) -> Option<W> {
        loop {
            let changed = self.0.connections.changed.notified();
            let room = self.0.connections.room(place);
            let freed = room.notified();
            let ways = ways();
            let costs: Vec<_> = ways.iter().map(&cost).collect();
            if let Some(index) = choose(&costs, random()) {
                return ways.into_iter().nth(index);
            }
            let change = async {
                tokio::select! {
                    () = changed => {}
                    () = freed => {}
                }
            };
            if is_hopeless() || timeout_at(deadline, change).await.is_err() {
                return None;
            }
        }
    }

    /// Whether there is a way, with room or without, on which a request was not sent.
    fn has_untried(&self, order: &Order, tried: &Tried) -> bool {
        let is_untried =
            |connector: &str, number: u64| order.may_go_to(connector) && !tried.contains(number);
        let here = self.0.connections.of_location(&order.place());
        here.iter().any(|it| is_untried(&it.owner.connector, it.number))
            || self
                .elsewhere(&order.place())
                .iter()
                .any(|it| is_untried(&it.about.connector, it.number))
    }

    fn candidates(&self, order: &Order, tried: &Tried) -> Vec<Route> {
        let mut all = self.0.connections.of_location(&order.place());
        let mut in_flight: HashMap<String, u32> = HashMap::new();
        for connection in &all {
            *in_flight.entry(connection.owner.connector.clone()).or_default() +=
                connection.in_flight();
        }
        all.retain(|it| {
            order.may_go_to(&it.owner.connector)
                && !tried.contains(it.number)
                && it.has_room(in_flight.get(&it.owner.connector).copied().unwrap_or(0))
        });
        if in_flight.values().sum::<u32>() > limits::REQUESTS_OF_LOCATION {
            all.clear();
        }
        let mut all: Vec<_> = all.into_iter().map(Route::Here).collect();
        self.add_elsewhere(order, tried, &mut all);
        // Those that have joined the domain come first; the others say themselves that they have not.
        if let Operation::Lookup(lookup) = &order.operation
            && all.iter().any(|it| it.serves(lookup.domain.as_str()))
        {
            all.retain(|it| it.serves(lookup.domain.as_str()));
        }
        tried.prefer_others(&mut all, Route::connector);
        all
    }

    /// Adds connectors of other gateways that cannot be reached from here without them.
    fn add_elsewhere(&self, order: &Order, tried: &Tried, all: &mut Vec<Route>) {
        for remote in self.elsewhere(&order.place()) {
            let about = &remote.about;
            let is_meant = order.may_go_to(&about.connector)
                && !tried.contains(remote.number)
                && remote.in_flight() < about.capacity.max(1);
            if is_meant && all.iter().all(|it| it.connector() != about.connector) {
                all.push(Route::There(remote));
            }
        }
    }

    /// Sends a request one way and waits for its answer.
    pub(crate) async fn attempt(
        &self,
        route: &Route,
        order: &Order,
        attempt: u32,
        deadline: Instant,
    ) -> Attempt {
        match (route, self.0.others.get()) {
            (Route::Here(connection), _) => {
                attempt_here(connection, order, attempt, deadline).await
            }
            (Route::There(remote), Some(others)) => {
                let room = self.0.connections.room(&order.place());
                remote::attempt(others, remote, order, (attempt, deadline), room).await
            }
            (Route::There(_), None) => Attempt::Unsent,
        }
    }
}

impl Order {
    pub(crate) fn place(&self) -> (TenantId, String) {
        (self.tenant.clone(), self.location.clone())
    }

    fn may_go_to(&self, connector: &str) -> bool {
        self.connector.as_ref().is_none_or(|only| only == connector)
    }
}

/// Waits a moment for a connector that is busy, unless there is no time left.
async fn pause(deadline: Instant) -> bool {
    timeout_at(deadline, sleep(limits::BUSY_PAUSE)).await.is_ok()
}

/// A request as a connector gets it.
pub(crate) fn request(order: &Order, attempt: u32, deadline: Instant) -> Request {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    Request {
        id: order.id.clone(),
        deadline_millis: u32::try_from(left).unwrap_or(MAX_DEADLINE_MILLIS),
        attempt,
        safety: order.operation.safety(),
        operation: order.operation.clone(),
    }
}

/// Sends a request on a connection and waits for its answer.
pub(crate) async fn attempt_here(
    connection: &Connection,
    order: &Order,
    attempt: u32,
    deadline: Instant,
) -> Attempt {
    let began = Instant::now();
    let request = request(order, attempt, deadline);
    let _in_flight = connection.begin();
    let mut ended = connection.ended.clone();
    tokio::select! {
        biased;
        answer = timeout_at(deadline, exchange(connection, &request)) => match answer {
            Ok(Ok(answer)) => {
                connection.note_latency(began.elapsed());
                answer
            }
            Ok(Err(_)) => Attempt::Lost,
            Err(_) => Attempt::Late,
        },
        _ = ended.wait_for(|has_ended| *has_ended) => Attempt::Lost,
    }
}

async fn exchange(connection: &Connection, request: &Request) -> Result<Attempt, TunnelError> {
    let mut stream = connection.opener.open().await?;
    stream.writer.message(request).await?;
    // Its own half stays open until the answer is there: one that is closed is not reset when nobody waits
    // any more, and the connector would go on for nobody.
    let answer = match stream.reader.message().await? {
        Some(Answer::Done { body: Value::Null, has_data: true }) if is_json(&request.operation) => {
            let body = long_body(&mut stream.reader).await?;
            Attempt::Done { body, data: None }
        }
        Some(Answer::Done { body, has_data: true }) => {
            return Ok(Attempt::Done { body, data: Some(Data::Here(stream)) });
        }
        Some(Answer::Done { body, has_data: false }) => Attempt::Done { body, data: None },
        Some(Answer::Failed(failure)) => Attempt::Failed(failure),
        // A stream that is reset and one whose connection ended look alike.
        None => return Ok(Attempt::Lost),
    };
    let _ = stream.writer.close().await;
    Ok(answer)
}

/// Whether the data of an answer are its body, which is too long for a message.
fn is_json(operation: &Operation) -> bool {
    match operation {
        Operation::Health
        | Operation::Prechecks
        | Operation::Lookup(_)
        | Operation::Outcome { .. } => true,
        Operation::Report | Operation::Web(_) => false,
    }
}

/// Reads a body that comes as data.
async fn long_body(reader: &mut Reader) -> Result<Value, TunnelError> {
    let mut json = Vec::new();
    loop {
        match reader.piece().await? {
            Some(Piece::Data(data)) if json.len() + data.len() <= limits::BODY_BYTES => {
                json.extend(data);
            }
            Some(Piece::End) => {
                return serde_json::from_slice(&json).map_err(|_| TunnelError::Message);
            }
            Some(Piece::Data(_) | Piece::Message(_)) => return Err(TunnelError::Message),
            None => return Err(TunnelError::Ended("the answer was cut off".to_owned())),
        }
    }
}

pub(crate) fn random() -> u64 {
    let mut octets = [0; 8];
    getrandom::fill(&mut octets).expect("the system has random numbers");
    u64::from_ne_bytes(octets)
}
