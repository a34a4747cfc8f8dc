//! Names and values at the end of a role's line: `Cannot reach the proxy error="timed out" tries=3`.
//!
//! A value without spaces, quotes and equal signs stands as it is; any other in quotes, with the
//! escapes of Rust's `Debug`.

/// Longest name of a field, in bytes.
const MAX_NAME_BYTES: usize = 40;

/// Adds ` name=value` to a line.
pub fn write(line: &mut String, name: &str, value: &str) {
    line.push(' ');
    line.push_str(name);
    line.push('=');
    if is_bare(value) {
        line.push_str(value);
    } else {
        line.push_str(&format!("{value:?}"));
    }
}

/// A field as `tracing` hands it to a formatter of `tracing_subscriber::fmt`: texts come with their quotes,
/// what was recorded with `%` without. What this gives is a whole field for [`split`], without the
/// space before it.
#[must_use]
pub fn recorded(name: &str, debug: &str) -> String {
    let is_quoted = debug.len() > 1 && debug.starts_with('"') && debug.ends_with('"');
    if is_quoted || is_bare(debug) {
        format!("{name}={debug}")
    } else {
        format!("{name}={debug:?}")
    }
}

/// Splits a line into the message and the fields at its end. A line without them is all message.
#[must_use]
pub fn split(line: &str) -> (String, Vec<(String, String)>) {
    // The first place from which on everything is fields.
    for (place, _) in line.match_indices(' ') {
        if let Some(fields) = read_all(&line[place..]) {
            return (line[..place].to_owned(), fields);
        }
    }
    (line.to_owned(), Vec::new())
}

fn is_bare(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b'\\');
    !value.is_empty() && value.bytes().all(is_plain)
}

/// Reads ` name=value name=value` to the end.
fn read_all(mut rest: &str) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix(' ')?.split_once('=')?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_name) {
            return None;
        }
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => read_quoted(quoted)?,
            None => {
                let end = after.find(' ').unwrap_or(after.len());
                let (value, after) = after.split_at(end);
                (is_bare(value).then(|| value.to_owned())?, after)
            }
        };
        fields.push((name.to_owned(), value));
        rest = after;
    }
    Some(fields)
}

/// Reads up to the closing quote and gives what is behind it.
fn read_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    loop {
        match characters.next()? {
            (place, '"') => return Some((value, &text[place + 1..])),
            (_, '\\') => match characters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                '0' => value.push('\0'),
                'u' => {
                    (characters.next()?.1 == '{').then_some(())?;
                    let rest = characters.as_str();
                    let digits = rest.get(..rest.find('}')?)?;
                    (digits.len() <= 6).then_some(())?;
                    value.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                    characters.by_ref().find(|(_, character)| *character == '}')?;
                }
                escaped => value.push(escaped),
            },
            (_, character) => value.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn splits_message_and_fields() {
        let (message, fields) = split("A role ends error=\"no answer: \\\"x\\\"\" role=web");
        assert_eq!(message, "A role ends");
        assert_eq!(fields, pairs(&[("error", "no answer: \"x\""), ("role", "web")]));
    }

    #[test]
    fn a_line_that_does_not_end_in_fields_is_all_message() {
        for line in ["", "Ready", "a=b", "x error=timed out", "x y=\"open", "x =1", "x y="] {
            assert_eq!(split(line), (line.to_owned(), Vec::new()), "{line}");
        }
    }

    #[test]
    fn reads_what_tracing_recorded() {
        let line = format!(
            "A role ends {} {} {}",
            recorded("error", "no answer: \"x\" y"),
            recorded("role", &format!("{:?}", "we b")),
            recorded("tries", "3")
        );
        let fields = pairs(&[("error", "no answer: \"x\" y"), ("role", "we b"), ("tries", "3")]);
        assert_eq!(split(&line), ("A role ends".to_owned(), fields));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            message in "[A-Z][a-z ,.:]{0,20}[a-z]",
            fields in proptest::collection::vec(("[a-z_.]{1,10}", ".{0,20}"), 0..4),
        ) {
            let mut line = message.clone();
            for (name, value) in &fields {
                write(&mut line, name, value);
            }
            prop_assert_eq!(split(&line), (message, fields));
        }

        #[test]
        fn never_panics(line in "(?s).{0,100}|[ a=\"\\\\u{}0]{0,40}") {
            let _ = split(&line);
        }
    }
}
