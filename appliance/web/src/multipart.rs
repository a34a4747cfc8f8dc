//! Forms with files: `multipart/form-data` (RFC 7578), as browsers send it. Pure; fuzz it.
//!
//! The whole body is in memory already and has a limit, so parts are slices of it. What browsers never
//! send is refused: text before the first part, parts without a name, transfer encodings.

/// Most parts of a form.
pub const MAX_PARTS: usize = 32;
/// Longest header of a part, in bytes: a long file name in Japanese takes less than 1 KiB.
const MAX_HEADER_BYTES: usize = 4096;
/// Longest boundary, in characters (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// One field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// Whether it is a file; one that nobody chose has no content.
    pub is_file: bool,
    /// What was typed, or the file.
    pub content: &'a [u8],
}

/// The boundary that a `Content-Type` names; `None` when it is another type or names none.
#[must_use]
pub fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary")?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let is_boundary = (1..=MAX_BOUNDARY).contains(&boundary.len())
        && boundary.bytes().all(is_allowed)
        && !boundary.ends_with(' ');
    is_boundary.then_some(boundary)
}

/// The parts of a body; `None` when it is malformed, breaks off or has too many.
#[must_use]
pub fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The line break before the first delimiter is left out.
    let mut rest = body.strip_prefix(delimiter.get(2..)?)?;
    let mut parts: Vec<Part<'a>> = Vec::new();
    loop {
        if let Some(end) = rest.strip_prefix(b"--") {
            return (end.is_empty() || end == b"\r\n").then_some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        if parts.len() == MAX_PARTS {
            return None;
        }
        let header_end = find(rest.get(..rest.len().min(MAX_HEADER_BYTES))?, b"\r\n\r\n")?;
        let header = str::from_utf8(rest.get(..header_end)?).ok()?;
        rest = rest.get(header_end + 4..)?;
        let length = find(rest, &delimiter)?;
        let (name, is_file) = disposition(header)?;
        parts.push(Part { name, is_file, content: rest.get(..length)? });
        rest = rest.get(length + delimiter.len()..)?;
    }
}

/// Name of a field, and whether it is a file.
fn disposition(header: &str) -> Option<(&str, bool)> {
    let mut found = None;
    for line in header.split("\r\n") {
        let (field, value) = line.split_once(':')?;
        if field.eq_ignore_ascii_case("content-transfer-encoding") {
            return None;
        }
        if field.eq_ignore_ascii_case("content-disposition") && found.is_none() {
            let (kind, parameters) = value.split_once(';')?;
            if !kind.trim().eq_ignore_ascii_case("form-data") {
                return None;
            }
            let name = parameter(parameters, "name").filter(|name| !name.is_empty())?;
            found = Some((name, parameter(parameters, "filename").is_some()));
        }
    }
    found
}

/// The value of a parameter such as `; name="certificate"`. Browsers write `"` in a value as `%22`.
fn parameter<'a>(mut text: &'a str, wanted: &str) -> Option<&'a str> {
    loop {
        let (name, after) = text.split_once('=')?;
        let (value, rest) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value.trim());
        }
        text = rest;
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHROMIUM: &str = "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW";

    fn body(parts: &[(&str, &[u8])], boundary: &str) -> Vec<u8> {
        let mut body = Vec::new();
        for (disposition, content) in parts {
            let head =
                format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        body
    }

    #[test]
    fn reads_the_boundary() {
        assert_eq!(boundary(CHROMIUM), Some("----WebKitFormBoundary7MA4YWxkTrZu0gW"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), Some("a b"));
        for wrong in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a\u{e4}",
            "multipart/mixed; boundary=a",
            "application/x-www-form-urlencoded",
        ] {
            assert_eq!(boundary(wrong), None, "{wrong}");
        }
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        assert_eq!(boundary(&long), None);
    }

    #[test]
    fn reads_texts_and_files() {
        let file = "name=\"file\"; filename=\"C:\\\u{8a3c}.pem\"\r\nContent-Type: text/plain";
        let bytes = body(&[("name=\"csrf\"", b"t"), (file, b"\r\n--B\xff")], "Bound");
        let parts = parts(&bytes, "Bound").unwrap();
        assert_eq!(parts[0], Part { name: "csrf", is_file: false, content: b"t" });
        assert_eq!(parts[1], Part { name: "file", is_file: true, content: b"\r\n--B\xff" });
    }

    #[test]
    fn refuses_what_is_malformed() {
        let good = body(&[("name=\"a\"", b"1")], "B");
        for cut in 0..good.len() - 2 {
            assert_eq!(parts(&good[..cut], "B"), None, "{cut}");
        }
        assert_eq!(parts(&[b"x", &good[..]].concat(), "B"), None);
        assert_eq!(parts(&[&good[..], b"x"].concat(), "B"), None);
        assert_eq!(parts(&good, "C"), None);
        let encoded = "name=\"a\"\r\nContent-Transfer-Encoding: base64";
        assert_eq!(parts(&body(&[(encoded, b"1")], "B"), "B"), None);
        assert_eq!(parts(&body(&[("name=\"\"", b"1")], "B"), "B"), None);
        assert_eq!(parts(&body(&[("filename=\"a\"", b"1")], "B"), "B"), None);
        let many = vec![("name=\"a\"", &b"1"[..]); MAX_PARTS + 1];
        assert_eq!(parts(&body(&many, "B"), "B"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, content_type in ".{0,200}") {
            let _ = parts(&bytes, "B");
            let _ = boundary(&content_type);
        }

        #[test]
        fn any_content_survives(content: Vec<u8>) {
            let bytes = body(&[("name=\"a\"; filename=\"b\"", &content)], "No-Such-Line");
            let parts = parts(&bytes, "No-Such-Line").unwrap();
            prop_assert_eq!(parts[0].content, &content[..]);
        }
    }
}
