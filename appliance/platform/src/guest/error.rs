//! Why first settings are refused. No text quotes a secret.

use std::fmt;

use model::boot_parameter::BootParameterError;
use model::channel::CloudAddressError;
use model::network_form::MAX_HOST_NAME_BYTES;
use model::proxy::{MAX_PROXIES, ProxyCredentialError, ProxyLocationError};
use model::root_ca::{MAX_ROOTS, RootCaRefusal};
use protocol::name::NameError;
use thiserror::Error;

use super::MAX_BYTES;

/// Why nothing of the first settings is used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FirstSettingsError {
    /// Longer than [`MAX_BYTES`].
    #[error(
        "the first settings are longer than {MAX_BYTES} bytes; leave out what can be set later"
    )]
    TooLarge,
    /// Not UTF-8.
    #[error("the first settings are not UTF-8 from byte {offset} on; save them as UTF-8")]
    NotUtf8 {
        /// First byte that is wrong, from 0.
        offset: usize,
    },
    /// Meant for another program.
    #[error(
        "the user data is {kind}, which the appliance does not carry out; \
         give it the document {{\"connector\": {{...}}}}"
    )]
    OtherKind {
        /// What it is.
        kind: &'static str,
    },
    /// No JSON.
    #[error(
        "the first settings are not well-formed JSON in line {line}, column {column}; correct it there"
    )]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1; bytes.
        column: usize,
    },
    /// The JSON ends in the middle.
    #[error("the JSON of the first settings breaks off in line {line}; hand over all of it")]
    Truncated {
        /// From 1.
        line: usize,
    },
    /// More lists and objects within each other than any document of ours has.
    #[error(
        "the JSON of the first settings is nested too deeply in line {line}; it needs four levels"
    )]
    TooDeep {
        /// From 1.
        line: usize,
    },
    /// These members are wrong.
    #[error("{}", list(.0))]
    Members(Vec<MemberProblem>),
}

fn list(problems: &[MemberProblem]) -> String {
    let texts: Vec<_> = problems.iter().map(MemberProblem::to_string).collect();
    texts.join("\n")
}

/// One member to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberProblem {
    /// Its path, such as `connector.proxies[1].location`.
    pub member: String,
    /// What is wrong.
    pub fault: MemberFault,
}

impl fmt::Display for MemberProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.member, self.fault)
    }
}

/// What is wrong with a member.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MemberFault {
    /// Not a member of ours.
    #[error("is unknown; the members here are {known}")]
    Unknown {
        /// The known ones.
        known: String,
    },
    /// Given more than once.
    #[error("is given twice; give it once")]
    Duplicate,
    /// Not given.
    #[error("is missing; give it")]
    Missing,
    /// Another kind of value.
    #[error("is {found}; give {expected}")]
    WrongKind {
        /// What is to stand there.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// Empty, or with control characters or spaces at its ends.
    #[error(
        "is empty, longer than {limit} bytes, or has spaces at an end or control characters; \
         give it as the cloud shows it"
    )]
    NotAnIdentifier {
        /// Most bytes.
        limit: usize,
    },
    /// Neither the text itself nor base64 of it.
    #[error("is neither {expected} nor base64 of it")]
    Encoding {
        /// What is to stand there.
        expected: &'static str,
    },
    /// JSON within a property that cannot be read.
    #[error("is not well-formed JSON; give {expected}")]
    Syntax {
        /// What is to stand there.
        expected: &'static str,
    },
    /// No host name.
    #[error(
        "is not a host name: letters, digits and inner hyphens, parts of at most 63 characters with dots \
         between them, {MAX_HOST_NAME_BYTES} in all"
    )]
    HostName,
    /// No name of an appliance.
    #[error("{0}")]
    Name(#[from] NameError),
    /// A registration has no name.
    #[error("is missing; give it, or the host name as connector.name")]
    NoName,
    /// No value of `network=`.
    #[error("{0}")]
    Network(#[from] BootParameterError),
    /// No location of a proxy.
    #[error("{0}; give host:port")]
    ProxyLocation(#[from] ProxyLocationError),
    /// User name or password of a proxy cannot be used.
    #[error("{0}")]
    ProxyCredentials(#[from] ProxyCredentialError),
    /// More proxies than are kept.
    #[error("has more than {MAX_PROXIES} proxies")]
    TooManyProxies,
    /// An entry that stands there already.
    #[error("stands in the list already; remove one of them")]
    Repeated,
    /// No authority.
    #[error("is refused: {0}; give the certificate of an authority in PEM")]
    RootCa(RootCaRefusal),
    /// More authorities than are kept.
    #[error("has more than {MAX_ROOTS} certificates")]
    TooManyRoots,
    /// No address of a cloud.
    #[error("{0}")]
    Cloud(#[from] CloudAddressError),
    /// A password where a hash is to stand.
    #[error(
        "is a password in clear text, which anybody reads who may look at the machine's description; \
         change it, and give an argon2id hash as {hash}"
    )]
    ClearText {
        /// Name of the member for the hash.
        hash: &'static str,
    },
    /// No argon2id hash in PHC string format.
    #[error(
        "is no argon2id hash in PHC string format ($argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>); \
         `argon2 <salt> -id -k 19456 -t 2 -p 1 -e` makes one"
    )]
    NotArgon2id,
    /// A hash that costs too little or too much to check.
    #[error(
        "has a cost outside of m={min_kib} to {max_kib}, t=1 to 16, p=1 to 16; m=19456,t=2,p=1 is usual"
    )]
    HashCost {
        /// Least memory in KiB.
        min_kib: u32,
        /// Most memory in KiB.
        max_kib: u32,
    },
}

impl From<RootCaRefusal> for MemberFault {
    fn from(refusal: RootCaRefusal) -> Self {
        Self::RootCa(refusal)
    }
}
