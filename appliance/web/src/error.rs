//! Why the role ends.

use std::io;
use std::net::SocketAddr;

use bus::BusError;
use thiserror::Error;

use crate::certificate::CertificateError;

/// Why the role ends. PID 1 starts it again after a pause.
#[derive(Debug, Error)]
pub enum WebError {
    /// The port cannot be opened.
    #[error("listen on {address}")]
    Listen {
        /// Address and port.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The settings role does not hand out the certificate.
    #[error("load the certificate of the admin page")]
    Settings(#[source] BusError),
    /// No certificate can be made.
    #[error("make the certificate of the admin page")]
    Certificate(#[source] CertificateError),
    /// The server does not answer itself.
    #[error("ask the admin page itself")]
    SelfCheck(#[source] SelfCheckError),
    /// PID 1 does not take the report.
    #[error("report to init")]
    Init(#[source] BusError),
    /// The signal to end cannot be caught.
    #[error("catch the signal to end")]
    Signal(#[source] io::Error),
}

/// Why the server does not answer itself.
#[derive(Debug, Error)]
pub enum SelfCheckError {
    /// The TLS client cannot be set up.
    #[error("set up the TLS client")]
    Client(#[source] rustls::Error),
    /// Connecting, the handshake or the transfer failed.
    #[error("talk to the own port")]
    Io(#[source] io::Error),
    /// No answer in time.
    #[error("no answer within {seconds} s")]
    TimedOut {
        /// Limit in seconds.
        seconds: u64,
    },
    /// It answers something else.
    #[error("the answer is `{0}`")]
    Answer(String),
}
