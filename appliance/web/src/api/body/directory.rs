//! Bodies of the operations on Active Directory domains.

use std::net::IpAddr;

use bus::Credentials;
use model::domain::lookup::{LookupKey, MAX_TEXT, ObjectKind};
use model::domain::{DomainName, MAX_DNS_SERVERS, MAX_PASSWORD_BYTES};
use webui::{DomainProblem, LookupForm};

use super::object::{MAX_NAME_BYTES, Object};
use crate::api::error::ApiError;
use crate::directory::{JoinInput, credentials, dns_servers};

/// Longest name of a domain or of a user that is looked at, in bytes: longer than any that is right.
const MAX_TEXT_BYTES: usize = 2048;
/// Longest cursor of a page, in bytes.
const MAX_CURSOR_BYTES: usize = 16_384;

/// Body of `POST /domains`.
#[derive(Debug)]
pub(crate) struct JoinBody {
    pub(crate) name: String,
    pub(crate) dns: Vec<String>,
    pub(crate) input: JoinInput,
}

impl JoinBody {
    /// Reads a body. What the texts mean is checked afterwards.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&[
            "domain_name",
            "user_name",
            "password",
            "machine_account",
            "organizational_unit",
            "dns_servers",
            "take_over",
        ])?;
        let name = text(&mut object, "domain_name")?;
        let user = text(&mut object, "user_name")?;
        let password = object.text("password", MAX_PASSWORD_BYTES)?;
        let machine = text(&mut object, "machine_account")?;
        let unit = match object.has("organizational_unit") {
            true => text(&mut object, "organizational_unit")?,
            false => String::new(),
        };
        let dns = object.texts_up_to("dns_servers", MAX_DNS_SERVERS)?;
        let takes_over = object.has("take_over") && object.boolean("take_over")?;
        let account = format!("{}$", machine.trim().trim_end_matches('$'));
        let take_over = if takes_over { account } else { String::new() };
        Ok(Self { name, dns, input: JoinInput { user, password, machine, unit, take_over } })
    }
}

/// Reads the body of `POST /domains/$check`: the domain, and the DNS servers that know it.
pub(crate) fn check(body: &[u8]) -> Result<(DomainName, Vec<IpAddr>), ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&["domain_name", "dns_servers"])?;
    let name = text(&mut object, "domain_name")?;
    let dns = object.texts_up_to("dns_servers", MAX_DNS_SERVERS)?;
    domain(&name, &dns).map_err(|problems| ApiError::domain_refused(&problems))
}

/// The domain and the DNS servers of two texts, or what is wrong with them.
pub(crate) fn domain(
    name: &str,
    dns: &[String],
) -> Result<(DomainName, Vec<IpAddr>), Vec<DomainProblem>> {
    let name = DomainName::parse(name).map_err(DomainProblem::Name);
    // The field of a page may be empty; an entry of a list has to be an address.
    let dns = match dns.iter().find(|text| text.trim().is_empty()) {
        Some(text) => Err(DomainProblem::Dns { text: text.clone() }),
        None => dns_servers(dns),
    };
    match (name, dns) {
        (Ok(name), Ok(dns)) => Ok((name, dns)),
        (name, dns) => Err([name.err(), dns.err()].into_iter().flatten().collect()),
    }
}

/// Reads the body of `DELETE /domains/{name}`, which may be missing.
pub(crate) fn leave(body: &[u8]) -> Result<Option<Credentials>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    let mut object = Object::parse(body)?;
    object.allow(&["user_name", "password"])?;
    if !object.has("user_name") && !object.has("password") {
        return Ok(None);
    }
    let user = text(&mut object, "user_name")?;
    let password = object.text("password", MAX_PASSWORD_BYTES)?;
    let read = credentials(&user, password);
    read.map(Some).map_err(|problems| ApiError::domain_refused(&problems))
}

/// Body of `POST /domains/{name}/$lookup`.
#[derive(Debug)]
pub(crate) struct LookupBody {
    pub(crate) kind: ObjectKind,
    pub(crate) key: LookupKey,
    pub(crate) value: String,
    pub(crate) with_groups: bool,
    pub(crate) cursor: Option<String>,
}

impl LookupBody {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// An [`ApiError`] with status 400 that names the position or the property.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["kind", "key", "value", "groups", "cursor"])?;
        let kind = object.text("kind", MAX_NAME_BYTES)?;
        let kind = LookupForm::kind_of(kind.expose()).ok_or_else(ApiError::unknown_kind)?;
        let key = object.text("key", MAX_NAME_BYTES)?;
        let key = LookupForm::key_of(key.expose()).ok_or_else(ApiError::unknown_lookup_key)?;
        // One more than a right one, so that the check says how long it may be.
        let value = object.text("value", MAX_TEXT + 1)?.expose().to_owned();
        let with_groups = object.has("groups") && object.boolean("groups")?;
        let cursor = match object.has("cursor") {
            true => Some(object.text("cursor", MAX_CURSOR_BYTES)?.expose().to_owned()),
            false => None,
        };
        Ok(Self { kind, key, value, with_groups, cursor })
    }
}

fn text(object: &mut Object, property: &'static str) -> Result<String, ApiError> {
    Ok(object.text(property, MAX_TEXT_BYTES)?.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_documented_body() {
        let body = JoinBody::parse(
            br#"{"domain_name":"corp.example.com","user_name":"CORP\\ada","password":"p w","machine_account":"conn-1"}"#,
        )
        .unwrap();
        assert_eq!(
            (body.name.as_str(), body.input.user.as_str()),
            ("corp.example.com", "CORP\\ada")
        );
        assert_eq!((body.input.password.expose(), body.input.take_over.as_str()), ("p w", ""));
        assert!(!format!("{body:?}").contains("p w"));
    }

    #[test]
    fn leaving_needs_no_body_and_takes_credentials() {
        assert!(leave(b"").unwrap().is_none() && leave(b"{}").unwrap().is_none());
        let one = leave(br#"{"user_name":"ada"}"#).unwrap_err();
        assert_eq!(one.kind(), "common/missing");
        let both = leave(br#"{"user_name":"ada","password":"x"}"#).unwrap().unwrap();
        assert_eq!(both.user.account(), "ada");
    }

    #[test]
    fn kinds_and_keys_are_those_of_the_page() {
        let read = |body: &str| LookupBody::parse(body.as_bytes());
        let good = read(r#"{"kind":"group","key":"sid","value":"S-1-5-32-544","groups":true}"#);
        assert!(good.unwrap().with_groups);
        for (body, kind) in [
            (r#"{"kind":"printer","key":"sid","value":"x"}"#, "common/invalidEnum"),
            (r#"{"kind":"user","key":"name","value":"x"}"#, "common/invalidEnum"),
            (r#"{"kind":"user","key":"sid"}"#, "common/missing"),
            (r#"{"kind":"user","key":"sid","value":"x","page":1}"#, "connapp/unknownProperty"),
        ] {
            assert_eq!(read(body).unwrap_err().kind(), kind, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let _ = JoinBody::parse(&body);
            let _ = LookupBody::parse(&body);
            let _ = check(&body);
            let _ = leave(&body);
        }
    }
}
