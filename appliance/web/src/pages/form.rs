//! Forms: `application/x-www-form-urlencoded` (WHATWG URL Standard, section 5), strictly; with files
//! `multipart/form-data`.

use std::fmt;

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use model::secret::Secret;
use webui::ErrorKind;
use zeroize::Zeroizing;

use crate::multipart;
use crate::request_body::{self, BodyFailure};

/// Most fields of a form or query.
const MAX_FIELDS: usize = 32;

/// The fields of a form. Every value may be a password, every file a private key.
#[derive(Default)]
pub(crate) struct Form {
    fields: Vec<(String, Secret)>,
    files: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl fmt::Debug for Form {
    /// Names the fields only.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields.iter().map(|(name, _)| name);
        formatter
            .debug_set()
            .entries(fields.chain(self.files.iter().map(|(name, _)| name)))
            .finish()
    }
}

impl Form {
    /// Reads the form of a request.
    pub(crate) async fn read(request: Request) -> Result<Self, ErrorKind> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let boundary = multipart::boundary(&content_type);
        let media_type = content_type.split(';').next().unwrap_or_default();
        let is_plain = media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if boundary.is_none() && !is_plain {
            return Err(ErrorKind::UnsupportedMediaType);
        }
        let body =
            request_body::read(request.into_body()).await.map_err(|failure| match failure {
                BodyFailure::TooLarge => ErrorKind::TooLarge,
                BodyFailure::TooSlow | BodyFailure::Broken => ErrorKind::BadRequest,
            })?;
        match boundary {
            Some(boundary) => Self::parse_parts(&body, boundary),
            None => Self::parse(&body),
        }
        .ok_or(ErrorKind::BadRequest)
    }

    /// Reads the fields and files of a form with files, as strictly. A file that nobody chose is left
    /// out.
    fn parse_parts(body: &[u8], boundary: &str) -> Option<Self> {
        let mut form = Self::default();
        for part in multipart::parts(body, boundary)? {
            let is_known = form.fields.iter().any(|(earlier, _)| earlier == part.name)
                || form.files.iter().any(|(earlier, _)| earlier == part.name);
            if is_known {
                return None;
            }
            let name = part.name.to_owned();
            if !part.is_file {
                let value = str::from_utf8(part.content).ok()?;
                form.fields.push((name, Secret::new(value.to_owned())));
            } else if !part.content.is_empty() {
                form.files.push((name, Zeroizing::new(part.content.to_vec())));
            }
        }
        Some(form)
    }

    /// Reads fields; `None` when there are too many, one is there twice, or one is not UTF-8.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields: Vec<(String, Secret)> = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(parts.next().unwrap_or_default())?;
            let value = Secret::new(decode(parts.next().unwrap_or_default())?);
            let is_known = fields.iter().any(|(earlier, _)| *earlier == name);
            if is_known || fields.len() == MAX_FIELDS {
                return None;
            }
            fields.push((name, value));
        }
        Some(Self { fields, files: Vec::new() })
    }

    /// The value of a field; empty when it is not there.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map_or_else(|| Secret::new(String::new()), |(_, value)| value.clone())
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a field that is no secret.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.expose())
    }
}

impl Form {
    /// A file that was chosen.
    pub(crate) fn file(&self, name: &str) -> Option<&[u8]> {
        let file = self.files.iter().find(|(field, _)| field == name);
        file.map(|(_, content)| content.as_slice())
    }
}

/// Decodes `+` and `%41`. A percent sign without two digits stands for itself.
fn decode(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (byte, _) => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_fields() {
        let form = Form::parse(b"password=a%2Bb+%E6%BC%A2&csrf=1&&empty=&flag&x=50%").unwrap();
        assert_eq!(form.secret("password").expose(), "a+b \u{6f22}");
        assert_eq!(form.text("csrf"), Some("1"));
        assert_eq!((form.text("empty"), form.text("flag")), (Some(""), Some("")));
        assert_eq!(form.text("x"), Some("50%"));
        assert_eq!((form.text("y"), form.secret("y").expose()), (None, ""));
    }

    #[test]
    fn refuses_what_is_not_utf8_twice_there_or_too_much() {
        assert!(Form::parse(b"password=%FF").is_none());
        assert!(Form::parse(b"password=\xff").is_none());
        assert!(Form::parse(b"password=1&password=2").is_none());
        let many: String = (0..=MAX_FIELDS).map(|field| format!("f{field}=1&")).collect();
        assert!(Form::parse(many.as_bytes()).is_none());
    }

    #[test]
    fn reads_files_and_leaves_out_those_that_nobody_chose() {
        let part = |head: &str, content: &str| {
            format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        };
        let (text, file) = (part("name=\"a\"", "1"), part("name=\"f\"; filename=\"x\"", "2"));
        let none = part("name=\"g\"; filename=\"\"", "");
        let form = Form::parse_parts(format!("{text}{file}{none}--B--").as_bytes(), "B").unwrap();
        assert_eq!((form.text("a"), form.text("f")), (Some("1"), None));
        assert_eq!((form.file("f"), form.file("g"), form.file("a")), (Some(&b"2"[..]), None, None));
        let twice = format!("{text}{text}--B--");
        assert!(Form::parse_parts(twice.as_bytes(), "B").is_none());
        assert_eq!(format!("{form:?}"), "{\"a\", \"f\"}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Form::parse(&bytes);
        }

        #[test]
        fn any_text_survives(text in ".{0,100}") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let form = Form::parse(format!("password={encoded}").as_bytes()).unwrap();
            let password = form.secret("password");
            prop_assert_eq!(password.expose(), text);
        }
    }
}
