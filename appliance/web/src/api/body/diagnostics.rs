//! Bodies of `POST /capture/$start` and `POST /probe`.

use model::capture::TraceForm;
use model::probe::{MAX_PATH_BYTES, ProbeForm, ProbeKind};

use super::object::{MAX_NAME_BYTES, Object};
use crate::api::error::ApiError;
use crate::pages::diagnostics::route;

/// A trace as given and not yet checked.
#[derive(Clone, Debug)]
pub(crate) struct TraceStart(pub(crate) TraceForm);

impl TraceStart {
    /// Reads a body. Everything may be left out.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["target", "port", "duration", "packetTracing"])?;
        let port = object.optional_number("port")?;
        let duration = object.optional_number("duration")?;
        let text = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
        Ok(Self(TraceForm {
            target: object.optional_text("target")?,
            port: text(port),
            duration: text(duration),
            packet_tracing: object.has("packetTracing") && object.boolean("packetTracing")?,
        }))
    }
}

/// A probe as given and not yet checked.
#[derive(Clone, Debug)]
pub(crate) struct ProbeStart(pub(crate) ProbeForm);

impl ProbeStart {
    /// Reads a body. All but `kind` and `target` may be left out.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["kind", "target", "port", "path", "route", "capture"])?;
        let kind = object.text("kind", MAX_NAME_BYTES)?;
        let kind = ProbeKind::from_id(kind.expose()).ok_or_else(ApiError::unknown_probe)?;
        if !object.has("target") {
            return Err(ApiError::missing("target"));
        }
        let port = object.optional_number("port")?;
        let path = match object.has("path") {
            // One more than a right one, so that the check says how long it may be.
            true => object.text("path", MAX_PATH_BYTES + 1)?.expose().to_owned(),
            false => String::new(),
        };
        Ok(Self(ProbeForm {
            kind,
            target: object.optional_text("target")?,
            port: port.map(|port| port.to_string()).unwrap_or_default(),
            path,
            route: route(&object.optional_text("route")?),
            with_capture: object.has("capture") && object.boolean("capture")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::probe::RouteChoice;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_trace() {
        let TraceStart(form) = TraceStart::parse(
            br#"{"target":"dc1.example","port":389,"duration":10,"packetTracing":true}"#,
        )
        .unwrap();
        assert_eq!((form.target.as_str(), form.port.as_str()), ("dc1.example", "389"));
        assert_eq!((form.duration.as_str(), form.packet_tracing), ("10", true));
        let TraceStart(form) = TraceStart::parse(b"{}").unwrap();
        assert_eq!(form, TraceForm::default());
    }

    #[test]
    fn reads_a_probe() {
        let body = br#"{"kind":"https","target":"a.example","path":"/x","route":"automatic"}"#;
        let ProbeStart(form) = ProbeStart::parse(body).unwrap();
        assert_eq!((form.kind, form.path.as_str()), (ProbeKind::Https, "/x"));
        assert_eq!((form.route, form.with_capture), (RouteChoice::Automatic, false));
    }

    #[test]
    fn names_what_is_wrong() {
        for (body, expected) in [
            (&br#"{"port":"80"}"#[..], "connapp/invalidNumber"),
            (br#"{"port":-1}"#, "connapp/invalidNumber"),
            (br#"{"duration":1.5}"#, "connapp/invalidNumber"),
            (br#"{"target":10}"#, "common/invalidString"),
            (br#"{"packetTracing":"on"}"#, "connapp/invalidBoolean"),
            (br#"{"filter":"tcp port 80"}"#, "connapp/unknownProperty"),
            (b"", "common/invalidJson"),
        ] {
            assert_eq!(TraceStart::parse(body).unwrap_err().kind(), expected);
        }
        let long = format!(r#"{{"kind":"http","target":"a","path":"/{}"}}"#, "x".repeat(2000));
        for (body, expected) in [
            (&b"{}"[..], "common/missing"),
            (br#"{"kind":"udp","target":"a"}"#, "common/invalidEnum"),
            (br#"{"kind":"tcp"}"#, "common/missing"),
            (br#"{"kind":"tcp","target":"a","port":"x"}"#, "connapp/invalidNumber"),
            (br#"{"kind":"tcp","target":"a","proxy":"x"}"#, "connapp/unknownProperty"),
            (long.as_bytes(), "common/tooLong"),
        ] {
            assert_eq!(ProbeStart::parse(body).unwrap_err().kind(), expected);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = TraceStart::parse(&body);
            let _ = ProbeStart::parse(&body);
        }
    }
}
