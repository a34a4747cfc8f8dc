//! One request to a service of a cloud, sent again as its rule says.
//!
//! Directly to the address, without a proxy, without following redirects, and with limits on time and bytes.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request as Message};
use hyper_util::rt::TokioIo;
use platform::request::{self, Attempt, MAX_ANSWER_BYTES, Next, Request, RetryRule};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tracing::debug;

use crate::error::ServiceError;

/// Port of every service.
const PORT: u16 = 80;

/// What a service answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// Status of HTTP.
    pub(super) status: u16,
    /// Header `Metadata-Flavor`.
    pub(super) flavor: Option<String>,
    /// May hold secrets.
    pub(super) body: Vec<u8>,
}

/// Sends a request until it is answered; `None` when the service has no such value.
///
/// # Errors
///
/// [`ServiceError`] when the rule gives up.
pub(super) async fn send(
    request: &Request,
    rule: RetryRule,
) -> Result<Option<Answer>, ServiceError> {
    let began = Instant::now();
    let limit = Duration::from_millis(rule.attempt_ms);
    let mut failures = 0;
    loop {
        let attempt = timeout(limit, exchange(request))
            .await
            .unwrap_or_else(|_| Err(ServiceError::Silent { server: request.server.to_string() }));
        let outcome = match &attempt {
            Ok(answer) => Attempt::Status(answer.status),
            Err(ServiceError::TooLarge { .. }) => return attempt.map(Some),
            Err(_) => Attempt::NoAnswer,
        };
        let elapsed = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match rule.next(outcome, failures, elapsed) {
            Next::Done => return attempt.map(Some),
            Next::Absent => return Ok(None),
            Next::Wait(pause) => {
                debug!(server = %request.server, ?outcome, "A service of the cloud is asked again");
                failures += 1;
                sleep(Duration::from_millis(pause)).await;
            }
            Next::GiveUp => {
                let answer = attempt?;
                let server = request.server.to_string();
                return Err(ServiceError::Status { server, status: answer.status });
            }
        }
    }
}

async fn exchange(request: &Request) -> Result<Answer, ServiceError> {
    let server = || request.server.to_string();
    let silent = |_| ServiceError::Silent { server: server() };
    let malformed = || ServiceError::Malformed { server: server() };
    let stream = TcpStream::connect((request.server, PORT)).await.map_err(silent)?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|_| malformed())?;
    // It ends with the sender.
    let driver = tokio::spawn(connection);
    let message = message(request).ok_or_else(malformed)?;
    let response = sender.send_request(message).await.map_err(|error| {
        if error.is_parse() { malformed() } else { ServiceError::Silent { server: server() } }
    })?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            ServiceError::TooLarge { server: server(), limit: MAX_ANSWER_BYTES }
        } else {
            ServiceError::Silent { server: server() }
        }
    });
    driver.abort();
    let flavor = head.headers.get("Metadata-Flavor").and_then(|it| it.to_str().ok());
    Ok(Answer {
        status: head.status.as_u16(),
        flavor: flavor.map(str::to_owned),
        body: body?.to_bytes().to_vec(),
    })
}

fn message(request: &Request) -> Option<Message<Full<Bytes>>> {
    let method = match request.method {
        request::Method::Get => Method::GET,
        request::Method::Post => Method::POST,
        request::Method::Put => Method::PUT,
    };
    let host = HeaderValue::from_str(&request.server.to_string()).ok()?;
    let mut builder = Message::builder().method(method).uri(&request.path).header(HOST, host);
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value.expose()).ok()?;
        value.set_sensitive(true);
        builder = builder.header(*name, value);
    }
    builder.body(Full::from(request.body.clone())).ok()
}
