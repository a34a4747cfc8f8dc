//! *Administrators*: who they are, inviting, what one may do, removing, the time-out.

use axum::http::header::HOST;
use pages::{
    AccessProblem, AccessSubject, AdministratorStatus, Administrators, AdministratorsNotice,
    AdministratorsProblem, DeleteAdministrator, InvitationLink, SetAccess, administrators,
    delete_administrator, set_access,
};
use registry::{
    Access, Administrator, Invitation, Kind, NewAdministrator, Refusal, RegistryError, Right,
};

use crate::console::connectors::is_gone;
use crate::console::cookie::Cookie;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Administration, Visit};

const PATH: &str = "/console/administrators";
/// Most digits of the minutes that are read.
const MAX_DIGITS: usize = 6;

pub(super) async fn show(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    Ok(Reply::page(list(visit, administration, Administrators::default()).await?))
}

pub(super) async fn show_invite(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let subject = AccessSubject::Invited { email: String::new(), name: String::new() };
    let page = access_page(visit, administration, subject, pages::Access::Full, Vec::new());
    Ok(Reply::page(page.await?))
}

pub(super) async fn invite(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let (email, name) = (form.text("email"), form.text("name"));
    let access = access_from(form);
    let new = NewAdministrator {
        email: email.clone(),
        display_name: name.clone(),
        access: access.clone(),
    };
    let change = administration.change(visit);
    match administration.tenant.invite(&new, &change).await {
        Ok(invitation) => noticed(visit, administration, invited(visit, &invitation)).await,
        Err(error) => {
            let problems = vec![problem_of(error)?];
            let subject = AccessSubject::Invited { email, name };
            let page = access_page(visit, administration, subject, access_of(&access), problems);
            Ok(Reply::refused(page.await?))
        }
    }
}

pub(super) async fn show_access(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    let found = administration.tenant.administrator(id).await?;
    let access = access_of(&found.access);
    let page = access_page(visit, administration, subject(found), access, Vec::new());
    Ok(Reply::page(page.await?))
}

pub(super) async fn store_access(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let found = tenant.administrator(&form.text("id")).await?;
    let access = access_from(form);
    let stored = tenant.set_access(&found.id, &access, &administration.change(visit)).await;
    visit.site.tokens().forget(tenant.id());
    match stored {
        // Who has just given up full access may not see this page any more.
        Ok(_) if is_self(administration, &found) && !access.is_full() => Ok(Reply::see("/console")),
        Ok(_) => {
            let notice = AdministratorsNotice::AccessChanged { name: found.display_name };
            noticed(visit, administration, notice).await
        }
        Err(error) => {
            let problems = vec![problem_of(error)?];
            let access = access_of(&access);
            let page = access_page(visit, administration, subject(found), access, problems);
            Ok(Reply::refused(page.await?))
        }
    }
}

pub(super) async fn resend(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let change = administration.change(visit);
    let problem = match administration.tenant.resend_invitation(&form.text("id"), &change).await {
        Ok(invitation) => {
            return noticed(visit, administration, invited(visit, &invitation)).await;
        }
        Err(error) => match error.refusal() {
            Some(Refusal::AcceptedInvitation) => AdministratorsProblem::Accepted,
            Some(Refusal::InvalidInvitation) => AdministratorsProblem::InvitationExpired,
            _ if is_gone(&error, Kind::Administrator) => AdministratorsProblem::Gone,
            _ => return Err(error.into()),
        },
    };
    let page = Administrators { problem: Some(problem), ..Administrators::default() };
    Ok(Reply::refused(list(visit, administration, page).await?))
}

pub(super) async fn show_delete(
    visit: &Visit<'_>,
    administration: &Administration,
) -> Result<Reply, Failure> {
    let id = visit.query.get("id").unwrap_or_default();
    let found = administration.tenant.administrator(id).await?;
    Ok(Reply::page(delete_page(visit, administration, found, false).await?))
}

pub(super) async fn delete(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let tenant = &administration.tenant;
    let found = tenant.administrator(&form.text("id")).await?;
    let removed = tenant.remove_administrator(&found.id, &administration.change(visit)).await;
    visit.site.tokens().forget(tenant.id());
    match removed {
        Ok(()) if is_self(administration, &found) => {
            Ok(Reply::see("/console/sign-in").clearing(Cookie::Session))
        }
        Ok(()) => {
            let notice = AdministratorsNotice::Deleted { name: found.display_name };
            noticed(visit, administration, notice).await
        }
        Err(error) if error.refusal() == Some(&Refusal::LastFullAdministrator) => {
            Ok(Reply::refused(delete_page(visit, administration, found, true).await?))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn store_timeout(
    visit: &Visit<'_>,
    administration: &Administration,
    form: &Form,
) -> Result<Reply, Failure> {
    let text = form.text("minutes");
    let minutes = Some(&text).filter(|text| text.len() <= MAX_DIGITS);
    let seconds = minutes.and_then(|text| text.parse::<i64>().ok()).map(|minutes| minutes * 60);
    // What is no number is out of range too.
    let wanted = form.has("on").then(|| seconds.unwrap_or_default());
    let tenant = &administration.tenant;
    match tenant.set_inactivity(wanted, &administration.change(visit)).await {
        Ok(()) => noticed(visit, administration, AdministratorsNotice::TimeoutSaved).await,
        Err(error) if error.refusal() == Some(&Refusal::Inactivity) => {
            let problem = Some(AdministratorsProblem::Timeout);
            let page = Administrators { problem, timeout_text: text, ..Administrators::default() };
            Ok(Reply::refused(list(visit, administration, page).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// The list after something was done.
async fn noticed(
    visit: &Visit<'_>,
    administration: &Administration,
    notice: AdministratorsNotice,
) -> Result<Reply, Failure> {
    let page = Administrators { notice: Some(notice), ..Administrators::default() };
    Ok(Reply::page(list(visit, administration, page).await?))
}

async fn list(
    visit: &Visit<'_>,
    administration: &Administration,
    page: Administrators,
) -> Result<String, RegistryError> {
    let tenant = &administration.tenant;
    let all = tenant.administrators().await?;
    let inactivity = tenant.record().await?.inactivity_seconds;
    Ok(administrators(&Administrators {
        frame: administration.frame(visit, PATH).await?,
        administrators: all.iter().map(|one| view(administration, one, visit.now)).collect(),
        may_change: true,
        timeout_minutes: inactivity.and_then(|seconds| u32::try_from(seconds / 60).ok()),
        now: visit.now,
        ..page
    }))
}

fn view(
    administration: &Administration,
    administrator: &Administrator,
    now: i64,
) -> pages::Administrator {
    pages::Administrator {
        id: administrator.id.clone(),
        name: administrator.display_name.clone(),
        email: administrator.email.clone(),
        status: match administrator.status(now) {
            registry::AdministratorStatus::Active => AdministratorStatus::Active,
            registry::AdministratorStatus::InviteSent => AdministratorStatus::InviteSent,
            registry::AdministratorStatus::Expired => AdministratorStatus::Expired,
        },
        access: access_of(&administrator.access),
        invitation_expires: administrator.invitation_expires_at,
        is_self: is_self(administration, administrator),
    }
}

fn is_self(administration: &Administration, administrator: &Administrator) -> bool {
    administration.session.administrator.id == administrator.id
}

/// The link for somebody who is invited. It is shown, because the control plane sends no mail.
fn invited(visit: &Visit<'_>, invitation: &Invitation) -> AdministratorsNotice {
    let (host, token) = (visit.header(&HOST), invitation.secret.expose());
    AdministratorsNotice::Invited(InvitationLink {
        email: invitation.administrator.email.clone(),
        url: format!("https://{host}/console/invitation?token={token}"),
        expires: invitation.administrator.invitation_expires_at,
        is_mailed: false,
    })
}

async fn access_page(
    visit: &Visit<'_>,
    administration: &Administration,
    subject: AccessSubject,
    access: pages::Access,
    problems: Vec<AccessProblem>,
) -> Result<String, RegistryError> {
    let path = match &subject {
        AccessSubject::Invited { .. } => format!("{PATH}/invite"),
        AccessSubject::Administrator { id, .. } => format!("{PATH}/access?id={id}"),
    };
    let frame = administration.frame(visit, path).await?;
    Ok(set_access(&SetAccess { frame, subject, access, problems }))
}

async fn delete_page(
    visit: &Visit<'_>,
    administration: &Administration,
    found: Administrator,
    is_last_full: bool,
) -> Result<String, RegistryError> {
    let path = format!("{PATH}/delete?id={}", found.id);
    Ok(delete_administrator(&DeleteAdministrator {
        frame: administration.frame(visit, path).await?,
        is_last_full,
        is_self: is_self(administration, &found),
        is_refused: false,
        id: found.id,
        name: found.display_name,
    }))
}

fn subject(found: Administrator) -> AccessSubject {
    AccessSubject::Administrator { id: found.id, name: found.display_name, email: found.email }
}

/// What a form allows; unknown rights are left out: less is allowed.
fn access_from(form: &Form) -> Access {
    match form.text("access").as_str() {
        "full" => Access::Full,
        _ => Access::Custom(form.all("right").iter().filter_map(|it| Right::parse(it)).collect()),
    }
}

/// What somebody may do, as the pages say it.
pub(super) fn access_of(access: &Access) -> pages::Access {
    let right = |right: &Right| pages::Right::from_name(right.name());
    match access {
        Access::Full => pages::Access::Full,
        Access::Custom(rights) => pages::Access::Custom(rights.iter().filter_map(right).collect()),
    }
}

/// What the page says of a refusal; other failures have pages of their own.
fn problem_of(error: RegistryError) -> Result<AccessProblem, Failure> {
    match error.refusal() {
        Some(Refusal::Email(_)) => Ok(AccessProblem::Email),
        Some(Refusal::NameTaken { .. }) => Ok(AccessProblem::EmailTaken),
        Some(Refusal::TooLong { .. }) => Ok(AccessProblem::Name),
        Some(Refusal::NoRights) => Ok(AccessProblem::NoRights),
        Some(Refusal::LastFullAdministrator) => Ok(AccessProblem::LastFull),
        _ if is_gone(&error, Kind::Administrator) => Ok(AccessProblem::Gone),
        _ => Err(error.into()),
    }
}
