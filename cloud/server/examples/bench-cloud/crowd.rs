//! Many connectors.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::backoff;
use rustls::ClientConfig;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Outcome;
use crate::connector::{self, Connection};
use crate::program::Program;

/// Connectors that register at once.
const AT_ONCE: usize = 16;
/// Until a connection is welcomed, as on an appliance.
const OPENING: Duration = Duration::from_secs(30);
/// Until all have to be there.
const PATIENCE: Duration = Duration::from_secs(300);

/// Connectors that are registered, and those of them that are connected.
pub(crate) struct Crowd {
    tls: Arc<ClientConfig>,
    members: Vec<Arc<ClientConfig>>,
    connected: Arc<AtomicUsize>,
    ended: Arc<Mutex<Reasons>>,
}

/// Why connections ended, and how many.
pub(crate) type Reasons = BTreeMap<String, usize>;

/// Seconds until so many of the connectors were there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) half: f64,
    /// 99 %.
    pub(crate) most: f64,
    pub(crate) all: f64,
}

impl Crowd {
    /// Registers so many; gives the seconds that it took as well.
    pub(crate) async fn register(program: &Program, count: usize) -> Outcome<(Self, f64)> {
        let began = Instant::now();
        let tls = connector::outer_tls(program.root()?)?;
        let mut members = Vec::with_capacity(count);
        let mut registering = JoinSet::new();
        for number in 0..count {
            if registering.len() == AT_ONCE
                && let Some(member) = registering.join_next().await
            {
                members.push(member??);
            }
            let (office, tls) = (program.office(), Arc::clone(&tls));
            registering.spawn(async move {
                connector::register(&office, &tls, &format!("ca-{number}")).await
            });
        }
        while let Some(member) = registering.join_next().await {
            members.push(member??);
        }
        Ok((
            Self { tls, members, connected: Arc::default(), ended: Arc::default() },
            began.elapsed().as_secs_f64(),
        ))
    }

    /// All dial now, and again after pauses as appliances make them when that fails. They stay until
    /// their connection ends.
    pub(crate) async fn connect(&self, to: SocketAddr) -> Outcome<Arrival> {
        let began = Instant::now();
        let (sender, mut arrivals) = mpsc::unbounded_channel();
        for own in &self.members {
            let (tls, own) = (Arc::clone(&self.tls), Arc::clone(own));
            let (sender, connected) = (sender.clone(), Arc::clone(&self.connected));
            let ended = Arc::clone(&self.ended);
            tokio::spawn(async move {
                let mut failures = 1;
                let connection = loop {
                    // What broke a connection broke others as well, so that nobody comes at once.
                    sleep(backoff::pause(failures, random())).await;
                    let opening = Connection::open(&tls, &own, to);
                    match timeout(OPENING, opening).await {
                        Ok(Ok(connection)) => break connection,
                        Ok(Err(_)) | Err(_) => failures += 1,
                    }
                };
                connected.fetch_add(1, Ordering::Relaxed);
                let _ = sender.send(began.elapsed().as_secs_f64());
                let why = connection.answer().await;
                connected.fetch_sub(1, Ordering::Relaxed);
                *lock(&ended).entry(why).or_default() += 1;
            });
        }
        let mut times = Vec::with_capacity(self.members.len());
        while times.len() < self.members.len() {
            let arrival = timeout(PATIENCE, arrivals.recv()).await;
            times.push(arrival.ok().flatten().ok_or("not all connectors came")?);
        }
        let last = times.len().saturating_sub(1);
        let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
        Ok(Arrival { half: at(last / 2), most: at(last * 99 / 100), all: at(last) })
    }

    /// How many are connected.
    pub(crate) fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// Why those that did not stay have gone.
    pub(crate) fn ended(&self) -> Reasons {
        lock(&self.ended).clone()
    }
}

fn lock(reasons: &Mutex<Reasons>) -> MutexGuard<'_, Reasons> {
    reasons.lock().unwrap_or_else(PoisonError::into_inner)
}

fn random() -> u64 {
    let mut octets = [0; 8];
    getrandom::fill(&mut octets).expect("the system has random numbers");
    u64::from_ne_bytes(octets)
}
