//! Entries as the tools of ldb print them.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};

/// An entry of the directory.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    /// Its attributes by their names in small letters.
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// All values of an attribute; none if it is not there.
    #[must_use]
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes.get(&name.to_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// All values of an attribute, as text.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let text = |value: &Vec<u8>| String::from_utf8_lossy(value).into_owned();
        self.values(name).iter().map(text).collect()
    }

    /// The first value of an attribute, as text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next()
    }
}

/// Reads LDIF. References and comments are left out.
pub(crate) fn parse(ldif: &str) -> Vec<Entry> {
    // A line that begins with a space goes on with the one before.
    let unfolded = ldif.replace("\n ", "");
    let mut entries = Vec::<Entry>::new();
    let mut is_inside = false;
    for line in unfolded.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once(':') else {
            is_inside = false;
            continue;
        };
        let value = match rest.strip_prefix(':') {
            Some(encoded) => Base64::decode_vec(encoded.trim()).unwrap_or_default(),
            None => rest.strip_prefix(' ').unwrap_or(rest).as_bytes().to_vec(),
        };
        if name == "dn" {
            let dn = String::from_utf8_lossy(&value).into_owned();
            entries.push(Entry { dn, ..Entry::default() });
            is_inside = true;
        } else if is_inside && let Some(entry) = entries.last_mut() {
            entry.attributes.entry(name.to_lowercase()).or_default().push(value);
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_folded_lines_and_base64() {
        let entries = parse(
            "# record 1\ndn: CN=A,DC=x\ncn: A\ndisplayName:: 5bGx55SwIOWkqumDjg==\nmember: CN=one,\n DC=x\n\
             member: CN=two,DC=x\n\n# Referral\nref: ldap://x\n\n# returned 1 records\n",
        );
        let [entry] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(entry.dn, "CN=A,DC=x");
        assert_eq!(entry.text("DisplayName").as_deref(), Some("山田 太郎"));
        assert_eq!(entry.texts("member"), ["CN=one,DC=x", "CN=two,DC=x"]);
        assert_eq!(entry.text("ref"), None);
    }
}
