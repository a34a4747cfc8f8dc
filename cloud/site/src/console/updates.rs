//! *Updates*: when each location installs them, and how far each connector is.

use pages::{
    ConnectorUpdate, EditPolicy, LocationUpdates, PolicyProblem, UpdateNotice, UpdatePolicy,
    UpdateState, Updates, Weekday, edit_policy, updates,
};
use registry::{
    Connector, ConnectorFilter, ConnectorStatus, Day, Kind, MaintenanceWindow, RegistryError,
    UpdateOrder, VersionState,
};

use crate::console::connectors::is_gone;
use crate::console::form::Form;
use crate::console::locations::policy;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};
use crate::moment;

const PATH: &str = "/console/updates";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, None).await?))
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    notice: Option<UpdateNotice>,
) -> Result<String, RegistryError> {
    let tenant = &administration.tenant;
    let connectors = tenant.connectors(&ConnectorFilter::default()).await?;
    let windows = tenant.maintenance_windows().await?;
    let of = |location: registry::Location| LocationUpdates {
        connectors: connectors
            .iter()
            .filter(|connector| connector.location == location.id)
            .map(|connector| view(connector, visit.now))
            .collect(),
        policy: policy_of(&windows, &location.id),
        id: location.id,
        name: location.name,
        time_zone: location.time_zone,
    };
    let locations = tenant.locations().await?.into_iter().map(of).collect();
    Ok(updates(&Updates {
        frame: administration.frame(visit, PATH).await?,
        locations,
        may_change: administration.may_change_locations(),
        can_order: false,
        notice,
        problem: None,
        now: visit.now,
    }))
}

pub(super) async fn show_policy(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let location = tenant.location(visit.query.get("location").unwrap_or_default()).await?;
    let policy = policy_of(&tenant.maintenance_windows().await?, &location.id);
    let page = form_page(visit, administration, location, policy, (String::new(), None)).await?;
    Ok(Reply::page(page))
}

pub(super) async fn store_policy(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let location = tenant.location(&form.text("location")).await?;
    let start = form.text("start");
    let (policy, problem) = match window_of(form, &location.id) {
        Ok(window) => {
            match &window {
                Some(window) => tenant.set_maintenance_window(window, &change).await?,
                None => match tenant.remove_maintenance_window(&location.id, &change).await {
                    // It had none before.
                    Err(error) if is_gone(&error, Kind::MaintenanceWindow) => {}
                    removed => removed?,
                },
            }
            let notice = UpdateNotice::PolicySaved { location: location.name };
            return Ok(Reply::page(list(visit, administration, Some(notice)).await?));
        }
        Err(problem) => {
            let order = pages::UpdateOrder::from_name(&form.text("order")).unwrap_or_default();
            let day = Weekday::from_name(&form.text("day"));
            (UpdatePolicy::Window { day, start: 0, order }, problem)
        }
    };
    let shown = (start, Some(problem));
    Ok(Reply::refused(form_page(visit, administration, location, policy, shown).await?))
}

async fn form_page(
    visit: &Visit<'_>,
    administration: &Administration,
    location: registry::Location,
    policy: UpdatePolicy,
    (start, problem): (String, Option<PolicyProblem>),
) -> Result<String, RegistryError> {
    let path = format!("{PATH}/policy?location={}", location.id);
    Ok(edit_policy(&EditPolicy {
        frame: administration.frame(visit, path).await?,
        location: location.id,
        name: location.name,
        time_zone: location.time_zone,
        policy,
        start,
        problem,
    }))
}

/// The window that a form asks for; `None` = at once.
fn window_of(form: &Form, location: &str) -> Result<Option<MaintenanceWindow>, PolicyProblem> {
    if form.text("when") != "window" {
        return Ok(None);
    }
    let day = match form.text("day").as_str() {
        "" => Day::Everyday,
        name => Day::parse(name).ok_or(PolicyProblem::Day)?,
    };
    let start_second = moment::time_of_day(&form.text("start")).ok_or(PolicyProblem::Start)?;
    let order = UpdateOrder::parse(&form.text("order")).unwrap_or(UpdateOrder::Normal);
    Ok(Some(MaintenanceWindow { location: location.to_owned(), day, start_second, order }))
}

fn policy_of(windows: &[MaintenanceWindow], location: &str) -> UpdatePolicy {
    windows.iter().find(|window| window.location == location).map(policy).unwrap_or_default()
}

fn view(connector: &Connector, now: i64) -> ConnectorUpdate {
    ConnectorUpdate {
        id: connector.id.clone(),
        name: connector.name.clone(),
        version: connector.current_version.clone().unwrap_or_default(),
        target: connector.expected_version.clone().unwrap_or_default(),
        state: update_state(connector, now),
        since: connector.upgrade.began_at,
    }
}

/// How far the update of a connector is.
pub(super) fn update_state(connector: &Connector, now: i64) -> UpdateState {
    if connector.upgrade_disabled {
        return UpdateState::Off;
    }
    match connector.version_state {
        VersionState::Updating => UpdateState::Installing,
        VersionState::UpdateFailed => {
            let reason = connector.upgrade.failure.clone().unwrap_or_default();
            UpdateState::Failed { reason }
        }
        VersionState::UpdateAvailable if connector.status(now) != ConnectorStatus::Connected => {
            UpdateState::WaitsForContact
        }
        VersionState::UpdateAvailable => UpdateState::Scheduled { at: None },
        VersionState::Normal if connector.current_version.is_none() => UpdateState::Unknown,
        VersionState::Normal => UpdateState::Current,
    }
}
