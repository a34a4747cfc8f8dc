//! The other nodes, as a node asks them.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, ConnectOptions, Event, Request};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::address::Address;
use crate::limits;
use crate::message::{Answer, Envelope, Question, questions};
use crate::node::Node;
use crate::table::{Remote, Table};
use crate::transfer::Transfers;
use crate::{announce, answer};

/// The other nodes. Clones are the same.
#[derive(Clone, Debug)]
pub struct Cluster(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Random text of this start.
    pub(crate) own: String,
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) node: Arc<dyn Node>,
    pub(crate) others: Arc<Others>,
    pub(crate) transfers: Transfers,
    /// Questions of other nodes that are being answered, with where the answer goes.
    pub(crate) answering: Mutex<HashMap<String, (AbortHandle, async_nats::Subject)>>,
    pub(crate) permits: Arc<Semaphore>,
}

/// What is known of other nodes.
#[derive(Debug)]
pub(crate) struct Others {
    table: Mutex<Table>,
    /// Told when a node is gone.
    gone: watch::Sender<()>,
    /// Told when there is something to announce.
    pub(crate) touched: Notify,
    /// Told when the last word has been said.
    pub(crate) left: Notify,
    /// Whether all connectors are to be announced again.
    pub(crate) repeats: AtomicBool,
    /// Whether the node announces nothing any more.
    pub(crate) is_leaving: AtomicBool,
}

impl Others {
    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it is held.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called when nodes may be gone.
    pub(crate) fn tell_gone(&self) {
        self.gone.send_replace(());
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cluster").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a node cannot join the others.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// The file of authorities.
    #[error("the authorities of the NATS servers cannot be read from {file}: {cause}")]
    Authorities {
        /// The file.
        file: String,
        /// Why not.
        cause: String,
    },
    /// No TLS can be set up.
    #[error("TLS to NATS cannot be set up: {0}")]
    Tls(String),
    /// The client of NATS cannot be started.
    #[error("NATS cannot be used: {0}")]
    Nats(String),
}

/// Why another node did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unanswered {
    /// The node is not there; it did not get the question.
    #[error("the node is not there")]
    Unsent,
    /// The question is longer than NATS takes; it was not sent.
    #[error("the question is longer than NATS takes; see max_payload in its settings")]
    TooLong,
    /// The node is gone; nobody knows whether it got the question.
    #[error("the node is gone")]
    Gone,
    /// It did not answer in time.
    #[error("the node did not answer in time")]
    Late,
    /// It answered something that makes no sense.
    #[error("the node answered something that makes no sense")]
    Strange,
}

impl Cluster {
    /// Joins the other nodes under a name, which people see. Returns before NATS answers: until it does,
    /// there are no others.
    ///
    /// # Errors
    ///
    /// [`ClusterError`], such as authorities that cannot be read.
    pub async fn join(
        address: &Address,
        name: &str,
        node: Arc<dyn Node>,
    ) -> Result<Self, ClusterError> {
        let own = random_text();
        let others = Arc::new(Others {
            table: Mutex::new(Table::new(&own)),
            gone: watch::channel(()).0,
            touched: Notify::new(),
            left: Notify::new(),
            repeats: AtomicBool::new(false),
            is_leaving: AtomicBool::new(false),
        });
        let (told, listener) = (Arc::clone(&others), Arc::clone(&node));
        let said = Said::default();
        let mut options = ConnectOptions::new()
            .name(name)
            .retry_on_initial_connect()
            .reconnect_delay_callback(reconnect_delay)
            .ping_interval(limits::SILENCE)
            .event_callback(move |event| {
                hear(&event, &told, listener.as_ref(), &said);
                std::future::ready(())
            });
        if let Some((user, password)) = &address.credentials {
            options = options.user_and_password(user.clone(), password.expose().to_owned());
        }
        if let Some(file) = &address.authorities {
            options = options.tls_client_config(tls(file)?).require_tls(address.is_tls);
        }
        let failed = |error: &dyn fmt::Display| ClusterError::Nats(error.to_string());
        let client =
            options.connect(address.servers.clone()).await.map_err(|error| failed(&error))?;
        let cluster = Self(Arc::new(Inner {
            own,
            name: name.to_owned(),
            client,
            node,
            others,
            transfers: Transfers::default(),
            answering: Mutex::default(),
            permits: Arc::new(Semaphore::new(limits::QUESTIONS)),
        }));
        announce::start(&cluster).await.map_err(|error| failed(&error))?;
        answer::start(&cluster).await.map_err(|error| failed(&error))?;
        Ok(cluster)
    }

    /// Connectors of a resource location that are connected to other nodes.
    #[must_use]
    pub fn of_location(&self, tenant: &str, location: &str) -> Vec<Remote> {
        self.0.others.table().of_location(tenant, location)
    }

    /// How many other nodes are there.
    #[must_use]
    pub fn others(&self) -> usize {
        self.0.others.table().nodes().len()
    }

    /// Announces soon what has changed.
    pub fn touch(&self) {
        self.0.others.touched.notify_one();
    }

    /// Asks the node of a connector.
    ///
    /// # Errors
    ///
    /// [`Unanswered`]. When the future is dropped, or it is too late, the node is told.
    pub async fn ask(
        &self,
        remote: &Remote,
        question: Question,
        deadline: Instant,
    ) -> Result<Answer, Unanswered> {
        self.ask_node(&remote.node, question, deadline).await
    }

    /// Asks all other nodes at once; whether one of them says yes in time. Each of those that say no
    /// has answered, too.
    pub async fn any(&self, question: &Question, within: Duration) -> bool {
        let nodes = self.0.others.table().nodes();
        let deadline = Instant::now() + within;
        let mut asking = JoinSet::new();
        for node in nodes {
            let (cluster, question) = (self.clone(), question.clone());
            asking.spawn(async move { cluster.ask_node(&node, question, deadline).await });
        }
        while let Some(answer) = asking.join_next().await {
            if matches!(answer, Ok(Ok(Answer::Yes))) {
                return true;
            }
        }
        false
    }

    /// Answers what other nodes have asked, says that this one is gone, and ends the connection with
    /// NATS, within a few seconds.
    pub async fn leave(&self) {
        announce::leave(self).await;
    }

    pub(crate) async fn ask_node(
        &self,
        node: &str,
        question: Question,
        deadline: Instant,
    ) -> Result<Answer, Unanswered> {
        let (json, mut guard) = self.question(node, question)?;
        let answer = self.exchange(node, json, deadline).await;
        guard.is_over = !matches!(answer, Err(Unanswered::Late));
        serde_json::from_slice(&answer?).map_err(|_| Unanswered::Strange)
    }

    /// Sends a question and gives the octets of its answer.
    pub(crate) async fn exchange(
        &self,
        node: &str,
        question: Vec<u8>,
        deadline: Instant,
    ) -> Result<Vec<u8>, Unanswered> {
        let life = self.0.others.table().life(node).ok_or(Unanswered::Unsent)?;
        let request = Request::new().payload(question.into()).timeout(None);
        tokio::select! {
            biased;
            answer = self.0.client.send_request(questions(node), request) => match answer {
                Ok(answer) => Ok(answer.payload.into()),
                Err(error) => Err(match error.kind() {
                    RequestErrorKind::NoResponders => Unanswered::Unsent,
                    RequestErrorKind::MaxPayloadExceeded => Unanswered::TooLong,
                    _ => Unanswered::Gone,
                }),
            },
            () = self.is_gone(node, life) => Err(Unanswered::Gone),
            () = sleep_until(deadline) => Err(Unanswered::Late),
        }
    }

    pub(crate) fn question(
        &self,
        node: &str,
        question: Question,
    ) -> Result<(Vec<u8>, Asked), Unanswered> {
        let id = random_text();
        let envelope = Envelope { from: self.0.own.clone(), id: id.clone(), question };
        let json = serde_json::to_vec(&envelope).map_err(|_| Unanswered::Strange)?;
        // Only these take long.
        let takes_long =
            matches!(envelope.question, Question::Request { .. } | Question::Relay { .. });
        let is_over = !takes_long;
        Ok((json, Asked { cluster: self.clone(), node: node.to_owned(), id, is_over }))
    }

    async fn is_gone(&self, node: &str, life: u64) {
        let mut gone = self.0.others.gone.subscribe();
        loop {
            if self.0.others.table().life(node) != Some(life) {
                return;
            }
            if gone.changed().await.is_err() {
                return;
            }
        }
    }

    /// Tells a node that nobody waits any more.
    pub(crate) fn cancel(&self, node: &str, id: &str) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (cluster, node) = (self.clone(), node.to_owned());
        let question = Question::Cancel { id: id.to_owned() };
        runtime.spawn(async move {
            let deadline = Instant::now() + limits::LEAVING;
            let _ = Box::pin(cluster.ask_node(&node, question, deadline)).await;
        });
    }
}

/// A question; when it is dropped before its answer, the other node is told.
pub(crate) struct Asked {
    cluster: Cluster,
    node: String,
    id: String,
    is_over: bool,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_over {
            self.cluster.cancel(&self.node, &self.id);
        }
    }
}

/// What was said about NATS.
#[derive(Debug, Default)]
struct Said {
    was_there: AtomicBool,
    /// The last problem: it stays the same while NATS is dialled again and again.
    problem: Mutex<String>,
}

/// What becomes of this node's view when NATS comes or goes.
fn hear(event: &Event, others: &Others, node: &dyn Node, said: &Said) {
    match event {
        Event::Connected => {
            tracing::info!("NATS is there");
            others.repeats.store(true, Ordering::Relaxed);
            others.touched.notify_one();
            said.problem.lock().unwrap_or_else(PoisonError::into_inner).clear();
            if said.was_there.swap(true, Ordering::Relaxed) {
                node.returned();
            }
        }
        Event::Disconnected => {
            if !others.is_leaving.load(Ordering::Relaxed) {
                tracing::warn!("NATS is away; other nodes are not reached");
            }
            // Questions and answers that were on their way are lost, and nobody says which.
            others.table().clear();
            others.tell_gone();
            node.changed();
        }
        Event::LameDuckMode | Event::Draining | Event::Closed => {}
        problem => {
            let text = problem.to_string();
            let mut last = said.problem.lock().unwrap_or_else(PoisonError::into_inner);
            if *last != text {
                tracing::warn!(problem = text, "NATS");
                *last = text;
            }
        }
    }
}

/// Soon at first, never more than two seconds.
fn reconnect_delay(attempts: usize) -> Duration {
    let attempts = u32::try_from(attempts).unwrap_or(u32::MAX).min(5);
    Duration::from_millis(50 << attempts).min(Duration::from_secs(2))
}

fn tls(file: &std::path::Path) -> Result<ClientConfig, ClusterError> {
    let unreadable =
        |cause: String| ClusterError::Authorities { file: file.display().to_string(), cause };
    let mut roots = RootCertStore::empty();
    let all = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))?;
    for certificate in all {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("there is no certificate in it".to_owned()));
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClusterError::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// 128 random bits in hexadecimal.
pub(crate) fn random_text() -> String {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).expect("the system has random numbers");
    format!("{:032x}", u128::from_be_bytes(octets))
}
