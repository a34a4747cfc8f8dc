//! How an appliance that registers unattended and the cloud prove to each other that they know the
//! secret of the same secure client, without sending it.
//!
//! Nobody compares numbers here, so an interceptor that the appliance trusts could otherwise pass as the
//! cloud and be told the secret. What both prove covers the keys that each of them sees, so that a proof
//! cannot be passed on either. The cloud keeps SHA-256 of the secret, which has 256 random bits; that
//! hash is the key.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Octets of a nonce and of a proof.
pub const BYTES: usize = 32;
/// Octets of a block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// What both ends prove that they know. `Debug` does not show it.
#[derive(Clone)]
pub struct Verifier([u8; BYTES]);

impl Verifier {
    /// From the secret, as the appliance is given it.
    #[must_use]
    pub fn of_secret(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// From its hash, as the cloud keeps it.
    #[must_use]
    pub fn from_hash(hash: [u8; BYTES]) -> Self {
        Self(hash)
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Verifier(..)")
    }
}

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prover {
    /// The cloud, first.
    Cloud,
    /// The appliance, once the cloud has.
    Appliance,
}

/// What a proof covers.
#[derive(Clone, Copy, Debug)]
pub struct Transcript<'a> {
    /// Random octets of the appliance.
    pub appliance_nonce: &'a [u8; BYTES],
    /// Random octets of the cloud.
    pub cloud_nonce: &'a [u8; BYTES],
    /// SHA-256 of the appliance's public key.
    pub appliance_key: &'a [u8; BYTES],
    /// SHA-256 of the public key of the cloud's authority, as the prover sees it.
    pub authority_key: &'a [u8; BYTES],
}

impl Transcript<'_> {
    /// Proves that the prover knows the secret.
    #[must_use]
    pub fn prove(&self, verifier: &Verifier, prover: Prover) -> [u8; BYTES] {
        let purpose: &[u8] = match prover {
            Prover::Cloud => b"connector registration 1 cloud",
            Prover::Appliance => b"connector registration 1 appliance",
        };
        // A key that is shorter than a block is padded with zeros (RFC 2104, 2).
        let mut key = Zeroizing::new([0; BLOCK_BYTES]);
        key[..BYTES].copy_from_slice(&verifier.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*key).into());
        for part in [self.appliance_nonce, self.cloud_nonce, self.appliance_key, self.authority_key]
        {
            mac.update(part);
        }
        mac.update(purpose);
        mac.finalize().into_bytes().into()
    }

    /// Whether a proof is right. Takes as long for a wrong one.
    #[must_use]
    pub fn is_proven(&self, verifier: &Verifier, prover: Prover, proof: &[u8]) -> bool {
        self.prove(verifier, prover).ct_eq(proof).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCES: [[u8; BYTES]; 4] = [[1; BYTES], [2; BYTES], [3; BYTES], [4; BYTES]];

    fn transcript(parts: &[[u8; BYTES]; 4]) -> Transcript<'_> {
        let [appliance_nonce, cloud_nonce, appliance_key, authority_key] = parts;
        Transcript { appliance_nonce, cloud_nonce, appliance_key, authority_key }
    }

    #[test]
    fn a_proof_holds_for_its_secret_prover_and_keys_only() {
        let verifier = Verifier::of_secret(b"secret");
        let proof = transcript(&NONCES).prove(&verifier, Prover::Cloud);
        let is_proven = |parts: &[[u8; BYTES]; 4], verifier: &Verifier, prover| {
            transcript(parts).is_proven(verifier, prover, &proof)
        };
        assert!(is_proven(&NONCES, &verifier, Prover::Cloud));
        assert!(!is_proven(&NONCES, &verifier, Prover::Appliance), "the cloud's is sent back");
        assert!(!is_proven(&NONCES, &Verifier::of_secret(b"other"), Prover::Cloud));
        for changed in 0..4 {
            let mut parts = NONCES;
            parts[changed][31] ^= 1;
            assert!(!is_proven(&parts, &verifier, Prover::Cloud), "part {changed}");
        }
        assert!(!transcript(&NONCES).is_proven(&verifier, Prover::Cloud, &proof[..31]));
    }

    #[test]
    fn debug_does_not_show_the_key() {
        assert_eq!(format!("{:?}", Verifier::from_hash([7; BYTES])), "Verifier(..)");
    }
}
