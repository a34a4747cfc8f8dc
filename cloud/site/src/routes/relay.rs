//! Requests to web servers inside, relayed through any connector of a resource location.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::header::{CONNECTION, CONTENT_SECURITY_POLICY, UPGRADE};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use protocol::request::{Failure, FailureKind};
use protocol::web::WebRequest;
use registry::Right;

use crate::ask::{FAILED, NOBODY, UNSUPPORTED};
use crate::call::{Call, Reply};
use crate::download::Streaming;
use crate::error::ApiError;
use crate::order::Unanswered;
use crate::random;
use crate::relay::{RelayOrder, Relayed, Streamed, Upgrade};
use crate::relayed_fields::{RELAY_CONNECTOR, Way, to_client, to_server, wants_websocket};
use crate::route::{Needs, Route};

/// Seconds until the server is reached, and from the last octet of a request until the header of the
/// answer.
const SECONDS: u32 = 60;
/// A browser that shows an answer gives it nothing of the cloud's.
const POLICY: HeaderValue = HeaderValue::from_static("sandbox; frame-ancestors 'none'");
/// Segments of a path before that of the server, the empty one included.
const SEGMENTS: usize = 5;
const DESCRIPTION: &str = "Any connector of the location relays the request to the server of the list as it \
    is, bodies as they come in both directions, with path and query behind the server's identifier as the \
    server's own. Status, header and body are the server's if there is a field `Relay-Connector`, which \
    names the connector; without it, the answer is an error object of this service. `Authorization` is \
    the service's and not relayed, `Relay-Authorization` arrives as `Authorization`. Fields of one \
    connection and cookies of the console stay here; `Via` and `X-Forwarded-For`, `-Host`, `-Proto` and \
    `-Prefix` are added. Links in `Location` and `Content-Location` that lead to the server, and paths of \
    cookies, are changed so that they lead through here. GET, HEAD and OPTIONS without a body are given to \
    another connector if the first one is lost before it answers; nothing else is sent twice. A GET with \
    `Upgrade: websocket` opens a WebSocket (101). A body that was cut off has no end: neither length nor \
    last chunk are right. The server has 60 seconds to answer after the last octet of the request; what \
    does not move for 5 minutes is cut.";
const ERRORS: &[(u16, &str)] = &[
    (400, "The body of the request broke off."),
    (429, "256 relayed requests of the customer are open (`reason` is `inFlight`)."),
    UNSUPPORTED,
    FAILED,
    NOBODY,
    (504, "The server did not answer in time (`cloud/deadline`)."),
];

/// The route of a method; they differ in nothing else.
macro_rules! relay {
    ($method:ident, $id:literal) => {
        Route {
            method: Method::$method,
            path: "/resourcelocations/{id}/web/{server}/{path}",
            older_path: None,
            needs: Needs::Right(Right::Requests),
            id: $id,
            summary: "Relay a request to a web server",
            description: DESCRIPTION,
            query: &[],
            request: None,
            success: (200, "What the web server answers, with whatever status.", None),
            errors: ERRORS,
            handler: |call| Box::pin(relay(call)),
        }
    };
}

pub(super) static ROUTES: &[Route] = &[
    relay!(GET, "relayGet"),
    relay!(POST, "relayPost"),
    relay!(PUT, "relayPut"),
    relay!(PATCH, "relayPatch"),
    relay!(DELETE, "relayDelete"),
    relay!(OPTIONS, "relayOptions"),
];

async fn relay(call: &Call<'_>) -> Result<Reply, ApiError> {
    let [location, id, ..] = call.parameters.as_slice() else { return Err(ApiError::internal()) };
    let Streamed { method, uri, body, upgraded } = call.streamed()?;
    let tenant = call.tenant()?;
    let server = call.site.web_servers().find(&tenant, location, id, call.now).await?;
    let place = call.site.relays().take(tenant.id()).ok_or_else(ApiError::too_many_in_flight)?;
    let place = Arc::new(place);
    let (prefix, path) = split(uri.path());
    let way = Way { prefix, server: &server.address };
    let is_upgrade = method == Method::GET && wants_websocket(call.headers);
    let upgrade = upgraded
        .filter(|_| is_upgrade)
        .map(|upgraded| Upgrade { upgraded, place: Arc::clone(&place) });
    let request = WebRequest {
        method: method.as_str().to_owned(),
        server: server.address.clone(),
        path: match uri.query() {
            Some(query) => format!("/{path}?{query}"),
            None => format!("/{path}"),
        },
        fields: to_server(call.headers, &way, call.source),
        upgrade: upgrade.is_some().then(|| "websocket".to_owned()),
        has_body: !body.is_end_stream(),
    };
    let order = RelayOrder {
        tenant: tenant.id().clone(),
        location: location.clone(),
        id: random::uuid(),
        request,
        body,
        upgrade,
        within: Duration::from_secs(SECONDS.into()),
    };
    let Relayed { connector, answer, data } =
        call.site.appliances().relay(order).await.map_err(unanswered)?;
    let body = match data {
        Some(data) => Body::new(Streaming { data, _place: place }),
        None => Body::empty(),
    };
    let mut response = Response::new(body);
    let status = StatusCode::from_u16(answer.status).map_err(|_| ApiError::strange_answer())?;
    *response.status_mut() = status;
    let mut headers = to_client(answer.fields, &way);
    headers.append(CONTENT_SECURITY_POLICY, POLICY);
    if let Ok(connector) = HeaderValue::try_from(connector) {
        headers.insert(RELAY_CONNECTOR, connector);
    }
    if let Some(protocol) = answer.upgrade {
        let protocol = HeaderValue::try_from(protocol).map_err(|_| ApiError::strange_answer())?;
        headers.insert(UPGRADE, protocol);
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
    *response.headers_mut() = headers;
    Ok(Reply::relayed(response))
}

/// The path up to the server's identifier, and what is behind it, neither of them decoded.
fn split(path: &str) -> (&str, &str) {
    let end = path.match_indices('/').nth(SEGMENTS - 1).map_or(path.len(), |(index, _)| index);
    let (prefix, rest) = path.split_at(end);
    (prefix, rest.strip_prefix('/').unwrap_or(rest))
}

fn unanswered(cause: Unanswered) -> ApiError {
    match cause {
        Unanswered::Deadline | Unanswered::Failed(Failure { kind: FailureKind::Deadline, .. }) => {
            ApiError::server_too_slow(SECONDS)
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_server_stays_as_it_was_sent() {
        for (path, expected) in [
            ("/resourcelocations/l/web/s", ("/resourcelocations/l/web/s", "")),
            ("/resourcelocations/l/web/s/", ("/resourcelocations/l/web/s", "")),
            ("/resourcelocations/l/web/s/a/b/", ("/resourcelocations/l/web/s", "a/b/")),
            ("/resourcelocations/l/web/s//a%2F..", ("/resourcelocations/l/web/s", "/a%2F..")),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }
}
