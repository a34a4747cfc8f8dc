//! The client's state machine (RFC 2131 section 4.4).
//!
//! Times are durations since any fixed moment of a clock that never goes back. The first repetitions
//! come sooner than RFC 2131 section 4.1 proposes: a console that waits for an address is looked at.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::lease::{Lease, LeaseError, Times};
use super::message::{Direction, Message};
use super::options::{MessageType, Options};

/// Pause after the first message; each further pause doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Longest pause in the first minutes, and afterwards.
const PAUSE_LIMIT: Duration = Duration::from_secs(8);
const LATE_PAUSE_LIMIT: Duration = Duration::from_secs(64);
const FIRST_MINUTES: Duration = Duration::from_secs(120);
/// How often an offered address is asked for before servers are looked for anew.
const REQUEST_ATTEMPTS: u32 = 4;
/// How often the address from before a pulled cable is asked for.
const REBOOT_ATTEMPTS: u32 = 3;
/// Shortest pause between requests for more time (RFC 2131 section 4.4.5).
const RENEWAL_PAUSE: Duration = Duration::from_secs(60);

/// Pause after an address that another machine uses (RFC 2131 section 3.1.5); each further one
/// doubles it up to the limit, so that no server runs out of addresses.
const DECLINE_PAUSE: Duration = Duration::from_secs(10);
const DECLINE_PAUSE_LIMIT: Duration = Duration::from_secs(320);

/// What happens to the client.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The cable is plugged in.
    LinkUp,
    /// The cable is pulled.
    LinkDown,
    /// A message has arrived. It may be anybody's.
    Received(&'a Message),
    /// Another machine uses the address of the lease.
    Taken,
    /// The deadline has come.
    Timer,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send to all servers on the link.
    Broadcast {
        /// Source address of the packet.
        source: Ipv4Addr,
        /// The message.
        message: Message,
    },
    /// Send to one server by way of the routes.
    Unicast {
        /// The server.
        server: Ipv4Addr,
        /// The message.
        message: Message,
    },
    /// Use this lease, in place of any other.
    Apply(Lease),
    /// Use the lease no longer.
    Drop,
}

/// A DHCP client of one interface.
#[derive(Debug)]
pub struct Client {
    hardware_address: [u8; 6],
    random: Random,
    phase: Phase,
    held: Option<Held>,
    /// Number of the exchange in progress.
    transaction: u32,
    /// When the exchange began, and when the request that a lease counts from was sent.
    began: Duration,
    requested: Duration,
    /// Messages sent in this phase.
    attempts: u32,
    /// Refusals since the last lease.
    refusals: u32,
    /// Addresses in a row that another machine used.
    declined: u32,
    /// Why the last offer since the last lease was not taken.
    unusable: Option<LeaseError>,
    /// Since when there has been no lease although there was a link.
    waiting_since: Option<Duration>,
    next: Option<Duration>,
}

/// The states of RFC 2131 figure 5. INIT and INIT-REBOOT are left at once by sending.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Stopped,
    Selecting,
    Requesting(Box<Lease>),
    Rebooting,
    Bound,
    Renewing,
    Rebinding,
}

#[derive(Debug)]
struct Held {
    lease: Lease,
    /// Points in time; `None` = for ever.
    times: Option<Times>,
}

impl Client {
    /// A client whose link is down. The seed decides its numbers and jitter.
    #[must_use]
    pub const fn new(hardware_address: [u8; 6], seed: u64) -> Self {
        Self {
            hardware_address,
            random: Random(seed),
            phase: Phase::Stopped,
            held: None,
            transaction: 0,
            began: Duration::ZERO,
            requested: Duration::ZERO,
            attempts: 0,
            refusals: 0,
            declined: 0,
            unusable: None,
            waiting_since: None,
            next: None,
        }
    }

    /// When [`Input::Timer`] is due; `None` = not before another input.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.next.into_iter().chain(self.lease_times().map(|times| times.end)).min()
    }

    /// Since when the client has been asking in vain.
    #[must_use]
    pub const fn waiting_since(&self) -> Option<Duration> {
        self.waiting_since
    }

    /// What is wrong with the offers of a server, when nothing better has come since.
    #[must_use]
    pub const fn unusable_offer(&self) -> Option<LeaseError> {
        self.unusable
    }

    /// Takes an input and returns what is to be done, in order.
    pub fn handle(&mut self, now: Duration, input: Input<'_>) -> Vec<Action> {
        match input {
            Input::LinkUp if self.phase == Phase::Stopped => self.start(now),
            Input::LinkUp => Vec::new(),
            Input::LinkDown => {
                self.phase = Phase::Stopped;
                self.next = None;
                self.waiting_since = None;
                Vec::new()
            }
            Input::Received(message) => self.receive(now, message),
            Input::Taken => self.decline(now),
            Input::Timer => self.expire(now),
        }
    }

    fn start(&mut self, now: Duration) -> Vec<Action> {
        if self.held.is_none() {
            return self.discover_anew(now);
        }
        self.begin(now, Phase::Rebooting);
        vec![self.send_request(now)]
    }

    fn expire(&mut self, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.lease_times().is_some_and(|times| times.end <= now) {
            self.held = None;
            actions.push(Action::Drop);
            if self.phase != Phase::Stopped {
                actions.extend(self.discover_anew(now));
            }
            return actions;
        }
        if self.next.is_none_or(|next| now < next) {
            return actions;
        }
        match &self.phase {
            Phase::Stopped => {}
            Phase::Selecting => actions.push(self.send_discover(now)),
            Phase::Requesting(_) if self.attempts >= REQUEST_ATTEMPTS => {
                actions.extend(self.discover_anew(now));
            }
            // The lease stays in use until it ends or another one comes.
            Phase::Rebooting if self.attempts >= REBOOT_ATTEMPTS => {
                actions.extend(self.discover_anew(now));
            }
            Phase::Requesting(_) | Phase::Rebooting => actions.push(self.send_request(now)),
            Phase::Bound | Phase::Renewing | Phase::Rebinding => {
                let is_late = self.lease_times().is_some_and(|times| times.rebinding <= now);
                let phase = if is_late { Phase::Rebinding } else { Phase::Renewing };
                // A number of its own for each request, so that a late answer to an earlier one
                // does not count from this one.
                self.begin(now, phase);
                actions.push(self.send_request(now));
            }
        }
        actions
    }

    fn receive(&mut self, now: Duration, message: &Message) -> Vec<Action> {
        let is_mine = message.direction == Direction::Reply
            && message.transaction == self.transaction
            && message.hardware_address == self.hardware_address;
        let Some(server) = message.options.server().filter(|_| is_mine) else {
            return Vec::new();
        };
        let is_asked = match &self.phase {
            Phase::Stopped | Phase::Bound => return Vec::new(),
            Phase::Selecting => {
                if message.options.message_type() != Some(MessageType::Offer) {
                    return Vec::new();
                }
                return match self.read(message) {
                    Some(offer) => self.take_offer(now, offer),
                    None => Vec::new(),
                };
            }
            Phase::Requesting(offer) => server == offer.server,
            Phase::Renewing => self.held.as_ref().is_some_and(|held| server == held.lease.server),
            Phase::Rebooting | Phase::Rebinding => true,
        };
        match message.options.message_type() {
            Some(MessageType::Ack) if is_asked => {
                self.read(message).map_or_else(Vec::new, |lease| self.bind(lease))
            }
            Some(MessageType::Nak) if is_asked => self.take_refusal(now),
            _ => Vec::new(),
        }
    }

    fn read(&mut self, message: &Message) -> Option<Lease> {
        let lease = Lease::read(message);
        self.unusable = lease.as_ref().err().copied();
        lease.ok()
    }

    fn take_offer(&mut self, now: Duration, offer: Lease) -> Vec<Action> {
        self.phase = Phase::Requesting(Box::new(offer));
        self.attempts = 0;
        vec![self.send_request(now)]
    }

    fn bind(&mut self, lease: Lease) -> Vec<Action> {
        let since = self.requested;
        let times = lease.times.map(|times| Times {
            renewal: since + times.renewal,
            rebinding: since + times.rebinding,
            end: since + times.end,
        });
        if self.phase == Phase::Renewing {
            self.declined = 0;
        }
        self.phase = Phase::Bound;
        self.next = times.map(|times| times.renewal);
        self.held = Some(Held { lease: lease.clone(), times });
        self.refusals = 0;
        self.waiting_since = None;
        vec![Action::Apply(lease)]
    }

    fn take_refusal(&mut self, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.held.take().is_some() {
            actions.push(Action::Drop);
        }
        self.refusals += 1;
        if self.refusals == 1 {
            actions.extend(self.discover_anew(now));
        } else {
            // A server that offers and refuses in turn must not be asked without pause.
            self.wait_for_lease(now);
            self.begin(now, Phase::Selecting);
            self.next = Some(now + self.pause(now, self.refusals));
        }
        actions
    }

    /// Tells the server that its address is of no use, and asks anew after a pause.
    fn decline(&mut self, now: Duration) -> Vec<Action> {
        let Some(Held { lease, .. }) = self.held.take() else {
            return Vec::new();
        };
        self.transaction = self.random.number();
        self.began = now;
        let mut message = self.message(now, MessageType::Decline);
        message.options.set_requested_address(lease.address.address);
        message.options.set_server(lease.server);
        let pause = DECLINE_PAUSE.saturating_mul(1 << self.declined.min(16));
        self.declined += 1;
        if self.phase != Phase::Stopped {
            self.wait_for_lease(now);
            self.begin(now, Phase::Selecting);
            self.next = Some(now + pause.min(DECLINE_PAUSE_LIMIT));
        }
        vec![Action::Broadcast { source: Ipv4Addr::UNSPECIFIED, message }, Action::Drop]
    }

    fn discover_anew(&mut self, now: Duration) -> Vec<Action> {
        self.wait_for_lease(now);
        self.begin(now, Phase::Selecting);
        vec![self.send_discover(now)]
    }

    fn wait_for_lease(&mut self, now: Duration) {
        if self.held.is_none() {
            self.waiting_since.get_or_insert(now);
        }
    }

    fn begin(&mut self, now: Duration, phase: Phase) {
        self.phase = phase;
        self.transaction = self.random.number();
        self.began = now;
        self.attempts = 0;
    }

    fn send_discover(&mut self, now: Duration) -> Action {
        let mut message = self.message(now, MessageType::Discover);
        if let Some(held) = &self.held {
            message.options.set_requested_address(held.lease.address.address);
        }
        self.count(now);
        Action::Broadcast { source: Ipv4Addr::UNSPECIFIED, message }
    }

    /// A request with the members that table 4 of RFC 2131 gives it in this state.
    fn send_request(&mut self, now: Duration) -> Action {
        if self.attempts == 0 {
            self.requested = now;
        }
        let mut message = self.message(now, MessageType::Request);
        let held = self.held.as_ref().map(|held| (held.lease.address.address, held.lease.server));
        let action = match (&self.phase, held) {
            (Phase::Requesting(offer), _) => {
                message.options.set_requested_address(offer.address.address);
                message.options.set_server(offer.server);
                Action::Broadcast { source: Ipv4Addr::UNSPECIFIED, message }
            }
            (Phase::Renewing, Some((address, server))) => {
                message.client_address = address;
                Action::Unicast { server, message }
            }
            (Phase::Rebinding, Some((address, _))) => {
                message.client_address = address;
                Action::Broadcast { source: address, message }
            }
            (_, held) => {
                if let Some((address, _)) = held {
                    message.options.set_requested_address(address);
                }
                Action::Broadcast { source: Ipv4Addr::UNSPECIFIED, message }
            }
        };
        self.count(now);
        action
    }

    fn message(&self, now: Duration, kind: MessageType) -> Message {
        let mut options = Options::of(kind);
        options.set_client(self.hardware_address);
        if kind != MessageType::Decline {
            options.ask_for_settings();
        }
        let seconds = now.saturating_sub(self.began).as_secs();
        Message {
            direction: Direction::Request,
            transaction: self.transaction,
            seconds: u16::try_from(seconds).unwrap_or(u16::MAX),
            client_address: Ipv4Addr::UNSPECIFIED,
            your_address: Ipv4Addr::UNSPECIFIED,
            hardware_address: self.hardware_address,
            options,
        }
    }

    /// Counts a message and sets the time of its repetition.
    fn count(&mut self, now: Duration) {
        let until = |end: Duration| {
            let remaining = end.saturating_sub(now);
            now + (remaining / 2).max(RENEWAL_PAUSE).min(remaining)
        };
        self.next = match (&self.phase, self.lease_times()) {
            (Phase::Renewing, Some(times)) => Some(until(times.rebinding)),
            (Phase::Rebinding, Some(times)) => Some(until(times.end)),
            _ => Some(now + self.pause(now, self.attempts)),
        };
        self.attempts += 1;
    }

    /// Pause after this many earlier messages: doubled each time, up to a limit, and a little
    /// varied so that machines that start together do not ask together.
    fn pause(&mut self, now: Duration, earlier: u32) -> Duration {
        let is_late = now.saturating_sub(self.waiting_since.unwrap_or(now)) > FIRST_MINUTES;
        let limit = if is_late { LATE_PAUSE_LIMIT } else { PAUSE_LIMIT };
        let pause = FIRST_PAUSE.saturating_mul(1 << earlier.min(16)).min(limit);
        // 7/8 to 9/8.
        pause * (224 + self.random.number() % 64) / 256
    }

    fn lease_times(&self) -> Option<Times> {
        self.held.as_ref()?.times
    }
}

/// SplitMix64: enough for numbers that only keep exchanges apart; who sees the link sees them anyway.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn number(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        u32::try_from(mixed >> 32).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
