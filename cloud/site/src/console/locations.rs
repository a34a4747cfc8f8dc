//! *Resource locations*: tiles, the form of one, and the question before one is deleted.

use pages::{
    DeleteLocation, EditLocation, LocationNotice, LocationProblem, Locations, UpdatePolicy,
    Weekday, delete_location, edit_location, locations,
};
use registry::{
    Connector, ConnectorFilter, ConnectorStatus, Day, Domain, Location, LocationForm,
    MaintenanceWindow, NameError, Refusal, RegistryError, UpdateOrder, VersionState, time_zones,
};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/resource-locations";
/// The time zone that the form of a new location proposes.
const PROPOSED_TIME_ZONE: &str = "UTC";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

pub(super) async fn show_form(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let page = match visit.query.get("id") {
        None => {
            EditLocation { time_zone: PROPOSED_TIME_ZONE.to_owned(), ..EditLocation::default() }
        }
        Some(id) => {
            let location = administration.tenant.location(id).await?;
            EditLocation {
                id: Some(location.id),
                name: location.name,
                time_zone: location.time_zone,
                is_default: location.is_default,
                is_default_now: location.is_default,
                ..EditLocation::default()
            }
        }
    };
    Ok(Reply::page(form_page(visit, administration, page).await?))
}

pub(super) async fn store(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let id = Some(form.text("id")).filter(|id| !id.is_empty());
    let page = EditLocation {
        name: form.text("name"),
        time_zone: form.text("timezone"),
        is_default: form.has("default"),
        id,
        ..EditLocation::default()
    };
    let problems = match write(visit, administration, &page).await {
        Ok(notice) => {
            return Ok(Reply::page(list(visit, administration, Some(notice)).await?));
        }
        Err(error) => vec![problem_of(error)?],
    };
    let is_default_now = match &page.id {
        Some(id) => administration.tenant.location(id).await.is_ok_and(|known| known.is_default),
        None => false,
    };
    let page = EditLocation { problems, is_default_now, ..page };
    Ok(Reply::refused(form_page(visit, administration, page).await?))
}

async fn write(
    visit: &Visit<'_>,
    administration: &Administration,
    page: &EditLocation,
) -> Result<LocationNotice, RegistryError> {
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let form = LocationForm {
        name: Some(page.name.clone()),
        time_zone: Some(page.time_zone.clone()),
        ..LocationForm::default()
    };
    let (stored, notice) = match &page.id {
        None => {
            let stored = tenant.create_location(&form, &change).await?;
            let name = stored.name.clone();
            (stored, LocationNotice::Added { name })
        }
        Some(id) => {
            let stored = tenant.update_location(id, &form, &change).await?;
            let name = stored.name.clone();
            (stored, LocationNotice::Changed { name })
        }
    };
    if page.is_default && !stored.is_default {
        tenant.make_default(&stored.id, &change).await?;
    }
    Ok(notice)
}

pub(super) async fn show_delete(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    Ok(Reply::page(delete_page(visit, administration, id, None).await?))
}

pub(super) async fn delete(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let id = form.text("id");
    let location = administration.tenant.location(&id).await?;
    let change = administration.change(visit);
    let problem = match administration.tenant.delete_location(&id, &change).await {
        Ok(()) => {
            let notice = LocationNotice::Deleted { name: location.name };
            return Ok(Reply::page(list(visit, administration, Some(notice)).await?));
        }
        Err(error) if matches!(error.refusal(), Some(Refusal::LocationHasConnectors(_))) => {
            return Ok(Reply::refused(delete_page(visit, administration, &id, None).await?));
        }
        Err(error) => problem_of(error)?,
    };
    Ok(Reply::refused(delete_page(visit, administration, &id, Some(problem)).await?))
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    notice: Option<LocationNotice>,
) -> Result<String, Failure> {
    let tenant = &administration.tenant;
    let connectors = tenant.connectors(&ConnectorFilter::default()).await?;
    let windows = tenant.maintenance_windows().await?;
    let domains = tenant.domains().await?;
    let known = tenant.locations().await?;
    let tiles = known
        .iter()
        .map(|location| tile(location, &connectors, &windows, &domains, visit.now))
        .collect();
    let frame = administration.frame(visit, PATH).await?;
    Ok(locations(&Locations {
        frame,
        locations: tiles,
        may_change: administration.may_change_locations(),
        notice,
        now: visit.now,
    }))
}

fn tile(
    location: &Location,
    connectors: &[Connector],
    windows: &[MaintenanceWindow],
    domains: &[Domain],
    now: i64,
) -> pages::Location {
    let own: Vec<_> =
        connectors.iter().filter(|connector| connector.location == location.id).collect();
    let count = |is_counted: &dyn Fn(&Connector) -> bool| {
        u32::try_from(own.iter().filter(|one| is_counted(one)).count()).unwrap_or(u32::MAX)
    };
    let mut versions: Vec<_> =
        own.iter().filter_map(|connector| connector.current_version.clone()).collect();
    versions.sort();
    versions.dedup();
    let is_here =
        |domain: &&Domain| domain.reports.iter().any(|report| report.location == location.id);
    let window = windows.iter().find(|window| window.location == location.id);
    pages::Location {
        id: location.id.clone(),
        name: location.name.clone(),
        is_default: location.is_default,
        is_read_only: location.read_only,
        time_zone: location.time_zone.clone(),
        connectors: count(&|_| true),
        in_contact: count(&|one| one.status(now) == ConnectorStatus::Connected),
        updating: count(&|one| one.version_state == VersionState::Updating),
        // The registry does not keep when a sibling was removed.
        single_since: None,
        versions,
        domains: domains.iter().filter(is_here).map(|domain| domain.name.clone()).collect(),
        updates: window.map(policy).unwrap_or_default(),
        created: location.created_at,
    }
}

/// When a location is updated.
pub(super) fn policy(window: &MaintenanceWindow) -> UpdatePolicy {
    let day = match window.day {
        Day::Everyday => None,
        Day::Monday => Some(Weekday::Monday),
        Day::Tuesday => Some(Weekday::Tuesday),
        Day::Wednesday => Some(Weekday::Wednesday),
        Day::Thursday => Some(Weekday::Thursday),
        Day::Friday => Some(Weekday::Friday),
        Day::Saturday => Some(Weekday::Saturday),
        Day::Sunday => Some(Weekday::Sunday),
    };
    let order = match window.order {
        UpdateOrder::Early => pages::UpdateOrder::Early,
        UpdateOrder::Normal => pages::UpdateOrder::Normal,
        UpdateOrder::Late => pages::UpdateOrder::Late,
    };
    UpdatePolicy::Window { day, start: u32::try_from(window.start_second).unwrap_or(0), order }
}

async fn form_page(
    visit: &Visit<'_>,
    administration: &Administration,
    page: EditLocation,
) -> Result<String, RegistryError> {
    let path = match &page.id {
        Some(id) => format!("{PATH}/edit?id={id}"),
        None => format!("{PATH}/add"),
    };
    let frame = administration.frame(visit, path).await?;
    let time_zones = time_zones().iter().map(|zone| (*zone).to_owned()).collect();
    Ok(edit_location(&EditLocation { frame, time_zones, ..page }))
}

async fn delete_page(
    visit: &Visit<'_>,
    administration: &Administration,
    id: &str,
    problem: Option<LocationProblem>,
) -> Result<String, Failure> {
    let location = administration.tenant.location(id).await?;
    let filter = ConnectorFilter { location: Some(location.id.clone()), kind: None };
    let connectors = administration.tenant.connectors(&filter).await?.len();
    let path = format!("{PATH}/delete?id={}", location.id);
    let frame = administration.frame(visit, path).await?;
    Ok(delete_location(&DeleteLocation {
        frame,
        id: location.id,
        name: location.name,
        connectors: u32::try_from(connectors).unwrap_or(u32::MAX),
        problem,
    }))
}

/// What the page says of a refusal; other failures have pages of their own.
fn problem_of(error: RegistryError) -> Result<LocationProblem, Failure> {
    let problem = match error.refusal() {
        Some(Refusal::Name(NameError::Empty)) => LocationProblem::NameMissing,
        Some(Refusal::Name(NameError::TooLong(_))) => LocationProblem::NameTooLong,
        Some(Refusal::Name(NameError::Forbidden(character))) => {
            LocationProblem::NameCharacter { character: *character }
        }
        Some(Refusal::NameTaken { .. }) => LocationProblem::NameTaken,
        Some(Refusal::TimeZone(_)) => LocationProblem::TimeZone,
        Some(Refusal::ReadOnlyLocation) => LocationProblem::ReadOnly,
        Some(Refusal::NoSuch { .. }) => LocationProblem::Gone,
        _ => return Err(error.into()),
    };
    Ok(problem)
}
