//! The connection of an appliance that wants to be registered.

use model::secret::Secret;
use protocol::registration::{Application, FromAppliance, FromCloud, Refusal, Registered};
use registry::{NewRegistration, Opened, RegistrationState, RegistryError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tunnel::stream::Writer;
use tunnel::{Inbox, Link, TunnelError};

use crate::applicant_key::ApplicantKey;
use crate::applicants::Order;
use crate::control::certified;
use crate::gateway::{Gateway, late, orders};
use crate::{limits, unattended};

/// Serves the connection until it ends.
pub(crate) async fn serve(
    gateway: &Gateway,
    mut link: Link,
    source: &str,
) -> Result<(), TunnelError> {
    let opening = async {
        let stream = link.incoming.accept().await.ok_or_else(late)?;
        let mut inbox = Inbox::<FromAppliance>::new(stream.reader);
        let first = inbox.next().await?;
        Ok::<_, TunnelError>((stream.writer, inbox, first))
    };
    let (writer, inbox, first) = timeout(limits::OPENING, opening).await.map_err(|_| late())??;
    let mut session = Session { gateway, source, writer, inbox };
    match first {
        Some(FromAppliance::Begin(application)) => session.begin(&application).await,
        Some(FromAppliance::Resume { ticket }) => session.resume(&ticket).await,
        Some(FromAppliance::Unattended { client, nonce, application }) => {
            unattended::serve(&mut session, &client, &nonce, &application).await
        }
        _ => session.refuse(Refusal::Malformed).await,
    }
}

/// The only stream of an applicant.
pub(crate) struct Session<'a> {
    pub(crate) gateway: &'a Gateway,
    source: &'a str,
    writer: Writer,
    pub(crate) inbox: Inbox<FromAppliance>,
}

/// A registration that the applicant waits for.
struct Waiting {
    id: String,
    ticket: Secret,
    /// Fingerprint of the applicant's key.
    key: String,
    /// Whether the applicant was told that its code has expired.
    has_expired: bool,
}

impl Session<'_> {
    pub(crate) async fn say(&mut self, message: &FromCloud) -> Result<(), TunnelError> {
        timeout(limits::WRITING, self.writer.message(message)).await.map_err(|_| late())?
    }

    pub(crate) async fn refuse(&mut self, reason: Refusal) -> Result<(), TunnelError> {
        self.last(&FromCloud::Refused { reason }).await
    }

    /// Sends the last message, and waits until it has been read.
    pub(crate) async fn last(&mut self, message: &FromCloud) -> Result<(), TunnelError> {
        self.say(message).await?;
        self.writer.close().await?;
        let rest = async { while let Ok(Some(_)) = self.inbox.next().await {} };
        let _ = timeout(limits::WRITING, rest).await;
        Ok(())
    }

    async fn begin(&mut self, application: &Application) -> Result<(), TunnelError> {
        let key = match ApplicantKey::of_request(&application.certificate_request) {
            Ok(key) => key,
            Err(error) => {
                tracing::warn!(source = self.source, %error, "a registration was refused");
                return self.refuse(Refusal::Malformed).await;
            }
        };
        let new = NewRegistration {
            name: application.name.clone(),
            public_key: key.to_base64(),
            key_fingerprint: key.pin().to_base64(),
            about: application.about.clone(),
            wanted_location: application.location.clone(),
            source: self.source.to_owned(),
        };
        let opened = match self.open(&new).await {
            Ok(opened) => opened,
            Err(reason) => return self.refuse(reason).await,
        };
        let waiting = Waiting {
            id: opened.id,
            ticket: opened.ticket,
            key: new.key_fingerprint,
            has_expired: false,
        };
        self.tell_code(opened.code.as_str(), opened.expires_at, &waiting.ticket).await?;
        self.wait(waiting).await
    }

    /// Asks for a code.
    async fn open(&self, new: &NewRegistration) -> Result<Opened, Refusal> {
        if !self.gateway.0.codes.allows(self.source) || !self.gateway.0.applicants.has_room() {
            return Err(Refusal::TooMany);
        }
        let now = self.gateway.now();
        self.gateway.0.registry.open_registration(new, now).await.map_err(|error| {
            tracing::warn!(source = self.source, %error, "a registration was refused");
            refusal(&error)
        })
    }

    async fn tell_code(
        &mut self,
        code: &str,
        expires_at: i64,
        ticket: &Secret,
    ) -> Result<(), TunnelError> {
        let expires_in = (expires_at - self.gateway.now()).max(0);
        let (code, ticket) = (code.to_owned(), ticket.expose().to_owned());
        self.say(&FromCloud::Code { code, expires_in, ticket }).await
    }

    /// Takes up a registration. The ticket is a secret that only the appliance was told.
    async fn resume(&mut self, ticket: &str) -> Result<(), TunnelError> {
        let ticket = Secret::new(ticket.to_owned());
        match self.gateway.0.registry.registration_by_ticket(&ticket).await {
            Ok(Some(found)) => {
                let (id, key) = (found.id, found.key_fingerprint);
                self.wait(Waiting { id, ticket, key, has_expired: false }).await
            }
            Ok(None) => self.refuse(Refusal::Expired).await,
            Err(_) => self.refuse(Refusal::Unavailable).await,
        }
    }

    /// Waits until the registration is decided, with as many codes as it takes.
    async fn wait(&mut self, waiting: Waiting) -> Result<(), TunnelError> {
        let (sender, ordered) = orders();
        self.gateway.0.applicants.add(&waiting.id, sender.clone());
        let id = waiting.id.clone();
        let outcome = timeout(limits::REGISTRATION, self.follow(waiting, ordered)).await;
        self.gateway.0.applicants.remove(&id, &sender);
        outcome.unwrap_or(Ok(()))
    }

    async fn follow(
        &mut self,
        mut waiting: Waiting,
        mut ordered: mpsc::Receiver<Order>,
    ) -> Result<(), TunnelError> {
        let mut asked: Vec<oneshot::Sender<()>> = Vec::new();
        let mut look = Instant::now();
        loop {
            tokio::select! {
                () = sleep_until(look) => {
                    look = Instant::now() + limits::LOOK;
                    if self.look(&mut waiting).await? {
                        return Ok(());
                    }
                }
                order = ordered.recv() => match order {
                    Some(Order::Look) => look = Instant::now(),
                    Some(Order::AreYouThere(answer)) => {
                        asked.push(answer);
                        self.say(&FromCloud::AreYouThere).await?;
                    }
                    None => return Ok(()),
                },
                message = self.inbox.next() => match message? {
                    Some(FromAppliance::Here) => {
                        for answer in asked.drain(..) {
                            let _ = answer.send(());
                        }
                    }
                    Some(FromAppliance::NewCode) => self.renew_code(&mut waiting).await?,
                    Some(FromAppliance::Withdraw) => return self.withdraw(&waiting).await,
                    None => return Ok(()),
                    Some(_) => return Err(TunnelError::Message),
                },
            }
        }
    }

    async fn renew_code(&mut self, waiting: &mut Waiting) -> Result<(), TunnelError> {
        if !self.gateway.0.codes.allows(self.source) {
            return self.say(&FromCloud::Refused { reason: Refusal::TooMany }).await;
        }
        match self.gateway.0.registry.renew_code(&waiting.id, self.gateway.now()).await {
            Ok((code, expires_at)) => {
                waiting.has_expired = false;
                self.tell_code(code.as_str(), expires_at, &waiting.ticket).await
            }
            Err(error) => self.say(&FromCloud::Refused { reason: refusal(&error) }).await,
        }
    }

    async fn withdraw(&mut self, waiting: &Waiting) -> Result<(), TunnelError> {
        let now = self.gateway.now();
        if let Err(error) = self.gateway.0.registry.withdraw_registration(&waiting.id, now).await {
            tracing::info!(%error, "a registration was not withdrawn; its code ends by itself");
        }
        self.writer.close().await
    }

    /// Tells the applicant what was decided; whether something was.
    async fn look(&mut self, waiting: &mut Waiting) -> Result<bool, TunnelError> {
        let found = match self.gateway.0.registry.registration(&waiting.id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the registry does not answer; a registration waits");
                return Ok(false);
            }
        };
        let state = found.map(|found| found.state(self.gateway.now()));
        match state {
            Some(RegistrationState::Registered) => {
                let answer = self.registered(&waiting.key).await;
                self.last(&answer).await?;
                Ok(true)
            }
            Some(RegistrationState::Refused) => {
                self.refuse(Refusal::Rejected).await?;
                Ok(true)
            }
            None | Some(RegistrationState::Expired) => {
                // The applicant stays, because its page offers a new code.
                if !waiting.has_expired {
                    waiting.has_expired = true;
                    self.say(&FromCloud::Refused { reason: Refusal::Expired }).await?;
                }
                Ok(false)
            }
            Some(RegistrationState::Waiting | RegistrationState::Confirmed) => Ok(false),
        }
    }

    /// What a connector with this key is told.
    pub(crate) async fn registered(&self, key: &str) -> FromCloud {
        match self.describe(key).await {
            Ok(Some(registered)) => FromCloud::Registered(registered),
            Ok(None) => FromCloud::Refused { reason: Refusal::Rejected },
            Err(error) => {
                tracing::warn!(%error, "a registration cannot be told");
                FromCloud::Refused { reason: Refusal::Unavailable }
            }
        }
    }

    async fn describe(&self, key: &str) -> Result<Option<Registered>, RegistryError> {
        let registry = &self.gateway.0.registry;
        let Some(connector) = registry.connector_by_key(key).await? else { return Ok(None) };
        let tenant = registry.tenant(&connector.tenant);
        let (record, location) =
            (tenant.record().await?, tenant.location(&connector.location).await?);
        Ok(certified(self.gateway, &connector.certificate.pem).map(|certified| Registered {
            connector: connector.id,
            customer: connector.tenant.as_str().to_owned(),
            customer_name: record.name,
            location: location.id,
            location_name: location.name,
            certified,
        }))
    }
}

/// What an applicant is told when the registry refuses.
pub(crate) fn refusal(error: &RegistryError) -> Refusal {
    match error {
        RegistryError::Refused(registry::Refusal::NameTaken { .. }) => Refusal::NameTaken,
        RegistryError::Refused(registry::Refusal::NoSuch { .. }) => Refusal::UnknownLocation,
        RegistryError::Refused(registry::Refusal::RevokedConnector) => Refusal::Rejected,
        RegistryError::Refused(_) => Refusal::Malformed,
        _ => Refusal::Unavailable,
    }
}
