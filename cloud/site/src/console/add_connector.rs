//! *Add a Connector Appliance*: the code, the details to compare, and the decision.

use axum::http::StatusCode;
use pages::{
    AddConnector, AddStep, ApplianceDetails, CodeRefusal, ConnectorsNotice, LocationChoice,
    add_connector,
};
use registry::{Kind, Refusal, RegistryError};
use tokio::time::Instant;

use crate::appliances::{ApplianceError, Confirmed};
use crate::console::connectors::{self, is_gone, is_single};
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};
use crate::limiter::whole_seconds;

const PATH: &str = "/console/connectors/add";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let wanted = visit.query.get("location").unwrap_or_default();
    let page = AddConnector { location: wanted.to_owned(), ..AddConnector::default() };
    Ok(Reply::page(fill(visit, administration, page).await?))
}

pub(super) async fn confirm(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (location, code) = (form.text("location"), form.text("code"));
    let asked = Instant::now();
    let answer = ask(visit, administration, &location, &code).await?;
    let page = AddConnector { location, code, ..AddConnector::default() };
    match answer {
        Ok(confirmed) => {
            let waited = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
            let step = AddStep::Confirm(details(confirmed, waited, visit.now));
            let page = AddConnector { step, ..page };
            Ok(Reply::page(fill(visit, administration, page).await?))
        }
        Err(problem) => {
            let status = match problem {
                CodeRefusal::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let page = AddConnector { problem: Some(problem), ..page };
            Ok(Reply::page(fill(visit, administration, page).await?).with_status(status))
        }
    }
}

/// Finds the appliance that shows a code and asks whether it is there.
async fn ask(
    visit: &Visit<'_>,
    administration: &Administration,
    location: &str,
    code: &str,
) -> Result<Result<Confirmed, CodeRefusal>, Failure> {
    let tenant = &administration.tenant;
    if !location.is_empty() && has_no_location(administration, location).await? {
        return Ok(Err(CodeRefusal::LocationGone));
    }
    // Programs with a token of the same customer are counted with the people.
    let taken = visit.site.codes().take(tenant.id().clone(), Instant::now());
    if let Err(wait) = taken {
        return Ok(Err(CodeRefusal::TooManyAttempts { wait_seconds: whole_seconds(wait) }));
    }
    let change = administration.change(visit);
    match visit.site.appliances().confirm(tenant.id(), code, &change).await {
        Ok(confirmed) => {
            let wanted = confirmed.registration.wanted_location.as_deref();
            let is_other = wanted.is_some_and(|wanted| !location.is_empty() && wanted != location);
            Ok(if is_other { Err(CodeRefusal::OtherLocation) } else { Ok(confirmed) })
        }
        Err(error) => refusal_of(error).map(Err),
    }
}

pub(super) async fn register(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (location, registration) = (form.text("location"), form.text("registration"));
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let wanted = Some(location.as_str()).filter(|location| !location.is_empty());
    let appliances = visit.site.appliances();
    let (step, status) =
        match appliances.register(tenant.id(), &registration, wanted, &change).await {
            Ok(made) => {
                let is_single = is_single(administration, &made).await?;
                (AddStep::Registered { id: made.id, name: made.name, is_single }, StatusCode::OK)
            }
            Err(error) => (AddStep::Failed(refusal_of(error)?), StatusCode::UNPROCESSABLE_ENTITY),
        };
    let page = AddConnector { location, step, ..AddConnector::default() };
    Ok(Reply::page(fill(visit, administration, page).await?).with_status(status))
}

pub(super) async fn cancel(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (tenant, change) = (&administration.tenant, administration.change(visit));
    let registration = form.text("registration");
    match visit.site.appliances().refuse(tenant.id(), &registration, &change).await {
        // Its code has ended by itself, or somebody else has decided: there is nothing to refuse.
        Ok(()) | Err(ApplianceError::Registry(RegistryError::Refused(_))) => {}
        Err(ApplianceError::Registry(error)) => return Err(error.into()),
        Err(ApplianceError::Unreachable | ApplianceError::Unavailable(_)) => {
            return Err(Failure::Page(pages::ErrorKind::Unavailable));
        }
    }
    let notice = ConnectorsNotice::RegistrationCancelled;
    Ok(Reply::page(connectors::list(visit, administration, Some(notice)).await?))
}

async fn fill(
    visit: &Visit<'_>,
    administration: &Administration,
    page: AddConnector,
) -> Result<String, RegistryError> {
    let known = administration.tenant.locations().await?;
    // Without a choice, the default one.
    let is_known = known.iter().any(|one| one.id == page.location);
    let default = known.iter().find(|one| one.is_default).or_else(|| known.first());
    let proposed = default.map(|one| one.id.clone()).unwrap_or_default();
    let location = if is_known { page.location } else { proposed };
    let path = format!("{PATH}?location={location}");
    Ok(add_connector(&AddConnector {
        frame: administration.frame(visit, path).await?,
        locations: known
            .into_iter()
            .map(|one| LocationChoice { id: one.id, name: one.name })
            .collect(),
        location,
        ..page
    }))
}

fn details(confirmed: Confirmed, answer_milliseconds: u64, now: i64) -> ApplianceDetails {
    let found = confirmed.registration;
    ApplianceDetails {
        registration: found.id,
        name: found.appliance_name,
        version: found.about.version,
        addresses: found.about.addresses,
        seen_from: found.source,
        key_fingerprint: found.key_fingerprint,
        security_number: confirmed.security_number,
        answer_milliseconds,
        seconds_left: u64::try_from(found.expires_at - now).unwrap_or_default(),
    }
}

async fn has_no_location(
    administration: &Administration,
    location: &str,
) -> Result<bool, RegistryError> {
    match administration.tenant.location(location).await {
        Ok(_) => Ok(false),
        Err(error) if is_gone(&error, Kind::ResourceLocation) => Ok(true),
        Err(error) => Err(error),
    }
}

/// What the page says of a refusal; other failures have pages of their own.
fn refusal_of(error: ApplianceError) -> Result<CodeRefusal, Failure> {
    let error = match error {
        ApplianceError::Unreachable => return Ok(CodeRefusal::NotReachable),
        ApplianceError::Unavailable(reason) => {
            tracing::warn!(reason, "an appliance was not registered");
            return Ok(CodeRefusal::NotStored);
        }
        ApplianceError::Registry(error) => error,
    };
    match error.refusal() {
        Some(Refusal::NoCode(_)) => Ok(CodeRefusal::Malformed),
        Some(Refusal::UnknownCode) => Ok(CodeRefusal::Unknown),
        Some(Refusal::ExpiredCode) => Ok(CodeRefusal::Expired),
        Some(Refusal::UsedCode) => Ok(CodeRefusal::Used),
        Some(Refusal::RefusedCode | Refusal::NotConfirmed) => Ok(CodeRefusal::Cancelled),
        Some(Refusal::OtherLocation) => Ok(CodeRefusal::OtherLocation),
        Some(Refusal::NameTaken { name, .. }) => Ok(CodeRefusal::NameTaken { name: name.clone() }),
        Some(Refusal::KeyTaken | Refusal::RevokedConnector) => Ok(CodeRefusal::KeyTaken),
        Some(Refusal::NoSuch { kind: Kind::ResourceLocation, .. }) => Ok(CodeRefusal::LocationGone),
        Some(Refusal::NoSuch { kind: Kind::Registration, .. }) => Ok(CodeRefusal::Unknown),
        _ => Err(error.into()),
    }
}
