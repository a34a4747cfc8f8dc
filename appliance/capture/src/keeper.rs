//! The one trace: starts it, follows it, ends it, and deletes it after a day.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::thread;
use std::time::Duration;

use bus::{CaptureResponse, StartRefusal};
use model::capture::{KEPT_SECONDS, TraceOrder};
use model::capture_status::{
    CaptureStatus, EndReason, EndedTrace, RunningTrace, Trace, TraceCounts, TraceOrigin,
    TraceState, TraceSummary,
};
use model::error::chain;
use tokio::sync::{Mutex, mpsc, watch};
use tracing::{info, warn};

use crate::filter::Selection;
use crate::recorder::{Plan, Progress, Recorded, record};
use crate::resolve;
use crate::store::Store;

/// What a trace needs at least, in bytes.
const NEEDED_BYTES: u64 = 8 << 20;
/// Messages of a recorder that wait to be read: two a second.
const MAX_MESSAGES: usize = 8;
const KEPT_MS: i64 = KEPT_SECONDS as i64 * 1000;

/// A state and its generation.
pub(crate) type Published = (u64, TraceState);

/// The one trace.
#[derive(Debug)]
pub(crate) struct Keeper {
    store: Store,
    packet_socket: Arc<OwnedFd>,
    max_file_bytes: u64,
    state: watch::Sender<Published>,
    /// Held by whoever starts or deletes a trace.
    changing: Mutex<()>,
    /// Tells the recorder to end.
    stop: Lock<Arc<AtomicBool>>,
}

/// What a recorder says.
enum Message {
    Begun(Result<(), String>),
    Progress(Progress),
    Ended(Recorded),
}

impl Keeper {
    /// Takes over what an earlier process left.
    pub(crate) fn open(store: Store, packet_socket: OwnedFd, max_file_bytes: u64) -> Arc<Self> {
        let left = store.recover();
        let state = left.clone().map_or(TraceState::Idle, TraceState::Ended);
        let keeper = Arc::new(Self {
            store,
            packet_socket: Arc::new(packet_socket),
            max_file_bytes,
            state: watch::Sender::new((1, state)),
            changing: Mutex::default(),
            stop: Lock::default(),
        });
        if let Some(ended) = left {
            // A clock that was wrong then or is wrong now does not keep a trace longer.
            let age = now_ms().saturating_sub(ended.ended_ms).max(0);
            keeper.delete_in(&ended.trace.id, KEPT_MS.saturating_sub(age).clamp(0, KEPT_MS));
        }
        keeper
    }

    /// The state, to be followed.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Published> {
        self.state.subscribe()
    }

    /// What other roles are told of a state.
    pub(crate) fn status(&self, state: TraceState) -> CaptureStatus {
        let free_bytes = self.store.free_bytes().ok();
        CaptureStatus { state, free_bytes, max_file_bytes: self.max_file_bytes }
    }

    /// Starts a trace.
    pub(crate) async fn start(
        self: &Arc<Self>,
        order: TraceOrder,
        origin: TraceOrigin,
    ) -> CaptureResponse {
        // A task of its own: an asker that goes away leaves no trace half started.
        let keeper = Arc::clone(self);
        match tokio::spawn(async move { keeper.try_start(order, origin).await }).await {
            Ok(Ok(running)) => CaptureResponse::Started(running),
            Ok(Err(refusal)) => CaptureResponse::Refused(refusal),
            Err(error) => {
                CaptureResponse::Refused(StartRefusal::Failed { reason: error.to_string() })
            }
        }
    }

    async fn try_start(
        self: &Arc<Self>,
        order: TraceOrder,
        origin: TraceOrigin,
    ) -> Result<RunningTrace, StartRefusal> {
        let Ok(_changing) = self.changing.try_lock() else { return Err(StartRefusal::Starting) };
        let last_bytes = match &self.state.borrow().1 {
            TraceState::Running(running) => return Err(StartRefusal::Running(running.clone())),
            TraceState::Ended(ended) => ended.counts.file_bytes,
            TraceState::Idle => 0,
        };
        let addresses = resolve::addresses(order.filter.target.as_ref()).await?;
        let failed = |error: std::io::Error| StartRefusal::Failed { reason: error.to_string() };
        // The last trace makes room for this one.
        let free_bytes = self.store.free_bytes().map_err(failed)?.saturating_add(last_bytes);
        if free_bytes < NEEDED_BYTES {
            return Err(StartRefusal::NoSpace { free_bytes, needed_bytes: NEEDED_BYTES });
        }
        let random = || getrandom::u64().map_err(std::io::Error::other);
        let plan = Plan {
            selection: Selection { addresses: addresses.clone(), port: order.filter.port },
            duration: order.duration,
            packet_tracing: order.packet_tracing,
            max_file_bytes: self.max_file_bytes,
            seed: random().map_err(failed)?,
        };
        let id = format!("{:016x}", random().map_err(failed)?);
        let trace = Trace { id, origin, order, addresses, started_ms: now_ms() };
        self.store.clear().map_err(failed)?;
        self.publish(TraceState::Idle);
        let mut messages = self.spawn(plan, &trace.id).map_err(failed)?;
        match messages.recv().await {
            Some(Message::Begun(Ok(()))) => {}
            Some(Message::Begun(Err(reason))) => return Err(StartRefusal::Failed { reason }),
            _ => return Err(StartRefusal::Failed { reason: "the recorder ended".to_owned() }),
        }
        let running = RunningTrace { trace, counts: TraceCounts::default(), elapsed_ms: 0 };
        info!(id = running.trace.id, "A trace has started");
        self.publish(TraceState::Running(running.clone()));
        tokio::spawn(Arc::clone(self).follow(running.trace.clone(), messages));
        Ok(running)
    }

    /// Records on a thread of its own.
    fn spawn(&self, plan: Plan, id: &str) -> std::io::Result<mpsc::Receiver<Message>> {
        let file = self.store.create(id)?;
        let socket = Arc::clone(&self.packet_socket);
        let stop = Arc::new(AtomicBool::new(false));
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&stop);
        let (sender, receiver) = mpsc::channel(MAX_MESSAGES);
        thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            // Nobody who listens: the role ends.
            let begun = |result| drop(sender.blocking_send(Message::Begun(result)));
            // A count that nobody has taken yet is as good as a newer one.
            let publish = |progress| drop(sender.try_send(Message::Progress(progress)));
            if let Some(recorded) = record(socket.as_fd(), &plan, file, &stop, begun, publish) {
                drop(sender.blocking_send(Message::Ended(recorded)));
            }
        })?;
        Ok(receiver)
    }

    async fn follow(self: Arc<Self>, trace: Trace, mut messages: mpsc::Receiver<Message>) {
        let mut last = Progress::default();
        let recorded = loop {
            match messages.recv().await {
                Some(Message::Progress(progress)) => {
                    last = progress;
                    self.publish(TraceState::Running(RunningTrace {
                        trace: trace.clone(),
                        counts: progress.counts,
                        elapsed_ms: milliseconds(progress.elapsed),
                    }));
                }
                Some(Message::Ended(recorded)) => break recorded,
                Some(Message::Begun(_)) => {}
                None => {
                    let message = "the recorder ended".to_owned();
                    let end = EndReason::Failed { message };
                    break Recorded { progress: last, end, summary: TraceSummary::default() };
                }
            }
        };
        let ended_ms = now_ms();
        let ended = EndedTrace {
            trace,
            counts: recorded.progress.counts,
            end: recorded.end,
            elapsed_ms: milliseconds(recorded.progress.elapsed),
            ended_ms,
            deleted_ms: ended_ms.saturating_add(KEPT_MS),
            summary: recorded.summary,
        };
        info!(id = ended.trace.id, end = ?ended.end, counts = ?ended.counts, "A trace has ended");
        if let Err(error) = self.store.describe(&ended) {
            warn!(%error, "The trace will be lost when the role restarts");
        }
        self.delete_in(&ended.trace.id, KEPT_MS);
        self.publish(TraceState::Ended(ended));
    }

    /// Ends the trace with this identifier and waits until its file is complete.
    pub(crate) async fn stop(&self, id: &str) -> CaptureResponse {
        let mut state = self.state.subscribe();
        let was_running = match &state.borrow_and_update().1 {
            TraceState::Running(running) if running.trace.id == id => true,
            TraceState::Ended(ended) if ended.trace.id == id => false,
            _ => return CaptureResponse::NoSuchTrace,
        };
        let is_first = was_running && {
            let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
            !stop.swap(true, Ordering::Relaxed)
        };
        let is_over = |(_, state): &Published| !matches!(state, TraceState::Running(running) if running.trace.id == id);
        match state.wait_for(is_over).await.as_deref() {
            Ok((_, TraceState::Ended(ended))) if ended.trace.id == id => {
                if is_first && ended.end == EndReason::Stopped {
                    CaptureResponse::Stopped(ended.clone())
                } else {
                    CaptureResponse::AlreadyEnded(ended.clone())
                }
            }
            _ => CaptureResponse::NoSuchTrace,
        }
    }

    /// Deletes the finished trace with this identifier.
    pub(crate) async fn delete(&self, id: &str) -> CaptureResponse {
        let _changing = self.changing.lock().await;
        match &self.state.borrow().1 {
            TraceState::Running(running) if running.trace.id == id => {
                return CaptureResponse::StillRunning(running.clone());
            }
            TraceState::Ended(ended) if ended.trace.id == id => {}
            _ => return CaptureResponse::NoSuchTrace,
        }
        if let Err(error) = self.store.clear() {
            warn!(%error, "Cannot delete the trace");
            return CaptureResponse::Unreadable { reason: chain(&error) };
        }
        info!(id, "A trace is deleted");
        self.publish(TraceState::Idle);
        CaptureResponse::Deleted
    }

    /// The file of the finished trace with this identifier.
    pub(crate) fn file(&self, id: &str) -> (CaptureResponse, Option<OwnedFd>) {
        match &self.state.borrow().1 {
            TraceState::Running(running) if running.trace.id == id => {
                return (CaptureResponse::StillRunning(running.clone()), None);
            }
            TraceState::Ended(ended) if ended.trace.id == id => {}
            _ => return (CaptureResponse::NoSuchTrace, None),
        }
        match self.store.read(id) {
            Ok((file, bytes)) => (CaptureResponse::File { bytes }, Some(file)),
            Err(error) => {
                warn!(%error, "Cannot read the trace");
                (CaptureResponse::Unreadable { reason: chain(&error) }, None)
            }
        }
    }

    fn delete_in(self: &Arc<Self>, id: &str, milliseconds: i64) {
        let (keeper, id) = (Arc::clone(self), id.to_owned());
        let pause = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            keeper.delete(&id).await;
        });
    }

    fn publish(&self, state: TraceState) {
        self.state.send_modify(|(generation, published)| {
            *generation += 1;
            *published = state;
        });
    }
}

/// The time of day in milliseconds since 1970.
fn now_ms() -> i64 {
    let now = sys::clock::now_nanoseconds().unwrap_or_default() / 1_000_000;
    i64::try_from(now).unwrap_or_default()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
