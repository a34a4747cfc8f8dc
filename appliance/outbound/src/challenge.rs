//! The schemes that a proxy offers for authentication: `Proxy-Authenticate` (RFC 9110, section 11).

/// Most schemes that are kept.
const MAX_SCHEMES: usize = 8;
/// Longest name of a scheme, in bytes.
const MAX_SCHEME_BYTES: usize = 32;

/// The names of the schemes in the values of the field, as written, each once.
///
/// A value may hold several challenges, separated by the same commas as their parameters, and the
/// commas in quoted parameters separate nothing.
pub fn schemes(values: &[&str]) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    for element in values.iter().flat_map(|value| elements(value)) {
        let Some(scheme) = scheme_of(element) else { continue };
        let is_new = !schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme));
        if is_new && schemes.len() < MAX_SCHEMES {
            schemes.push(scheme.to_owned());
        }
    }
    schemes
}

/// Whether Basic is among the schemes.
#[must_use]
pub fn offers_basic(schemes: &[String]) -> bool {
    schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"))
}

/// Cuts a list at its commas, but for those in quotes (RFC 9110, section 5.6.4).
fn elements(value: &str) -> Vec<&str> {
    let (mut elements, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (index, byte) in value.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                elements.push(&value[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    elements.push(&value[start..]);
    elements
}

/// The scheme that an element begins with; an element that is a parameter has none.
fn scheme_of(element: &str) -> Option<&str> {
    let element = element.trim();
    let is_separator = |byte: u8| byte == b' ' || byte == b'\t' || byte == b'=';
    let end = element.bytes().position(is_separator).unwrap_or(element.len());
    let (name, rest) = element.split_at(end);
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = !name.is_empty() && name.len() <= MAX_SCHEME_BYTES && name.bytes().all(is_token);
    // `realm="x"` and `realm = "x"` are parameters, `NTLM` and `Negotiate abc==` are not.
    let is_parameter = rest.trim_start().starts_with('=');
    (is_name && !is_parameter).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_schemes_between_their_parameters() {
        for (values, expected) in [
            (&["Basic realm=\"proxy\""][..], &["Basic"][..]),
            (&["NTLM", "Negotiate"], &["NTLM", "Negotiate"]),
            (
                &["Negotiate, NTLM,Digest realm=\"a, Basic b\", qop=auth"],
                &["Negotiate", "NTLM", "Digest"],
            ),
            (
                &["Digest realm = \"x\\\", Basic\", nonce=1, basic charset=\"UTF-8\""],
                &["Digest", "basic"],
            ),
            (&["Negotiate TlRMTVNT=="], &["Negotiate"]),
            (&["NTLM", "ntlm"], &["NTLM"]),
            (&["", ", ,", "b\u{1b}ad", "realm=\"x\""], &[]),
        ] {
            assert_eq!(schemes(values), expected, "{values:?}");
        }
    }

    #[test]
    fn keeps_few_and_short_names() {
        let many: Vec<_> = (0..100).map(|number| format!("Scheme{number}")).collect();
        assert_eq!(
            schemes(&many.iter().map(String::as_str).collect::<Vec<_>>()).len(),
            MAX_SCHEMES
        );
        assert!(schemes(&["x".repeat(40).as_str()]).is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(value in "\\PC{0,40}|[\"\\\\,= a-z]{0,40}") {
            let _ = schemes(&[value.as_str()]);
        }
    }
}
