//! ICMP echo without privileges: a socket that sends echo requests and receives the answers to them
//! and nothing else (Linux, `icmp(7)` and `net.ipv4.ping_group_range`).

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, connect, recv, send,
    setsockopt, socket, sockopt,
};

use crate::SysError;
use crate::error::Step;

const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;
/// Bytes of an echo message before its data (RFC 792).
const HEADER_BYTES: usize = 8;

/// A nonblocking socket for echo requests to one address.
#[derive(Debug)]
pub struct PingSocket {
    fd: OwnedFd,
}

impl PingSocket {
    /// Opens a socket to this address. The group of the process must be in
    /// `net.ipv4.ping_group_range`.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`], such as without a route to the address.
    pub fn open(address: Ipv4Addr) -> Result<Self, SysError> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let fd = socket(AddressFamily::Inet, SockType::Datagram, flags, SockProtocol::Icmp)
            .step("open", &"a ping socket")?;
        // With it, "host unreachable" comes as the error of the next call instead of not at all.
        setsockopt(&fd, sockopt::Ipv4RecvErr, &true).step("set up", &"a ping socket")?;
        connect(fd.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(address, 0)))
            .step("reach", &address)?;
        Ok(Self { fd })
    }

    /// Sends an echo request. The kernel fills in its identifier and its checksum.
    ///
    /// # Errors
    ///
    /// As `send(2)`; a pending error of an earlier request is given here too.
    pub fn send(&self, sequence: u16, data: &[u8]) -> io::Result<()> {
        let message = echo_request(sequence, data);
        send(self.fd.as_raw_fd(), &message, MsgFlags::empty())?;
        Ok(())
    }

    /// Receives the answer to a request: its sequence number. Other messages give `None`.
    ///
    /// # Errors
    ///
    /// As `recv(2)`; [`io::ErrorKind::WouldBlock`] when there is none, `HostUnreachable` when a
    /// machine on the way says so.
    pub fn receive(&self) -> io::Result<Option<u16>> {
        let mut buffer = [0; 256];
        let length = recv(self.fd.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        Ok(echo_reply(&buffer[..length]))
    }
}

impl AsFd for PingSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// For reactors that ask for the older trait.
impl AsRawFd for PingSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

fn echo_request(sequence: u16, data: &[u8]) -> Vec<u8> {
    let mut message = vec![ECHO_REQUEST, 0, 0, 0, 0, 0];
    message.extend_from_slice(&sequence.to_be_bytes());
    message.extend_from_slice(data);
    message
}

/// The sequence number of an echo reply.
fn echo_reply(message: &[u8]) -> Option<u16> {
    let header = message.first_chunk::<HEADER_BYTES>()?;
    (header[0] == ECHO_REPLY && header[1] == 0).then(|| u16::from_be_bytes([header[6], header[7]]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_echo_replies_have_a_number() {
        assert_eq!(echo_reply(&[0, 0, 1, 2, 3, 4, 0x12, 0x34, 9]), Some(0x1234));
        assert_eq!(echo_reply(&echo_request(7, b"x")), None);
        assert_eq!(echo_reply(&[3, 1, 1, 2, 3, 4, 5, 6]), None);
        assert_eq!(echo_reply(&[0; 7]), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics(message in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = echo_reply(&message);
        }
    }
}
