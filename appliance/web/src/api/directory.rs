//! Answers of the operations on Active Directory domains.

mod error;
mod view;

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use model::domain::DomainName;
use model::domain::lookup::Lookup;
use model::domain::status::DomainStatus;
use serde_json::json;

use crate::api::answer::{json_response, no_content};
use crate::api::body::directory::{self as body, JoinBody, LookupBody};
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::api::operation::directory::Action;
use crate::listener::Source;
use crate::state::Shared;

/// Does what the action says.
pub(crate) async fn answer(
    action: Action,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    // The part behind `/domains/`, which some of the paths have.
    let source = request.extensions().get::<Source>().map(|source| source.0);
    let source = source.ok_or_else(ApiError::internal)?;
    let name = request.uri().path().split('/').nth(2).unwrap_or_default().to_owned();
    match action {
        Action::ReadDomains => read_all(state),
        Action::Join => join(state, request, source).await,
        Action::ReadCheck => read_check(state, StatusCode::OK),
        Action::Check => {
            let (domain, servers) = body::check(&json_body(request).await?)?;
            state.check_domain(domain, servers).await?;
            read_check(state, StatusCode::ACCEPTED)
        }
        Action::ReadDomain => {
            Ok(json_response(StatusCode::OK, &view::details(&joined(state, &name)?)))
        }
        Action::Leave => {
            let credentials = body::leave(&json_body(request).await?)?;
            let status = joined(state, &name)?;
            state.leave_domain(status.domain, credentials, source).await?;
            Ok(no_content())
        }
        Action::ReadTrusts => {
            Ok(json_response(StatusCode::OK, &view::trusts(&joined(state, &name)?)))
        }
        Action::Validate => {
            let validation = state.validate_domain(joined(state, &name)?.domain).await?;
            Ok(json_response(StatusCode::OK, &view::validation(&validation)))
        }
        Action::ChangePassword => {
            state.change_machine_password(joined(state, &name)?.domain, source).await?;
            Ok(no_content())
        }
        Action::LookUp => look_up(state, &name, request).await,
    }
}

fn read_all(state: &Shared) -> Result<Response, ApiError> {
    let directory = state.directory.borrow();
    let directory = directory.as_ref().ok_or_else(ApiError::unavailable)?;
    let items: Vec<_> = directory.domains.iter().map(view::documented).collect();
    Ok(json_response(StatusCode::OK, &json!({"items": items})))
}

async fn join(state: &Shared, request: Request, source: IpAddr) -> Result<Response, ApiError> {
    let JoinBody { name, dns, input } = JoinBody::parse(&json_body(request).await?)?;
    let join = match body::domain(&name, &dns) {
        Ok((domain, servers)) => input.check(domain, servers),
        Err(mut problems) => {
            // Everything that is wrong is told at once; which domain it would be does not matter.
            let any = DomainName::parse("example.com").map_err(|_| ApiError::internal())?;
            problems.extend(input.check(any, Vec::new()).err().unwrap_or_default());
            Err(problems)
        }
    };
    let join = join.map_err(|problems| ApiError::domain_refused(&problems))?;
    state.join_domain(join, source).await?;
    // As documented: 200 without a body.
    Ok(Response::default())
}

fn read_check(state: &Shared, status: StatusCode) -> Result<Response, ApiError> {
    let directory = state.directory.borrow();
    let directory = directory.as_ref().ok_or_else(ApiError::unavailable)?;
    let check = directory.check.as_ref().map(view::check);
    Ok(json_response(status, &json!({"check": check})))
}

async fn look_up(state: &Shared, name: &str, request: Request) -> Result<Response, ApiError> {
    let body = LookupBody::parse(&json_body(request).await?)?;
    let lookup = Lookup {
        domain: joined(state, name)?.domain,
        kind: body.kind,
        key: body.key,
        value: body.value,
        with_groups: body.with_groups,
        cursor: body.cursor,
    };
    lookup.check().map_err(ApiError::lookup_refused)?;
    let page = state.look_up(lookup).await?;
    Ok(json_response(StatusCode::OK, &view::page(&page)))
}

fn joined(state: &Shared, name: &str) -> Result<DomainStatus, ApiError> {
    let unknown = || ApiError::no_such("domain", name);
    let domain = DomainName::parse(name).map_err(|_| unknown())?;
    let directory = state.directory.borrow();
    let directory = directory.as_ref().ok_or_else(ApiError::unavailable)?;
    directory.of(&domain).cloned().ok_or_else(unknown)
}
