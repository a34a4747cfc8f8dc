//! How long each step may take.

use std::time::Duration;

/// How long each step of a connection may take. Tests have shorter ones.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Resolving a name in order to connect to it.
    pub resolve: Duration,
    /// Looking up a name only to see whether its server is an internal one. Every connection through
    /// a proxy waits for it where DNS is silent.
    pub route_lookup: Duration,
    /// Opening a TCP connection, all addresses of the host together.
    pub connect: Duration,
    /// The answer of a proxy, from the first request on, authentication included. The proxy has to
    /// resolve the name and to connect in this time.
    pub proxy: Duration,
    /// The TLS handshake.
    pub tls: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(10),
            route_lookup: Duration::from_millis(1500),
            connect: Duration::from_secs(10),
            proxy: Duration::from_secs(20),
            tls: Duration::from_secs(15),
        }
    }
}
