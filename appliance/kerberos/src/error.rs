//! What can go wrong.

use thiserror::Error;

use crate::reply::NtStatus;

/// Why an exchange failed.
#[derive(Debug, Error)]
pub enum KerberosError {
    /// The Key Distribution Center or a server answered with an error.
    #[error("Kerberos error {} ({})", .0.code, .0.name())]
    Kdc(Box<KdcError>),
    /// A message that cannot be read.
    #[error("{what} cannot be read")]
    Unreadable {
        /// Which message or part.
        what: &'static str,
        /// What the decoder says.
        #[source]
        source: der::Error,
    },
    /// A message that is of another kind, or holds what was not asked for.
    #[error("{0}")]
    Unexpected(&'static str),
    /// A checksum is wrong: the password or key is, or somebody changed the message.
    #[error("{0} fails its check")]
    Integrity(&'static str),
    /// No encryption type in common: the account has no AES keys.
    #[error("the account has no AES keys")]
    NoAesKeys,
    /// A token is not the next one.
    #[error("token {found} came where {expected} was to come: replayed, lost or out of order")]
    Sequence {
        /// Number of the token that came.
        found: u64,
        /// Number that was to come.
        expected: u64,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// Something that is to be sent cannot be encoded.
    #[error("a message cannot be encoded")]
    Encode(#[source] der::Error),
}

/// An error message of a Key Distribution Center (RFC 4120, section 5.9.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KdcError {
    /// The code (RFC 4120, section 7.5.9).
    pub code: i64,
    /// The server's clock, in seconds since 1970.
    pub server_time: i64,
    /// Another realm that knows the client (RFC 6806, section 7).
    pub client_realm: Option<String>,
    /// What Windows and Samba say in addition (MS-KILE 2.2.1).
    pub status: Option<NtStatus>,
    /// Text of the server.
    pub text: Option<String>,
    /// Data that depends on the code.
    pub(crate) data: Option<Vec<u8>>,
}

/// Codes that callers tell apart (RFC 4120, section 7.5.9).
pub mod code {
    /// The client is not known.
    pub const CLIENT_UNKNOWN: i64 = 6;
    /// The server is not known.
    pub const SERVER_UNKNOWN: i64 = 7;
    /// A policy says no.
    pub const POLICY: i64 = 12;
    /// No encryption type in common.
    pub const ENCRYPTION_TYPE: i64 = 14;
    /// The account is disabled, locked or expired.
    pub const CLIENT_REVOKED: i64 = 18;
    /// The password has expired.
    pub const KEY_EXPIRED: i64 = 23;
    /// The password is wrong.
    pub const PRE_AUTHENTICATION_FAILED: i64 = 24;
    /// The password has to be proven first.
    pub const PRE_AUTHENTICATION_REQUIRED: i64 = 25;
    /// A checksum is wrong.
    pub const BAD_INTEGRITY: i64 = 31;
    /// The ticket has expired.
    pub const TICKET_EXPIRED: i64 = 32;
    /// The clocks differ too much.
    pub const CLOCK_SKEW: i64 = 37;
    /// The message was changed, or is for another key.
    pub const MODIFIED: i64 = 41;
    /// The client belongs to another realm.
    pub const WRONG_REALM: i64 = 68;
}

impl KdcError {
    /// Name of the code.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.code {
            1 => "KDC_ERR_NAME_EXP",
            2 => "KDC_ERR_SERVICE_EXP",
            3 => "KDC_ERR_BAD_PVNO",
            6 => "KDC_ERR_C_PRINCIPAL_UNKNOWN",
            7 => "KDC_ERR_S_PRINCIPAL_UNKNOWN",
            8 => "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
            9 => "KDC_ERR_NULL_KEY",
            11 => "KDC_ERR_NEVER_VALID",
            12 => "KDC_ERR_POLICY",
            13 => "KDC_ERR_BADOPTION",
            14 => "KDC_ERR_ETYPE_NOSUPP",
            15 => "KDC_ERR_SUMTYPE_NOSUPP",
            16 => "KDC_ERR_PADATA_TYPE_NOSUPP",
            18 => "KDC_ERR_CLIENT_REVOKED",
            19 => "KDC_ERR_SERVICE_REVOKED",
            20 => "KDC_ERR_TGT_REVOKED",
            21 => "KDC_ERR_CLIENT_NOTYET",
            22 => "KDC_ERR_SERVICE_NOTYET",
            23 => "KDC_ERR_KEY_EXPIRED",
            24 => "KDC_ERR_PREAUTH_FAILED",
            25 => "KDC_ERR_PREAUTH_REQUIRED",
            26 => "KDC_ERR_SERVER_NOMATCH",
            27 => "KDC_ERR_MUST_USE_USER2USER",
            29 => "KDC_ERR_SVC_UNAVAILABLE",
            31 => "KRB_AP_ERR_BAD_INTEGRITY",
            32 => "KRB_AP_ERR_TKT_EXPIRED",
            33 => "KRB_AP_ERR_TKT_NYV",
            34 => "KRB_AP_ERR_REPEAT",
            35 => "KRB_AP_ERR_NOT_US",
            36 => "KRB_AP_ERR_BADMATCH",
            37 => "KRB_AP_ERR_SKEW",
            38 => "KRB_AP_ERR_BADADDR",
            40 => "KRB_AP_ERR_MSG_TYPE",
            41 => "KRB_AP_ERR_MODIFIED",
            44 => "KRB_AP_ERR_BADKEYVER",
            45 => "KRB_AP_ERR_NOKEY",
            52 => "KRB_ERR_RESPONSE_TOO_BIG",
            60 => "KRB_ERR_GENERIC",
            68 => "KDC_ERR_WRONG_REALM",
            _ => "no name known",
        }
    }
}

impl KerberosError {
    /// The error of the Key Distribution Center, if it is one.
    #[must_use]
    pub fn kdc(&self) -> Option<&KdcError> {
        match self {
            Self::Kdc(error) => Some(error),
            _ => None,
        }
    }
}

/// Says which message could not be read.
pub(crate) fn unreadable(what: &'static str) -> impl Fn(der::Error) -> KerberosError {
    move |source| KerberosError::Unreadable { what, source }
}
