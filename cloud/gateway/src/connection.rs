//! One connection of a connector, as requests see it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use protocol::control::{About, FromCloud, Load};
use registry::TenantId;
use tokio::sync::{Notify, mpsc, watch};
use tunnel::Opener;

/// Orders to the control task that may wait.
pub(crate) const ORDERS: usize = 16;
/// Share of a new latency in the average, as a divisor.
const SMOOTHING: u64 = 8;

/// What the control task of a connection is asked to do. Messages are in boxes, because each
/// connection has room for 32 orders set aside.
#[derive(Debug)]
pub(crate) enum Order {
    /// Send a message.
    Send(Box<FromCloud>),
    /// Send a message and end the connection.
    End(Box<FromCloud>),
}

impl Order {
    /// To send a message.
    pub(crate) fn send(message: FromCloud) -> Self {
        Self::Send(Box::new(message))
    }

    /// To send a message and end the connection.
    pub(crate) fn end(message: FromCloud) -> Self {
        Self::End(Box::new(message))
    }
}

/// Whose connection it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) tenant: TenantId,
    pub(crate) location: String,
    pub(crate) connector: String,
    /// Fingerprint of its key in base64.
    pub(crate) key: String,
}

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Since when it is there, in seconds since 1970.
    pub since: i64,
    /// The address that it comes from.
    pub source: String,
}

/// A connection that takes requests.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) origin: Origin,
    pub(crate) number: u64,
    pub(crate) owner: Owner,
    /// Text of this start of the machine, which a copy of it does not have.
    pub(crate) instance: String,
    pub(crate) opener: Opener,
    pub(crate) orders: mpsc::Sender<Order>,
    /// Becomes true when it has ended.
    pub(crate) ended: watch::Receiver<bool>,
    /// Told when the first request begins to wait and when the last one is done.
    pub(crate) busy: Notify,
    /// Told when a request of the resource location is done, so that another one may go.
    room: Arc<Notify>,
    capacity: u32,
    about: Mutex<About>,
    load: Mutex<Load>,
    in_flight: AtomicU32,
    relayed: AtomicU32,
    latency_micros: AtomicU64,
    is_draining: AtomicBool,
    /// Whether the registry knows that it is there.
    pub(crate) is_noted: AtomicBool,
}

/// What is known of a connector that is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Identifier of the connector.
    pub connector: String,
    /// The name of the gateway; that of the first, if it is connected to several.
    pub gateway: String,
    /// What it tells about itself.
    pub about: About,
    /// How busy it is.
    pub load: Load,
    /// Requests that this gateway waits for.
    pub in_flight: u32,
    /// Typical time until it answers.
    pub latency: Duration,
    /// Its connections, the oldest first.
    pub connections: Vec<Origin>,
}

impl Connection {
    pub(crate) fn new(
        number: u64,
        owner: Owner,
        (instance, about, capacity): (String, About, u32),
        opener: Opener,
        orders: mpsc::Sender<Order>,
        ended: watch::Receiver<bool>,
        (origin, room): (Origin, Arc<Notify>),
    ) -> Self {
        Self {
            origin,
            number,
            owner,
            instance,
            opener,
            orders,
            ended,
            busy: Notify::new(),
            room,
            capacity: capacity.max(1),
            about: Mutex::new(about),
            load: Mutex::default(),
            in_flight: AtomicU32::new(0),
            relayed: AtomicU32::new(0),
            latency_micros: AtomicU64::new(0),
            is_draining: AtomicBool::new(false),
            is_noted: AtomicBool::new(false),
        }
    }

    /// Whether a request waits for it.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0
    }

    /// Whether it takes another request while its connector has so many on all its connections: what
    /// a connector takes at once it takes on all of them together.
    pub(crate) fn has_room(&self, in_flight: u32) -> bool {
        self.is_usable() && in_flight < self.capacity
    }

    /// Whether it takes requests at all.
    pub(crate) fn is_usable(&self) -> bool {
        !self.is_draining.load(Ordering::Relaxed) && !*self.ended.borrow()
    }

    /// Requests that its connector takes at once, on all of its connections together.
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Requests that wait for it.
    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Requests to web servers that go through it.
    pub(crate) fn relayed(&self) -> u32 {
        self.relayed.load(Ordering::Relaxed)
    }

    /// Counts a request to a web server until the guard is dropped.
    pub(crate) fn relay(connection: &Arc<Self>) -> Relayed {
        connection.relayed.fetch_add(1, Ordering::Relaxed);
        Relayed(Arc::clone(connection))
    }

    /// The connector leaves this connection for another one.
    pub(crate) fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    /// Time that a further request would probably take, in microseconds: those that wait share it.
    pub(crate) fn cost(&self) -> u64 {
        let waiting = u64::from(self.in_flight()) + u64::from(self.relayed()) + 1;
        let load = u64::from(lock(&self.load).processor_percent.min(100));
        let latency = self.latency_micros.load(Ordering::Relaxed).max(1);
        waiting.saturating_mul(latency).saturating_mul(100 + load)
    }

    /// Counts a request until the guard is dropped.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        if self.in_flight.fetch_add(1, Ordering::Relaxed) == 0 {
            self.busy.notify_one();
        }
        InFlight(self)
    }

    /// Notes how long an answer took.
    pub(crate) fn note_latency(&self, latency: Duration) {
        let new = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let average =
            |old: u64| if old == 0 { new } else { old - old / SMOOTHING + new / SMOOTHING };
        // Two at once may lose one of the notes, which changes an average little.
        let old = self.latency_micros.load(Ordering::Relaxed);
        self.latency_micros.store(average(old), Ordering::Relaxed);
    }

    pub(crate) fn set_about(&self, about: About) {
        *lock(&self.about) = about;
    }

    pub(crate) fn about(&self) -> About {
        lock(&self.about).clone()
    }

    /// Whether the connector has joined a domain.
    pub(crate) fn serves(&self, domain: &str) -> bool {
        lock(&self.about).domains.iter().any(|it| it.name.eq_ignore_ascii_case(domain))
    }

    pub(crate) fn set_load(&self, load: Load) {
        *lock(&self.load) = load;
    }

    pub(crate) fn connected(&self, gateway: &str, connections: Vec<Origin>) -> Connected {
        Connected {
            connector: self.owner.connector.clone(),
            gateway: gateway.to_owned(),
            about: self.about(),
            load: *lock(&self.load),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            latency: Duration::from_micros(self.latency_micros.load(Ordering::Relaxed)),
            connections,
        }
    }
}

/// A request that a connection counts.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a Connection);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.busy.notify_one();
        }
        self.0.room.notify_waiters();
    }
}

/// A request to a web server that a connection counts.
#[derive(Debug)]
pub(crate) struct Relayed(Arc<Connection>);

impl Drop for Relayed {
    fn drop(&mut self) {
        self.0.relayed.fetch_sub(1, Ordering::Relaxed);
        self.0.room.notify_waiters();
    }
}

/// Locks what only short, infallible code locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
