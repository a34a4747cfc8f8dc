//! Recording one trace: from the ring of the kernel into the file.
//!
//! It runs on a thread of its own, since a disk may take its time, and the role answers meanwhile. A
//! block of the ring is one write to the file.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::capture::{HEADER_BYTES, TraceDuration};
use model::capture_status::{EndReason, TraceCounts, TraceSummary};
use model::error::chain;
use sys::packet_ring::{BLOCK_BYTES, PacketRing, RingPacket};
use sys::poll::{self, Interest};
use tracing::warn;

use crate::filter::{Selection, WHOLE_PACKET_BYTES, compile};
use crate::pcap;
use crate::store::TraceFile;
use crate::summary::Observer;

/// Blocks of the ring for headers: at half a million packets a second a third of a second.
const HEADER_BLOCKS: u32 = 32;
/// Blocks of the ring for whole packets.
const WHOLE_BLOCKS: u32 = 64;
/// Records are written when there are so many bytes of them: few calls, and few enough bytes to stay
/// in the processor's nearest caches on their way.
const WRITE_BYTES: usize = 128 * 1024;
/// How long a block waits to become full, in milliseconds.
const RETIRE_MS: u32 = 60;
/// Longest wait for a block, so that a request to stop is seen soon.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// How often the counts are published.
const PUBLISH_PAUSE: Duration = Duration::from_millis(500);
/// Longest wait for the last block after the end.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);
/// Free space is asked for after so many bytes, and with each publication.
const SPACE_CHECK_BYTES: u64 = 16 << 20;

/// What is to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) selection: Selection,
    pub(crate) duration: TraceDuration,
    pub(crate) packet_tracing: bool,
    pub(crate) max_file_bytes: u64,
    /// A random number.
    pub(crate) seed: u64,
}

impl Plan {
    /// Bytes that are kept of each packet.
    const fn snap_bytes(&self) -> u32 {
        if self.packet_tracing { WHOLE_PACKET_BYTES } else { HEADER_BYTES }
    }
}

/// Counts of a trace that records, and for how long it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) counts: TraceCounts,
    pub(crate) elapsed: Duration,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) progress: Progress,
    pub(crate) end: EndReason,
    pub(crate) summary: TraceSummary,
}

/// Records until the time is up, something ends it, or `stop` is set. `begun` is told when the first
/// packet can be recorded, or why none can.
pub(crate) fn record(
    socket: BorrowedFd<'_>,
    plan: &Plan,
    mut file: TraceFile,
    stop: &AtomicBool,
    begun: impl FnOnce(Result<(), String>),
    publish: impl Fn(Progress),
) -> Option<Recorded> {
    let snap_bytes = plan.snap_bytes();
    let filter = compile(&plan.selection, snap_bytes);
    let blocks = if plan.packet_tracing { WHOLE_BLOCKS } else { HEADER_BLOCKS };
    let ring = file
        .append(&pcap::file_header(snap_bytes))
        .map_err(|error| format!("cannot write the file: {error}"))
        .and_then(|()| {
            PacketRing::start(socket, &filter, blocks, RETIRE_MS).map_err(|error| chain(&error))
        });
    let ring = match ring {
        Ok(ring) => ring,
        Err(reason) => {
            file.discard();
            begun(Err(reason));
            return None;
        }
    };
    begun(Ok(()));
    let mut recorder = Recorder::new(plan, ring, file, publish);
    let end = recorder.run(stop);
    Some(recorder.finish(end))
}

struct Recorder<'plan, 'socket, P> {
    plan: &'plan Plan,
    ring: PacketRing<'socket>,
    writer: Writer,
    publish: P,
    begun: Instant,
    /// Time of day of the begin, in nanoseconds since 1970.
    begun_at: u64,
    lost: u64,
    /// Packets that the kernel has put into the ring, and those that were taken out.
    delivered: u64,
    taken: u64,
    next_publication: Instant,
    /// Size of the file at which free space is asked for.
    next_space_check: u64,
}

impl<'plan, 'socket, P: Fn(Progress)> Recorder<'plan, 'socket, P> {
    fn new(plan: &'plan Plan, ring: PacketRing<'socket>, file: TraceFile, publish: P) -> Self {
        let begun_at = sys::clock::now_nanoseconds().unwrap_or_default();
        Self {
            plan,
            ring,
            publish,
            writer: Writer::new(plan, file),
            begun: Instant::now(),
            begun_at: u64::try_from(begun_at).unwrap_or_default(),
            lost: 0,
            delivered: 0,
            taken: 0,
            next_publication: Instant::now(),
            next_space_check: 0,
        }
    }

    fn run(&mut self, stop: &AtomicBool) -> EndReason {
        let duration = Duration::from_secs(self.plan.duration.seconds().into());
        loop {
            let elapsed = self.begun.elapsed();
            let left = duration.saturating_sub(elapsed);
            if left.is_zero() {
                return EndReason::TimeUp;
            }
            if stop.load(Ordering::Relaxed) {
                return EndReason::Stopped;
            }
            if Instant::now() >= self.next_publication {
                self.next_publication = Instant::now() + PUBLISH_PAUSE;
                self.next_space_check = 0;
                self.count();
                (self.publish)(self.progress());
            }
            let has_worked = match self.take_block() {
                Ok(has_worked) => has_worked,
                Err(end) => return end,
            };
            if !has_worked {
                let wait = left.min(LONGEST_WAIT);
                if let Err(error) = poll::wait(&[(self.ring.as_fd(), Interest::Read)], Some(wait)) {
                    return EndReason::Failed { message: format!("cannot wait: {error}") };
                }
            }
        }
    }

    /// Records one block. Says whether there was one.
    fn take_block(&mut self) -> Result<bool, EndReason> {
        if self.writer.file.bytes() >= self.next_space_check {
            self.check_space()?;
        }
        let Some(block) = self.ring.next_block() else { return Ok(false) };
        let writer = &mut self.writer;
        for packet in block.packets() {
            self.taken += 1;
            writer.add(&packet, self.begun_at)?;
        }
        // The kernel can use the block again while the rest is written.
        drop(block);
        writer.flush()?;
        Ok(true)
    }

    fn check_space(&mut self) -> Result<(), EndReason> {
        self.next_space_check = self.writer.file.bytes().saturating_add(SPACE_CHECK_BYTES);
        match self.writer.file.free_bytes() {
            Ok(0) => Err(EndReason::DiskFull),
            Ok(free) => {
                // With little space left each block is looked at.
                let half = self.writer.file.bytes().saturating_add(free / 2);
                self.next_space_check = self.next_space_check.min(half);
                Ok(())
            }
            Err(error) => {
                let message = format!("cannot ask for free space: {error}");
                Err(EndReason::Failed { message })
            }
        }
    }

    fn count(&mut self) {
        match self.ring.counts() {
            Ok(counts) => {
                self.delivered += counts.delivered;
                self.lost += counts.dropped;
            }
            Err(error) => warn!(%error, "Cannot read the counts of the packet socket"),
        }
    }

    const fn counts(&self) -> TraceCounts {
        TraceCounts { lost: self.lost, ..self.writer.counts }
    }

    fn progress(&self) -> Progress {
        Progress { counts: self.counts(), elapsed: self.begun.elapsed() }
    }

    /// Takes what is still in the ring, unless there is no room for it, and closes the file.
    fn finish(mut self, mut end: EndReason) -> Recorded {
        let elapsed = self.begun.elapsed();
        if let Err(error) = self.ring.close_inflow() {
            warn!(%error, "Cannot silence the packet socket");
        }
        if matches!(end, EndReason::TimeUp | EndReason::Stopped) {
            if let Err(reason) = self.drain() {
                end = reason;
            }
        } else {
            // What came too late for the file is not lost: the trace was over.
            self.count();
        }
        let mut counts = self.counts();
        let Self { writer, ring, .. } = self;
        drop(ring);
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let summary = writer.observer.finish(nanoseconds);
        if let Err(error) = writer.file.finish() {
            end = EndReason::Failed { message: format!("cannot complete the file: {error}") };
            counts.file_bytes = 0;
        }
        Recorded { progress: Progress { counts, elapsed }, end, summary }
    }

    /// Takes the blocks that were filled before the end.
    fn drain(&mut self) -> Result<(), EndReason> {
        let limit = Instant::now() + DRAIN_LIMIT;
        loop {
            while self.take_block()? {}
            self.count();
            if self.taken >= self.delivered || Instant::now() >= limit {
                return Ok(());
            }
            let wait = Duration::from_millis(RETIRE_MS.into());
            if poll::wait(&[(self.ring.as_fd(), Interest::Read)], Some(wait)).is_err() {
                return Ok(());
            }
        }
    }
}

/// Makes records, writes them, and gathers the summary.
struct Writer {
    file: TraceFile,
    snap_bytes: u32,
    max_file_bytes: u64,
    observer: Observer,
    /// Records that are not written yet.
    records: Vec<u8>,
    /// What is in the file.
    counts: TraceCounts,
    /// What is in the records.
    packets: u64,
    bytes: u64,
}

impl Writer {
    fn new(plan: &Plan, file: TraceFile) -> Self {
        Self {
            snap_bytes: plan.snap_bytes(),
            max_file_bytes: plan.max_file_bytes,
            observer: Observer::new(plan.duration.point_ms(), plan.seed),
            // Records are added until they are enough; the largest is far below a block.
            records: Vec::with_capacity(WRITE_BYTES + BLOCK_BYTES),
            counts: TraceCounts { file_bytes: file.bytes(), ..TraceCounts::default() },
            packets: 0,
            bytes: 0,
            file,
        }
    }

    #[inline]
    fn add(&mut self, packet: &RingPacket<'_>, begun_at: u64) -> Result<(), EndReason> {
        let whole = self.records.len();
        pcap::append(&mut self.records, packet, self.snap_bytes);
        let length = u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        if self.file.bytes().saturating_add(length) > self.max_file_bytes {
            self.records.truncate(whole);
            self.flush()?;
            return Err(EndReason::SizeLimit);
        }
        let frame = self.records.get(whole + pcap::RECORD_HEADER_BYTES..).unwrap_or_default();
        let wire_bytes = pcap::wire_bytes(packet);
        let at = u64::from(packet.seconds) * 1_000_000_000 + u64::from(packet.nanoseconds);
        self.observer.add(at.saturating_sub(begun_at), wire_bytes, packet.is_outgoing, frame);
        self.packets += 1;
        self.bytes += u64::from(wire_bytes);
        if self.records.len() >= WRITE_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes the records.
    fn flush(&mut self) -> Result<(), EndReason> {
        let written = self.file.append(&self.records);
        self.records.clear();
        let (packets, bytes) = (std::mem::take(&mut self.packets), std::mem::take(&mut self.bytes));
        match written {
            Ok(()) => {}
            Err(error) if is_full(&error) => return Err(EndReason::DiskFull),
            Err(error) => {
                let message = format!("cannot write the file: {error}");
                return Err(EndReason::Failed { message });
            }
        }
        self.counts.packets += packets;
        self.counts.bytes += bytes;
        self.counts.file_bytes = self.file.bytes();
        Ok(())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::WriteZero
    )
}
