//! The messages of RFC 4120, section 5, that a client sends and gets.

use der::Sequence;
use der::asn1::{Any, BitString, GeneralizedTime, OctetString};

use crate::asn1::{Integer, KerberosString};

/// Version of the protocol in each message.
pub(crate) const VERSION: Integer = Integer(5);

/// Numbers of the tags of class APPLICATION; of messages, their type too.
pub(crate) mod tag {
    pub(crate) const TICKET: u32 = 1;
    pub(crate) const AUTHENTICATOR: u32 = 2;
    pub(crate) const ENC_TICKET_PART: u32 = 3;
    pub(crate) const AS_REQ: u32 = 10;
    pub(crate) const AS_REP: u32 = 11;
    pub(crate) const TGS_REQ: u32 = 12;
    pub(crate) const TGS_REP: u32 = 13;
    pub(crate) const AP_REQ: u32 = 14;
    pub(crate) const AP_REP: u32 = 15;
    pub(crate) const PRIV: u32 = 21;
    pub(crate) const ENC_AS_REP_PART: u32 = 25;
    pub(crate) const ENC_TGS_REP_PART: u32 = 26;
    pub(crate) const ENC_AP_REP_PART: u32 = 27;
    pub(crate) const ENC_PRIV_PART: u32 = 28;
    pub(crate) const ERROR: u32 = 30;
}

/// Numbers of key usages (RFC 4120, section 7.5.1; RFC 4121, section 2).
pub(crate) mod usage {
    pub(crate) const AS_REQ_TIMESTAMP: i32 = 1;
    pub(crate) const TICKET: i32 = 2;
    pub(crate) const AS_REP: i32 = 3;
    pub(crate) const TGS_REQ_CHECKSUM: i32 = 6;
    pub(crate) const TGS_REQ_AUTHENTICATOR: i32 = 7;
    pub(crate) const TGS_REP: i32 = 8;
    pub(crate) const AP_REQ_AUTHENTICATOR: i32 = 11;
    pub(crate) const AP_REP: i32 = 12;
    pub(crate) const PRIV: i32 = 13;
    pub(crate) const ACCEPTOR_SEAL: i32 = 22;
    pub(crate) const INITIATOR_SEAL: i32 = 24;
}

/// Types of pre-authentication data (RFC 4120, section 7.5.2).
pub(crate) mod padata {
    use crate::asn1::Integer;

    pub(crate) const TGS_REQ: Integer = Integer(1);
    pub(crate) const ENC_TIMESTAMP: Integer = Integer(2);
    pub(crate) const PW_SALT: Integer = Integer(3);
    pub(crate) const ETYPE_INFO2: Integer = Integer(19);
}

#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct PrincipalName {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) name_type: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) name_string: Vec<KerberosString>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct EncryptedData {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) etype: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) kvno: Option<Integer>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) cipher: OctetString,
}

#[derive(Clone, Sequence)]
pub(crate) struct EncryptionKey {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) key_type: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) key_value: OctetString,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct Checksum {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) checksum: OctetString,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct PaData {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) value: OctetString,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct EtypeInfo2Entry {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) etype: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) salt: Option<KerberosString>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) parameters: Option<OctetString>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct PaEncTsEnc {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) time: GeneralizedTime,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) microseconds: Option<Integer>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct KdcReqBody {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) options: BitString,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) cname: Option<PrincipalName>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) realm: KerberosString,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) sname: Option<PrincipalName>,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub(crate) till: GeneralizedTime,
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT")]
    pub(crate) nonce: Integer,
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT")]
    pub(crate) etype: Vec<Integer>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct KdcReq {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) padata: Option<Vec<PaData>>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) body: KdcReqBody,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct KdcRep {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) padata: Option<Vec<PaData>>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) crealm: KerberosString,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) cname: PrincipalName,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub(crate) ticket: Any,
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT")]
    pub(crate) enc_part: EncryptedData,
}

/// What a reply tells the client alone. Fields behind those that are used are not read: Windows puts
/// encrypted pre-authentication data there (MS-KILE 2.2.8).
#[derive(Clone, Sequence)]
pub(crate) struct EncKdcRepPart {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) key: EncryptionKey,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) last_req: Any,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) nonce: Integer,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) key_expiration: Option<GeneralizedTime>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) flags: BitString,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub(crate) auth_time: GeneralizedTime,
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) start_time: Option<GeneralizedTime>,
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT")]
    pub(crate) end_time: GeneralizedTime,
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) renew_till: Option<GeneralizedTime>,
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT")]
    pub(crate) srealm: KerberosString,
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT")]
    pub(crate) sname: PrincipalName,
    #[asn1(context_specific = "11", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) caddr: Option<Any>,
    #[asn1(context_specific = "12", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) encrypted_padata: Option<Any>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct KrbError {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) ctime: Option<GeneralizedTime>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) cusec: Option<Integer>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) stime: GeneralizedTime,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub(crate) susec: Integer,
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT")]
    pub(crate) code: Integer,
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) crealm: Option<KerberosString>,
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) cname: Option<PrincipalName>,
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT")]
    pub(crate) realm: KerberosString,
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT")]
    pub(crate) sname: PrincipalName,
    #[asn1(context_specific = "11", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) text: Option<KerberosString>,
    #[asn1(context_specific = "12", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) data: Option<OctetString>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct TicketMessage {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) version: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) realm: KerberosString,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) sname: PrincipalName,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) enc_part: EncryptedData,
}

#[derive(Clone, Sequence)]
pub(crate) struct Authenticator {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) version: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) crealm: KerberosString,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) cname: PrincipalName,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) checksum: Option<Checksum>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) cusec: Integer,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub(crate) ctime: GeneralizedTime,
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) subkey: Option<EncryptionKey>,
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) sequence: Option<Integer>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct ApReq {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) options: BitString,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) ticket: Any,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) authenticator: EncryptedData,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct ApRep {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub(crate) enc_part: EncryptedData,
}

#[derive(Clone, Sequence)]
pub(crate) struct EncApRepPart {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) ctime: GeneralizedTime,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) cusec: Integer,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) subkey: Option<EncryptionKey>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) sequence: Option<Integer>,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct HostAddress {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) address: OctetString,
}

#[derive(Clone, Debug, Sequence)]
pub(crate) struct KrbPriv {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) pvno: Integer,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub(crate) kind: Integer,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) enc_part: EncryptedData,
}

#[derive(Clone, Sequence)]
pub(crate) struct EncKrbPrivPart {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) data: OctetString,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) time: Option<GeneralizedTime>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) usec: Option<Integer>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) sequence: Option<Integer>,
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub(crate) s_address: HostAddress,
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) r_address: Option<HostAddress>,
}

/// `ChangePasswdData` (RFC 3244, section 2).
#[derive(Clone, Sequence)]
pub(crate) struct ChangePasswdData {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) password: OctetString,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) target: Option<PrincipalName>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) realm: Option<KerberosString>,
}
