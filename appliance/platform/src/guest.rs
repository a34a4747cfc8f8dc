//! The first settings of an appliance, as its platform hands them over.
//!
//! One vocabulary in four wrappings:
//!
//! - a JSON document ([`FirstSettings::from_json`]):
//!   `{"connector": {"name": ..., "network": ..., "proxies": [...], "rootCas": [...],
//!   "registration": {...}, "passwordHash": ...}}`;
//! - properties of an OVF environment and SMBIOS OEM strings: `connector.name`, `connector.network`,
//!   `connector.proxies`, `connector.rootcas`, `connector.registration`, `connector.password-hash`;
//! - files of QEMU's fw_cfg: `opt/connector/name` and so on;
//! - user data of a cloud or of a NoCloud medium ([`FirstSettings::from_user_data`]): the JSON
//!   document, with or without a first line `#connector`.
//!
//! Every value passes the validator that the admin page uses. One that is wrong refuses the whole, and
//! all that is wrong is listed, so that a person corrects it once. Nothing here is carried out: user
//! data is data.

mod error;
mod members;
mod password_hash;
mod properties;
mod tree;

pub use error::{FirstSettingsError, MemberFault, MemberProblem};
use model::channel::CloudAddress;
use model::guest_files::FW_CFG_PREFIX;
use model::network::NetworkSettings;
use model::proxy::ProxyLocation;
use model::root_ca::RootCa;
use model::secret::Secret;
use protocol::name::Name;

use self::members::Reading;
use self::tree::Tree;

/// Longest document, and most bytes that all values of properties have together.
pub const MAX_BYTES: usize = 64 * 1024;
/// First line of user data that is a document of ours.
const HEADER: &str = "#connector";

/// What an appliance is told before anybody has opened its page. Everything may be missing.
#[derive(Clone, Debug, Default)]
pub struct FirstSettings {
    /// Host name, in lower case.
    pub name: Option<String>,
    /// How the appliance gets its address.
    pub network: Option<NetworkSettings>,
    /// Web proxies, in the order in which they are tried.
    pub proxies: Vec<FirstProxy>,
    /// Authorities to trust beside the built-in ones.
    pub roots: Vec<RootCa>,
    /// How to register with a cloud without a person.
    pub registration: Option<FirstRegistration>,
    /// Hash of the administrator's password: argon2id in PHC string format.
    pub password_hash: Option<Secret>,
}

/// A web proxy.
#[derive(Clone, Debug)]
pub struct FirstProxy {
    /// Where it is.
    pub location: ProxyLocation,
    /// User name and password for Basic authentication; `None` = no authentication.
    pub credentials: Option<(String, Secret)>,
}

/// A registration by the secret of a secure client.
#[derive(Clone, Debug)]
pub struct FirstRegistration {
    /// Name that the appliance is to have in the cloud; without one of its own, the host name.
    pub name: Name,
    /// Where the cloud is; `None` = the built-in address.
    pub cloud: Option<CloudAddress>,
    /// Identifier of the secure client.
    pub client: String,
    /// Its secret.
    pub secret: Secret,
    /// Identifier of the resource location; `None` = the customer's default one.
    pub location: Option<String>,
}

impl FirstSettings {
    /// Reads the JSON document.
    ///
    /// # Errors
    ///
    /// [`FirstSettingsError`] says what is wrong with the document as a whole, or lists every member to
    /// correct.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FirstSettingsError> {
        let mut reading = Reading::default();
        let document = Tree::parse(bytes)?;
        let settings = reading.document(document);
        reading.finish(settings)
    }

    /// Reads user data: nothing at all, or the JSON document with or without a first line `#connector`.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`]; user data for other programs, such as cloud-init, is refused by its name.
    pub fn from_user_data(bytes: &[u8]) -> Result<Self, FirstSettingsError> {
        // Editors of Windows put a byte order mark in front.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        if let Some(kind) = other_kind(bytes) {
            return Err(FirstSettingsError::OtherKind { kind });
        }
        Self::from_json(without_header(bytes))
    }

    /// Reads the properties of an OVF environment. Only those that begin with `connector.` are looked
    /// at; an empty one is one that was not filled in.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_properties<'a>(
        properties: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FirstSettingsError> {
        properties::read(properties.into_iter().filter_map(|(key, value)| {
            key.strip_prefix(properties::PREFIX).map(|key| (key, value))
        }))
    }

    /// Reads SMBIOS OEM strings: those of the form `connector.<key>=<value>`. Others are not ours.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_oem_strings<'a, I: IntoIterator<Item = &'a str>>(
        strings: I,
    ) -> Result<Self, FirstSettingsError> {
        properties::read(strings.into_iter().filter_map(|string| {
            let string = string.strip_prefix(properties::PREFIX)?;
            // One without `=` is refused by its name: as a key, it is unknown or empty.
            Some(string.split_once('=').unwrap_or((string, "")))
        }))
    }

    /// Reads files of QEMU's fw_cfg: name and content of those below `opt/connector/`.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_fw_cfg<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, FirstSettingsError> {
        let mut ours = Vec::new();
        for (name, content) in files {
            let name = name.strip_prefix(FW_CFG_PREFIX).and_then(|name| name.strip_prefix('/'));
            let Some(key) = name else { continue };
            let text = str::from_utf8(content)
                .map_err(|error| FirstSettingsError::NotUtf8 { offset: error.valid_up_to() })?;
            // `-fw_cfg file=` hands over the line feed at the end of a file as well.
            ours.push((key, text.trim_end_matches(['\n', '\r'])));
        }
        properties::read(ours)
    }

    /// Whether nothing was told.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.network.is_none()
            && self.proxies.is_empty()
            && self.roots.is_empty()
            && self.registration.is_none()
            && self.password_hash.is_none()
    }
}

/// What user data is, if it is meant for another program.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"#cloud-config", "a cloud-init configuration (#cloud-config)"),
        (b"#cloud-boothook", "a cloud-init boot hook (#cloud-boothook)"),
        (b"#include", "a cloud-init include file (#include)"),
        (b"## template:", "a cloud-init template"),
        (b"#!", "a script (#!)"),
        (b"Content-Type:", "a MIME message"),
        (b"MIME-Version:", "a MIME message"),
        (b"\x1f\x8b", "compressed with gzip"),
    ];
    let is = |mark: &[u8]| {
        bytes.get(..mark.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(mark))
    };
    KINDS.iter().find(|(mark, _)| is(mark)).map(|(_, kind)| *kind)
}

/// The document without its first line, if that is the header.
fn without_header(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(end);
    if line.trim_ascii_end() == HEADER.as_bytes() { rest } else { bytes }
}

#[cfg(test)]
mod tests;
