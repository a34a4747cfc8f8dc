//! Removing what looks like a secret from a text.

use crate::secret::Secret;

/// What stands in place of a secret.
pub const REMOVED: &str = "[removed]";
/// Shortest known secret that is looked for by itself: shorter ones are part of too much.
const MIN_KNOWN_BYTES: usize = 4;
/// Parts of names whose values are secrets, in lower case and without `-` and `_`.
const SECRET_NAMES: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "credential",
    "privatekey",
    "keypem",
    "cookie",
    "csrf",
    "authorization",
];
/// Schemes of HTTP authentication, in lower case.
const SCHEMES: [&str; 2] = ["bearer", "basic"];
/// Shortest word behind a scheme that is taken for a credential.
const MIN_CREDENTIAL_BYTES: usize = 8;

/// Whether the values of this name are secrets.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| plain.contains(secret))
}

/// Removes what looks like a secret: private keys, password hashes, credentials in addresses and in
/// headers, values with telling names.
#[must_use]
pub fn remove(text: &str) -> String {
    let text = remove_keys(text);
    let text = remove_hashes(&text);
    let text = remove_user_information(&text);
    let text = remove_credentials(&text);
    remove_named(&text)
}

/// Removes these very texts.
#[must_use]
pub fn remove_known(mut text: String, known: &[Secret]) -> String {
    for secret in known.iter().filter(|secret| secret.expose().len() >= MIN_KNOWN_BYTES) {
        if text.contains(secret.expose()) {
            text = text.replace(secret.expose(), REMOVED);
        }
    }
    text
}

/// Removes secrets from every text in a JSON value, and everything under telling names but numbers
/// and yes or no.
pub fn remove_from_json(value: &mut serde_json::Value, known: &[Secret]) {
    remove_in(value, known, false);
}

fn remove_in(value: &mut serde_json::Value, known: &[Secret], is_secret: bool) {
    match value {
        serde_json::Value::String(text) if is_secret => *text = REMOVED.to_owned(),
        serde_json::Value::String(text) => *text = remove_known(remove(text), known),
        serde_json::Value::Array(values) => {
            values.iter_mut().for_each(|value| remove_in(value, known, is_secret));
        }
        serde_json::Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                remove_in(value, known, is_secret || is_secret_name(name));
            }
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

/// PEM blocks of private keys, also one that is cut off.
fn remove_keys(text: &str) -> String {
    const BEGIN: &str = "-----BEGIN ";
    const KEY: &str = "PRIVATE KEY-----";
    const END: &str = "-----END ";
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        let (before, block) = rest.split_at(start);
        clean.push_str(before);
        let label = &block[BEGIN.len()..];
        let is_key = label.find(KEY).is_some_and(|place| {
            label[..place].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ')
        });
        if is_key {
            clean.push_str(REMOVED);
            rest = match block.find(END) {
                Some(end) => {
                    let tail = &block[end..];
                    tail.find(KEY).map_or("", |place| &tail[place + KEY.len()..])
                }
                None => "",
            };
        } else {
            clean.push_str(BEGIN);
            rest = label;
        }
    }
    clean.push_str(rest);
    clean
}

/// Password hashes in PHC string format, such as `$argon2id$v=19$...`.
fn remove_hashes(text: &str) -> String {
    replace_after(text, "$argon2", 0, |hash| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "$=,+/.-".contains(c);
        hash.find(|c| !is_part(c)).unwrap_or(hash.len())
    })
}

/// `user:password@` in addresses.
fn remove_user_information(text: &str) -> String {
    replace_after(text, "://", 3, |rest| {
        let authority =
            rest.find(['/', '?', '#', ' ', '"', '\'', '\n', '<', '>']).unwrap_or(rest.len());
        rest[..authority].rfind('@').unwrap_or(0)
    })
}

/// Replaces what follows each mark, from `keep` bytes behind its start, as far as `length` says.
fn replace_after(text: &str, mark: &str, keep: usize, length: impl Fn(&str) -> usize) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(mark) {
        let (before, from) = rest.split_at(start + keep);
        let count = length(from);
        clean.push_str(before);
        if count > 0 {
            clean.push_str(REMOVED);
        }
        rest = &from[count..];
    }
    clean.push_str(rest);
    clean
}

/// `Bearer ...` and `Basic ...`.
fn remove_credentials(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_start = !clean.ends_with(|c: char| c.is_alphanumeric());
        let scheme = SCHEMES.into_iter().filter(|_| is_start).find(|scheme| {
            rest.get(..scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme))
                && rest[scheme.len()..].starts_with(' ')
        });
        if let Some(scheme) = scheme {
            let (word, after) = rest.split_at(scheme.len());
            let credential = after.trim_start_matches(' ');
            let length = end_of_word(credential);
            clean.push_str(word);
            if length >= MIN_CREDENTIAL_BYTES {
                clean.push(' ');
                clean.push_str(REMOVED);
                rest = &credential[length..];
            } else {
                rest = after;
            }
            continue;
        }
        let mut characters = rest.chars();
        clean.extend(characters.next());
        rest = characters.as_str();
    }
    clean
}

/// `password=...`, `token: ...`, `"secret":"..."`, `Cookie: ...`.
fn remove_named(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        let (before, from) = rest.split_at(start);
        let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
        clean.push_str(before);
        clean.push_str(name);
        rest = after;
        if !is_secret_name(name) {
            continue;
        }
        let Some((separator, value)) = split_separator(after) else { continue };
        let header = name.to_ascii_lowercase();
        let is_header = header.contains("authorization") || header.contains("cookie");
        let (shown, length) = value_length(value, is_header);
        clean.push_str(separator);
        if length > 0 {
            clean.push_str(&value[..shown]);
            clean.push_str(REMOVED);
        }
        rest = &value[shown.min(length)..][length.saturating_sub(shown)..];
    }
    clean.push_str(rest);
    clean
}

/// Splits the sign between a name and its value off: `=`, `: `, `":"`, `\":`.
fn split_separator(text: &str) -> Option<(&str, &str)> {
    let quoted = text.trim_start_matches(['\\', '"', '\'']);
    let sign = quoted.trim_start_matches(' ').strip_prefix([':', '='])?;
    let value = sign.trim_start_matches(' ');
    Some(text.split_at(text.len() - value.len()))
}

/// Bytes of a value: those in front that stay (an opening quote), and all up to its end.
fn value_length(value: &str, is_header: bool) -> (usize, usize) {
    let quoted = ["\"", "'", "\\\""]
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote).map(|inner| (quote.len(), inner, quote)));
    if let Some((open, inner, close)) = quoted {
        let mut place = 0;
        while place < inner.len() {
            if inner[place..].starts_with(close) {
                break;
            }
            let mut characters = inner[place..].chars();
            let first = characters.next().map_or(1, char::len_utf8);
            let is_escape = inner[place..].starts_with('\\');
            place +=
                first + if is_escape { characters.next().map_or(0, char::len_utf8) } else { 0 };
        }
        let length = place.min(inner.len());
        return if length == 0 { (0, 0) } else { (open, open + length) };
    }
    let end = if is_header {
        value.find(['\n', '\r']).unwrap_or(value.len())
    } else {
        end_of_word(value)
    };
    let word = &value[..end];
    let is_harmless = matches!(word, "true" | "false" | "null" | "none" | "None");
    if is_harmless { (0, 0) } else { (0, end) }
}

fn end_of_word(text: &str) -> usize {
    text.find(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&' | '}' | ')' | '<')
    })
    .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn removes_every_kind_of_secret() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----";
        for text in [
            "password=hunter2",
            "proxy_password: hunter2, next",
            "{\"apiKey\":\"hun\\\"ter2\"}",
            "{\\\"token\\\":\\\"hunter2\\\"}",
            "clientSecret = 'hunter2'",
            "Authorization: Digest user=\"a\", response=hunter2",
            "proxy-authorization: basic aHVudGVyMg== hunter2",
            "Cookie: __Host-session=hunter2; other=hunter2",
            "with Bearer hunter2hunter2 and",
            "BASIC hunter2hunter2",
            "http://user:hunter2@proxy:8080/path",
            "http://us@er:hunter2@proxy",
            "$argon2id$v=19$m=19456,t=2,p=1$hunter2",
            key,
            &key[..40],
            &key.replace('\n', "\\n"),
            "csrf_token=hunter2&x=1",
        ] {
            let clean = remove(text);
            assert!(!clean.contains("hunter2") && !clean.contains("ter2"), "{text} -> {clean}");
            assert!(clean.contains(REMOVED), "{clean}");
        }
    }

    #[test]
    fn leaves_what_is_no_secret() {
        for text in [
            "has_password: true, token=null",
            "https://proxy.example.com:8080/a@b",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "the basic idea, the bearer of",
            "The password was changed",
            "tokens",
            "",
        ] {
            assert_eq!(remove(text), text);
        }
        assert_eq!(
            remove("password=\"\""),
            "password=\"\"",
            "an empty value says that it is empty"
        );
        assert_eq!(remove("a token: x, b: y"), "a token: [removed], b: y");
    }

    #[test]
    fn removes_known_secrets_wherever_they_are() {
        let known = [Secret::new("s3cr3t".into()), Secret::new("abc".into())];
        assert_eq!(remove_known("xs3cr3ty abc".into(), &known), "x[removed]y abc");
    }

    #[test]
    fn removes_everything_under_telling_names_in_json() {
        let mut json = serde_json::json!({
            "proxies": [{ "has_password": true, "password": "hunter2", "user": "x" }],
            "secrets": { "a": ["hunter2", 3] },
            "text": "password=hunter2",
            "known": "my hunter3",
        });
        remove_from_json(&mut json, &[Secret::new("hunter3".into())]);
        let text = json.to_string();
        assert!(!text.contains("hunter"), "{text}");
        assert_eq!(json["proxies"][0]["has_password"], true);
        assert_eq!(json["proxies"][0]["user"], "x");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}|(?s)[a-z:=\"'\\\\ @/$\n-]{0,60}|(password|token|://|Bearer |[ =:\"\\\\あ])*") {
            let _ = remove(&text);
        }

        #[test]
        fn a_named_value_never_remains(value in "[a-zA-Z0-9+/._~-]{6,40}", sign in "(=|: |:| = |\":\"|=\")") {
            prop_assume!(!"password".contains(&value) && !value.contains("password"));
            let text = format!("x password{sign}{value}");
            let clean = remove(&text);
            prop_assert!(!clean.contains(&value), "{} -> {}", text, clean);
        }
    }
}
