//! A ring of packets that the kernel and this process share (`AF_PACKET`, `TPACKET_V3`): Linux,
//! `Documentation/networking/packet_mmap.rst`.
//!
//! The socket is opened by whoever may ([`open_unbound`] needs `CAP_NET_RAW`) and handed to whoever
//! records. Everything else here needs no capability: the kernel checks them only when the socket is
//! made. One socket serves one ring after the other; between two it hears nothing.

use std::io;
use std::mem::{size_of, size_of_val};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

use crate::SysError;
use crate::error::Step;

/// Bytes of a block of the ring. A packet must fit into one; the largest that a network card hands
/// over is 64 KiB.
pub const BLOCK_BYTES: usize = 1 << 20;
/// Most blocks that a ring may have.
pub const MAX_BLOCKS: u32 = 64;

/// The kernel counts the ring in frames of this size too, which means nothing in this version.
const FRAME_BYTES: u32 = 2048;
/// `TPACKET_ALIGN(sizeof(struct tpacket3_hdr))`: the address of the sender follows.
const HEADER_BYTES: usize = 48;
/// `struct sockaddr_ll`.
const ADDRESS_BYTES: usize = 20;
/// `struct tpacket_block_desc` without private data.
const BLOCK_HEADER_BYTES: usize = 48;
/// An EtherType that nobody uses (IEEE 802, local experimental), for the time between two rings.
const PARKED_ETHER_TYPE: u16 = 0x88b5;
/// Index of the loopback interface in every network namespace.
const LOOPBACK: i32 = 1;

/// A step of a filter of the kernel (`struct sock_filter`, classic BPF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterStep {
    /// What to do.
    pub code: u16,
    /// How many steps to skip when a comparison holds.
    pub jt: u8,
    /// How many steps to skip when it does not.
    pub jf: u8,
    /// The operand.
    pub k: u32,
}

/// Passes nothing.
const NOTHING: [FilterStep; 1] = [FilterStep { code: 0x06, jt: 0, jf: 0, k: 0 }];

/// Opens a packet socket for whole Ethernet frames that hears nothing yet. Needs `CAP_NET_RAW`.
///
/// # Errors
///
/// As `socket(2)`.
pub fn open_unbound() -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    // Protocol zero: nothing arrives before it is bound.
    Ok(socket(AddressFamily::Packet, SockType::Raw, flags, None::<SockProtocol>)?)
}

/// What the ring counted since it was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RingCounts {
    /// Packets that passed the filter and were put into the ring.
    pub delivered: u64,
    /// Packets that passed the filter and found the ring full.
    pub dropped: u64,
}

/// A packet socket that fills a ring. When it is dropped, the socket hears nothing any more and can
/// be used for the next ring.
#[derive(Debug)]
pub struct PacketRing<'socket> {
    socket: BorrowedFd<'socket>,
    memory: Memory,
    next: usize,
}

impl<'socket> PacketRing<'socket> {
    /// Makes a ring of so many blocks of [`BLOCK_BYTES`], at most [`MAX_BLOCKS`], and begins to fill
    /// it with what passes the filter on any interface, in both directions. A block that is not full
    /// is handed over after `retire_ms` to twice that.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`]; the socket can then be used again.
    pub fn start(
        socket: BorrowedFd<'socket>,
        filter: &[FilterStep],
        blocks: u32,
        retire_ms: u32,
    ) -> Result<Self, SysError> {
        let object = "the packet socket";
        let blocks = blocks.clamp(1, MAX_BLOCKS);
        set(socket, libc::PACKET_VERSION, &libc::tpacket_versions::TPACKET_V3)
            .step("set the version of", &object)?;
        attach(socket, &NOTHING).step("silence", &object)?;
        let block_bytes = u32::try_from(BLOCK_BYTES).unwrap_or(u32::MAX);
        set(socket, libc::PACKET_RX_RING, &request(blocks, block_bytes, retire_ms))
            .step("make the ring of", &object)?;
        let memory = Memory::map(socket, blocks)
            .inspect_err(|_| release(socket))
            .step("map the ring of", &object)?;
        // From here on its end undoes everything.
        let ring = Self { socket, memory, next: 0 };
        attach(socket, filter).step("filter", &object)?;
        // Nothing can be in the ring that did not pass the filter: the socket hears from now on.
        listen(socket, u16::try_from(libc::ETH_P_ALL).unwrap_or_default(), 0)
            .step("bind", &object)?;
        Ok(ring)
    }

    /// The oldest block that is filled and has not been read. It goes back to the kernel when it is
    /// dropped.
    pub fn next_block(&mut self) -> Option<Block<'_>> {
        let blocks = self.memory.blocks;
        let block = self.memory.filled(self.next)?;
        self.next = (self.next + 1) % blocks;
        Some(block)
    }

    /// Lets nothing more in. What is in the ring can still be read; the last block is handed over
    /// within twice the time that was given.
    ///
    /// # Errors
    ///
    /// As `setsockopt(2)`.
    pub fn close_inflow(&self) -> io::Result<()> {
        attach(self.socket, &NOTHING)
    }

    /// What was counted since this was asked last.
    ///
    /// # Errors
    ///
    /// As `getsockopt(2)`.
    pub fn counts(&self) -> io::Result<RingCounts> {
        let mut statistics =
            libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        let mut length = length_of(&statistics);
        // SAFETY: both pointers are to live values; the length is that of the struct, which is the
        // one that the kernel fills in for this version of the ring.
        let result = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut statistics).cast(),
                &raw mut length,
            )
        };
        Errno::result(result)?;
        // The kernel adds what it dropped to the packets.
        let delivered = statistics.tp_packets.saturating_sub(statistics.tp_drops);
        Ok(RingCounts { delivered: delivered.into(), dropped: statistics.tp_drops.into() })
    }
}

/// Readable = there is a block.
impl AsFd for PacketRing<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket
    }
}

impl Drop for PacketRing<'_> {
    fn drop(&mut self) {
        // Each of them can fail only for a descriptor that is no packet socket.
        let _ = attach(self.socket, &NOTHING);
        // The kernel has no "unbind": an EtherType that nobody sends to an interface that has none.
        let _ = listen(self.socket, PARKED_ETHER_TYPE, LOOPBACK);
        self.memory.unmap();
        release(self.socket);
    }
}

/// The pages that the kernel shares.
#[derive(Debug)]
struct Memory {
    start: NonNull<u8>,
    blocks: usize,
}

// SAFETY: the pages belong to this value alone, whichever thread has it.
unsafe impl Send for Memory {}

impl Memory {
    fn map(socket: BorrowedFd<'_>, blocks: u32) -> io::Result<Self> {
        let blocks = usize::try_from(blocks).unwrap_or_default();
        // SAFETY: no address is asked for, so no memory that is in use is replaced.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                blocks * BLOCK_BYTES,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                socket.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, blocks })
    }

    fn unmap(&mut self) {
        let length = std::mem::take(&mut self.blocks) * BLOCK_BYTES;
        // SAFETY: these are the pages that `map` returned, whole; with no blocks left, `filled` hands
        // out none of them, and a block that was handed out borrows this value.
        let _ = unsafe { libc::munmap(self.start.as_ptr().cast(), length) };
    }

    /// A block, when it is this process's turn.
    fn filled(&mut self, index: usize) -> Option<Block<'_>> {
        const STATUS_OFFSET: usize = 8;
        if index >= self.blocks {
            return None;
        }
        // SAFETY: the block lies in the mapping, whose blocks are aligned to pages.
        let start = unsafe { self.start.add(index * BLOCK_BYTES) };
        // SAFETY: the status lies in the block, is aligned to four bytes, and both sides use it only
        // as an atomic number; the mapping lives as long as the borrow of `self`.
        let status = unsafe { AtomicU32::from_ptr(start.add(STATUS_OFFSET).as_ptr().cast()) };
        // Together with the kernel's barrier: what it wrote before it gave the block is seen.
        if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        // SAFETY: until the status goes back to the kernel it writes nothing into the block, and
        // this is the only block that is handed out, as it borrows `self` mutably. The bytes begin
        // behind the header, so they do not overlap with the status.
        let body = unsafe {
            slice::from_raw_parts(
                start.add(BLOCK_HEADER_BYTES).as_ptr(),
                BLOCK_BYTES - BLOCK_HEADER_BYTES,
            )
        };
        // SAFETY: aligned numbers within the header of the block, which belongs to this process now.
        let (packets, first) = unsafe {
            (
                start.add(12).cast::<u32>().as_ptr().read(),
                start.add(16).cast::<u32>().as_ptr().read(),
            )
        };
        let first = usize::try_from(first).ok()?.checked_sub(BLOCK_HEADER_BYTES);
        Some(Block { status, packets: Packets { body, at: first, left: packets } })
    }
}

/// A filled block. It goes back to the kernel when it is dropped.
#[derive(Debug)]
pub struct Block<'ring> {
    status: &'ring AtomicU32,
    packets: Packets<'ring>,
}

impl Block<'_> {
    /// Its packets, in the order of their arrival.
    #[must_use]
    pub fn packets(&self) -> Packets<'_> {
        Packets { body: self.packets.body, at: self.packets.at, left: self.packets.left }
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        // Everything that was read from the block was read before the kernel writes into it again.
        self.status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

/// A packet in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingPacket<'block> {
    /// When it was seen: seconds since 1970.
    pub seconds: u32,
    /// And nanoseconds.
    pub nanoseconds: u32,
    /// Length of the frame on the wire in bytes, without its VLAN tag if that stands in `vlan`.
    pub length: u32,
    /// The beginning of the frame, as much as the filter let through.
    pub bytes: &'block [u8],
    /// The VLAN tag that the network card or the kernel took out of the frame, in front of the
    /// EtherType: type and tag.
    pub vlan: Option<[u8; 4]>,
    /// Whether this machine sent it.
    pub is_outgoing: bool,
}

/// The packets of a block.
#[derive(Debug)]
pub struct Packets<'block> {
    body: &'block [u8],
    at: Option<usize>,
    left: u32,
}

impl<'block> Iterator for Packets<'block> {
    type Item = RingPacket<'block>;

    #[inline]
    fn next(&mut self) -> Option<RingPacket<'block>> {
        self.left = self.left.checked_sub(1)?;
        let (packet, next) = read_packet(self.body, self.at?)?;
        self.at = next;
        Some(packet)
    }
}

/// Reads the packet whose header stands here in the body of a block; also says where the next one is.
#[inline]
fn read_packet(body: &[u8], at: usize) -> Option<(RingPacket<'_>, Option<usize>)> {
    let header: &[u8; HEADER_BYTES + ADDRESS_BYTES] = body.get(at..)?.first_chunk()?;
    let word = |offset: usize| {
        u32::from_ne_bytes([
            header[offset],
            header[offset + 1],
            header[offset + 2],
            header[offset + 3],
        ])
    };
    let half = |offset: usize| u16::from_ne_bytes([header[offset], header[offset + 1]]);
    let status = word(20);
    let begin = at + usize::from(half(24));
    let bytes = body.get(begin..begin.checked_add(usize::try_from(word(12)).ok()?)?)?;
    let vlan = (status & libc::TP_STATUS_VLAN_VALID != 0).then(|| {
        let has_type = status & libc::TP_STATUS_VLAN_TPID_VALID != 0;
        let kind = if has_type { half(36) } else { 0x8100 }.to_be_bytes();
        let tag = half(32).to_be_bytes();
        [kind[0], kind[1], tag[0], tag[1]]
    });
    let packet = RingPacket {
        seconds: word(4),
        nanoseconds: word(8),
        length: word(16),
        bytes,
        vlan,
        is_outgoing: header[HEADER_BYTES + 10] == libc::PACKET_OUTGOING,
    };
    let step = usize::try_from(word(0)).ok().filter(|step| *step > 0);
    Some((packet, step.map(|step| at + step)))
}

fn request(blocks: u32, block_bytes: u32, retire_ms: u32) -> libc::tpacket_req3 {
    libc::tpacket_req3 {
        tp_block_size: block_bytes,
        tp_block_nr: blocks,
        tp_frame_size: if blocks == 0 { 0 } else { FRAME_BYTES },
        tp_frame_nr: blocks * (block_bytes / FRAME_BYTES),
        tp_retire_blk_tov: retire_ms,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    }
}

/// Takes the ring away, so that its memory is free.
fn release(socket: BorrowedFd<'_>) {
    // It can fail only while the ring is mapped.
    let _ = set(socket, libc::PACKET_RX_RING, &request(0, 0, 0));
}

fn listen(socket: BorrowedFd<'_>, ether_type: u16, interface: i32) -> io::Result<()> {
    let address = libc::sockaddr_ll {
        sll_family: u16::try_from(libc::AF_PACKET).unwrap_or_default(),
        sll_protocol: ether_type.to_be(),
        sll_ifindex: interface,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    // SAFETY: the address is a live `sockaddr_ll` of the length that is passed.
    let result =
        unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length_of(&address)) };
    Errno::result(result)?;
    Ok(())
}

fn attach(socket: BorrowedFd<'_>, filter: &[FilterStep]) -> io::Result<()> {
    let mut steps: Vec<_> = filter
        .iter()
        .map(|step| libc::sock_filter { code: step.code, jt: step.jt, jf: step.jf, k: step.k })
        .collect();
    let program = libc::sock_fprog {
        len: u16::try_from(steps.len()).map_err(io::Error::other)?,
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which points to `len` live steps, during the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            libc::socklen_t::try_from(size_of::<libc::sock_fprog>()).unwrap_or_default(),
        )
    };
    Errno::result(result)?;
    Ok(())
}

/// Sets an option of the packet layer; `T` is the type that the kernel reads for it.
fn set<T>(socket: BorrowedFd<'_>, option: libc::c_int, value: &T) -> io::Result<()> {
    // SAFETY: the kernel reads the value, which lives, by the length that is passed.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            option,
            std::ptr::from_ref(value).cast(),
            length_of(value),
        )
    };
    Errno::result(result)?;
    Ok(())
}

fn length_of<T>(value: &T) -> libc::socklen_t {
    libc::socklen_t::try_from(size_of_val(value)).unwrap_or_default()
}
