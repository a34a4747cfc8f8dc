//! What comes back: tickets and errors.

use std::fmt;

use der::asn1::Any;
use der::{Decode, Encode};

use crate::application;
use crate::asn1::{self, Integer};
use crate::error::{KdcError, KerberosError, unreadable};
use crate::key::Key;
use crate::message::{EncKdcRepPart, KdcRep, KrbError, PaData, PrincipalName, padata, tag, usage};
use crate::principal::Principal;
use crate::{Moment, message};

/// Longest text of an error that is kept, in characters.
const MAX_TEXT: usize = 200;

/// A ticket and the key that goes with it. Nothing of it is shown.
#[derive(Clone)]
pub struct Ticket {
    /// For whom it is, as the server names them.
    pub(crate) client: Principal,
    /// What it is for, as the server names it.
    pub(crate) server: Principal,
    /// As it came: only the server reads it.
    pub(crate) message: Any,
    pub(crate) key: Key,
    end: i64,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ticket({} for {}, until {})", self.client, self.server, self.end)
    }
}

impl Ticket {
    /// For whom it is, as the server names them.
    #[must_use]
    pub const fn client(&self) -> &Principal {
        &self.client
    }

    /// What it is for, as the server names it.
    #[must_use]
    pub const fn server(&self) -> &Principal {
        &self.server
    }

    /// When it ends, in seconds since 1970.
    #[must_use]
    pub const fn end(&self) -> i64 {
        self.end
    }

    /// Opens the ticket with the key that its server has: only a Key Distribution Center that knows the
    /// key can have made it. Used for a ticket to ourselves.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Integrity`] if it was made with another key, [`KerberosError::NoAesKeys`] if with
    /// another type of key.
    pub fn verify_issuer(&self, key: &Key) -> Result<(), KerberosError> {
        let what = "the ticket to ourselves";
        let ticket = self.message.to_der().map_err(KerberosError::Encode)?;
        let ticket: message::TicketMessage = application::read(&ticket, tag::TICKET, what)?;
        let part = key.open(usage::TICKET, &ticket.enc_part, what)?;
        match application::number(&part) {
            Some(tag::ENC_TICKET_PART) => Ok(()),
            _ => Err(KerberosError::Unexpected("the ticket to ourselves holds something else")),
        }
    }
}

/// What was asked for, to compare the reply with.
pub(crate) struct Asked<'a> {
    pub(crate) client: &'a Principal,
    pub(crate) server: &'a PrincipalName,
    pub(crate) nonce: u32,
    /// Whether the server may name another service: a referral.
    pub(crate) takes_referral: bool,
}

/// Reads a reply whose secret part is encrypted with this key.
pub(crate) fn ticket(
    reply: KdcRep,
    key: &Key,
    usage: i32,
    asked: &Asked<'_>,
) -> Result<Ticket, KerberosError> {
    let what = "the reply of the Key Distribution Center";
    let part = key.open(usage, &reply.enc_part, what)?;
    // RFC 4120, section 5.4.2: some servers use the tag of the other reply.
    let part: EncKdcRepPart = match application::number(&part) {
        Some(number @ (tag::ENC_AS_REP_PART | tag::ENC_TGS_REP_PART)) => {
            application::read(&part, number, what)?
        }
        _ => return Err(KerberosError::Unexpected("a reply holds something else")),
    };
    if part.nonce.low32() != asked.nonce {
        return Err(KerberosError::Unexpected("a reply belongs to another request"));
    }
    let is_server = part.sname.is_same(asked.server);
    let is_referral = asked.takes_referral
        && part.sname.name_string.first().is_some_and(|first| first.0 == "krbtgt");
    if !is_server && !is_referral {
        return Err(KerberosError::Unexpected("a reply is for another service"));
    }
    let client = Principal { name: reply.cname, realm: reply.crealm.0 };
    if !asked.client.is_enterprise() && !client.name.is_same(&asked.client.name) {
        return Err(KerberosError::Unexpected("a reply is for another user"));
    }
    let server = Principal { name: part.sname, realm: part.srealm.0 };
    let end = asn1::seconds(&part.end_time);
    Ok(Ticket { client, server, message: reply.ticket, key: Key::read(&part.key)?, end })
}

/// Tells a reply from an error.
pub(crate) fn read(bytes: &[u8], number: u32) -> Result<KdcRep, KerberosError> {
    let what = "the reply of the Key Distribution Center";
    match application::number(bytes) {
        Some(tag::ERROR) => Err(KerberosError::Kdc(Box::new(error(bytes)?))),
        _ => application::read(bytes, number, what),
    }
}

/// Reads an error.
pub(crate) fn error(bytes: &[u8]) -> Result<KdcError, KerberosError> {
    let error: KrbError = application::read(bytes, tag::ERROR, "an error message")?;
    let data = error.data.map(|data| data.as_bytes().to_vec());
    Ok(KdcError {
        code: error.code.0,
        server_time: asn1::seconds(&error.stime),
        client_realm: error.crealm.map(|realm| realm.0),
        status: data.as_deref().and_then(NtStatus::read),
        text: error.text.map(|text| text.0.chars().take(MAX_TEXT).collect()),
        data,
    })
}

/// A code of Windows that comes with an error (MS-ERREF 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NtStatus(pub u32);

impl NtStatus {
    /// `STATUS_ACCOUNT_DISABLED`.
    pub const ACCOUNT_DISABLED: Self = Self(0xc000_0072);
    /// `STATUS_ACCOUNT_LOCKED_OUT`.
    pub const ACCOUNT_LOCKED_OUT: Self = Self(0xc000_0234);
    /// `STATUS_ACCOUNT_EXPIRED`.
    pub const ACCOUNT_EXPIRED: Self = Self(0xc000_0193);

    /// Reads the data of an error: either bare pre-authentication data of type 3 or `KERB-ERROR-DATA`,
    /// both of which hold the code in their first four bytes, least first (MS-KILE 2.2.1 and 3.1.5.5).
    fn read(data: &[u8]) -> Option<Self> {
        let value = match PaData::from_der(data) {
            Ok(entry) if entry.kind == padata::PW_SALT => entry.value,
            _ => {
                let list = Vec::<PaData>::from_der(data).ok()?;
                list.into_iter().find(|entry| entry.kind == padata::PW_SALT)?.value
            }
        };
        value.as_bytes().first_chunk().map(|bytes| Self(u32::from_le_bytes(*bytes)))
    }
}

/// Reads a list of pre-authentication data.
pub(crate) fn padata(bytes: &[u8]) -> Result<Vec<PaData>, KerberosError> {
    Vec::<PaData>::from_der(bytes).map_err(unreadable("the pre-authentication data"))
}

/// The time of a message and its microseconds.
pub(crate) fn stamp(now: Moment) -> Result<(der::asn1::GeneralizedTime, Integer), KerberosError> {
    Ok((asn1::time(now)?, Integer(now.microseconds())))
}
