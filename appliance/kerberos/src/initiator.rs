//! The two tokens that begin a GSS-API session: a request with a ticket, and the server's proof that
//! it could open it (RFC 4121, section 4.1).

use der::asn1::{AnyRef, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Tag, TagNumber};

use crate::asn1::{self, Integer, KerberosString};
use crate::error::{KerberosError, unreadable};
use crate::key::Key;
use crate::message::{ApRep, ApReq, Authenticator, Checksum, EncApRepPart, VERSION, tag, usage};
use crate::reply::{self, Ticket};
use crate::session::Session;
use crate::{Moment, application};

/// The mechanism Kerberos 5 (RFC 4121, section 4.1).
const MECHANISM: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113554.1.2.2");
/// Marks of the tokens.
const REQUEST: [u8; 2] = [1, 0];
const REPLY: [u8; 2] = [2, 0];
const ERROR: [u8; 2] = [3, 0];
/// Type of the checksum in which the flags of GSS-API stand (RFC 4121, section 4.1.1).
const GSS_CHECKSUM: Integer = Integer(0x8003);
/// Mutual authentication, replay and sequence detection, confidentiality, integrity
/// (RFC 4121, section 4.1.1.1).
const FLAGS: u32 = 2 | 4 | 8 | 16 | 32;
/// `mutual-required` (RFC 4120, section 5.5.1).
const MUTUAL_REQUIRED: u32 = 1 << 29;

/// A client that begins a session.
#[derive(Debug)]
pub struct Initiator {
    ticket_key: Key,
    subkey: Key,
    sequence: u32,
    now: Moment,
    token: Vec<u8>,
}

impl Initiator {
    /// Makes the first token from a ticket for the server.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Encode`] or [`KerberosError::Random`].
    pub fn new(ticket: &Ticket, now: Moment) -> Result<Self, KerberosError> {
        let mut flags = vec![16, 0, 0, 0];
        // No channel binding: port 389 has no TLS.
        flags.extend([0; 16]);
        flags.extend(FLAGS.to_le_bytes());
        let checksum = OctetString::new(flags).map_err(KerberosError::Encode)?;
        let checksum = Checksum { kind: GSS_CHECKSUM, checksum };
        let request = Request::new(ticket, Some(checksum), MUTUAL_REQUIRED, now)?;
        let mut inner = MECHANISM.to_der().map_err(KerberosError::Encode)?;
        inner.extend(REQUEST);
        inner.extend(&request.message);
        // Not a message of Kerberos, but the same frame: [APPLICATION 0] (RFC 2743, section 3.1).
        let outer = Tag::Application { constructed: true, number: TagNumber(0) };
        let token = AnyRef::new(outer, &inner).and_then(|it| it.to_der());
        let token = token.map_err(KerberosError::Encode)?;
        let Request { subkey, sequence, .. } = request;
        Ok(Self { ticket_key: ticket.key.clone(), subkey, sequence, now, token })
    }

    /// The first token.
    #[must_use]
    pub fn token(&self) -> &[u8] {
        &self.token
    }

    /// Takes the server's token: it proves that the server could open the ticket.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Kdc`] if the server refuses; [`KerberosError::Integrity`] or
    /// [`KerberosError::Unexpected`] if the proof does not hold.
    pub fn session(self, token: &[u8]) -> Result<Session, KerberosError> {
        let what = "the token of the server";
        let outer = AnyRef::from_der(token).map_err(unreadable(what))?;
        let frame = Tag::Application { constructed: true, number: TagNumber(0) };
        let mechanism = MECHANISM.to_der().map_err(KerberosError::Encode)?;
        let inner = match der::Tagged::tag(&outer) == frame {
            true => outer.value().strip_prefix(mechanism.as_slice()),
            false => None,
        };
        let unexpected = KerberosError::Unexpected("the token of the server is of another kind");
        let Some((mark, message)) = inner.and_then(|inner| inner.split_at_checked(2)) else {
            return Err(unexpected);
        };
        if mark == ERROR {
            return Err(KerberosError::Kdc(Box::new(reply::error(message)?)));
        }
        if mark != REPLY {
            return Err(unexpected);
        }
        let part = proof(message, &self.ticket_key, self.now)?;
        let acceptor = part.subkey.as_ref().map(Key::read).transpose()?;
        // Without a number of its own the server begins with ours (RFC 4121, section 4.2.1 note).
        let expected = part.sequence.map_or(self.sequence, Integer::low32);
        Ok(Session::new(self.subkey, acceptor, u64::from(self.sequence), u64::from(expected)))
    }
}

/// An `AP-REQ` and what belongs to it.
pub(crate) struct Request {
    pub(crate) message: Vec<u8>,
    pub(crate) subkey: Key,
    pub(crate) sequence: u32,
}

impl Request {
    pub(crate) fn new(
        ticket: &Ticket,
        checksum: Option<Checksum>,
        options: u32,
        now: Moment,
    ) -> Result<Self, KerberosError> {
        let subkey = Key::random(ticket.key.kind())?;
        let sequence = crate::as_exchange::nonce()?;
        let (ctime, cusec) = reply::stamp(now)?;
        let authenticator = Authenticator {
            version: VERSION,
            crealm: KerberosString(ticket.client.realm.clone()),
            cname: ticket.client.name.clone(),
            checksum,
            cusec,
            ctime,
            subkey: Some(subkey.write()?),
            sequence: Some(Integer(i64::from(sequence))),
        };
        let clear = application::encode(tag::AUTHENTICATOR, &authenticator)?;
        let request = ApReq {
            pvno: VERSION,
            kind: Integer(i64::from(tag::AP_REQ)),
            options: asn1::flags(options)?,
            ticket: ticket.message.clone(),
            authenticator: ticket.key.seal(usage::AP_REQ_AUTHENTICATOR, &clear)?,
        };
        let message = application::encode(tag::AP_REQ, &request)?;
        Ok(Self { message, subkey, sequence })
    }
}

/// Reads an `AP-REP` and checks that it answers the request of this moment.
pub(crate) fn proof(
    message: &[u8],
    ticket_key: &Key,
    asked: Moment,
) -> Result<EncApRepPart, KerberosError> {
    let what = "the proof of the server";
    let reply: ApRep = application::read(message, tag::AP_REP, what)?;
    let part = ticket_key.open(usage::AP_REP, &reply.enc_part, what)?;
    let part: EncApRepPart = application::read(&part, tag::ENC_AP_REP_PART, what)?;
    let is_ours =
        asn1::seconds(&part.ctime) == asked.seconds() && part.cusec.0 == asked.microseconds();
    match is_ours {
        true => Ok(part),
        false => Err(KerberosError::Unexpected("the proof of the server is for another request")),
    }
}
