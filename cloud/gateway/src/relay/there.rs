//! One attempt of a relayed request by way of another gateway.
//!
//! The other gateway fetches the body of the request from here as this one fetches the body of the answer
//! from there. As long as it has not begun to, the body can be taken back and given to somebody else.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::{
    Answer, Cluster, Fetch, FetchError, Next, Offer, PIECE_BYTES, Question, Remote, Source,
    Unanswered,
};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use protocol::request::{Failure, FailureKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tunnel::{Activity, TunnelError};

use super::stream::{IDLE, RelayStream};
use super::{Attempt, RelayOrder, envelope};
use crate::limits;

/// Longest time that a body may take. That it moves is looked after apart.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Octets that are read at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// A body that nobody has begun to read can be taken out again.
type Slot<B> = Arc<Mutex<Option<B>>>;

fn lock<B>(slot: &Slot<B>) -> MutexGuard<'_, Option<B>> {
    // Nothing panics while it is held.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the other gateway fetches.
struct Kept<B> {
    slot: Slot<B>,
    offer: Option<Offer>,
    octets: Option<mpsc::Sender<Option<Vec<u8>>>>,
    /// When something was last fetched.
    moved: Activity,
    /// Told when the client breaks off.
    broken: oneshot::Receiver<()>,
}

/// Asks the gateway of a connector to relay, and waits for the header of the answer.
pub(super) async fn attempt<B>(
    cluster: &Cluster,
    remote: &Remote,
    order: &RelayOrder,
    attempt: u32,
    body: &mut Option<B>,
    deadline: Instant,
) -> Attempt
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    let has_body = order.request.has_body;
    let request = envelope(order, attempt, deadline);
    let within = Duration::from_millis(request.deadline_millis.into()) + limits::WAY;
    let Some(mut kept) = keep(cluster, order, body) else {
        let detail = "the gateway relays too many requests".to_owned();
        return Attempt::Failed(Failure { kind: FailureKind::Busy, detail });
    };
    let question = Question::Relay {
        tenant: order.tenant.as_str().to_owned(),
        location: order.location.clone(),
        connector: remote.about.connector.clone(),
        request,
        upload: kept.offer.as_ref().map(Offer::upload),
    };
    let _in_flight = remote.begin();
    let answer = tokio::select! {
        answer = cluster.ask(remote, question, Instant::now() + LONGEST) => answer,
        Ok(()) = &mut kept.broken => return Attempt::Broken,
        () = kept.moved.silence(within) => Err(Unanswered::Late),
    };
    if let Ok(Answer::Relayed { answer, transfer }) = answer {
        let fetch = cluster.fetch(remote, transfer);
        return Attempt::Answered(answer, RelayStream::there(fetch, kept.octets, kept.offer));
    }
    // From here on the other gateway gets nothing of it.
    if has_body {
        *body = lock(&kept.slot).take();
    }
    let is_untouched = has_body && body.is_some();
    let lost = || if is_untouched { Attempt::Untouched } else { Attempt::Lost };
    match answer {
        Ok(Answer::Failed(failure)) => Attempt::Failed(failure),
        Ok(Answer::Late) | Err(Unanswered::Late) => Attempt::Late,
        Ok(Answer::NotHere | Answer::Unsupported) | Err(Unanswered::Unsent)
            if is_untouched || !has_body =>
        {
            Attempt::Unsent
        }
        Err(error @ Unanswered::TooLong) => {
            let (kind, detail) = (FailureKind::Invalid, error.to_string());
            Attempt::Failed(Failure { kind, detail })
        }
        Ok(_) | Err(_) => lost(),
    }
}

/// Keeps the body of a request, or what follows an upgrade; `None` if there is no room.
fn keep<B>(cluster: &Cluster, order: &RelayOrder, body: &mut Option<B>) -> Option<Kept<B>>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    let (slot, moved) = (Slot::default(), Activity::new());
    let (tell, broken) = oneshot::channel();
    let mut octets = None;
    let source: Option<Box<dyn Source>> = if order.request.has_body {
        *lock(&slot) = body.take();
        let (slot, moved) = (Arc::clone(&slot), moved.clone());
        let rest = Bytes::new();
        Some(Box::new(Upload { slot, body: None, rest, moved, tell: Some(tell) }))
    } else if order.request.upgrade.is_some() {
        let (sender, receiver) = mpsc::channel(1);
        octets = Some(sender);
        Some(Box::new(Octets(receiver)))
    } else {
        None
    };
    let offer = match source {
        None => None,
        Some(source) => match cluster.offer(source) {
            Some(offer) => Some(offer),
            None => {
                *body = lock(&slot).take();
                return None;
            }
        },
    };
    Some(Kept { slot, offer, octets, moved, broken })
}

/// The body of a request, for another gateway.
struct Upload<B> {
    slot: Slot<B>,
    /// Once it has begun.
    body: Option<B>,
    /// Of the last frame.
    rest: Bytes,
    moved: Activity,
    tell: Option<oneshot::Sender<()>>,
}

impl<B> Source for Upload<B>
where
    B: Body<Data = Bytes> + Send + Unpin,
    B::Error: Display + Send,
{
    fn next(&mut self) -> Next<'_> {
        Box::pin(async {
            if self.body.is_none() {
                self.body = lock(&self.slot).take();
            }
            let body = self.body.as_mut().ok_or("the request was given to somebody else")?;
            while self.rest.is_empty() {
                match body.frame().await {
                    Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
                    Some(Err(error)) => {
                        if let Some(tell) = self.tell.take() {
                            let _ = tell.send(());
                        }
                        return Err(error.to_string());
                    }
                    None => return Ok(None),
                }
                self.moved.hear();
            }
            self.moved.hear();
            Ok(Some(self.rest.split_to(self.rest.len().min(PIECE_BYTES)).to_vec()))
        })
    }

    fn may_pause(&self) -> bool {
        true
    }
}

/// What a client sends after an upgrade, for another gateway.
struct Octets(mpsc::Receiver<Option<Vec<u8>>>);

impl Source for Octets {
    fn next(&mut self) -> Next<'_> {
        Box::pin(async { self.0.recv().await.ok_or_else(|| "the client is gone".to_owned()) })
    }

    fn may_pause(&self) -> bool {
        true
    }
}

/// Joins what follows an upgrade with the client's connection, until both directions have ended.
pub(super) async fn join<S>(
    mut fetch: Fetch,
    sender: &mpsc::Sender<Option<Vec<u8>>>,
    octets: S,
) -> Result<(), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut source, mut sink) = split(octets);
    let activity = Activity::new();
    let ended = |_| TunnelError::Ended("the other gateway fetches no more".to_owned());
    let sending = async {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = source.read(&mut buffer).await.map_err(TunnelError::Stream)?;
            activity.hear();
            let octets = buffer.get(..count).filter(|octets| !octets.is_empty());
            let is_end = octets.is_none();
            sender.send(octets.map(<[u8]>::to_vec)).await.map_err(ended)?;
            if is_end {
                // Fetched, too.
                sender.closed().await;
                return Ok(());
            }
            activity.hear();
        }
    };
    let receiving = async {
        while let Some(octets) = fetch.next().await.map_err(cut_off)? {
            activity.hear();
            sink.write_all(&octets).await.map_err(TunnelError::Stream)?;
            sink.flush().await.map_err(TunnelError::Stream)?;
            activity.hear();
        }
        sink.shutdown().await.map_err(TunnelError::Stream)
    };
    tokio::select! {
        ended = async { tokio::try_join!(sending, receiving).map(|_| ()) } => ended,
        () = activity.silence(IDLE) => {
            Err(TunnelError::Ended("nothing has moved for too long".to_owned()))
        }
    }
}

pub(super) fn cut_off(error: FetchError) -> TunnelError {
    TunnelError::Ended(error.to_string())
}
