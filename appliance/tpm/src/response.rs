//! What a TPM answers.

use crate::error::TpmError;

/// `TPM_ST_NO_SESSIONS`: nothing authorizes the command.
pub(crate) const NO_SESSIONS: u16 = 0x8001;
/// `TPM_ST_SESSIONS`: a password, here the empty one, authorizes the command.
pub(crate) const SESSIONS: u16 = 0x8002;
/// Octets before the content: tag, length and code.
pub(crate) const HEADER_BYTES: usize = 10;
/// Longest response. The kernel takes and gives 4 KiB.
pub(crate) const MAX_BYTES: usize = 4 * 1024;

/// Reads the fields of a response one after the other; all numbers have their highest octet first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response<'a>(&'a [u8]);

impl<'a> Response<'a> {
    /// Reads these octets.
    #[must_use]
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// The content of a whole response, and its code: 0 says that the TPM has done it.
    ///
    /// # Errors
    ///
    /// [`TpmError::Answer`] if its length is not the one that it names.
    pub(crate) fn content(octets: &'a [u8]) -> Result<(u32, Self), TpmError> {
        let mut all = Self(octets);
        let tag = all.number16()?;
        let length = usize::try_from(all.number32()?).map_err(|_| TpmError::Answer)?;
        let code = all.number32()?;
        let is_whole = length == octets.len() && (tag == NO_SESSIONS || tag == SESSIONS);
        if is_whole { Ok((code, all)) } else { Err(TpmError::Answer) }
    }

    /// The length that the header of a response names.
    ///
    /// # Errors
    ///
    /// [`TpmError::Answer`] if there is no whole header, or the length is impossible.
    pub(crate) fn length(header: &[u8]) -> Result<usize, TpmError> {
        let length =
            header.get(2..6).ok_or(TpmError::Answer).and_then(|it| Response(it).number32());
        let length = usize::try_from(length?).map_err(|_| TpmError::Answer)?;
        let is_possible = (HEADER_BYTES..=MAX_BYTES).contains(&length);
        if is_possible { Ok(length) } else { Err(TpmError::Answer) }
    }

    pub(crate) fn number16(&mut self) -> Result<u16, TpmError> {
        self.take().map(u16::from_be_bytes)
    }

    /// A number of 32 bits.
    ///
    /// # Errors
    ///
    /// [`TpmError::Answer`] if there is nothing more.
    pub(crate) fn number32(&mut self) -> Result<u32, TpmError> {
        self.take().map(u32::from_be_bytes)
    }

    /// Octets with their length before them (`TPM2B`).
    ///
    /// # Errors
    ///
    /// [`TpmError::Answer`] if there are fewer.
    pub(crate) fn sized(&mut self) -> Result<&'a [u8], TpmError> {
        let length = usize::from(self.number16()?);
        let (octets, rest) = self.0.split_at_checked(length).ok_or(TpmError::Answer)?;
        self.0 = rest;
        Ok(octets)
    }

    /// Whether nothing is left.
    #[must_use]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], TpmError> {
        let (octets, rest) = self.0.split_first_chunk().ok_or(TpmError::Answer)?;
        self.0 = rest;
        Ok(*octets)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_response_of_another_length_or_kind_makes_no_sense() {
        let good = [0x80, 1, 0, 0, 0, 12, 0, 0, 1, 1, 7, 8];
        let (code, mut rest) = Response::content(&good).unwrap();
        assert_eq!((code, rest.number16().unwrap()), (0x101, 0x0708));
        assert!(rest.is_empty() && rest.number16().is_err());
        assert_eq!(Response::length(&good).unwrap(), 12);
        assert!(Response::content(&good[..11]).is_err());
        let (mut long, mut other) = (good, good);
        long[5] = 13;
        other[1] = 3;
        assert!(Response::content(&long).is_err() && Response::content(&other).is_err());
        for length in [9_u32, 4097, u32::MAX] {
            let mut header = good;
            header[2..6].copy_from_slice(&length.to_be_bytes());
            assert!(Response::length(&header).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets: Vec<u8>) {
            let _ = Response::length(&octets);
            if let Ok((_, mut rest)) = Response::content(&octets) {
                while rest.sized().is_ok() {}
            }
        }
    }
}
