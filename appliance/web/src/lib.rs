//! The HTTPS server: pages for a browser, a REST interface for scripts.
//!
//! One process, one thread. [`run`] loads or makes the certificate, listens, asks itself one question
//! over TLS and only then tells PID 1 that it is ready. Everything that lasts belongs to the settings
//! role; what is here is lost with a restart on purpose: sessions, tokens, counters of failures.
//!
//! A request passes, from outside to inside: the limits on connections, the TLS handshake, the limits
//! on its header, the check of `Host` (against DNS rebinding), then either a page (cookie, origin
//! check, form token) or an operation of the REST interface (origin check, bearer token), and only
//! there the limits on its body. Neither accepts the other's credentials. The operations stand in one
//! table from which the router and the OpenAPI document are made.
#![forbid(unsafe_code)]

mod administrator;
mod agent;
pub mod api;
mod certificate;
mod changes;
mod connection_changes;
mod connections;
mod diagnosis;
mod directory;
mod download;
mod error;
mod headers;
mod host;
mod listener;
mod log_query;
mod metrics;
mod monitoring;
pub mod multipart;
mod origin;
mod own_certificate;
mod pages;
mod password_hash;
mod random;
mod readiness;
mod registration;
mod request_body;
mod route;
mod router;
mod session;
mod sign_in_history;
mod state;
mod task;
mod throttle;

pub use error::{SelfCheckError, WebError};
pub use password_hash::HashCost;
pub use route::{Access, Route, routes};
pub use task::{Server, WebConfig, run};
