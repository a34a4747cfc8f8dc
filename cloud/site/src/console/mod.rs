//! The console: pages for administrators, with a session in a cookie.
//!
//! Everything works without script. A form is accepted from our own pages only: the browser says
//! where it comes from, and it carries a token that belongs to a cookie of this browser.

mod account;
mod add_connector;
mod administrators;
mod api_access;
mod connectors;
mod cookie;
mod domains;
mod form;
mod inspection;
mod invitation;
mod locations;
mod notifications;
mod password;
mod registrations;
mod reply;
mod route;
mod second_factor;
mod sign_in;
mod system_log;
mod table;
mod updates;
mod visit;
mod web_servers;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use pages::{ASSET_PATH, ErrorKind, Frame, asset};
use protocol::code::VERIFICATION_PATH;
use tracing::{error, warn};

use crate::console::form::Form;
use crate::console::reply::{Failure, Reply};
use crate::console::route::Handler;
use crate::console::visit::{Administration, Visit};
use crate::site::Site;

pub use route::{PageNeeds, PageRoute};
pub use table::page_routes;

/// Where every page of the console is.
pub(crate) const ROOT: &str = "/console";

/// Whether a path is the console's.
pub(crate) fn has_path(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The page that is meant by a path outside of the console.
pub(crate) fn page_meant(path: &str) -> Option<&'static str> {
    match path {
        // Who types the name of the host wants the pages; programs ask for longer paths.
        "/" => Some(ROOT),
        VERIFICATION_PATH => Some("/console/connectors/add"),
        _ => None,
    }
}

/// Answers a request for a page.
pub(crate) async fn serve(site: &Site, request: Request, transaction_id: &str) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(name) = parts.uri.path().strip_prefix(ASSET_PATH) {
        return match asset(name) {
            Some(asset) => reply::asset(asset),
            None => reply::plain_not_found(),
        };
    }
    let visit = Visit::new(site, &parts, transaction_id);
    let answered = answer(&visit, &parts.method, body).await;
    let reply = match answered {
        Ok(reply) => reply,
        Err(failure) => explain(&visit, failure, transaction_id).await,
    };
    visit.finish(reply)
}

/// First who asks, then what they may, and only then the form: it must be one of ours.
async fn answer(visit: &Visit<'_>, method: &Method, body: Body) -> Result<Reply, Failure> {
    let route = find(&visit.path, method)?;
    match route.handler {
        Handler::ShowAll(show) => show(visit).await,
        Handler::StoreAll(store) => store(visit, &Form::read(visit, body).await?).await,
        Handler::Show(show) => show(visit, &admit(visit, route).await?).await,
        Handler::Store(store) => {
            let administration = admit(visit, route).await?;
            let form = Form::read(visit, body).await?;
            match form.is_own() {
                true => store(visit, &administration, &form).await,
                false => Err(Failure::Page(ErrorKind::Forbidden)),
            }
        }
    }
}

/// The route of a path and a method.
fn find(path: &str, method: &Method) -> Result<&'static PageRoute, Failure> {
    let path = path.strip_prefix(ROOT).unwrap_or_default().trim_end_matches('/');
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let mut found = page_routes().filter(|route| route.path == path).peekable();
    found.peek().ok_or(Failure::Page(ErrorKind::NotFound))?;
    let route = found.find(|route| route.method() == *method);
    route.ok_or(Failure::Page(ErrorKind::MethodNotAllowed))
}

/// Who has signed in, if that is enough for a page.
async fn admit(visit: &Visit<'_>, route: &PageRoute) -> Result<Administration, Failure> {
    let administration = visit.administration().await?;
    administration.require(route.needs)?;
    Ok(administration)
}

/// The page that says why there is no other.
async fn explain(visit: &Visit<'_>, failure: Failure, transaction_id: &str) -> Reply {
    let kind = match failure {
        Failure::SignIn => return sign_in::ask(visit),
        Failure::Page(kind) => kind,
        Failure::Registry(cause) => match cause.refusal() {
            Some(_) => {
                warn!(%cause, transaction_id, "A page was refused");
                ErrorKind::NotFound
            }
            None if cause.is_unavailable() => {
                warn!(%cause, transaction_id, "The database does not answer");
                ErrorKind::Unavailable
            }
            None => {
                error!(%cause, transaction_id, "A page failed");
                ErrorKind::Internal
            }
        },
    };
    reply::error(frame(visit, kind).await, kind, transaction_id)
}

/// What such a page has around it. Who has signed in has the menu there, to go on or to leave.
async fn frame(visit: &Visit<'_>, kind: ErrorKind) -> Frame {
    if matches!(kind, ErrorKind::Internal | ErrorKind::Unavailable) {
        // Whoever cannot answer is not asked again.
        return visit.frame();
    }
    let outside = visit.frame();
    let Ok(administration) = visit.administration().await else { return outside };
    administration.frame(visit, outside.path.clone()).await.unwrap_or(outside)
}
