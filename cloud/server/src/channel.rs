//! The path where appliances connect: an HTTP request becomes a WebSocket.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use gateway::Gateway;
use hyper::upgrade;
use hyper_util::rt::TokioIo;
use site::Source;
use tunnel::{PATH, SUBPROTOCOL, websocket};

/// Seconds after which an appliance may ask again when there is no room.
const RETRY_SECONDS: u32 = 10;

/// The path for a gateway.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new().route(
        PATH,
        any(move |request: Request| {
            let gateway = gateway.clone();
            async move { answer(gateway, request) }
        }),
    )
}

fn answer(gateway: Gateway, mut request: Request) -> Response {
    let Some(accept) = accept_value(request.headers()) else {
        let hint = "This is where appliances connect, with a WebSocket.\n";
        let upgrade = [(header::UPGRADE, "websocket"), (header::CONNECTION, "Upgrade")];
        return (StatusCode::UPGRADE_REQUIRED, upgrade, hint).into_response();
    };
    if !gateway.has_room() {
        let later = [(header::RETRY_AFTER, RETRY_SECONDS.to_string())];
        return (StatusCode::SERVICE_UNAVAILABLE, later).into_response();
    }
    let source =
        request.extensions().get::<Source>().map_or_else(String::new, |it| it.0.to_string());
    let upgraded = upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await {
            Ok(stream) => gateway.serve(TokioIo::new(stream), &source).await,
            Err(error) => tracing::debug!(source, %error, "a connection ended early"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let fields = [
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
        (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL)),
    ];
    response.headers_mut().extend(fields);
    response
}

/// What to answer a request with that asks for our WebSocket (RFC 6455, 4.2.1); `None` for any other.
fn accept_value(headers: &HeaderMap) -> Option<HeaderValue> {
    let lists = |name: header::HeaderName, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|word| word.trim().eq_ignore_ascii_case(wanted)))
    };
    let is_ours = lists(header::CONNECTION, "upgrade")
        && lists(header::UPGRADE, "websocket")
        && lists(header::SEC_WEBSOCKET_VERSION, "13")
        && lists(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_ours)?;
    HeaderValue::from_str(&websocket::accept_value(key.as_bytes())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_web_socket_is_opened() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "other, connector.v1"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            assert_eq!(accept_value(&headers), None, "before {name}");
            headers.insert(name, HeaderValue::from_static(value));
        }
        // The example of RFC 6455, section 1.3.
        let expected = HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept_value(&headers), Some(expected));
    }
}
