//! Requests to web servers inside, relayed as they come (`protocol::web`).
//!
//! Nothing is kept: a body waits in the cloud while the server does not read, and in the server while the
//! cloud does not.

mod body;
mod server;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, UPGRADE,
};
use hyper::{Method, Request, Response, StatusCode, upgrade};
use hyper_util::rt::TokioIo;
use protocol::control::About;
use protocol::request::{Failure, FailureKind};
use protocol::web::{
    Field, FromAppliance, IDLE_SECONDS, MAX_RELAYS, WebAnswer, WebRequest, end_to_end, octets_of,
    text_of,
};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::debug;
use tunnel::frame::MAX_PAYLOAD_BYTES;
use tunnel::stream::Writer;
use tunnel::{Activity, Stream, TunnelError, pipe};

use crate::dispatch::failed;
use crate::settings::Settings;
use body::Body;

/// Longest time in which nothing moves.
const IDLE: Duration = Duration::from_secs(IDLE_SECONDS);
/// Octets of an answer that are held here at most, its header included.
const BUFFER_BYTES: usize = 64 * 1024;

/// Relays requests to web servers, within limits.
#[derive(Debug)]
pub(crate) struct Relay {
    settings: Settings,
    about: watch::Receiver<About>,
    places: Arc<Semaphore>,
}

impl Relay {
    /// A relay that dials as the settings say and never reaches the addresses that are told of the
    /// appliance itself.
    pub(crate) fn new(settings: Settings, about: watch::Receiver<About>) -> Self {
        let places = usize::try_from(MAX_RELAYS).unwrap_or(1);
        Self { settings, about, places: Arc::new(Semaphore::new(places)) }
    }

    /// Relays a request. `within` = until the server is reached, and then from the last octet of the
    /// request until the header of the answer.
    pub(crate) async fn answer(
        &self,
        request: WebRequest,
        within: Duration,
        stream: Stream,
    ) -> Result<(), TunnelError> {
        let Stream { mut reader, mut writer } = stream;
        let Ok(_place) = self.places.try_acquire() else {
            let detail = format!("the appliance relays {MAX_RELAYS} requests already");
            return say(&mut writer, &Failure { kind: FailureKind::Busy, detail }.into()).await;
        };
        let has_body = request.has_body;
        let moved = Activity::new();
        let (pieces, body) = body::channel(has_body);
        // What the cloud sends has to be looked at all the time: that is how its giving up is noticed.
        let mut feeding = Box::pin(body::feed(&mut reader, pieces, &moved));
        let exchanging = async {
            let server = self.reach(&request.server).await?;
            let mut message = message(request, body)?;
            if has_body {
                let said = writer.message(&FromAppliance::Ready).await;
                said.map_err(|_| failed(FailureKind::Unknown, "the cloud is gone"))?;
                moved.hear();
                // The cloud asks another connector as long as it has sent nothing of the body. Some
                // servers act on a header alone, so this one must not have it before that is over.
                if !message.body_mut().begin().await {
                    return Err(failed(FailureKind::Unknown, "the request was cut off"));
                }
            }
            exchange(server, message).await
        };
        let outcome = tokio::select! {
            outcome = exchanging => outcome,
            () = feeding.as_mut() => return Ok(()),
            () = moved.silence(within) => {
                Err(failed(FailureKind::Deadline, "the web server did not answer in time"))
            }
        };
        let (mut response, connection) = match outcome {
            Ok(answered) => answered,
            Err(failure) => return say(&mut writer, &failure.into()).await,
        };
        let answer = match answer(&response) {
            Ok(answer) => answer,
            Err(failure) => return say(&mut writer, &failure.into()).await,
        };
        let is_upgraded = answer.upgrade.is_some();
        say(&mut writer, &FromAppliance::Answered(answer)).await?;
        if is_upgraded {
            // Nothing has been read of what follows: the cloud sends it after the answer only.
            drop(feeding);
            let upgraded = upgrade::on(&mut response).await.map_err(broken)?;
            return pipe::join(Stream { reader, writer }, TokioIo::new(upgraded), IDLE).await;
        }
        tokio::select! {
            sent = send(&mut writer, response.into_body(), &moved) => sent?,
            () = feeding => {}
            () = moved.silence(IDLE) => debug!("A relayed request stood still"),
        }
        drop(connection);
        Ok(())
    }
}

/// Sends a request; gives the answer, and what keeps its connection alive.
async fn exchange(
    server: outbound::Stream,
    message: Request<Body>,
) -> Result<(Response<Incoming>, JoinSet<()>), Failure> {
    let lost = |error: hyper::Error| {
        let detail = format!("the web server broke off before its answer: {}", cause(&error));
        Failure { kind: FailureKind::Unknown, detail }
    };
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES)
        .handshake(TokioIo::new(server))
        .await
        .map_err(lost)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            debug!(%error, "A connection to a web server ended");
        }
    });
    let response = sender.send_request(message).await.map_err(lost)?;
    Ok((response, tasks))
}

/// The request as the server gets it.
fn message(request: WebRequest, body: Body) -> Result<Request<Body>, Failure> {
    let invalid = |what: &str| failed(FailureKind::Invalid, what);
    let method = Method::from_bytes(request.method.as_bytes())
        .ok()
        .filter(|method| *method != Method::CONNECT)
        .ok_or_else(|| invalid("the method cannot be relayed"))?;
    let mut message = Request::new(body);
    *message.method_mut() = method;
    *message.uri_mut() = Some(&request.path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| path.parse().ok())
        .ok_or_else(|| invalid("the path is malformed"))?;
    let headers = message.headers_mut();
    for (name, value) in end_to_end(request.fields) {
        let field = name
            .parse::<HeaderName>()
            .ok()
            .zip(octets_of(&value).and_then(|octets| HeaderValue::from_maybe_shared(octets).ok()));
        let (name, value) = field.ok_or_else(|| invalid("a header field is malformed"))?;
        headers.append(name, value);
    }
    if !request.has_body {
        // A length without a body would let the server wait for one.
        headers.remove(CONTENT_LENGTH);
        if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    }
    let host = HeaderValue::try_from(request.server.authority());
    headers.insert(HOST, host.map_err(|_| invalid("the address is malformed"))?);
    if let Some(protocol) = request.upgrade {
        let protocol = HeaderValue::try_from(protocol);
        headers.insert(UPGRADE, protocol.map_err(|_| invalid("the upgrade is malformed"))?);
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
    Ok(message)
}

/// What the server answered, for the cloud.
fn answer(response: &Response<Incoming>) -> Result<WebAnswer, Failure> {
    let unknown = |detail: &str| failed(FailureKind::Unknown, detail);
    let fields = response.headers();
    let upgrade = match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {
            let protocol = fields.get(UPGRADE).map(|value| text_of(value.as_bytes()));
            Some(protocol.ok_or_else(|| unknown("the web server changes to no protocol"))?)
        }
        _ => None,
    };
    let (status, fields) = (response.status().as_u16(), end_to_end(fields_of(fields)));
    let answer = WebAnswer { status, fields, upgrade };
    let length = serde_json::to_vec(&answer).map_or(usize::MAX, |json| json.len());
    // The words around it are short.
    if length > MAX_PAYLOAD_BYTES - 64 {
        return Err(unknown("the header of the web server's answer is too long"));
    }
    Ok(answer)
}

fn fields_of(headers: &HeaderMap) -> Vec<Field> {
    let field = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), text_of(value.as_bytes()))
    };
    headers.iter().map(field).collect()
}

/// Sends the body of an answer. When the server breaks off, the stream is given up without an end, so
/// that nobody takes for complete what is not.
async fn send(
    writer: &mut Writer,
    mut body: Incoming,
    moved: &Activity,
) -> Result<(), TunnelError> {
    while let Some(frame) = body.frame().await {
        moved.hear();
        if let Ok(octets) = frame.map_err(broken)?.into_data()
            && !octets.is_empty()
        {
            writer.data(&octets).await?;
            moved.hear();
        }
    }
    writer.end().await?;
    writer.close().await
}

async fn say(writer: &mut Writer, message: &FromAppliance) -> Result<(), TunnelError> {
    writer.message(message).await?;
    match message {
        FromAppliance::Failed(_) => writer.close().await,
        FromAppliance::Ready | FromAppliance::Answered(_) => Ok(()),
    }
}

fn broken(error: hyper::Error) -> TunnelError {
    TunnelError::Stream(std::io::Error::other(error))
}

/// What is behind an error of the library, which says little itself.
fn cause(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
