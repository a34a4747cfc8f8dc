//! Packet sockets for DHCP and ARP: what an interface carries before it has an address.

use std::io;
use std::mem::{MaybeUninit, size_of, size_of_val};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

use crate::SysError;
use crate::error::Step;

/// Hardware address that every station on the link receives.
pub const BROADCAST: [u8; 6] = [0xff; 6];

const DHCP_CLIENT_PORT: u32 = 68;

/// A nonblocking socket that sends and receives the payloads of Ethernet frames of one kind on one
/// interface, and only those that pass its filter.
#[derive(Debug)]
pub struct PacketSocket {
    fd: OwnedFd,
    interface: i32,
    protocol: u16,
}

impl PacketSocket {
    /// Opens a socket for whole IPv4 packets, header included, on the interface with this index. It
    /// receives only UDP packets to port 68, whatever their destination address. Checksums of
    /// received packets may be unfinished when they come from the same host: do not check UDP's.
    /// Needs `CAP_NET_RAW`.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`].
    pub fn open_dhcp(interface: u32) -> Result<Self, SysError> {
        Self::open(interface, libc::ETH_P_IP, &mut dhcp_filter())
    }

    /// Opens a socket for ARP packets on the interface with this index. It receives only those whose
    /// sender or target has this IPv4 address. Needs `CAP_NET_RAW`.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`].
    pub fn open_arp(interface: u32, address: Ipv4Addr) -> Result<Self, SysError> {
        Self::open(interface, libc::ETH_P_ARP, &mut arp_filter(address))
    }

    fn open(
        interface: u32,
        protocol: libc::c_int,
        filter: &mut [libc::sock_filter],
    ) -> Result<Self, SysError> {
        let name = format!("a packet socket on interface {interface}");
        let interface = i32::try_from(interface).map_err(io::Error::other).step("open", &name)?;
        let protocol = u16::try_from(protocol).map_err(io::Error::other).step("open", &name)?;
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        // Protocol zero: nothing arrives before the filter and the interface are set.
        let fd = socket(AddressFamily::Packet, SockType::Datagram, flags, None::<SockProtocol>)
            .step("open", &name)?;
        attach_filter(&fd, filter).step("filter", &name)?;
        let socket = Self { fd, interface, protocol };
        let address = socket.station(BROADCAST);
        // SAFETY: the address is a live `sockaddr_ll` of the length that is passed.
        let result = unsafe {
            libc::bind(socket.fd.as_raw_fd(), (&raw const address).cast(), length_of(&address))
        };
        Errno::result(result).step("bind", &name)?;
        Ok(socket)
    }

    /// Sends a packet to a station on the link, or to all with [`BROADCAST`].
    ///
    /// # Errors
    ///
    /// As `sendto(2)`; [`io::ErrorKind::WouldBlock`] when the queue is full.
    pub fn send(&self, packet: &[u8], to: [u8; 6]) -> io::Result<()> {
        let address = self.station(to);
        // SAFETY: both pointers are to live memory of the lengths that are passed.
        let result = unsafe {
            libc::sendto(
                self.fd.as_raw_fd(),
                packet.as_ptr().cast(),
                packet.len(),
                0,
                (&raw const address).cast(),
                length_of(&address),
            )
        };
        Errno::result(result)?;
        Ok(())
    }

    /// Receives one packet. Returns its length and the station that sent the frame; what does not
    /// fit into the buffer is lost.
    ///
    /// # Errors
    ///
    /// As `recvfrom(2)`; [`io::ErrorKind::WouldBlock`] when there is none.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, [u8; 6])> {
        // SAFETY: all zero is a valid value of this struct of integers.
        let mut from: libc::sockaddr_ll = unsafe { MaybeUninit::zeroed().assume_init() };
        let mut from_length = length_of(&from);
        // SAFETY: all pointers are to live memory of the lengths that are passed.
        let result = unsafe {
            libc::recvfrom(
                self.fd.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                0,
                (&raw mut from).cast(),
                &raw mut from_length,
            )
        };
        let length = usize::try_from(Errno::result(result)?).unwrap_or_default();
        let mut station = [0; 6];
        station.copy_from_slice(&from.sll_addr[..6]);
        Ok((length, station))
    }

    fn station(&self, station: [u8; 6]) -> libc::sockaddr_ll {
        let mut address = [0; 8];
        address[..6].copy_from_slice(&station);
        libc::sockaddr_ll {
            sll_family: u16::try_from(libc::AF_PACKET).unwrap_or_default(),
            sll_protocol: self.protocol.to_be(),
            sll_ifindex: self.interface,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 6,
            sll_addr: address,
        }
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// For reactors that ask for the older trait.
impl AsRawFd for PacketSocket {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.fd.as_raw_fd()
    }
}

/// Ties a UDP socket to an interface, so that it sends there whatever the routes say.
///
/// # Errors
///
/// As `setsockopt(2)` with `SO_BINDTODEVICE`.
pub fn bind_to_interface(socket: &impl AsFd, name: &str) -> io::Result<()> {
    let option = nix::sys::socket::sockopt::BindToDevice;
    Ok(nix::sys::socket::setsockopt(socket, option, &name.into())?)
}

fn length_of(address: &libc::sockaddr_ll) -> libc::socklen_t {
    libc::socklen_t::try_from(size_of_val(address)).unwrap_or_default()
}

// Classic BPF (Linux, `Documentation/networking/filter.rst`).
const LOAD_BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
const LOAD_HALF: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
const LOAD_WORD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const LOAD_HEADER_LENGTH: u32 = libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH;
const LOAD_HALF_INDEXED: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_IND;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_ANY_BIT: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// A step of a filter: what to do with `k`, and how many steps to skip when it is true or false.
fn step(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap_or_default(), jt, jf, k }
}

/// Passes a packet that begins with its IPv4 header when it is UDP, not a later fragment, to the
/// port of DHCP clients.
fn dhcp_filter() -> [libc::sock_filter; 9] {
    const UDP: u32 = 17;
    const FRAGMENT_OFFSET: u32 = 0x1fff;
    [
        step(LOAD_BYTE, 9, 0, 0),
        step(IF_EQUAL, UDP, 0, 6),
        step(LOAD_HALF, 6, 0, 0),
        step(IF_ANY_BIT, FRAGMENT_OFFSET, 4, 0),
        step(LOAD_HEADER_LENGTH, 0, 0, 0),
        step(LOAD_HALF_INDEXED, 2, 0, 0),
        step(IF_EQUAL, DHCP_CLIENT_PORT, 0, 1),
        step(RETURN, u32::MAX, 0, 0),
        step(RETURN, 0, 0, 0),
    ]
}

/// Passes an ARP packet whose sender or target has this IPv4 address.
fn arp_filter(address: Ipv4Addr) -> [libc::sock_filter; 6] {
    const SENDER: u32 = 14;
    const TARGET: u32 = 24;
    [
        step(LOAD_WORD, SENDER, 0, 0),
        step(IF_EQUAL, address.to_bits(), 2, 0),
        step(LOAD_WORD, TARGET, 0, 0),
        step(IF_EQUAL, address.to_bits(), 0, 1),
        step(RETURN, u32::MAX, 0, 0),
        step(RETURN, 0, 0, 0),
    ]
}

fn attach_filter(fd: &OwnedFd, filter: &mut [libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or_default(),
        filter: filter.as_mut_ptr(),
    };
    let length = libc::socklen_t::try_from(size_of::<libc::sock_fprog>()).unwrap_or_default();
    // SAFETY: the kernel copies the program, which points to `len` live steps, during the call.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            length,
        )
    };
    Errno::result(result)?;
    Ok(())
}
