//! The types of RFC 4120, section 5.2, that its messages are made of.

use std::time::Duration;

use der::asn1::{BitString, GeneralizedTime};
use der::{DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer};

use crate::Moment;
use crate::error::KerberosError;

/// `KerberosString`: a `GeneralString`, in UTF-8 with Windows and Samba (MS-KILE 3.1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KerberosString(pub(crate) String);

impl FixedTag for KerberosString {
    const TAG: Tag = Tag::GeneralString;
}

impl<'a> DecodeValue<'a> for KerberosString {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let bytes = reader.read_vec(header.length())?;
        Ok(Self(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

impl EncodeValue for KerberosString {
    fn value_len(&self) -> der::Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0.as_bytes())
    }
}

/// `INTEGER`, of up to 64 bits. Some servers write numbers of 32 bits with a sign and some without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Integer(pub(crate) i64);

impl Integer {
    /// The lower 32 bits without sign: what `UInt32` and `Int32` have in common.
    pub(crate) const fn low32(self) -> u32 {
        let [.., a, b, c, d] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

impl FixedTag for Integer {
    const TAG: Tag = Tag::Integer;
}

impl<'a> DecodeValue<'a> for Integer {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let bytes = reader.read_vec(header.length())?;
        let first = *bytes.first().ok_or_else(|| Tag::Integer.length_error())?;
        if bytes.len() > 8 {
            return Err(Tag::Integer.length_error().into());
        }
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        Ok(Self(bytes.iter().fold(sign, |value, byte| value << 8 | i64::from(*byte))))
    }
}

impl EncodeValue for Integer {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
}

/// `KerberosFlags`: 32 bits, the first of which is the highest.
pub(crate) fn flags(bits: u32) -> Result<BitString, KerberosError> {
    BitString::from_bytes(&bits.to_be_bytes()).map_err(KerberosError::Encode)
}

/// `KerberosTime`: whole seconds.
pub(crate) fn time(moment: Moment) -> Result<GeneralizedTime, KerberosError> {
    let seconds = u64::try_from(moment.seconds()).unwrap_or(0);
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds)).map_err(KerberosError::Encode)
}

/// Seconds since 1970.
pub(crate) fn seconds(time: &GeneralizedTime) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;

    #[test]
    fn numbers_of_either_sign_are_read_in_their_lower_bits() {
        let read = |bytes: &[u8]| Integer::from_der(bytes).unwrap();
        assert_eq!(read(&[2, 5, 0, 0xff, 0xff, 0xff, 0xfe]).low32(), 0xffff_fffe);
        assert_eq!(read(&[2, 1, 0xfe]), Integer(-2));
        assert_eq!(read(&[2, 1, 0xfe]).low32(), 0xffff_fffe);
        assert!(Integer::from_der(&[2, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]).is_err());
        assert!(Integer::from_der(&[2, 0]).is_err());
        assert_eq!(Integer(300).to_der().unwrap(), [2, 2, 1, 44]);
    }
}
