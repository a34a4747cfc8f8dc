//! Other gateways: what they are asked, and what they are answered.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use cluster::{
    Address, Announced, Answer, Answered, Answering, Cluster, ClusterError, Next, Node, Question,
    Remote, Source,
};
use protocol::control::{About, JoinedDomain, Load};
use protocol::request::{Failure, FailureKind, Request};
use registry::TenantId;
use tokio::time::Instant;
use tunnel::Piece;

use crate::choice::choose;
use crate::clone_check;
use crate::connection::{Connected, Connection, Origin};
use crate::data::Data;
use crate::dispatch::{Attempt, Order, attempt_here, random};
use crate::gateway::{Gateway, Inner};
use crate::limits;

type Place = (TenantId, String);

impl Gateway {
    /// Joins the gateways that meet at NATS, under a name, which people see: from now on requests
    /// reach their connectors, and theirs reach those of this one.
    ///
    /// # Errors
    ///
    /// The settings cannot be used. NATS being away is no error.
    pub async fn join(&self, address: &Address, name: &str) -> Result<(), ClusterError> {
        let node = Arc::new(Here(Arc::downgrade(&self.0)));
        let cluster = Cluster::join(address, name, node).await?;
        let _ = self.0.others.set(cluster);
        Ok(())
    }

    /// How many other gateways are there.
    #[must_use]
    pub fn others(&self) -> usize {
        self.0.others.get().map_or(0, Cluster::others)
    }

    /// Answers what other gateways have asked, and leaves them.
    pub async fn leave(&self) {
        if let Some(others) = self.0.others.get() {
            others.leave().await;
        }
    }

    /// Tells the others soon that something has changed.
    pub(crate) fn announce(&self) {
        if let Some(others) = self.0.others.get() {
            others.touch();
        }
    }

    /// Connectors of a resource location at other gateways.
    pub(crate) fn elsewhere(&self, (tenant, location): &Place) -> Vec<Remote> {
        let others = self.0.others.get();
        others.map(|it| it.of_location(tenant.as_str(), location)).unwrap_or_default()
    }

    pub(crate) async fn has_twin_elsewhere(
        &self,
        (tenant, location): &Place,
        key: &str,
        instance: &str,
        about: &About,
    ) -> bool {
        let Some(others) = self.0.others.get() else { return false };
        let question = Question::Twin {
            tenant: tenant.as_str().to_owned(),
            location: location.clone(),
            key: key.to_owned(),
            instance: instance.to_owned(),
            about: about.clone(),
        };
        others.any(&question, limits::CLONE_ANSWER + limits::WAY).await
    }

    pub(crate) async fn is_there_elsewhere(&self, registration: String) -> bool {
        let Some(others) = self.0.others.get() else { return false };
        others.any(&Question::AreYouThere { registration }, limits::ANSWER + limits::WAY).await
    }

    /// Tells the applicant of a registration at another gateway sooner than that one looks itself.
    pub(crate) fn look_elsewhere(&self, registration: &str) {
        let Some(others) = self.0.others.get().cloned() else { return };
        let question = Question::Look { registration: registration.to_owned() };
        tokio::spawn(async move { others.any(&question, limits::LOOK).await });
    }

    pub(crate) async fn forget_elsewhere(
        &self,
        tenant: &TenantId,
        location: &str,
        connector: &str,
    ) {
        let Some(others) = self.0.others.get() else { return };
        let question = Question::Forget {
            tenant: tenant.as_str().to_owned(),
            location: location.to_owned(),
            connector: connector.to_owned(),
        };
        others.any(&question, limits::WAY).await;
    }

    /// Adds what other gateways say of a connector.
    pub(crate) fn with_elsewhere(
        &self,
        here: Option<Connected>,
        place: &Place,
        connector: &str,
    ) -> Option<Connected> {
        let mut known = here;
        for remote in self.elsewhere(place) {
            if remote.about.connector != connector {
                continue;
            }
            let there = connected(&remote);
            match &mut known {
                Some(known) => known.connections.extend(there.connections),
                None => known = Some(there),
            }
        }
        if let Some(known) = &mut known {
            known.connections.sort_by_key(|it| it.since);
        }
        known
    }

    /// Ends connections of connectors that were removed while other gateways could not tell it.
    async fn forget_removed(&self) {
        let mut seen = HashSet::new();
        for connection in self.0.connections.all() {
            if !seen.insert(connection.owner.key.clone()) {
                continue;
            }
            let known = self.0.registry.connector_by_key(&connection.owner.key).await;
            if let Ok(known) = known
                && known.is_none_or(|it| it.revoked_at.is_some())
            {
                let owner = &connection.owner;
                self.forget_here(&owner.tenant, &owner.location, &owner.connector).await;
            }
        }
    }

    /// Gives a request of another gateway to a connector; once, unless it may be repeated.
    async fn hand_over(&self, place: Place, connector: String, request: Request) -> Answered {
        let within = Duration::from_millis(request.deadline_millis.into());
        let deadline = Instant::now() + within;
        let order = Order {
            tenant: place.0.clone(),
            location: place.1.clone(),
            id: request.id,
            operation: request.operation,
            connector: Some(connector.clone()),
            within,
        };
        let mut tried = Vec::new();
        let mut last = Answer::NotHere;
        loop {
            let mut all = self.0.connections.of_location(&place);
            all.retain(|it| it.owner.connector == connector && it.is_usable());
            let in_flight = all.iter().map(|it| it.in_flight()).sum();
            all.retain(|it| !tried.contains(&it.number));
            if all.is_empty() {
                return last.into();
            }
            all.retain(|it| it.has_room(in_flight));
            let costs: Vec<_> = all.iter().map(|it| it.cost()).collect();
            let Some(index) = choose(&costs, random()) else { return busy().into() };
            let connection = all.swap_remove(index);
            match attempt_here(&connection, &order, request.attempt, deadline).await {
                Attempt::Done { body, data } => {
                    let answer = Answer::Done { body, transfer: None, is_body: false };
                    return Answered { answer, data: data.and_then(source) };
                }
                Attempt::Failed(failure) => return Answer::Failed(failure).into(),
                Attempt::Late => return Answer::Late.into(),
                Attempt::Lost | Attempt::Unsent if order.operation.safety().may_repeat() => {
                    last = Answer::Lost;
                    tried.push(connection.number);
                }
                Attempt::Lost | Attempt::Unsent => return Answer::Lost.into(),
            }
        }
    }
}

pub(crate) fn busy() -> Answer {
    let detail = "the connector has as many requests as it takes at once".to_owned();
    Answer::Failed(Failure { kind: FailureKind::Busy, detail })
}

fn connected(remote: &Remote) -> Connected {
    let about = &remote.about;
    let domains = about.domains.iter().map(|name| JoinedDomain {
        name: name.clone(),
        forest: String::new(),
        is_healthy: true,
    });
    Connected {
        connector: about.connector.clone(),
        gateway: remote.gateway.to_string(),
        about: About {
            version: String::new(),
            host_name: String::new(),
            addresses: about.addresses.clone(),
            domains: domains.collect(),
        },
        load: Load { processor_percent: about.load_percent, ..Load::default() },
        in_flight: about.in_flight,
        latency: Duration::from_micros(about.latency_micros),
        connections: about
            .connections
            .iter()
            .map(|it| Origin { since: it.since, source: it.source.clone() })
            .collect(),
    }
}

/// Data of a connector, for another gateway.
struct Octets(Data);

impl Source for Octets {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            match self.0.piece().await {
                Ok(Some(Piece::Data(data))) => Ok(Some(data)),
                Ok(Some(Piece::End)) => Ok(None),
                Ok(Some(Piece::Message(_)) | None) => Err("the connector was lost".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}

fn source(data: Data) -> Option<Box<dyn Source>> {
    match data {
        Data::Here(_) => Some(Box::new(Octets(data))),
        // Nothing is handed on twice.
        Data::There(_) => None,
    }
}

/// This gateway, as others ask it.
struct Here(Weak<Inner>);

impl Node for Here {
    fn connectors(&self) -> Vec<Announced> {
        let Some(inner) = self.0.upgrade() else { return Vec::new() };
        let mut all: HashMap<String, Announced> = HashMap::new();
        for connection in inner.connections.all() {
            if !connection.is_usable() {
                continue;
            }
            let origin = cluster::Origin {
                since: connection.origin.since,
                source: connection.origin.source.clone(),
            };
            let known = all
                .entry(connection.owner.connector.clone())
                .or_insert_with(|| announced(&connection));
            known.in_flight += connection.in_flight();
            known.connections.push(origin);
        }
        all.into_values().collect()
    }

    fn answer(&self, question: Question) -> Answering {
        let gateway = self.0.upgrade().map(Gateway);
        Box::pin(async move {
            match gateway {
                Some(gateway) => answer(&gateway, question).await,
                None => Answer::NotHere.into(),
            }
        })
    }

    fn changed(&self) {
        if let Some(inner) = self.0.upgrade() {
            inner.connections.changed.notify_waiters();
        }
    }

    fn returned(&self) {
        if let Some(inner) = self.0.upgrade() {
            tokio::spawn(async move { Gateway(inner).forget_removed().await });
        }
    }
}

/// A connector without its connections.
fn announced(connection: &Connection) -> Announced {
    let of = connection.connected("", Vec::new());
    let micros = u64::try_from(of.latency.as_micros()).unwrap_or(u64::MAX);
    Announced {
        tenant: connection.owner.tenant.as_str().to_owned(),
        location: connection.owner.location.clone(),
        connector: of.connector,
        capacity: connection.capacity(),
        in_flight: 0,
        latency_micros: micros,
        load_percent: of.load.processor_percent.min(100),
        addresses: of.about.addresses,
        domains: of.about.domains.into_iter().map(|it| it.name).collect(),
        connections: Vec::new(),
    }
}

async fn answer(gateway: &Gateway, question: Question) -> Answered {
    let yes = |is_so: bool| Answered::from(if is_so { Answer::Yes } else { Answer::No });
    let tenant = |text: &str| TenantId::parse(text);
    match question {
        Question::Request { tenant: of, location, connector, request } => match tenant(&of) {
            Some(tenant) => gateway.hand_over((tenant, location), connector, request).await,
            None => Answer::NotHere.into(),
        },
        Question::Relay { tenant: of, location, connector, request, upload } => match tenant(&of) {
            Some(tenant) => {
                gateway.relay_for_other((tenant, location), &connector, request, upload).await
            }
            None => Answer::NotHere.into(),
        },
        Question::AreYouThere { registration } => {
            yes(gateway.applicant_answers(&registration).await)
        }
        Question::Look { registration } => {
            gateway.look(&registration).await;
            yes(false)
        }
        Question::Forget { tenant: of, location, connector } => {
            if let Some(tenant) = tenant(&of) {
                gateway.forget_here(&tenant, &location, &connector).await;
            }
            yes(false)
        }
        Question::Twin { tenant: of, location, key, instance, about } => {
            let Some(tenant) = tenant(&of) else { return yes(false) };
            let connections = &gateway.0.connections;
            let place = (tenant, location);
            let is_alive =
                clone_check::has_living_twin(connections, &place, &key, &instance, &about).await;
            yes(is_alive)
        }
        // They do not come here.
        Question::Pull { .. } | Question::Repeat | Question::Cancel { .. } => {
            Answer::Unsupported.into()
        }
    }
}
