//! The code that proves a file unaltered (RFC 7292, section 4 and appendix A).

use der::asn1::ObjectIdentifier;
use hmac::{Hmac, KeyInit, Mac as _};
use model::pkcs12::Pkcs12Refusal as Refusal;
use model::secret::Secret;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::container::{File, Mac, unsupported};
use super::derivation::{Passphrase, Purpose};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
/// The code of RFC 9579.
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// Checks the code with the passphrase, and gives the passphrase in the form that fits. Without one,
/// files are made with an empty passphrase or with none at all.
pub(super) fn check<'a>(
    file: &File<'_>,
    passphrase: &'a Secret,
) -> Result<Passphrase<'a>, Refusal> {
    let mac = file.mac.as_ref().ok_or(Refusal::MacMissing)?;
    let typed = Passphrase::typed(passphrase);
    if is_right(mac, file.authenticated, &typed)? {
        return Ok(typed);
    }
    if !passphrase.expose().is_empty() {
        return Err(Refusal::WrongPassphrase);
    }
    let none = Passphrase::none(passphrase);
    match is_right(mac, file.authenticated, &none)? {
        true => Ok(none),
        false => Err(Refusal::PassphraseMissing),
    }
}

fn is_right(
    mac: &Mac<'_>,
    authenticated: &[u8],
    passphrase: &Passphrase<'_>,
) -> Result<bool, Refusal> {
    macro_rules! is_right {
        ($digest:ty, $block:literal, $length:literal) => {{
            let (salt, iterations) = (mac.salt, mac.iterations);
            let purpose = Purpose::Mac;
            let key = passphrase.derive::<$digest, $block>(purpose, salt, iterations, $length);
            let code = Hmac::<$digest>::new_from_slice(&key);
            // Compared in constant time.
            let code = code.map(|code| code.chain_update(authenticated).verify_slice(mac.code));
            matches!(code, Ok(Ok(())))
        }};
    }
    Ok(match mac.digest {
        SHA1 => is_right!(Sha1, 64, 20),
        SHA256 => is_right!(Sha256, 64, 32),
        SHA384 => is_right!(Sha384, 128, 48),
        SHA512 => is_right!(Sha512, 128, 64),
        PBMAC1 => return Err(unsupported("PBMAC1")),
        other => return Err(unsupported(&other.to_string())),
    })
}
