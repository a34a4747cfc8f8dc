//! The LDAP bind with SASL GSSAPI (RFC 4513, section 5.2; RFC 4752): after it every byte is protected.

use kerberos::{Initiator, KerberosError, Protection, Session, Ticket};
use model::error::chain;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::ber::{self, tag};
use crate::clock::Clock;

/// Longest reply to a step of the bind.
const MAX_REPLY: usize = 1 << 20;
/// Largest token that we offer to take: eight times a page of 500 objects.
const OFFERED: u32 = 4 << 20;
/// Smallest largest token of a server with which one can work.
const MIN_LARGEST: usize = 1024;
/// `bindRequest`, `bindResponse`, SASL credentials and those of the server (RFC 4511, section 4.2).
const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const SASL: u8 = 0xa3;
const SERVER_CREDENTIALS: u8 = 0x87;
/// Results (RFC 4511, appendix A).
const SUCCESS: u32 = 0;
const IN_PROGRESS: u32 = 14;
/// Bits of the layers that are offered (RFC 4752, section 3.3).
const LAYER_SIGNED: u8 = 2;
const LAYER_SEALED: u8 = 4;

/// Why a bind failed.
#[derive(Debug, Error)]
pub(crate) enum BindError {
    /// The connection failed.
    #[error("the connection failed")]
    Io(#[from] std::io::Error),
    /// The server ended the connection.
    #[error("the server ended the connection during the bind")]
    Ended,
    /// The server refuses.
    #[error("the server refuses the bind with the LDAP error {code}: {text}")]
    Refused {
        /// The result code.
        code: u32,
        /// What it says.
        text: String,
    },
    /// The server's reply is not valid.
    #[error("{0}")]
    NotValid(&'static str),
    /// The server cannot prove that it is the domain controller, or a token is not valid.
    #[error("{}", chain(.0))]
    Kerberos(#[from] KerberosError),
    /// The server offers no protection.
    #[error("the layers {layers:#x} are offered, neither signing nor sealing")]
    NoProtection {
        /// What it offers.
        layers: u8,
    },
}

/// A session that is bound, and how it is protected.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) session: Session,
    pub(crate) protection: Protection,
    /// Most bytes of data in one token.
    pub(crate) largest: usize,
}

/// Binds. Sealing where the server offers it, signing where it does not, nothing less.
///
/// # Errors
///
/// [`BindError`].
pub(crate) async fn bind<S>(
    stream: &mut S,
    ticket: &Ticket,
    clock: Clock,
) -> Result<Bound, BindError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut dialogue = Dialogue { stream, buffer: Vec::new(), number: 0 };
    let initiator = Initiator::new(ticket, clock.now())?;
    let proof = dialogue.step(initiator.token(), IN_PROGRESS).await?;
    let mut session = initiator.session(&proof)?;
    // The context is complete; an empty step asks for the layers (RFC 4752, section 3.1).
    let offer = dialogue.step(b"", IN_PROGRESS).await?;
    let offer = session.unwrap(&offer, Protection::Signed)?;
    let Some((&[layers, a, b, c], [])) = offer.split_first_chunk() else {
        return Err(BindError::NotValid("the offer of layers has not four bytes"));
    };
    let (layer, protection) = if layers & LAYER_SEALED != 0 {
        (LAYER_SEALED, Protection::Sealed)
    } else if layers & LAYER_SIGNED != 0 {
        (LAYER_SIGNED, Protection::Signed)
    } else {
        return Err(BindError::NoProtection { layers });
    };
    let largest = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
    let largest = largest.saturating_sub(Session::overhead());
    if largest < MIN_LARGEST {
        return Err(BindError::NotValid("the server takes too small tokens only"));
    }
    let [_, a, b, c] = OFFERED.to_be_bytes();
    // The choice is signed only, whatever it is (RFC 4752, section 3.1).
    let choice = session.wrap(&[layer, a, b, c], Protection::Signed)?;
    dialogue.step(&choice, SUCCESS).await?;
    match dialogue.buffer.is_empty() {
        true => Ok(Bound { session, protection, largest }),
        false => Err(BindError::NotValid("the server sends unprotected data after the bind")),
    }
}

/// Requests and responses of a bind.
struct Dialogue<'a, S> {
    stream: &'a mut S,
    buffer: Vec<u8>,
    number: u8,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<'_, S> {
    /// Sends a token and gets that of the server; the result has to be this one.
    async fn step(&mut self, token: &[u8], result: u32) -> Result<Vec<u8>, BindError> {
        self.number += 1;
        self.stream.write_all(&request(self.number, token)).await?;
        let response = self.message().await?;
        let (code, text, token) = response_parts(&response, self.number)
            .ok_or(BindError::NotValid("the answer to the bind cannot be read"))?;
        match code == result {
            true => Ok(token),
            false => Err(BindError::Refused { code, text }),
        }
    }

    /// The next whole message.
    async fn message(&mut self) -> Result<Vec<u8>, BindError> {
        loop {
            let not_ber = |_| BindError::NotValid("the answer to the bind is not LDAP");
            if let Some(length) = ber::length(&self.buffer).transpose().map_err(not_ber)? {
                if length > MAX_REPLY {
                    return Err(BindError::NotValid("the answer to the bind is too large"));
                }
                if self.buffer.len() >= length {
                    let rest = self.buffer.split_off(length);
                    return Ok(std::mem::replace(&mut self.buffer, rest));
                }
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(BindError::Ended);
            }
        }
    }
}

fn request(number: u8, token: &[u8]) -> Vec<u8> {
    let credentials = [ber::write(tag::OCTETS, b"GSSAPI"), ber::write(tag::OCTETS, token)].concat();
    let bind =
        [ber::small(tag::INTEGER, 3), ber::write(tag::OCTETS, b""), ber::write(SASL, &credentials)]
            .concat();
    let message = [ber::small(tag::INTEGER, number), ber::write(BIND_REQUEST, &bind)].concat();
    ber::write(tag::SEQUENCE, &message)
}

/// Result, text and token of a response; `None` if it is none to this request.
fn response_parts(message: &[u8], number: u8) -> Option<(u32, String, Vec<u8>)> {
    let (message, _) = ber::expect(message, tag::SEQUENCE)?;
    let (id, operation) = ber::expect(message, tag::INTEGER)?;
    let (response, _) = ber::expect(operation, BIND_RESPONSE)?;
    let (code, rest) = ber::expect(response, tag::ENUMERATED)?;
    let (_, rest) = ber::expect(rest, tag::OCTETS)?;
    let (text, mut rest) = ber::expect(rest, tag::OCTETS)?;
    if id != [number] || code.len() > 4 {
        return None;
    }
    let code = code.iter().fold(0, |code, octet| code << 8 | u32::from(*octet));
    let mut token = Vec::new();
    while let Some(element) = ber::read(rest) {
        if element.tag == SERVER_CREDENTIALS {
            token = element.value.to_vec();
        }
        rest = element.rest;
    }
    let text = model::domain::failure::server_text(&String::from_utf8_lossy(text));
    Some((code, text, token))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn response_of_active_directory_is_read() {
        // Lengths in four bytes, as Windows writes them.
        let inner = [
            &[2, 1, 1, 0x61, 0x84, 0, 0, 0, 16, 10, 1, 14, 4, 0, 4, 2][..],
            b"ok",
            &[0x87, 5],
            b"token",
        ]
        .concat();
        let length = u8::try_from(inner.len()).unwrap();
        let message = [&[0x30, 0x84, 0, 0, 0, length], &inner[..]].concat();
        let parts = response_parts(&message, 1).unwrap();
        assert_eq!(parts, (14, "ok".to_owned(), b"token".to_vec()));
        assert_eq!(response_parts(&message, 2), None, "the answer to another request");
    }

    proptest! {
        #[test]
        fn any_response_is_read_without_panic(bytes: Vec<u8>) {
            let _ = response_parts(&bytes, 1);
        }
    }
}
