//! Changes of passwords by the service on port 464 (RFC 3244).

use der::asn1::{AnyRef, OctetString};
use der::{Decode, Encode};
use zeroize::Zeroizing;

use crate::asn1::{Integer, KerberosString};
use crate::error::KerberosError;
use crate::initiator::{self, Request};
use crate::key::Key;
use crate::message::{ChangePasswdData, EncKrbPrivPart, HostAddress, KrbPriv, VERSION, tag, usage};
use crate::principal::Principal;
use crate::reply::{self, Ticket};
use crate::{Moment, application};

/// Version of the request that names whose password it is.
const SET_PASSWORD: [u8; 2] = [0xff, 0x80];
/// Type of an IPv4 address (RFC 4120, section 7.5.3).
const IPV4: Integer = Integer(2);

/// A change of a password.
#[derive(Debug)]
pub struct PasswordExchange {
    ticket_key: Key,
    subkey: Key,
    now: Moment,
    request: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordResult {
    /// It is changed.
    Changed,
    /// It is not.
    Refused {
        /// The code (RFC 3244, section 2): 4 = a policy does not take the password, 5 = no right.
        code: u16,
        /// What the server says.
        text: String,
    },
}

impl PasswordExchange {
    /// Makes the request, from a ticket for `kadmin/changepw`. Without a target it is the password of the
    /// client itself.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Encode`] or [`KerberosError::Random`].
    pub fn new(
        ticket: &Ticket,
        target: Option<&Principal>,
        password: &str,
        now: Moment,
    ) -> Result<Self, KerberosError> {
        let proof = Request::new(ticket, None, 0, now)?;
        let octets = |bytes: &[u8]| OctetString::new(bytes).map_err(KerberosError::Encode);
        let data = ChangePasswdData {
            password: octets(password.as_bytes())?,
            target: target.map(|target| target.name.clone()),
            realm: target.map(|target| KerberosString(target.realm.clone())),
        };
        let data = Zeroizing::new(data.to_der().map_err(KerberosError::Encode)?);
        let part = EncKrbPrivPart {
            data: octets(&data)?,
            time: None,
            usec: None,
            sequence: Some(Integer(i64::from(proof.sequence))),
            // Behind a router it would not be what the server sees; Windows and Samba do not look at it.
            s_address: HostAddress { kind: IPV4, address: octets(&[0; 4])? },
            r_address: None,
        };
        let part = Zeroizing::new(application::encode(tag::ENC_PRIV_PART, &part)?);
        let message = KrbPriv {
            pvno: VERSION,
            kind: Integer(i64::from(tag::PRIV)),
            enc_part: proof.subkey.seal(usage::PRIV, &part)?,
        };
        let message = application::encode(tag::PRIV, &message)?;
        let too_long = || KerberosError::Unexpected("a password is too long");
        let length = u16::try_from(6 + proof.message.len() + message.len());
        let proof_length = u16::try_from(proof.message.len()).map_err(|_| too_long())?;
        let mut request = length.map_err(|_| too_long())?.to_be_bytes().to_vec();
        request.extend(SET_PASSWORD);
        request.extend(proof_length.to_be_bytes());
        request.extend(&proof.message);
        request.extend(&message);
        Ok(Self { ticket_key: ticket.key.clone(), subkey: proof.subkey, now, request })
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes the reply.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Kdc`] with what the server says; others for a reply that is not valid.
    pub fn result(&self, reply: &[u8]) -> Result<PasswordResult, KerberosError> {
        if application::number(reply) == Some(tag::ERROR) {
            return Err(KerberosError::Kdc(Box::new(reply::error(reply)?)));
        }
        let short = || KerberosError::Unexpected("the reply to a new password is too short");
        let (header, rest) = reply.split_first_chunk::<6>().ok_or_else(short)?;
        let [_, _, _, _, high, low] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (proof, message) = rest.split_at_checked(length).ok_or_else(short)?;
        if proof.is_empty() {
            return refusal(message);
        }
        let part = initiator::proof(proof, &self.ticket_key, self.now)?;
        let key = part.subkey.as_ref().map(Key::read).transpose()?;
        let what = "the result of a new password";
        let message: KrbPriv = application::read(message, tag::PRIV, what)?;
        // RFC 3244 leaves open which of both keys it is; Windows and Samba use ours.
        let opened = self.subkey.open(usage::PRIV, &message.enc_part, what);
        let part = match (opened, key) {
            (Err(_), Some(key)) => key.open(usage::PRIV, &message.enc_part, what)?,
            (opened, _) => opened?,
        };
        let part: EncKrbPrivPart = application::read(&part, tag::ENC_PRIV_PART, what)?;
        result(part.data.as_bytes())
    }
}

/// An error message that holds a result.
fn refusal(message: &[u8]) -> Result<PasswordResult, KerberosError> {
    let error = reply::error(message)?;
    match &error.data {
        Some(data) if data.len() >= 2 => result(data),
        _ => Err(KerberosError::Kdc(Box::new(error))),
    }
}

/// Two bytes of code, then a text; Windows puts the rules of its passwords there instead.
fn result(data: &[u8]) -> Result<PasswordResult, KerberosError> {
    let Some((code, text)) = data.split_first_chunk() else {
        return Err(KerberosError::Unexpected("the result of a new password is empty"));
    };
    Ok(match u16::from_be_bytes(*code) {
        0 => PasswordResult::Changed,
        code => {
            let text = match AnyRef::from_der(text) {
                Ok(_) => String::new(),
                Err(_) => String::from_utf8_lossy(text).chars().take(200).collect(),
            };
            PasswordResult::Refused { code, text }
        }
    })
}
