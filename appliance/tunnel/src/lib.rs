//! Streams between an appliance and the cloud, through one HTTPS connection that the appliance made.
//!
//! From the outside in:
//!
//! 1. A stream of octets that the caller brings: TCP, a proxy's tunnel, TLS with public authorities.
//! 2. [`websocket`]: an HTTP/1.1 WebSocket (RFC 6455), which every proxy and load balancer lets pass.
//! 3. [`identity`]: TLS 1.3 between appliance and cloud alone. An interceptor of the outer TLS that
//!    the administrator trusts sees nothing of what follows, and cannot change it.
//! 4. [`link`]: many independent streams (yamux), each with a window of its own.
//! 5. [`stream`]: messages and data in [`frame`]s; [`pipe`]: octets of another protocol as data.
//!
//! Both ends use this crate. What is said on the streams is in the crate `protocol`.

#![forbid(unsafe_code)]

pub mod activity;
pub mod error;
pub mod frame;
pub mod identity;
pub mod inbox;
pub mod link;
pub mod pipe;
pub mod stream;
pub mod websocket;

pub use activity::Activity;
pub use error::TunnelError;
pub use identity::{Pin, Trust};
pub use inbox::Inbox;
pub use link::{Incoming, Link, Opener};
pub use stream::{Piece, Stream};

/// Path of the WebSocket on the cloud's HTTPS port.
pub const PATH: &str = "/connector/v1";
/// Subprotocol of the WebSocket (RFC 6455, 1.9); another one is another protocol.
pub const SUBPROTOCOL: &str = "connector.v1";
/// Name that the inner certificate of the cloud carries. The address may change, and an interceptor
/// may make a certificate for it; this name is vouched for by the pinned authority only.
pub const CLOUD_NAME: &str = "cloud.connector.internal";
/// ALPN (RFC 7301) of the inner connection of a registered appliance.
pub const ALPN_CHANNEL: &[u8] = b"connector/1";
/// ALPN of the inner connection of an appliance that wants to be registered; it shows no certificate.
pub const ALPN_REGISTRATION: &[u8] = b"connector-registration/1";
/// Streams that a link may have at once.
pub const MAX_STREAMS: usize = 128;
/// Octets of a stream that may be on their way in any case.
const LEAST_WINDOW_BYTES: usize = 256 * 1024;
/// Octets that all streams of a link may have received and not read yet. Each of [`MAX_STREAMS`] has
/// 256 KiB set aside, open or not. Only what is left beyond that lets a stream have more on its way, as
/// it needs where the delay is long: 300 MiB/s at 50 ms are 15 MiB, and it takes twice that.
pub const MAX_WINDOW_BYTES: usize = MAX_STREAMS * LEAST_WINDOW_BYTES + 64 * 1024 * 1024;
