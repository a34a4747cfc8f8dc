//! What an appliance and the cloud say to each other.
//!
//! The crate `tunnel` gives both ends streams of messages; `docs/protocol.md` describes the layers.
//! This crate has the messages: [registration] of an appliance, the [control] stream of a registered
//! one, [request]s of the cloud, and those for [web] servers inside. It also has the rules that both ends must agree on: the [code]
//! that a person types, the [name] of an appliance, the [proof] of an unattended registration, when a
//! silent peer counts as dead ([heartbeat]) and when to dial again ([backoff]).
//!
//! No I/O, no clock, no randomness: they are parameters.

#![forbid(unsafe_code)]

pub mod backoff;
pub mod code;
pub mod control;
pub mod heartbeat;
pub mod name;
pub mod proof;
pub mod registration;
pub mod request;
pub mod security_number;
pub mod web;

/// Longest life of a client certificate in seconds: 30 days.
pub const CERTIFICATE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Age at which a client certificate is renewed, in seconds: two thirds of its life.
pub const RENEWAL_SECONDS: i64 = CERTIFICATE_SECONDS / 3 * 2;
