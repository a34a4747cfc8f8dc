//! The number by which a person sees that nobody stands between appliance and cloud.
//!
//! Whoever intercepts the registration has to show the appliance a key of their own in place of the
//! cloud's, and the cloud one in place of the appliance's. The number depends on both keys, so the
//! appliance's page and the cloud's console then show different ones. It depends on the code as well,
//! which did not exist when the keys were made: keys that give the same number would have to be found
//! among 2^40 pairs in the moment between the two pages.

use sha2::{Digest, Sha256};

use crate::code::{ALPHABET, Code};

/// Characters of a number, 5 bits each.
const CHARACTERS: usize = 16;
/// Characters that stand together.
const GROUP: usize = 4;
/// Says what is hashed, so that the hash is of no use elsewhere.
const PURPOSE: &[u8] = b"connector security number 1";

/// The number of a registration: four groups of four characters, such as `7KMD-2Q4T-XW3B-9ACE`.
///
/// Keys are given as SHA-256 of the subject public key information (RFC 5280, 4.1).
#[must_use]
pub fn security_number(code: &Code, appliance_key: &[u8; 32], authority_key: &[u8; 32]) -> String {
    let hash = Sha256::new()
        .chain_update(PURPOSE)
        .chain_update(code.as_str())
        .chain_update(appliance_key)
        .chain_update(authority_key)
        .finalize();
    let mut number = String::new();
    for position in 0..CHARACTERS {
        if position > 0 && position % GROUP == 0 {
            number.push('-');
        }
        number.push(char::from(ALPHABET[five_bits(&hash, position * 5)]));
    }
    number
}

/// Five bits of some octets, from a bit on.
fn five_bits(octets: &[u8], bit: usize) -> usize {
    (bit..bit + 5).fold(0, |sum, bit| {
        let octet = usize::from(octets[bit / 8]);
        sum << 1 | octet >> (7 - bit % 8) & 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_changes_the_number() {
        let code = Code::new([1; 5]);
        let number = security_number(&code, &[1; 32], &[2; 32]);
        assert_eq!(number.len(), 19);
        assert_ne!(number, security_number(&Code::new([2; 5]), &[1; 32], &[2; 32]));
        assert_ne!(number, security_number(&code, &[2; 32], &[2; 32]));
        assert_ne!(number, security_number(&code, &[1; 32], &[1; 32]));
        assert_eq!(number, security_number(&code, &[1; 32], &[2; 32]));
    }

    #[test]
    fn bits_are_taken_from_the_highest_on() {
        assert_eq!(five_bits(&[0b1111_1000, 0], 0), 31);
        assert_eq!(five_bits(&[0b0000_0111, 0b1100_0000], 5), 31);
    }
}
