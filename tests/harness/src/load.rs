//! Clients of the cloud that look users up all the time, at a rate that can be changed, and keep an
//! account of every request: none may be lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clients::Clients;
use crate::cloud::CloudClient;
use crate::error::HarnessError;
use crate::https::{Reply, Request};
use crate::limits;
use crate::persistent::PersistentClient;
use crate::rest;

/// Clients, each with a connection of its own and one request at a time. Two appliances take 64.
pub const CLIENTS: usize = 48;
/// How long a client wants an answer. Beyond that the request counts as lost.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Pause before a client that lost its connection dials again.
const REDIAL: Duration = Duration::from_millis(50);
/// How long a client sleeps at most before it looks whether the rate has changed.
const LOOK: Duration = Duration::from_millis(200);

/// What is asked for: users of a domain, in turn.
#[derive(Clone, Debug)]
pub struct Question {
    /// Resource location whose appliances are asked.
    pub location: String,
    /// DNS name of the domain.
    pub domain: String,
    /// Account names of users that there are.
    pub users: Vec<String>,
}

/// A request that has ended.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When it was sent first.
    pub sent: Instant,
    /// When it was answered or given up.
    pub ended: Instant,
    /// How often the client sent it: again only after its connection to the cloud had broken.
    pub tries: u32,
    /// The connector that answered; otherwise what was heard instead.
    pub answer: Result<String, String>,
}

impl Asked {
    /// Time that it took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.ended.saturating_duration_since(self.sent)
    }

    /// Whether a connector answered it.
    #[must_use]
    pub fn is_from(&self, connector: &str) -> bool {
        self.answer.as_deref() == Ok(connector)
    }
}

/// The clients at work; dropping it ends them.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    clients: Clients,
}

#[derive(Debug)]
struct Shared {
    cloud: CloudClient,
    question: Question,
    /// Requests a second.
    rate: AtomicU32,
    number: AtomicUsize,
    /// When those were sent that have no answer yet, by their numbers.
    under_way: Mutex<BTreeMap<usize, Instant>>,
    /// When the next request is due.
    due: Mutex<Instant>,
    account: Mutex<Vec<Asked>>,
    has_answer: Condvar,
}

impl Load {
    /// Starts the clients in the network of the calling thread, at a rate of requests a second. What the
    /// machine does not manage is not made up for.
    #[must_use]
    pub fn start(cloud: CloudClient, question: Question, rate: u32) -> Self {
        let shared = Arc::new(Shared {
            cloud,
            question,
            rate: AtomicU32::new(rate),
            number: AtomicUsize::new(0),
            under_way: Mutex::new(BTreeMap::new()),
            due: Mutex::new(Instant::now()),
            account: Mutex::new(Vec::new()),
            has_answer: Condvar::new(),
        });
        let at_work = Arc::clone(&shared);
        let clients = Clients::start(CLIENTS, move |has_ended| at_work.ask_all_the_time(has_ended));
        Self { shared, clients }
    }

    /// Changes the rate, in requests a second.
    pub fn offer(&self, rate: u32) {
        self.shared.rate.store(rate, Ordering::Relaxed);
    }

    /// Requests that were sent before a moment and are not answered yet.
    #[must_use]
    pub fn under_way(&self, before: Instant) -> usize {
        lock(&self.shared.under_way).values().filter(|sent| **sent < before).count()
    }

    /// Hands out the requests that have ended since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *lock(&self.shared.account))
    }

    /// Waits until the requests that have ended since the last [`Load::take`] are as wanted.
    ///
    /// # Errors
    ///
    /// When they are not in time.
    pub fn wait(
        &self,
        what: &str,
        limit: Duration,
        mut is_wanted: impl FnMut(&[Asked]) -> bool,
    ) -> Result<(), HarnessError> {
        let deadline = Instant::now() + limit;
        let mut account = lock(&self.shared.account);
        while !is_wanted(&account) {
            if Instant::now() >= deadline {
                let last = account.iter().rev().find_map(|asked| asked.answer.clone().err());
                let console = last.unwrap_or_default();
                return Err(HarnessError::Timeout { what: what.to_owned(), limit, console });
            }
            let waited = self.shared.has_answer.wait_timeout(account, limits::POLL_INTERVAL);
            account = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Sends no more, waits for the answers to what was sent, and hands out what [`Load::take`] has not.
    #[must_use]
    pub fn finish(mut self) -> Vec<Asked> {
        self.clients.end();
        self.take()
    }
}

impl Shared {
    fn ask_all_the_time(&self, has_ended: &AtomicBool) {
        let mut client = PersistentClient::new(self.cloud.https().clone());
        while self.wait_for_turn(has_ended) {
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            lock(&self.under_way).insert(number, Instant::now());
            let asked = self.ask(&mut client, number);
            lock(&self.account).push(asked);
            lock(&self.under_way).remove(&number);
            self.has_answer.notify_all();
        }
    }

    /// Waits until a request is due; `false` = there are to be no more.
    fn wait_for_turn(&self, has_ended: &AtomicBool) -> bool {
        loop {
            if has_ended.load(Ordering::Relaxed) {
                return false;
            }
            let mut due = lock(&self.due);
            let now = Instant::now();
            if *due <= now {
                let rate = self.rate.load(Ordering::Relaxed).max(1);
                // Late ones are not made up for.
                let interval = Duration::from_secs(1) / rate;
                *due =
                    now.checked_sub(interval).map_or(now, |before| (*due).max(before)) + interval;
                return true;
            }
            let pause = due.saturating_duration_since(now);
            drop(due);
            thread::sleep(pause.min(LOOK));
        }
    }

    /// Asks until there is an answer. What only reads may be sent again when nobody knows what became of
    /// it.
    fn ask(&self, client: &mut PersistentClient, number: usize) -> Asked {
        let users = &self.question.users;
        let user = users.get(number % users.len().max(1)).map_or("", String::as_str);
        let sent = Instant::now();
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            let left = PATIENCE.saturating_sub(sent.elapsed());
            let heard = client.send(&self.request(user, left), left + limits::ATTEMPT);
            match heard {
                Ok(reply) => break read(&reply, user),
                Err(error) if left.is_zero() => break Err(error.to_string()),
                Err(_) => thread::sleep(REDIAL),
            }
        };
        Asked { sent, ended: Instant::now(), tries, answer }
    }

    fn request(&self, user: &str, left: Duration) -> Request {
        let Question { location, domain, .. } = &self.question;
        let seconds = left.as_secs().max(1);
        let path = format!("/resourcelocations/{location}/directory/$lookup?Timeout={seconds}");
        let body =
            json!({"domain_name": domain, "kind": "user", "key": "accountName", "value": user});
        let request = Request::new("POST", &path).body("application/json", body.to_string());
        self.cloud.authorised(request)
    }
}

/// The connector that found this user, and only this user.
fn read(reply: &Reply, user: &str) -> Result<String, String> {
    let heard = || format!("{} {}", reply.status, reply.text());
    let page: Value = rest::json(reply).map_err(|_| heard())?;
    let is_right = match page["objects"].as_array().map(Vec::as_slice) {
        Some([object]) => object["account_name"] == user,
        _ => false,
    };
    match page["connector"].as_str() {
        Some(connector) if reply.status == 200 && is_right => Ok(connector.to_owned()),
        _ => Err(heard()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, fields: vec![], body: body.into(), certificate: vec![] }
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let body = r#"{"objects":[{"account_name":"alice"}],"connector":"one"}"#;
        assert_eq!(read(&reply(200, body), "alice").as_deref(), Ok("one"));
        assert!(read(&reply(200, body), "yamada").is_err());
        assert!(read(&reply(503, body), "alice").is_err());
        assert!(read(&reply(200, r#"{"objects":[],"connector":"one"}"#), "alice").is_err());
        assert!(read(&reply(502, "bad gateway"), "alice").unwrap_err().contains("bad gateway"));
    }
}
