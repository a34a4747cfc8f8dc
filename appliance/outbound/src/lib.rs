//! The one dialer of the appliance: every outgoing TCP connection is made here.
//!
//! A connection is direct or goes through one of the proxies of the settings, by these rules:
//!
//! - The appliance itself, link-local addresses, the private ranges and what the bypass list covers
//!   ([`model::bypass`]) are contacted directly.
//! - Everything else goes through the proxies, in the order in which they are listed; when one does
//!   not work the next is tried ([`FailureCause::tries_next_proxy`](model::outbound::FailureCause::tries_next_proxy)).
//! - A proxy is asked by CONNECT (RFC 9110, section 9.3.6) for the server by its name, which the
//!   proxy resolves. A host name is looked up here only to see whether *all* its addresses are to be
//!   contacted directly, as those of internal servers are. When that lookup fails or takes long, as
//!   in networks where only the proxy can resolve names, the server is an external one.
//! - Basic authentication is sent with the first request, and once more when the proxy answers 407.
//! - The answer of a proxy is read to its last byte and no further, whatever follows it.
//! - TLS 1.2 and 1.3 with the public roots and those that were added; each dial checks the whole
//!   chain, no session is resumed. When the chain of a server outside of the private ranges ends in
//!   an added root, the connection tells who intercepts it.
//!
//! A failure is one of nine causes, [`FailureCause`](model::outbound::FailureCause). The boundary
//! between the two that concern certificates:
//!
//! - **Intercepted and not trusted**: an authority that is not known issued a certificate for
//!   exactly the name asked for. That is what an inspecting proxy does.
//! - **Untrusted**: anything else that is wrong. A wrong name, an expired or a self-signed
//!   certificate, a broken signature; a chain that stops below a public authority; and an authority
//!   that is not known on a server in a private range, which has it from its organisation.
//!
//! The clock is wrong when a chain holds but for being *not yet* valid, or when it has expired and
//! the clock says that this release is more than ten years old. While the clock is earlier than the
//! release, certificates are checked at the time of the release.
#![forbid(unsafe_code)]

pub mod challenge;
mod clock;
mod connect;
mod connection;
mod dialer;
mod error;
mod limits;
pub mod reply;
mod resolve;
mod roots;
mod route;
mod stream;
mod tls;
mod trust;
mod tunnel;

pub use clock::{Clock, KernelClock};
pub use connection::{Connection, DialError, ProxyAttempt};
pub use dialer::{Dialer, Target};
pub use error::OutboundError;
pub use limits::Limits;
pub use roots::public_roots;
pub use stream::Stream;
pub use tls::{Handshake, HandshakeError, TlsFacts, TlsPlan};
