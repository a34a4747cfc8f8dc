//! Link, address, route, DNS and host name.
//!
//! The role follows the settings and the links of the kernel. It picks one Ethernet interface, the
//! first that has a link, and gives it a fixed address or asks DHCP for one ([`dhcp`]). Before an
//! address is used, and for as long as it is, other users of it are looked for ([`arp`]). What is in
//! use, where each value came from and what is wrong is its status, which the other roles follow.
//!
//! DHCP servers are not trusted: a value of theirs is used when it makes sense and its list is
//! short, and otherwise left out. Routing tables, addresses and `resolv.conf` belong to this role
//! alone: what it finds there on the interface is replaced.
#![forbid(unsafe_code)]

pub mod arp;
mod attachment;
mod configuration;
pub mod dhcp;
mod error;
mod host_name;
mod interface;
mod readiness;
mod resolver;
mod service;
mod status;
mod task;

pub use error::NetworkError;
pub use task::{NetworkConfig, run};
