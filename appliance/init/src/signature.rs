//! The signature of a root slot.

use ed25519_dalek::{Signature, VerifyingKey};
use model::trailer::{SIGNED_BYTES, TRAILER_BYTES, TrailerError, VerityFacts, from_hex};

use crate::error::InitError;

/// The key that slots are signed with, in hexadecimal; set when the image is built.
pub(crate) const PUBLIC_KEY: Option<&str> = option_env!("CONNECTOR_PUBLIC_KEY");

/// Checks the trailer of a slot with a public key of 64 hexadecimal digits.
///
/// # Errors
///
/// [`InitError::NoKey`] without a usable key, [`InitError::Signature`] for a slot that was not signed
/// with it, [`InitError::Trailer`] for one that was never written or says nothing useful.
pub(crate) fn check(
    trailer: &[u8; TRAILER_BYTES],
    key: Option<&str>,
) -> Result<VerityFacts, InitError> {
    let key = key.and_then(from_hex).and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let key = key.ok_or(InitError::NoKey)?;
    let (signed, signature) =
        trailer.split_first_chunk::<SIGNED_BYTES>().ok_or(InitError::Signature)?;
    let signature = Signature::from_slice(signature).map_err(|_| InitError::Signature)?;
    match (key.verify_strict(signed, &signature), VerityFacts::decode(signed)) {
        (_, Err(TrailerError::Missing)) => Err(InitError::Trailer(TrailerError::Missing)),
        (Err(_), _) => Err(InitError::Signature),
        (Ok(()), facts) => facts.map_err(InitError::Trailer),
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use model::trailer::hex;

    use super::*;

    const FACTS: VerityFacts = VerityFacts { data_blocks: 4711, root_hash: [7; 32], salt: [9; 32] };

    fn signed() -> ([u8; TRAILER_BYTES], String) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let mut trailer = [0; TRAILER_BYTES];
        trailer[..SIGNED_BYTES].copy_from_slice(&FACTS.encode());
        let signature = key.sign(&trailer[..SIGNED_BYTES]).to_bytes();
        trailer[SIGNED_BYTES..].copy_from_slice(&signature);
        (trailer, hex(key.verifying_key().as_bytes()))
    }

    #[test]
    fn accepts_a_signed_slot() {
        let (trailer, key) = signed();
        assert_eq!(check(&trailer, Some(&key)).expect("valid"), FACTS);
    }

    #[test]
    fn refuses_every_flipped_bit_and_names_an_empty_slot() {
        let (trailer, key) = signed();
        let empty = check(&[0; TRAILER_BYTES], Some(&key));
        assert!(matches!(empty, Err(InitError::Trailer(TrailerError::Missing))));
        for position in [8, 13, 100, 2000, SIGNED_BYTES - 1, SIGNED_BYTES, TRAILER_BYTES - 1] {
            let mut changed = trailer;
            changed[position] ^= 1;
            let result = check(&changed, Some(&key));
            assert!(matches!(result, Err(InitError::Signature)), "{position} {result:?}");
        }
    }

    #[test]
    fn refuses_every_slot_without_a_key() {
        let (trailer, key) = signed();
        for unusable in [None, Some(""), Some(&key[1..]), Some("not hexadecimal")] {
            assert!(matches!(check(&trailer, unusable), Err(InitError::NoKey)), "{unusable:?}");
        }
        let other = hex(SigningKey::from_bytes(&[4; 32]).verifying_key().as_bytes());
        assert!(matches!(check(&trailer, Some(&other)), Err(InitError::Signature)));
    }
}
