//! Keys encrypted in OpenSSL's old form: header fields of RFC 1421, a key derived with one round of
//! MD5 (`EVP_BytesToKey`), AES in CBC mode. Weak, and still what many people have in their files.

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};
use model::certificate::CertificateRefusal as Refusal;
use model::secret::Secret;
use zeroize::Zeroizing;

use crate::pem::Block;

/// Bytes of the initialisation vector that serve as salt.
const SALT_BYTES: usize = 8;

/// Whether a block is encrypted in this form.
pub(crate) fn is_encrypted(block: &Block) -> bool {
    header(block, "Proc-Type").is_some_and(|value| value.ends_with("ENCRYPTED"))
}

/// Decrypts a block.
pub(crate) fn open(block: &Block, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let info = header(block, "DEK-Info").unwrap_or_default();
    let (cipher, vector) = info.split_once(',').unwrap_or((info, ""));
    let unsupported =
        || Refusal::UnsupportedEncryption { scheme: cipher.chars().take(32).collect() };
    let vector = vector_bytes(vector.trim()).ok_or_else(unsupported)?;
    let decrypt = match cipher.trim() {
        "AES-128-CBC" => decrypt::<cbc::Decryptor<aes::Aes128>>,
        "AES-192-CBC" => decrypt::<cbc::Decryptor<aes::Aes192>>,
        "AES-256-CBC" => decrypt::<cbc::Decryptor<aes::Aes256>>,
        _ => return Err(unsupported()),
    };
    decrypt(&block.bytes, passphrase, &vector).ok_or(Refusal::WrongPassphrase)
}

fn decrypt<C: KeyIvInit + BlockModeDecrypt>(
    bytes: &[u8],
    passphrase: &Secret,
    vector: &[u8; 16],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = derive(passphrase, vector, C::key_size());
    let cipher = C::new_from_slices(&key, vector).ok()?;
    let mut buffer = Zeroizing::new(bytes.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and a count of one.
fn derive(passphrase: &Secret, vector: &[u8; 16], key_bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(key_bytes + 16));
    while key.len() < key_bytes {
        let mut digest = Md5::new();
        digest.update(key.get(key.len().saturating_sub(16)..).unwrap_or_default());
        digest.update(passphrase.expose());
        digest.update(vector.get(..SALT_BYTES).unwrap_or_default());
        key.extend_from_slice(&digest.finalize());
    }
    key.truncate(key_bytes);
    key
}

fn header<'a>(block: &'a Block, name: &str) -> Option<&'a str> {
    let field = block.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value.as_str())
}

fn vector_bytes(hexadecimal: &str) -> Option<[u8; 16]> {
    if hexadecimal.len() != 32 || !hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(hexadecimal, 16).ok().map(u128::to_be_bytes)
}
