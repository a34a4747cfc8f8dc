//! Active Directory domains: found in DNS, checked, joined, kept, searched.
//!
//! ```text
//! DNS (SRV) -> CLDAP ping -> Kerberos -> bind with GSSAPI on port 389 -> sealed LDAP
//! ```
//!
//! Everything that the appliance has of a domain is a machine account, whose password only this role
//! knows. The password of the administrator who joins is used once and kept nowhere. [`Domains`] is
//! what there is to do with them.
#![forbid(unsafe_code)]

mod account;
mod answers;
mod ber;
mod bind;
mod board;
mod check;
mod clock;
mod connection;
mod controller;
mod dns;
mod domains;
mod entry;
mod error;
mod identifier;
mod join;
mod kdc;
mod link;
mod lookup;
mod netlogon;
mod sealed;
mod search;
mod service;
mod session;
mod store;
mod task;
mod trusts;

pub use answers::{AnswerError, Answers, Requests};
pub use clock::Clock;
pub use dns::service_hosts;
pub use domains::{Domains, JoinError};
pub use entry::{Range, range};
pub use error::DirectoryError;
pub use identifier::{guid_bytes, guid_text, sid_bytes, sid_text};
pub use netlogon::{Netlogon, parse as parse_netlogon};
pub use sealed::{EndReason, read_token};
pub use store::Store;
pub use task::{DirectoryConfig, run};
