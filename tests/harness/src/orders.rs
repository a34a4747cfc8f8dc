//! Clients that have a web server inside do what must not be done twice, while parts of the cloud and of the
//! resource location fail. The server's log says what it was told; each order may be there once at most.
//!
//! A client never sends an order again: what it does not hear of it is for a person to find out. The cloud says
//! so in that case ([protocol](../../../docs/protocol.md)).

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::clients::Clients;
use crate::cloud::CloudClient;
use crate::error::HarnessError;
use crate::https::{Reply, Request};
use crate::limits;
use crate::load::PATIENCE;
use crate::persistent::PersistentClient;

/// Clients, each with one order at a time.
const CLIENTS: usize = 4;
/// Pause of a client between two orders: appliances under emulation have lookups to do as well.
const PAUSE: Duration = Duration::from_millis(200);
/// The field of an answer that a web server gave.
const RELAYED: &str = "relay-connector";

/// What a client heard of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// The web server's answer.
    Done,
    /// The cloud's word that it is not done, or that nobody knows.
    Failed,
    /// Nothing: the connection to the cloud broke.
    Nothing,
}

/// The clients at work; dropping it ends them.
#[derive(Debug)]
pub struct Orders {
    shared: Arc<Shared>,
    clients: Clients,
}

#[derive(Debug)]
struct Shared {
    cloud: CloudClient,
    /// Path of the web server in the cloud.
    server: String,
    number: AtomicUsize,
    account: Mutex<Vec<(usize, Heard)>>,
}

/// How the orders went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The client got the server's answer.
    pub done: usize,
    /// The client heard that it was not done, or that nobody knows.
    pub failed: usize,
    /// The client lost its connection to the cloud.
    pub unheard: usize,
    /// The server had been told, but the client did not get its answer.
    pub done_unheard: usize,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.done + self.failed + self.unheard
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, failed, unheard, done_unheard } = self;
        write!(
            formatter,
            "{} orders: {done} done, {failed} failed, {unheard} lost their connection to the cloud; of these \
             {done_unheard} were done; none twice",
            self.all()
        )
    }
}

impl Orders {
    /// Starts the clients in the network of the calling thread. `server` is the path in the cloud that leads
    /// to the web server.
    #[must_use]
    pub fn start(cloud: CloudClient, server: String) -> Self {
        let shared = Arc::new(Shared {
            cloud,
            server,
            number: AtomicUsize::new(0),
            account: Mutex::default(),
        });
        let at_work = Arc::clone(&shared);
        let clients =
            Clients::start(CLIENTS, move |has_ended| at_work.order_all_the_time(has_ended));
        Self { shared, clients }
    }

    /// Sends no more, waits for the answers to what was sent, and compares with what the server was told:
    /// paths of requests, one a line.
    ///
    /// # Errors
    ///
    /// [`HarnessError::Damage`] if an order was done twice, or the client heard that it was done and it was
    /// not; the error of `told`.
    pub fn finish(
        mut self,
        told: impl Fn() -> Result<String, HarnessError>,
    ) -> Result<Tally, HarnessError> {
        self.clients.end();
        let account = self.shared.account.lock().unwrap_or_else(PoisonError::into_inner);
        // The server writes its log after its answer: the last lines may come a moment later.
        let deadline = Instant::now() + limits::HTTPS;
        loop {
            let tally = compare(&account, &told()?);
            if tally.is_ok() || Instant::now() >= deadline {
                return tally;
            }
            thread::sleep(limits::POLL_INTERVAL);
        }
    }
}

impl Shared {
    fn order_all_the_time(&self, has_ended: &AtomicBool) {
        let mut client = PersistentClient::new(self.cloud.https().clone());
        while !has_ended.load(Ordering::Relaxed) {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let request = Request::new("POST", &format!("{}{}", self.server, path(number)))
                .body("text/plain", "once".to_owned());
            let heard = client.send(&self.cloud.authorised(request), PATIENCE + limits::ATTEMPT);
            let heard = heard.as_ref().map_or(Heard::Nothing, read);
            self.account.lock().unwrap_or_else(PoisonError::into_inner).push((number, heard));
            thread::sleep(PAUSE);
        }
    }
}

/// Path of an order at the web server.
fn path(number: usize) -> String {
    format!("/orders/{number}")
}

fn read(reply: &Reply) -> Heard {
    match (reply.status, reply.field(RELAYED)) {
        (200, Some(_)) => Heard::Done,
        _ => Heard::Failed,
    }
}

fn compare(account: &[(usize, Heard)], told: &str) -> Result<Tally, HarnessError> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for line in told.lines() {
        *times.entry(line).or_default() += 1;
    }
    let mut tally = Tally::default();
    for (number, heard) in account {
        let path = path(*number);
        let times = times.get(path.as_str()).copied().unwrap_or_default();
        match (heard, times) {
            (_, 2..) => {
                return Err(HarnessError::Damage(format!("{path} was done {times} times")));
            }
            (Heard::Done, 0) => {
                return Err(HarnessError::Damage(format!("{path} was not done, as was said")));
            }
            (Heard::Done, _) => tally.done += 1,
            (Heard::Failed, _) => tally.failed += 1,
            (Heard::Nothing, _) => tally.unheard += 1,
        }
        if *heard != Heard::Done {
            tally.done_unheard += times;
        }
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_was_done_twice_or_not_as_was_said_is_told() {
        let account =
            [(0, Heard::Done), (1, Heard::Failed), (2, Heard::Nothing), (3, Heard::Failed)];
        let tally = compare(&account, "/orders/2\n/orders/0\n").expect("a tally");
        assert_eq!(tally, Tally { done: 1, failed: 2, unheard: 1, done_unheard: 1 });
        for told in ["/orders/2\n", "/orders/0\n/orders/1\n/orders/1\n", "/orders/0\n/orders/0\n"] {
            assert!(compare(&account, told).is_err(), "{told}");
        }
    }
}
