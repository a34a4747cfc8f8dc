//! The Authentication Service exchange: a ticket-granting ticket for a password (RFC 4120, section 3.1).

use der::asn1::OctetString;
use der::{Decode, Encode};

use crate::asn1::{self, Integer, KerberosString};
use crate::error::{KerberosError, code, unreadable};
use crate::key::{EncryptionType, Key};
use crate::message::{
    EtypeInfo2Entry, KdcReq, KdcReqBody, PaData, PaEncTsEnc, VERSION, padata, tag, usage,
};
use crate::principal::Principal;
use crate::reply::{self, Asked, Ticket};
use crate::{Moment, application};

/// `canonicalize` (RFC 6806, section 3): the server may look the name up.
const CANONICALIZE: u32 = 1 << 16;
/// How long a ticket is asked for, in microseconds: ten hours, as Windows gives.
const LIFETIME: i64 = 10 * 3600 * 1_000_000;

/// A client that asks for its first ticket.
#[derive(Debug)]
pub struct AsExchange<'a> {
    client: Principal,
    server: Principal,
    password: Password<'a>,
    nonce: u32,
    /// The key of the password, once the server has named the salt.
    key: Option<Key>,
}

/// A password that `Debug` does not show.
struct Password<'a>(&'a str);

impl std::fmt::Debug for Password<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// What is to be done with a reply.
#[derive(Debug)]
pub enum AsStep {
    /// The request that has to be sent next.
    Send(Vec<u8>),
    /// The ticket, and the key of the password.
    Done {
        /// The ticket.
        ticket: Box<Ticket>,
        /// The key of the password: what the server's proof is checked with ([`Ticket::verify_issuer`]).
        key: Key,
    },
}

impl<'a> AsExchange<'a> {
    /// Begins an exchange for a ticket-granting ticket.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Random`].
    pub fn new(client: Principal, password: &'a str) -> Result<Self, KerberosError> {
        let server = Principal::ticket_granting(client.realm());
        Self::for_server(client, server, password)
    }

    /// Begins an exchange for a ticket that changes passwords: it has to be an initial one (RFC 3244).
    ///
    /// # Errors
    ///
    /// [`KerberosError::Random`].
    pub fn for_password_change(
        client: Principal,
        password: &'a str,
    ) -> Result<Self, KerberosError> {
        let server = Principal::service("kadmin", "changepw", client.realm());
        Self::for_server(client, server, password)
    }

    fn for_server(
        client: Principal,
        server: Principal,
        password: &'a str,
    ) -> Result<Self, KerberosError> {
        Ok(Self { client, server, password: Password(password), nonce: nonce()?, key: None })
    }

    /// The first request.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Encode`].
    pub fn request(&self, now: Moment) -> Result<Vec<u8>, KerberosError> {
        self.encode(now, None)
    }

    /// Takes a reply.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Kdc`] with what the server says; [`KerberosError::NoAesKeys`] if it offers no type
    /// of key that is used here; others for a reply that is not valid.
    pub fn step(&mut self, reply: &[u8], now: Moment) -> Result<AsStep, KerberosError> {
        let refusal = match reply::read(reply, tag::AS_REP) {
            Ok(reply) => {
                let key = match self.key.take() {
                    Some(key) => key,
                    // No proof was asked for: the account is exempt from it.
                    None => self.derive(reply.padata.as_deref().unwrap_or_default())?,
                };
                let asked = Asked {
                    client: &self.client,
                    server: &self.server.name,
                    nonce: self.nonce,
                    takes_referral: false,
                };
                let ticket = Box::new(reply::ticket(reply, &key, usage::AS_REP, &asked)?);
                return Ok(AsStep::Done { ticket, key });
            }
            Err(KerberosError::Kdc(error)) => error,
            Err(other) => return Err(other),
        };
        if refusal.code == code::ENCRYPTION_TYPE {
            return Err(KerberosError::NoAesKeys);
        }
        // The proof is given once: asked again after it, the server does not take it.
        if refusal.code != code::PRE_AUTHENTICATION_REQUIRED || self.key.is_some() {
            return Err(KerberosError::Kdc(refusal));
        }
        let offered = reply::padata(refusal.data.as_deref().unwrap_or_default())?;
        let key = self.derive(&offered)?;
        let request = self.encode(now, Some(proof(&key, now)?))?;
        self.key = Some(key);
        Ok(AsStep::Send(request))
    }

    /// The key of the password, with the salt that the server names (RFC 4120, section 5.2.7.5).
    fn derive(&self, offered: &[PaData]) -> Result<Key, KerberosError> {
        let Some(info) = offered.iter().find(|data| data.kind == padata::ETYPE_INFO2) else {
            let salt = self.client.default_salt();
            return Key::from_password(EncryptionType::Aes256, self.password.0, &salt, None);
        };
        let entries = Vec::<EtypeInfo2Entry>::from_der(info.value.as_bytes())
            .map_err(unreadable("the types of keys"))?;
        let best = EncryptionType::ALL.into_iter().find_map(|kind| {
            entries.iter().find(|entry| entry.etype == kind.number()).map(|entry| (kind, entry))
        });
        let (kind, entry) = best.ok_or(KerberosError::NoAesKeys)?;
        let salt =
            entry.salt.as_ref().map_or_else(|| self.client.default_salt(), |it| it.0.clone());
        let parameters = entry.parameters.as_ref().map(OctetString::as_bytes);
        Key::from_password(kind, self.password.0, &salt, parameters)
    }

    fn encode(&self, now: Moment, proof: Option<PaData>) -> Result<Vec<u8>, KerberosError> {
        let options = if self.client.is_enterprise() { CANONICALIZE } else { 0 };
        let body = KdcReqBody {
            options: asn1::flags(options)?,
            cname: Some(self.client.name.clone()),
            realm: KerberosString(self.client.realm.clone()),
            sname: Some(self.server.name.clone()),
            till: asn1::time(Moment(now.0.saturating_add(LIFETIME)))?,
            nonce: Integer(i64::from(self.nonce)),
            etype: EncryptionType::ALL.map(EncryptionType::number).into(),
        };
        let padata = proof.map(|proof| vec![proof]);
        let request = KdcReq { pvno: VERSION, kind: Integer(i64::from(tag::AS_REQ)), padata, body };
        application::encode(tag::AS_REQ, &request)
    }
}

/// The time, encrypted with the key of the password (RFC 4120, section 5.2.7.2).
fn proof(key: &Key, now: Moment) -> Result<PaData, KerberosError> {
    let (time, microseconds) = reply::stamp(now)?;
    let clear = PaEncTsEnc { time, microseconds: Some(microseconds) };
    let clear = clear.to_der().map_err(KerberosError::Encode)?;
    let sealed = key.seal(usage::AS_REQ_TIMESTAMP, &clear)?;
    let value = sealed.to_der().and_then(OctetString::new).map_err(KerberosError::Encode)?;
    Ok(PaData { kind: padata::ENC_TIMESTAMP, value })
}

/// A number that ties a reply to its request: 31 bits, which every server takes.
pub(crate) fn nonce() -> Result<u32, KerberosError> {
    getrandom::u32().map(|number| number >> 1).map_err(|_| KerberosError::Random)
}
