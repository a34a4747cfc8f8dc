//! Body of `PUT /syslog`.

use model::syslog::SyslogForm;

use super::object::Object;
use crate::api::error::ApiError;

/// Where the logs are to be sent, as given and not yet checked.
#[derive(Clone, Debug)]
pub struct SyslogChange(pub SyslogForm);

impl SyslogChange {
    /// Reads a body. `port`, `transport` and `severity` may be left out.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["server", "port", "transport", "severity"])?;
        if !object.has("server") {
            return Err(ApiError::missing("server"));
        }
        let port = object.optional_number("port")?;
        Ok(Self(SyslogForm {
            server: object.optional_text("server")?,
            port: port.map(|port| port.to_string()).unwrap_or_default(),
            transport: object.optional_text("transport")?,
            severity: object.optional_text("severity")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_given() {
        let SyslogChange(form) =
            SyslogChange::parse(br#"{"server":"logs.example.com","port":6514,"transport":"tls"}"#)
                .unwrap();
        assert_eq!((form.server.as_str(), form.port.as_str()), ("logs.example.com", "6514"));
        assert_eq!((form.transport.as_str(), form.severity.as_str()), ("tls", ""));
    }

    #[test]
    fn names_what_is_wrong() {
        for (body, expected) in [
            (&b"{}"[..], "common/missing"),
            (br#"{"server":1}"#, "common/invalidString"),
            (br#"{"server":"a.example","port":"514"}"#, "connapp/invalidNumber"),
            (br#"{"server":"a.example","port":-1}"#, "connapp/invalidNumber"),
            (br#"{"server":"a.example","tls":true}"#, "connapp/unknownProperty"),
        ] {
            assert_eq!(SyslogChange::parse(body).unwrap_err().kind(), expected);
        }
    }
}
