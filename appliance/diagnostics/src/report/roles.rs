//! The parts that other roles and PID 1 answer.

use std::time::Duration;

use bus::{
    CaptureRequest, ChannelRequest, Client, DirectoryRequest, GuestRequest, JournalRequest,
    NetworkRequest, SettingsRequest, StatusRequest, TimeRequest,
};
use model::diagnostics::DiagnosticsStatus;
use model::health::{Health, Known};
use model::product;
use model::supervision::{InitRequest, InitResponse};
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::kernel;
use crate::report::part::{Content, Found, Part, PartFile};

/// How long one role may take to answer.
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// Where the roles answer.
#[derive(Clone, Debug)]
pub(crate) struct Sockets {
    pub(crate) settings: String,
    pub(crate) network: String,
    pub(crate) time: String,
    pub(crate) capture: String,
    pub(crate) directory: String,
    pub(crate) channel: String,
    pub(crate) guest: String,
    pub(crate) journal: String,
    pub(crate) init: String,
}

/// All parts that the roles answer.
pub(crate) fn parts(sockets: &Sockets, own: &DiagnosticsStatus, now: i64) -> Vec<Part> {
    let own_state = own.clone();
    vec![
        Part::json("versions", versions(sockets.clone())),
        Part::json("health", health(sockets.clone(), own.clone(), now)),
        Part::json("settings", status_value::<SettingsRequest>(sockets.settings.clone())),
        Part::json("status/network", status_value::<NetworkRequest>(sockets.network.clone())),
        Part::json("status/time", status_value::<TimeRequest>(sockets.time.clone())),
        Part::json("status/capture", status_value::<CaptureRequest>(sockets.capture.clone())),
        Part::json("status/directory", status_value::<DirectoryRequest>(sockets.directory.clone())),
        Part::json("status/channel", status_value::<ChannelRequest>(sockets.channel.clone())),
        Part::json("status/guest", status_value::<GuestRequest>(sockets.guest.clone())),
        Part::json("status/journal", status_value::<JournalRequest>(sockets.journal.clone())),
        Part::json("status/init", status_value::<InitRequest>(sockets.init.clone())),
        Part::json("status/diagnostics", async move { value(&own_state) }),
        Part::json("disk", disk(sockets.clone())),
        Part::json("processes", processes(sockets.init.clone())),
        Part::new("kernel", kernel_facts(sockets.init.clone())),
    ]
}

/// Asks a role for its state.
pub(crate) async fn status<Request>(socket: String) -> Result<Request::Status, String>
where
    Request: StatusRequest,
{
    let client = Client::new(socket);
    let answer = ask(&client, &Request::status(None)).await?;
    let (_, status) = Request::read(answer).ok_or("the role does not tell its state")?;
    Ok(status)
}

/// Asks once.
pub(crate) async fn ask<Response: serde::de::DeserializeOwned>(
    client: &Client,
    request: &impl Serialize,
) -> Result<Response, String> {
    let answer = tokio::time::timeout(CALL_LIMIT, client.call(request)).await;
    let answer = answer.map_err(|_| format!("no answer within {} s", CALL_LIMIT.as_secs()))?;
    answer.map_err(|error| {
        let source = std::error::Error::source(&error);
        source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
    })
}

async fn status_value<Request>(socket: String) -> Result<Value, String>
where
    Request: StatusRequest,
    Request::Status: Serialize,
{
    value(&status::<Request>(socket).await?)
}

fn value(value: &impl Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

/// Which release runs. Without PID 1 at least this program's.
async fn versions(sockets: Sockets) -> Result<Value, String> {
    let init = status::<InitRequest>(sockets.init).await;
    Ok(json!({
        "product": product::NAME,
        "vendor": product::VENDOR,
        "version": product::VERSION,
        "released": model::utc::date_time(product::RELEASED * 1000),
        "slot": init.as_ref().map_or_else(|error| json!({ "error": error }), |init| json!(init.slot)),
    }))
}

/// The findings of summary and console. A role that does not answer is one of them.
async fn health(sockets: Sockets, own: DiagnosticsStatus, now: i64) -> Result<Value, String> {
    let (network, settings, clock, directory, channel, guest, init) = tokio::join!(
        status::<NetworkRequest>(sockets.network),
        status::<SettingsRequest>(sockets.settings),
        status::<TimeRequest>(sockets.time),
        status::<DirectoryRequest>(sockets.directory),
        status::<ChannelRequest>(sockets.channel),
        status::<GuestRequest>(sockets.guest),
        status::<InitRequest>(sockets.init),
    );
    let health = Health::judge(&Known {
        network: network.as_ref().ok(),
        settings: settings.as_ref().ok(),
        clock: clock.as_ref().ok(),
        init: init.as_ref().ok(),
        diagnostics: Some(&own),
        directory: directory.as_ref().ok(),
        channel: channel.as_ref().ok(),
        guest: guest.as_ref().ok(),
        now,
    });
    value(&health)
}

/// What is left of the data partition, as those say who store on it.
async fn disk(sockets: Sockets) -> Result<Value, String> {
    let (init, journal, capture) = tokio::join!(
        status::<InitRequest>(sockets.init),
        status::<JournalRequest>(sockets.journal),
        status::<CaptureRequest>(sockets.capture),
    );
    let or_error =
        |outcome: Result<Value, String>| outcome.unwrap_or_else(|error| json!({ "error": error }));
    Ok(json!({
        "data": or_error(init.and_then(|init| value(&init.data))),
        "journal": or_error(journal.and_then(|journal| value(&journal.disk))),
        "trace_free_bytes": or_error(capture.map(|capture| json!(capture.free_bytes))),
    }))
}

async fn processes(init: String) -> Result<Value, String> {
    match ask(&Client::new(init), &InitRequest::Processes).await? {
        InitResponse::Processes { processes } => value(&processes),
        InitResponse::Refused { reason } => Err(reason),
        _ => Err("PID 1 answered something else".to_owned()),
    }
}

/// What the kernel says, and routes and sockets readable.
async fn kernel_facts(init: String) -> Found {
    let facts = match ask(&Client::new(init), &InitRequest::KernelFacts).await? {
        InitResponse::KernelFacts { facts } => facts,
        InitResponse::Refused { reason } => return Err(reason),
        _ => return Err("PID 1 answered something else".to_owned()),
    };
    let mut files = Vec::new();
    for fact in facts {
        let stem = fact.name.trim_start_matches("/proc/").replace('/', "-");
        // Numbers of addresses in hexadecimal would escape the masks, and nobody can read them.
        if let Some(table) = kernel::readable(&fact.name, &fact.text) {
            files.push(PartFile {
                name: format!("kernel/{stem}.json"),
                content: Content::Json(json!({ "rows": table, "is_cut": fact.is_cut })),
            });
            continue;
        }
        let end = if fact.is_cut { "\n[the end was cut off]\n" } else { "" };
        files.push(PartFile {
            name: format!("kernel/{stem}.txt"),
            content: Content::Text(fact.text + end),
        });
    }
    Ok(files)
}
