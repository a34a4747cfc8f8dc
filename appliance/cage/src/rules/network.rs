//! The role `network`: netlink, DHCP, ARP, the file with the DNS servers.

use super::{Rule, is, only};

/// Flags with which files are opened; the one without a name is `O_LARGEFILE`, which musl always sets.
const OPEN: i32 = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC | 0o100_000;
/// Flags of sockets.
const FLAGS: i32 = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_socket,
        [is(0, libc::AF_NETLINK), only(1, libc::SOCK_RAW | FLAGS), is(2, libc::NETLINK_ROUTE)],
        "sys::netlink: interfaces, addresses, routes"
    ),
    permit!(
        SYS_socket,
        [is(0, libc::AF_PACKET), only(1, libc::SOCK_DGRAM | FLAGS)],
        "sys::packet: DHCP without an address, ARP"
    ),
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, libc::SOCK_DGRAM | FLAGS), is(2, 0)],
        "sys::packet: port 68 is taken; renewal from the address in use"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_RCVTIMEO)],
        "sys::netlink: the kernel's answer comes at once or never"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_ATTACH_FILTER)],
        "sys::packet: only DHCP and ARP wake the role"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_BINDTODEVICE)],
        "sys::packet: one interface only"
    ),
    permit!(SYS_ioctl, [is(1, FIONBIO)], "std: a socket that does not block"),
    permit!(SYS_open, [only(1, OPEN)], "network: the file with the DNS servers"),
    permit!(SYS_rename, [], "network: the file with the DNS servers is replaced"),
];

/// `FIONBIO` of `asm-generic/ioctls.h`.
const FIONBIO: i32 = 0x5421;
