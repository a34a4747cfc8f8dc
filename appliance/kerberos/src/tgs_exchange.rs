//! The Ticket-Granting Service exchange: a ticket for a service (RFC 4120, section 3.3).

use der::Encode;
use der::asn1::OctetString;

use crate::as_exchange::nonce;
use crate::asn1::{self, Integer, KerberosString};
use crate::error::KerberosError;
use crate::key::EncryptionType;
use crate::message::{
    ApReq, Authenticator, Checksum, KdcReq, KdcReqBody, PaData, VERSION, padata, tag, usage,
};
use crate::principal::Principal;
use crate::reply::{self, Asked, Ticket};
use crate::{Moment, application};

/// `canonicalize` (RFC 6806, section 3): the server may refer to another realm.
const CANONICALIZE: u32 = 1 << 16;

/// A client that asks for a ticket.
#[derive(Debug)]
pub struct TgsExchange<'a> {
    granting: &'a Ticket,
    server: Principal,
    nonce: u32,
}

impl<'a> TgsExchange<'a> {
    /// Begins an exchange with a ticket-granting ticket.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Random`].
    pub fn new(granting: &'a Ticket, server: Principal) -> Result<Self, KerberosError> {
        Ok(Self { granting, server, nonce: nonce()? })
    }

    /// The request.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Encode`] or [`KerberosError::Random`].
    pub fn request(&self, now: Moment) -> Result<Vec<u8>, KerberosError> {
        let body = KdcReqBody {
            options: asn1::flags(CANONICALIZE)?,
            cname: None,
            realm: KerberosString(self.server.realm.clone()),
            sname: Some(self.server.name.clone()),
            // As long as the ticket-granting ticket.
            till: asn1::time(Moment(self.granting.end().saturating_mul(1_000_000)))?,
            nonce: Integer(i64::from(self.nonce)),
            etype: EncryptionType::ALL.map(EncryptionType::number).into(),
        };
        let encoded = body.to_der().map_err(KerberosError::Encode)?;
        let key = &self.granting.key;
        let checksum = key.checksum(usage::TGS_REQ_CHECKSUM, &encoded)?;
        let checksum = OctetString::new(checksum).map_err(KerberosError::Encode)?;
        let (ctime, cusec) = reply::stamp(now)?;
        let authenticator = Authenticator {
            version: VERSION,
            crealm: KerberosString(self.granting.client.realm.clone()),
            cname: self.granting.client.name.clone(),
            checksum: Some(Checksum { kind: key.kind().checksum_number(), checksum }),
            cusec,
            ctime,
            subkey: None,
            sequence: None,
        };
        let clear = application::encode(tag::AUTHENTICATOR, &authenticator)?;
        let request = ApReq {
            pvno: VERSION,
            kind: Integer(i64::from(tag::AP_REQ)),
            options: asn1::flags(0)?,
            ticket: self.granting.message.clone(),
            authenticator: key.seal(usage::TGS_REQ_AUTHENTICATOR, &clear)?,
        };
        let value = application::encode(tag::AP_REQ, &request)?;
        let value = OctetString::new(value).map_err(KerberosError::Encode)?;
        let padata = Some(vec![PaData { kind: padata::TGS_REQ, value }]);
        let kind = Integer(i64::from(tag::TGS_REQ));
        application::encode(tag::TGS_REQ, &KdcReq { pvno: VERSION, kind, padata, body })
    }

    /// Takes the reply. A ticket whose server is the ticket-granting service of another realm is a
    /// referral: that realm has to be asked with it.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Kdc`] with what the server says; others for a reply that is not valid.
    pub fn ticket(&self, reply: &[u8]) -> Result<Ticket, KerberosError> {
        let reply = reply::read(reply, tag::TGS_REP)?;
        let asked = Asked {
            client: &self.granting.client,
            server: &self.server.name,
            nonce: self.nonce,
            takes_referral: true,
        };
        reply::ticket(reply, &self.granting.key, usage::TGS_REP, &asked)
    }
}

impl Ticket {
    /// The realm that a referral leads to, if it is one.
    #[must_use]
    pub fn referral(&self) -> Option<&str> {
        match self.server.name.name_string.as_slice() {
            [service, realm] if service.0 == "krbtgt" => Some(&realm.0),
            _ => None,
        }
    }
}
