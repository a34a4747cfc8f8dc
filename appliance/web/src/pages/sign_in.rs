//! *Sign in* and *Sign out*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::password;
use tokio::time::Instant;
use tracing::error;
use webui::{ErrorKind, SignIn, SignInError, SignInNotice};

use crate::administrator::{Opening, Refusal, User};
use crate::pages::answer::{self, front_with_notice, html_with_pause, see_other};
use crate::pages::cookie;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, now};
use crate::throttle::{Failure, whole_seconds};

/// Notice after the first password has been set.
pub(crate) const PASSWORD_SET: &str = "password-set";
/// Notice after a change of the password.
pub(crate) const PASSWORD_CHANGED: &str = "password-changed";
/// Notice after signing out.
const SIGNED_OUT: &str = "signed-out";

/// The page when nobody has signed in.
pub(crate) fn front(visit: &mut Visit) -> Response {
    let notice = visit.notice.as_deref().and_then(|notice| match notice {
        PASSWORD_SET => Some(SignInNotice::PasswordSet),
        PASSWORD_CHANGED => Some(SignInNotice::PasswordChanged),
        SIGNED_OUT => Some(SignInNotice::SignedOut),
        _ => None,
    });
    if visit.notice.is_some() {
        visit.cookies.push(cookie::remove(cookie::NOTICE));
    }
    let has_ended = visit.has_ended_session && notice.is_none();
    if visit.has_ended_session {
        visit.leave_session();
    }
    let error = has_ended.then_some(SignInError::SessionEnded);
    page(visit, StatusCode::OK, error, notice)
}

/// `POST /sign-in`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::read(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    match state.has_administrator().await {
        None => return answer::error(&submission.visit, ErrorKind::Unavailable),
        Some(false) => return see_other(&submission.visit, "/"),
        Some(true) => {}
    }
    if submission.visit.session.is_some() {
        return see_other(&submission.visit, "/");
    }
    let genuine = submission.genuine(|visit, _| {
        page(visit, StatusCode::FORBIDDEN, Some(SignInError::FormExpired), None)
    });
    let (mut visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let password = form.secret("password");
    if password.expose().is_empty() {
        let error = Some(SignInError::MissingPassword);
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, error, None);
    }
    if password.expose().len() > password::MAX_BYTES {
        // Nothing so long can be right, and it is not worth hashing.
        let error = SignInError::WrongPassword { wait_seconds: 0, failures: 1, since: now() };
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, Some(error), None);
    }
    let user = User::Administrator;
    match state.administrator.sign_in(visit.client(), user, password, Opening::PageSession).await {
        Ok(session) => {
            visit.cookies.push(cookie::set(cookie::SESSION, session.expose(), None));
            visit.cookies.push(cookie::remove(cookie::CSRF));
            see_other(&visit, "/")
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let (mut visit, _) = match submission.genuine_or_forbidden() {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let Some(session) = visit.session.clone() else {
        return see_other(&visit, "/");
    };
    state.administrator.sessions().close_page(session.cookie.expose());
    visit.leave_session();
    front_with_notice(&mut visit, SIGNED_OUT)
}

fn refused(visit: &Visit, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Wrong(failure) => {
            let error = wrong_password(failure);
            page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(error), None)
        }
        Refusal::TooSoon(wait) => {
            let error = SignInError::TooSoon { wait_seconds: whole_seconds(wait) };
            page(visit, StatusCode::TOO_MANY_REQUESTS, Some(error), None)
        }
        Refusal::Unavailable(error) => {
            error!(%error, "A password cannot be checked");
            answer::error(visit, ErrorKind::Unavailable)
        }
    }
}

fn wrong_password(failure: Failure) -> SignInError {
    let ago = Instant::now().duration_since(failure.since).as_secs();
    SignInError::WrongPassword {
        wait_seconds: whole_seconds(failure.wait),
        failures: failure.failures,
        since: now().saturating_sub_unsigned(ago),
    }
}

fn page(
    visit: &Visit,
    status: StatusCode,
    error: Option<SignInError>,
    notice: Option<SignInNotice>,
) -> Response {
    let wait_seconds = match error {
        Some(
            SignInError::WrongPassword { wait_seconds, .. } | SignInError::TooSoon { wait_seconds },
        ) => wait_seconds,
        _ => 0,
    };
    let page = SignIn { frame: visit.frame("/"), address: visit.address.clone(), error, notice };
    html_with_pause(visit, status, webui::sign_in(&page), wait_seconds)
}
