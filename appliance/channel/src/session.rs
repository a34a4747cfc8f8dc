//! One connection that the cloud has welcomed: its control stream and its requests.

use std::time::Duration;

use model::channel::{CloneRefused, ConnectionRefusal, ConnectionTrouble};
use protocol::control::{FromAppliance, FromCloud, Refusal, VERSION};
use protocol::heartbeat::{self, Heartbeat};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, interval, sleep_until, timeout};
use tracing::{info, warn};
use tunnel::{Activity, Inbox, Link, Stream, TunnelError};

use crate::clock;
use crate::context::{Context, Event};
use crate::dial::{DialFailure, failure};
use crate::dispatch::Working;
use crate::instance::is_news;
use crate::outbox::{Outbox, Stuck};
use crate::renewal::{self, CloudClock, Held};

/// How long the cloud may take to answer a hello.
const WELCOME: Duration = Duration::from_secs(20);
/// How often the load is told, if it has changed.
const LOAD_PERIOD: Duration = Duration::from_secs(5);

/// Why a session stops for the moment or for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turning {
    /// The gateway stops within this time; the session still works.
    Drain(Duration),
    /// The connection is of no use any more.
    Lost(ConnectionTrouble),
    /// The appliance is removed in the cloud.
    Removed,
    /// There is a new certificate, without which this connection is of no use.
    Renewed,
    /// Another connection has taken over, and nothing is left to do here.
    Retired,
}

/// What a session waits for.
enum Happened {
    Message(Result<Option<FromCloud>, TunnelError>),
    Stream(Option<Stream>),
    LoadDue,
    RenewalDue,
    AboutChanged,
    /// The administrator ends the registration.
    Leaving,
    /// Time to look again.
    Nothing,
}

/// A welcomed connection.
#[derive(Debug)]
pub(crate) struct Session {
    context: Context,
    link: Link,
    activity: Activity,
    inbox: Inbox<FromCloud>,
    outbox: Outbox<FromAppliance>,
    working: Working,
    heartbeat: Heartbeat,
    cloud_clock: CloudClock,
    renewal_only: bool,
    renew_at: Instant,
    renewing: Option<Held>,
    told: protocol::control::Load,
    has_said_goodbye: bool,
    /// Another connection has taken over.
    is_leaving: bool,
    pub(crate) gateway: String,
}

impl Session {
    /// Says hello.
    ///
    /// # Errors
    ///
    /// The cloud refuses, or does not answer.
    pub(crate) async fn begin(
        context: Context,
        link: Link,
        activity: Activity,
    ) -> Result<Self, DialFailure> {
        let about = context.surroundings.about.borrow().clone();
        let hello = FromAppliance::Hello {
            version: VERSION,
            instance: context.surroundings.instance.clone(),
            about,
            capacity: context.surroundings.dispatcher.capacity(),
        };
        let opening = async {
            let mut stream = link.opener.open().await?;
            stream.writer.message(&hello).await?;
            let mut inbox = Inbox::<FromCloud>::new(stream.reader);
            let answer = inbox.next().await?;
            Ok::<_, TunnelError>((stream.writer, inbox, answer))
        };
        let (writer, inbox, answer) = match timeout(WELCOME, opening).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Err(failure(&error)),
            Err(_) => return Err(ConnectionTrouble::Silent.into()),
        };
        let (clock, gateway, renewal_only) = match answer {
            Some(FromCloud::Welcome { clock, gateway, renewal_only }) => {
                (clock, gateway, renewal_only)
            }
            Some(FromCloud::Refused { reason, retry_after }) => {
                let trouble = ConnectionTrouble::Refused { reason: refusal(reason) };
                let retry_after = Some(Duration::from_secs(retry_after.into()));
                return Err(DialFailure { trouble, retry_after });
            }
            Some(FromCloud::Unregistered) => {
                let reason = ConnectionRefusal::Unregistered;
                return Err(ConnectionTrouble::Refused { reason }.into());
            }
            Some(_) => {
                let detail = "the first message is no welcome".to_owned();
                return Err(ConnectionTrouble::Protocol { detail }.into());
            }
            None => return Err(ended(&link.ended).into()),
        };
        let cloud_clock = CloudClock::new(clock);
        let validity = context.issued.borrow().validity;
        let wait = renewal::wait(validity, cloud_clock.now());
        let renew_at = if renewal_only { Instant::now() } else { Instant::now() + wait };
        Ok(Self {
            heartbeat: Heartbeat::new((context.surroundings.random)()),
            working: Working::new(&context.surroundings.dispatcher),
            outbox: Outbox::new(writer),
            told: protocol::control::Load::default(),
            has_said_goodbye: false,
            is_leaving: false,
            renewing: None,
            context,
            link,
            activity,
            inbox,
            cloud_clock,
            renewal_only,
            renew_at,
            gateway,
        })
    }

    /// Serves until something has to be decided. After [`Turning::Drain`] it can be called again.
    pub(crate) async fn serve(&mut self) -> Turning {
        let mut load_ticks = interval(LOAD_PERIOD);
        loop {
            if self.is_leaving && self.working.is_idle() {
                return Turning::Retired;
            }
            let is_busy = self.renewing.is_some() || self.has_said_goodbye;
            self.heartbeat.hear(self.activity.heard());
            let look_at = match self.heartbeat.turn(self.activity.now(), is_busy) {
                heartbeat::Turn::WaitUntil(moment) => self.activity.instant(moment),
                heartbeat::Turn::Ask => match self.outbox.send(FromAppliance::Ask) {
                    Ok(()) => continue,
                    Err(Stuck) => return self.stuck(),
                },
                heartbeat::Turn::GiveUp => return Turning::Lost(ConnectionTrouble::Silent),
            };
            let Context { surroundings, leaving, .. } = &mut self.context;
            let happened = tokio::select! {
                message = self.inbox.next() => Happened::Message(message),
                stream = self.link.incoming.accept() => Happened::Stream(stream),
                _ = load_ticks.tick() => Happened::LoadDue,
                () = self.working.reap() => Happened::Nothing,
                () = sleep_until(look_at) => Happened::Nothing,
                () = sleep_until(self.renew_at) => Happened::RenewalDue,
                Ok(()) = surroundings.about.changed() => Happened::AboutChanged,
                Ok(_) = leaving.wait_for(|it| *it), if !self.has_said_goodbye => {
                    Happened::Leaving
                }
            };
            let outcome = match happened {
                Happened::Message(Ok(Some(message))) => match self.take(message).await {
                    Ok(Some(turning)) => return turning,
                    outcome => outcome.map(|_| ()),
                },
                Happened::Message(Err(error)) => return Turning::Lost(failure(&error).trouble),
                Happened::Message(Ok(None)) | Happened::Stream(None) => {
                    return Turning::Lost(ended(&self.link.ended));
                }
                Happened::Stream(Some(stream)) => {
                    self.working.begin(stream);
                    Ok(())
                }
                Happened::LoadDue => self.tell_load(),
                Happened::RenewalDue => self.renew(),
                Happened::AboutChanged => self.tell_about(),
                Happened::Leaving => {
                    self.has_said_goodbye = true;
                    self.outbox.send(FromAppliance::Unregister)
                }
                Happened::Nothing => Ok(()),
            };
            if let Err(Stuck) = outcome {
                return self.stuck();
            }
        }
    }

    /// Serves what has begun until another connection has taken over and nothing is left to do, at
    /// most until a moment.
    pub(crate) async fn leave(&mut self, until: Instant, mut taken_over: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                taken = &mut taken_over, if !self.is_leaving => {
                    // Without the sender nobody dials another connection any more.
                    if taken.is_err() {
                        return;
                    }
                    // The gateway sends nothing new on a connection that says so.
                    self.is_leaving = true;
                    self.outbox.close();
                }
                turning = self.serve() => match turning {
                    Turning::Drain(_) => {}
                    _ => return,
                },
            }
        }
    }

    async fn take(&mut self, message: FromCloud) -> Result<Option<Turning>, Stuck> {
        match message {
            FromCloud::Ask => self.outbox.send(FromAppliance::Here)?,
            FromCloud::Here => {}
            FromCloud::Certified(certified) => {
                let (answer, kept) = oneshot::channel();
                let event = Event::Certified(certified, answer);
                let is_sent = self.context.events.send(event).await.is_ok();
                let is_kept = is_sent && kept.await.unwrap_or(false);
                self.renewing = None;
                if is_kept && self.renewal_only {
                    return Ok(Some(Turning::Renewed));
                }
                let validity = self.context.issued.borrow().validity;
                let wait = renewal::wait(validity, self.cloud_clock.now());
                self.renew_at = Instant::now() + if is_kept { wait } else { renewal::AGAIN };
            }
            FromCloud::NotCertified => {
                let _ = self.context.events.send(Event::NotCertified).await;
                self.renewing = None;
                self.renew_at = Instant::now() + renewal::AGAIN;
                if self.renewal_only {
                    return Ok(Some(Turning::Lost(ConnectionTrouble::NotRenewed)));
                }
            }
            FromCloud::Drain { within } => {
                info!(gateway = self.gateway, within, "A gateway stops; another one is dialled");
                return Ok(Some(Turning::Drain(Duration::from_secs(within.into()))));
            }
            FromCloud::CloneRefused { about } => {
                let host = about.host_name.clone();
                warn!(host, "Another machine with the key of this appliance was turned away");
                self.context.surroundings.board.change(|status| {
                    status.clone_refused = Some(CloneRefused {
                        host_name: about.host_name,
                        addresses: about.addresses,
                        at: clock::now(),
                    });
                });
            }
            FromCloud::Unregistered => return Ok(Some(Turning::Removed)),
            FromCloud::Refused { reason, .. } => {
                let reason = refusal(reason);
                return Ok(Some(match reason {
                    ConnectionRefusal::Unregistered => Turning::Removed,
                    reason => Turning::Lost(ConnectionTrouble::Refused { reason }),
                }));
            }
            FromCloud::Welcome { .. } => {
                let detail = "a second welcome".to_owned();
                return Ok(Some(Turning::Lost(ConnectionTrouble::Protocol { detail })));
            }
        }
        Ok(None)
    }

    /// Asks for a new certificate, unless another connection does or has done.
    fn renew(&mut self) -> Result<(), Stuck> {
        let validity = self.context.issued.borrow().validity;
        let wait = renewal::wait(validity, self.cloud_clock.now());
        self.renew_at = Instant::now() + wait.max(renewal::AGAIN);
        if !wait.is_zero() && !self.renewal_only {
            self.renew_at = Instant::now() + wait;
            return Ok(());
        }
        // What was asked an hour ago is not answered any more.
        self.renewing = None;
        let Some(held) = self.context.turn.take() else { return Ok(()) };
        let certificate_request = match self.context.key.certificate_request() {
            Ok(request) => request,
            Err(error) => {
                warn!(%error, "No certificate request can be made");
                return Ok(());
            }
        };
        self.renewing = Some(held);
        self.outbox.send(FromAppliance::Renew { certificate_request })
    }

    fn tell_about(&mut self) -> Result<(), Stuck> {
        let about = self.context.surroundings.about.borrow_and_update().clone();
        self.outbox.send(FromAppliance::About(about))
    }

    fn tell_load(&mut self) -> Result<(), Stuck> {
        let mut load = *self.context.surroundings.load.borrow();
        load.requests = self.context.surroundings.dispatcher.in_progress();
        if !is_news(&self.told, &load) {
            return Ok(());
        }
        self.told = load;
        self.outbox.send(FromAppliance::Load(load))
    }

    /// The control stream takes no more messages: it has ended, or the cloud does not read.
    fn stuck(&self) -> Turning {
        let has_ended = self.link.ended.borrow().is_some();
        Turning::Lost(if has_ended { ended(&self.link.ended) } else { ConnectionTrouble::Silent })
    }
}

/// How a link ended.
pub(crate) fn ended(ended: &watch::Receiver<Option<String>>) -> ConnectionTrouble {
    let detail = ended.borrow().clone();
    let detail = detail.unwrap_or_else(|| "the cloud closed the connection".to_owned());
    ConnectionTrouble::Lost { detail }
}

const fn refusal(reason: Refusal) -> ConnectionRefusal {
    match reason {
        Refusal::Clone => ConnectionRefusal::Clone,
        Refusal::Unregistered => ConnectionRefusal::Unregistered,
        Refusal::VersionTooOld => ConnectionRefusal::VersionTooOld,
        Refusal::VersionTooNew => ConnectionRefusal::VersionTooNew,
        Refusal::Busy => ConnectionRefusal::Busy,
    }
}

#[cfg(test)]
mod tests;
