//! One TCP connection as its packets show it. Pure.

use std::hash::{Hash, Hasher};

use model::capture_status::{Conversation, Handshake};

use crate::segment::{ACK, End, FIN, RST, SYN, Segment};

/// A packet that fills a hole sooner than this was overtaken on its way; later, it was sent again
/// (the limit that Wireshark uses as well), in nanoseconds.
const REORDERING_NANOSECONDS: u64 = 3_000_000;
/// How long the answer to a connection request may take, in nanoseconds.
const ANSWER_NANOSECONDS: u64 = 1_000_000_000;
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// The two ends of a connection, the lower first, so that both directions have the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKey {
    low: End,
    high: End,
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low.digest());
        state.write_u64(self.high.digest());
    }
}

impl FlowKey {
    /// The key, and whether the packet comes from the higher end.
    #[inline]
    pub(crate) fn of(segment: &Segment) -> (Self, bool) {
        if segment.from <= segment.to {
            (Self { low: segment.from, high: segment.to }, false)
        } else {
            (Self { low: segment.to, high: segment.from }, true)
        }
    }
}

/// What a packet adds to the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    pub(crate) is_retransmission: bool,
    /// It asks anew for a connection after a request that nothing answered.
    pub(crate) gave_up: bool,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    /// Number that the next packet begins with; `None` before the first.
    next: Option<u32>,
    /// Numbers that were left out, and when that was seen.
    hole: Option<Hole>,
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    from: u32,
    to: u32,
    at: u64,
}

/// The request for a connection.
#[derive(Clone, Copy, Debug)]
struct Opening {
    /// Whether the higher end asked.
    by_high: bool,
    /// Number of the request.
    sequence: u32,
    /// When it was seen first.
    at: u64,
    state: OpeningState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpeningState {
    Open,
    Answered,
    Refused,
}

/// A connection.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) key: FlowKey,
    pub(crate) bytes: u64,
    packets: u64,
    retransmissions: u64,
    resets: u64,
    first: u64,
    last: u64,
    sides: [Side; 2],
    opening: Option<Opening>,
}

impl Flow {
    pub(crate) fn new(key: FlowKey, now: u64) -> Self {
        Self {
            key,
            bytes: 0,
            packets: 0,
            retransmissions: 0,
            resets: 0,
            first: now,
            last: now,
            sides: [Side::default(); 2],
            opening: None,
        }
    }

    /// Takes a packet; `now` in nanoseconds since the start of the trace.
    #[inline]
    pub(crate) fn add(
        &mut self,
        segment: &Segment,
        from_high: bool,
        wire_bytes: u32,
        now: u64,
    ) -> Notes {
        self.packets += 1;
        self.bytes += u64::from(wire_bytes);
        self.last = self.last.max(now);
        let mut notes = Notes::default();
        if segment.flags & (SYN | ACK | RST) == SYN {
            notes.gave_up = self.open(segment, from_high, now);
        } else if let Some(opening) = &mut self.opening {
            // Whatever the other side sends shows that it has answered; the answer itself may be
            // missing in the trace.
            if opening.by_high != from_high && opening.state == OpeningState::Open {
                let is_reset = segment.flags & RST != 0;
                opening.state =
                    if is_reset { OpeningState::Refused } else { OpeningState::Answered };
            }
        } else if segment.flags & (SYN | RST) == SYN {
            let state = OpeningState::Answered;
            let sequence = 0;
            self.opening = Some(Opening { by_high: !from_high, sequence, at: now, state });
        }
        if segment.flags & RST != 0 {
            self.resets += 1;
            return notes;
        }
        if segment.length() > 0 {
            notes.is_retransmission = self.sides[usize::from(from_high)].advance(segment, now);
            self.retransmissions += u64::from(notes.is_retransmission);
        }
        notes
    }

    /// A request for a connection. Says whether one before it was never answered.
    fn open(&mut self, segment: &Segment, by_high: bool, now: u64) -> bool {
        if self
            .opening
            .is_some_and(|known| known.by_high == by_high && known.sequence == segment.sequence)
        {
            return false;
        }
        let gave_up = self.is_unanswered(now);
        let state = OpeningState::Open;
        self.opening = Some(Opening { by_high, sequence: segment.sequence, at: now, state });
        // The numbers of the connection before it mean nothing any more.
        self.sides = [Side::default(); 2];
        gave_up
    }

    /// Whether the request for the connection is open for longer than an answer takes.
    pub(crate) fn is_unanswered(&self, now: u64) -> bool {
        self.opening.is_some_and(|opening| {
            opening.state == OpeningState::Open
                && now.saturating_sub(opening.at) >= ANSWER_NANOSECONDS
        })
    }

    /// How it is shown when the trace ends at `now`.
    pub(crate) fn describe(&self, now: u64) -> Conversation {
        let is_high_client = self
            .opening
            .map_or_else(|| self.key.high.port() > self.key.low.port(), |opening| opening.by_high);
        let (client, server) = if is_high_client {
            (self.key.high, self.key.low)
        } else {
            (self.key.low, self.key.high)
        };
        let handshake = match self.opening.map(|opening| opening.state) {
            Some(OpeningState::Answered) => Handshake::Answered,
            Some(OpeningState::Refused) => Handshake::Refused,
            Some(OpeningState::Open) if self.is_unanswered(now) => Handshake::Unanswered,
            Some(OpeningState::Open) | None => Handshake::NotSeen,
        };
        Conversation {
            client: client.endpoint(),
            server: server.endpoint(),
            packets: self.packets,
            bytes: self.bytes,
            retransmissions: self.retransmissions,
            resets: self.resets,
            handshake,
            begin_ms: self.first / NANOSECONDS_PER_MILLISECOND,
            length_ms: self.last.saturating_sub(self.first) / NANOSECONDS_PER_MILLISECOND,
        }
    }
}

impl Side {
    /// Takes a packet that moves the numbers. Says whether it was sent before.
    #[inline]
    fn advance(&mut self, segment: &Segment, now: u64) -> bool {
        let (begin, end) = (segment.sequence, segment.sequence.wrapping_add(segment.length()));
        let Some(next) = self.next else {
            self.next = Some(end);
            return false;
        };
        let ahead = distance(next, begin);
        if ahead >= 0 {
            if ahead > 0 {
                self.hole = Some(Hole { from: next, to: begin, at: now });
            }
            self.next = Some(end);
            return false;
        }
        if distance(next, end) > 0 {
            self.next = Some(end);
        }
        let is_keep_alive =
            ahead == -1 && segment.length() <= 1 && segment.flags & (SYN | FIN) == 0;
        !is_keep_alive && !self.fills_hole(begin, end, now)
    }

    /// Whether a packet was only overtaken by the one behind it.
    fn fills_hole(&mut self, begin: u32, end: u32, now: u64) -> bool {
        let Some(hole) = &mut self.hole else { return false };
        let is_within = distance(hole.from, begin) >= 0 && distance(end, hole.to) >= 0;
        if !is_within || now.saturating_sub(hole.at) >= REORDERING_NANOSECONDS {
            return false;
        }
        if begin == hole.from {
            hole.from = end;
        }
        true
    }
}

/// How far one number is behind another, which wrap around (RFC 9293, section 3.4).
const fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}
