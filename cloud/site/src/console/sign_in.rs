//! *Sign in*: e-mail address and password, what follows, and signing out.

use axum::http::StatusCode;
use axum::http::header::USER_AGENT;
use model::secret::Secret;
use pages::{
    ChooseCustomer, CustomerChoice, ErrorKind, SignIn, SignInError, SignInNotice, choose_customer,
    sign_in,
};
use registry::{Refusal, SignInStep, TenantId, TenantRecord};
use tokio::time::Instant;

use crate::console::account;
use crate::console::cookie::Cookie;
use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::visit::{Visit, sections};
use crate::limiter::whole_seconds;

const PATH: &str = "/console/sign-in";
/// What is added to the path after signing out.
const SIGNED_OUT: &str = "?notice=signed-out";
/// What is added to the path after the password was changed.
pub(super) const PASSWORD_CHANGED: &str = "/console/sign-in?notice=password-changed";
/// Longest path that is remembered for after signing in, in bytes.
const MAX_NEXT: usize = 300;

/// `/console`: the next step of a sign-in, or the first page that may be opened.
pub(super) async fn lead_on(visit: &Visit<'_>) -> Result<Reply, Failure> {
    match visit.administration().await {
        Ok(administration) => {
            let sections = sections(&administration.session.administrator.access);
            // Who may only ask through the connectors has no section, but an account.
            Ok(Reply::see(sections.first().map_or(account::PATH, |first| first.path())))
        }
        Err(Failure::SignIn) => match visit.ticket() {
            Some(ticket) => go_on(visit, &ticket).await,
            None => Ok(Reply::see(PATH)),
        },
        Err(failure) => Err(failure),
    }
}

/// The first step, for somebody who wants a page without having signed in.
pub(super) fn ask(visit: &Visit<'_>) -> Reply {
    let is_step = visit.path.starts_with(PATH) || visit.path == "/console/set-up-totp";
    let next = Some(visit.path.as_str()).filter(|path| !is_step && is_path(path));
    let reply = Reply::see(PATH).clearing(Cookie::SignIn);
    // A step without a sign-in says nothing of a session: any site can link to one.
    let reply = if is_step { reply } else { reply.clearing(Cookie::Session) };
    match next {
        Some(next) => reply.setting(Cookie::Next, next),
        None => reply,
    }
}

pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Failure> {
    if visit.administration().await.is_ok() {
        return Ok(Reply::see("/console"));
    }
    let notice = match visit.query.get("notice") {
        Some("signed-out") => Some(SignInNotice::SignedOut),
        Some("password-changed") => Some(SignInNotice::PasswordChanged),
        _ => None,
    };
    let frame = visit.frame();
    Ok(Reply::page(sign_in(&SignIn { frame, notice, ..SignIn::default() })))
}

pub(super) async fn enter(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let (email, password) = (form.text("email"), form.secret("password"));
    let refuse = |error: SignInError, status: StatusCode| {
        let page = SignIn {
            frame: visit.frame(),
            email: email.clone(),
            error: Some(error),
            ..SignIn::default()
        };
        Ok(Reply::refused(sign_in(&page)).with_status(status))
    };
    if !form.is_own() {
        return refuse(SignInError::FormExpired, StatusCode::FORBIDDEN);
    }
    if email.is_empty() || password.expose().is_empty() {
        return refuse(SignInError::Missing, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let paused = visit.site.throttle().pause(visit.source, Instant::now());
    if let Some(wait) = paused {
        let error = SignInError::TooSoon { wait_seconds: whole_seconds(wait) };
        return refuse(error, StatusCode::TOO_MANY_REQUESTS);
    }
    match visit.site.registry().begin_sign_in(&email, &password, visit.now).await {
        Ok((ticket, _)) => {
            visit.site.throttle().succeeded(visit.source);
            let reply = go_on(visit, &ticket).await?;
            Ok(reply.setting(Cookie::SignIn, ticket.expose()))
        }
        Err(error) if error.refusal() == Some(&Refusal::WrongCredentials) => {
            visit.site.throttle().failed(visit.source, Instant::now());
            refuse(SignInError::Wrong, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

/// The page of the next step; the session begins when there is none.
pub(super) async fn go_on(visit: &Visit<'_>, ticket: &Secret) -> Result<Reply, Failure> {
    match visit.site.registry().sign_in(ticket, visit.now).await?.step {
        SignInStep::SecondFactor => Ok(Reply::see("/console/sign-in/code")),
        SignInStep::Enrol => Ok(Reply::see("/console/set-up-totp")),
        SignInStep::ChangePassword => Ok(Reply::see("/console/account/password")),
        SignInStep::ChooseTenant(tenants) => match tenants.as_slice() {
            [] => Err(Failure::Page(ErrorKind::FullAccessNeeded)),
            [only] => finish(visit, ticket, &only.id).await,
            _ => Ok(Reply::see("/console/sign-in/customer")),
        },
    }
}

pub(super) async fn show_customers(visit: &Visit<'_>) -> Result<Reply, Failure> {
    let (_, tenants) = customers(visit).await?;
    Ok(Reply::page(customers_page(visit, tenants)))
}

pub(super) async fn choose(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let (ticket, tenants) = customers(visit).await?;
    let chosen = form.text("customer");
    match tenants.iter().find(|tenant| tenant.id.as_str() == chosen) {
        Some(tenant) if form.is_own() => finish(visit, &ticket, &tenant.id).await,
        _ => Ok(Reply::refused(customers_page(visit, tenants))),
    }
}

/// The tenants to choose from, once everything else is done.
async fn customers(visit: &Visit<'_>) -> Result<(Secret, Vec<TenantRecord>), Failure> {
    let ticket = visit.ticket().ok_or(Failure::SignIn)?;
    match visit.site.registry().sign_in(&ticket, visit.now).await?.step {
        SignInStep::ChooseTenant(tenants) => Ok((ticket, tenants)),
        _ => Err(Failure::SignIn),
    }
}

fn customers_page(visit: &Visit<'_>, tenants: Vec<TenantRecord>) -> String {
    let choice = |tenant: TenantRecord| CustomerChoice {
        id: tenant.id.as_str().to_owned(),
        name: tenant.name,
    };
    let customers = tenants.into_iter().map(choice).collect();
    choose_customer(&ChooseCustomer { frame: visit.frame(), customers })
}

async fn finish(visit: &Visit<'_>, ticket: &Secret, tenant: &TenantId) -> Result<Reply, Failure> {
    let (source, agent) = (visit.source.to_string(), visit.header(&USER_AGENT));
    let registry = visit.site.registry();
    let session = registry.finish_sign_in(ticket, tenant, &source, agent, visit.now).await?;
    let next = Cookie::Next.of(visit.headers).filter(|path| is_path(path.expose()));
    let target = next.as_ref().map_or("/console", |path| path.expose());
    let reply = Reply::see(target).clearing(Cookie::SignIn).clearing(Cookie::Next);
    Ok(reply.setting(Cookie::Session, session.expose()))
}

pub(super) async fn sign_out(visit: &Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    if !form.is_own() {
        return Err(Failure::Page(ErrorKind::Forbidden));
    }
    let registry = visit.site.registry();
    if let Some(session) = Cookie::Session.of(visit.headers) {
        registry.end_session(session.expose()).await?;
    }
    if let Some(ticket) = visit.ticket() {
        registry.cancel_sign_in(&ticket).await?;
    }
    let reply = Reply::see(format!("{PATH}{SIGNED_OUT}"));
    Ok(reply.clearing(Cookie::Session).clearing(Cookie::SignIn).clearing(Cookie::Next))
}

/// Whether a text is a path of the console, and leads nowhere else.
fn is_path(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-');
    text.len() <= MAX_NEXT && text.starts_with("/console/") && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_console_are_remembered() {
        assert!(is_path("/console/resource-locations"));
        for text in [
            "",
            "/",
            "//evil.example",
            "/console",
            "/console/../x",
            "/console/a?b",
            "/console/a\r\nb",
        ] {
            assert!(!is_path(text), "{text}");
        }
    }
}
