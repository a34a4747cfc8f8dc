//! Small files that a page holds itself: secrets that are shown once need no way back to the server
//! to be saved, and no script.

use std::fmt::Write as _;

/// An address that holds a text file of a media type such as `text/csv`.
pub(crate) fn data_url(media_type: &str, text: &str) -> String {
    let mut url = format!("data:{media_type};charset=utf-8,");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

/// A field of a CSV file (RFC 4180): quoted, and never a formula for a spreadsheet.
pub(crate) fn csv_field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_all_but_unreserved_characters() {
        assert_eq!(
            data_url("text/csv", "a,\"ü\"\n"),
            "data:text/csv;charset=utf-8,a%2C%22%C3%BC%22%0A"
        );
    }

    #[test]
    fn quotes_fields_and_disarms_formulas() {
        assert_eq!(csv_field("a\"b"), "\"a\"\"b\"");
        assert_eq!(csv_field("=1+1"), "\"'=1+1\"");
    }
}
