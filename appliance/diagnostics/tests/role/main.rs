//! The role against real servers, in network namespaces: nginx, Squid, dnsmasq, and servers that do
//! what no good server does. The site is that of the dialer's own tests.

#[expect(dead_code, reason = "the dialer's tests need more of it")]
#[path = "../../../outbound/tests/outbound/authority.rs"]
mod authority;
#[expect(dead_code, reason = "the dialer's tests need more of it")]
#[path = "../../../outbound/tests/outbound/daemons.rs"]
mod daemons;
#[expect(dead_code, reason = "the dialer's tests need more of it")]
#[path = "../../../outbound/tests/outbound/rogue.rs"]
mod rogue;
#[expect(dead_code, clippy::print_stdout, reason = "the dialer's tests need more of it")]
#[path = "../../../outbound/tests/outbound/site.rs"]
mod site;

mod echo;
mod prechecks;
mod probes;
mod proxies;
mod roles;
