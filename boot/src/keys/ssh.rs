//! Signatures of files that OpenSSH checks (`ssh-keygen -Y verify`, since 8.1): its format SSHSIG (`PROTOCOL.sshsig` in its
//! source), with keys as RFC 8709 has them and fields as RFC 4251 (5) has them.
//!
//! The same key signs root slots. Neither signature can be taken for the other: what is signed here begins with
//! `SSHSIG`, the trailer of a slot with other octets.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha512};

use super::SlotKey;

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: [u8; 4] = [0, 0, 0, 1];
const ALGORITHM: &[u8] = b"ssh-ed25519";
const HASH: &[u8] = b"sha512";
/// There are no such fields yet.
const RESERVED: &[u8] = b"";
/// Columns of a signature's text.
const COLUMNS: usize = 76;

impl SlotKey {
    /// A signature of a file's contents. It holds for one purpose, the namespace, which whoever checks it has to name.
    /// Two signatures of the same contents are equal.
    #[must_use]
    pub fn ssh_signature(&self, namespace: &str, contents: &[u8]) -> String {
        let namespace = field(namespace.as_bytes());
        let digest = Sha512::digest(contents);
        let context = [namespace, field(RESERVED), field(HASH)].concat();
        let signed = [MAGIC, &context, &field(&digest)].concat();
        let signature = self.0.sign(&signed).to_bytes();
        let signature = [field(ALGORITHM), field(&signature)].concat();
        let public = field(&self.ssh_public());
        let all = [MAGIC, &VERSION, &public, &context, &field(&signature)].concat();
        let mut text = String::from("-----BEGIN SSH SIGNATURE-----");
        for (index, letter) in Base64::encode_string(&all).chars().enumerate() {
            if index % COLUMNS == 0 {
                text.push('\n');
            }
            text.push(letter);
        }
        text + "\n-----END SSH SIGNATURE-----\n"
    }

    /// The line of a file of allowed signers (ssh-keygen(1)): who signs with this key, and for which purpose alone.
    #[must_use]
    pub fn ssh_allowed_signer(&self, signer: &str, namespace: &str) -> String {
        let key = Base64::encode_string(&self.ssh_public());
        format!("{signer} namespaces=\"{namespace}\" ssh-ed25519 {key}\n")
    }

    /// The fingerprint of the public half, as OpenSSH shows it.
    #[must_use]
    pub fn ssh_fingerprint(&self) -> String {
        let digest = Sha256::digest(self.ssh_public());
        format!("SHA256:{}", Base64Unpadded::encode_string(&digest))
    }

    fn ssh_public(&self) -> Vec<u8> {
        [field(ALGORITHM), field(self.0.verifying_key().as_bytes())].concat()
    }
}

/// A field: its length, then its octets. Those here are shorter than 300 octets.
fn field(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), octets].concat()
}
