//! The protected connection: between the TCP stream and a pair of sockets whose other end speaks plain
//! LDAP.
//!
//! ```text
//! domain controller <-- tokens (RFC 4752, section 3.3) --> [ here ] <-- LDAP --> ldap3
//! ```
//!
//! One token may hold several LDAP messages or a part of one, and come in any number of pieces; none
//! of this concerns the LDAP client, which gets whole messages that it can read ([`Answers`]).

use std::io;
use std::sync::{Arc, OnceLock};

use kerberos::{KerberosError, Protection, Session};
use model::error::chain;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};

use crate::answers::{AnswerError, Answers, Requests};
use crate::bind::Bound;

/// Longest token that is taken: four times what is offered, because Windows is said to send more. It
/// is held several times over, and whoever is on the path can announce one.
const MAX_TOKEN: usize = 16 << 20;
/// Most data that is put into one token, whatever the server takes.
const MAX_DATA: usize = 64 << 10;

/// Why a connection ended.
#[derive(Debug, Error)]
pub enum EndReason {
    /// The domain controller ended it.
    #[error("the domain controller ended the connection")]
    Ended,
    /// It ended in the middle of a token.
    #[error("the connection ended in the middle of a token")]
    Cut,
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(io::Error),
    /// A token was changed, repeated or lost, or is not as protected as agreed.
    #[error("{}", chain(.0))]
    Token(KerberosError),
    /// What was sealed is no message that the LDAP client can be given.
    #[error("{0}")]
    Answer(AnswerError),
    /// A token is longer than is taken.
    #[error("a token of {length} bytes came")]
    TooLong {
        /// Its length.
        length: usize,
    },
}

impl EndReason {
    /// Whether somebody on the way is at work, or the server is not in its right mind.
    #[must_use]
    pub const fn is_tampering(&self) -> bool {
        matches!(self, Self::Token(_) | Self::TooLong { .. })
    }
}

/// What is known of the end, once it has come.
pub(crate) type End = Arc<OnceLock<EndReason>>;

/// Carries data until one side ends, and notes why.
pub(crate) async fn carry<S, L>(stream: S, local: L, bound: Bound, end: End)
where
    S: AsyncRead + AsyncWrite,
    L: AsyncRead + AsyncWrite,
{
    let (from_server, to_server) = split(stream);
    let (from_client, to_client) = split(local);
    // Both directions have numbers of their own and share the keys, and what was asked.
    let session = std::sync::Mutex::new(bound.session);
    let requests = std::sync::Mutex::new(Requests::default());
    let (protection, largest) = (bound.protection, bound.largest.min(MAX_DATA));
    let reason = tokio::select! {
        reason = outward(from_client, to_server, &requests, &session, protection, largest) => reason,
        reason = inward(from_server, to_client, &requests, &session, protection) => reason,
    };
    if let Some(reason) = reason {
        // Set once: only here.
        let _ = end.set(reason);
    }
}

/// From the LDAP client to the domain controller; `None` when the client ends.
async fn outward<L: AsyncRead, S: AsyncWrite>(
    mut client: ReadHalf<L>,
    mut server: WriteHalf<S>,
    requests: &std::sync::Mutex<Requests>,
    session: &std::sync::Mutex<Session>,
    protection: Protection,
    largest: usize,
) -> Option<EndReason> {
    let mut data = zeroize::Zeroizing::new(vec![0; largest]);
    loop {
        let length = match client.read(&mut data).await {
            Ok(0) => {
                let _ = server.shutdown().await;
                return None;
            }
            Ok(length) => length,
            Err(error) => return Some(EndReason::Io(error)),
        };
        let data = data.get(..length).unwrap_or_default();
        lock(requests).note(data);
        let token = match lock(session).wrap(data, protection) {
            Ok(token) => token,
            Err(error) => return Some(EndReason::Token(error)),
        };
        let length = u32::try_from(token.len()).unwrap_or(u32::MAX);
        if let Err(error) = server.write_all(&[&length.to_be_bytes(), &token[..]].concat()).await {
            return Some(EndReason::Io(error));
        }
    }
}

/// From the domain controller to the LDAP client; `None` when the client ends.
async fn inward<S: AsyncRead, L: AsyncWrite>(
    mut server: ReadHalf<S>,
    mut client: WriteHalf<L>,
    requests: &std::sync::Mutex<Requests>,
    session: &std::sync::Mutex<Session>,
    protection: Protection,
) -> Option<EndReason> {
    let mut answers = Answers::default();
    loop {
        let token = match read_token(&mut server).await {
            Ok(token) => token,
            Err(reason) => return Some(reason),
        };
        let data = match lock(session).unwrap(&token, protection) {
            Ok(data) => data,
            Err(error) => return Some(EndReason::Token(error)),
        };
        let messages = match answers.take(&data, &mut lock(requests)) {
            Ok(messages) => messages,
            Err(error) => return Some(EndReason::Answer(error)),
        };
        if client.write_all(&messages).await.is_err() {
            return None;
        }
    }
}

/// The next token, behind its length (RFC 4752, section 3.3).
///
/// # Errors
///
/// [`EndReason`]: there is no whole one.
pub async fn read_token(server: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, EndReason> {
    let mut length = [0; 4];
    match server.read(&mut length).await {
        Ok(0) => return Err(EndReason::Ended),
        Ok(4) => {}
        Ok(count) => {
            let rest = length.get_mut(count..).unwrap_or_default();
            server.read_exact(rest).await.map_err(cut)?;
        }
        Err(error) => return Err(EndReason::Io(error)),
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_TOKEN {
        return Err(EndReason::TooLong { length });
    }
    // Memory is taken as data comes, not as is announced.
    let mut token = Vec::new();
    let announced = u64::try_from(length).unwrap_or(u64::MAX);
    server.take(announced).read_to_end(&mut token).await.map_err(cut)?;
    if token.len() < length { Err(EndReason::Cut) } else { Ok(token) }
}

fn cut(error: io::Error) -> EndReason {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => EndReason::Cut,
        _ => EndReason::Io(error),
    }
}

/// Nothing can panic while the lock is held.
fn lock<T>(shared: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
