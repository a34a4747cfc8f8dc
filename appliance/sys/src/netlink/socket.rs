//! Talking to the kernel.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};
use thiserror::Error;

use super::message::{DecodeError, Message, error_number, messages};
use super::route::Entry;
use super::{InterfaceAddress, Link, Route, address, link, route};

/// Longest wait for an answer of the kernel, which answers at once.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Index of the loopback interface, the first of every network namespace.
pub const LOOPBACK_INDEX: u32 = 1;

/// The kernel sends at most this much in one datagram of a list.
const DATAGRAM_BYTES: usize = 32 * 1024;
/// Lists that end too late are not believed: entries, over all datagrams.
const MAX_LIST_ENTRIES: usize = 4096;
/// Datagrams read from [`LinkChanges`] in one go.
const MAX_CHANGES: usize = 64;

/// A request to the kernel failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetlinkError {
    /// The socket failed, or no answer came in time.
    #[error("cannot talk to the kernel over netlink")]
    Socket(#[source] io::Error),
    /// The kernel refused.
    #[error("the kernel refused to {operation}")]
    Refused {
        /// What was asked for.
        operation: &'static str,
        /// Its answer.
        source: io::Error,
    },
    /// The answer is damaged, or longer than any real one.
    #[error("the answer to the request to {operation} cannot be used")]
    Answer {
        /// What was asked for.
        operation: &'static str,
        /// What is wrong.
        source: DecodeError,
    },
}

/// A socket for requests. Calls block until the kernel has answered.
#[derive(Debug)]
pub struct RouteSocket {
    fd: OwnedFd,
    sequence: u32,
}

impl RouteSocket {
    /// Opens a socket. Changes need `CAP_NET_ADMIN`.
    ///
    /// # Errors
    ///
    /// [`NetlinkError::Socket`].
    pub fn open() -> Result<Self, NetlinkError> {
        let open = || {
            let fd = open(SockFlag::SOCK_CLOEXEC, 0)?;
            let timeout = TimeVal::seconds(i64::try_from(ANSWER_TIMEOUT.as_secs()).unwrap_or(1));
            setsockopt(&fd, sockopt::ReceiveTimeout, &timeout)?;
            Ok(Self { fd, sequence: 0 })
        };
        open().map_err(NetlinkError::Socket)
    }

    /// Lists the Ethernet interfaces.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn links(&mut self) -> Result<Vec<Link>, NetlinkError> {
        self.list("list links", link::list_request, Link::decode)
    }

    /// Switches an interface on.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn set_up(&mut self, interface: u32) -> Result<(), NetlinkError> {
        self.change("switch the link on", 0, |flags, sequence| {
            link::up_request(flags, sequence, interface)
        })
    }

    /// Sets the largest packet of an interface, in bytes.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn set_mtu(&mut self, interface: u32, mtu: u32) -> Result<(), NetlinkError> {
        self.change("set the MTU", 0, |flags, sequence| {
            link::mtu_request(flags, sequence, interface, mtu)
        })
    }

    /// Lists the IPv4 addresses of an interface.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn addresses(&mut self, interface: u32) -> Result<Vec<InterfaceAddress>, NetlinkError> {
        let all = self.list("list addresses", address::list_request, InterfaceAddress::decode)?;
        let own = all.into_iter().filter(|(index, _)| *index == interface);
        Ok(own.map(|(_, address)| address).collect())
    }

    /// Adds an address, or refreshes it when the interface has it.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn add_address(
        &mut self,
        interface: u32,
        address: InterfaceAddress,
    ) -> Result<(), NetlinkError> {
        let flags = libc::NLM_F_CREATE | libc::NLM_F_REPLACE;
        self.change("add an address", flags, |flags, sequence| {
            address.add_request(flags, sequence, interface)
        })
    }

    /// Removes an address, with the routes that lead through it.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn delete_address(
        &mut self,
        interface: u32,
        address: InterfaceAddress,
    ) -> Result<(), NetlinkError> {
        self.change("remove an address", 0, |flags, sequence| {
            address.delete_request(flags, sequence, interface)
        })
    }

    /// Gives an interface this address and no other.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn replace_addresses(
        &mut self,
        interface: u32,
        address: Option<InterfaceAddress>,
    ) -> Result<(), NetlinkError> {
        let old = self.addresses(interface)?;
        for other in old.into_iter().filter(|other| Some(*other) != address) {
            match self.delete_address(interface, other) {
                // With the first address of a network the kernel removes the others of it.
                Err(NetlinkError::Refused { source, .. })
                    if source.raw_os_error() == Some(libc::EADDRNOTAVAIL) => {}
                result => result?,
            }
        }
        address.map_or(Ok(()), |address| self.add_address(interface, address))
    }

    /// Makes these the only IPv4 routes of the machine, apart from those that the kernel makes with
    /// an address. Each gateway must be reachable by a route before it, or by an address.
    ///
    /// # Errors
    ///
    /// [`NetlinkError`], as for every request.
    pub fn replace_routes(&mut self, interface: u32, routes: &[Route]) -> Result<(), NetlinkError> {
        let wanted: Vec<_> = routes.iter().map(|route| Entry::through(interface, *route)).collect();
        let flags = libc::NLM_F_CREATE | libc::NLM_F_REPLACE;
        for entry in &wanted {
            self.change("set a route", flags, |flags, sequence| {
                entry.add_request(flags, sequence)
            })?;
        }
        let all = self.list("list routes", route::list_request, Entry::decode)?;
        for old in all.into_iter().filter(|old| !wanted.contains(old)) {
            let removed = self
                .change("remove a route", 0, |flags, sequence| old.delete_request(flags, sequence));
            match removed {
                // It went with its interface in between.
                Err(NetlinkError::Refused { source, .. })
                    if source.raw_os_error() == Some(libc::ESRCH) => {}
                result => result?,
            }
        }
        Ok(())
    }

    fn change(
        &mut self,
        operation: &'static str,
        flags: libc::c_int,
        request: impl FnOnce(u16, u32) -> Vec<u8>,
    ) -> Result<(), NetlinkError> {
        let flags = flags | libc::NLM_F_REQUEST | libc::NLM_F_ACK;
        self.exchange(operation, flags, request, |_| Ok(()))
    }

    fn list<T>(
        &mut self,
        operation: &'static str,
        request: impl FnOnce(u16, u32) -> Vec<u8>,
        decode: impl Fn(&Message<'_>) -> Result<Option<T>, DecodeError>,
    ) -> Result<Vec<T>, NetlinkError> {
        let mut entries = Vec::new();
        let flags = libc::NLM_F_REQUEST | libc::NLM_F_DUMP;
        self.exchange(operation, flags, request, |message| {
            if entries.len() >= MAX_LIST_ENTRIES {
                return Err(DecodeError);
            }
            entries.extend(decode(message)?);
            Ok(())
        })?;
        Ok(entries)
    }

    /// Sends a request and hands on every message up to the one that ends the answer.
    fn exchange(
        &mut self,
        operation: &'static str,
        flags: libc::c_int,
        request: impl FnOnce(u16, u32) -> Vec<u8>,
        mut take: impl FnMut(&Message<'_>) -> Result<(), DecodeError>,
    ) -> Result<(), NetlinkError> {
        self.sequence = self.sequence.wrapping_add(1);
        let bytes = request(u16::try_from(flags).unwrap_or_default(), self.sequence);
        send(self.fd.as_raw_fd(), &bytes, MsgFlags::empty()).map_err(socket_error)?;
        let deadline = Instant::now() + ANSWER_TIMEOUT;
        let mut buffer = vec![0; DATAGRAM_BYTES];
        while Instant::now() < deadline {
            let length = recv(self.fd.as_raw_fd(), &mut buffer, MsgFlags::empty());
            let length = match length {
                Err(Errno::EINTR) => continue,
                other => other.map_err(socket_error)?,
            };
            for message in messages(buffer.get(..length).unwrap_or_default()) {
                let damaged = |source| NetlinkError::Answer { operation, source };
                let message = message.map_err(damaged)?;
                // The rest of an answer that an earlier request gave up on.
                if message.sequence != self.sequence {
                    continue;
                }
                match libc::c_int::from(message.kind) {
                    libc::NLMSG_DONE => return Ok(()),
                    libc::NLMSG_ERROR => {
                        let number = error_number(message.payload);
                        return match number.ok_or_else(|| damaged(DecodeError))? {
                            0 => Ok(()),
                            number => {
                                let source = io::Error::from_raw_os_error(number);
                                Err(NetlinkError::Refused { operation, source })
                            }
                        };
                    }
                    _ => take(&message).map_err(damaged)?,
                }
            }
        }
        Err(NetlinkError::Socket(io::ErrorKind::TimedOut.into()))
    }
}

/// A nonblocking descriptor that becomes readable when a link changes: a cable is pulled, an
/// interface appears.
#[derive(Debug)]
pub struct LinkChanges(OwnedFd);

impl LinkChanges {
    /// Subscribes.
    ///
    /// # Errors
    ///
    /// [`NetlinkError::Socket`].
    pub fn open() -> Result<Self, NetlinkError> {
        let group = u32::try_from(libc::RTMGRP_LINK).unwrap_or_default();
        open(SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, group)
            .map(Self)
            .map_err(NetlinkError::Socket)
    }

    /// Reads and forgets the pending changes. What the links are now, [`RouteSocket::links`] tells.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] when nothing has changed; otherwise as `recv(2)`.
    pub fn read_changes(&self) -> io::Result<()> {
        // Longer messages are cut, which does not matter here.
        let mut buffer = [0; 1024];
        for read in 0..MAX_CHANGES {
            match recv(self.0.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                // So many changes that the kernel dropped some: still a change.
                Ok(_) | Err(Errno::ENOBUFS | Errno::EINTR) => {}
                Err(Errno::EAGAIN) if read > 0 => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl AsFd for LinkChanges {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// For reactors that ask for the older trait.
impl AsRawFd for LinkChanges {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

fn open(flags: SockFlag, groups: u32) -> io::Result<OwnedFd> {
    let family = AddressFamily::Netlink;
    let fd = socket(family, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
    bind(fd.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
    Ok(fd)
}

fn socket_error(error: Errno) -> NetlinkError {
    NetlinkError::Socket(error.into())
}
