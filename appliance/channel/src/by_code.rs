//! Registration by a code that an administrator carries to the console of the cloud.

use std::time::Duration;

use bus::ChannelResponse;
use model::channel::{
    Applicant, ConnectionTrouble, Ending, EndingReason, RegistrationRefusal, RegistrationState,
    RegistrationStep, ShownCode,
};
use model::secret::Secret;
use protocol::backoff;
use protocol::code::{Code, LIFETIME_SECONDS};
use protocol::registration::{FromAppliance, FromCloud, Refusal};
use protocol::security_number::security_number;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::{info, warn};
use tunnel::{Pin, Trust};

use crate::application::{Conversation, application, member, out_of_place, refusal};
use crate::clock;
use crate::context::Surroundings;
use crate::dial::failure;
use crate::key::ApplianceKey;
use crate::order::{Command, Order, Orders};
use crate::record::{Member, Pending, Record};
use crate::session::ended;
use crate::store::Store;

/// Longest ticket in octets.
const MAX_TICKET_BYTES: usize = 1024;
/// How long the cloud may take to take note that a registration is given up.
const GOODBYE: Duration = Duration::from_secs(3);
/// How long the cloud may take to give a code.
const CODE_LIMIT: Duration = Duration::from_secs(30);

/// How a registration by code ended.
pub(crate) enum Ended {
    /// The appliance is registered; not stored yet.
    Registered(Box<Member>),
    /// It is not. `None` = the administrator gave it up.
    Not(Option<Ending>),
    /// Everything is to be forgotten.
    Forget(Order),
}

/// A registration by code.
pub(crate) struct ByCode<'a> {
    surroundings: &'a Surroundings,
    store: &'a Store,
    applicant: Applicant,
    key: ApplianceKey,
    code: Option<Shown>,
    /// Whether the code ran out and nobody has asked for another one.
    has_expired: bool,
    is_entered: bool,
    trouble: Option<ConnectionTrouble>,
}

/// The code that is shown.
struct Shown {
    code: Code,
    ticket: Secret,
    authority: Pin,
    expires_at: i64,
    expires: Instant,
}

/// How a conversation goes on.
enum Next {
    Continue,
    /// The connection is of no use any more.
    Again,
    End(Ended),
}

impl<'a> ByCode<'a> {
    /// A new registration.
    ///
    /// # Errors
    ///
    /// No key can be made.
    pub(crate) fn begin(
        surroundings: &'a Surroundings,
        store: &'a Store,
        applicant: Applicant,
    ) -> Result<Self, RegistrationRefusal> {
        let key = ApplianceKey::generate()
            .map_err(|error| RegistrationRefusal::WrongCertificate { detail: error.to_string() })?;
        let this = Self {
            surroundings,
            store,
            applicant,
            key,
            code: None,
            has_expired: false,
            is_entered: false,
            trouble: None,
        };
        this.show();
        Ok(this)
    }

    /// One that was under way when the role ended; `None` if it cannot be read.
    pub(crate) fn resume(
        surroundings: &'a Surroundings,
        store: &'a Store,
        pending: &Pending,
    ) -> Option<Self> {
        // The clock may have been set meanwhile; no code is good for longer than this.
        let left = (pending.expires_at - clock::now()).clamp(0, LIFETIME_SECONDS);
        let left = Duration::from_secs(u64::try_from(left).unwrap_or_default());
        let shown = Shown {
            code: Code::parse(pending.code.expose()).ok()?,
            ticket: pending.ticket.clone(),
            authority: Pin::from_base64(&pending.authority)?,
            expires_at: pending.expires_at,
            expires: Instant::now() + left,
        };
        let this = Self {
            surroundings,
            store,
            applicant: pending.applicant.clone(),
            key: ApplianceKey::read(&pending.key)?,
            code: Some(shown),
            has_expired: left.is_zero(),
            is_entered: false,
            trouble: None,
        };
        this.show();
        Some(this)
    }

    /// Goes on until the registration has come about or is given up.
    pub(crate) async fn run(mut self, orders: &mut Orders) -> Ended {
        let mut failures = 0;
        loop {
            if self.has_expired {
                match self.wait(None, orders).await {
                    Next::End(ended) => return ended,
                    Next::Continue | Next::Again => continue,
                }
            }
            let first = match self.first_word() {
                Ok(first) => first,
                Err(reason) => return self.refused(reason),
            };
            let trust = match &self.code {
                Some(shown) => Trust::Pinned(vec![shown.authority]),
                None => Trust::FirstUse,
            };
            let (surroundings, applicant) = (self.surroundings, self.applicant.clone());
            let dialling = Conversation::begin(surroundings, &applicant, trust, &first);
            let begun = tokio::select! {
                begun = dialling => begun,
                order = orders.recv() => match self.obey(order) {
                    Next::End(ended) => return ended,
                    Next::Continue | Next::Again => continue,
                },
            };
            let (trouble, retry_after) = match begun {
                Ok(conversation) => match self.converse(conversation, orders).await {
                    Next::End(ended) => return ended,
                    Next::Continue | Next::Again => (self.trouble.clone(), None),
                },
                Err(failed) => (Some(failed.trouble), failed.retry_after),
            };
            failures = if trouble.is_some() { failures + 1 } else { 0 };
            self.trouble = trouble;
            self.show();
            let pause = backoff::pause(failures, (self.surroundings.random)());
            let pause = pause.max(retry_after.unwrap_or_default());
            if let Next::End(ended) = self.wait(Some(pause), orders).await {
                return ended;
            }
        }
    }

    fn first_word(&self) -> Result<FromAppliance, RegistrationRefusal> {
        if let Some(shown) = &self.code {
            return Ok(FromAppliance::Resume { ticket: shown.ticket.expose().to_owned() });
        }
        let about = self.surroundings.about.borrow().clone();
        application(&self.applicant, &self.key, about).map(FromAppliance::Begin)
    }

    /// Waits for an order, for the end of the code, or for a time.
    async fn wait(&mut self, pause: Option<Duration>, orders: &mut Orders) -> Next {
        tokio::select! {
            order = orders.recv() => self.obey(order),
            () = expiry(self.code.as_ref()), if !self.has_expired => {
                self.expire();
                Next::Continue
            }
            () = sleep(pause.unwrap_or_default()), if pause.is_some() => Next::Continue,
        }
    }

    /// Speaks with the cloud until the connection ends or something is decided.
    async fn converse(&mut self, mut conversation: Conversation, orders: &mut Orders) -> Next {
        self.trouble = None;
        self.show();
        info!(peer = conversation.way.peer, "Connected with the cloud for a registration");
        let code_due = Instant::now() + CODE_LIMIT;
        let mut has_code = self.code.is_some();
        loop {
            let next = tokio::select! {
                message = conversation.inbox.next() => match message {
                    Ok(Some(message)) => {
                        has_code = true;
                        self.hear(message, &mut conversation).await
                    }
                    Ok(None) => self.lost(ended(&conversation.link.ended)),
                    Err(error) => self.lost(failure(&error).trouble),
                },
                order = orders.recv() => self.obey_connected(order, &mut conversation).await,
                () = expiry(self.code.as_ref()), if !self.has_expired => {
                    self.expire();
                    Next::Continue
                }
                () = sleep_until(code_due), if !has_code => self.lost(ConnectionTrouble::Silent),
            };
            if !matches!(next, Next::Continue) {
                return next;
            }
        }
    }

    async fn hear(&mut self, message: FromCloud, conversation: &mut Conversation) -> Next {
        match message {
            FromCloud::Code { code, expires_in, ticket } => {
                self.take_code(&code, expires_in, ticket, conversation.authority)
            }
            FromCloud::AreYouThere => {
                if let Err(error) = conversation.writer.message(&FromAppliance::Here).await {
                    return self.lost(failure(&error).trouble);
                }
                self.is_entered = true;
                self.show();
                Next::Continue
            }
            FromCloud::Registered(registered) => {
                match member(&self.applicant, &self.key, conversation.authority, registered) {
                    Ok(member) => Next::End(Ended::Registered(Box::new(member))),
                    Err(reason) => Next::End(self.refused(reason)),
                }
            }
            FromCloud::Refused { reason: Refusal::TooMany | Refusal::Unavailable }
                if self.code.is_some() =>
            {
                // The code is good all the same.
                let reason = model::channel::ConnectionRefusal::Busy;
                self.lost(ConnectionTrouble::Refused { reason })
            }
            FromCloud::Refused { reason } => match refusal(reason) {
                Some(reason) => Next::End(self.refused(reason)),
                // The cloud may stay, to be asked for another code.
                None => {
                    self.expire();
                    Next::Continue
                }
            },
            other @ FromCloud::Challenge { .. } => self.lost(out_of_place(&other)),
        }
    }

    fn take_code(&mut self, code: &str, seconds: i64, ticket: String, authority: Pin) -> Next {
        let seconds = seconds.clamp(0, LIFETIME_SECONDS);
        let Ok(code) = Code::parse(code) else {
            let detail = "a code that is none".to_owned();
            return self.lost(ConnectionTrouble::Protocol { detail });
        };
        if ticket.is_empty() || ticket.len() > MAX_TICKET_BYTES {
            let detail = "a ticket that is empty or too long".to_owned();
            return self.lost(ConnectionTrouble::Protocol { detail });
        }
        let left = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        let shown = Shown {
            code,
            ticket: Secret::new(ticket),
            authority,
            expires_at: clock::now() + seconds,
            expires: Instant::now() + left,
        };
        let pending = Pending {
            applicant: self.applicant.clone(),
            key: self.key.to_secret(),
            ticket: shown.ticket.clone(),
            code: Secret::new(shown.code.as_str().to_owned()),
            expires_at: shown.expires_at,
            authority: authority.to_base64(),
        };
        if let Err(error) = self.store.save(&Record::Registering(pending)) {
            // It is good until the role ends.
            warn!(%error, "The registration under way cannot be stored");
        }
        self.code = Some(shown);
        self.has_expired = false;
        self.is_entered = false;
        self.show();
        Next::Continue
    }

    /// Does what the administrator asks while the cloud is not connected.
    fn obey(&mut self, order: Option<Order>) -> Next {
        let Some(order) = order else { return Next::End(Ended::Not(None)) };
        match order.command {
            Command::NewCode => {
                self.forget_code();
                order.answer(ChannelResponse::Done);
                Next::Again
            }
            Command::Withdraw => {
                order.answer(ChannelResponse::Done);
                Next::End(Ended::Not(None))
            }
            Command::Forget => Next::End(Ended::Forget(order)),
            Command::Register(_) | Command::Unattended(..) | Command::Unregister => {
                order.answer(ChannelResponse::Conflict);
                Next::Continue
            }
        }
    }

    /// Does what the administrator asks, and tells the cloud.
    async fn obey_connected(
        &mut self,
        order: Option<Order>,
        conversation: &mut Conversation,
    ) -> Next {
        let message = match order.as_ref().map(|order| &order.command) {
            Some(Command::NewCode) => Some(FromAppliance::NewCode),
            Some(Command::Withdraw) => Some(FromAppliance::Withdraw),
            _ => None,
        };
        let is_new_code = matches!(message, Some(FromAppliance::NewCode));
        let mut next = self.obey(order);
        if let Some(message) = message {
            let sent = conversation.writer.message(&message).await;
            match sent {
                Ok(()) if is_new_code => next = Next::Continue,
                Ok(()) => say_goodbye(conversation).await,
                // Another connection asks for a code from the beginning.
                Err(error) => info!(%error, "The cloud is not told"),
            }
        }
        next
    }

    fn forget_code(&mut self) {
        self.code = None;
        self.has_expired = false;
        self.is_entered = false;
        self.trouble = None;
        self.unstore();
        self.show();
    }

    fn expire(&mut self) {
        info!("The registration code ran out");
        self.has_expired = true;
        self.unstore();
        self.show();
    }

    fn unstore(&self) {
        if let Err(error) = self.store.save(&Record::default()) {
            warn!(%error, "The end of a code cannot be stored");
        }
    }

    fn lost(&mut self, trouble: ConnectionTrouble) -> Next {
        warn!(cause = trouble.id(), error = %trouble, "The connection for the registration ended");
        self.trouble = Some(trouble);
        Next::Again
    }

    fn refused(&self, reason: RegistrationRefusal) -> Ended {
        warn!(cause = reason.id(), error = %reason, "The appliance is not registered");
        let (name, cloud) = (self.applicant.name.clone(), self.applicant.cloud.clone());
        let reason = EndingReason::Refused { reason };
        Ended::Not(Some(Ending { name, cloud, at: clock::now(), reason }))
    }

    /// Says how far it is.
    fn show(&self) {
        let step = match &self.code {
            shown if self.has_expired => {
                let now = clock::now();
                let at = shown.as_ref().map_or(now, |shown| shown.expires_at.min(now));
                RegistrationStep::CodeExpired { at }
            }
            None => RegistrationStep::Connecting,
            Some(shown) => {
                let code = ShownCode(shown.code.as_str().to_owned());
                let security_number =
                    security_number(&shown.code, &self.key.pin().0, &shown.authority.0);
                let expires_at = shown.expires_at;
                if self.is_entered {
                    RegistrationStep::Confirming { code, security_number, expires_at }
                } else {
                    RegistrationStep::CodeShown { code, security_number, expires_at }
                }
            }
        };
        let (applicant, trouble) = (self.applicant.clone(), self.trouble.clone());
        self.surroundings.board.change(|status| {
            status.registration = RegistrationState::Registering { applicant, step, trouble };
        });
    }
}

/// Waits until the cloud has taken note and closes: a connection that is dropped at once could take the
/// last message with it.
async fn say_goodbye(conversation: &mut Conversation) {
    let rest = async {
        let _ = conversation.writer.close().await;
        while let Ok(Some(_)) = conversation.inbox.next().await {}
    };
    let _ = timeout(GOODBYE, rest).await;
}

/// Waits until a code runs out.
async fn expiry(shown: Option<&Shown>) {
    match shown {
        Some(shown) => sleep_until(shown.expires).await,
        None => std::future::pending().await,
    }
}
