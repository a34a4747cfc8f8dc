//! What the cloud can ask an appliance to do.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use bus::{
    Client, DiagnosticsRequest, DiagnosticsResponse, DirectoryRequest, DirectoryResponse,
    GuestRequest, NetworkRequest, SettingsRequest, StatusRequest, TimeRequest, follow,
};
use model::domain::failure::DomainFailure;
use model::domain::lookup::Lookup;
use model::health::{Health, Known};
use model::supervision::InitRequest;
use protocol::request::{Failure, FailureKind, Operation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tracing::warn;
use tunnel::frame::MAX_PAYLOAD_BYTES;

use crate::board::Board;
use crate::clock;
use crate::dispatch::failed;

/// How long a role may take to tell its state.
const STATUS_LIMIT: Duration = Duration::from_secs(5);

/// Where the roles answer.
#[derive(Clone, Debug)]
pub(crate) struct Sockets {
    pub(crate) settings: String,
    pub(crate) network: String,
    pub(crate) time: String,
    pub(crate) diagnostics: String,
    pub(crate) directory: String,
    pub(crate) guest: String,
    pub(crate) init: String,
}

/// What an operation gives.
#[derive(Debug)]
pub(crate) struct Yield {
    pub(crate) body: Value,
    pub(crate) file: Option<Chunks>,
}

/// A file that is read in chunks, each on a thread that may wait.
#[derive(Debug)]
pub(crate) struct Chunks {
    file: Arc<File>,
    length: u64,
    read: u64,
}

/// Carries out operations by asking the other roles.
#[derive(Debug)]
pub(crate) struct Operations {
    sockets: Sockets,
    board: Board,
}

impl Operations {
    pub(crate) const fn new(sockets: Sockets, board: Board) -> Self {
        Self { sockets, board }
    }

    /// Carries out an operation. Whoever calls sees to the deadline; it is told so that roles are not
    /// waited for any longer.
    pub(crate) async fn run(
        &self,
        operation: &Operation,
        deadline: Instant,
    ) -> Result<Yield, Failure> {
        match operation {
            Operation::Health => self.health().await.map(Yield::from),
            Operation::Prechecks => self.prechecks().await.map(Yield::from),
            Operation::Report => self.report().await,
            Operation::Lookup(lookup) => self.look_up(lookup, deadline).await.map(Yield::from),
            // The journal knows the one, and the other is more than a question and an answer.
            Operation::Outcome { .. } | Operation::Web(_) => {
                Err(failed(FailureKind::Internal, "the request went the wrong way"))
            }
        }
    }

    /// The findings of page and console. A role that does not answer is one of them.
    async fn health(&self) -> Result<Value, Failure> {
        let sockets = &self.sockets;
        let (network, settings, clock, diagnostics, directory, guest, init) = tokio::join!(
            status::<NetworkRequest>(&sockets.network),
            status::<SettingsRequest>(&sockets.settings),
            status::<TimeRequest>(&sockets.time),
            status::<DiagnosticsRequest>(&sockets.diagnostics),
            status::<DirectoryRequest>(&sockets.directory),
            status::<GuestRequest>(&sockets.guest),
            status::<InitRequest>(&sockets.init),
        );
        let own = self.board.status();
        let health = Health::judge(&Known {
            network: network.as_ref(),
            settings: settings.as_ref(),
            clock: clock.as_ref(),
            init: init.as_ref(),
            diagnostics: diagnostics.as_ref(),
            directory: directory.as_ref(),
            channel: Some(&own),
            guest: guest.as_ref(),
            now: clock::now(),
        });
        let findings: Vec<Value> = health
            .findings
            .iter()
            .map(|finding| {
                let (id, severity) = (finding.cause.id(), finding.cause.severity());
                json!({ "id": id, "severity": severity, "finding": finding })
            })
            .collect();
        Ok(json!({ "severity": health.severity(), "findings": findings }))
    }

    /// Runs the prechecks, or waits for those that run already.
    async fn prechecks(&self) -> Result<Value, Failure> {
        let answer = ask(&self.sockets.diagnostics, &DiagnosticsRequest::RunPrechecks).await?;
        let number = match answer {
            DiagnosticsResponse::Begun { number } => number,
            DiagnosticsResponse::Conflict => 0,
            _ => return Err(unexpected("diagnostics")),
        };
        let mut status = follow::<DiagnosticsRequest>(self.sockets.diagnostics.clone());
        let is_done = |status: &Option<model::diagnostics::DiagnosticsStatus>| {
            status.as_ref().is_some_and(|status| {
                let run = status.prechecks.as_ref();
                status.begun >= number && run.is_some_and(|run| run.took_us.is_some())
            })
        };
        let status = status.wait_for(is_done).await.map_err(|_| unexpected("diagnostics"))?.clone();
        encode(&status.and_then(|status| status.prechecks))
    }

    /// The diagnostic report, with pseudonyms in place of addresses and names: it leaves the site.
    async fn report(&self) -> Result<Yield, Failure> {
        let client = Client::new(&self.sockets.diagnostics);
        let answer = client.call_for_file(&DiagnosticsRequest::Report { mask: true }).await;
        match answer.map_err(|error| silent(&error))? {
            (DiagnosticsResponse::Report { bytes }, Some(file)) => {
                let body = json!({ "mediaType": "application/zip", "bytes": bytes });
                Ok(Yield { body, file: Some(Chunks::new(file, bytes)) })
            }
            (DiagnosticsResponse::Conflict, _) => {
                Err(failed(FailureKind::Busy, "another report is being made"))
            }
            (DiagnosticsResponse::Failed { reason }, _) => {
                warn!(reason, "The report for the cloud cannot be made");
                Err(failed(FailureKind::Internal, "the report cannot be made"))
            }
            _ => Err(unexpected("diagnostics")),
        }
    }

    async fn look_up(&self, lookup: &Lookup, deadline: Instant) -> Result<Value, Failure> {
        lookup
            .check()
            .map_err(|error| Failure { kind: FailureKind::Invalid, detail: error.to_string() })?;
        let left = deadline.saturating_duration_since(Instant::now());
        let request = DirectoryRequest::Lookup { lookup: lookup.clone() };
        let client = Client::new(&self.sockets.directory);
        let answer = client.call_within(left, &request).await;
        match answer.map_err(|error| silent(&error))? {
            DirectoryResponse::Page { page } => encode(&page),
            DirectoryResponse::Failed { failure } => Err(not_found_out(&failure)),
            _ => Err(unexpected("directory")),
        }
    }
}

impl From<Value> for Yield {
    fn from(body: Value) -> Self {
        Self { body, file: None }
    }
}

impl Chunks {
    fn new(file: OwnedFd, length: u64) -> Self {
        Self { file: Arc::new(File::from(file)), length, read: 0 }
    }

    /// The next chunk; `None` = that was all.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is shorter than it was.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let left = usize::try_from(self.length - self.read).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(None);
        }
        let (file, offset) = (Arc::clone(&self.file), self.read);
        let mut chunk = vec![0; left.min(MAX_PAYLOAD_BYTES)];
        let reading = spawn_blocking(move || {
            file.read_exact_at(&mut chunk, offset)?;
            Ok::<_, io::Error>(chunk)
        });
        let chunk = reading.await.map_err(io::Error::other)??;
        self.read += u64::try_from(chunk.len()).unwrap_or_default();
        Ok(Some(chunk))
    }
}

/// What keeps a domain from answering: another appliance may reach it.
fn not_found_out(failure: &DomainFailure) -> Failure {
    let kind = match failure {
        DomainFailure::TooLarge { .. } | DomainFailure::DirectoryRefused { .. } => {
            FailureKind::Refused
        }
        _ => FailureKind::Unreachable,
    };
    Failure { kind, detail: failure.to_string() }
}

/// Asks a role for its state; `None` = it does not answer.
async fn status<Request: StatusRequest>(socket: &str) -> Option<Request::Status> {
    let client = Client::new(socket);
    let answer = client.call_within(STATUS_LIMIT, &Request::status(None)).await;
    Request::read(answer.ok()?).map(|(_, status)| status)
}

async fn ask<Response: DeserializeOwned>(
    socket: &str,
    request: &impl Serialize,
) -> Result<Response, Failure> {
    Client::new(socket).call(request).await.map_err(|error| silent(&error))
}

fn encode(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value)
        .map_err(|_| failed(FailureKind::Internal, "the answer cannot be written as JSON"))
}

fn silent(error: &bus::BusError) -> Failure {
    warn!(%error, "A role does not answer a request of the cloud");
    failed(FailureKind::Internal, "a service of the appliance does not answer")
}

fn unexpected(role: &str) -> Failure {
    warn!(role, "A role does not do what the cloud asks for");
    failed(FailureKind::Internal, "a service of the appliance does not do what it is asked for")
}
