//! The certificate of the admin page: the one in use, and how it changes.
//!
//! The settings role holds the truth: what is stored, what is on trial, and when that ends. This
//! role follows it. Whatever changes there, by a form, the REST interface, the end of a trial or a
//! restart of the settings role, is in use here a moment later, and the console shows the same.
//!
//! Each certificate has TLS settings of its own, tickets and sessions included: no client can resume
//! a session of one certificate under another, so a connection that was opened after a change has
//! seen the new certificate. Connections that were opened before are closed soon after.

mod active;
mod change;
mod error;
mod proof;
mod self_signed;

pub(crate) use active::{Active, Certificates};
pub(crate) use change::{ChangeError, Commitment};
pub(crate) use error::CertificateError;
pub(crate) use self_signed::{Subject, is_own};
