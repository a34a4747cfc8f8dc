//! Names and values of a query or a form (`application/x-www-form-urlencoded`).

use zeroize::Zeroize;

/// Names and values, in their order. Wiped on drop: a form can have a secret.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query. What is no UTF-8 becomes the replacement character, as browsers do it.
    pub(crate) fn parse(text: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Self(text.split('&').filter(|part| !part.is_empty()).map(pair).collect())
    }

    /// The first value of a name, in any case: clients of the documented interface differ.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

/// Decodes plus signs and percent signs; a percent sign that begins no octet stays.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let octet = behind
            .get(..2)
            .and_then(|digits| str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (first, octet.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(octet)) => {
                bytes.push(octet);
                rest = behind.get(2..).unwrap_or_default();
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = behind;
            }
            (other, _) => {
                bytes.push(other);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_in_any_case_and_decodes_values() {
        let query = Query::parse("Location=a%20b+c&limit=5&&empty&x=%zz%4");
        assert_eq!(query.get("location"), Some("a b c"));
        assert_eq!((query.get("LIMIT"), query.get("empty")), (Some("5"), Some("")));
        assert_eq!((query.get("x"), query.get("other")), (Some("%zz%4"), None));
        assert_eq!(decode("%E6%9D%B1%FF"), "東\u{FFFD}");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,100}") {
            let _ = Query::parse(&text).get("x");
        }
    }
}
