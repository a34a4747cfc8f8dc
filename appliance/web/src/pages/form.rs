//! Forms: `application/x-www-form-urlencoded` (WHATWG URL Standard, section 5), strictly.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use model::secret::Secret;
use webui::ErrorKind;

use crate::request_body::{self, BodyFailure};

/// Most fields of a form or query.
const MAX_FIELDS: usize = 32;

/// The fields of a form. Every value may be a password.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, Secret)>);

impl Form {
    /// Reads the form of a request.
    pub(crate) async fn read(request: Request) -> Result<Self, ErrorKind> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ErrorKind::UnsupportedMediaType);
        }
        let body =
            request_body::read(request.into_body()).await.map_err(|failure| match failure {
                BodyFailure::TooLarge => ErrorKind::TooLarge,
                BodyFailure::TooSlow | BodyFailure::Broken => ErrorKind::BadRequest,
            })?;
        Self::parse(&body).ok_or(ErrorKind::BadRequest)
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
        Some(Self(fields))
    }

    /// The value of a field; empty when it is not there.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        let field = self.0.iter().find(|(field, _)| field == name);
        field.map_or_else(|| Secret::new(String::new()), |(_, value)| value.clone())
    }

    /// The value of a field that is no secret.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.expose())
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
