//! Typed requests between the roles.
//!
//! A role answers on a Unix socket of its own ([`model::role::Role::socket_path`]); one JSON value a line is a
//! request, one JSON value a line its answer, in order. Who asks is known from the peer's user id,
//! and each service allows each request to the roles that need it. State is followed by long poll: a
//! status request that names the generation seen is answered when there is a newer one, so nobody
//! polls and nobody misses a change ([`follow`]). A file travels as a descriptor beside its answer
//! ([`Client::call_for_file`]), so that the asker needs no way to its directory.
#![forbid(unsafe_code)]

mod capture;
mod channel;
mod client;
mod descriptor;
mod diagnostics;
mod directory;
mod error;
mod follow;
mod frame;
mod guest;
mod init;
mod journal;
mod network;
mod peer;
mod server;
mod settings;
mod time;

pub use capture::{CaptureRequest, CaptureResponse, StartRefusal};
pub use channel::{
    Application, ApplicationProblem, ChannelRequest, ChannelResponse, UNATTENDED_SECONDS,
};
pub use client::Client;
pub use diagnostics::{DiagnosticsRequest, DiagnosticsResponse, ProxyCandidate};
pub use directory::{Credentials, DirectoryRequest, DirectoryResponse, Join};
pub use error::BusError;
pub use follow::{StatusRequest, follow};
pub use frame::MAX_FRAME_BYTES;
pub use guest::{GuestRequest, GuestResponse};
pub use init::report_ready;
pub use journal::{JournalRequest, JournalResponse};
pub use network::{AddressCheck, NetworkRequest, NetworkResponse};
pub use peer::Peer;
pub use server::{Service, bind, serve};
pub use settings::{
    MAX_TOKEN_HASH_BYTES, PasswordChange, SettingsRequest, SettingsResponse, StoredCertificate,
    StoredSigningRequest,
};
pub use time::{ServerCheck, TimeRequest, TimeResponse};
