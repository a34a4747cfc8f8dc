//! What is in a trace, gathered packet by packet in bounded memory. Pure.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use model::capture::MAX_POINTS;
use model::capture_status::{MAX_CONVERSATIONS, TracePoint, TraceSummary};

use crate::flow::{Flow, FlowKey};
use crate::segment::{RST, Segment};

/// Most connections that are followed at a time. When there are more, the smaller half is only
/// counted: the large ones stay.
pub const MAX_FLOWS: usize = 4096;

/// Gathers the summary of a trace.
#[derive(Debug)]
pub struct Observer {
    flows: Vec<Flow>,
    places: HashMap<FlowKey, usize, FoldingHash>,
    /// Place of the connection of the last packet: the next one often belongs to it too.
    last: usize,
    point_nanoseconds: u64,
    /// End of the last point, in nanoseconds since the start.
    point_end: u64,
    /// When the last packet was seen, in nanoseconds since the start.
    now: u64,
    /// Totals; conversations are those that are not followed any more.
    totals: TraceSummary,
}

impl Observer {
    /// An observer of a plot whose points are so many milliseconds wide. The seed keeps strangers
    /// from choosing addresses that all fall into one place of the table.
    #[must_use]
    pub fn new(point_ms: u32, seed: u64) -> Self {
        let point_nanoseconds = u64::from(point_ms.max(1)) * 1_000_000;
        Self {
            flows: Vec::new(),
            places: HashMap::with_hasher(FoldingHash(seed)),
            last: usize::MAX,
            point_nanoseconds,
            point_end: point_nanoseconds,
            now: 0,
            totals: TraceSummary {
                point_ms,
                points: vec![TracePoint::default()],
                ..TraceSummary::default()
            },
        }
    }

    /// Takes a packet: its time in nanoseconds since the start of the trace, its length on the wire,
    /// its direction, and the beginning of its frame.
    #[inline]
    pub fn add(&mut self, nanoseconds: u64, wire_bytes: u32, is_outgoing: bool, frame: &[u8]) {
        // The clock may have been set back meanwhile.
        self.now = self.now.max(nanoseconds);
        self.plot(wire_bytes, is_outgoing);
        let Some(segment) = Segment::read(frame, wire_bytes) else {
            self.totals.unreadable += 1;
            return;
        };
        let (key, from_high) = FlowKey::of(&segment);
        let place = self.place_of(key);
        let notes = self.flows[place].add(&segment, from_high, wire_bytes, self.now);
        self.totals.retransmissions += u64::from(notes.is_retransmission);
        self.totals.unanswered += u64::from(notes.gave_up);
        self.totals.resets += u64::from(segment.flags & RST != 0);
    }

    #[inline]
    fn plot(&mut self, wire_bytes: u32, is_outgoing: bool) {
        while self.now >= self.point_end && self.totals.points.len() < MAX_POINTS {
            self.totals.points.push(TracePoint::default());
            self.point_end += self.point_nanoseconds;
        }
        if let Some(point) = self.totals.points.last_mut() {
            let bytes = if is_outgoing { &mut point.sent } else { &mut point.received };
            *bytes += u64::from(wire_bytes);
        }
    }

    #[inline]
    fn place_of(&mut self, key: FlowKey) -> usize {
        if self.flows.get(self.last).is_some_and(|flow| flow.key == key) {
            return self.last;
        }
        self.last = match self.places.get(&key) {
            Some(place) => *place,
            None => {
                if self.flows.len() == MAX_FLOWS {
                    self.forget_small();
                }
                self.flows.push(Flow::new(key, self.now));
                self.places.insert(key, self.flows.len() - 1);
                self.flows.len() - 1
            }
        };
        self.last
    }

    /// Keeps the larger half of the connections.
    fn forget_small(&mut self) {
        self.flows.sort_unstable_by_key(|flow| std::cmp::Reverse(flow.bytes));
        for flow in self.flows.drain(MAX_FLOWS / 2..) {
            self.totals.conversations += 1;
            self.totals.unanswered += u64::from(flow.is_unanswered(self.now));
        }
        self.places.clear();
        self.places.extend(self.flows.iter().enumerate().map(|(place, flow)| (flow.key, place)));
    }

    /// The summary of a trace that recorded for so many nanoseconds.
    #[must_use]
    pub fn finish(mut self, nanoseconds: u64) -> TraceSummary {
        let now = self.now.max(nanoseconds);
        self.flows.sort_unstable_by_key(|flow| std::cmp::Reverse(flow.bytes));
        let mut summary = self.totals;
        summary.conversations += u64::try_from(self.flows.len()).unwrap_or_default();
        let unanswered = self.flows.iter().filter(|flow| flow.is_unanswered(now)).count();
        summary.unanswered += u64::try_from(unanswered).unwrap_or_default();
        let largest = self.flows.iter().take(MAX_CONVERSATIONS);
        summary.largest = largest.map(|flow| flow.describe(now)).collect();
        summary
    }
}

/// A fast keyed hash: multiplies, and folds the upper half of the product into the lower.
#[derive(Clone, Copy, Debug)]
struct FoldingHash(u64);

impl BuildHasher for FoldingHash {
    type Hasher = Self;

    #[inline]
    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for FoldingHash {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        /// Digits of the golden ratio: as many ones as zeros, in no pattern.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        self.0 = low_half(product ^ (product >> 64));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
const fn low_half(number: u128) -> u64 {
    number as u64
}
