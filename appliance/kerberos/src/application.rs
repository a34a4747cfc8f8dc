//! Messages stand in a tag of the class APPLICATION, which says which they are.

use der::asn1::{Any, AnyRef};
use der::{Decode, Encode, Tag, TagNumber};

use crate::error::{KerberosError, unreadable};

/// Reads a message of a kind.
pub(crate) fn read<'a, T>(
    bytes: &'a [u8],
    number: u32,
    what: &'static str,
) -> Result<T, KerberosError>
where
    T: Decode<'a, Error = der::Error>,
{
    let outer = AnyRef::from_der(bytes).map_err(unreadable(what))?;
    if der::Tagged::tag(&outer) != tag(number) {
        return Err(KerberosError::Unexpected("a message is of another kind"));
    }
    T::from_der(outer.value()).map_err(unreadable(what))
}

/// Number of the tag, if it is one of the class APPLICATION.
pub(crate) fn number(bytes: &[u8]) -> Option<u32> {
    let outer = AnyRef::from_der(bytes).ok()?;
    match der::Tagged::tag(&outer) {
        Tag::Application { number, .. } => Some(number.value()),
        _ => None,
    }
}

/// Puts a message into its tag.
pub(crate) fn wrap(number: u32, message: &impl Encode) -> Result<Any, KerberosError> {
    let inner = message.to_der().map_err(KerberosError::Encode)?;
    Any::new(tag(number), inner).map_err(KerberosError::Encode)
}

/// Puts a message into its tag and encodes it.
pub(crate) fn encode(number: u32, message: &impl Encode) -> Result<Vec<u8>, KerberosError> {
    wrap(number, message)?.to_der().map_err(KerberosError::Encode)
}

fn tag(number: u32) -> Tag {
    Tag::Application { constructed: true, number: TagNumber(number) }
}
