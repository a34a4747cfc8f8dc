//! One of the connections that are kept: dialled, served, dialled again.

use std::sync::Arc;
use std::time::Duration;

use model::channel::{ConnectionRefusal, ConnectionState, ConnectionTrouble};
use protocol::backoff;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};
use tunnel::Trust;
use tunnel::identity::{self, Own};

use crate::clock;
use crate::context::{Context, Event, Surroundings};
use crate::dial::{DialFailure, Way, dial, failure};
use crate::session::{Session, Turning};

/// Longest time that a gateway may give before it stops.
const LONGEST_DRAIN: Duration = Duration::from_secs(15 * 60);

/// A kept connection.
pub(crate) struct Slot {
    pub(crate) context: Context,
    /// Its place among the connections.
    pub(crate) place: usize,
}

/// What a slot has besides the connection in use.
#[derive(Default)]
struct Leaving {
    /// Connections whose gateways stop.
    sessions: JoinSet<()>,
    /// Tells the last of them that another one has taken over.
    taken_over: Option<oneshot::Sender<()>>,
}

impl Slot {
    /// Keeps the connection until the registration ends.
    pub(crate) async fn run(mut self) {
        let mut failures = 0;
        let mut leaving = Leaving::default();
        loop {
            let mut session = match self.establish().await {
                Ok(session) => session,
                Err(failed) => {
                    failures += 1;
                    if !self.fail(failed.trouble, leaving.is_working()).await {
                        return;
                    }
                    self.pause(failures, failed.retry_after).await;
                    continue;
                }
            };
            leaving.take_over();
            let begin = Instant::now();
            match session.serve().await {
                Turning::Drain(within) => {
                    let within = within.min(LONGEST_DRAIN);
                    leaving.add(session, within);
                    // Not all appliances at once; and with time left for the new connection.
                    let random = (self.context.surroundings.random)();
                    sleep(backoff::within(within / 2, random)).await;
                    failures = 0;
                }
                Turning::Renewed | Turning::Retired => failures = 0,
                Turning::Removed => {
                    let _ = self.context.events.send(Event::Removed).await;
                    return;
                }
                Turning::Lost(trouble) => {
                    failures = if begin.elapsed() >= backoff::SETTLED { 1 } else { failures + 1 };
                    if !self.fail(trouble, leaving.is_working()).await {
                        return;
                    }
                    self.pause(failures, None).await;
                }
            }
        }
    }

    /// Dials and says hello.
    async fn establish(&mut self) -> Result<Session, DialFailure> {
        let issued = Arc::clone(&self.context.issued.borrow_and_update());
        let own = Own { chain: vec![issued.certificate.clone()], key: self.context.key.private() };
        let config = identity::appliance(Trust::Pinned(issued.authorities.clone()), own)
            .map_err(|error| failure(&error))?;
        let Surroundings { settings, spread, .. } = &self.context.surroundings;
        let dialled = dial(settings, &self.context.cloud, config, spread + self.place).await?;
        let Way { peer, proxy, interception } = dialled.way;
        let session = Session::begin(self.context.clone(), dialled.link, dialled.activity).await?;
        info!(place = self.place, gateway = session.gateway, peer, "Connected with the cloud");
        let gateway = session.gateway.clone();
        self.context.surroundings.board.change_connection(self.place, |connection| {
            if connection.state != ConnectionState::Connected {
                connection.since = clock::now();
            }
            connection.state = ConnectionState::Connected;
            connection.peer = Some(peer);
            connection.proxy = proxy;
            connection.interception = interception;
            connection.gateway = Some(gateway);
        });
        Ok(session)
    }

    /// Notes why there is no connection; `false` if it is not to be dialled again.
    async fn fail(&self, trouble: ConnectionTrouble, is_leaving: bool) -> bool {
        let reason = ConnectionRefusal::Unregistered;
        if trouble == (ConnectionTrouble::Refused { reason }) {
            let _ = self.context.events.send(Event::Removed).await;
            return false;
        }
        warn!(place = self.place, cause = trouble.id(), error = %trouble, "No connection with the cloud");
        if is_leaving {
            // The gateway that stops still takes requests.
            return true;
        }
        self.context.surroundings.board.change_connection(self.place, |connection| {
            if !matches!(connection.state, ConnectionState::Failed { .. }) {
                connection.since = clock::now();
            }
            connection.state = ConnectionState::Failed { trouble };
        });
        true
    }

    /// Waits before the next attempt; new settings and another address may make a difference and end
    /// the wait.
    async fn pause(&mut self, failures: u32, retry_after: Option<Duration>) {
        let pause = backoff::pause(failures, (self.context.surroundings.random)());
        let Surroundings { settings, about, .. } = &mut self.context.surroundings;
        settings.mark_unchanged();
        about.mark_unchanged();
        tokio::select! {
            () = sleep(pause.max(retry_after.unwrap_or_default())) => {}
            Ok(()) = settings.changed(), if retry_after.is_none() => {}
            Ok(()) = about.changed(), if retry_after.is_none() => {}
        }
    }
}

impl Leaving {
    fn add(&mut self, mut session: Session, within: Duration) {
        let (sender, taken_over) = oneshot::channel();
        self.taken_over = Some(sender);
        let until = Instant::now() + within;
        self.sessions.spawn(async move { session.leave(until, taken_over).await });
    }

    fn take_over(&mut self) {
        if let Some(sender) = self.taken_over.take() {
            let _ = sender.send(());
        }
    }

    /// Whether a gateway that stops is still connected.
    fn is_working(&mut self) -> bool {
        while self.sessions.try_join_next().is_some() {}
        !self.sessions.is_empty()
    }
}
