//! *My account*: who is signed in, and renewing the second step.

use axum::http::StatusCode;
use pages::{Account, AccountProblem, BackupCodes, BackupOccasion, account, backup_codes};
use registry::{Refusal, RegistryError, SESSION_SECONDS};
use tokio::time::Instant;

use crate::console::administrators::access_of;
use crate::console::cookie::Cookie;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};
use crate::limiter::whole_seconds;

pub(super) const PATH: &str = "/console/account";

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(page(visit, administration, None).await?))
}

/// New backup codes, or another device: who has the password may replace them.
pub(super) async fn renew(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let registry = visit.site.registry();
    let paused = visit.site.throttle().pause(visit.source, Instant::now());
    if let Some(wait) = paused {
        let problem = AccountProblem::TooSoon { wait_seconds: whole_seconds(wait) };
        let page = page(visit, administration, Some(problem)).await?;
        return Ok(Reply::page(page).with_status(StatusCode::TOO_MANY_REQUESTS));
    }
    let email = &administration.session.administrator.email;
    match registry.check_password(email, &form.secret("password"), visit.now).await {
        Ok(_) => visit.site.throttle().succeeded(visit.source),
        Err(error) if error.refusal() == Some(&Refusal::WrongCredentials) => {
            visit.site.throttle().failed(visit.source, Instant::now());
            let problem = AccountProblem::WrongPassword;
            return Ok(Reply::refused(page(visit, administration, Some(problem)).await?));
        }
        Err(error) => return Err(error.into()),
    }
    let person = &administration.session.person;
    if form.text("action") == "device" {
        // The next sign-in sets the new device up, with the steps that every first sign-in has.
        registry.reset_second_factor(person).await?;
        registry.end_sessions_of(person).await?;
        return Ok(Reply::see("/console/sign-in").clearing(Cookie::Session));
    }
    let codes = registry.renew_backup_codes(person).await?;
    Ok(Reply::page(backup_codes(&BackupCodes {
        frame: administration.frame(visit, PATH).await?,
        codes: codes.iter().map(|code| code.expose().to_owned()).collect(),
        occasion: BackupOccasion::Replaced,
    })))
}

async fn page(
    visit: &Visit<'_>,
    administration: &Administration,
    problem: Option<AccountProblem>,
) -> Result<String, RegistryError> {
    let (session, registry) = (&administration.session, visit.site.registry());
    let person = registry.person_by_id(&session.person).await?;
    Ok(account(&Account {
        frame: administration.frame(visit, PATH).await?,
        name: session.administrator.display_name.clone(),
        email: session.administrator.email.clone(),
        access: access_of(administration.access()),
        customer_id: session.tenant.id.as_str().to_owned(),
        organization_id: session.tenant.org_id.clone(),
        password_changed: person.map(|person| person.password_changed_at).unwrap_or_default(),
        session_ends: session.started_at + SESSION_SECONDS,
        backup_codes_left: registry.backup_codes_left(&session.person).await?,
        notice: None,
        problem,
        now: visit.now,
    }))
}
