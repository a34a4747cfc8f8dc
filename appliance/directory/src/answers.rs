//! What a domain controller sends over a sealed connection, read before the LDAP client gets it.
//!
//! The client trusts its server: an element that is missing or of another kind, or an answer of another
//! kind than was asked for, makes it panic, and a panic ends the whole role. So only those messages are
//! handed on that answer a request and whose every element is as RFC 4511 has it, and of one answer no
//! more than fits into memory.

use std::cell::Cell;
use std::collections::BTreeMap;

use thiserror::Error;

use crate::ber::{self, NotBer, tag};

/// Most bytes of the answer to one request, of which there are several copies on the way to whoever
/// asked. A page of 500 objects has about half a megabyte.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// Most elements of the answer to one request: the client makes a structure of each. A page of 500
/// objects has about 20,000.
const MAX_ELEMENTS: usize = 1 << 17;
/// Most requests that wait for their answers. The eldest is forgotten then: its time was up long ago.
const MAX_WAITING: usize = 1024;
/// Longest beginning of a request in which its number and its kind stand.
const MAX_HEAD: usize = 16;

/// Requests (RFC 4511, section 4.2 and following).
mod request {
    pub(super) const SEARCH: u8 = 0x63;
    pub(super) const MODIFY: u8 = 0x66;
    pub(super) const ADD: u8 = 0x68;
    pub(super) const DELETE: u8 = 0x4a;
}

/// Their answers, and the parts of these that have tags of their own.
mod answer {
    pub(super) const ENTRY: u8 = 0x64;
    pub(super) const DONE: u8 = 0x65;
    pub(super) const REFERENCE: u8 = 0x73;
    pub(super) const MODIFIED: u8 = 0x67;
    pub(super) const ADDED: u8 = 0x69;
    pub(super) const DELETED: u8 = 0x6b;
    pub(super) const REFERRAL: u8 = 0xa3;
    pub(super) const CONTROLS: u8 = 0xa0;
    pub(super) const SET: u8 = 0x31;
}

/// Why a message is not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnswerError {
    /// An element is missing, too much, or not as it has to be.
    #[error("an LDAP message is not built as RFC 4511 says")]
    NotLdap,
    /// Its number is that of no request.
    #[error("an LDAP message answers nothing that was asked")]
    Unasked,
    /// It is no answer to a request of this kind.
    #[error("an LDAP message answers something else than was asked")]
    OtherKind,
    /// The answer to one request has too many bytes or elements.
    #[error(
        "the answer to an LDAP request has more than {} MiB or {MAX_ELEMENTS} elements",
        MAX_BYTES >> 20
    )]
    TooLarge,
}

impl From<NotBer> for AnswerError {
    fn from(_: NotBer) -> Self {
        Self::NotLdap
    }
}

/// Requests that wait for their answers.
#[derive(Debug, Default)]
pub struct Requests {
    waiting: BTreeMap<u32, Waiting>,
    /// The beginning of a request, as long as its kind is not known.
    head: Vec<u8>,
    /// How many bytes of a request are still to come.
    following: usize,
}

/// A request, and how much has come for it.
#[derive(Debug)]
struct Waiting {
    operation: u8,
    bytes: usize,
    elements: usize,
}

impl Requests {
    /// Notes what the client sends, in pieces of any size. Nothing is kept of what the requests hold.
    pub fn note(&mut self, mut piece: &[u8]) {
        loop {
            let skipped = self.following.min(piece.len());
            self.following -= skipped;
            let Some((first, rest)) = piece.get(skipped..).and_then(<[u8]>::split_first) else {
                return;
            };
            piece = rest;
            self.head.push(*first);
            if let Some((length, number, operation)) = head(&self.head) {
                self.following = length.saturating_sub(self.head.len());
                self.head.clear();
                self.add(number, operation);
            } else if self.head.len() == MAX_HEAD {
                // No request of the client begins so.
                self.head.clear();
            }
        }
    }

    fn add(&mut self, number: u32, operation: u8) {
        use request::{ADD, DELETE, MODIFY, SEARCH};
        if [SEARCH, MODIFY, ADD, DELETE].contains(&operation) {
            self.waiting.insert(number, Waiting { operation, bytes: 0, elements: 0 });
        }
        if self.waiting.len() > MAX_WAITING {
            self.waiting.pop_first();
        }
    }

    /// Checks a message, and tells whether the client gets it.
    fn answer(&mut self, message: &[u8]) -> Result<bool, AnswerError> {
        let elements = Cell::new(0);
        let mut message_parts = Parts { rest: message, elements: &elements };
        let mut parts = message_parts.inside(tag::SEQUENCE)?;
        let number = number(parts.next(tag::INTEGER)?).ok_or(AnswerError::NotLdap)?;
        if number == 0 {
            // A notice that nobody asked for (RFC 4511, section 4.4): the end of the connection follows,
            // and says as much. Active Directory does not build it as the standard has it.
            return Ok(false);
        }
        let waiting = self.waiting.get_mut(&number).ok_or(AnswerError::Unasked)?;
        let kind = *parts.rest.first().ok_or(AnswerError::NotLdap)?;
        let is_last = match (waiting.operation, kind) {
            (request::SEARCH, answer::ENTRY | answer::REFERENCE) => false,
            (request::SEARCH, answer::DONE)
            | (request::MODIFY, answer::MODIFIED)
            | (request::ADD, answer::ADDED)
            | (request::DELETE, answer::DELETED) => true,
            _ => return Err(AnswerError::OtherKind),
        };
        let operation = parts.inside(kind)?;
        match kind {
            answer::ENTRY => entry(operation)?,
            answer::REFERENCE => texts(operation)?,
            _ => result(operation)?,
        }
        if !parts.is_empty() {
            controls(parts.inside(answer::CONTROLS)?)?;
        }
        parts.end()?;
        waiting.bytes += message.len();
        waiting.elements += elements.get();
        if waiting.bytes > MAX_BYTES || waiting.elements > MAX_ELEMENTS {
            return Err(AnswerError::TooLarge);
        }
        if is_last {
            self.waiting.remove(&number);
        }
        Ok(true)
    }
}

/// Messages of the domain controller, which come in pieces of any size.
#[derive(Debug, Default)]
pub struct Answers {
    /// The beginning of a message that is not whole yet.
    buffer: Vec<u8>,
}

impl Answers {
    /// Takes the next piece and gives the whole messages that the client gets.
    ///
    /// # Errors
    ///
    /// [`AnswerError`]: the connection has to end.
    pub fn take(&mut self, piece: &[u8], requests: &mut Requests) -> Result<Vec<u8>, AnswerError> {
        self.buffer.extend_from_slice(piece);
        let mut passed = Vec::with_capacity(self.buffer.len());
        let mut rest = self.buffer.as_slice();
        while let Some(length) = ber::length(rest).transpose()? {
            if length > MAX_BYTES {
                return Err(AnswerError::TooLarge);
            }
            let Some((message, after)) = rest.split_at_checked(length) else { break };
            if requests.answer(message)? {
                passed.extend_from_slice(message);
            }
            rest = after;
        }
        let done = self.buffer.len() - rest.len();
        self.buffer.drain(..done);
        Ok(passed)
    }
}

/// Length, number and kind of the request that begins so; `None` as long as that is not known.
fn head(bytes: &[u8]) -> Option<(usize, u32, u8)> {
    let length = ber::length(bytes)?.ok()?;
    let id = ber::read(ber::contents(bytes)?).filter(|id| id.tag == tag::INTEGER)?;
    Some((length, number(id.value)?, *id.rest.first()?))
}

/// The number of a message (RFC 4511, section 4.1.1.1).
fn number(octets: &[u8]) -> Option<u32> {
    let is_positive = octets.first().is_some_and(|first| first & 0x80 == 0);
    let is_short = (1..=4).contains(&octets.len());
    (is_positive && is_short)
        .then(|| octets.iter().fold(0, |number, octet| number << 8 | u32::from(*octet)))
}

/// Elements that follow each other, and how many there were in the whole message.
struct Parts<'a, 'c> {
    rest: &'a [u8],
    elements: &'c Cell<usize>,
}

impl<'a> Parts<'a, '_> {
    /// The contents of the next element, which has to be of this tag.
    fn next(&mut self, tag: u8) -> Result<&'a [u8], AnswerError> {
        let (value, rest) = ber::expect(self.rest, tag).ok_or(AnswerError::NotLdap)?;
        self.rest = rest;
        self.elements.set(self.elements.get() + 1);
        Ok(value)
    }

    /// The elements in the next one.
    fn inside(&mut self, tag: u8) -> Result<Self, AnswerError> {
        Ok(Self { rest: self.next(tag)?, elements: self.elements })
    }

    /// The next element as a text.
    fn text(&mut self) -> Result<(), AnswerError> {
        let octets = self.next(tag::OCTETS)?;
        std::str::from_utf8(octets).map(drop).map_err(|_| AnswerError::NotLdap)
    }

    fn is_next(&self, tag: u8) -> bool {
        self.rest.first() == Some(&tag)
    }

    const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    const fn end(&self) -> Result<(), AnswerError> {
        if self.is_empty() { Ok(()) } else { Err(AnswerError::NotLdap) }
    }
}

/// An object that was found (RFC 4511, section 4.5.2).
fn entry(mut parts: Parts<'_, '_>) -> Result<(), AnswerError> {
    parts.text()?;
    let mut attributes = parts.inside(tag::SEQUENCE)?;
    while !attributes.is_empty() {
        let mut attribute = attributes.inside(tag::SEQUENCE)?;
        attribute.text()?;
        let mut values = attribute.inside(answer::SET)?;
        while !values.is_empty() {
            values.next(tag::OCTETS)?;
        }
        attribute.end()?;
    }
    parts.end()
}

/// Addresses of other servers.
fn texts(mut parts: Parts<'_, '_>) -> Result<(), AnswerError> {
    while !parts.is_empty() {
        parts.text()?;
    }
    Ok(())
}

/// How a request has ended (RFC 4511, section 4.1.9).
fn result(mut parts: Parts<'_, '_>) -> Result<(), AnswerError> {
    number(parts.next(tag::ENUMERATED)?).ok_or(AnswerError::NotLdap)?;
    parts.text()?;
    parts.text()?;
    if !parts.is_empty() {
        texts(parts.inside(answer::REFERRAL)?)?;
    }
    parts.end()
}

/// What is said besides (RFC 4511, section 4.1.11).
fn controls(mut parts: Parts<'_, '_>) -> Result<(), AnswerError> {
    while !parts.is_empty() {
        let mut control = parts.inside(tag::SEQUENCE)?;
        control.text()?;
        if control.is_next(tag::BOOLEAN) && control.next(tag::BOOLEAN)?.len() != 1 {
            return Err(AnswerError::NotLdap);
        }
        if !control.is_empty() {
            control.next(tag::OCTETS)?;
        }
        control.end()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
