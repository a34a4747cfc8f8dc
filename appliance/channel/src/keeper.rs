//! The one who keeps the registration: it alone writes it, and does one thing after the other.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bus::ChannelResponse;
use model::channel::{
    Applicant, CONNECTIONS, ConnectionState, ConnectionStatus, Ending, EndingReason,
    RegistrationRefusal, RegistrationState, RegistrationStep,
};
use protocol::registration::Certified;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::by_code::{ByCode, Ended};
use crate::certificate::Issued;
use crate::clock;
use crate::context::{Context, Event, Surroundings};
use crate::order::{Client, Command, Order, Orders};
use crate::record::{Member, Record};
use crate::renewal::Turn;
use crate::slot::Slot;
use crate::store::Store;
use crate::unattended;

/// How long the cloud may take to take note that the appliance leaves.
const GOODBYE: Duration = Duration::from_secs(8);
/// Events of connections that may wait.
const EVENTS: usize = 8;

/// Keeps the registration.
pub(crate) struct Keeper {
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
    pub(crate) orders: Orders,
}

/// What comes next.
enum Phase {
    /// The record says so.
    Stored(Record),
    /// An administrator registers the appliance by code.
    ByCode(Applicant, Order),
    /// It registers with a secure client.
    Unattended(Applicant, Client, Order),
}

impl Keeper {
    /// Keeps the registration for ever.
    pub(crate) async fn run(mut self, record: Record) -> Infallible {
        let mut phase = Phase::Stored(record);
        loop {
            phase = match phase {
                Phase::Stored(Record::None { last }) => self.idle(last).await,
                Phase::Stored(Record::Registering(pending)) => {
                    let (surroundings, store) = (self.surroundings.clone(), self.store.clone());
                    match ByCode::resume(&surroundings, &store, &pending) {
                        Some(by_code) => self.by_code(by_code).await,
                        None => Phase::Stored(Record::default()),
                    }
                }
                Phase::Stored(Record::Registered(member)) => self.keep(member).await,
                Phase::ByCode(applicant, order) => {
                    let (surroundings, store) = (self.surroundings.clone(), self.store.clone());
                    match ByCode::begin(&surroundings, &store, applicant) {
                        Ok(by_code) => {
                            order.answer(ChannelResponse::Done);
                            self.by_code(by_code).await
                        }
                        Err(reason) => {
                            order.answer(ChannelResponse::Refused { reason });
                            Phase::Stored(Record::default())
                        }
                    }
                }
                Phase::Unattended(applicant, client, order) => {
                    self.unattended(applicant, &client, order).await
                }
            };
        }
    }

    /// Waits for somebody who wants to register the appliance.
    async fn idle(&mut self, last: Option<Ending>) -> Phase {
        self.surroundings.board.change(|status| {
            status.registration = RegistrationState::NotRegistered { last: last.clone() };
            status.connections.clear();
            status.clone_refused = None;
        });
        loop {
            let Some(order) = self.orders.recv().await else {
                // Whoever hands orders on is gone, and the role is about to end.
                std::future::pending().await
            };
            match &order.command {
                Command::Register(applicant) => return Phase::ByCode(applicant.clone(), order),
                Command::Unattended(applicant, client) => {
                    return Phase::Unattended(applicant.clone(), client.clone(), order);
                }
                Command::Forget => return self.forget(order),
                Command::NewCode | Command::Withdraw | Command::Unregister => {
                    order.answer(ChannelResponse::Conflict);
                }
            }
        }
    }

    async fn by_code(&mut self, by_code: ByCode<'_>) -> Phase {
        match by_code.run(&mut self.orders).await {
            Ended::Registered(member) => match self.settle(*member) {
                Ok(member) => Phase::Stored(Record::Registered(member)),
                Err(last) => self.not_registered(Some(*last)),
            },
            Ended::Not(last) => self.not_registered(last),
            Ended::Forget(order) => self.forget(order),
        }
    }

    async fn unattended(&mut self, applicant: Applicant, client: &Client, order: Order) -> Phase {
        self.surroundings.board.change(|status| {
            status.registration = RegistrationState::Registering {
                applicant: applicant.clone(),
                step: RegistrationStep::Proving,
                trouble: None,
            };
        });
        let surroundings = self.surroundings.clone();
        let registering = unattended::register(&surroundings, &applicant, client);
        tokio::pin!(registering);
        let outcome = loop {
            tokio::select! {
                outcome = &mut registering => break outcome,
                other = self.orders.recv() => match other {
                    Some(other) => match other.command {
                        Command::Withdraw => {
                            other.answer(ChannelResponse::Done);
                            order.answer(ChannelResponse::Conflict);
                            return self.not_registered(None);
                        }
                        Command::Forget => {
                            order.answer(ChannelResponse::Conflict);
                            return self.forget(other);
                        }
                        _ => other.answer(ChannelResponse::Conflict),
                    },
                    None => std::future::pending().await,
                },
            }
        };
        let settled = match outcome {
            Ok(member) => self.settle(member),
            Err(reason) => {
                warn!(cause = reason.id(), error = %reason, "The appliance is not registered");
                Err(Box::new(ending(&applicant, reason)))
            }
        };
        match settled {
            Ok(member) => {
                // Whoever hears that it is done finds it in the status.
                self.publish(&member);
                order.answer(ChannelResponse::Done);
                Phase::Stored(Record::Registered(member))
            }
            Err(last) => {
                let EndingReason::Refused { reason } = last.reason.clone() else {
                    return self.not_registered(Some(*last));
                };
                order.answer(ChannelResponse::Refused { reason });
                self.not_registered(Some(*last))
            }
        }
    }

    /// Stores a new registration.
    fn settle(&self, member: Member) -> Result<Member, Box<Ending>> {
        let registration = &member.registration;
        if let Err(error) = self.save(&Record::Registered(member.clone())) {
            error!(%error, "The registration cannot be stored");
            let (name, cloud) = (registration.name.clone(), registration.cloud.clone());
            let applicant = Applicant { name, cloud, location: None };
            let detail = error.to_string();
            let reason = RegistrationRefusal::NotStored { detail };
            return Err(Box::new(ending(&applicant, reason)));
        }
        let (name, connector) = (&registration.name, &registration.connector);
        let (customer, location) = (&registration.customer, &registration.location);
        info!(name, connector, customer, location, "The appliance is registered");
        Ok(member)
    }

    fn save(&self, record: &Record) -> io::Result<()> {
        let is_sealed = self.store.save(record)?;
        self.surroundings.board.change(|status| status.key_is_sealed = is_sealed);
        Ok(())
    }

    fn not_registered(&self, last: Option<Ending>) -> Phase {
        let record = Record::None { last };
        if let Err(error) = self.save(&record) {
            warn!(%error, "The end of a registration cannot be stored");
        }
        Phase::Stored(record)
    }

    fn forget(&self, order: Order) -> Phase {
        self.surroundings.dispatcher.forget();
        let response = match self.store.clear() {
            Ok(()) => ChannelResponse::Done,
            Err(error) => ChannelResponse::Failed { reason: error.to_string() },
        };
        let nothing = RegistrationState::default();
        self.surroundings.board.change(|status| {
            status.registration = nothing;
            status.connections.clear();
        });
        order.answer(response);
        Phase::Stored(Record::default())
    }

    fn publish(&self, member: &Member) {
        let (registration, now) = (member.registration.clone(), clock::now());
        let connection = ConnectionStatus {
            state: ConnectionState::Connecting,
            since: now,
            peer: None,
            proxy: None,
            gateway: None,
            interception: None,
        };
        self.surroundings.board.change(|status| {
            status.registration = RegistrationState::Registered { registration };
            status.connections.resize(CONNECTIONS, connection);
        });
    }

    /// Keeps the connections of a registered appliance.
    async fn keep(&mut self, mut member: Member) -> Phase {
        let Some((key, issued)) = member.credentials() else {
            error!("The stored registration cannot be used");
            return Phase::Stored(Record::default());
        };
        self.publish(&member);
        let issued = watch::Sender::new(Arc::new(issued));
        let leaving = watch::Sender::new(false);
        let (sender, mut events) = mpsc::channel(EVENTS);
        let context = Context {
            surroundings: self.surroundings.clone(),
            cloud: member.registration.cloud.clone(),
            key: Arc::new(key),
            issued: issued.subscribe(),
            events: sender,
            turn: Turn::default(),
            leaving: leaving.subscribe(),
        };
        let mut slots = JoinSet::new();
        for place in 0..CONNECTIONS {
            slots.spawn(Slot { context: context.clone(), place }.run());
        }
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(Event::Certified(certified, answer)) => {
                        let kept = self.renew(&mut member, &context, certified);
                        let is_kept = kept.is_some();
                        if let Some(kept) = kept {
                            issued.send_replace(Arc::new(kept));
                        }
                        let _ = answer.send(is_kept);
                    }
                    Some(Event::NotCertified) => self.renewal_refused(&mut member),
                    Some(Event::Removed) | None => {
                        warn!("The appliance was removed in the cloud");
                        return self.not_registered(Some(removed(&member)));
                    }
                },
                Some(order) = self.orders.recv() => match order.command {
                    Command::Unregister => {
                        leaving.send_replace(true);
                        let is_told = self.say_goodbye(&mut events).await;
                        info!(is_told, "The administrator ends the registration");
                        let phase = self.not_registered(None);
                        self.surroundings.board.change(|status| {
                            status.registration = RegistrationState::default();
                        });
                        order.answer(ChannelResponse::Unregistered { is_told });
                        return phase;
                    }
                    Command::Forget => {
                        drop(slots);
                        return self.forget(order);
                    }
                    _ => order.answer(ChannelResponse::Conflict),
                },
            }
        }
    }

    /// Waits until the cloud has taken note; at once if it is not connected.
    async fn say_goodbye(&self, events: &mut mpsc::Receiver<Event>) -> bool {
        if self.surroundings.board.status().connected() == 0 {
            return false;
        }
        let removed = async {
            while let Some(event) = events.recv().await {
                if matches!(event, Event::Removed) {
                    return true;
                }
            }
            false
        };
        timeout(GOODBYE, removed).await.unwrap_or(false)
    }

    /// Keeps a new certificate; `None` if it cannot be used or stored.
    fn renew(
        &self,
        member: &mut Member,
        context: &Context,
        certified: Certified,
    ) -> Option<Issued> {
        let issued = match Issued::read(&certified, &context.key) {
            Ok(issued) => issued,
            Err(detail) => {
                warn!(detail, "The cloud has issued a certificate that cannot be used");
                return None;
            }
        };
        let mut renewed = member.clone();
        renewed.certified = certified;
        renewed.registration.certificate_ends_at = issued.validity.end;
        renewed.registration.renewal_refused_at = None;
        if let Err(error) = self.save(&Record::Registered(renewed.clone())) {
            warn!(%error, "A new certificate cannot be stored; the old one stays");
            return None;
        }
        info!(until = issued.validity.end, "The certificate of the appliance is renewed");
        *member = renewed;
        self.publish(member);
        Some(issued)
    }

    fn renewal_refused(&self, member: &mut Member) {
        warn!("The cloud does not renew the certificate of the appliance");
        member.registration.renewal_refused_at.get_or_insert_with(clock::now);
        self.publish(member);
    }
}

fn ending(applicant: &Applicant, reason: RegistrationRefusal) -> Ending {
    let (name, cloud) = (applicant.name.clone(), applicant.cloud.clone());
    Ending { name, cloud, at: clock::now(), reason: EndingReason::Refused { reason } }
}

fn removed(member: &Member) -> Ending {
    let registration = &member.registration;
    Ending {
        name: registration.name.clone(),
        cloud: registration.cloud.clone(),
        at: clock::now(),
        reason: EndingReason::Removed,
    }
}
