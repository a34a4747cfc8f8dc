//! The messages of a Kerberos 5 client, and the tokens with which GSS-API protects what follows.
//!
//! - [`AsExchange`]: a ticket-granting ticket for a password (RFC 4120, section 3.1), with names of
//!   the form `user@suffix` (RFC 6806).
//! - [`TgsExchange`]: a ticket for a service (RFC 4120, section 3.3).
//! - [`Initiator`]: the two tokens that begin a GSS-API session (RFC 4121, section 4.1).
//! - [`Session`]: tokens that sign and seal, with their sequence checked (RFC 4121, section 4.2).
//! - [`PasswordExchange`]: a change of the own password, or of another's (RFC 3244).
//!
//! Nothing here does I/O or asks the clock: a caller sends what is made and hands in what came. Keys
//! are AES only (RFC 3962); the ciphers come from `picky-krb`, the encoding from `der`. Whatever comes
//! from the network is read without panic: a fuzz target and the tests see to it.
#![forbid(unsafe_code)]

mod application;
mod as_exchange;
mod asn1;
mod error;
mod initiator;
mod key;
mod message;
mod password;
mod principal;
mod reply;
mod session;
mod tgs_exchange;

pub use as_exchange::{AsExchange, AsStep};
pub use error::{KdcError, KerberosError, code};
pub use initiator::Initiator;
pub use key::{EncryptionType, Key};
pub use password::{PasswordExchange, PasswordResult};
pub use principal::Principal;
pub use reply::{NtStatus, Ticket};
pub use session::{Protection, Session};
pub use tgs_exchange::TgsExchange;

/// A point in time: microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// Whole seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Microseconds of the second.
    #[must_use]
    pub const fn microseconds(self) -> i64 {
        self.0.rem_euclid(1_000_000)
    }
}
