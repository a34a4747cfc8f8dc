//! The place where appliances connect.
//!
//! A gateway takes a WebSocket from the HTTP server, shakes hands inside it as the cloud, and then has
//! either an applicant, which it registers ([`registration`](self) with a code or with the secret of
//! a secure client), or a connector, whose connection it keeps and to which it sends requests. Which
//! connector of a resource location gets a request, and what happens to it when that connector dies,
//! is decided by [`Gateway::send`]. Requests to web servers go through by [`Gateway::relay`].
//!
//! Connections and what is on its way are in memory only; everything else is in the registry.
//! Connectors that are connected go on when the registry does not answer.
//!
//! A gateway can [join](Gateway::join) others: then a request reaches the connectors of all of them, and
//! each rule above holds for them together.

#![forbid(unsafe_code)]

mod applicant_key;
mod applicants;
mod authority;
mod choice;
mod clone_check;
mod connection;
mod connections;
mod contacts;
mod control;
mod data;
mod dispatch;
mod drain;
mod gateway;
mod limits;
mod once;
mod others;
mod recent;
mod registration;
mod relay;
mod remote;
mod route;
mod tried;
mod unattended;

pub use applicant_key::{ApplicantKey, ApplicantKeyError};
pub use authority::{Authority, AuthorityError, AuthorityFiles};
pub use connection::{Connected, Origin};
pub use data::Data;
pub use dispatch::{Order, Reply, Undelivered};
pub use gateway::{Clock, ConfirmError, Gateway, RegisterError, StartError};
pub use relay::{RelayError, RelayOrder, RelayStream, Relayed};
