//! The front page: *Create new password*, *Sign in* or *Connector administration*.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::product;
use tokio::time::Instant;
use webui::{Administration, DomainsTab, ErrorKind, Summary};

use crate::pages::answer::{error, html, see_other};
use crate::pages::visit::{Visit, known_language, query_value};
use crate::pages::{certificate, cookie, create_password, sign_in, trial};
use crate::state::{Shared, Snapshot};

/// `GET /`.
pub(crate) async fn front(State(state): State<Shared>, request: Request) -> Response {
    let mut visit = Visit::of(&state, &request);
    match state.has_administrator().await {
        None => error(&visit, ErrorKind::Unavailable),
        Some(false) if state.is_storage_unavailable() => {
            error(&visit, ErrorKind::StorageUnavailable)
        }
        Some(false) => create_password::page(&visit, &state, StatusCode::OK, Vec::new()),
        Some(true) if visit.session.is_some() && trial::is_running(&state) => {
            see_other(&visit, trial::PATH)
        }
        // Who comes back with a certificate that is on trial has a minute to keep it.
        Some(true) if visit.session.is_some() && certificate::is_on_trial(&state) => {
            see_other(&visit, certificate::PATH)
        }
        Some(true) if visit.session.is_some() => page(&visit, &state, tab(&request)),
        Some(true) => sign_in::front(&mut visit),
    }
}

/// `GET /summary`: what the script refreshes. Does not keep the session alive.
pub(crate) async fn summary(State(state): State<Shared>, request: Request) -> Response {
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    let is_signed_in = state.administrator.sessions().has_page(cookie, Instant::now());
    let mut response = Response::new(Body::empty());
    if !is_signed_in {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    let language = known_language(request.headers());
    *response.body_mut() =
        Body::from(webui::summary(language, &summary_view(state.snapshot()), tab(&request)));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// The list of domains that the query asks for.
fn tab(request: &Request) -> DomainsTab {
    DomainsTab::from_id(&query_value(request, "domains").unwrap_or_default())
}

fn page(visit: &Visit, state: &Shared, domains: DomainsTab) -> Response {
    let page = Administration {
        frame: visit.frame(match domains {
            DomainsTab::Joined => "/",
            DomainsTab::Trusted => "/?domains=trusted",
        }),
        summary: summary_view(state.snapshot()),
        certificate: Some(certificate::details(&state.certificates.active())),
        domains,
    };
    html(visit, StatusCode::OK, webui::administration(&page))
}

fn summary_view(snapshot: Snapshot) -> Summary {
    let Snapshot {
        health,
        network,
        settings,
        clock,
        init,
        diagnostics,
        directory,
        channel,
        uptime_seconds,
        now,
    } = snapshot;
    Summary {
        health,
        network,
        settings,
        clock,
        init,
        diagnostics,
        directory,
        channel,
        version: product::VERSION.to_owned(),
        uptime_seconds,
        now,
    }
}
