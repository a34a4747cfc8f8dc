//! The connection of a registered appliance.

use std::sync::Arc;

use protocol::control::{About, FromAppliance, FromCloud, Refusal, VERSION};
use protocol::heartbeat::{Heartbeat, Turn};
use protocol::registration::Certified;
use registry::{Connector, ConnectorKey, RegistryError};
use rustls::pki_types::CertificateDer;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};
use tunnel::stream::Writer;
use tunnel::{Activity, Inbox, Link, Pin, TunnelError};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::applicant_key::ApplicantKey;
use crate::authority::to_wire;
use crate::clone_check;
use crate::connection::{Connection, ORDERS, Order, Origin, Owner, lock};
use crate::gateway::{Gateway, late};
use crate::limits;

/// Seconds after which a refused connector may try again.
const RETRY_SECONDS: u32 = 60;

/// Serves the connection until it ends.
pub(crate) async fn serve(
    gateway: &Gateway,
    mut link: Link,
    activity: Activity,
    certificate: &CertificateDer<'_>,
    source: &str,
) -> Result<(), TunnelError> {
    let opening = async {
        let stream = link.incoming.accept().await.ok_or_else(late)?;
        let mut inbox = Inbox::<FromAppliance>::new(stream.reader);
        let first = inbox.next().await?;
        Ok::<_, TunnelError>((stream.writer, inbox, first))
    };
    let (writer, inbox, first) = timeout(limits::OPENING, opening).await.map_err(|_| late())??;
    let Some(FromAppliance::Hello { version, instance, about, capacity }) = first else {
        return Err(TunnelError::Message);
    };
    let mut session = Session { gateway, writer, inbox };
    let key = Pin::of_certificate(certificate).ok_or(TunnelError::Message)?.to_base64();
    let connector = match admit(gateway, version, &key).await {
        Ok(connector) => connector,
        Err(reason) => return session.refuse(reason).await,
    };
    let place = (connector.tenant.clone(), connector.location.clone());
    let connections = &gateway.0.connections;
    if clone_check::has_living_twin(connections, &place, &key, &instance, &about).await
        || gateway.has_twin_elsewhere(&place, &key, &instance, &about).await
    {
        tracing::warn!(connector = connector.id, "a copy of a connector was refused");
        return session.refuse(Refusal::Clone).await;
    }
    let renewal_only = has_expired(certificate, gateway.now());
    let (name, clock) = (gateway.0.name.clone(), gateway.now());
    session.say(&FromCloud::Welcome { clock, gateway: name, renewal_only }).await?;
    let owner = Owner {
        tenant: connector.tenant.clone(),
        location: connector.location.clone(),
        connector: connector.id.clone(),
        key,
    };
    let room = connections.room(&(owner.tenant.clone(), owner.location.clone()));
    let (orders, ordered) = mpsc::channel(ORDERS);
    let (end, ended) = watch::channel(false);
    let connection = Arc::new(Connection::new(
        connections.number(),
        owner,
        (instance, about, capacity),
        link.opener.clone(),
        orders,
        ended,
        (Origin { since: gateway.now(), source: source.to_owned() }, room),
    ));
    if !renewal_only {
        if let Some(oldest) = connections.add(Arc::clone(&connection)) {
            let _ = oldest.orders.try_send(Order::end(FromCloud::Drain { within: 0 }));
        }
        gateway.0.arrived.notify_one();
    }
    gateway.announce();
    let outcome = session.run(&connector, &connection, &mut link, &activity, ordered).await;
    connections.remove(&connection);
    end.send_replace(true);
    connections.changed.notify_waiters();
    gateway.announce();
    outcome
}

/// Finds the connector with a key.
async fn admit(gateway: &Gateway, version: u32, key: &str) -> Result<Connector, Refusal> {
    if version > VERSION {
        return Err(Refusal::VersionTooNew);
    }
    if version < VERSION {
        return Err(Refusal::VersionTooOld);
    }
    let known = || lock(&gateway.0.known).get(key).cloned();
    match gateway.0.registry.connector_by_key(key).await {
        Ok(Some(connector)) if connector.revoked_at.is_none() => {
            lock(&gateway.0.known).insert(key.to_owned(), connector.clone());
            Ok(connector)
        }
        Ok(_) => {
            lock(&gateway.0.known).remove(key);
            Err(Refusal::Unregistered)
        }
        Err(error) => {
            tracing::warn!(%error, "the registry does not answer; known connectors are admitted");
            known().ok_or(Refusal::Busy)
        }
    }
}

/// Whether a certificate is too old for anything but its renewal.
fn has_expired(certificate: &CertificateDer<'_>, now: i64) -> bool {
    let end = Certificate::from_der(certificate).ok().map(|certificate| {
        certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs()
    });
    end.and_then(|end| i64::try_from(end).ok()).is_none_or(|end| end <= now)
}

/// The control stream.
struct Session<'a> {
    gateway: &'a Gateway,
    writer: Writer,
    inbox: Inbox<FromAppliance>,
}

/// Whether a session goes on.
enum Next {
    Continue,
    End,
}

impl Session<'_> {
    async fn say(&mut self, message: &FromCloud) -> Result<(), TunnelError> {
        timeout(limits::WRITING, self.writer.message(message)).await.map_err(|_| late())?
    }

    async fn refuse(&mut self, reason: Refusal) -> Result<(), TunnelError> {
        self.say(&FromCloud::Refused { reason, retry_after: RETRY_SECONDS }).await?;
        self.finish().await
    }

    /// Waits until the other side has read the last message and gone.
    async fn finish(&mut self) -> Result<(), TunnelError> {
        self.writer.close().await?;
        let rest = async { while let Ok(Some(_)) = self.inbox.next().await {} };
        let _ = timeout(limits::WRITING, rest).await;
        Ok(())
    }

    async fn run(
        &mut self,
        connector: &Connector,
        connection: &Connection,
        link: &mut Link,
        activity: &Activity,
        mut ordered: mpsc::Receiver<Order>,
    ) -> Result<(), TunnelError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the system has random numbers");
        let mut heartbeat = Heartbeat::new(u64::from_ne_bytes(random));
        heartbeat.hear(activity.now());
        self.note_domains(connector, &connection.about()).await;
        let mut is_leaving = false;
        loop {
            // What a connector that leaves still works on is answered on this connection.
            if is_leaving && !connection.is_busy() {
                return Ok(());
            }
            heartbeat.hear(activity.heard());
            let look = match heartbeat.turn(activity.now(), connection.is_busy()) {
                Turn::Ask => {
                    self.say(&FromCloud::Ask).await?;
                    continue;
                }
                Turn::GiveUp => {
                    return Err(TunnelError::Ended("nothing is heard of the connector".to_owned()));
                }
                Turn::WaitUntil(moment) => activity.instant(moment),
            };
            let next = tokio::select! {
                message = self.inbox.next(), if !is_leaving => match message? {
                    Some(message) => self.hear(message, connector, connection).await?,
                    None => {
                        is_leaving = true;
                        connection.drain();
                        self.gateway.announce();
                        Next::Continue
                    }
                },
                order = ordered.recv() => self.obey(order).await?,
                () = sleep_until(look) => Next::Continue,
                () = connection.busy.notified() => Next::Continue,
                // A connector asks nothing; a stream that it opens is reset.
                stream = link.incoming.accept() => match stream {
                    Some(_) => Next::Continue,
                    None => Next::End,
                },
            };
            if matches!(next, Next::End) {
                return Ok(());
            }
        }
    }

    async fn obey(&mut self, order: Option<Order>) -> Result<Next, TunnelError> {
        match order {
            Some(Order::Send(message)) => {
                self.say(&message).await?;
                Ok(Next::Continue)
            }
            Some(Order::End(message)) => {
                self.say(&message).await?;
                self.finish().await?;
                Ok(Next::End)
            }
            None => Ok(Next::End),
        }
    }

    async fn hear(
        &mut self,
        message: FromAppliance,
        connector: &Connector,
        connection: &Connection,
    ) -> Result<Next, TunnelError> {
        match message {
            FromAppliance::Hello { .. } => return Err(TunnelError::Message),
            FromAppliance::About(about) => {
                self.note_domains(connector, &about).await;
                connection.set_about(about);
                self.gateway.announce();
            }
            FromAppliance::Load(load) => connection.set_load(load),
            FromAppliance::Ask => self.say(&FromCloud::Here).await?,
            FromAppliance::Here => {}
            FromAppliance::Renew { certificate_request } => {
                let answer = self.renew(&certificate_request, connector).await;
                self.say(&answer).await?;
            }
            FromAppliance::Unregister => {
                self.unregister(connector).await;
                self.say(&FromCloud::Unregistered).await?;
                self.finish().await?;
                return Ok(Next::End);
            }
        }
        Ok(Next::Continue)
    }

    async fn renew(&self, request: &str, connector: &Connector) -> FromCloud {
        let gateway = self.gateway;
        // Another key would lock the appliance out if it never heard that it was accepted.
        let renewed = ApplicantKey::of_request(request)
            .ok()
            .filter(|key| key.pin().to_base64() == connector.key_fingerprint)
            .and_then(|key| gateway.0.authority.connector(&connector.id, &key, gateway.now()).ok());
        let Some(certificate) = renewed else {
            tracing::warn!(
                connector = connector.id,
                "a renewal was refused: it is for another key"
            );
            return FromCloud::NotCertified;
        };
        let key = ConnectorKey {
            public_key: connector.public_key.clone(),
            fingerprint: connector.key_fingerprint.clone(),
        };
        let tenant = gateway.0.registry.tenant(&connector.tenant);
        if let Err(error) = tenant.renew_certificate(&connector.id, &certificate, &key).await {
            tracing::warn!(connector = connector.id, %error, "a certificate was not renewed");
            return FromCloud::NotCertified;
        }
        match certified(gateway, &certificate.pem) {
            Some(certified) => FromCloud::Certified(certified),
            None => FromCloud::NotCertified,
        }
    }

    async fn unregister(&self, connector: &Connector) {
        let gateway = self.gateway;
        let by =
            registry::Actor::new(registry::ActorKind::Connector, &connector.id, &connector.name);
        let change = registry::Change::new(by, gateway.now());
        let tenant = gateway.0.registry.tenant(&connector.tenant);
        if let Err(error) = tenant.remove_connector(&connector.id, &change).await {
            tracing::warn!(connector = connector.id, %error, "a connector was not removed");
        }
    }

    async fn note_domains(&self, connector: &Connector, about: &About) {
        let tenant = self.gateway.0.registry.tenant(&connector.tenant);
        let domains: Vec<_> = about
            .domains
            .iter()
            .map(|it| (it.name.clone(), it.forest.clone(), it.is_healthy))
            .collect();
        note(connector, tenant.report_domains(&connector.id, &domains, self.gateway.now()).await);
    }
}

/// The data plane goes on without the registry.
fn note(connector: &Connector, outcome: Result<(), RegistryError>) {
    if let Err(error) = outcome {
        tracing::warn!(connector = connector.id, %error, "a note on a connector was not stored");
    }
}

/// What an appliance is told of its certificate.
pub(crate) fn certified(gateway: &Gateway, pem: &str) -> Option<Certified> {
    let authorities = vec![gateway.0.authority.pin().to_base64()];
    Some(Certified { certificate: to_wire(pem)?, authorities })
}
