//! Follows the time servers of the network role and keeps the clock as they say.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bus::{Client, NetworkRequest, bind, follow, report_ready, serve};
use model::clock::{ClockStatus, TimeServer};
use model::network::{NetworkState, NetworkStatus};
use model::product::RELEASED;
use model::role::Role;
use model::supervision;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::discipline::{Correction, Discipline, LONGEST_POLL};
use crate::error::{ClockError, ServerError};
use crate::exchange;
use crate::packet::ReplyError;
use crate::sample::{Sample, select};
use crate::service::{ClockService, publish};
use crate::system_clock::SystemClock;
use crate::trust::{Evidence, FIRST_ANSWER_LIMIT, judge};

/// UDP port of NTP.
const PORT: u16 = 123;
const NANOSECONDS: i128 = 1_000_000_000;
const DISAGREE: &str = "the time servers disagree, and none of them has a majority";

/// Where things are.
#[derive(Clone, Debug)]
pub struct ClockConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of PID 1.
    pub init: String,
    /// UDP port of the time servers.
    pub port: u16,
}

impl ClockConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Time.socket_path(),
            network: Role::Network.socket_path(),
            init: supervision::SOCKET.to_owned(),
            port: PORT,
        }
    }
}

/// Keeps the clock, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`ClockError::Listen`]. Time servers that fail do not end the role: the status says so.
pub async fn run(
    config: ClockConfig,
    clock: Arc<dyn SystemClock>,
) -> Result<Infallible, ClockError> {
    let listener = bind(&config.socket)
        .map_err(|source| ClockError::Listen { path: config.socket, source })?;
    let mut keeper = Keeper::new(clock, config.port);
    keeper.lift_to_floor();
    let status = watch::Sender::new((1, keeper.status()));
    let service = ClockService {
        status: status.subscribe(),
        clock: Arc::clone(&keeper.clock),
        port: config.port,
    };
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(report_ready(Client::new(config.init)));
    let mut network = follow::<NetworkRequest>(config.network);
    loop {
        if let Some(network) = &*network.borrow_and_update() {
            keeper.take_network(network);
        }
        publish(&status, keeper.status());
        let (next_round, end_of_patience) = (keeper.next_round, keeper.end_of_patience());
        tokio::select! {
            // The sender lives as long as its receiver.
            _ = network.changed() => {}
            () = sleep_until(next_round) => keeper.ask_all().await,
            () = sleep_until(end_of_patience) => {}
        }
    }
}

/// Waits until a time, or for ever.
async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The clock and the servers that it is compared with.
struct Keeper {
    clock: Arc<dyn SystemClock>,
    port: u16,
    is_network_up: bool,
    servers: Vec<Server>,
    known_since: Instant,
    next_round: Option<Instant>,
    discipline: Discipline,
    followed: Option<(String, i64)>,
    offset_ms: Option<i64>,
    trouble: Option<String>,
}

struct Server {
    name: String,
    trouble: Option<String>,
    /// It asked for quiet until then.
    quiet_until: Option<Instant>,
    /// It must not be asked again (RFC 5905, section 7.4).
    is_denied: bool,
}

impl Keeper {
    fn new(clock: Arc<dyn SystemClock>, port: u16) -> Self {
        Self {
            clock,
            port,
            is_network_up: false,
            servers: Vec::new(),
            known_since: Instant::now(),
            next_round: None,
            discipline: Discipline::new(),
            followed: None,
            offset_ms: None,
            trouble: None,
        }
    }

    /// Sets a clock that is earlier than the release to the release: what is made meanwhile, such
    /// as a certificate, is then less wrong.
    fn lift_to_floor(&self) {
        let floor = i128::from(RELEASED) * NANOSECONDS;
        if self.clock.now().is_ok_and(|now| now < floor) {
            match self.clock.step_to(floor) {
                Ok(()) => {
                    warn!("The clock was earlier than this release and has been lifted to it")
                }
                Err(error) => warn!(%error, "Cannot set the clock"),
            }
        }
    }

    fn take_network(&mut self, network: &NetworkStatus) {
        self.is_network_up = network.state != NetworkState::Starting;
        let names = &network.ntp.value;
        if self.servers.iter().map(|server| &server.name).eq(names) {
            return;
        }
        let server = |name: &String| Server {
            name: name.clone(),
            trouble: None,
            quiet_until: None,
            is_denied: false,
        };
        self.servers = names.iter().map(server).collect();
        self.trouble = None;
        self.known_since = Instant::now();
        self.next_round = (!self.servers.is_empty()).then(Instant::now);
    }

    /// When silence is worth a word.
    fn end_of_patience(&self) -> Option<Instant> {
        let end = self.known_since + FIRST_ANSWER_LIMIT;
        (self.followed.is_none() && end > Instant::now()).then_some(end)
    }

    /// One round: asks all servers at once, and corrects the clock by what most of them say.
    async fn ask_all(&mut self) {
        let samples = self.samples().await;
        let troubles: Vec<_> = self.servers.iter().filter_map(Server::described).collect();
        self.trouble = (!troubles.is_empty()).then(|| troubles.join("; "));
        let pause = match select(&samples) {
            Some((index, sample)) => self.correct(index, sample),
            None => {
                if samples.len() > 1 {
                    self.trouble = Some(DISAGREE.to_owned());
                }
                self.discipline.missed()
            }
        };
        self.next_round = Some(Instant::now() + pause);
    }

    async fn samples(&mut self) -> Vec<(usize, Sample)> {
        let now = Instant::now();
        let mut questions = JoinSet::new();
        for (index, server) in self.servers.iter().enumerate() {
            if server.is_denied || server.quiet_until.is_some_and(|until| now < until) {
                continue;
            }
            let (name, port, clock) = (server.name.clone(), self.port, Arc::clone(&self.clock));
            questions.spawn(async move { (index, exchange::ask(&name, port, &*clock).await) });
        }
        let mut samples = Vec::new();
        for (index, answer) in questions.join_all().await {
            let server = &mut self.servers[index];
            match answer {
                Ok(sample) => {
                    server.trouble = None;
                    samples.push((index, sample));
                }
                Err(error) => server.note(&error),
            }
        }
        samples
    }

    /// Corrects the clock, and says how long to wait before the next round.
    fn correct(&mut self, index: usize, sample: Sample) -> Duration {
        let server = self.servers[index].name.clone();
        let offset_ms = i64::try_from(sample.offset / 1_000_000).unwrap_or(i64::MAX);
        let (correction, pause) = self.discipline.correct(sample.offset);
        let corrected = match correction {
            Correction::Slew => self.clock.slew(
                i64::try_from(sample.offset).unwrap_or_default(),
                i64::try_from(sample.error).unwrap_or(i64::MAX),
                pause,
            ),
            Correction::Step => {
                info!(server, offset_ms, "The clock is set");
                let floor = i128::from(RELEASED) * NANOSECONDS;
                self.clock
                    .now()
                    .and_then(|now| self.clock.step_to((now + sample.offset).max(floor)))
            }
            Correction::Doubt => {
                warn!(server, offset_ms, "The clock seems to be wrong; asking again");
                return pause;
            }
        };
        self.offset_ms = Some(offset_ms);
        match corrected {
            Ok(()) => self.followed = Some((server, self.now())),
            Err(error) => {
                warn!(%error, "Cannot set the clock");
                self.trouble = Some(format!("the clock cannot be set: {error}"));
            }
        }
        pause
    }

    fn now(&self) -> i64 {
        let seconds = self.clock.now().map(|now| now.div_euclid(NANOSECONDS)).unwrap_or_default();
        i64::try_from(seconds).unwrap_or_default()
    }

    fn status(&self) -> ClockStatus {
        let now = self.now();
        let trust = judge(&Evidence {
            is_network_up: self.is_network_up,
            servers: self.servers.len(),
            known_for: self.known_since.elapsed(),
            followed: self.followed.clone(),
            trouble: self.trouble.clone(),
            now,
            uptime: i64::try_from(self.clock.uptime().as_secs()).unwrap_or_default(),
        });
        let server = |server: &Server| TimeServer {
            name: server.name.clone(),
            trouble: server.trouble.clone(),
        };
        let servers = self.servers.iter().map(server).collect();
        ClockStatus { trust, since: now, offset_ms: self.offset_ms, servers }
    }
}

impl Server {
    fn note(&mut self, error: &ServerError) {
        let text = error.in_one_line();
        if self.trouble.as_ref() != Some(&text) {
            warn!(server = self.name, error = text, "A time server cannot be used");
        }
        self.trouble = Some(text);
        match error {
            ServerError::Reply(ReplyError::Rate) => {
                self.quiet_until = Some(Instant::now() + LONGEST_POLL);
            }
            ServerError::Reply(ReplyError::Denied(_)) => self.is_denied = true,
            _ => {}
        }
    }

    fn described(&self) -> Option<String> {
        self.trouble.as_ref().map(|trouble| format!("{}: {trouble}", self.name))
    }
}
