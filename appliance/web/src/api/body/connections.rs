//! Bodies of the operations on proxy servers, authorities and the certificate of the page.

use base64ct::{Base64, Encoding};
use bus::PasswordChange;
use model::bypass::MAX_BYPASS_RULES;
use model::secret::Secret;
use model::signing_request::{RequestField, RequestKey, SigningRequestInput};
use webui::request_field_name;
use zeroize::Zeroizing;

use super::object::Object;
use crate::api::error::ApiError;
use crate::connection_changes::ProxyInput;

/// Body of `POST /proxies` and `PUT /proxies/{id}`.
#[derive(Debug)]
pub(crate) struct ProxyBody {
    pub(crate) input: ProxyInput,
    /// What becomes of the password that is kept.
    pub(crate) password: PasswordChange,
}

impl ProxyBody {
    /// Reads a body. Lengths are the business of the check that follows.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut object = Object::parse(body)?;
        object.allow(&["location", "username", "password"])?;
        let location = object.text("location", usize::MAX)?.expose().to_owned();
        let user_name = match object.has("username") {
            true => object.text("username", usize::MAX)?.expose().to_owned(),
            false => String::new(),
        };
        let (password, change) = match object.has("password") {
            true => {
                let password = object.text("password", usize::MAX)?;
                let change = match password.expose() {
                    "" => PasswordChange::Remove,
                    _ => PasswordChange::Set { secret: password.clone() },
                };
                (password, change)
            }
            false => (Secret::new(String::new()), PasswordChange::Keep),
        };
        Ok(Self { input: ProxyInput { location, user_name, password }, password: change })
    }
}

/// Reads the body of `POST /proxies/$order`: the id of each proxy in the new order.
pub(crate) fn order(body: &[u8]) -> Result<Vec<String>, ApiError> {
    list(body, "ids", model::proxy::MAX_PROXIES)
}

/// Reads the body of `PUT /proxyBypass`: the rules as texts.
pub(crate) fn bypass(body: &[u8]) -> Result<Vec<String>, ApiError> {
    list(body, "items", MAX_BYPASS_RULES)
}

fn list(body: &[u8], property: &'static str, limit: usize) -> Result<Vec<String>, ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&[property])?;
    if !object.has(property) {
        return Err(ApiError::missing(property));
    }
    object.texts_up_to(property, limit)
}

/// Reads the body of `POST /rootCA`: a certificate, PEM. Its length is the business of the check.
pub(crate) fn root(body: &[u8]) -> Result<Secret, ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&["rootCA"])?;
    object.text("rootCA", usize::MAX)
}

/// Reads the body of `POST /certificate/$install`: the signed chain, PEM.
pub(crate) fn signed(body: &[u8]) -> Result<Secret, ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&["certBytes"])?;
    object.text("certBytes", usize::MAX)
}

/// Reads the body of `POST /certificate/$importPkcs12`: the file and its password.
pub(crate) fn pkcs12(body: &[u8]) -> Result<(Zeroizing<Vec<u8>>, Secret), ApiError> {
    let mut object = Object::parse(body)?;
    object.allow(&["pkcs12", "passphrase"])?;
    let text = object.text("pkcs12", usize::MAX)?;
    let passphrase = match object.has("passphrase") {
        true => object.text("passphrase", usize::MAX)?,
        false => Secret::new(String::new()),
    };
    // Tools break the lines of base64.
    let joined: Zeroizing<String> =
        Zeroizing::new(text.expose().chars().filter(|it| !it.is_ascii_whitespace()).collect());
    let file = Base64::decode_vec(&joined).map_err(|_| ApiError::no_base64("pkcs12"))?;
    Ok((Zeroizing::new(file), passphrase))
}

/// Reads the body of `POST /certificate/request`. Everything may be left out; `names` is then empty.
pub(crate) fn request(body: &[u8]) -> Result<SigningRequestInput, ApiError> {
    const TEXTS: [RequestField; 6] = [
        RequestField::CommonName,
        RequestField::Organization,
        RequestField::OrganizationalUnit,
        RequestField::Locality,
        RequestField::State,
        RequestField::Country,
    ];
    let mut object = Object::parse(body)?;
    let names: Vec<_> = TEXTS.iter().map(|field| request_field_name(*field)).collect();
    object.allow(&[&names[..], &["names", "key"]].concat())?;
    let mut text = |field| object.optional_text(request_field_name(field));
    let [common_name, organization, organizational_unit, locality, state, country] =
        TEXTS.map(&mut text);
    let names = object.optional_texts("names")?;
    let key = match object.optional_text("key")?.as_str() {
        "" => RequestKey::default(),
        name => RequestKey::from_name(name).ok_or_else(ApiError::unknown_key)?,
    };
    Ok(SigningRequestInput {
        common_name: common_name?,
        organization: organization?,
        organizational_unit: organizational_unit?,
        locality: locality?,
        state: state?,
        country: country?,
        names,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_of_a_proxy_is_kept_removed_or_set() {
        let change = |body: &str| ProxyBody::parse(body.as_bytes()).unwrap().password;
        assert!(matches!(change(r#"{"location":"a:1"}"#), PasswordChange::Keep));
        assert!(matches!(
            change(r#"{"location":"a:1","username":"u","password":""}"#),
            PasswordChange::Remove
        ));
        let PasswordChange::Set { secret } =
            change(r#"{"location":"a:1","username":"u","password":"p"}"#)
        else {
            panic!("not set");
        };
        assert_eq!(secret.expose(), "p");
    }

    #[test]
    fn names_what_is_wrong() {
        let kind = |error: ApiError| error.kind();
        assert_eq!(kind(ProxyBody::parse(b"{}").unwrap_err()), "common/missing");
        assert_eq!(
            kind(ProxyBody::parse(br#"{"location":1}"#).unwrap_err()),
            "common/invalidString"
        );
        assert_eq!(kind(order(br#"{"ids":"a"}"#).unwrap_err()), "connapp/invalidList");
        assert_eq!(kind(bypass(b"{}").unwrap_err()), "common/missing");
        assert_eq!(kind(root(br#"{"rootCa":"x"}"#).unwrap_err()), "connapp/unknownProperty");
        assert_eq!(kind(pkcs12(br#"{"pkcs12":"?"}"#).unwrap_err()), "connapp/invalidBase64");
        assert_eq!(kind(request(br#"{"key":"RSA"}"#).unwrap_err()), "common/invalidEnum");
    }

    #[test]
    fn base64_may_have_line_breaks() {
        let (file, passphrase) =
            pkcs12(br#"{"pkcs12":"MAID\r\n/w==\n","passphrase":"p"}"#).unwrap();
        assert_eq!((file.as_slice(), passphrase.expose()), (&[0x30, 2, 3, 255][..], "p"));
    }
}
