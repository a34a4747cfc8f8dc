//! First settings as texts with keys, each on one line.

use base64ct::{Base64, Encoding as _};
use model::secret::Secret;

use super::members::Reading;
use super::tree::Tree;
use super::{FirstSettings, FirstSettingsError, MAX_BYTES, MemberFault};

/// In front of every key of an OVF property or OEM string.
pub(super) const PREFIX: &str = "connector.";

/// Keys, and the members of the JSON document with the same meaning.
const KEYS: [(&str, &str); 6] = [
    ("name", "name"),
    ("network", "network"),
    ("proxies", "proxies"),
    ("rootcas", "rootCas"),
    ("registration", "registration"),
    ("password-hash", "passwordHash"),
];

/// Reads pairs of key, without the prefix, and value.
pub(super) fn read<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<FirstSettings, FirstSettingsError> {
    let (mut reading, mut members) = (Reading::of_properties(), Vec::new());
    let mut bytes = 0_usize;
    for (key, value) in pairs {
        bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
        if bytes > MAX_BYTES {
            return Err(FirstSettingsError::TooLarge);
        }
        let known = KEYS.iter().find(|(known, _)| *known == key);
        // An empty property is one that was not filled in; an empty one that is unknown is still wrong.
        match known {
            Some(_) if value.trim().is_empty() => {}
            Some((_, member)) => {
                let path = format!("{PREFIX}{key}");
                if let Some(tree) = reading.take(&path, convert(member, value)) {
                    members.push(((*member).to_owned(), tree));
                }
            }
            None => reading.unknown_key(key),
        }
    }
    let settings = reading.settings(Tree::Object(members));
    reading.finish(settings)
}

/// The value as it would stand in the document.
fn convert(member: &str, value: &str) -> Result<Tree, MemberFault> {
    let text = |text: &str| Tree::Text(Secret::new(text.to_owned()));
    let value = value.trim();
    match member {
        "proxies" if value.starts_with('[') => json(value, "a list of proxies"),
        "proxies" => Ok(Tree::List(value.split(',').map(text).collect())),
        "rootCas" if value.contains("-----") => Ok(Tree::List(vec![text(value)])),
        "rootCas" => Ok(Tree::List(vec![Tree::Text(decode(value, "certificates in PEM")?)])),
        "registration" if value.starts_with('{') => json(value, REGISTRATION),
        "registration" => json(decode(value, REGISTRATION)?.expose(), REGISTRATION),
        _ => Ok(text(value)),
    }
}

const REGISTRATION: &str = "the JSON object of a registration";

fn json(text: &str, expected: &'static str) -> Result<Tree, MemberFault> {
    Tree::parse(text.as_bytes()).map_err(|_| MemberFault::Syntax { expected })
}

fn decode(base64: &str, expected: &'static str) -> Result<Secret, MemberFault> {
    let joined: String = base64.chars().filter(|character| !character.is_whitespace()).collect();
    Base64::decode_vec(Secret::new(joined).expose())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(Secret::new)
        .ok_or(MemberFault::Encoding { expected })
}

/// The key of a member in this wrapping.
pub(super) fn key(member: &str) -> &str {
    KEYS.iter().find(|(_, name)| *name == member).map_or(member, |(key, _)| key)
}
