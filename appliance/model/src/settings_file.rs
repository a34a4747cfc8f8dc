//! The settings file: one header line, then JSON.
//!
//! Header: `connector-settings <schema> <generation> <sha256>`. The digest covers the schema, the
//! generation and the JSON, so that a torn or altered file is never taken for a valid one. Two
//! copies are kept; the one with the higher generation that checks out counts. What the JSON holds,
//! and how releases before and after this one read it, is in [`crate::settings_schema`].

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::settings_schema::{self, Content};
use crate::trailer::hex;

/// Version of the envelope. Releases refuse another one, so it stays as long as the previous release
/// has to read the file; what the JSON says grows by [`settings_schema::FORMAT`].
pub const SCHEMA: u32 = 1;
/// Largest file in bytes that is read.
pub const MAX_BYTES: usize = 1 << 20;

const MAGIC: &str = "connector-settings";

/// A settings file and how new it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Grows with every write.
    pub generation: u64,
    /// What the JSON holds. The settings of a file are the confirmed ones, and those on trial stand
    /// beside them.
    pub content: Content,
}

/// Why a file is not used.
#[derive(Debug, Error)]
pub enum SettingsFileError {
    /// Larger than [`MAX_BYTES`].
    #[error("the settings file is larger than 1 MiB")]
    TooLarge,
    /// The header line is missing or damaged.
    #[error("the settings file has no readable header")]
    Header,
    /// Written by a release whose format this one does not know.
    #[error("the settings file has format {0}, which this release does not know")]
    Schema(u32),
    /// The digest does not match: torn write, bad disk, or edited by hand.
    #[error("the checksum of the settings file does not match")]
    Checksum,
    /// The digest matches and the content does not fit.
    #[error("the content of the settings file does not fit")]
    Content(#[source] serde_json::Error),
}

impl SettingsFile {
    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let json = settings_schema::write(&self.content);
        let digest = digest(SCHEMA, self.generation, json.as_bytes());
        format!("{MAGIC} {SCHEMA} {} {digest}\n{json}\n", self.generation).into_bytes()
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    ///
    /// [`SettingsFileError`]; the caller falls back to the other copy, then to defaults.
    pub fn decode(bytes: &[u8]) -> Result<Self, SettingsFileError> {
        if bytes.len() > MAX_BYTES {
            return Err(SettingsFileError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SettingsFileError::Header)?;
        let (header, json) = text.split_once('\n').ok_or(SettingsFileError::Header)?;
        let (schema, generation, stored) = read_header(header).ok_or(SettingsFileError::Header)?;
        if schema != SCHEMA {
            return Err(SettingsFileError::Schema(schema));
        }
        let json = json.strip_suffix('\n').ok_or(SettingsFileError::Checksum)?;
        if digest(schema, generation, json.as_bytes()) != stored {
            return Err(SettingsFileError::Checksum);
        }
        let content = settings_schema::read(json).map_err(SettingsFileError::Content)?;
        Ok(Self { generation, content })
    }
}

fn read_header(header: &str) -> Option<(u32, u64, &str)> {
    let mut words = header.split(' ');
    let magic = words.next()?;
    let schema = words.next()?.parse().ok()?;
    let generation = words.next()?.parse().ok()?;
    let digest = words.next()?;
    (magic == MAGIC && words.next().is_none()).then_some((schema, generation, digest))
}

fn digest(schema: u32, generation: u64, json: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(schema.to_le_bytes());
    hasher.update(generation.to_le_bytes());
    hasher.update(json);
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::boot_parameter;
    use crate::network::{Origin, Sourced};
    use crate::settings::Settings;
    use crate::settings_schema::Later;

    fn sample() -> SettingsFile {
        let network = boot_parameter::parse("static:ip=10.0.0.5;netmask=24;ntp=ntp.example.com")
            .expect("valid");
        let settings = Settings {
            network: Sourced::new(network, Origin::BootParameter),
            deployment: Some("productionjp".to_owned().try_into().expect("valid")),
            ..Settings::default()
        };
        SettingsFile { generation: 7, content: Content { settings, ..Content::default() } }
    }

    #[test]
    fn decodes_what_it_encodes() {
        assert_eq!(SettingsFile::decode(&sample().encode()).expect("valid"), sample());
    }

    #[test]
    fn refuses_every_truncation_and_every_flipped_bit() {
        let bytes = sample().encode();
        for length in 0..bytes.len() {
            assert!(SettingsFile::decode(&bytes[..length]).is_err(), "length {length}");
        }
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            assert!(SettingsFile::decode(&damaged).is_err(), "position {position}");
        }
    }

    #[test]
    fn keeps_members_that_a_later_release_added() {
        let json = r#"{"network":{"value":{"method":"automatic"},"origin":"default"},"format":4,"later":{"x":1}}"#;
        let file = format!("{MAGIC} 1 3 {}\n{json}\n", digest(1, 3, json.as_bytes()));
        let decoded = SettingsFile::decode(file.as_bytes()).expect("readable");
        assert_eq!(decoded.content.settings, Settings::default());
        let again = SettingsFile::decode(&decoded.encode()).expect("readable");
        assert_ne!(again.content.later, Later::default());
        assert_eq!(again, decoded);
    }

    #[test]
    fn names_an_unknown_format() {
        let error = SettingsFile::decode(b"connector-settings 2 1 00\n{}\n").expect_err("refused");
        assert!(matches!(error, SettingsFileError::Schema(2)));
    }

    proptest! {
        #[test]
        fn never_panics_on_garbage(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = SettingsFile::decode(&bytes);
            let _ = SettingsFile::decode(&[b"connector-settings 1 1 ".as_slice(), &bytes].concat());
        }
    }
}
