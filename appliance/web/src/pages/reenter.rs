//! Asks for the password once more before a dangerous change, unless it was given not long ago: a
//! browser that somebody else finds open must not make it (OWASP ASVS 5.0, 7.5).
//!
//! A form that passes the checks of every form goes through [`password`]. Signing in makes a session
//! fresh for [`FRESH_LIMIT`](crate::session::FRESH_LIMIT). Later the form waits in the session, so
//! that no secret of it stands in a page, while the answer asks for the password; that page posts it
//! to the same path, and the form comes out here. *Factory reset*, *Network settings* and *Change
//! password* ask each time, in their own forms.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use model::secret::Secret;
use tokio::time::Instant;
use webui::{Dangerous, PasswordProblem, ReenterPassword};

use crate::pages::answer::{html_with_pause, see_other};
use crate::pages::confirmation::confirm;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::State;

/// The field with the password. It has a name of its own: a form that waits may have one called
/// `current`.
const FIELD: &str = "reentered";

/// The visit and the form of somebody who has signed in, once it has passed the checks of every form and
/// the password has been given lately; otherwise the answer that says so or asks for it.
pub(crate) async fn form(
    state: &State,
    path: &'static str,
    change: Dangerous,
    request: Request,
) -> Result<(Visit, Form), Response> {
    let submission = Submission::of_session(state, request).await?;
    let (visit, form) = submission.genuine_or_forbidden()?;
    password(state, path, change, visit, form).await
}

/// The visit and the form, once the password has been given lately; otherwise the page that asks for
/// it. `path` is where the form was sent to.
pub(crate) async fn password(
    state: &State,
    path: &'static str,
    change: Dangerous,
    visit: Visit,
    form: Form,
) -> Result<(Visit, Form), Response> {
    let Some(session) = visit.session.clone() else {
        return Err(see_other(&visit, "/"));
    };
    let cookie = session.cookie.expose();
    if form.text(FIELD).is_none() {
        if state.administrator.sessions().is_fresh(cookie, Instant::now()) {
            return Ok((visit, form));
        }
        state.administrator.sessions().let_wait(cookie, path, form, Instant::now());
        return Err(page(&visit, path, change, (StatusCode::FORBIDDEN, None)));
    }
    let waiting = state.administrator.sessions().take_waiting(cookie, path, Instant::now());
    let Some(waiting) = waiting else {
        // It has waited for too long, or another one came meanwhile: the page has the form anew.
        return Err(see_other(&visit, path));
    };
    let typed: Secret = form.secret(FIELD);
    match confirm(state, &visit, typed).await {
        Ok(()) => {
            state.administrator.sessions().prove(cookie, Instant::now());
            Ok((visit, waiting))
        }
        Err((status, problem)) => {
            state.administrator.sessions().let_wait(cookie, path, waiting, Instant::now());
            Err(page(&visit, path, change, (status, Some(problem))))
        }
    }
}

fn page(
    visit: &Visit,
    path: &'static str,
    change: Dangerous,
    (status, problem): (StatusCode, Option<PasswordProblem>),
) -> Response {
    let wait_seconds = problem.as_ref().map_or(0, PasswordProblem::wait_seconds);
    let page = ReenterPassword { frame: visit.frame(path), path, change, problem };
    html_with_pause(visit, status, webui::reenter_password(&page), wait_seconds)
}
