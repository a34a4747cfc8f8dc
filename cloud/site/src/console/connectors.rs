//! *Connectors*: the list, one of them, and the question before one is removed.

use std::collections::BTreeMap;

use model::precheck::PrecheckRun;
use pages::{
    ChannelConnection, ConnectorCertificate, ConnectorFilter, ConnectorNotice, ConnectorPage,
    ConnectorProblem, ConnectorState, Connectors, ConnectorsNotice, LoadPoint, RemoveConnector,
    SingleConnector, connector, connectors, remove_connector,
};
use registry::{
    Connector, ConnectorKind, ConnectorStatus, Domain, Kind, Load, Location, Refusal,
    RegistryError, VersionState,
};
use tracing::warn;

use crate::appliances::Connected;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::updates::update_state;
use crate::console::visit::{Administration, Visit, count};

pub(super) const PATH: &str = "/console/connectors";
/// An hour, in seconds.
const HOUR: i64 = 3600;

/// What the pages of connectors are made of.
struct Picture {
    connectors: Vec<Connector>,
    locations: Vec<Location>,
    domains: Vec<Domain>,
}

impl Picture {
    async fn read(administration: &Administration) -> Result<Self, RegistryError> {
        let tenant = &administration.tenant;
        Ok(Self {
            connectors: tenant.connectors(&registry::ConnectorFilter::default()).await?,
            locations: tenant.locations().await?,
            domains: tenant.domains().await?,
        })
    }

    fn is_single(&self, location: &str) -> bool {
        self.connectors.iter().filter(|one| one.location == location).count() == 1
    }

    fn location_name(&self, id: &str) -> String {
        let found = self.locations.iter().find(|location| location.id == id);
        found.map_or_else(String::new, |location| location.name.clone())
    }

    /// Locations that one machine would cut off.
    fn singles(&self) -> Vec<SingleConnector> {
        let single = |location: &Location| {
            let mut own = self.connectors.iter().filter(|one| one.location == location.id);
            let only = own.next().filter(|_| own.next().is_none())?;
            let is_lost = |domain: &&Domain| {
                !domain.reports.is_empty()
                    && domain.reports.iter().all(|report| report.connector == only.id)
            };
            Some(SingleConnector {
                location_id: location.id.clone(),
                location: location.name.clone(),
                domains: self.domains.iter().filter(is_lost).map(|it| it.name.clone()).collect(),
            })
        };
        self.locations.iter().filter_map(single).collect()
    }

    fn view(
        &self,
        visit: &Visit<'_>,
        connector: &Connector,
        history: Vec<LoadPoint>,
    ) -> pages::Connector {
        let known = connected(visit, connector);
        pages::Connector {
            id: connector.id.clone(),
            name: connector.name.clone(),
            kind: match connector.kind {
                ConnectorKind::Unified => pages::ConnectorKind::Appliance,
                ConnectorKind::Windows => pages::ConnectorKind::Windows,
            },
            addresses: known.as_ref().map(|known| known.addresses.clone()).unwrap_or_default(),
            location_id: connector.location.clone(),
            location: self.location_name(&connector.location),
            is_single: self.is_single(&connector.location),
            state: state(connector, visit.now),
            since: since(connector, visit.now),
            version: connector.current_version.clone().unwrap_or_default(),
            expected_version: connector.expected_version.clone().unwrap_or_default(),
            last_contact: connector.last_contact_at,
            load_percent: known.map(|known| known.load_percent),
            history,
        }
    }
}

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

/// The list, after something was done.
pub(super) async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    notice: Option<ConnectorsNotice>,
) -> Result<String, RegistryError> {
    let picture = Picture::read(administration).await?;
    let since = visit.now - pages::LOAD_SECONDS;
    let mut loads = administration.tenant.all_loads(since).await?;
    let recent = last_hour(&loads, visit.now);
    let all: Vec<_> = picture
        .connectors
        .iter()
        .map(|one| {
            let history = loads.remove(&one.id).unwrap_or_default();
            picture.view(visit, one, history.iter().map(point).collect())
        })
        .collect();
    let number = |states: &[ConnectorState]| {
        count(all.iter().filter(|one| states.contains(&one.state)).count())
    };
    let (total, in_contact) = (count(all.len()), number(&[ConnectorState::InContact]));
    let updating = number(&[ConnectorState::Updating]);
    let failing =
        number(&[ConnectorState::NotInContact, ConnectorState::Error, ConnectorState::Revoked]);
    let filter = match notice {
        // A form has no query.
        Some(_) => ConnectorFilter::default(),
        None => filter(visit),
    };
    let singles = picture.singles();
    let frame = administration.frame(visit, target(&filter)).await?;
    Ok(connectors(&Connectors {
        frame,
        connectors: sorted(all.into_iter().filter(|one| passes(one, &filter)).collect()),
        total,
        in_contact,
        updating,
        failing,
        requests_last_hour: recent.0,
        failures_last_hour: recent.1,
        locations: picture.locations.into_iter().map(|one| (one.id, one.name)).collect(),
        filter,
        singles,
        may_change: administration.may_change_locations(),
        notice,
        now: visit.now,
    }))
}

/// What came of a form of the page of a connector.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) prechecks: Option<PrecheckRun>,
    pub(super) notice: Option<ConnectorNotice>,
    pub(super) problem: Option<ConnectorProblem>,
}

pub(super) async fn show_one(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    let found = administration.tenant.connector(id).await?;
    Ok(Reply::page(details(visit, administration, found, Outcome::default()).await?))
}

/// The page of a connector.
pub(super) async fn details(
    visit: &Visit<'_>,
    administration: &Administration,
    found: Connector,
    outcome: Outcome,
) -> Result<String, RegistryError> {
    let tenant = &administration.tenant;
    let picture = Picture::read(administration).await?;
    let loads = tenant.loads(&found.id, visit.now - pages::LOAD_SECONDS).await?;
    let known = connected(visit, &found);
    let serves =
        |domain: &&Domain| domain.reports.iter().any(|report| report.connector == found.id);
    let path = format!("{PATH}/details?id={}", found.id);
    Ok(connector(&ConnectorPage {
        frame: administration.frame(visit, path).await?,
        connector: picture.view(visit, &found, loads.iter().map(point).collect()),
        registered: found.registered_at,
        seen_from: known
            .as_ref()
            .and_then(|known| known.connections.last())
            .map(|newest| newest.source.clone())
            .unwrap_or_default(),
        // Appliances do not tell what they run on.
        platform: String::new(),
        domains: picture.domains.iter().filter(serves).map(|it| it.name.clone()).collect(),
        // Appliances tell of domains only; the page of those shows it.
        failures: Vec::new(),
        copy_refused: None,
        connections: known.as_ref().map(connections).unwrap_or_default(),
        keeps_disconnects: false,
        disconnects: Vec::new(),
        certificate: ConnectorCertificate {
            key_fingerprint: found.key_fingerprint.clone(),
            serial: found.certificate.serial.clone(),
            expires: found.certificate.expires_at,
        },
        update: update_state(&found, visit.now),
        prechecks: outcome.prechecks,
        may_change: administration.may_change_locations(),
        can_order: false,
        notice: outcome.notice,
        problem: outcome.problem,
        now: visit.now,
    }))
}

pub(super) async fn show_remove(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    Ok(Reply::page(remove_page(visit, administration, id).await?))
}

pub(super) async fn remove(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let found = tenant.connector(&form.text("id")).await?;
    tenant.remove_connector(&found.id, &administration.change(visit)).await?;
    let appliances = visit.site.appliances();
    if let Err(error) = appliances.forget(tenant.id(), &found.location, &found.id).await {
        // It is removed: its certificate is worth nothing, and its gateway hears of it later.
        warn!(%error, connector = found.id, "the gateway was not told of a removed connector");
    }
    let notice = ConnectorsNotice::Removed { name: found.name };
    Ok(Reply::page(list(visit, administration, Some(notice)).await?))
}

async fn remove_page(
    visit: &Visit<'_>,
    administration: &Administration,
    id: &str,
) -> Result<String, RegistryError> {
    let found = administration.tenant.connector(id).await?;
    let picture = Picture::read(administration).await?;
    let path = format!("{PATH}/remove?id={}", found.id);
    Ok(remove_connector(&RemoveConnector {
        frame: administration.frame(visit, path).await?,
        location: picture.location_name(&found.location),
        state: state(&found, visit.now),
        is_last: picture.is_single(&found.location),
        is_refused: false,
        id: found.id,
        name: found.name,
    }))
}

/// How a connector is, as far as the registry knows.
pub(super) fn state(connector: &Connector, now: i64) -> ConnectorState {
    match (connector.status(now), connector.version_state) {
        (ConnectorStatus::Revoked, _) => ConnectorState::Revoked,
        (ConnectorStatus::Unknown, _) => ConnectorState::Waiting,
        // It restarts meanwhile.
        (_, VersionState::Updating) => ConnectorState::Updating,
        (ConnectorStatus::Disconnected, _) => ConnectorState::NotInContact,
        (ConnectorStatus::Connected, _) => ConnectorState::InContact,
    }
}

fn since(connector: &Connector, now: i64) -> Option<i64> {
    match state(connector, now) {
        ConnectorState::Revoked => connector.revoked_at,
        ConnectorState::Waiting => Some(connector.registered_at),
        ConnectorState::Updating => connector.upgrade.began_at,
        ConnectorState::NotInContact => connector.last_contact_at,
        ConnectorState::InContact | ConnectorState::Error => None,
    }
}

/// What the gateway of this program knows of a connector.
pub(super) fn connected(visit: &Visit<'_>, connector: &Connector) -> Option<Connected> {
    visit.site.appliances().connected(&connector.tenant, &connector.location, &connector.id)
}

fn connections(known: &Connected) -> Vec<ChannelConnection> {
    let latency = known.latency.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
    known
        .connections
        .iter()
        .map(|one| ChannelConnection {
            gateway: known.gateway.clone(),
            since: one.since,
            source: one.source.clone(),
            round_trip_milliseconds: latency,
            intercepted_by: String::new(),
        })
        .collect()
}

fn point(load: &Load) -> LoadPoint {
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    LoadPoint {
        start: load.starts_at,
        requests: number(load.requests),
        failures: number(load.failures),
        total_milliseconds: number(load.total_milliseconds),
        longest_milliseconds: number(load.longest_milliseconds),
    }
}

/// Requests and failures of all connectors in the last hour.
fn last_hour(loads: &BTreeMap<String, Vec<Load>>, now: i64) -> (u64, u64) {
    let recent = loads.values().flatten().filter(|load| load.starts_at >= now - HOUR).map(point);
    recent.fold((0, 0), |(requests, failures), load| {
        (requests + load.requests, failures + load.failures)
    })
}

fn filter(visit: &Visit<'_>) -> ConnectorFilter {
    let text = |name: &str| visit.query.get(name).unwrap_or_default().trim().to_owned();
    ConnectorFilter {
        text: text("text"),
        location: text("location"),
        state: ConnectorState::from_name(&text("state")),
    }
}

/// The address of a filtered list; the text itself is left out, which would have to be encoded.
fn target(filter: &ConnectorFilter) -> String {
    let state = filter.state.map_or("", ConnectorState::name);
    let is_id = filter.location.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let location = if is_id { filter.location.as_str() } else { "" };
    format!("{PATH}?location={location}&state={state}")
}

fn passes(connector: &pages::Connector, filter: &ConnectorFilter) -> bool {
    let wanted = filter.text.to_lowercase();
    let has_text = connector.name.to_lowercase().contains(&wanted)
        || connector.addresses.iter().any(|address| address.contains(&wanted));
    has_text
        && (filter.location.is_empty() || connector.location_id == filter.location)
        && filter.state.is_none_or(|state| connector.state == state)
}

/// Worst first, then by name.
fn sorted(mut connectors: Vec<pages::Connector>) -> Vec<pages::Connector> {
    let rank = |state: ConnectorState| {
        ConnectorState::ALL.iter().position(|other| *other == state).unwrap_or_default()
    };
    connectors.sort_by_key(|one| (rank(one.state), one.name.to_lowercase()));
    connectors
}

/// Whether a connector is the only one of its location.
pub(super) async fn is_single(
    administration: &Administration,
    connector: &Connector,
) -> Result<bool, RegistryError> {
    let filter =
        registry::ConnectorFilter { location: Some(connector.location.clone()), kind: None };
    Ok(administration.tenant.connectors(&filter).await?.len() == 1)
}

/// Whether something that a page is about is gone.
pub(super) fn is_gone(error: &RegistryError, wanted: Kind) -> bool {
    matches!(error.refusal(), Some(Refusal::NoSuch { kind, .. }) if *kind == wanted)
}
