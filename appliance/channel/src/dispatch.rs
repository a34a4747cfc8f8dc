//! Requests of the cloud: taken, limited, carried out, answered.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::request::{
    Answer, Failure, FailureKind, MAX_DEADLINE_MILLIS, Operation, Request, Safety,
};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{debug, warn};
use tunnel::frame::MAX_PAYLOAD_BYTES;
use tunnel::stream::{Reader, Writer};
use tunnel::{Piece, Stream, TunnelError};

use crate::clock;
use crate::journal::{Fate, Journal, NotBegun};
use crate::operations::{Operations, Yield};
use crate::web::Relay;

/// Requests that the appliance takes at once, on all connections together: half of the connections
/// that a role takes on the bus, so that pages and console are answered as well.
pub(crate) const CAPACITY: u32 = 32;
/// How long the first message of a stream may take.
const READING: Duration = Duration::from_secs(10);
/// How long an answer may wait for the cloud to read on.
const WRITING: Duration = Duration::from_secs(30);
/// Longest identifier of a request, in octets.
const MAX_ID_BYTES: usize = 128;
/// Room for what stands around the body of an answer.
const AROUND_BYTES: usize = 1024;

/// Carries out requests, within limits.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    operations: Arc<Operations>,
    journal: Arc<Mutex<Journal>>,
    relay: Relay,
    places: Arc<Semaphore>,
    capacity: u32,
}

/// The requests of one connection. Dropping it gives them up.
#[derive(Debug)]
pub(crate) struct Working {
    dispatcher: Arc<Dispatcher>,
    tasks: JoinSet<()>,
}

impl Dispatcher {
    pub(crate) fn new(
        operations: Operations,
        journal: Journal,
        relay: Relay,
        capacity: u32,
    ) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(capacity).unwrap_or(1)));
        let (operations, journal) = (Arc::new(operations), Arc::new(Mutex::new(journal)));
        Self { operations, journal, relay, places, capacity }
    }

    /// Requests that are taken at once.
    pub(crate) const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Requests that are worked on.
    pub(crate) fn in_progress(&self) -> u32 {
        let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        self.capacity.saturating_sub(free)
    }

    /// Forgets the journal.
    pub(crate) fn forget(&self) {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).forget();
    }

    async fn answer(self: Arc<Self>, stream: Stream) -> Result<(), TunnelError> {
        let Stream { mut reader, mut writer } = stream;
        let request = match timeout(READING, reader.piece()).await {
            Ok(Ok(Some(Piece::Message(json)))) => match read(&json) {
                Ok(request) => request,
                Err(failure) => return refuse(&mut writer, failure.kind, failure.detail).await,
            },
            Ok(Ok(Some(Piece::Data(_) | Piece::End))) => {
                let detail = "data without a request".to_owned();
                return refuse(&mut writer, FailureKind::Invalid, detail).await;
            }
            // Nobody waits for an answer.
            Ok(Ok(None) | Err(_)) | Err(_) => return Ok(()),
        };
        let request = match request {
            Request { operation: Operation::Web(web), id, deadline_millis, .. } => {
                return match time(&id, deadline_millis) {
                    Ok(within) => self.relay.answer(web, within, Stream { reader, writer }).await,
                    Err(failure) => refuse(&mut writer, failure.kind, failure.detail).await,
                };
            }
            request => request,
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let detail = format!("the appliance works on {} requests already", self.capacity);
            return refuse(&mut writer, FailureKind::Busy, detail).await;
        };
        // Held until the answer is sent, or until the work is done that nobody waits for.
        let mut place = Some(place);
        let id = request.id.clone();
        let outcome = tokio::select! {
            outcome = self.carry_out(request, &mut place) => outcome,
            () = given_up(&mut reader) => {
                debug!(id, "A request was given up by the cloud");
                return Ok(());
            }
        };
        send(&mut writer, outcome).await
    }

    /// Carries a request out, within its deadline.
    async fn carry_out(
        self: &Arc<Self>,
        request: Request,
        place: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<Yield, Failure> {
        let deadline = Instant::now() + time(&request.id, request.deadline_millis)?;
        if let Operation::Outcome { of } = &request.operation {
            return self.outcome(of.clone()).await;
        }
        let is_once = request.safety == Safety::Once || request.operation.safety() == Safety::Once;
        if !is_once {
            return within(deadline, self.operations.run(&request.operation, deadline)).await;
        }
        // It goes on when the connection breaks: only then its outcome is known.
        let (this, place) = (Arc::clone(self), place.take());
        let task = tokio::spawn(async move {
            let outcome = this.once(request, deadline).await;
            drop(place);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(failed(FailureKind::Internal, "the request failed")))
    }

    /// Carries out what must not be carried out twice.
    async fn once(&self, request: Request, deadline: Instant) -> Result<Yield, Failure> {
        let id = request.id.clone();
        let begun = self.with_journal(move |journal| journal.begin(&id, clock::now())).await?;
        match begun {
            Ok(()) => {}
            Err(NotBegun::Seen(fate)) => return replay(fate),
            Err(NotBegun::Full) => {
                let detail = "too many requests of the last minutes are remembered";
                return Err(failed(FailureKind::Busy, detail));
            }
            Err(NotBegun::Disk(error)) => {
                warn!(%error, "A request cannot be written down and is not carried out");
                let detail = "the appliance cannot write the request down";
                return Err(failed(FailureKind::Internal, detail));
            }
        }
        let outcome = within(deadline, self.operations.run(&request.operation, deadline)).await;
        let answer = match &outcome {
            // It may have been carried out by then.
            Err(Failure { kind: FailureKind::Deadline, .. }) => return outcome,
            Ok(Yield { file: Some(_), .. }) => Answer::Failed(failed(
                FailureKind::Unknown,
                "it was carried out; its data were not kept",
            )),
            Ok(done) => Answer::Done { body: done.body.clone(), has_data: false },
            Err(failure) => Answer::Failed(failure.clone()),
        };
        let ended = self
            .with_journal(move |journal| journal.end(&request.id, &answer, clock::now()))
            .await?;
        if let Err(error) = ended {
            warn!(%error, "The outcome of a request cannot be written down");
        }
        outcome
    }

    async fn outcome(&self, of: String) -> Result<Yield, Failure> {
        let fate = self.with_journal(move |journal| journal.fate(&of, clock::now())).await?;
        replay(fate)
    }

    /// Uses the journal on a thread that may wait for the disk.
    async fn with_journal<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Journal) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let journal = Arc::clone(&self.journal);
        let task = spawn_blocking(move || {
            work(&mut journal.lock().unwrap_or_else(PoisonError::into_inner))
        });
        task.await.map_err(|_| failed(FailureKind::Internal, "the journal failed"))
    }
}

impl Working {
    pub(crate) fn new(dispatcher: &Arc<Dispatcher>) -> Self {
        Self { dispatcher: Arc::clone(dispatcher), tasks: JoinSet::new() }
    }

    /// Takes a request.
    pub(crate) fn begin(&mut self, stream: Stream) {
        let dispatcher = Arc::clone(&self.dispatcher);
        self.tasks.spawn(async move {
            if let Err(error) = dispatcher.answer(stream).await {
                debug!(%error, "An answer was not sent");
            }
        });
    }

    /// Waits until a request has ended.
    pub(crate) async fn reap(&mut self) {
        if self.tasks.join_next().await.is_none() {
            pending().await
        }
    }

    /// Whether no request is worked on.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// Reads a request. One with an operation that a later version may know is told apart.
fn read(json: &[u8]) -> Result<Request, Failure> {
    serde_json::from_slice(json).map_err(|_| {
        let members: Option<Value> = serde_json::from_slice(json).ok();
        match members.as_ref().and_then(|it| it.get("operation")) {
            Some(_) => failed(
                FailureKind::Unsupported,
                "this version of the appliance does not know this request",
            ),
            None => failed(FailureKind::Invalid, "this is no request"),
        }
    })
}

/// How long a request may take.
fn time(id: &str, deadline_millis: u32) -> Result<Duration, Failure> {
    if id.is_empty() || id.len() > MAX_ID_BYTES {
        return Err(failed(FailureKind::Invalid, "the identifier is empty or too long"));
    }
    if deadline_millis == 0 || deadline_millis > MAX_DEADLINE_MILLIS {
        return Err(failed(FailureKind::Invalid, "the deadline is not one of 1 ms to 5 min"));
    }
    Ok(Duration::from_millis(deadline_millis.into()))
}

/// What the journal says about a request.
fn replay(fate: Fate) -> Result<Yield, Failure> {
    match fate {
        Fate::Unseen => Err(failed(FailureKind::NotFound, "the request never came here")),
        Fate::Done(Some(Answer::Done { body, .. })) => Ok(Yield { body, file: None }),
        Fate::Done(Some(Answer::Failed(failure))) => Err(failure),
        Fate::Done(None) => {
            let detail = "it was carried out; its answer was too long to be kept";
            Err(failed(FailureKind::Unknown, detail))
        }
        Fate::Begun => {
            Err(failed(FailureKind::Unknown, "it began; whether it was carried out is not known"))
        }
    }
}

/// Waits until the cloud gives a request up. That it sends no more is no sign of it.
async fn given_up(reader: &mut Reader) {
    loop {
        match reader.piece().await {
            Ok(Some(_)) => {}
            Ok(None) if reader.is_over() => return,
            Ok(None) => pending().await,
            Err(_) => return,
        }
    }
}

async fn within(
    deadline: Instant,
    work: impl Future<Output = Result<Yield, Failure>>,
) -> Result<Yield, Failure> {
    match timeout_at(deadline, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(failed(FailureKind::Deadline, "it was not done in time")),
    }
}

/// Sends an answer. A body that does not fit into a message goes as data.
async fn send(writer: &mut Writer, outcome: Result<Yield, Failure>) -> Result<(), TunnelError> {
    let Yield { body, file } = match outcome {
        Ok(done) => done,
        Err(failure) => return refuse(writer, failure.kind, failure.detail).await,
    };
    let writing = |error| TunnelError::Stream(error);
    let json = serde_json::to_vec(&body).map_err(|error| writing(error.into()))?;
    let is_long = json.len() > MAX_PAYLOAD_BYTES - AROUND_BYTES;
    let has_data = is_long || file.is_some();
    let message = Answer::Done { body: if is_long { Value::Null } else { body }, has_data };
    say(writer, &message).await?;
    if let Some(mut file) = file {
        while let Some(chunk) = file.next().await.map_err(writing)? {
            slowly(writer.data(&chunk)).await?;
        }
    } else if is_long {
        slowly(writer.data(&json)).await?;
    }
    if has_data {
        slowly(writer.end()).await?;
    }
    writer.close().await
}

async fn refuse(writer: &mut Writer, kind: FailureKind, detail: String) -> Result<(), TunnelError> {
    say(writer, &Answer::Failed(Failure { kind, detail })).await?;
    writer.close().await
}

async fn say(writer: &mut Writer, answer: &Answer) -> Result<(), TunnelError> {
    slowly(writer.message(answer)).await
}

/// A cloud that does not read holds a place for a while and not for ever.
async fn slowly(write: impl Future<Output = Result<(), TunnelError>>) -> Result<(), TunnelError> {
    let late = || TunnelError::Ended("the cloud does not read the answer".to_owned());
    timeout(WRITING, write).await.map_err(|_| late())?
}

/// A failure with a text for people.
pub(crate) fn failed(kind: FailureKind, detail: &str) -> Failure {
    Failure { kind, detail: detail.to_owned() }
}
