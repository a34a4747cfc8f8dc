//! Values of objects, however many and of whatever kind.

use ldap3::SearchEntry;

use crate::connection::{Connection, OperationError};

/// The values of an attribute as bytes. The LDAP client sorts them into texts and others by what they
/// look like.
pub(crate) fn values(entry: &SearchEntry, name: &str) -> Vec<Vec<u8>> {
    let is_name = |key: &&String| key.eq_ignore_ascii_case(name);
    if let Some(key) = entry.bin_attrs.keys().find(is_name) {
        let mixed =
            entry.attrs.get(key).into_iter().flatten().map(|text| text.clone().into_bytes());
        return entry.bin_attrs.get(key).into_iter().flatten().cloned().chain(mixed).collect();
    }
    let key = entry.attrs.keys().find(is_name);
    let texts = key.and_then(|key| entry.attrs.get(key)).into_iter().flatten();
    texts.map(|text| text.clone().into_bytes()).collect()
}

/// The first value as bytes.
pub(crate) fn bytes(entry: &SearchEntry, name: &str) -> Option<Vec<u8>> {
    values(entry, name).into_iter().next()
}

/// The first value as text; empty values count as none.
pub(crate) fn text(entry: &SearchEntry, name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes(entry, name)?).into_owned();
    Some(text).filter(|text| !text.is_empty())
}

/// The first value as a number.
pub(crate) fn number(entry: &SearchEntry, name: &str) -> Option<i64> {
    text(entry, name)?.parse().ok()
}

/// A part of the values of an attribute that has many (MS-ADTS 3.1.1.3.1.3.3).
#[derive(Debug, PartialEq, Eq)]
pub struct Range {
    /// Number of the first value.
    pub first: usize,
    /// Number of the last value; `None` = there are no more.
    pub last: Option<usize>,
}

/// Reads the name that a domain controller gives a part: `member;range=0-1499` or `member;range=1500-*`.
#[must_use]
pub fn range(returned: &str, name: &str) -> Option<Range> {
    let (attribute, option) = returned.split_once(';')?;
    let (_, numbers) =
        option.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("range"))?;
    let (first, last) = numbers.split_once('-')?;
    let first = first.parse().ok()?;
    let last = match last {
        "*" => None,
        last => Some(last.parse().ok().filter(|last| *last >= first)?),
    };
    attribute.eq_ignore_ascii_case(name).then_some(Range { first, last })
}

/// All values of an attribute, however many, up to a number.
pub(crate) async fn all_values(
    connection: &Connection,
    object: &str,
    name: &str,
    most: usize,
) -> Result<Vec<String>, OperationError> {
    let mut found = Vec::new();
    loop {
        let asked = match found.len() {
            0 => name.to_owned(),
            next => format!("{name};range={next}-*"),
        };
        let Some(entry) = connection.read(object, &[&asked]).await? else { return Ok(found) };
        let part = entry.attrs.keys().find_map(|key| Some((key, range(key, name)?)));
        let Some((key, range)) = part else {
            found.extend(entry.attrs.get(name).into_iter().flatten().cloned());
            return Ok(found);
        };
        let values = entry.attrs.get(key).map(Vec::as_slice).unwrap_or_default();
        // A part that begins elsewhere or holds nothing would be asked for without end.
        if range.first != found.len() || values.is_empty() {
            return Ok(found);
        }
        found.extend(values.iter().cloned());
        if range.last.is_none() || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_parts_are_read() {
        let part = |first, last| Some(Range { first, last });
        assert_eq!(range("member;range=0-1499", "member"), part(0, Some(1499)));
        assert_eq!(range("Member;Range=1500-*", "member"), part(1500, None));
        for text in
            ["member", "memberOf;range=0-1", "member;range=5-2", "member;range=-*", "member;x=0-1"]
        {
            assert_eq!(range(text, "member"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_without_panic(text: String) {
            let _ = range(&text, "member");
        }
    }
}
