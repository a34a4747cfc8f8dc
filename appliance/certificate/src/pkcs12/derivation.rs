//! Keys from passphrases as the first edition of PKCS#12 makes them (RFC 7292, appendix B).

use model::secret::Secret;
use sha1::Digest;
use zeroize::Zeroizing;

/// What a derived value is for (RFC 7292, appendix B.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Key = 1,
    Vector = 2,
    Mac = 3,
}

/// A passphrase in the form that opens the file.
pub(super) struct Passphrase<'a> {
    /// As typed, which PBES2 takes.
    pub(super) typed: &'a Secret,
    /// UTF-16, big-endian, with its final NUL (RFC 7292, appendix B.1). Without any byte when the file
    /// was made without a passphrase, which is not the same as an empty one.
    wide: Zeroizing<Vec<u8>>,
}

impl<'a> Passphrase<'a> {
    /// The passphrase as typed.
    pub(super) fn typed(typed: &'a Secret) -> Self {
        let units = typed.expose().encode_utf16().chain([0]);
        Self { typed, wide: Zeroizing::new(units.flat_map(u16::to_be_bytes).collect()) }
    }

    /// No passphrase at all.
    pub(super) fn none(empty: &'a Secret) -> Self {
        Self { typed: empty, wide: Zeroizing::new(Vec::new()) }
    }

    /// Derives as many bytes as wanted. `BLOCK` is the length of the digest's blocks, in bytes.
    pub(super) fn derive<D: Digest, const BLOCK: usize>(
        &self,
        purpose: Purpose,
        salt: &[u8],
        iterations: u32,
        length: usize,
    ) -> Zeroizing<Vec<u8>> {
        let diversifier = [purpose as u8; BLOCK];
        let mut input = Zeroizing::new(filled::<BLOCK>(salt));
        input.extend_from_slice(&Zeroizing::new(filled::<BLOCK>(&self.wide)));
        let mut derived = Zeroizing::new(Vec::with_capacity(length + 64));
        loop {
            let mut block = D::new().chain_update(diversifier).chain_update(&input).finalize();
            for _ in 1..iterations {
                block = D::digest(&block);
            }
            derived.extend_from_slice(&block);
            if derived.len() >= length {
                derived.truncate(length);
                return derived;
            }
            let repeated: Vec<u8> = block.iter().copied().cycle().take(BLOCK).collect();
            let repeated = Zeroizing::new(repeated);
            for part in input.chunks_mut(BLOCK) {
                add_one_more(part, &repeated);
            }
        }
    }
}

/// Repeats bytes up to a multiple of the block; none stay none.
fn filled<const BLOCK: usize>(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().cycle().take(bytes.len().next_multiple_of(BLOCK)).collect()
}

/// Adds a number of the same length, and one, to a big-endian number; what overflows is dropped.
fn add_one_more(number: &mut [u8], other: &[u8]) {
    let mut carry = 1_u16;
    for (byte, other) in number.iter_mut().zip(other).rev() {
        let sum = u16::from(*byte) + u16::from(*other) + carry;
        let [high, low] = sum.to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
}
