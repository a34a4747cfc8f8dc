//! Answers of the operations on proxy servers, authorities and the certificate of the page.

use axum::extract::Request;
use axum::response::Response;

use crate::api::error::ApiError;
use crate::api::operation::connections::Action;
use crate::api::{certificate, last_segment, proxies, roots, signing_request};
use crate::state::Shared;

/// Does what the action says.
pub(crate) async fn answer(
    action: Action,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    let id = last_segment(&request).to_owned();
    match action {
        Action::ReadProxies => proxies::read_all(state),
        Action::AddProxy => proxies::add(state, request).await,
        Action::ReadProxy => proxies::read(state, &id),
        Action::UpdateProxy => proxies::update(state, request).await,
        Action::DeleteProxy => proxies::delete(state, id).await,
        Action::OrderProxies => proxies::order(state, request).await,
        Action::ReadBypass => proxies::read_bypass(state),
        Action::SetBypass => proxies::set_bypass(state, request).await,
        Action::ReadRoots => roots::read(state),
        Action::AddRoot => roots::add(state, request).await,
        Action::DeleteRoot => roots::delete(state, id).await,
        Action::ReadCertificate => Ok(certificate::read(state)),
        Action::ImportPkcs12 => certificate::import(state, request).await,
        Action::InstallCertificate => certificate::install(state, request).await,
        Action::ReadRequest => signing_request::read(state).await,
        Action::MakeRequest => signing_request::make(state, request).await,
        Action::DropRequest => signing_request::drop(state).await,
    }
}
